"""Overlays that would take all memory or all time are refused, in a second or few."""

from __future__ import annotations

import pytest

from generator.errors import SpecloomError
from generator.tree import Json, JsonObject
from tests.overlay.applying import applied

DOCUMENT: JsonObject = {"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": {}, "x": {}, "l": [1, 2]}


def update(target: str, value: Json) -> JsonObject:
    return {"target": target, "update": value}


CASES: dict[str, tuple[str, list[JsonObject]]] = {
    "copies of copies": (
        "overlay-size",
        [{"target": "$.l", "copy": "$.l", "description": str(index)} for index in range(30)],
    ),
    "updates of many places": (
        "overlay-size",
        [
            update("$.paths", {str(key): {} for key in range(2000)}),
            update("$.paths.*", {str(key): 1 for key in range(2000)}),
        ],
    ),
    "levels": ("nesting", [update("$.x" + ".a" * level, {"a": {}}) for level in range(250)]),
    "a long query": ("overlay-path", [update("$" + ".a" * 100_000, {})]),
    "many segments": ("overlay-size", [update("$" + "..a" * 3_000, {})]),
    "filters in filters": ("overlay-path", [update("$" + "[?@" * 2_000 + ".a" + "]" * 2_000, {})]),
    "descents in descents": ("overlay-size", [update("$" + "..[?$" * 8 + "..*" + "]" * 8, {})]),
    "a node many times": ("overlay-size", [update("$.deep" + "['x','x']" * 40, {})]),
    "a pattern that backtracks": ("overlay-target", [update(f"$[?match(@.title, '({'a|' * 20}a)*b')]", {})]),
}


@pytest.mark.parametrize("name", CASES)
def test_what_multiplies_is_refused(name: str) -> None:
    code, actions = CASES[name]
    overlay = {"overlay": "1.1.0", "info": {"title": "a", "version": "1"}, "actions": actions}
    deep: Json = {}
    for _ in range(40):
        deep = {"x": deep}
    document = {**DOCUMENT, "deep": deep, "info": {"title": "a" * 5_000, "version": "1"}}
    with pytest.raises(SpecloomError) as raised:
        applied(document, overlay)
    assert code in {item.code for item in raised.value.diagnostics}
