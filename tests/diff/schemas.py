"""Schemas that hypothesis draws, changes of them, and the values that tell an old one from a new one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from copy import deepcopy

from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from generator.bundle import bundle
from generator.diff import Surface
from generator.load import load
from generator.normalise import in_one_form, repair
from generator.tree import Json, JsonObject

NAMES = ("a", "b", "c")
_FURTHER = "zz"
"""What properties are called that no schema names."""


def surface(tree: JsonObject) -> Surface:
    """A document as its callers see it."""
    read = bundle(load(json.dumps(tree).encode(), name="api.json"), read=lambda name: b"")
    return Surface(*in_one_form(repair(read, title="api")))


def document(schema: JsonObject) -> JsonObject:
    """A document whose one operation is sent what fits the schema, and answers with it."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    answer = {"200": {"description": "done", "content": content}}
    operation = {"operationId": "swap", "requestBody": {"required": True, "content": content}, "responses": answer}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {"/things": {"post": operation}},
        "components": {"schemas": {"Thing": schema}},
    }


# -- schemas ----------------------------------------------------------------------------------------------------------

_SMALL = st.integers(0, 4)


def _with(required: JsonObject, optional: dict[str, st.SearchStrategy[Json]]) -> st.SearchStrategy[JsonObject]:
    return st.fixed_dictionaries({}, optional=optional).map(lambda drawn: {**required, **drawn})


_STRINGS = _with({"type": "string"}, {"minLength": _SMALL, "maxLength": _SMALL.map(lambda n: n + 4)})
_RANGES: dict[str, st.SearchStrategy[Json]] = {
    "minimum": st.integers(-4, 2),
    "exclusiveMinimum": st.sampled_from([-4.5, -2, 0]),
    "maximum": st.integers(6, 20),
    "exclusiveMaximum": st.sampled_from([6, 9.5, 20]),
    "multipleOf": st.sampled_from([0.5, 1, 1.5, 2, 3]),
}
_INTEGERS, _NUMBERS = (_with({"type": kind}, _RANGES) for kind in ("integer", "number"))
_VALUES = st.sampled_from(["a", "b", "bb", "c", 1, 2, 2.5, True])
_ENUMS = st.lists(_VALUES, min_size=1, max_size=3, unique_by=repr).map(lambda values: {"enum": values})
_BOOLEANS = st.just({"type": "boolean"})
_NULLABLE = st.one_of(_STRINGS, _INTEGERS, _BOOLEANS).map(lambda schema: {**schema, "type": [schema["type"], "null"]})
SCALARS = st.one_of(_STRINGS, _INTEGERS, _NUMBERS, _ENUMS, _BOOLEANS, _NULLABLE)


def _arrays(inner: st.SearchStrategy[JsonObject]) -> st.SearchStrategy[JsonObject]:
    counts: dict[str, st.SearchStrategy[Json]] = {"minItems": st.integers(0, 2), "maxItems": st.integers(2, 3)}
    return st.builds(lambda items, more: {"type": "array", "items": items, **more}, inner, _with({}, counts))


@st.composite
def _objects(draw: st.DrawFn, inner: st.SearchStrategy[JsonObject]) -> JsonObject:
    properties = draw(st.dictionaries(st.sampled_from(NAMES), inner, max_size=3))
    required = sorted(name for name in properties if draw(st.booleans()))
    rest = draw(st.sampled_from([None, True, False, "typed"]))
    schema: JsonObject = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    if rest is not None:
        schema["additionalProperties"] = draw(inner) if rest == "typed" else rest
    return schema


def _unions(inner: st.SearchStrategy[JsonObject]) -> st.SearchStrategy[JsonObject]:
    return st.lists(inner, min_size=2, max_size=3, unique_by=repr).map(lambda members: {"anyOf": members})


def has_overlaps(schema: JsonObject) -> bool:
    """Whether a value may fit several members of a union."""
    return any(not _are_apart(node["anyOf"]) for node in _nodes(schema) if "anyOf" in node)


