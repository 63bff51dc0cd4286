"""Schemas that nobody would write, of every keyword that the reader knows: the same ones for the same seed."""

from __future__ import annotations

import random

from generator.tree import Json, JsonObject, is_object

NAMES = ("A", "B", "C", "D", "E.f", "eF")
_FIELDS = ("k", "x", "y", "self", "é-b")
_OFTEN = {
    "type": 0.6, "enum": 0.15, "const": 0.1, "properties": 0.3, "required": 0.2, "items": 0.2, "prefixItems": 0.05,
    "additionalProperties": 0.2, "patternProperties": 0.06, "allOf": 0.2, "oneOf": 0.15, "anyOf": 0.15, "not": 0.04,
    "nullable": 0.1, "default": 0.1, "minimum": 0.1, "exclusiveMinimum": 0.05, "maximum": 0.1, "maxLength": 0.1,
    "minLength": 0.1, "minItems": 0.05, "maxItems": 0.05, "multipleOf": 0.05, "pattern": 0.06, "format": 0.1,
    "discriminator": 0.15, "readOnly": 0.05, "title": 0.1, "contentMediaType": 0.02, "uniqueItems": 0.03,
}  # fmt: skip


def components(source: random.Random) -> JsonObject:
    """Schemas that refer to each other in every way but one: a chain of references that leads to none."""
    found: JsonObject = {}
    for name in NAMES:
        drawn = _schema(source, 0)
        schema: JsonObject = drawn if is_object(drawn) and "$ref" not in drawn else {"type": "object"}
        found[name] = schema
        properties: JsonObject = schema.setdefault("properties", {})
        # References may lead to these: they must be there, and be no references themselves.
        properties["k"] = {"allOf": [_schema(source, 3)]}
        properties["x"] = {"items": _schema(source, 3)}
    return found


def _reference(source: random.Random, depth: int) -> JsonObject:
    inner = f"/properties/{source.choice('kx')}" if source.random() < 0.15 else ""
    schema: JsonObject = {"$ref": f"#/components/schemas/{source.choice(NAMES)}{inner}"}
    beside: dict[str, Json] = {"description": "d", "default": _value(source), "nullable": True, "type": "object"}
    schema |= {key: value for key, value in beside.items() if source.random() < 0.15}
    if source.random() < 0.05:
        schema["properties"] = {"k": _schema(source, depth + 1)}
    return schema


def _schema(source: random.Random, depth: int) -> Json:
    if depth > 4 or source.random() < 0.05:
        return source.choice([True, False, {}, {"type": "string"}, {"$ref": f"#/components/schemas/{NAMES[0]}"}])
    if source.random() < 0.25:
        return _reference(source, depth)
    chosen = [key for key, often in _OFTEN.items() if source.random() < often * (0.6 if depth else 1)]
    return {key: _keyword(source, key, depth + 1) for key in chosen}


def _keyword(source: random.Random, key: str, depth: int) -> Json:
    match key:
        case "type":
            several = [["string", "null"], ["object", "string", "null"], ["integer", "number"], ["array", "object"], []]
            single = ["string", "integer", "number", "boolean", "array", "object", "object", "object", "null", "any"]
            return source.choice([*single, *several])
        case "enum":
            return [_value(source) for _ in range(source.randrange(4))]
        case "const" | "default":
            return _value(source)
        case "properties" | "patternProperties":
            return {name: _schema(source, depth) for name in source.sample(_FIELDS, source.randrange(4))}
        case "required":
            return source.sample(["k", "x", "y", "zz"], source.randrange(3))
        case "items" | "additionalProperties" | "not":
            tuple_ = key == "items" and source.random() < 0.1
            return [_schema(source, depth), _schema(source, depth)] if tuple_ else _schema(source, depth)
        case "allOf" | "oneOf" | "anyOf" | "prefixItems":
            return [_schema(source, depth) for _ in range(source.randrange(4))]
        case "nullable" | "readOnly" | "uniqueItems":
            return source.random() < 0.8
        case "discriminator":
            mapping = {f"m{name}": name for name in source.sample(NAMES, 3)}
            return {"propertyName": source.choice("kx"), **({"mapping": mapping} if source.random() < 0.5 else {})}
        case _:
            words = {
                "pattern": ["^a", "(?=x)", "["],
                "format": ["date-time", "uuid", "binary", "uri", "int32"],
                "title": ["T", "Some title", ""],
                "contentMediaType": ["image/png"],
            }
            return source.choice(words.get(key) or [0, 1, 2, 3, -1, 0.5, 2.5, 10**30, 1e300, 3.0])


def _value(source: random.Random) -> Json:
    return source.choice([None, True, False, 0, 1, -3, 2.5, 1.0, "a", "b", "1", "", [1], {"x": 1}, 10**30, "true"])
