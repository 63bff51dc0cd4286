"""What a schema says in all, each keyword once: references followed, ``allOf`` merged, members of unions chosen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, reduce

from generator.tree import Json, JsonObject, is_array, is_object

from .schemas import Schemas

_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_HIGHEST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
_LOWEST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_TELLING = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"),
    "string": ("pattern", "minLength", "maxLength", "format", "contentEncoding"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
_HARD = frozenset(
    ["not", "if", "contains", "dependentSchemas", "propertyNames", "unevaluatedItems", "unevaluatedProperties"]
)
_DEEPEST = 100
_CHOICES = 500
"""How many choices among members are looked at for one schema, those that contradict each other among them."""
_TAG = "x-tag"
"""Our keyword for what a discriminator promises: a property and its schema, where the property's own agrees with it."""


class NoValueError(Exception):
    """No value was found that fits a schema."""


@dataclass(frozen=True, slots=True)
class Part:
    """A schema without ``$ref`` and ``allOf``; ``trail`` holds the references that led to it."""

    node: JsonObject
    trail: tuple[str, ...] = ()


@dataclass(slots=True)
class Facts:
    """What the parts of a schema say together. ``plain`` has the keywords that speak of scalars and sizes.

    Where several parts describe one property, or all items, they stand in a list. ``hard`` says that a keyword asks for
    more than is looked at here, so that what is made may not fit.
    """

    types: list[str] = field(default_factory=lambda: [*_TYPES])
    plain: JsonObject = field(default_factory=dict[str, Json])
    choices: list[Json] | None = None
    looks: list[Json] = field(default_factory=list[Json])
    properties: dict[str, list[Json]] = field(default_factory=dict[str, list[Json]])
    required: dict[str, None] = field(default_factory=dict[str, None])
    patterned: dict[str, list[Json]] = field(default_factory=dict[str, list[Json]])
    others: list[Json] = field(default_factory=list[Json])
    items: list[Json] = field(default_factory=list[Json])
    first: list[list[Json]] = field(default_factory=list[list[Json]])
    contains: list[Json] = field(default_factory=list[Json])
    together: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    hard: bool = False


def readings(schemas: Schemas, schema: Json) -> Iterator[Facts]:
    """What the schema says, once for each choice among the members of its unions, in the order of the document.

    Choices that contradict each other are passed over.
    """
    with suppress(NoValueError):
        yield from _chosen(schemas, [*parts(schemas, schema)], iter(range(_CHOICES)))


def parts(schemas: Schemas, schema: Json, trail: tuple[str, ...] = ()) -> Iterator[Part]:
    """The schema and all that it refers to or includes, each once; unions as parts of their own.

    ``trail`` holds the references that led to the schema. Raises :class:`NoValueError` where nothing fits one of them.
    """
    yield from _parts(schemas, schema, trail, {*trail})


def _parts(schemas: Schemas, schema: Json, trail: tuple[str, ...], seen: set[str]) -> Iterator[Part]:
    if schema is False:
        raise NoValueError
    if not is_object(schema) or len(trail) > _DEEPEST:
        return
    own = {key: value for key, value in schema.items() if key not in ("$ref", "allOf", "oneOf", "anyOf")}
    if own:
        yield Part(own, trail)
    yield from _promised(own, trail)
    for keyword in ("oneOf", "anyOf"):
        if keyword in schema:
            yield Part({keyword: schema[keyword], "discriminator": schema.get("discriminator")}, trail)
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        seen.add(reference)
        yield from _parts(schemas, schemas.target(reference), (*trail, reference), seen)
    for member in schema.get("allOf", ()):
        yield from _parts(schemas, member, trail, seen)


def _parts_or_none(schemas: Schemas, schema: Json) -> list[Part]:
    try:
        return [*parts(schemas, schema)]
    except NoValueError:
        return []


def _promised(node: JsonObject, trail: tuple[str, ...]) -> Iterator[Part]:
    """What the discriminator of a schema says of one that builds on it through ``allOf`` (OpenAPI 3.1.0, 4.8.25)."""
    discriminator = node.get("discriminator")
    if is_object(discriminator) and len(trail) > 1:
        tags = [tag for child in trail[:-1] for tag in _tags(discriminator, child)]
        implicit = [] if discriminator["mapping"] else [_name(trail[-2])]
        yield from (_tagged(discriminator["propertyName"], tag) for tag in [*tags, *implicit][:1])


@cache
def _tagged(name: str, tag: str) -> Part:
    # One for each tag, as all schemas: they are remembered by what they are made of.
    return Part({_TAG: (name, {"const": tag})})


def _tags(discriminator: JsonObject, reference: str) -> list[str]:
    return [tag for tag, target in discriminator["mapping"].items() if target["$ref"] == reference]


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


def kinds(schemas: Schemas, schema: Json, key: str) -> list[Json]:
    """Schemas for each kind of value that a schema describes: the members of its unions, those of members as well, and
    what ``key`` may say where it says which kind an object is. The schema itself where there is but one kind.
    """
    found, pending, seen = list[Json](), [schema], {id(schema)}
    while pending:
        current = pending.pop(0)
        members = [
            schemas.joined([member, *(part.node for part in _of_member(union.node["discriminator"], member))])
            for union in _parts_or_none(schemas, current)
            for member in _members(union)
            if not _is_null(member)
        ]
        new = [member for member in members if id(member) not in seen]
        seen |= {id(member) for member in new}
        pending[:0] = new
        found += [] if members else _kinds_by_key(schemas, current, key)
    return found


