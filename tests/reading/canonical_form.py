"""The form of canonical schemas, as :class:`generator.normalise.canonical.Canonical` promises it to later stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pydantic_core import SchemaError, SchemaValidator, core_schema

from generator.normalise import Canonical
from generator.normalise.values import fits
from generator.tree import Json, JsonObject, is_array, is_object

NOTES = {"description", "default", "deprecated", "readOnly", "writeOnly", "examples"}
FORMATS = {"date-time", "date", "uuid", "binary"}
LIMITS = {
    "string": {"minLength": "min_length", "maxLength": "max_length", "pattern": "pattern"},
    "integer": {"minimum": "ge", "maximum": "le", "exclusiveMinimum": "gt", "exclusiveMaximum": "lt", "multipleOf": "multiple_of"},
    "number": {"minimum": "ge", "maximum": "le", "exclusiveMinimum": "gt", "exclusiveMaximum": "lt", "multipleOf": "multiple_of"},
    "boolean": {},
    "null": {},
    "array": {"minItems": "min_length", "maxItems": "max_length"},
}  # fmt: skip
SCHEMAS: dict[str, Callable[..., core_schema.CoreSchema]] = {
    "string": core_schema.str_schema,
    "integer": core_schema.int_schema,
    "number": core_schema.float_schema,
    "array": core_schema.list_schema,
}


def problems(canonical: Canonical) -> list[str]:
    """What is not as promised, each with its place."""
    return list(_Checker(canonical.schemas, canonical).all(canonical.tree))


class _Checker:
    def __init__(self, schemas: JsonObject, canonical: Canonical) -> None:
        self._schemas = schemas
        self._attributes = canonical.field_names

    def all(self, tree: JsonObject) -> Iterator[str]:
        for name, schema in self._schemas.items():
            if not name.isidentifier():
                yield f"{name} is no identifier"
            if "properties" in schema:
                yield from self._class(schema, name)
            else:
                yield from self._place(schema, name)
                if self._leads_back(name):
                    yield f"{name} is nothing but itself"
        for path, item in tree["paths"].items():
            for method, operation in item.items() if "$ref" not in item else ():
                for at, schema in _used(operation):
                    yield from self._place(schema, f"{method} {path} {at}")

    def _class(self, schema: JsonObject, at: str) -> Iterator[str]:
        if extra := schema.keys() - {
            "type",
            "properties",
            "required",
            "additionalProperties",
            "description",
            "examples",
        }:
            yield f"{at} has {extra}"
        if schema.get("type") != "object":
            yield f"{at} has properties and is no object"
        if not set(schema.get("required", ())) <= schema["properties"].keys() or schema.get("required") == []:
            yield f"{at} requires {schema['required']}"
        more: Json = schema.get("additionalProperties")
        if more is not None and more is not False:
            if more in (True, {}, {"not": {}}):
                yield f"{at} says {more} of more properties"
            else:
                yield from self._schema(more, f"{at}.*", limited=False)
        for key, value in schema["properties"].items():
            yield from self._place(value, f"{at}.{key}")

    def _place(self, schema: JsonObject, at: str) -> Iterator[str]:
        """A schema where it is used: with notes, and limits."""
        for key in ("deprecated", "readOnly", "writeOnly"):
            if key in schema and schema[key] is not True:
                yield f"{at} says {key}: {schema[key]}"
        if "description" in schema and not (isinstance(schema["description"], str) and schema["description"].strip()):
            yield f"{at} has an empty description"
        if schema.get("examples") == []:
            yield f"{at} has no examples to show"
        if "default" in schema and not fits(schema["default"], schema, self._schemas):
            yield f"{at} has the default {schema['default']!r}"
        yield from self._schema({key: value for key, value in schema.items() if key not in NOTES}, at, limited=True)

    def _schema(self, schema: JsonObject, at: str, *, limited: bool) -> Iterator[str]:
        match schema:
            case {"$ref": str(target), **rest} if not rest:
                if (
                    target.rpartition("/")[0] != "#/components/schemas"
                    or target.rpartition("/")[2] not in self._schemas
                ):
                    yield f"{at} refers to {target}"
            case {"not": nothing, **rest} if nothing == {} and not rest:
                pass
            case {"enum": values, **rest} if not rest:
                if not values or not all(isinstance(value, str | int) for value in values):
                    yield f"{at} has the enum {values}"
            case {"anyOf": members, **rest} if rest.keys() <= {"discriminator"}:
                yield from self._union(members, at, limited=limited)
                if "discriminator" in rest:
                    yield from self._tag(members, rest["discriminator"], at)
            case {"type": "array", "items": items, **rest}:
                yield from self._limits("array", rest, at, limited=limited)
                yield from self._schema(items, f"{at}[]", limited=False)
            case {"type": "object", "additionalProperties": values, **rest} if is_object(values) and not rest:
                yield from self._schema(values, f"{at}.*", limited=False)
            case {"type": "string", "format": format_, **rest} if not rest:
                if format_ not in FORMATS:
                    yield f"{at} has the format {format_}"
            case {"type": "integer", "format": "int32" | "int64", **rest}:
                yield from self._limits("integer", rest, at, limited=limited)
            case {"type": str(kind), **rest} if kind in LIMITS and kind != "array":
                yield from self._limits(kind, rest, at, limited=limited)
            case {**rest} if not rest:
                pass
            case _:
                yield f"{at} has no canonical form: {schema}"

    def _union(self, members: list[JsonObject], at: str, *, limited: bool) -> Iterator[str]:
        solid = [member for member in members if member != {"type": "null"}]
        if len(members) < 2 or len(solid) < len(members) - 1 or (len(solid) < len(members) and members[-1] in solid):
            yield f"{at} is a union of {members}"
        for index, member in enumerate(solid):
            if "anyOf" in member or member in ({}, {"not": {}}) or member in solid[:index]:
                yield f"{at} has the member {member}"
            yield from self._schema(member, f"{at}|{index}", limited=limited and len(solid) == 1)

    def _tag(self, members: list[JsonObject], key: str, at: str) -> Iterator[str]:
        """Pydantic's ``Field(discriminator=...)`` takes models whose field is a literal, each with values of its own."""
        seen: list[Json] = []
        attributes: set[str] = set()
        for member in members:
            if member == {"type": "null"}:
                continue
            name = member.get("$ref", "").rpartition("/")[2]
            schema = self._schemas.get(name, {})
            attributes.add(self._attributes.get(name, {}).get(key, key))
            values = schema.get("properties", {}).get(key, {}).get("enum", [])
            if not values or key not in schema.get("required", ()) or any(value in seen for value in values):
                yield f"{at} cannot tell {member} by {key}: {values}"
            seen += values
        if len(attributes) > 1:
            yield f"{at} calls {key} {attributes}"

    def _limits(self, kind: str, limits: JsonObject, at: str, *, limited: bool) -> Iterator[str]:
        if limits and not limited:
            yield f"{at} has limits where only a type can stand: {limits}"
        if unknown := limits.keys() - LIMITS[kind].keys():
            yield f"{at} has {unknown}"
            return
        if limits:
            words = {LIMITS[kind][key]: value for key, value in limits.items()}
            try:
                SchemaValidator(SCHEMAS[kind](**words))
            except SchemaError as problem:
                yield f"{at}: {problem}"

    def _leads_back(self, start: str) -> bool:
        seen, pending = set[str](), [start]
        while pending:
            schema = self._schemas.get(pending.pop(), {})
            for member in schema.get("anyOf", [schema]) if "properties" not in schema else ():
                name = member.get("$ref", "").rpartition("/")[2]
                if name == start:
                    return True
                if name and name not in seen:
                    seen.add(name)
                    pending.append(name)
        return False


def _used(node: Json, at: str = "") -> Iterator[tuple[str, JsonObject]]:
    """The schemas of an operation."""
    if is_array(node):
        for index, value in enumerate(node):
            yield from _used(value, f"{at}/{index}")
    elif is_object(node):
        for key, value in node.items():
            if key in ("schema", "itemSchema") and is_object(value):
                yield f"{at}/{key}", value
            elif key != "security":
                yield from _used(value, f"{at}/{key}")
