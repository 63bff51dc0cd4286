"""Parts of a document as they are said in a sentence: quoted, cut where they are long."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from generator.tree import Json

_LONGEST = 60
_MOST = 5
_KINDS = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "object": "an object",
    "array": "an array",
    "fraction": "a fraction",
    "null": "null",
}


def quoted(value: Json) -> str:
    """A value in backticks; a string without quotation marks."""
    text = value if isinstance(value, str) and value.isprintable() else json.dumps(value, ensure_ascii=False)
    text = text.replace("`", "'")
    return f"`{text if len(text) <= _LONGEST else text[:_LONGEST] + '...'}`"


def listed(values: Iterable[Json]) -> str:
    """Values in backticks, the first ones of many."""
    shown = [quoted(value) for value in values]
    more = f" and {len(shown) - _MOST} more" if len(shown) > _MOST else ""
    return ", ".join(shown[:_MOST]) + more if more else joined(shown, "and")


def kinds(types: Iterable[str]) -> str:
    """Types as people say them: ``a string or a number``."""
    found = {*types}
    if found >= _KINDS.keys() - {"number", "null"}:
        return "anything"
    if found >= {"integer", "fraction"}:
        found = found - {"integer", "fraction"} | {"number"}
    return joined([words for kind, words in _KINDS.items() if kind in found], "or")


def joined(words: Sequence[str], conjunction: str) -> str:
    """``a, b and c``."""
    return f" {conjunction} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