def _kinds_by_key(schemas: Schemas, schema: Json, key: str) -> list[Json]:
    facts = next(readings(schemas, schema), None)
    said = facts.properties.get(key, []) if facts is not None else []
    tag = next(readings(schemas, schemas.joined(said)), None)
    texts = [value for value in (tag.choices or () if tag is not None else ()) if isinstance(value, str)]
    return [schemas.joined([schema, _tagged(key, text).node]) for text in texts] if len(texts) > 1 else [schema]


def _chosen(schemas: Schemas, found: list[Part], choices: Iterator[int], *, hard: bool = False) -> Iterator[Facts]:
    union = next((part for part in found if "oneOf" in part.node or "anyOf" in part.node), None)
    if union is None:
        yield _merged(schemas, found, hard=hard)
        return
    rest = [part for part in found if part is not union]
    for member in sorted(_members(union), key=_is_null):
        if next(choices, None) is None:
            return
        with suppress(NoValueError):
            more = [*parts(schemas, member, union.trail), *_of_member(union.node["discriminator"], member)]
            yield from _chosen(schemas, rest + more, choices, hard=hard or "oneOf" in union.node)


def _members(part: Part) -> list[Json]:
    return part.node.get("oneOf") or part.node.get("anyOf") or []


def _of_member(discriminator: Json, member: Json) -> Iterator[Part]:
    """What the discriminator of a union says of one of its members."""
    reference = member.get("$ref") if is_object(member) else None
    if is_object(discriminator) and isinstance(reference, str):
        tags = _tags(discriminator, reference) or ([] if discriminator["mapping"] else [_name(reference)])
        yield from (_tagged(discriminator["propertyName"], tag) for tag in tags[:1])


def _is_null(schema: Json) -> bool:
    return is_object(schema) and schema.get("type") == "null"


# -- merging ------------------------------------------------------------------------------------------------------------


def _merged(schemas: Schemas, found: list[Part], *, hard: bool) -> Facts:
    """Raises :class:`NoValueError` where the parts leave nothing."""
    facts = Facts(hard=hard or any(_HARD & part.node.keys() for part in found))
    for part in found:
        _add_values(facts, part.node)
        _add_parts(facts, part.node)
    said = [_types_of(part.node) for part in found]
    facts.types = reduce(_meet, [types for types in said if types] or [facts.types])
    if facts.choices is not None:
        facts.choices = [value for value in facts.choices if type_of(value) & {*facts.types}]
    elif not any(said):
        implied = [kind for kind, words in _TELLING.items() for part in found if part.node.keys() & {*words}]
        facts.types = implied[:1] or ["string"]
    if not facts.types or facts.choices == []:
        raise NoValueError
    for name, schema in (part.node[_TAG] for part in found if _TAG in part.node):
        said = facts.properties.setdefault(name, [])
        if not said or next(readings(schemas, schemas.joined([*said, schema])), None) is not None:
            said.append(schema)
    return facts


def _types_of(node: JsonObject) -> list[str]:
    kinds = node.get("type", [])
    return kinds if is_array(kinds) else [kinds]


def _meet(first: list[str], second: list[str]) -> list[str]:
    both = [kind for kind in first if kind in second or (kind == "integer" and "number" in second)]
    return both + [kind for kind in second if kind == "integer" and "number" in first and kind not in both]


def type_of(value: Json) -> set[str]:
    """The types of JSON Schema that a value has."""
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, int | float):
        return {"integer", "number"} if isinstance(value, int) or value.is_integer() else {"number"}
    names = {str: "string", dict: "object", list: "array", type(None): "null"}
    return {names[type(value)]}


def _add_values(facts: Facts, node: JsonObject) -> None:
    for key, value in node.items():
        if key in _HIGHEST:
            facts.plain[key] = max(value, facts.plain.get(key, value))
        elif key in _LOWEST:
            facts.plain[key] = min(value, facts.plain.get(key, value))
        elif key == "pattern":
            facts.plain.setdefault("patterns", []).append(value)
        elif key in ("format", "multipleOf", "uniqueItems", "contentEncoding", "contentMediaType", "propertyNames"):
            facts.plain.setdefault(key, value)
        elif key in ("enum", "const"):
            values = value if key == "enum" else [value]
            facts.choices = values if facts.choices is None else [item for item in facts.choices if item in values]
        elif key == "examples" and is_array(value):
            facts.looks += value
    facts.looks += [node[key] for key in ("example", "default") if key in node]


def _add_parts(facts: Facts, node: JsonObject) -> None:
    for name, schema in node.get("properties", {}).items():
        facts.properties.setdefault(name, []).append(schema)
    for pattern, schema in node.get("patternProperties", {}).items():
        facts.patterned.setdefault(pattern, []).append(schema)
    for name, needed in node.get("dependentRequired", {}).items():
        facts.together.setdefault(name, []).extend(needed)
    facts.required |= dict.fromkeys(node.get("required", ()))
    facts.others += [node["additionalProperties"]] if "additionalProperties" in node else []
    facts.items += [node["items"]] if "items" in node else []
    facts.first += [node["prefixItems"]] if "prefixItems" in node else []
    facts.contains += [node["contains"]] if "contains" in node else []
