"""The table of codes, held to the code that uses them and to the page that tells of them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from generator import codes

ROOT = Path(__file__).parents[1]
TELLING = frozenset(
    ["error", "Diagnostic", "Problem", "report", "_report", "_break", "warn", "_warn", "note", "_note", "_stop"]
)
"""What findings are made with; a new way to make them belongs here."""

CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LEVELS = frozenset(["error", "warning", "note"])


def used() -> dict[str, list[str]]:
    """Each code in the generator, with the places that tell it."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "generator").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for argument in node.args[:2] if name in TELLING else ():
                value = argument.value if isinstance(argument, ast.Constant) else None
                if isinstance(value, str) and CODE.fullmatch(value) and value not in LEVELS:
                    found.setdefault(value, []).append(f"{path.name}:{node.lineno}")
    return found


def levels() -> dict[str, set[str]]:
    """The levels that a code is written beside."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "generator").rglob("*.py"):
        for level, code in re.findall(r'Diagnostic\(\s*"(\w+)",\s*"([a-z0-9-]+)"', path.read_text("utf-8")):
            found.setdefault(code, set()).add(level)
    return found


def test_every_code_is_documented_and_none_is_dead() -> None:
    told = used()
    assert {code: places for code, places in told.items() if code not in codes.CODES} == {}
    assert codes.CODES.keys() - told.keys() == set()


def test_a_code_has_the_level_that_the_table_says() -> None:
    assert {code: found for code, found in levels().items() if found != {codes.CODES[code].level}} == {}


def test_every_code_says_what_it_means_and_what_to_do() -> None:
    for code, known in codes.CODES.items():
        assert known.meaning.endswith("."), code
        assert known.remedy.endswith("."), code


def test_the_page_is_made_from_the_table(request: pytest.FixtureRequest) -> None:
    page = ROOT / "docs" / "diagnostics.md"
    if request.config.getoption("--update-goldens"):
        page.write_text(codes.page(), "utf-8")
    assert page.read_text("utf-8") == codes.page()
