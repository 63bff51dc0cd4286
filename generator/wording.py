"""Types and their limits in words, as callers of an API in any language understand them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from generator import ir
from generator.tree import Json


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of a type's description; ``schema`` is what it links to, ``exact`` says that it is a value as it is sent."""

    text: str
    schema: str = ""
    exact: bool = False


def words(type_: ir.Type) -> tuple[Word, ...]:
    """A type in words, as callers of the API in any language understand it."""
    match type_:
        case ir.Scalar(kind):
            return (Word({"datetime": "date-time"}.get(kind, kind)),)
        case ir.LiteralOf(values):
            return _joined([(Word(json.dumps(value, ensure_ascii=False), exact=True),) for value in values])
        case ir.ListOf(item):
            return (Word("list of "), *inner(item))
        case ir.MapOf(item):
            return (Word("map of "), *inner(item))
        case ir.UnionOf(members):
            return _joined([words(member) for member in members])
        case ir.Nullable(item):
            return _joined([words(item), (Word("null"),)])
        case ir.Ref(name):
            return (Word(name, schema=name),)
        case ir.Null():
            return (Word("null"),)
        case ir.Anything():
            return (Word("any"),)
        case ir.Nothing():
            return (Word("nothing"),)
        case _:
            assert_never(type_)


def inner(type_: ir.Type) -> tuple[Word, ...]:
    """A type within another, in brackets where it has several words."""
    found = words(type_)
    several = isinstance(type_, ir.UnionOf | ir.Nullable | ir.LiteralOf) and len(found) > 1
    return (Word("("), *found, Word(")")) if several else found


def _joined(parts: Iterable[tuple[Word, ...]]) -> tuple[Word, ...]:
    found: list[Word] = []
    for part in parts:
        found += [Word(" | "), *part] if found else part
    return tuple(found)


_LIMITS = {
    "minimum": "≥ {}",
    "maximum": "≤ {}",
    "exclusiveMinimum": "> {}",
    "exclusiveMaximum": "< {}",
    "multipleOf": "multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "matches {}",
}


def limits(constraints: Iterable[tuple[str, Json]]) -> tuple[str, ...]:
    """Constraints in words."""
    said = dict(constraints)
    return tuple(phrase.format(said[keyword]) for keyword, phrase in _LIMITS.items() if keyword in said)
