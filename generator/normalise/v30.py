"""OpenAPI 3.0: its Schema Object is JSON Schema draft 5 with changes (OpenAPI 3.0.3, section 4.7.24)."""

from __future__ import annotations

from generator.bundle import Bundle
from generator.tree import JsonObject, is_array

NAME = "3.0"


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
        # 3.0.3, section 4.7.23: siblings of a reference are ignored. A description is kept, since people write
        # it there for the property, and it changes no meaning.
        return {key: value for key, value in schema.items() if key in ("$ref", "description", "nullable")}
    converted = nullable_as_null(schema)
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(converted.get(exclusive), bool):
            converted = {**converted}
            if converted.pop(exclusive) and bound in converted:
                converted[exclusive] = converted.pop(bound)
    return {key: value for key, value in converted.items() if key != "example"}


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
