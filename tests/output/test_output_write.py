"""What writing a tree does to the folder, and what it refuses to do."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from generator import atomic, manifest, output
from generator.errors import SpecloomError
from generator.manifest import Tool

FIRST = {"__init__.py": "# api\n", "models/image.py": "a = 1\n", "server/app.py": "s = 1\n"}
SECOND = {"__init__.py": "# api\n", "models/image.py": "a = 2\n", "client/sync.py": "c = 1\n"}


def write(folder: Path, files: dict[str, str]) -> output.Plan:
    tree = {PurePosixPath(path): text.encode() for path, text in files.items()}
    owner = manifest.describe(tree, inputs={}, settings="", tool=Tool("1", "t", {}))
    return output.write(folder, tree, owner)


def files(folder: Path) -> dict[str, str]:
    """What is in the folder, without the manifest."""
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }


def refusal(folder: Path, tree: dict[str, str]) -> SpecloomError:
    """The refusal to write ``tree``, after making sure that it changed nothing."""
    before = files(folder)
    with pytest.raises(SpecloomError) as caught:
        write(folder, tree)
    assert files(folder) == before
    assert not atomic.work_folder(folder).exists()
    return caught.value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "generated" / "api", FIRST)
    return tmp_path / "generated" / "api"


def test_first_write_makes_the_folders_above(tmp_path: Path) -> None:
    done = write(tmp_path / "a" / "b" / "api", FIRST)
    assert files(tmp_path / "a" / "b" / "api") == FIRST
    assert [str(path) for path in done.written] == sorted([*FIRST, "manifest.json"])


def test_second_write_replaces_adds_and_removes(folder: Path) -> None:
    done = write(folder, SECOND)
    assert files(folder) == SECOND
    assert [str(path) for path in done.written] == [
        "client/sync.py",
        "manifest.json",
        "models/image.py",
    ]
    assert [str(path) for path in done.removed] == ["server/app.py"]
    assert [str(path) for path in done.unchanged] == ["__init__.py"]


def test_a_folder_that_a_removal_emptied_is_gone_with_its_caches(folder: Path) -> None:
    (folder / "server" / "__pycache__").mkdir()
    (folder / "server" / "__pycache__" / "app.cpython-311.pyc").write_bytes(b"")
    write(folder, SECOND)
    assert not (folder / "server").exists()


def test_nothing_is_touched_when_nothing_changed(folder: Path) -> None:
    os.chmod(folder.parent, 0o555)
    before = os.stat(folder), os.stat(folder.parent)
    done = write(folder, FIRST)
    assert (done.written, done.removed) == ((), ())
    assert (os.stat(folder), os.stat(folder.parent)) == before
    os.chmod(folder.parent, 0o755)


def test_unchanged_files_keep_inode_and_times(folder: Path) -> None:
    os.utime(folder / "__init__.py", ns=(1, 1))
    before = os.stat(folder / "__init__.py")
    write(folder, SECOND)
    after = os.stat(folder / "__init__.py")
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_other_peoples_files_are_carried_over(folder: Path) -> None:
    (folder / "models" / "mine").mkdir()
    (folder / "models" / "mine" / "notes.txt").write_text("mine")
    (folder / "empty").mkdir()
    (folder / "link").symlink_to("/etc")
    (folder / "run.sh").write_text("#!")
    (folder / "run.sh").chmod(0o755)
    inode = (folder / "run.sh").stat().st_ino
    write(folder, SECOND)
    assert (folder / "models" / "mine" / "notes.txt").read_text() == "mine"
    assert (folder / "empty").is_dir()
    assert os.readlink(folder / "link") == "/etc"
    assert os.stat(folder / "run.sh").st_ino == inode
    assert os.stat(folder / "run.sh").st_mode & 0o777 == 0o755


def test_files_are_copied_where_links_are_impossible(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*arguments: object, **options: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    (folder / "link").symlink_to("/etc")
    monkeypatch.setattr(os, "link", no_links)
    write(folder, SECOND)
    assert (folder / "__init__.py").read_text() == "# api\n"
    assert os.readlink(folder / "link") == "/etc"


def test_a_foreign_file_in_the_way_is_refused_by_name(folder: Path) -> None:
    (folder / "client").mkdir()
    (folder / "client" / "sync.py").write_text("my own client")
    (problem,) = refusal(folder, SECOND).diagnostics
    assert problem.code == "foreign-file"
    assert [place.file for _, place in problem.related] == [(folder / "client/sync.py").as_posix()]
    assert problem.hint


def test_a_foreign_file_where_a_folder_must_be_is_refused(folder: Path) -> None:
    (folder / "client").write_text("a file")
    (problem,) = refusal(folder, SECOND).diagnostics
    assert [place.file for _, place in problem.related] == [(folder / "client").as_posix()]


def test_a_folder_with_foreign_files_where_a_file_must_be_is_refused(folder: Path) -> None:
    (folder / "client" / "sync.py").mkdir(parents=True)
    (folder / "client" / "sync.py" / "x.txt").write_text("mine")
    assert refusal(folder, SECOND).diagnostics[0].code == "foreign-file"


def test_a_foreign_file_that_is_what_it_should_be_is_no_obstacle(folder: Path) -> None:
    """After a merge the manifest may not know a file that the other branch generated."""
    (folder / "client").mkdir()
    (folder / "client" / "sync.py").write_text(SECOND["client/sync.py"])
    assert "client/sync.py" in map(str, write(folder, SECOND).unchanged)


def test_everything_is_foreign_without_a_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    (problem,) = refusal(folder, SECOND).diagnostics
    assert [place.file for _, place in problem.related] == [(folder / "models/image.py").as_posix()]


@pytest.mark.parametrize("path", ["models/image.py", "server/app.py"])
def test_an_edited_file_is_neither_replaced_nor_removed(folder: Path, path: str) -> None:
    (folder / path).write_text("edited")
    (problem,) = refusal(folder, SECOND).diagnostics
    assert problem.code == "edited-file"
    assert [place.file for _, place in problem.related] == [(folder / path).as_posix()]
    (folder / path).unlink()
    write(folder, SECOND)
    assert files(folder) == SECOND


def test_all_obstacles_are_named_at_once(folder: Path) -> None:
    (folder / "models/image.py").write_text("edited")
    (folder / "client").mkdir()
    (folder / "client/sync.py").write_text("foreign")
    assert [item.code for item in refusal(folder, SECOND).diagnostics] == [
        "foreign-file",
        "edited-file",
    ]


def test_a_symlink_in_the_place_of_an_owned_file_is_an_edit(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text("a = 1\n")
    (folder / "models/image.py").unlink()
    (folder / "models/image.py").symlink_to(outside)
    assert refusal(folder, SECOND).diagnostics[0].code == "edited-file"
    assert outside.read_text() == "a = 1\n"


def test_nothing_is_written_through_a_symlinked_folder(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / "client").symlink_to(outside)
    assert refusal(folder, SECOND).diagnostics[0].code == "foreign-file"
    assert list(outside.iterdir()) == []


def test_a_generated_folder_that_is_a_symlink_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other").symlink_to(folder)
    assert refusal(tmp_path / "other", SECOND).diagnostics[0].code == "output-not-a-folder"


def test_a_work_folder_that_is_a_symlink_is_not_emptied(folder: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("keep")
    atomic.work_folder(folder).symlink_to(precious)
    with pytest.raises(FileExistsError):
        write(folder, SECOND)
    assert files(precious) == {"file": "keep"}
    assert files(folder) == FIRST


@pytest.mark.parametrize("path", ["../x.py", "/etc/x.py", "a/../../x.py", "manifest.json", "a\\b.py", "c:x.py"])
def test_paths_that_lead_out_are_refused(folder: Path, path: str) -> None:
    assert refusal(folder, {**FIRST, path: "x"}).diagnostics[0].code == "output-path"


def test_paths_that_differ_only_in_case_are_refused(folder: Path) -> None:
    assert refusal(folder, {**FIRST, "models/Image.py": "x"}).diagnostics[0].code == "output-path"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_stays_as_it_is(folder: Path) -> None:
    folder.parent.chmod(0o555)
    with pytest.raises(PermissionError):
        write(folder, SECOND)
    folder.parent.chmod(0o755)
    assert files(folder) == FIRST


def test_a_file_where_the_folder_above_should_be(tmp_path: Path) -> None:
    (tmp_path / "generated").write_text("a file")
    with pytest.raises(OSError, match=r"exists|directory"):
        write(tmp_path / "generated" / "api", FIRST)


def test_what_a_killed_run_left_is_cleaned_up_even_when_nothing_changed(folder: Path) -> None:
    work = atomic.work_folder(folder)
    (work / "new" / "models").mkdir(parents=True)
    (work / "lock").touch()
    write(folder, FIRST)
    assert not work.exists()
    assert files(folder) == FIRST
