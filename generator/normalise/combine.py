"""Merging what ``allOf`` joins, so that one plain schema says it all (JSON Schema 2020-12 Core, 10.2.1.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from generator.tree import Json, JsonObject, Pointer, is_array

_TIGHTEN: dict[str, Callable[[Json, Json], Json]] = {
    "minimum": max,
    "exclusiveMinimum": max,
    "minLength": max,
    "minItems": max,
    "minProperties": max,
    "maximum": min,
    "exclusiveMaximum": min,
    "maxLength": min,
    "maxItems": min,
    "maxProperties": min,
}
ANNOTATIONS = frozenset(
    [
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "externalDocs",
        "xml",
    ]
    + ["$comment", "$schema", "$id", "$anchor", "$defs", "discriminator", "example"]
)


class ContradictionError(Exception):
    """Two parts of an ``allOf`` that nothing can satisfy together. The message says which keyword."""


@dataclass(frozen=True, slots=True)
class Part:
    """A schema without ``allOf`` and without reference, and where each of its properties stands."""

    node: JsonObject
    pointer: Pointer
    properties: dict[str, Pointer]


def is_annotation(keyword: str) -> bool:
    """Whether the keyword says nothing about which values are valid."""
    return keyword in ANNOTATIONS or keyword.startswith("x-")


def merge(parts: list[Part]) -> Part:
    """One schema that accepts what every part accepts. The first part wins where only one can be kept (annotations).

    A property that several parts have becomes an ``allOf`` of theirs, to be merged when it is read.
    Raises :class:`ContradictionError`.
    """
    merged: JsonObject = {}
    properties: dict[str, Pointer] = {}
    for part in parts:
        for keyword, value in part.node.items():
            if keyword not in merged:
                merged[keyword] = value
            elif not is_annotation(keyword):
                merged[keyword] = _join(keyword, merged[keyword], value)
        for name, pointer in part.properties.items():
            properties.setdefault(name, pointer)
    return Part(merged, parts[0].pointer, properties)


def _join(keyword: str, first: Json, second: Json) -> Json:
    if first == second:
        return first
    if keyword == "properties":
        both = {name: {"allOf": [first[name], second[name]]} for name in first if name in second}
        return {**first, **second, **both}
    if keyword == "required":
        return [*first, *(name for name in second if name not in first)]
    if keyword in _TIGHTEN:
        return _TIGHTEN[keyword](first, second)
    if keyword == "enum":
        return _common("enum", first, second)
    if keyword == "type":
        kinds = _common("type", _kinds(first, beside=second), _kinds(second, beside=first))
        return kinds[0] if len(kinds) == 1 else kinds
    if keyword in ("additionalProperties", "items"):
        return _both_schemas(first, second)
    if keyword in ("anyOf", "oneOf"):
        raise ContradictionError(f"two `{keyword}` in one `allOf` have no single Python type")
    return first


def _kinds(value: Json, *, beside: Json) -> list[Json]:
    """The types as a list; a number beside an integer is an integer."""
    kinds = value if is_array(value) else [value]
    others = beside if is_array(beside) else [beside]
    narrow = "integer" in others and "number" not in others
    return ["integer" if kind == "number" and narrow else kind for kind in kinds]


def _common(keyword: str, first: list[Json], second: list[Json]) -> list[Json]:
    common = [value for value in first if value in second]
    if not common:
        raise ContradictionError(f"the parts of this `allOf` have no common `{keyword}`")
    return common


def _both_schemas(first: Json, second: Json) -> Json:
    if first is False or second is False:
        return False
    if first is True or first == {}:
        return second
    if second is True or second == {}:
        return first
    return {"allOf": [first, second]}
