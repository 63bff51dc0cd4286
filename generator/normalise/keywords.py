"""The keywords of JSON Schema 2020-12 that assert something, and what may stand at each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Literal

from generator.tree import Json, is_array, is_object

TYPES = frozenset(["string", "integer", "number", "boolean", "array", "object", "null"])

PARTS: Mapping[str, Literal["schema", "list", "map"]] = {
    **dict.fromkeys(["not", "if", "then", "else", "items", "contains", "additionalProperties"], "schema"),
    **dict.fromkeys(["propertyNames", "unevaluatedItems", "unevaluatedProperties"], "schema"),
    **dict.fromkeys(["allOf", "anyOf", "oneOf", "prefixItems"], "list"),
    **dict.fromkeys(["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"], "map"),
}
"""The keywords that hold schemas (Core, section 10 and 8.2.4), and how."""


def _is_type(value: Json) -> bool:
    if is_array(value):
        return bool(value) and all(isinstance(item, str) and item in TYPES for item in value) and _are_unlike(value)
    return isinstance(value, str) and value in TYPES


def _is_number(value: Json) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and (isinstance(value, int) or isfinite(value))
    )


def _is_size(value: Json) -> bool:
    return _is_number(value) and value >= 0 and value == int(value)


def _is_step(value: Json) -> bool:
    return _is_number(value) and value > 0


def _are_names(value: Json) -> bool:
    return is_array(value) and all(isinstance(item, str) for item in value) and _are_unlike(value)


def _are_unlike(values: list[str]) -> bool:
    return len(set(values)) == len(values)


def _are_lists_of_names(value: Json) -> bool:
    return is_object(value) and all(map(_are_names, value.values()))


def _are_values(value: Json) -> bool:
    return is_array(value) and bool(value)


def _is_flag(value: Json) -> bool:
    return isinstance(value, bool)


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _is_anything(value: Json) -> bool:
    return True


VALUES: Mapping[str, Callable[[Json], bool]] = {
    # Validation, section 6.
    "type": _is_type,
    "enum": _are_values,
    "const": _is_anything,
    **dict.fromkeys(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"], _is_number),
    **dict.fromkeys(["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"], _is_size),
    **dict.fromkeys(["minContains", "maxContains"], _is_size),
    "multipleOf": _is_step,
    "uniqueItems": _is_flag,
    "required": _are_names,
    "dependentRequired": _are_lists_of_names,
    "pattern": _is_text,
    # An annotation, by which types tell dates and the like.
    "format": _is_text,
}
"""The keywords that hold values, and whether a value may stand there."""
