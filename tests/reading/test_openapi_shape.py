"""The table of which object stands where."""

from __future__ import annotations

from generator.openapi import COMPONENT_SECTION, SHAPES, SWAGGER_SECTION, children, is_reference
from generator.tree import Json, JsonObject


def kinds(kind: str, node: Json) -> list[tuple[str, str]]:
    return [(inner, str(pointer[-1])) for inner, _, pointer in children(kind, node, ("x",))]


def test_every_kind_of_the_table_has_a_shape() -> None:
    named = {kind.strip("{}[]") for shape in SHAPES.values() for kind in shape.values()}
    assert named <= set(SHAPES)
    assert {*COMPONENT_SECTION, *SWAGGER_SECTION} <= set(SHAPES)


def test_sections_hold_the_kind_that_they_are_named_for() -> None:
    for kind, section in COMPONENT_SECTION.items():
        assert SHAPES["components"][section] == f"{{{kind}}}"
    for kind, section in SWAGGER_SECTION.items():
        assert SHAPES["document"][section] == f"{{{kind}}}"


def test_data_is_not_walked() -> None:
    schema: JsonObject = {
        "default": {},
        "enum": [{}],
        "const": {},
        "example": {},
        "examples": [{}],
        "x-a": {},
        "required": [],
    }
    assert kinds("schema", schema) == []
    assert kinds("mediaType", {"example": {}, "x-a": {}, "schema": {}}) == [("schema", "schema")]
    assert kinds("example", {"value": {}}) == []


def test_names_in_a_mapping_are_no_keywords() -> None:
    assert kinds("{schema}", {"default": {}, "x-a": {}, "$ref": {}}) == [
        ("schema", "default"),
        ("schema", "x-a"),
        ("schema", "$ref"),
    ]
    assert not is_reference({"$ref": {"type": "string"}})
    assert is_reference({"$ref": "a.yaml"})


def test_free_keys_are_all_but_extensions() -> None:
    assert kinds("paths", {"/a": {}, "x-a": {}}) == [("pathItem", "/a")]
    assert kinds("responses", {"200": {}, "default": {}, "x-a": {}}) == [
        ("response", "200"),
        ("response", "default"),
    ]


def test_a_list_of_items_is_a_list_of_schemas() -> None:
    assert kinds("schema", {"items": [{}]}) == [("[schema]", "items")]
    assert list(children("[schema]", [True, {}], ())) == [("schema", True, (0,)), ("schema", {}, (1,))]


def test_values_of_a_wrong_type_are_no_reason_to_fail() -> None:
    nodes: list[Json] = [None, 1, "text", [], {"properties": 1, "get": [], "responses": None}]
    for kind in SHAPES:
        for node in nodes:
            list(children(kind, node))
            list(children(f"{{{kind}}}", node))
            list(children(f"[{kind}]", node))
