"""Each folder of tests/cases/generate: a spec, and what must come out of it, imported, type-checked and called."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from generator import ir
from generator.config import Integration, from_input, load_integration
from generator.pipeline import Generated, generate
from tests.round_trip import Package

ROOT = Path(__file__).parents[1]
FOLDERS = sorted(path.parent for path in (Path(__file__).parent / "cases" / "generate").glob("*/openapi.yaml"))
CASES = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def integration_of(folder: Path) -> Integration:
    if (folder / "integration.yaml").exists():
        return load_integration(folder)
    return from_input(folder / "openapi.yaml", name=folder.name, targets=("models", "server", "client"))


def own_files(generated: Generated) -> dict[str, bytes]:
    """What is special to the case: neither the runtime, nor the document that went in."""
    special = ("models", "server", "client", "schemas.json", "__init__.py", "README.md")
    paths = (path for path in generated.tree if path.parts[0] in special)
    return {str(path): generated.tree[path] for path in paths}


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Generated]:
    """Every case, generated into one folder on the import path, under its name with `case_` in front."""
    root = tmp_path_factory.mktemp("cases")
    made = {folder.name: generate(integration_of(folder)) for folder in FOLDERS}
    for name, generated in made.items():
        for path, data in generated.tree.items():
            target = root / f"case_{name}" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    # What is copied is checked where it comes from.
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "exclude": ["**/_runtime"]}
    (root / "pyrightconfig.json").write_text(json.dumps(settings))
    sys.path.insert(0, str(root))
    return made


def test_there_are_cases() -> None:
    assert len(FOLDERS) >= 10


@CASES
def test_output_is_as_expected(folder: Path, packages: dict[str, Generated], request: pytest.FixtureRequest) -> None:
    expected = folder / "expected"
    made = own_files(packages[folder.name])
    if request.config.getoption("--update-goldens"):
        for path, data in made.items():
            (expected / path).parent.mkdir(parents=True, exist_ok=True)
            (expected / path).write_bytes(data)
    files = [
        path
        for path in expected.rglob("*.*")
        if path.suffix in (".py", ".json", ".md") and "__pycache__" not in path.parts
    ]
    there = {str(path.relative_to(expected)): path.read_bytes() for path in files}
    assert made == there


@CASES
def test_output_imports_and_every_operation_arrives_as_sent(folder: Path, packages: dict[str, Generated]) -> None:
    name = f"case_{folder.name}"
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, f"{name}."):
        importlib.import_module(module.name)
    subject = Package(name, packages[folder.name].api)
    for operation in subject.api.operations:
        if operation.success is not None:
            subject.call(operation, everything=False)
            subject.call(operation, everything=True)


@CASES
async def test_every_stream_arrives_as_sent(folder: Path, packages: dict[str, Generated]) -> None:
    subject = Package(f"case_{folder.name}", packages[folder.name].api)
    for operation in subject.api.operations:
        if operation.stream is not None:
            await subject.stream_async(operation)


def test_output_passes_strict_types_ruff_and_black(packages: dict[str, Generated]) -> None:
    root = next(Path(path) for path in sys.path if (Path(path) / "pyrightconfig.json").exists())
    python = Path(sys.executable)
    for command in (
        [str(python.with_name("pyright")), "--pythonpath", sys.executable, "-p", str(root)],
        [str(python.with_name("ruff")), "check", "--config", str(ROOT / "pyproject.toml"), str(root)],
        [
            str(python.with_name("black")),
            "--check",
            "--line-length",
            "120",
            "--target-version",
            "py311",
            "--extend-exclude",
            "/_runtime/",
            str(root),
        ],
    ):
        result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
        assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]


def test_no_text_of_a_hostile_spec_becomes_code(packages: dict[str, Generated], tmp_path: Path) -> None:
    """The files parse to the names that our templates have, and importing them ran nothing of the spec's."""
    assert not Path("pwned").exists()
    paths = {str(path) for path in packages["hostile_text"].tree}
    assert all(".." not in path and path.isascii() for path in paths)
    assert any(isinstance(schema, ir.ObjectSchema) for schema in packages["hostile_text"].api.schemas)
