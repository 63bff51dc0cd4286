"""Values of schemas that are hard, or hostile."""

from __future__ import annotations

import contextlib
import time
from random import Random

import pytest
from jsonschema_rs import Draft202012Validator

from generator.serve.facts import NoValueError
from generator.serve.schemas import Schemas
from generator.serve.values import Values
from generator.tree import Json

URI = "https://specloom.invalid/schemas.json"


def made(schema: Json, *, seed: str = "1") -> Json:
    document = {"$id": URI, "$defs": {"it": schema}}
    schemas = Schemas(document)
    value = Values(schemas, Random(seed)).value(schemas.named("it"))
    assert Draft202012Validator({**document, "$ref": "#/$defs/it"}).is_valid(value), value
    return value


def ref(name: str) -> Json:
    return {"$ref": f"{URI}#/$defs/{name}"}


@pytest.mark.parametrize("seed", "abcdefgh")
@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minimum": -3, "maximum": -3},
        {"type": "integer", "exclusiveMinimum": 7, "exclusiveMaximum": 9},
        {"type": "integer", "multipleOf": 2.5, "minimum": 3},
        {"type": "number", "exclusiveMinimum": 0, "maximum": 1e-5},
        {"type": "number", "multipleOf": 0.01, "minimum": 0.005, "maximum": 0.015},
        {"type": "number", "minimum": 10**400},
        {"type": "string", "minLength": 3, "maxLength": 3},
        {"type": "string", "pattern": "^(GET|POST) /[a-z]+$"},
        {"type": "string", "pattern": "a", "minLength": 2},
        {"type": "string", "format": "email", "pattern": "@example\\.com$"},
        {"type": ["null", "boolean"]},
        {"enum": [1, "a", None], "type": "string"},
        {"const": {"a": [1]}},
        {"type": "array", "items": {"type": "boolean"}, "minItems": 2, "maxItems": 2, "uniqueItems": True},
        {"type": "array", "contains": {"const": 3}, "minContains": 2, "items": {"type": "integer"}},
        {"type": "object", "required": ["a"], "maxProperties": 1, "properties": {"b": {}, "c": {}}},
        {"type": "object", "dependentRequired": {"a": ["z"]}, "properties": {"a": {"type": "null"}}},
        {"type": "object", "propertyNames": {"pattern": "^k[0-9]$"}, "minProperties": 2},
        {"allOf": [{"minimum": 4}, {"maximum": 4}], "type": "number"},
        {"anyOf": [{"type": "null"}, {"type": "string", "not": {}}, {"type": "integer"}]},
        {"oneOf": [{"required": ["a"]}, {"required": ["b"]}], "type": "object"},
        {"type": "object", "not": {"required": ["a"]}, "properties": {"b": {}}},
    ],
    ids=str,
)
def test_a_value_fits(schema: Json, seed: str) -> None:
    made(schema, seed=seed)


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"not": {}},
        {"type": "integer", "minimum": 2, "maximum": 1},
        {"enum": ["a"], "type": "integer"},
        {"allOf": [{"const": 1}, {"const": 2}]},
        {"type": "object", "required": ["a"], "properties": {"a": False}},
        {"type": "array", "items": {"enum": [1]}, "minItems": 2, "uniqueItems": True},
        {"type": "string", "pattern": "((a{999}){999}){999}", "minLength": 9},
    ],
    ids=str,
)
def test_where_nothing_fits_nothing_is_made(schema: Json) -> None:
    with pytest.raises(NoValueError):
        made(schema)


def test_what_holds_itself_ends() -> None:
    node = {"type": "object", "required": ["next"], "properties": {"next": {"anyOf": [ref("it"), {"type": "null"}]}}}
    assert made(node)["next"]["next"] is None
    with pytest.raises(NoValueError):
        made({"type": "object", "required": ["next"], "properties": {"next": ref("it")}})
    with pytest.raises(NoValueError):
        made({"allOf": [ref("it")], "not": {}})


@pytest.mark.parametrize(
    "others",
    [
        {f"u{n}": {"anyOf": [{"const": m} for m in range(10)], "allOf": [ref(f"u{n + 1}")]} for n in range(20)}
        | {"u20": {"const": -1}},
        {f"u{n}": {"allOf": [ref(f"u{n + 1}"), ref(f"u{n + 1}")]} for n in range(60)} | {"u60": {"type": "string"}},
        {f"u{n}": {"type": "object", "properties": {key: ref(f"u{n + 1}") for key in "abcdefghij"}} for n in range(30)}
        | {"u30": {"type": "string"}},
        {"u0": {"anyOf": [ref("u0"), ref("u1")]}, "u1": {"anyOf": [ref("u0"), ref("u1")]}},
    ],
    ids=["contradictions", "diamonds", "width", "circles"],
)
def test_hostile_schemas_cost_little(others: dict[str, Json]) -> None:
    started = time.process_time()
    with contextlib.suppress(NoValueError):
        Values(Schemas({"$id": URI, "$defs": others}), Random("1")).value(ref("u0"))
    assert time.process_time() - started < 5
