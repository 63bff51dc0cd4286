"""Each folder of ``cases/overlays`` holds a document, its overlays, and what they make of it or what is wrong with them.

In the folder ``lenient`` a target may match nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from generator import pipeline
from generator.config import Integration, from_input
from generator.errors import Diagnostic, SpecloomError

CASES = Path(__file__).parents[1] / "cases" / "overlays"
FOLDERS = sorted(path for path in CASES.iterdir() if path.is_dir())


def integration_of(folder: Path) -> Integration:
    overlays = sorted(folder.glob("*.overlay.*"))
    found = from_input(folder / "openapi.yaml", name="case", targets=(), overlays=overlays)
    return replace(found, lenient_overlays=folder.name == "lenient")


def written(found: Iterable[Diagnostic]) -> str:
    lines: list[str] = []
    for item in found:
        lines.append(f"{item.location}: {item.level}[{item.code}]: {item.message}")
        lines += [f"    at: {item.location.pointer}"] if item.location.pointer else []
        lines += [f"    {number} | {text}" for number, text in item.location.excerpt]
        lines += [f"    help: {item.hint}"] if item.hint else []
    return "".join(f"{line.rstrip()}\n" for line in lines)


def results(folder: Path) -> dict[str, str]:
    """The files that tell what came out."""
    integration = integration_of(folder)
    try:
        made = pipeline.patched(integration)
        pipeline.understand(integration)
    except SpecloomError as problem:
        return {"expected-error.txt": written(problem.diagnostics)}
    warnings = {"expected-warnings.txt": written(made.warnings)} if made.warnings else {}
    return {"expected.json": json.dumps(made.tree, indent=2, ensure_ascii=False) + "\n", **warnings}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_case_gives_what_it_expects(folder: Path, request: pytest.FixtureRequest) -> None:
    made = results(folder)
    if request.config.getoption("--update-goldens"):
        for name, text in made.items():
            (folder / name).write_text(text)
    assert made == {path.name: path.read_text() for path in folder.glob("expected*")}