def _are_apart(members: list[JsonObject]) -> bool:
    kinds = [{kind.replace("number", "integer") for kind in _kinds(member)} for member in members]
    return sum(map(len, kinds)) == len(set[str]().union(*kinds))


def _kinds(schema: JsonObject) -> set[str]:
    said = schema.get("type", ["string", "integer", "boolean"])
    return {said} if isinstance(said, str) else {*said}


KINDS: dict[str, st.SearchStrategy[JsonObject]] = {
    "string": _STRINGS,
    "integer": _INTEGERS,
    "number": _NUMBERS,
    "values": _ENUMS,
    "nullable": _NULLABLE,
    "array": _arrays(_BOOLEANS),
    "object": _objects(SCALARS),
}
"""Schemas of each kind, so that none is short of examples."""

SCHEMAS = st.recursive(SCALARS, lambda inner: st.one_of(_arrays(inner), _objects(inner), _objects(inner)), max_leaves=5)
WITH_UNIONS = st.one_of(SCHEMAS, _unions(SCHEMAS), _objects(st.one_of(SCALARS, _unions(SCHEMAS))))


# -- changes ----------------------------------------------------------------------------------------------------------


@st.composite
def changed(draw: st.DrawFn, schema: JsonObject, *, inside: bool = True) -> JsonObject:
    """The schema with one thing changed, anywhere in it, or in itself alone."""
    found = deepcopy(schema)
    node = draw(st.sampled_from([*_nodes(found)])) if inside else found
    if draw(st.integers(0, 9)) == 0:
        _become(node, draw(SCALARS))
    elif "properties" in node:
        _change_object(draw, node)
    elif "anyOf" in node:
        members: list[JsonObject] = node["anyOf"]
        if draw(st.booleans()) and len(members) > 1:
            members.remove(draw(st.sampled_from(members)))
        else:
            members.append(draw(SCHEMAS))
    elif "items" in node:
        if draw(st.integers(0, 3)) == 0:
            node["items"] = draw(st.booleans() | SCALARS)
        else:
            _set_or_drop(draw, node, {"minItems": st.integers(0, 2), "maxItems": st.integers(2, 4)})
    elif "enum" in node:
        _change_values(draw, node["enum"])
    elif node.get("type") == "string":
        _set_or_drop(draw, node, {"minLength": _SMALL, "maxLength": _SMALL.map(lambda n: n + 4)})
    elif node.get("type") in ("integer", "number"):
        if draw(st.integers(0, 4)) == 0:
            node["type"] = "number" if node["type"] == "integer" else "integer"
        else:
            _set_or_drop(draw, node, _RANGES)
    else:
        node["type"] = draw(
            st.sampled_from([["boolean", "null"], ["boolean", "string"], "string", "boolean", "integer"])
        )
    return found


def _nodes(schema: JsonObject) -> Iterator[JsonObject]:
    yield schema
    below: list[Json] = [schema.get("items"), schema.get("additionalProperties"), *schema.get("anyOf", ())]
    for node in [*below, *schema.get("properties", {}).values()]:
        if isinstance(node, dict):
            yield from _nodes(node)


def _become(node: JsonObject, other: JsonObject) -> None:
    node.clear()
    node.update(deepcopy(other))


def _change_values(draw: st.DrawFn, values: list[Json]) -> None:
    another = draw(_VALUES.filter(lambda value: not any(repr(value) == repr(known) for known in values)))
    how = draw(st.sampled_from(["replace", "remove", "add"]))
    if how == "replace" or (how == "remove" and len(values) > 1):
        del values[draw(st.integers(0, len(values) - 1))]
    if how != "remove":
        values.append(another)


def _set_or_drop(draw: st.DrawFn, node: JsonObject, keywords: dict[str, st.SearchStrategy[Json]]) -> None:
    keyword = draw(st.sampled_from(sorted(keywords)))
    if keyword in node and draw(st.booleans()):
        del node[keyword]
    else:
        node[keyword] = draw(keywords[keyword])


