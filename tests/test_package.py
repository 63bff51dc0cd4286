"""What is shipped: the wheel has its templates, and a generated package stands alone and stays short."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GENERATED = ROOT / "generated"
NAMES = sorted(path.name for path in GENERATED.iterdir() if (path / "manifest.json").exists())


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The contents of the wheel, in a folder of their own."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_wheel_generates_what_the_checkout_generates(installed: Path, tmp_path: Path) -> None:
    """From its own templates, in a project that has nothing but a spec; and again, it writes nothing."""
    shutil.copytree(ROOT / "spec" / "bifrost", tmp_path / "spec" / "bifrost")
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1"}

    def specloom(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "generator", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True, timeout=120
        )

    specloom("generate")
    made = {str(p.relative_to(tmp_path / "generated")): p for p in (tmp_path / "generated").rglob("*.py")}
    assert made.keys() == {str(p.relative_to(GENERATED)) for p in (GENERATED / "bifrost").rglob("*.py")}
    assert all(path.read_bytes() == (GENERATED / name).read_bytes() for name, path in made.items())
    assert specloom("generate").stdout == ""
    assert specloom("check").stdout == ""


@pytest.mark.parametrize("name", NAMES)
def test_generated_package_can_be_vendored(name: str, tmp_path: Path) -> None:
    """Copied under another name, deep in another package, it imports whole, and without the generator."""
    home = tmp_path / "app" / "vendor"
    shutil.copytree(GENERATED / name, home / "moved", ignore=shutil.ignore_patterns("__pycache__"))
    code = (
        "import importlib, pkgutil, sys\n"
        "package = importlib.import_module('app.vendor.moved')\n"
        "for module in pkgutil.walk_packages(package.__path__, 'app.vendor.moved.'):\n"
        "    importlib.import_module(module.name)\n"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('generator', 'generated')]\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=60)


@pytest.mark.parametrize("name", NAMES)
def test_generated_package_imports_relatively_and_only_what_it_declares(name: str) -> None:
    allowed = {"fastapi", "httpx2", "pydantic", "pydantic_core", "starlette", "typing_extensions"}
    for path in (GENERATED / name).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                modules = [node.module or ""]
            else:
                continue
            for module in modules:
                top = module.partition(".")[0]
                assert top in allowed or top in sys.stdlib_module_names, f"{path.name} imports {module}"


def test_runtime_is_identical_in_every_integration() -> None:
    for name in NAMES:
        for path in (GENERATED / name / "_runtime").glob("*.py"):
            assert path.read_bytes() == (ROOT / "templates" / "_runtime" / path.name).read_bytes()


def own_lines(name: str) -> int:
    files = [p for part in ("server", "client", "models") for p in (GENERATED / name / part).rglob("*.py")]
    return sum(len(path.read_text("utf-8").splitlines()) for path in files)


def test_bifrost_is_short() -> None:
    assert own_lines("bifrost") < 700


def test_one_search_finds_route_handler_and_client_method() -> None:
    wanted = re.compile(r"\bPOST /openai/v1/images/generations\b")
    found = {
        str(path.relative_to(GENERATED / "bifrost"))
        for path in (GENERATED / "bifrost").rglob("*.py")
        if wanted.search(path.read_text("utf-8"))
    }
    assert found == {"server/router.py", "server/handlers.py", "client/images.py"}
