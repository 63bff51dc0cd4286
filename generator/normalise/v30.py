"""OpenAPI 3.0: its Schema Object is JSON Schema draft 5 with changes (OpenAPI 3.0.3, section 4.7.24)."""

from __future__ import annotations

from generator.bundle import Bundle
from generator.tree import JsonObject, is_array

NAME = "3.0"

_BESIDE_REFERENCES = ("$ref", "description", "default", "deprecated", "readOnly", "writeOnly", "example", "x-nullable")


def matches(tree: JsonObject) -> bool:
    """Whether the document says that it is OpenAPI 3.0."""
    return str(tree.get("openapi", "")).startswith("3.0")


def convert(bundle: Bundle) -> Bundle:
    """The document as it is."""
    return bundle


def upconvert(schema: JsonObject) -> JsonObject:
    """The schema in 3.1 words: null is a type, exclusive bounds are numbers, a reference stands alone.

    Keys that have another place in 3.1 move within the schema only, so pointers into it stay true.
    """
    if "$ref" in schema:
        # 3.0.3, section 4.7.23: siblings of a reference are ignored. Those that speak of the property rather than of the
        # schema are kept, since people write them there for it; and null, which they mean as well.
        kept = {key: value for key, value in schema.items() if key in (*_BESIDE_REFERENCES, "nullable")}
        return listed_example(nullable_as_null(kept))
    return listed_example(exclusive_bounds(nullable_as_null(schema)))


def listed_example(schema: JsonObject) -> JsonObject:
    """``example`` said in 3.1 words: it is the first of the ``examples`` (OpenAPI 3.1.0, section 4.8.24)."""
    if "example" not in schema:
        return schema
    others = schema.get("examples")
    listed = [schema["example"], *(others if is_array(others) else [])]
    return {**{key: value for key, value in schema.items() if key != "example"}, "examples": listed}


def exclusive_bounds(schema: JsonObject) -> JsonObject:
    """``exclusiveMinimum: true`` beside ``minimum`` said in 3.1 words: it is the bound itself."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), bool):
            schema = {**schema}
            if schema.pop(exclusive) and bound in schema:
                schema[exclusive] = schema.pop(bound)
    return schema


def nullable_as_null(schema: JsonObject) -> JsonObject:
    """``nullable: true`` said in 3.1 words: ``null`` joins the types and the enum."""
    if "nullable" not in schema:
        return schema
    converted = {key: value for key, value in schema.items() if key != "nullable"}
    if schema["nullable"] is not True:
        return converted
    if is_array(converted.get("enum")) and None not in converted["enum"]:
        converted["enum"] = [*converted["enum"], None]
    kind = converted.get("type")
    if kind is not None:
        kinds = kind if is_array(kind) else [kind]
        converted["type"] = kinds if "null" in kinds else [*kinds, "null"]
        return converted
    if "enum" in converted:
        return converted
    # A reference or a combination: the note goes on and the stage that reads combinations makes it a union.
    return {**converted, "x-nullable": True}
