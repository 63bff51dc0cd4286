"""Drift: which files are not what they should be, and who moved. Integrations and generations made by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import pytest

from generator import check, manifest, output
from generator.check import Drift
from generator.errors import SpecloomError
from generator.manifest import Tool

FILES = {"__init__.py": "# api\n", "models/image.py": "a = 1\nb = 2\n", "server/app.py": "s = 1\n"}


@dataclass(frozen=True, slots=True)
class FakeIntegration:
    """What ``check`` needs of an integration."""

    root: Path
    name: str = "api"
    targets: tuple[str, ...] = ("models", "server")
    formatter: str = "black"
    document: None = None

    def read(self, path: str) -> bytes:
        return (self.root / path).read_bytes()


@dataclass(frozen=True, slots=True)
class FakeGenerated:
    """What ``check`` needs of a generation."""

    tree: output.Tree
    inputs: dict[str, str]


@dataclass
class Project:
    """One integration with its spec, its generated folder, and what the pipeline would give."""

    integration: FakeIntegration
    folder: Path
    files: dict[str, str]
    runs: int = 0

    def generate(self, integration: object) -> FakeGenerated:
        self.runs += 1
        names = ("integration.yaml", "openapi.yaml")
        inputs = {name: manifest.digest((self.integration.root / name).read_bytes()) for name in names}
        tree = {PurePosixPath(path): text.encode() for path, text in self.files.items()}
        return FakeGenerated(tree, inputs)

    def write(self) -> None:
        made = self.generate(self.integration)
        output.write(self.folder, made.tree, check.manifest_of(self.integration, made))
        self.runs = 0

    def check(self) -> dict[str, Drift]:
        found = check.check(self.integration, self.folder, generate=self.generate)
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
        monkeypatch.setattr(manifest, "current_tool", lambda formatter: tool)

    return move


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if specloom ran from a wheel."""
    monkeypatch.setattr(manifest, "is_checkout", lambda: False)


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
        ({"templates": "x"}, "templates changed"),
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


def test_the_tools_own_code_is_to_blame_when_nothing_else_moved(project: Project) -> None:
    project.files["models/image.py"] = "a = 2\n"
    found = project.check()["models/image.py"]
    assert found.states == ("stale-tool",)
    assert found.moved == ("the tool's own code changed",)


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


@pytest.mark.usefixtures("installed")
def test_an_installed_tool_answers_from_hashes_alone(project: Project) -> None:
    assert project.states() == {}
    assert project.runs == 0


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("moved", ["input", "input gone", "settings", "output", "missing", "foreign", "killed run"])
def test_the_pipeline_runs_when_any_hash_moved(project: Project, moved: str, tmp_path: Path) -> None:
    match moved:
        case "input":
            (project.integration.root / "openapi.yaml").write_text("openapi: 3.1.0 # comment\n")
        case "input gone":
            (project.folder / "manifest.json").write_bytes(with_input(project, "gone.yaml"))
        case "settings":
            project.integration = replace(project.integration, targets=())
        case "output":
            (project.folder / "models/image.py").write_text("mine")
        case "missing":
            (project.folder / "models/image.py").unlink()
        case "foreign":
            (project.folder / "mine.py").touch()
        case _:
            (tmp_path / "generated" / ".api.specloom").mkdir()
    project.check()
    assert project.runs == 1


@pytest.mark.usefixtures("installed")
def test_the_pipeline_runs_when_the_tool_moved(project: Project, move_tool: Callable[..., None]) -> None:
    move_tool(version="99")
    project.check()
    assert project.runs == 1


def test_a_checkout_of_specloom_never_trusts_hashes(project: Project) -> None:
    """Its code moves without its version moving."""
    project.check()
    assert project.runs == 1


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
