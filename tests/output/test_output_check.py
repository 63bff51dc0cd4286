"""Drift: which files are not what they should be, and who moved. Integrations and generations made by hand."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import pytest

from generator import check, manifest, output
from generator.check import Drift
from generator.errors import Location, SpecloomError
from generator.findings import Found, LeftOut
from generator.manifest import Tool
from generator.unchanged import Asked, is_unchanged

FILES = {"__init__.py": "# api\n", "models/image.py": "a = 1\nb = 2\n", "server/app.py": "s = 1\n"}


@dataclass(frozen=True, slots=True)
class FakeIntegration:
    """What ``check`` needs of an integration."""

    root: Path
    name: str = "api"
    spec: str = "openapi.yaml"
    targets: tuple[str, ...] = ("models", "server")
    formatter: str = "black"
    document: None = None
    overlays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FakeGenerated:
    """What ``check`` needs of a generation."""

    tree: output.Tree
    inputs: dict[str, str]
    found: Found


@dataclass
class Project:
    """One integration with its spec, its generated folder, and what the pipeline would give."""

    integration: FakeIntegration
    folder: Path
    files: dict[str, str]
    left_out: tuple[str, ...] = ()

    def generate(self) -> FakeGenerated:
        names = ("integration.yaml", "openapi.yaml")
        inputs = {name: manifest.digest((self.integration.root / name).read_bytes()) for name in names}
        tree = {PurePosixPath(path): text.encode() for path, text in self.files.items()}
        left_out = tuple(LeftOut(name, Location("openapi.yaml"), ()) for name in self.left_out)
        return FakeGenerated(tree, inputs, Found((), (), left_out))

    def write(self) -> None:
        made = self.generate()
        output.write(self.folder, made.tree, check.manifest_of(self.integration, made))

    def is_unchanged(self) -> bool:
        asked = Asked(self.integration.name, self.integration.root, self.integration.spec[0], self.integration.targets)
        return is_unchanged(asked, self.folder)

    def check(self) -> dict[str, Drift]:
        made = self.generate()
        found = check.compare(self.folder, made.tree, check.manifest_of(self.integration, made))
        return {Path(item.path).relative_to(self.folder).as_posix(): item for item in found}

    def states(self) -> dict[str, tuple[str, ...]]:
        return {path: item.states for path, item in self.check().items()}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "spec" / "api"
    root.mkdir(parents=True)
    (root / "integration.yaml").write_text("spec: openapi.yaml\n")
    (root / "openapi.yaml").write_text("openapi: 3.1.0\n")
    made = Project(FakeIntegration(root), tmp_path / "generated" / "api", dict(FILES))
    made.write()
    return made


@pytest.fixture
def move_tool(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes the running tool another one."""

    def move(**changes: object) -> None:
        tool = replace(manifest.current_tool("black"), **changes)
        monkeypatch.setattr(manifest, "_tool", lambda pinned: tool)

    return move


def test_nothing_drifts_after_a_generation(project: Project) -> None:
    assert project.states() == {}


def test_everything_is_missing_before_the_first(project: Project, tmp_path: Path) -> None:
    project.folder = tmp_path / "generated" / "other"
    assert project.states() == dict.fromkeys([*sorted(FILES), "manifest.json"], ("missing",))


def test_a_deleted_file_is_missing(project: Project) -> None:
    (project.folder / "server/app.py").unlink()
    assert project.states() == {"server/app.py": ("missing",)}


def test_an_edit_is_changed_by_hand_with_diff_and_line(project: Project) -> None:
    (project.folder / "models/image.py").write_text("a = 1\nb = 3\n")
    (found,) = project.check().values()
    assert found.states == ("edited",)
    assert found.line == 2
    assert found.diff[2:] == ("@@ -1,2 +1,2 @@", " a = 1", "-b = 3", "+b = 2")


def test_a_spec_that_moved_makes_stale_and_is_named(project: Project) -> None:
    (project.integration.root / "openapi.yaml").write_text("openapi: 3.1.1\n")
    project.files["models/image.py"] = "a = 2\n"
    found = project.check()
    assert {path: item.states for path, item in found.items()} == {
        "manifest.json": ("stale-spec",),
        "models/image.py": ("stale-spec",),
    }
    assert found["models/image.py"].moved == ("openapi.yaml changed",)
    assert found["manifest.json"].diff == ()


def test_settings_that_moved_count_as_spec(project: Project) -> None:
    project.integration = replace(project.integration, targets=("models",))
    del project.files["server/app.py"]
    found = project.check()
    assert found["server/app.py"].states == ("orphaned",)
    assert found["manifest.json"].states == ("stale-spec",)
    assert found["manifest.json"].moved == ("settings changed",)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": "99"}, " -> 99"),
        ({"code": "x"}, "its own code changed"),
        ({"pins": {"black": "99"}}, "-> 99"),
    ],
)
def test_a_tool_that_moved_makes_stale_and_is_named(
    project: Project, move_tool: Callable[..., None], change: dict[str, object], says: str
) -> None:
    move_tool(**change)
    project.files["models/image.py"] = "a = 2\n"
    found = project.check()["models/image.py"]
    assert found.states == ("stale-tool",)
    assert any(says in moved for moved in found.moved)


def test_spec_and_tool_both_moved(project: Project, move_tool: Callable[..., None]) -> None:
    move_tool(version="99")
    (project.integration.root / "openapi.yaml").write_text("openapi: 3.1.1\n")
    project.files["models/image.py"] = "a = 2\n"
    assert project.states()["models/image.py"] == ("stale-both",)


