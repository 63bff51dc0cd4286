"""Two documents to the overlay between them, and back: applied, it gives exactly the second one."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.load import load
from generator.overlay.compare import compare, same
from generator.plain_yaml import as_yaml
from generator.tree import Json, JsonObject
from tests.overlay.applying import applied

KEYS = st.one_of(
    st.sampled_from(["a", "b", "name", "$ref", "/it's", "x-y", "200", "", "ü", 'q"\\', "a b", "\n", "null", "on"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
)
PRIMITIVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(allow_nan=False, allow_infinity=False, width=16),
    st.sampled_from(
        ["", "a", "b", "on", "1.0", "0o7", "1e3", "a: b", "- a", "# a", "a\nb\n", " a\n\nb", "a \nb", "~", "a\n\n"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
VALUES = st.recursive(
    PRIMITIVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=5)


@st.composite
def edited(draw: st.DrawFn, value: Json) -> Json:
    """A value with some of its parts left out, changed, added or reordered."""
    if isinstance(value, dict):
        kept = {key: draw(edited(inner)) for key, inner in value.items() if draw(st.integers(0, 5))}
        return kept | (draw(st.dictionaries(KEYS, VALUES, max_size=1)))
    if isinstance(value, list):
        kept = [draw(edited(inner)) for inner in value if draw(st.integers(0, 4))]
        return kept + draw(st.lists(VALUES, max_size=1))
    return value if draw(st.integers(0, 3)) else draw(VALUES)


PAIRS = DOCUMENTS.flatmap(lambda old: st.tuples(st.just(old), edited(old) | DOCUMENTS))


def turned(old: JsonObject, overlay: JsonObject, version: str) -> Json:
    return applied(old, as_yaml({**overlay, "overlay": version}))


@given(PAIRS)
@settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_compare_gives_turns_one_document_into_the_other(pair: tuple[JsonObject, JsonObject]) -> None:
    old, new = pair
    before = json.dumps(old)
    overlay = compare(old, new)
    if overlay is None:
        assert same(old, new)
        return
    for version in ("1.0.0", "1.1.0"):
        assert same(turned(old, overlay, version), new)
    assert json.dumps(old) == before


@given(DOCUMENTS)
@settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_text_of_an_overlay_is_read_as_what_was_as_yaml(tree: JsonObject) -> None:
    if tree:
        assert same(load(as_yaml(tree).encode(), name="a.yaml").root, tree)


def test_equal_documents_need_no_overlay() -> None:
    assert compare({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}) is None


@pytest.mark.parametrize(("old", "new"), [(1, True), (1, 1.0), (0, False), (None, False), ({}, []), ("1", 1)])
def test_values_that_python_takes_for_equal_differ(old: Json, new: Json) -> None:
    overlay = compare({"a": old}, {"a": new})
    assert overlay is not None
    assert same(turned({"a": old}, overlay, "1.1.0"), {"a": new})


OLD: JsonObject = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "tags": [{"name": "a"}, {"name": "b"}],
    "paths": {
        "/x": {
            "get": {
                "summary": "Get",
                "tags": ["a", "b"],
                "parameters": [{"name": "q", "in": "query"}, {"name": "r", "in": "query", "required": True}],
                "responses": {"200": {"description": "ok"}},
            }
        }
    },
    "components": {"schemas": {"A": {"type": "string"}, "B": {"type": "object", "properties": {"a": {}}}}},
}


def changed(change: str) -> list[Json]:
    new = json.loads(json.dumps(OLD))
    exec(change, {"new": new, "get": new["paths"]["/x"]["get"], "schemas": new["components"]["schemas"]})
    overlay = compare(OLD, new)
    assert overlay is not None
    assert same(turned(OLD, overlay, overlay["overlay"]), new)
    return overlay["actions"]


@pytest.mark.parametrize(
    ("change", "actions"),
    [
        ("new['info']['title'] = 'Store'", [{"target": "$.info", "update": {"title": "Store"}}]),
        ("del get['summary']", [{"target": "$.paths['/x'].get.summary", "remove": True}]),
        ("get['tags'].append('c')", [{"target": "$.paths['/x'].get", "update": {"tags": ["c"]}}]),
        ("get['tags'].remove('a')", [{"target": "$.paths['/x'].get.tags[?@ == 'a']", "remove": True}]),
        (
            "del get['parameters'][0]",
            [{"target": "$.paths['/x'].get.parameters[?@.name == 'q']", "remove": True}],
        ),
        (
            "get['parameters'][1]['required'] = False",
            [{"target": "$.paths['/x'].get.parameters[?@.name == 'r']", "update": {"required": False}}],
        ),
        (
            "get['summary'] = 'G'; get['responses']['200']['content'] = {}",
            [{"target": "$.paths['/x'].get", "update": {"summary": "G", "responses": {"200": {"content": {}}}}}],
        ),
        (
            "schemas['A']['type'] = ['string', 'null']",
            [
                {"target": "$.components.schemas.A.type", "remove": True},
                {"target": "$.components.schemas.A", "update": {"type": ["string", "null"]}},
            ],
        ),
        (
            "schemas['A']['type'] = 'integer'; schemas['B']['properties']['b'] = None",
            [
                {"target": "$.components.schemas.A", "update": {"type": "integer"}},
                {"target": "$.components.schemas.B.properties", "update": {"b": None}},
            ],
        ),
        ("new['x-a'] = {}", [{"target": "$", "update": {"x-a": {}}}]),
        (
            "new['tags'].reverse()",
            [
                {"target": "$.tags[0]", "update": {"name": "b"}},
                {"target": "$.tags[1]", "update": {"name": "a"}},
            ],
        ),
        (
            "del new['paths']['/x']; new['paths'][\"/it's\"] = {}",
            [{"target": "$.paths['/x']", "remove": True}, {"target": "$.paths", "update": {"/it's": {}}}],
        ),
    ],
)
def test_actions_are_few_and_stand_where_the_change_is(change: str, actions: list[Json]) -> None:
    assert changed(change) == actions


def test_an_overlay_is_of_version_1_0_unless_it_removes_what_1_0_cannot_target() -> None:
    for new, version in (({"a": 2}, "1.0.0"), ({}, "1.1.0")):
        overlay = compare({"a": 1}, new)
        assert overlay is not None
        assert overlay["overlay"] == version
