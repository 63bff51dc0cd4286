"""Formatting: one style, and nothing that is not Python gets through."""

from __future__ import annotations

import sys
from pathlib import PurePosixPath

import black
import pytest
from black.parsing import InvalidInput

from generator.errors import SpecloomError
from generator.format import Formatter, InvalidOutput, format_tree

FORMATTERS: tuple[Formatter, ...] = ("black", "ruff")


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_python_is_formatted_and_the_rest_is_left_alone(formatter: Formatter) -> None:
    tree = {PurePosixPath("b/x.py"): b"x = { 'a':1 }", PurePosixPath("a.json"): b"{ 'a':1 }"}
    formatted = format_tree(tree, formatter=formatter)
    assert list(formatted.items()) == [
        (PurePosixPath("b/x.py"), b'x = {"a": 1}\n'),
        (PurePosixPath("a.json"), b"{ 'a':1 }"),
    ]


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_lines_may_have_a_hundred_columns(formatter: Formatter) -> None:
    line = "value = call(" + ", ".join(["argument"] * 8) + ")\n"
    assert 88 < len(line) <= 120
    path = PurePosixPath("x.py")
    assert format_tree({path: line.encode()}, formatter=formatter)[path] == line.encode()


@pytest.mark.parametrize(
    ("source", "line"),
    [(b"x = 1\ny = (\n", 2), (b"def f(a, a): ...\n", 1), (b"\nx = '\\d'\n", 2), (b"return 1\n", 1)],
)
def test_what_does_not_compile_is_refused_with_its_place(source: bytes, line: int) -> None:
    with pytest.raises(InvalidOutput) as caught:
        format_tree({PurePosixPath("server/app.py"): source}, formatter="black")
    assert (caught.value.path, caught.value.line) == (PurePosixPath("server/app.py"), line)


def test_null_bytes_are_refused() -> None:
    with pytest.raises(InvalidOutput):
        format_tree({PurePosixPath("x.py"): b"x = 1\0"}, formatter="black")


def test_black_says_no_to_syntax_that_it_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: str, *, mode: object) -> str:
        raise InvalidInput("Cannot parse: 1:1")

    monkeypatch.setattr(black, "format_str", refuse)
    with pytest.raises(InvalidOutput, match="Cannot parse"):
        format_tree({PurePosixPath("x.py"): b"x = 1\n"}, formatter="black")


def test_names_of_files_never_reach_ruff() -> None:
    path = PurePosixPath("--config=evil/../x.py")
    assert format_tree({path: b"x=1"}, formatter="ruff")[path] == b"x = 1\n"


def test_a_missing_ruff_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ruff", None)
    with pytest.raises(SpecloomError, match="not installed") as caught:
        format_tree({PurePosixPath("x.py"): b"x=1"}, formatter="ruff")
    assert "pip install ruff" in caught.value.diagnostics[0].hint


def test_a_big_file_comes_out_as_black_writes_it_whole() -> None:
    """Big output is cut into pieces for several processes; nobody can tell from the result."""
    head = '"""Doc."""\nfrom x import y\nX = 1\n'
    one = 'class A%d(B):\n    """A doc\n\nclass Fake:\n    that is prose"""\n    a: int = 1\n    b: str = \'x\'\n\n'
    other = 'Alias%d = call("y",\n  1)\n"""About it\nclass it."""\n@decorated\ndef f(): return 1\n'
    source = head + "".join(
        other.replace("%d", str(number)) if number % 3 else one.replace("%d", str(number)) for number in range(4000)
    )
    assert len(source) > 200_000
    path = PurePosixPath("big.py")
    mode = black.Mode(target_versions={black.TargetVersion.PY311}, line_length=120)
    assert format_tree({path: source.encode()}, formatter="black")[path].decode() == black.format_str(source, mode=mode)
