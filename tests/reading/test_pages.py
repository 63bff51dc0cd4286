"""Each folder of ``cases/pages`` is an integration of several documents, or of a page, and what they make together.

``expected.json`` is the tree, with what is warned about in ``expected-warnings.txt``; ``expected-error.txt`` holds the errors
instead. What comes out must be the same in whatever order the pages are named.
"""

from __future__ import annotations

import json
import random
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from generator import pipeline
from generator.config import Integration, load_integration
from generator.errors import SpecloomError
from tests.reading.test_reading_cases import written

CASES = Path(__file__).parents[1] / "cases" / "pages"
FOLDERS = sorted(path.parent for path in CASES.glob("*/integration.yaml"))


def read(integration: Integration) -> dict[str, str]:
    """What comes out: the tree and the warnings, or the errors, by the name of the file that expects it."""
    try:
        bundled = pipeline.patched(integration)
    except SpecloomError as problem:
        assert all(item.message and item.hint for item in problem.diagnostics)
        return {"expected-error.txt": written(problem.diagnostics)}
    tree = json.dumps(bundled.tree, indent=2, ensure_ascii=False) + "\n"
    told = written(bundled.warnings)
    return {"expected.json": tree, **({"expected-warnings.txt": told} if told else {})}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_pages_become_one_document(folder: Path, request: pytest.FixtureRequest) -> None:
    made = read(load_integration(folder))
    if request.config.getoption("--update-goldens"):
        for old in folder.glob("expected*"):
            old.unlink()
        for name, text in made.items():
            (folder / name).write_text(text, "utf-8")
    assert made == {path.name: path.read_text("utf-8") for path in folder.glob("expected*")}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_order_of_the_pages_says_nothing(folder: Path) -> None:
    integration = load_integration(folder)
    turned = replace(integration, spec=integration.spec[::-1], document=None)
    expected = read(replace(integration, document=None))
    if "pages-" in expected.get("expected-error.txt", "pages-"):
        assert read(turned) == expected