def _change_object(draw: st.DrawFn, node: JsonObject) -> None:
    properties: JsonObject = node["properties"]
    name = draw(st.sampled_from(NAMES))
    required = {*node.get("required", ())}
    how = draw(st.sampled_from(["property", "required", "rest"]))
    if how == "rest":
        node["additionalProperties"] = draw(st.sampled_from([True, False]) | SCALARS)
    elif how == "required" and name in properties:
        required ^= {name}
    elif name in properties:
        del properties[name]
        required -= {name}
    else:
        properties[name] = draw(SCALARS)
        required |= {name} if draw(st.booleans()) else set()
    node["required"] = sorted(required)


@st.composite
def respelt(draw: st.DrawFn, schema: Json) -> Json:
    """The same in other words, here and there."""
    if not isinstance(schema, dict):
        return schema
    found = {key: value for key, value in schema.items() if key not in ("properties", "anyOf")}
    for word in ("items", "additionalProperties"):
        if word in schema:
            found[word] = draw(respelt(schema[word]))
    if "properties" in schema:
        found["properties"] = {name: draw(respelt(value)) for name, value in schema["properties"].items()}
    if "anyOf" in schema:
        found[draw(st.sampled_from(["anyOf", "oneOf"]))] = [draw(respelt(member)) for member in schema["anyOf"]]
    said = [{"allOf": [found]}, {"anyOf": [found]}, {"allOf": [found, {"title": "Thing"}]}]
    if isinstance(found.get("type"), list):
        one = {**found, "type": found["type"][0]}
        said += [{"anyOf": [one, {"type": "null"}]}, {"oneOf": [{"type": "null"}, {"allOf": [one]}]}]
    if "enum" in found:
        said.append({"oneOf": [{"const": value} for value in found["enum"]]})
    if len(found.get("enum", ())) == 1:
        said.append({"const": found["enum"][0]})
    if found.get("type") == "integer" and "minimum" in found:
        said.append({**found, "minimum": float(found["minimum"]) - 0.5})
    if found.get("properties") and "additionalProperties" not in found:
        rest = {key: value for key, value in found.items() if key not in ("properties", "type")}
        first = min(found["properties"])
        others = {name: value for name, value in found["properties"].items() if name != first}
        said.append(
            {
                "allOf": [
                    {"type": "object", "properties": others},
                    {**rest, "properties": {first: found["properties"][first]}},
                ]
            }
        )
    return draw(st.sampled_from([found, *said]))


# -- values -----------------------------------------------------------------------------------------------------------


def told(schema: Json) -> Json:
    """The schema as callers read it: an open object has no properties but those that are named, and new ones."""
    if not isinstance(schema, dict):
        return schema
    found = {key: told(value) for key, value in schema.items() if key not in ("properties", "anyOf")}
    if "anyOf" in schema:
        found["anyOf"] = [told(member) for member in schema["anyOf"]]
    if "properties" in schema:
        found["properties"] = {name: told(value) for name, value in schema["properties"].items()}
        if schema.get("additionalProperties", True) is True:
            found |= {"additionalProperties": False, "patternProperties": {f"^{_FURTHER}": True}}
    return found


