"""Small questions about canonical schemas and the values in them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import cache

from pydantic_core import SchemaError, SchemaValidator, core_schema

from generator.bundle import Provenance
from generator.codes import level_of
from generator.errors import Diagnostic
from generator.tree import Json, JsonObject, Pointer, is_array, is_object

KEPT = ("description", "default", "deprecated", "readOnly", "writeOnly", "examples")
"""Notes on a schema that stay with the place where it is used."""

ANNOTATIONS = frozenset(
    [*KEPT, "title", "example", "externalDocs", "xml", "discriminator", "contentSchema", "definitions"]
    + ["$comment", "$schema", "$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$defs", "$vocabulary"]
)
NULL: JsonObject = {"type": "null"}
NOTHING: JsonObject = {"not": {}}
WIDTHS = {"int32": 2**31, "int64": 2**63}
"""The formats of integers that are not as wide as one likes, and the first number that is too large."""


class ContradictionError(Exception):
    """No value fits, and the message says why. ``meant`` tells that the document says so in one word (``false``)."""

    def __init__(self, message: str, *, meant: bool = False) -> None:
        super().__init__(message)
        self.meant = meant


class Tally:
    """Findings that a document may repeat a thousand times: each is told once, at its first place, with a count."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], dict[Pointer, None]] = {}

    def note(self, code: str, message: str, pointer: Pointer) -> None:
        """Counts one place of the finding; ``pointer`` is that of a key. A place that was told before counts once."""
        self._places.setdefault((code, message), {})[pointer] = None

    def warnings(self, provenance: Provenance) -> list[Diagnostic]:
        """One diagnostic for each finding, in the order in which they came up."""
        return [
            Diagnostic(
                level_of(code),
                code,
                message if len(places) == 1 else f"{message} ({len(places)} places, the first one is here)",
                provenance.locate(next(iter(places)), key=True),
            )
            for (code, message), places in self._places.items()
        ]


def is_annotation(keyword: str) -> bool:
    """Whether the keyword says nothing about which values are valid."""
    return keyword in ANNOTATIONS or keyword.startswith("x-")


def same(first: Json, second: Json) -> bool:
    """Whether two values are one JSON value; to Python, ``True == 1`` and ``1 == 1.0`` as well."""
    return first == second and kind_of(first) == kind_of(second)


def distinct(values: Iterable[Json]) -> list[Json]:
    """The values without those that came before."""
    found: dict[Hashable, Json] = {}
    for value in values:
        found.setdefault(identity(value), value)
    return list(found.values())


def identity(value: Json) -> Hashable:
    """What two values have in common if they are the :func:`same`, so that many can be compared at once."""
    return kind_of(value), _hashable(value)


def _hashable(value: Json) -> Hashable:
    if is_array(value):
        return tuple(map(_hashable, value))
    if is_object(value):
        return frozenset((key, _hashable(inner)) for key, inner in value.items())
    return value


def fits(value: Json, schema: JsonObject, schemas: JsonObject) -> bool:
    """Whether a default fits its canonical schema; ``schemas`` are all classes and aliases.

    No default stands for an object with properties: there is no literal for one.
    """
    if "$ref" in schema:
        named = schemas[schema["$ref"].rpartition("/")[2]]
        return "properties" not in named and bool(named) and fits(value, named, schemas)
    if "anyOf" in schema:
        return any(fits(value, member, schemas) for member in schema["anyOf"])
    if "enum" in schema:
        return any(same(value, other) for other in schema["enum"])
    kind = schema.get("type")
    if kind is None:
        return "not" not in schema
    if kind == "array":
        return is_array(value) and _in_bounds(value, schema) and all(fits(v, schema["items"], schemas) for v in value)
    if kind == "object":
        return value == {} and is_object(value)
    found = kind_of(value)
    if found != kind and (kind, found) != ("number", "integer"):
        return False
    if kind == "integer" and "format" in schema and not fits_width(int(value), schema["format"]):
        return False
    return (kind == "integer" or "format" not in schema) and _in_bounds(value, schema)


def fits_width(value: int, format_: str) -> bool:
    """Whether a whole number fits the format (OpenAPI 3.1.0, 4.4)."""
    return -WIDTHS[format_] <= value < WIDTHS[format_]


def _in_bounds(value: Json, schema: JsonObject) -> bool:
    """Whether a string, number or array is within its limits. Patterns and multiples are taken on trust."""
    if isinstance(value, str) or is_array(value):
        size, what = len(value), "Length" if isinstance(value, str) else "Items"
        low, high = f"min{what}", f"max{what}"
        return schema.get(low, 0) <= size <= schema.get(high, size)
    if not isinstance(value, int | float):
        return True
    return (
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
        and ("exclusiveMinimum" not in schema or value > schema["exclusiveMinimum"])
        and ("exclusiveMaximum" not in schema or value < schema["exclusiveMaximum"])
    )


def reference(name: str) -> str:
    """The ``$ref`` to a class."""
    return f"#/components/schemas/{name}"


def joined(schemas: Iterable[JsonObject]) -> JsonObject:
    """The union of canonical schemas without notes: no union in it, no member twice, literals together, null last."""
    members: list[JsonObject] = []
    known: set[Hashable] = set()
    literals: list[Json] | None = None
    null = False
    for schema in schemas:
        for member in schema.get("anyOf", [schema]):
            if member == {}:
                return {}
            if member == NULL:
                null = True
            elif "enum" in member:
                if literals is None:
                    literals = []
                    members.append({"enum": literals})
                literals += member["enum"]
            elif member != NOTHING and identity(member) not in known:
                known.add(identity(member))
                members.append(member)
    if literals is not None:
        literals[:] = distinct(literals)
    members += [NULL] if null else []
    if len(members) < 2:
        return members[0] if members else NOTHING
    return {"anyOf": members}


def nullable(schema: JsonObject) -> JsonObject:
    """The schema or null, with the notes outside."""
    noted = {key: value for key, value in schema.items() if key in KEPT}
    bare = {key: value for key, value in schema.items() if key not in (*KEPT, "discriminator")}
    with_null = joined([bare, NULL])
    if "discriminator" in schema and "anyOf" in with_null:
        with_null["discriminator"] = schema["discriminator"]
    return {**with_null, **noted}


def without_notes(schema: JsonObject) -> JsonObject:
    """The schema without what is said of the place where it is used."""
    return {key: value for key, value in schema.items() if key not in KEPT}


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
