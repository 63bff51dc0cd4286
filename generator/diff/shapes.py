"""A schema as one shape: references followed, ``allOf`` merged, null told apart, whatever words its author chose.

Two schemas that say the same in other words have shapes that compare equal as far as this goes: ``nullable`` and a type
``null`` and a union with null, ``const`` and an ``enum`` of one, a reference and what it leads to. What it does not take
apart (``not``, ``if``, ``dependent*``, ``contains``, ``unevaluated*``) it keeps as it is written, in ``opaque``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, TypeAlias

from generator.diff.surface import Surface
from generator.tree import Json, JsonObject, Pointer, is_array, is_object, resolve

ATOMS: Final = frozenset(["null", "boolean", "integer", "fraction", "string", "array", "object"])
"""The types, ``number`` being ``integer`` and ``fraction``, so that a set of them is what a schema lets through."""

LEAST: Final = ("minLength", "minItems", "minProperties", "minContains")
MOST: Final = ("maxLength", "maxItems", "maxProperties", "maxContains")
_OPAQUE: Final = (
    ["not", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies", "contains", "minContains"]
    + ["maxContains", "unevaluatedProperties", "unevaluatedItems", "propertyNames", "contentEncoding"]
    + ["contentMediaType", "contentSchema", "$dynamicRef"]
)
_OF_OBJECTS: Final = ("properties", "additionalProperties", "patternProperties", "required")
_OF_ARRAYS: Final = ("items", "prefixItems")

Schema: TypeAlias = tuple[Pointer, ...]
"""Where a schema stands: at several places, all of which hold, where ``allOf`` has a property more than once."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The end of a range of numbers, which belongs to the range unless it is ``exclusive``."""

    value: Fraction
    exclusive: bool = False

    def __str__(self) -> str:
        shown = self.value.numerator if self.value.denominator == 1 else float(self.value)
        return f"{shown}, exclusive" if self.exclusive else str(shown)


@dataclass(frozen=True, slots=True)
class Property:
    """A property of an object: where its schemas stand, and what its holder says of it."""

    schema: Schema
    at: Pointer
    required: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """What a schema says. ``at`` is where it stands, ``name`` its component's, empty where it has none.

    ``types`` are :data:`ATOMS`. ``values`` are those of an ``enum``, as canonical JSON, None for any. ``union`` has the
    members of ``anyOf`` and ``oneOf`` without null, each a schema; further unions beside it are ``opaque``.
    ``rest`` is the schema of properties that are not named: True for any, False for none.
    """

    at: Pointer
    name: str
    types: frozenset[str]
    values: Mapping[str, Json] | None = None
    low: Bound | None = None
    high: Bound | None = None
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    multiples: frozenset[Fraction] = frozenset()
    patterns: frozenset[str] = frozenset()
    format: str = ""
    unique: bool = False
    properties: Mapping[str, Property] = field(default_factory=dict[str, Property])
    required: frozenset[str] = frozenset()
    rest: Schema | bool = True
    fitting: Mapping[str, Schema] = field(default_factory=dict[str, Schema])
    items: Schema | bool = True
    prefix: tuple[Schema, ...] = ()
    union: tuple[Schema, ...] = ()
    tag: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict[str, str])
    opaque: Mapping[str, str] = field(default_factory=dict[str, str])
    notes: Mapping[str, Json] = field(default_factory=dict[str, Json])
    never: bool = False

    @property
    def is_object(self) -> bool:
        """Whether it lets objects through."""
        return "object" in self.types


