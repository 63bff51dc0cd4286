"""The table of codes, held to the code that uses them and to the page that tells of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator import codes

ROOT = Path(__file__).parents[1]
REFUSING = frozenset(["error", "Problem", "report", "_report", "_break", "_stop", "refuse"])
ADVISING = frozenset(["warn", "_warn", "note", "_note", "read_as"])
TELLING = frozenset(["Diagnostic", "_add", *REFUSING, *ADVISING])
"""What findings are made with; a new way to make them belongs here."""

CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LEVELS = frozenset(["error", "warning", "note"])


def used() -> Iterator[tuple[str, set[str], str]]:
    """Each code in the generator, with the levels that it may have where it is told, and the place."""
    for path in sorted((ROOT / "generator").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = [argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant)]
            level, *rest = given if given and given[0] in LEVELS else ["", *given]
            possible = {str(level)} if level else {"error"} if name in REFUSING else {"warning", "note"}
            if name in TELLING and rest and isinstance(rest[0], str) and CODE.fullmatch(rest[0]):
                yield rest[0], possible, f"{path.name}:{node.lineno}"


def test_every_code_is_documented_and_none_is_dead() -> None:
    told = {code: where for code, _, where in used()}
    assert {code: where for code, where in told.items() if code not in codes.CODES} == {}
    assert codes.CODES.keys() - told.keys() == set()


def test_a_code_has_the_level_that_the_table_says() -> None:
    assert [(code, where) for code, possible, where in used() if codes.CODES[code].level not in possible] == []


def test_every_code_says_what_it_means_and_what_to_do() -> None:
    for code, known in codes.CODES.items():
        assert known.meaning.endswith("."), code
        assert known.remedy.endswith("."), code


def test_the_page_is_made_from_the_table(request: pytest.FixtureRequest) -> None:
    page = ROOT / "docs" / "diagnostics.md"
    if request.config.getoption("--update-goldens"):
        page.write_text(codes.page(), "utf-8")
    assert page.read_text("utf-8") == codes.page()
