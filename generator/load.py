"""Bytes of a file to a :class:`Document`: YAML 1.2, JSON, a Markdown page around either, or a wrapping tag."""

from __future__ import annotations

import hashlib
import json
import math
import re

from generator import markdown
from generator.document import (
    Document,
    Source,
    as_yaml,
    checked,
    decode,
    diagnostics,
    read_yaml,
    starts_as_json,
)
from generator.errors import Diagnostic, SpecloomError, error
from generator.tree import Json, JsonObject, is_object
from generator.yaml12 import MAX_DEPTH, Problem, YamlError, parse
from generator.yaml_events import Span

__all__ = ["Document", "load", "load_all", "load_text"]

_MARKDOWN = (".md", ".mdx", ".markdown")
_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*"|(-?Infinity|NaN)')
_TRAILING_COMMA = re.compile(r",\s*[}\]]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class _UnfitError(Exception):
    """The JSON parser read something that a document may not hold; the slow reading says what and where."""


def load(data: bytes, *, name: str) -> Document:
    """The document in a file; ``name`` is its path relative to the folder of the spec, for messages.

    Raises a located :class:`SpecloomError` for bytes that are no text, malformed YAML or JSON, repeated keys,
    tags, alias bombs, a root that is no mapping, and Markdown without exactly one document.
    """
    whole = decode(data, name=name)
    wrapped = Source(name, whole, whole)
    source = markdown.unwrap(wrapped)
    if name.lower().endswith(_MARKDOWN):
        block = markdown.find_document(source)
        if block is None and source is wrapped:
            raise markdown.no_document(source)
        return _load_text(block or source, data=data)
    try:
        return _load_text(source, data=data)
    except SpecloomError:
        # A page that is not called one: its text is seldom YAML, its fence is told by what it holds.
        block = markdown.find_document(source) if markdown.is_page(source.text) else None
        if block is None:
            raise
    return _load_text(block, data=data)


def load_all(data: bytes, *, name: str) -> tuple[Document, ...]:
    """Every document in a file: a page may have several, each in a code block of its own.

    Raises :class:`SpecloomError` with what is wrong with any of them, as :func:`load` does.
    """
    whole = decode(data, name=name)
    source = Source(name, whole, whole)
    if not name.lower().endswith(_MARKDOWN) and not markdown.is_page(source.text):
        return (load(data, name=name),)
    blocks = markdown.find_documents(source)
    if len(blocks) < 2:
        return (load(data, name=name),)
    found: list[Document] = []
    wrong: list[Diagnostic] = []
    for block in blocks:
        try:
            found.append(_load_text(block, data=data))
        except SpecloomError as problem:
            wrong += problem.diagnostics
    if wrong:
        raise SpecloomError(wrong)
    return tuple(found)


def load_text(data: bytes, *, name: str) -> Document:
    """A file that a description is taken from: its root is the text as it stands."""
    whole = decode(data, name=name)
    return Document(Source(name, whole, whole), whole, hashlib.sha256(data).hexdigest())


def _load_text(source: Source, *, data: bytes) -> Document:
    if not starts_as_json(source.text):
        return read_yaml(source, data=data)
    try:
        root = json.loads(
            source.text,
            object_pairs_hook=_object,
            parse_float=_float,
            parse_constant=_constant,
        )
        if _too_deep(root) or _has_lone_surrogate(source.text, root):
            raise _UnfitError
    except json.JSONDecodeError as found:
        if source.name.endswith(".json"):
            raise _malformed(source, found) from None
        # YAML's flow style looks much the same: `{openapi: 3.1.0, ...}`.
        return read_yaml(source, data=data)
    except (_UnfitError, ValueError, RecursionError):
        raise _unfit(source) from None
    return checked(source, root, data=data, is_json=True)


def _object(pairs: list[tuple[str, Json]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _UnfitError
    return found


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _UnfitError
    return value


def _constant(_: str) -> Json:
    raise _UnfitError


def _too_deep(root: Json) -> bool:
    level = [root]
    for _ in range(MAX_DEPTH + 1):
        level = [child for node in level for child in _collections(node)]
        if not level:
            return False
    return True


def _collections(node: Json) -> list[Json]:
    values: list[Json] = list(node.values()) if is_object(node) else node
    return [value for value in values if isinstance(value, dict | list)]


def _has_lone_surrogate(text: str, root: Json) -> bool:
    r"""Whether a string holds half of a surrogate pair (``\ud83d`` alone), which no file can be written with."""
    return r"\ud" in text.lower() and bool(_LONE_SURROGATE.search(json.dumps(root, ensure_ascii=False)))


def _unfit(source: Source) -> SpecloomError:
    """What is wrong with JSON that is well-formed."""
    for found in _CONSTANT.finditer(source.text):
        if found[1]:
            message, hint = f"JSON has no number '{found[1]}'", "quote it if it is text"
            return error("number-range", message, source.at(Span(*found.span(1))), hint)
    try:
        parse(as_yaml(source.text))
    except YamlError as found:
        return SpecloomError(diagnostics(source, found.problems))
    message = r"a string holds half of a surrogate pair (\ud800 to \udfff)"
    hint = "write the character itself, or both halves"
    lone = re.search(r"\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]..", source.text)
    span = Span(*lone.span()) if lone else Span(0, 1)
    return error("json-syntax", message, source.at(span), hint)


def _malformed(source: Source, found: json.JSONDecodeError) -> SpecloomError:
    message = f"the JSON breaks here: {found.msg.lower()}"
    hint = "check the quotes, commas and brackets around this place"
    start = found.pos
    # Python 3.13 points at the comma that is too much, older ones at what follows it.
    comma = len(source.text[:start].rstrip()) - 1
    rest = source.text[start:].lstrip()
    if _TRAILING_COMMA.match(source.text, max(comma, 0)) or _TRAILING_COMMA.match(rest):
        start = start if rest.startswith(",") else comma
        message = "a comma stands before the closing bracket"
        hint = "remove the comma"
    elif rest.startswith(("//", "/*", "#")):
        hint = "JSON has no comments: remove it"
    elif rest.startswith("'"):
        hint = "JSON strings stand in double quotes"
    elif found.msg.startswith("Expecting ',' delimiter"):
        hint = "put a comma before this, or close the bracket"
    problem = Problem("json-syntax", message, hint, Span(start, start + 1))
    return SpecloomError(diagnostics(source, (problem,)))
