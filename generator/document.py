"""One input file with places: a JSON tree, and for any of its nodes the line and column in the file it came from."""

from __future__ import annotations

import codecs
import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from generator.errors import Diagnostic, Location, SpecloomError, error
from generator.json_marks import read_json_marks
from generator.tree import Json, Pointer, format_pointer
from generator.yaml12 import Problem, YamlError, parse
from generator.yaml_events import Span
from generator.yaml_marks import Marks, read_marks

EXCERPT_ROOM = 160
"""How many characters of a line an excerpt holds to the right of the column."""

EXCERPT_COLUMNS = 20_000
"""A place further to the right comes without an excerpt; its pointer tells more."""

_BREAK = re.compile(r"\r\n|\r|\n")
_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What JSON allows and YAML's scanner does not: tabs between tokens, raw C1 controls, halves of surrogate pairs.
_NOT_YAML = re.compile("[\t\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


@dataclass(frozen=True)
class Source:
    """The text of a file, and the part of it that is the document.

    ``name`` is the path relative to the folder of the spec, with ``/``. ``text`` is the document's text; it starts
    at line ``skipped`` (from 0) of ``whole``, the text of the file. Lines of ``text`` are the ends of the file's
    lines: a Markdown fence in a list or quote loses what stands before it.
    """

    name: str
    whole: str
    text: str
    skipped: int = 0

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in _BREAK.finditer(self.text))]

    @cached_property
    def _lines(self) -> list[str]:
        return _BREAK.split(self.whole)

    def at(self, span: Span, pointer: str = "") -> Location:
        """The location of a span of ``text`` in the file; the underline stays within the first line."""
        row = bisect_right(self._starts, span.start) - 1
        start = self._starts[row]
        after = self._starts[row + 1] if row + 1 < len(self._starts) else len(self.text)
        inner = self.text[start:after].rstrip("\r\n")
        outer = self._lines[self.skipped + row]
        indent = len(outer) - len(inner) if outer.endswith(inner) else 0
        column = span.start - start + indent + 1
        width = min(span.end - span.start, len(inner.rstrip()) - (span.start - start))
        return self.line(self.skipped + row + 1, column, width=max(width, 1), pointer=pointer)

    def line(self, line: int, column: int = 1, *, width: int | None = None, pointer: str = "") -> Location:
        """The location of a line of the file, with its neighbours as the excerpt."""
        if width is None:
            width = max(len(self._lines[line - 1].rstrip()) - column + 1, 1)
        rows = range(max(line - 1, 1), min(line + 1, len(self._lines)) + 1)
        shown = column + EXCERPT_ROOM
        excerpt = tuple((row, self._lines[row - 1][:shown]) for row in rows)
        return Location(
            self.name,
            line,
            column,
            pointer,
            # Whoever shows it counts columns from the start of the line, which may be a whole minified document.
            excerpt if column <= EXCERPT_COLUMNS else (),
            min(width, EXCERPT_ROOM),
        )


@dataclass(frozen=True)
class Document:
    """A parsed file. ``sha256`` is that of the file's bytes, in hex; ``is_json`` says that JSON's rules read the text."""

    source: Source
    root: Json
    sha256: str
    is_json: bool = False

    @property
    def name(self) -> str:
        """The path of the file relative to the folder of the spec, with ``/``."""
        return self.source.name

    @property
    def text(self) -> str:
        """The document's text, without the Markdown or the tags around it."""
        return self.source.text

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """Where the node at ``pointer`` stands, or its deepest ancestor that exists; with ``key``, where its key does."""
        if isinstance(self.root, str):
            return self.source.line(1, pointer="#")
        span, found = self._marks.find(pointer, key=key)
        return self.source.at(span, format_pointer(found))

    @cached_property
    def _marks(self) -> Marks:
        if self.is_json:
            return read_json_marks(self.text)
        return read_marks(as_yaml(self.text) if starts_as_json(self.text) else self.text)


def decode(data: bytes, *, name: str) -> str:
    """The text of a file in UTF-8, or in UTF-16 with a byte order mark; the mark is left out.

    Raises ``not-utf8`` at the first byte that is neither, and ``empty-file``.
    """
    bom, encoding = next((item for item in _ENCODINGS if data.startswith(item[0])), (b"", "utf-8"))
    body = data[len(bom) :]
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as found:
        text = body.decode(encoding, errors="replace")
        before = body[: found.start].decode(encoding, errors="replace")
        place = Source(name, text, text).at(Span(len(before), len(before) + 1))
        message = f"the byte 0x{body[found.start]:02x} is not {encoding.upper()}"
        raise error("not-utf8", message, place, "save the file as UTF-8") from None
    if not text.strip():
        raise error("empty-file", "the file is empty", Location(name), "write the document into it")
    return text


def read_yaml(source: Source, *, data: bytes) -> Document:
    """The document of a YAML text whose root is a mapping; ``data`` is what the file holds.

    Raises every problem of ``yaml12.parse`` at its place, and ``not-a-mapping``.
    """
    try:
        root = parse(source.text)
    except YamlError as found:
        raise SpecloomError(diagnostics(source, found.problems)) from None
    return checked(source, root, data=data)


def checked(source: Source, root: Json, *, data: bytes, is_json: bool = False) -> Document:
    """The document with this tree. Raises ``not-a-mapping`` when the root is anything else."""
    document = Document(source, root, hashlib.sha256(data).hexdigest(), is_json)
    if not isinstance(root, dict):
        place = document.locate(()) if isinstance(root, list) else source.line(1, pointer="#")
        message = f"the document is {describe(root)}, not a mapping"
        hint = "start it with keys at the left margin, such as 'openapi: 3.1.0'"
        raise error("not-a-mapping", message, place, hint)
    return document


def describe(value: Json) -> str:
    """The JSON type of a value, with its article, for messages."""
    match value:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return "a string"
        case bool():
            return "a boolean"
        case None:
            return "null"
        case _:
            return "a number"


def diagnostics(source: Source, problems: Iterable[Problem]) -> list[Diagnostic]:
    """The problems of a text as errors with their places in the file."""
    return [
        Diagnostic(
            "error",
            problem.code,
            problem.message,
            source.at(problem.span, format_pointer(problem.pointer) if problem.pointer else ""),
            problem.hint,
            tuple((label, source.at(span)) for label, span in problem.related),
        )
        for problem in problems
    ]


def starts_as_json(text: str) -> bool:
    """Whether the text starts as a JSON object or array does."""
    return text.lstrip()[:1] in ("{", "[")


def as_yaml(text: str) -> str:
    """JSON text with the characters replaced that YAML's scanner refuses, each by one: places stay."""
    return _NOT_YAML.sub(" ", _SURROGATE.sub(r"\\uFFFD", text))
