"""The same bytes whoever generates, and one edit to one schema changes that schema's lines."""

from __future__ import annotations

import difflib
import os
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from generator.config import find_integrations, load_integration
from generator.pipeline import generate

ROOT = Path(__file__).parents[1]
INTEGRATIONS = [integration.name for integration in find_integrations(ROOT)]

MAKE = """
import sys
from pathlib import Path
from generator.config import load_integration
from generator.pipeline import generate
out = Path(sys.argv[2])
for path, data in generate(load_integration(Path(sys.argv[1]))).tree.items():
    target = out / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
"""


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", INTEGRATIONS)
def test_two_processes_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    """Another hash seed, working directory, locale, time zone, and place of the spec."""
    elsewhere = tmp_path / "a rather different place" / name
    shutil.copytree(ROOT / "spec" / name, elsewhere)
    runs = [
        (ROOT / "spec" / name, ROOT, {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"}),
        (elsewhere, tmp_path, {"PYTHONHASHSEED": "4711", "LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo", "COLUMNS": "40"}),
    ]
    results: list[dict[str, bytes]] = []
    for number, (spec, cwd, changes) in enumerate(runs):
        out = tmp_path / str(number)
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **changes}
        command = [sys.executable, "-c", MAKE, str(spec), str(out)]
        subprocess.run(command, check=True, cwd=cwd, env=environment, timeout=120)
        results.append(contents(out))
    assert results[0] == results[1]
    assert results[0].keys() >= {"models/__init__.py", "server/router.py", "client/__init__.py", "openapi.json"}


@pytest.mark.parametrize("name", INTEGRATIONS)
def test_committed_output_is_what_is_generated(name: str) -> None:
    tree = generate(load_integration(ROOT / "spec" / name)).tree
    committed = {
        path: data
        for path, data in contents(ROOT / "generated" / name).items()
        if path != "manifest.json" and "__pycache__" not in path
    }
    assert committed == {str(path): data for path, data in tree.items()}


def edited(tmp_path: Path, file: str, before: str, after: str) -> dict[PurePosixPath, list[str]]:
    """By file, the lines that one edit to Bifrost's fragments adds or removes."""
    spec = tmp_path / "bifrost"
    shutil.copytree(ROOT / "spec" / "bifrost", spec)
    old = generate(load_integration(spec)).tree
    path = spec / file
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")
    new = generate(load_integration(spec)).tree
    assert old.keys() == new.keys()
    changes: dict[PurePosixPath, list[str]] = {}
    for name in old:
        lines = difflib.ndiff(old[name].decode().splitlines(), new[name].decode().splitlines())
        changed = [line for line in lines if line[:2] in ("+ ", "- ")]
        if changed:
            changes[name] = changed
    return changes


def test_a_new_property_of_a_response_changes_its_class_only(tmp_path: Path) -> None:
    changes = edited(
        tmp_path, "schemas/inference/images.yaml", "    index:\n      type: integer\n",
        "    index:\n      type: integer\n    seed:\n      type: integer\n",
    )  # fmt: skip
    assert changes.keys() == {PurePosixPath("openapi.json"), PurePosixPath("models/images.py")}
    assert changes[PurePosixPath("models/images.py")] == ["+     seed: int | None = None"]


def test_a_new_property_of_a_request_changes_its_class_and_the_arguments(tmp_path: Path) -> None:
    changes = edited(
        tmp_path, "schemas/integrations/openai/images.yaml", "    user:\n      type: string\n",
        "    seed:\n      type: integer\n    user:\n      type: string\n",
    )  # fmt: skip
    assert changes.pop(PurePosixPath("openapi.json"))
    assert changes == {
        PurePosixPath("models/images.py"): ["+     seed: int | None = None"],
        PurePosixPath("client/images.py"): ["+     seed: int"],
    }


def test_a_new_inline_object_leaves_every_other_class_alone(tmp_path: Path) -> None:
    changes = edited(
        tmp_path, "schemas/inference/common.yaml", "    error:\n      $ref",
        "    cause:\n      type: object\n      properties:\n        text:\n          type: string\n    error:\n      $ref",
    )  # fmt: skip
    assert all(line.startswith("+ ") for line in changes[PurePosixPath("models/images.py")])
    assert not changes.keys() - {
        PurePosixPath(path) for path in ("openapi.json", "models/images.py", "models/__init__.py")
    }
