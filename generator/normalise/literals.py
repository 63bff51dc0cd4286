"""``enum`` and ``const``: which values stand for themselves, and which can only be said by their type."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from generator.tree import Json, JsonObject, is_array

from .values import distinct, kind_of, same

Warn: TypeAlias = Callable[[str, str, str], None]
"""Takes a code, the keyword, and a message."""


def literals_of(node: JsonObject, warn: Warn) -> list[Json] | None:
    """The values but null that ``enum`` and ``const`` of a schema leave; None if they leave all of its type.

    Values that stand beside another type are read as that type where they can be: ``type: string`` with ``enum: [1]``
    is what YAML makes of ``[1]`` without quotes.
    """
    values: list[Json] | None = None
    if is_array(node.get("enum")):
        if node["enum"]:
            values = node["enum"]
        else:
            warn("empty-enum", "enum", "`enum` has no values: it is left out")
    if "const" in node:
        const = node["const"]
        values = [const] if values is None or any(same(const, value) for value in values) else []
    if values is None:
        return None
    values = distinct(value for value in values if value is not None)
    kinds = node.get("type")
    if kinds is None or not values:
        return values
    kinds = kinds if is_array(kinds) else [kinds]
    read = distinct(value for value in (_as_one_of(value, kinds) for value in values) if value is not None)
    keyword = "enum" if "enum" in node else "const"
    if not read and kinds != ["null"]:
        warn("enum-type", keyword, f"no value here is of the type beside: the `{keyword}` is left out")
        return None
    if len(read) < len(values) or not all(map(_alike, read, values)):
        warn("enum-type", keyword, "values here are not of the type beside: they are read as values of that type")
    return read


def _alike(first: Json, second: Json) -> bool:
    return first == second and isinstance(first, bool) == isinstance(second, bool)


def of_kinds(values: list[Json], kinds: list[str]) -> list[Json]:
    """The values that are of one of the types."""
    return [value for value in values if _is_of(value, kinds)]


def _is_of(value: Json, kinds: list[str]) -> bool:
    kind = kind_of(value)
    return kind in kinds or (kind == "integer" and "number" in kinds)


def _as_one_of(value: Json, kinds: list[str]) -> Json:
    """The value if it is of one of the types, or what it says in one of them; None if it says nothing there."""
    if _is_of(value, kinds):
        return value
    if isinstance(value, float) and value.is_integer() and "integer" in kinds:
        return int(value)
    if "string" in kinds and isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(value, str):
        if "boolean" in kinds and value in ("true", "false"):
            return value == "true"
        for kind, read in (("integer", int), ("number", float)):
            if kind in kinds:
                try:
                    return read(value)
                except ValueError:
                    continue
    return None


def stands_for_itself(value: Json) -> bool:
    """Whether Python has a ``Literal`` for the value."""
    return isinstance(value, str | int)
