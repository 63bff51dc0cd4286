"""When two nodes of several pages say the same: to the letter, or but for their wording."""

from __future__ import annotations

import json

from generator.openapi import FREE, SHAPES, Kind, children
from generator.tree import Json, Pointer, is_array, is_object

_WORDING = frozenset(["description", "summary", "title", "example", "examples", "externalDocs"])
_SETS = ("required", "enum")
"""Lists of a schema whose order says nothing."""


def exactly(node: Json) -> str:
    """The node as a text that equal nodes share, whatever the order of their keys."""
    return json.dumps(node, sort_keys=True)


def meaning(kind: Kind, node: Json) -> str:
    """The node as a text that it shares with every other that means the same.

    Descriptions, titles, examples and extensions say nothing of what is on the wire, and are left out.
    """
    return exactly(_bare(kind, node))


def first_difference(kind: Kind, one: Json, other: Json) -> Pointer:
    """The way to the first place in which two nodes that mean different things differ, by their sorted keys."""
    left, right = _bare(kind, one), _bare(kind, other)
    way: list[str | int] = []
    while True:
        if is_object(left) and is_object(right):
            keys: list[str | int] = sorted(left.keys() | right.keys())
            pairs = [(key, left.get(str(key)), right.get(str(key))) for key in keys]
        elif is_array(left) and is_array(right) and len(left) == len(right):
            pairs = [(index, *pair) for index, pair in enumerate(zip(left, right, strict=True))]
        else:
            return tuple(way)
        for key, left, right in pairs:
            if exactly(left) != exactly(right):
                way.append(key)
                break
        else:
            return tuple(way)


def _bare(kind: Kind, node: Json) -> Json:
    if is_array(node):
        if not kind.startswith("["):
            return node
        return [_bare(kind[1:-1], item) for item in node]
    if not is_object(node):
        return node
    has_fields = kind in SHAPES and kind not in FREE
    kept = {key: value for key, value in node.items() if not (has_fields and _is_wording(key))}
    for inner, value, (key,) in children(kind, kept):
        kept[str(key)] = _bare(inner, value)
    for key in _SETS if kind == "schema" else ():
        if is_array(kept.get(key)):
            kept[key] = sorted(kept[key], key=exactly)
    return kept


def _is_wording(key: str) -> bool:
    return key in _WORDING or key.startswith("x-")
