"""Whether Python types say all that a schema says, so that validating the types is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

from generator.tree import Json, JsonObject, is_array, is_object

from .keywords import TYPES
from .values import compiles, kind_of

Referred = Callable[[str], Json]
"""What a reference leads to; None for what no type can follow."""

_SILENT = frozenset(["$defs", "definitions", "$id", "$dynamicAnchor", "format"])
_OF_KIND = {
    "string": {"minLength", "maxLength", "pattern"},
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
    "array": {"items", "minItems", "maxItems"},
    "object": {"properties", "required", "additionalProperties"},
    "boolean": set[str](),
    "null": set[str](),
}
_MERGED = frozenset(
    [
        "type",
        "format",
        "minLength",
        "maxLength",
        "pattern",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
    ]
)
_NEUTRAL: JsonObject = {
    "uniqueItems": False, "minProperties": 0, "minItems": 0, "minLength": 0, "patternProperties": {},
    "additionalProperties": True, "unevaluatedProperties": True, "unevaluatedItems": True, "items": True,
    "dependentRequired": {}, "dependentSchemas": {},
}  # fmt: skip
_OWN_TYPE = frozenset(["date-time", "date", "uuid"])
_IMPLIED = {"properties": "object", "additionalProperties": "object", "items": "array"}


def typed(schema: Json, referred: Referred) -> bool:
    """Whether types refuse every value that the schema refuses. A converted schema: see :mod:`.exact`."""
    types = _Types(referred)
    pending, followed = [schema], set[str]()
    while pending:
        if not types.say_all(pending.pop()):
            return False
        pending += [referred(reference) for reference in types.found - followed]
        followed |= types.found
        types.found.clear()
    return True


class _Types:
    """What types say of schemas. References are noted in ``found``, and are for others to follow."""

    def __init__(self, referred: Referred) -> None:
        self._referred = referred
        self.found: set[str] = set()

    def say_all(self, node: Json) -> bool:
        if isinstance(node, bool):
            return True
        if not is_object(node):
            return False
        keys = _keywords(node)
        if "$ref" in keys:
            self.found.add(node["$ref"])
            return keys == {"$ref"}
        if "enum" in keys or "const" in keys:
            values = node["enum"] if "enum" in keys else [node["const"]]
            return len(keys - {"type"}) == 1 and all(_is_literal(value, sure="type" in keys) for value in values)
        if "anyOf" in keys:
            return keys == {"anyOf"} and all(map(self.say_all, node["anyOf"]))
        if "oneOf" in keys:
            return keys == {"oneOf"} and all(map(self.say_all, node["oneOf"])) and self._are_apart(node["oneOf"])
        if "allOf" in keys:
            return self._say_all_of_parts(node, keys)
        return self._say_all_of_type(node, keys)

    def _say_all_of_parts(self, node: JsonObject, keys: set[str]) -> bool:
        """Objects that are open become one class; of anything else, a conjunction can be more than a type says."""
        parts: list[Json] = node["allOf"]
        if len(parts) == 1 and keys == {"allOf"}:
            return self.say_all(parts[0])
        objects = self._open_objects(node)
        if objects is None:
            return False
        members: dict[str, list[Json]] = {}
        for part in objects:
            for name, member in part.get("properties", {}).items():
                members.setdefault(name, []).append(member)
        required = {name for part in objects for name in part.get("required", ())}
        return required <= members.keys() and all(map(self._say_all_together, members.values()))

    def _open_objects(self, node: Json) -> list[JsonObject] | None:
        """The objects that make up ``node``, if nothing else does."""
        found: list[JsonObject] = []
        pending, seen = [node], set[int]()
        while pending:
            node = self._behind(pending.pop())
            if not is_object(node):
                return None
            if id(node) in seen:
                continue
            seen.add(id(node))
            if not _keywords(node) <= {"type", "properties", "required", "allOf"}:
                return None
            if node.get("type", "object") != "object":
                return None
            found.append(node)
            pending += reversed(node.get("allOf", ()))
        return found

    def _say_all_together(self, schemas: list[Json]) -> bool:
        """Of one property: the schema, or several that set different limits, or are the same."""
        first, *others = schemas
        if all(schema == first for schema in others):
            return self.say_all(first)
        merged: JsonObject = {}
        for schema in schemas:
            if not is_object(schema):
                return False
            for key in schema.keys() & _MERGED:
                if merged.setdefault(key, schema[key]) != schema[key]:
                    return False
        return all(_keywords(schema) <= _MERGED for schema in schemas if is_object(schema)) and self.say_all(merged)

    def _say_all_of_type(self, node: JsonObject, keys: set[str]) -> bool:
        kinds = node.get("type", next((kind for key, kind in _IMPLIED.items() if key in keys), None))
        solid = [kind for kind in (kinds if is_array(kinds) else [kinds]) if kind != "null"]
        if kinds is None or len(solid) > 1:
            return keys <= {"type"}
        if not solid or not keys <= {"type", *_OF_KIND[solid[0]]}:
            return keys <= {"type"}
        properties: JsonObject = node.get("properties", {})
        inner = [node[key] for key in ("items", "additionalProperties") if key in node]
        if solid[0] == "string" and node.get("format") in _OWN_TYPE and keys != {"type"}:
            return False
        return (
            set(node.get("required", ())) <= properties.keys()
            and all(map(self.say_all, [*properties.values(), *inner]))
            and compiles(node.get("pattern", ""))
        )

    # -- exclusive members ------------------------------------------------------------------------------------------

    def _are_apart(self, members: list[Json]) -> bool:
        """Whether no value can fit two of the members: their types or the values of a property they need differ."""
        told = [(self._kinds(member), dict(self._tags(member, set()))) for member in members]
        return all(
            not kinds & others or any(not tags[name] & other_tags[name] for name in tags.keys() & other_tags.keys())
            for (kinds, tags), (others, other_tags) in combinations(told, 2)
        )

    def _kinds(self, node: Json) -> frozenset[str]:
        """The types that a value of the schema can have, whole numbers being numbers."""
        node = self._behind(node)
        found = TYPES - {"integer"}
        if not is_object(node):
            return found
        if "type" in node:
            kinds = node["type"] if is_array(node["type"]) else [node["type"]]
            found = frozenset("number" if kind == "integer" else kind for kind in kinds)
        elif node.keys() & _IMPLIED.keys():
            found = frozenset(kind for key, kind in _IMPLIED.items() if key in node)
        for values in (node.get("enum"), [node["const"]] if "const" in node else None):
            if values is not None:
                found &= {"number" if kind_of(value) == "integer" else kind_of(value) for value in values}
        return found

    def _tags(self, node: Json, seen: set[int]) -> Iterator[tuple[str, frozenset[str]]]:
        """The properties that an object has to have, and the strings that each can be."""
        node = self._behind(node)
        if not is_object(node) or id(node) in seen:
            return
        seen.add(id(node))
        for part in node.get("allOf", ()):
            yield from self._tags(part, seen)
        for name in node.get("required", ()):
            member = self._behind(node.get("properties", {}).get(name))
            values: list[Json] = []
            if is_object(member):
                values = member.get("enum", [member["const"]] if "const" in member else [])
            if values and all(isinstance(value, str) for value in values):
                yield name, frozenset(values)

    def _behind(self, node: Json) -> Json:
        seen: set[str] = set()
        while is_object(node) and _keywords(node) == {"$ref"} and node["$ref"] not in seen:
            seen.add(node["$ref"])
            node = self._referred(node["$ref"])
        return node


def _is_literal(value: Json, *, sure: bool) -> bool:
    """Whether Python has a literal for it. True is 1 there and False 0, which does no harm where the type is ``sure``."""
    return value is None or isinstance(value, str) or (isinstance(value, int) and (sure or value not in (0, 1)))


def _keywords(node: JsonObject) -> set[str]:
    """The keywords of a schema that can refuse a value."""
    return {
        key for key, value in node.items() if key not in _SILENT and not (key in _NEUTRAL and value == _NEUTRAL[key])
    }
