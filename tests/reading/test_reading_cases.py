"""Each folder of ``cases/reading`` holds a spec, ``openapi.*``, and what reading it gives.

``expected.json`` is the bundled tree, with what is warned about in ``expected-warnings.txt`` where there is such a
file; ``expected-error.txt`` holds the errors instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from generator.bundle import bundle
from generator.config import from_input
from generator.errors import Diagnostic, SpecloomError
from generator.load import load
from generator.openapi import children, is_reference
from generator.tree import Json, parse_pointer, resolve

CASES = Path(__file__).parents[1] / "cases" / "reading"


def read(folder: Path) -> tuple[Json, tuple[Diagnostic, ...]]:
    (spec,) = folder.glob("openapi.*")
    integration = from_input(spec, name="case", targets=())
    entry = load(integration.read(spec.name), name=spec.name)
    bundled = bundle(entry, read=integration.read)
    return bundled.tree, bundled.warnings


def written(found: Iterable[Diagnostic]) -> str:
    lines: list[str] = []
    for item in found:
        lines.append(f"{item.location}: {item.level}[{item.code}]: {item.message}")
        lines += [f"    at: {item.location.pointer}"] if item.location.pointer else []
        lines += [f"    {number} | {text}" for number, text in item.location.excerpt]
        lines += [f"    {label}: {place}" for label, place in item.related]
        lines += [f"    help: {item.hint}"] if item.hint else []
    return "".join(f"{line.rstrip()}\n" for line in lines)


def folders(expected: str) -> list[Path]:
    return sorted(path.parent for path in CASES.glob(f"*/{expected}"))


def test_every_case_says_what_it_expects() -> None:
    for folder in CASES.iterdir():
        names = {path.name for path in folder.iterdir()}
        assert len(names & {"expected.json", "expected-error.txt"}) == 1, folder.name


@pytest.mark.parametrize("folder", folders("expected-error.txt"), ids=lambda path: path.name)
def test_bad_input_is_told_at_its_place(folder: Path) -> None:
    with pytest.raises(SpecloomError) as raised:
        read(folder)
    assert written(raised.value.diagnostics) == (folder / "expected-error.txt").read_text()
    assert all(item.message and item.hint for item in raised.value.diagnostics)


@pytest.mark.parametrize("folder", folders("expected.json"), ids=lambda path: path.name)
def test_good_input_becomes_one_tree(folder: Path) -> None:
    tree, warnings = read(folder)
    expected: Json = json.loads((folder / "expected.json").read_text())
    assert json.dumps(tree, indent=2) == json.dumps(expected, indent=2)
    told = folder / "expected-warnings.txt"
    assert written(warnings) == (told.read_text() if told.exists() else "")


@pytest.mark.parametrize("folder", folders("expected.json"), ids=lambda path: path.name)
def test_every_reference_of_a_bundle_resolves_in_it(folder: Path) -> None:
    tree, _ = read(folder)
    waiting: list[tuple[str, Json]] = [("document", tree)]
    while waiting:
        kind, node = waiting.pop()
        if is_reference(node):
            assert node["$ref"].startswith("#/")
            resolve(tree, parse_pointer(node["$ref"][1:]))
        waiting += [(inner, value) for inner, value, _ in children(kind, node)]