def fitting(schema: Json) -> st.SearchStrategy[Json]:
    """Values at random, most of which fit a schema as callers read it; those that do not are to be left out."""
    if not isinstance(schema, dict):
        return st.none() | st.integers() | st.text(max_size=3)
    if "anyOf" in schema:
        return st.one_of(*map(fitting, schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "properties" in schema:
        required = {*schema.get("required", ())}
        named = {name: fitting(value) for name, value in schema["properties"].items()}
        of_all = {name: named.get(name, st.nothing()) for name in required}
        optional = {name: value for name, value in named.items() if name not in required}
        rest = schema.get("additionalProperties", True)
        if rest is not False:
            optional[_FURTHER] = fitting(rest)
        return st.fixed_dictionaries(of_all, optional=optional)
    if "items" in schema:
        least = schema.get("minItems", 0)
        return st.lists(fitting(schema["items"]), min_size=least, max_size=schema.get("maxItems", least + 3))
    if schema["type"] == "string":
        least = schema.get("minLength", 0)
        return st.text(min_size=least, max_size=schema.get("maxLength", least + 3))
    if schema["type"] in ("integer", "number"):
        step = schema.get("multipleOf", 1 if schema["type"] == "integer" else 0.25)
        return st.integers(-60, 60).map(lambda count: count * step)
    if isinstance(schema["type"], list):
        return st.one_of(*(fitting({**schema, "type": kind}) for kind in schema["type"]))
    return st.booleans() if schema["type"] == "boolean" else st.none()


def refused(sent: JsonObject, taken: JsonObject, more: Iterable[Json] = ()) -> Json:
    """A value that fits ``sent`` and not ``taken``, in a list; an empty one if there is none among those tried."""
    fits, is_taken = Draft202012Validator(told(sent)), Draft202012Validator(taken)
    for value in [*_candidates([sent, taken]), *more]:
        if fits.is_valid(value) and not is_taken.is_valid(value):
            return [value]
    return []


def _candidates(schemas: list[Json]) -> list[Json]:
    """Values at all the edges of the schemas of one place, whether they fit or not."""
    flat = [part for schema in schemas for part in _members(schema)]
    found: list[Json] = [None, "a", "other", 0, 0.25, True, [], {}]
    for schema in flat:
        found += [*schema.get("enum", ()), True, False]
    texts = {schema[word] for schema in flat for word in ("minLength", "maxLength") if word in schema}
    found += ["x" * size for edge in texts for size in (edge - 1, edge, edge + 1) if size >= 0]
    found += _numbers(flat)
    found += _lists([schema for schema in flat if "items" in schema])
    found += _dictionaries([schema for schema in flat if "properties" in schema])
    return [*{json.dumps(value, sort_keys=True): value for value in found}.values()]


def _members(schema: Json) -> Iterator[JsonObject]:
    if isinstance(schema, dict):
        yield from (
            part
            for member in schema.get("anyOf", [schema])
            for part in ([member] if member is schema else _members(member))
        )


def _numbers(schemas: list[JsonObject]) -> Iterator[Json]:
    words = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    edges = {0, *(schema[word] for schema in schemas for word in words if word in schema)}
    steps = {0.5, 1, *(schema["multipleOf"] for schema in schemas if "multipleOf" in schema)}
    for edge in edges:
        for step in steps:
            start = edge // step * step
            yield from (start + step * index for index in range(-2, 4))
        yield from (edge - 0.25, edge + 0.25)
    if any("type" in schema for schema in schemas):
        yield from (sign * (1000 + step * index) for sign in (-1, 1) for step in steps for index in range(4))


def _lists(schemas: list[JsonObject]) -> Iterator[Json]:
    if not schemas:
        return
    sizes = {
        schema[word] + by
        for schema in schemas
        for word in ("minItems", "maxItems")
        if word in schema
        for by in (0, 1, -1)
    }
    items = _candidates([schema["items"] for schema in schemas])
    yield from ([item] * size for item in items for size in {1, 2, *sizes} if size > 0)


def _dictionaries(schemas: list[JsonObject]) -> Iterator[Json]:
    names = sorted({name for schema in schemas for name in schema["properties"]})
    rests = [
        schema["additionalProperties"] for schema in schemas if isinstance(schema.get("additionalProperties"), dict)
    ]
    tried: dict[str, list[Json]] = {}
    for name in [*names, _FURTHER] if schemas else ():
        tried[name] = _candidates(
            [*(schema["properties"][name] for schema in schemas if name in schema["properties"]), *rests]
        )
    for schema in schemas:
        fitting = {name: _of_those(schema, name, values) for name, values in tried.items()}
        whole = {name: values[0] for name, values in fitting.items() if values and name != _FURTHER}
        least = {name: value for name, value in whole.items() if name in schema.get("required", ())}
        yield from (whole, least)
        for name in names:
            yield {key: value for key, value in whole.items() if key != name}
        for name, values in fitting.items():
            yield from ({**start, name: value} for value in values for start in (least, whole))


def _of_those(schema: JsonObject, name: str, values: list[Json]) -> list[Json]:
    about = schema["properties"].get(name, schema.get("additionalProperties", True))
    validator = Draft202012Validator(told(about))
    return [value for value in values if validator.is_valid(value)]
