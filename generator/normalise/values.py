"""Small questions about canonical schemas and the values in them."""

from __future__ import annotations

from functools import cache

from pydantic_core import SchemaError, SchemaValidator, core_schema

from generator.bundle import Provenance
from generator.codes import level_of
from generator.errors import Diagnostic
from generator.names import class_name
from generator.tree import Json, JsonObject, Pointer, is_array, is_object

KEPT = ("description", "default", "deprecated", "readOnly", "writeOnly")
"""Notes on a schema that stay with the place where it is used."""


class Tally:
    """Findings that a document may repeat a thousand times: each is told once, at its first place, with a count."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], list[Pointer]] = {}

    def note(self, code: str, message: str, pointer: Pointer) -> None:
        """Counts one place of the finding; ``pointer`` is that of a key."""
        self._places.setdefault((code, message), []).append(pointer)

    def warnings(self, provenance: Provenance) -> list[Diagnostic]:
        """One diagnostic for each finding, in the order in which they came up."""
        return [
            Diagnostic(
                level_of(code),
                code,
                message if len(places) == 1 else f"{message} ({len(places)} places, the first one is here)",
                provenance.locate(places[0], key=True),
            )
            for (code, message), places in self._places.items()
        ]


def fits(value: Json, schema: JsonObject, schemas: JsonObject) -> bool:
    """Whether a default fits its canonical schema; ``schemas`` are the classes and aliases known so far."""
    if "$ref" in schema:
        named = schemas.get(schema["$ref"].rpartition("/")[2], {})
        return "properties" not in named and bool(named) and fits(value, named, schemas)
    if "anyOf" in schema:
        return any(fits(value, member, schemas) for member in schema["anyOf"])
    if "enum" in schema:
        return any(value == other and type(value) is type(other) for other in schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        return is_array(value) and all(fits(item, schema["items"], schemas) for item in value)
    if kind == "object":
        return value == {}
    if kind == "number" and kind_of(value) == "integer":
        return True
    return kind is None or (kind_of(value) == kind and "format" not in schema)


def is_class(node: JsonObject) -> bool:
    """Whether a merged schema is an object with a shape of its own."""
    kinds = node.get("type", "object")
    has_shape = bool(node.get("properties")) or node.get("additionalProperties") is False
    is_one = kinds == "object" or (is_array(kinds) and set(kinds) == {"object", "null"})
    return has_shape and is_one and not any(key in node for key in ("enum", "const", "oneOf", "anyOf"))


def reference(name: str) -> str:
    """The ``$ref`` to a class."""
    return f"#/components/schemas/{name}"


def hint_of(pointer: Pointer) -> str:
    """What to name a class after that stands at ``pointer``."""
    return " ".join(str(token) for token in pointer if token not in ("components", "schemas", "properties"))


def member_name(member: Json, hint: str) -> str:
    """What to call an inline member of the union ``hint``: by its title, the class it builds on, its tag, or its type.

    Empty where nothing tells it from the others.
    """
    if not is_object(member):
        return ""
    title = member.get("title")
    if isinstance(title, str) and title:
        return class_name(title)
    for link in (member, *(part for part in member.get("allOf", []) if is_object(part))):
        if isinstance(link.get("$ref"), str):
            return hint + class_name(link["$ref"].rpartition("/")[2])
    for schema in member.get("properties", {}).values():
        if is_object(schema):
            values = [schema["const"]] if "const" in schema else schema.get("enum", [])
            if len(values) == 1 and isinstance(values[0], str):
                return hint + class_name(values[0])
    kind = member.get("type")
    return hint + class_name(kind) if isinstance(kind, str) and kind != "object" else ""


def nullable(schema: JsonObject) -> JsonObject:
    """The schema or null, with the notes outside."""
    kept = {key: value for key, value in schema.items() if key in KEPT}
    bare = {key: value for key, value in schema.items() if key not in KEPT}
    members = bare.get("anyOf", [bare])
    null = {"type": "null"}
    if bare == null:
        return schema
    return {"anyOf": [*(member for member in members if member != null), null], **kept} if bare else schema


def kind_of(value: Json) -> str:
    """The JSON Schema type of a value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


@cache
def compiles(pattern: str) -> bool:
    """Whether the engine behind pydantic's ``pattern`` takes it: it has no look-around and no back-references."""
    try:
        SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError:
        return False
    return True