class Shapes:
    """The shapes of one document's schemas, each made once."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self._made: dict[Schema, Shape] = {}
        self._making: set[Schema] = set()

    def of(self, schema: Schema) -> Shape:
        """The shape of all that stands at these places."""
        if schema in self._making:  # a union that is its own member, which says nothing
            return Shape(schema[0], "", ATOMS)
        if schema not in self._made:
            self._making.add(schema)
            self._made[schema] = self._shape(schema)
            self._making.discard(schema)
        return self._made[schema]

    def home(self, pointer: Pointer) -> Pointer:
        """Where references lead in the end: equal for two schemas that are one."""
        return self.surface.follow(pointer)[1]

    def _shape(self, schema: Schema) -> Shape:
        parts: list[tuple[JsonObject, Pointer]] = []
        for pointer in schema:
            parts += self._parts(pointer, frozenset())
        home = self.home(schema[0])
        name = str(home[2]) if len(home) == 3 and home[:2] == ("components", "schemas") else ""
        return _Merge(self, parts).shape(home, name)

    def _parts(self, pointer: Pointer, within: frozenset[Pointer]) -> Iterator[tuple[JsonObject, Pointer]]:
        """The schemas without ``$ref`` and ``allOf`` that all have to hold."""
        node = resolve(self.surface.tree, pointer)
        if pointer in within:
            return
        within |= {pointer}
        if node is False:
            yield {"enum": []}, pointer
        if not is_object(node):
            return
        node = self.surface.upconvert(node)
        own = {key: value for key, value in node.items() if key not in ("$ref", "allOf")}
        if own:
            yield own, pointer
        if isinstance(node.get("$ref"), str) and node["$ref"].startswith("#"):
            yield from self._parts(self.surface.target(node["$ref"]), within)
        members: Json = node.get("allOf")
        for index in range(len(members) if is_array(members) else 0):
            yield from self._parts((*pointer, "allOf", index), within)

    def members(self, node: JsonObject, at: Pointer) -> tuple[list[Pointer], bool]:
        """The members of a union but null, and whether null is one."""
        found: list[Pointer] = []
        has_null = False
        for word in ("anyOf", "oneOf"):
            listed: Json = node.get(word)
            for index in range(len(listed) if is_array(listed) else 0):
                member = (*at, word, index)
                if self.of((member,)).types <= {"null"}:
                    has_null = True
                else:
                    found.append(member)
        return found, has_null

    def parts_of(self, pointer: Pointer) -> Iterator[tuple[JsonObject, Pointer]]:
        """As :meth:`of` sees them, before they are merged."""
        return self._parts(pointer, frozenset())


class _Merge:
    """Makes one shape of schemas that all hold."""

    def __init__(self, shapes: Shapes, parts: list[tuple[JsonObject, Pointer]]) -> None:
        self._shapes = shapes
        self._union: list[Pointer] = []
        self._opaque: dict[str, str] = {}
        self._nullable = False
        self._takes_null = True
        self._parts = [*self._without_unions(parts)]

    def _without_unions(self, parts: Iterable[tuple[JsonObject, Pointer]]) -> Iterator[tuple[JsonObject, Pointer]]:
        for node, at in parts:
            yield node, at
            if not ("anyOf" in node or "oneOf" in node):
                self._nullable |= node.get("x-nullable") is True
                continue
            members, has_null = self._shapes.members(node, at)
            self._nullable |= has_null
            if len(members) == 1:
                yield from self._without_unions(self._shapes.parts_of(members[0]))
            elif members and not self._union:
                self._union = members
            elif members:
                self._opaque["anyOf"] = self._opaque.get("anyOf", "") + _plain(node)

    def shape(self, at: Pointer, name: str) -> Shape:
        nodes = [node for node, _ in self._parts]
        values = self._values(nodes)
        types = self._types(nodes)
        counts: dict[str, int] = {}
        for keyword in (*LEAST[:3], *MOST[:3]):
            said = [int(n[keyword]) for n in nodes if _is_number(n.get(keyword))]
            if said:
                counts[keyword] = max(said) if keyword in LEAST else min(said)
        counts = {word: count for word, count in counts.items() if count or word in MOST}
        properties, required = self._properties(nodes)
        rest, fitting = self._rest(nodes)
        items, prefix = self._items()
        for node in nodes:
            self._opaque |= {word: self._opaque.get(word, "") + _plain(node[word]) for word in _OPAQUE if word in node}
        notes: dict[str, Json] = {}
        for node in reversed(nodes):
            words = ("default", "deprecated", "readOnly", "writeOnly", "title", "description")
            notes |= {word: node[word] for word in words if word in node}
        formats = sorted({str(node["format"]) for node in nodes if isinstance(node.get("format"), str)})
        tags = [node["discriminator"] for node in nodes if is_object(node.get("discriminator"))]
        tag: JsonObject = tags[0] if tags else {}
        mapping: Json = tag.get("mapping")
        return Shape(
            at=at,
            name=name,
            types=types,
            values=values,
            low=max(_bounds(nodes, "minimum"), key=lambda b: (b.value, b.exclusive), default=None),
            high=min(_bounds(nodes, "maximum"), key=lambda b: (b.value, not b.exclusive), default=None),
            counts=counts,
            multiples=frozenset(Fraction(str(n["multipleOf"])) for n in nodes if _is_number(n.get("multipleOf"))),
            patterns=frozenset(n["pattern"] for n in nodes if isinstance(n.get("pattern"), str)),
            format="+".join(formats),
            unique=any(node.get("uniqueItems") is True for node in nodes),
            properties=properties,
            required=required,
            rest=rest,
            fitting=fitting,
            items=items,
            prefix=prefix,
            union=tuple((member,) for member in self._union),
            tag=str(tag.get("propertyName", "")),
            mapping={str(k): str(v) for k, v in mapping.items()} if is_object(mapping) else {},
            opaque=self._opaque,
            notes=notes,
            never=values == {} or not types,
        )

    def _types(self, nodes: list[JsonObject]) -> frozenset[str]:
        types = ATOMS
        for node in nodes:
            said = _types_of(node)
            if said is not None:
                types &= said
        values = self._values(nodes)
        if values is not None:
            types &= {_atom(value) for value in values.values()}
        members = [self._shapes.of((member,)).types for member in self._union]
        if members:
            types &= frozenset[str]().union(*members)
        return types | {"null"} if self._nullable else types

    def _values(self, nodes: list[JsonObject]) -> dict[str, Json] | None:
        found: dict[str, Json] | None = None
        for node in nodes:
            listed = [node["const"]] if "const" in node else node.get("enum")
            if is_array(listed):
                said = {_plain(value): value for value in listed}
                found = said if found is None else {key: value for key, value in found.items() if key in said}
        if found is not None and self._nullable:
            found["null"] = None
        return found

    def _properties(self, nodes: list[JsonObject]) -> tuple[dict[str, Property], frozenset[str]]:
        required = frozenset(
            str(name) for node in nodes for name in (node["required"] if is_array(node.get("required")) else ())
        )
        places: dict[str, list[Pointer]] = {}
        for node, at in self._parts:
            listed: Json = node.get("properties")
            for name in listed if is_object(listed) else ():
                places.setdefault(name, []).append((*at, "properties", name))
        properties = {name: Property(tuple(found), found[0], name in required) for name, found in places.items()}
        return properties, required

    def _rest(self, nodes: list[JsonObject]) -> tuple[Schema | bool, dict[str, Schema]]:
        rest: list[Pointer] = []
        fitting: dict[str, Schema] = {}
        closed = False
        for node, at in self._parts:
            said: Json = node.get("additionalProperties", True)
            closed |= said is False
            if is_object(said) and said:
                rest.append((*at, "additionalProperties"))
            patterns: Json = node.get("patternProperties")
            for pattern in patterns if is_object(patterns) else ():
                fitting[pattern] = (*fitting.get(pattern, ()), (*at, "patternProperties", pattern))
        return False if closed else tuple(rest) or True, fitting

    def _items(self) -> tuple[Schema | bool, tuple[Schema, ...]]:
        items: list[Pointer] = []
        prefix: tuple[Schema, ...] = ()
        closed = False
        for node, at in self._parts:
            said: Json = node.get("items", True)
            closed |= said is False
            if is_object(said) and said:
                items.append((*at, "items"))
            listed: Json = node.get("prefixItems")
            if is_array(listed) and not prefix:
                prefix = tuple(((*at, "prefixItems", index),) for index in range(len(listed)))
        return False if closed else tuple(items) or True, prefix


def _types_of(node: JsonObject) -> frozenset[str] | None:
    """What ``type`` lets through, or the keywords that mean one; None for anything."""
    said: Json = node.get("type")
    if isinstance(said, str) or is_array(said):
        found = frozenset(str(name) for name in (said if is_array(said) else [said]))
        found = found | {"integer", "fraction"} if "number" in found else found
        found = found - {"number"}
        return found | {"string"} - {"file"} if "file" in found else found & ATOMS
    if "anyOf" in node or "oneOf" in node or "enum" in node or "const" in node:
        return None
    if any(word in node for word in _OF_OBJECTS):
        return frozenset(["object"])
    if any(word in node for word in _OF_ARRAYS):
        return frozenset(["array"])
    return None


def _atom(value: Json) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if float(value).is_integer() else "fraction"
    return "string" if isinstance(value, str) else "array" if is_array(value) else "object"


def _bounds(nodes: list[JsonObject], word: str) -> Iterator[Bound]:
    exclusive = f"exclusive{word.capitalize()}"
    for node in nodes:
        if _is_number(node.get(word)):
            yield Bound(Fraction(str(node[word])))
        if _is_number(node.get(exclusive)):
            yield Bound(Fraction(str(node[exclusive])), True)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: Json) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
