"""Each folder of ``cases/dialects``: what a document of any version, or one that bends the rules, is read as.

``expected.json`` is the document in the form of OpenAPI 3, before its schemas are read, with what is warned about in
``expected-warnings.txt``; ``expected-error.txt`` holds the errors instead.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.bundle import Bundle
from generator.config import from_input
from generator.errors import SpecloomError
from generator.normalise import DIALECTS, dialect_of
from generator.openapi import children, is_reference
from generator.pipeline import bundle, understand
from generator.tree import Json, Pointer, parse_pointer, resolve
from tests.reading.test_reading_cases import written

CASES = Path(__file__).parents[1] / "cases" / "dialects"
FOLDERS = pytest.mark.parametrize("folder", sorted(CASES.iterdir()), ids=lambda folder: folder.name)


def read(folder: Path) -> Bundle:
    bundled = bundle(from_input(folder / "openapi.yaml", name="case", targets=()))
    return dialect_of(bundled).convert(bundled)


@FOLDERS
def test_document_is_read_as_meant(folder: Path, request: pytest.FixtureRequest) -> None:
    found: dict[str, str] = {}
    try:
        converted = read(folder)
    except SpecloomError as problem:
        found["expected-error.txt"] = written(problem.diagnostics)
    else:
        found["expected.json"] = json.dumps(converted.tree, indent=2) + "\n"
        found["expected-warnings.txt"] = written(converted.warnings)
    if request.config.getoption("--update-goldens"):
        for name, text in found.items():
            (folder / name).write_text(text)
    assert found == {path.name: path.read_text() for path in folder.glob("expected*")}


@FOLDERS
def test_every_reference_leads_somewhere_and_every_node_has_a_line(folder: Path) -> None:
    if (folder / "expected-error.txt").exists():
        return
    converted = read(folder)
    waiting: list[tuple[str, Json, Pointer]] = [("document", converted.tree, ())]
    while waiting:
        kind, node, at = waiting.pop()
        if is_reference(node):
            resolve(converted.tree, parse_pointer(node["$ref"][1:]))
        assert converted.provenance.locate(at).line > 0
        waiting += children(kind, node, at)


@FOLDERS
def test_document_is_understood(folder: Path) -> None:
    if not (folder / "expected-error.txt").exists():
        understand(from_input(folder / "openapi.yaml", name="case", targets=()))


def test_every_version_is_tried() -> None:
    said = {dialect_of(read(folder)).NAME for folder in CASES.iterdir() if (folder / "expected.json").exists()}
    assert said | {"2.0"} == {dialect.NAME for dialect in DIALECTS}  # 2.0 says 3.0 once it is converted


def test_an_empty_value_that_the_document_allows_is_noted(tmp_path: Path) -> None:
    """It has to fit the schema all the same: nobody is left to think that the server reads it as left out."""
    (tmp_path / "openapi.yaml").write_text("""
openapi: 3.1.0
info: {title: T, version: "1"}
paths:
  /images:
    get:
      parameters: [{name: draft, in: query, allowEmptyValue: true, schema: {type: boolean}}]
      responses: {"204": {description: done}}
""")
    (note,) = understand(from_input(tmp_path / "openapi.yaml", name="api", targets=())).found.warnings
    assert (note.level, note.code, note.location.line) == ("note", "left-out", 7)
    assert "`allowEmptyValue` changes nothing yet" in note.message