def test_an_edit_to_a_stale_file_is_both(project: Project) -> None:
    (project.folder / "models/image.py").write_text("mine\n")
    (project.integration.root / "openapi.yaml").write_text("openapi: 3.1.1\n")
    project.files["models/image.py"] = "a = 2\n"
    assert project.states()["models/image.py"] == ("edited", "stale-spec")


def test_an_orphan_that_was_edited_is_both(project: Project) -> None:
    (project.folder / "server/app.py").write_text("mine\n")
    del project.files["server/app.py"]
    assert project.states()["server/app.py"] == ("edited", "orphaned")


def test_files_that_nobody_generated_are_foreign(project: Project) -> None:
    (project.folder / "server/mine.py").write_text("x")
    (project.folder / "server/link.py").symlink_to("app.py")
    (project.folder / "server/__pycache__").mkdir()
    (project.folder / "server/__pycache__/app.pyc").write_bytes(b"")
    (project.folder / ".DS_Store").write_bytes(b"")
    assert project.states() == {"server/link.py": ("foreign",), "server/mine.py": ("foreign",)}


def test_a_symlink_in_the_place_of_a_file_is_changed_by_hand(project: Project, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.py").write_text("s = 1\n")
    (project.folder / "server/app.py").unlink()
    (project.folder / "server/app.py").symlink_to(tmp_path / "elsewhere.py")
    (found,) = project.check().values()
    assert (found.states, found.diff) == (("edited",), ())


def test_a_long_diff_is_cut(project: Project) -> None:
    (project.folder / "models/image.py").write_text("".join(f"x{n} = {n}\n" for n in range(500)))
    (found,) = project.check().values()
    assert len(found.diff) == check.DIFF_LINES + 1
    assert found.diff[-1] == "... 445 more lines"


def test_a_broken_manifest_is_an_error(project: Project) -> None:
    (project.folder / "manifest.json").write_text("<<<<<<< HEAD\n")
    with pytest.raises(SpecloomError, match="manifest"):
        project.check()


def test_check_writes_nothing(project: Project) -> None:
    (project.folder / "models/image.py").write_text("mine\n")
    (project.folder / "server/app.py").unlink()
    before = snapshot(project.folder.parent)
    project.check()
    assert snapshot(project.folder.parent) == before


def test_digests_alone_tell_that_nothing_moved(project: Project) -> None:
    assert project.is_unchanged()
    (project.folder / ".DS_Store").touch()
    (project.folder / "server/__pycache__").mkdir()
    (project.folder / "server/__pycache__/app.pyc").touch()
    assert project.is_unchanged()


@pytest.mark.parametrize(
    "moved",
    [
        "input",
        "no input",
        "endless input",
        "outside",
        "name",
        "targets",
        "output",
        "link",
        "missing",
        "foreign",
        "killed run",
    ],
)
def test_a_run_is_needed_when_anything_moved(project: Project, moved: str, tmp_path: Path) -> None:
    spec, made = project.integration.root / "openapi.yaml", project.folder / "models/image.py"
    match moved:
        case "input":
            spec.write_text("openapi: 3.1.0 # comment\n")
        case "no input":
            spec.unlink()
        case "endless input":
            spec.unlink()
            os.mkfifo(spec)
        case "outside":
            (project.folder / "manifest.json").write_bytes(with_input(project, "../../../etc/hostname"))
        case "name":
            project.integration = replace(project.integration, name="other")
        case "targets":
            project.integration = replace(project.integration, targets=())
        case "output":
            made.write_text("mine")
        case "link":
            (tmp_path / "elsewhere.py").write_bytes(made.read_bytes())
            made.unlink()
            made.symlink_to(tmp_path / "elsewhere.py")
        case "missing":
            made.unlink()
        case "foreign":
            (project.folder / "mine.py").touch()
        case _:
            (tmp_path / "generated" / ".api.specloom").mkdir()
    assert not project.is_unchanged()


def test_a_run_is_needed_when_the_tool_moved(project: Project, move_tool: Callable[..., None]) -> None:
    """Its version, its code (a checkout moves without its version), or what it pins."""
    for change in ({"version": "99"}, {"code": "x"}, {"pins": {"black": "99"}}):
        move_tool(**change)
        assert not project.is_unchanged()


def test_a_run_is_needed_where_operations_were_left_out(project: Project) -> None:
    """It has errors to tell, and they may be mended by files that were not there."""
    project.left_out = ("POST /a",)
    project.write()
    assert project.states() == {}
    assert not project.is_unchanged()
    project.left_out = ()
    assert project.check()["manifest.json"].moved == ("other operations are left out",)


def test_folders_of_integrations_that_are_gone_are_orphans(project: Project, tmp_path: Path) -> None:
    """But not folders that `generate --input` made, nor anything else that stands there."""
    generated = tmp_path / "generated"
    (generated / "notes").mkdir()
    by_input = manifest.describe({}, inputs={"x.yaml": "1"}, settings="", tool=Tool("1", "", {}))
    output.write(generated / "single", {PurePosixPath("a.py"): b""}, by_input)
    assert list(check.orphans(generated, ["api"])) == []
    assert list(check.orphans(generated, [])) == [Drift((generated / "api").as_posix(), ("orphaned",))]
    assert list(check.orphans(tmp_path / "nowhere", [])) == []


def with_input(project: Project, name: str) -> bytes:
    old = manifest.load(project.folder)
    assert old is not None
    return replace(old, inputs={**old.inputs, name: "0"}).render()


def snapshot(folder: Path) -> list[tuple[str, int, int]]:
    return sorted((str(path), path.stat().st_mtime_ns, path.stat().st_ino) for path in folder.rglob("*"))
