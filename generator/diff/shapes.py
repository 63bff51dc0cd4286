"""A schema as one shape: references followed, ``allOf`` merged, null told apart, whatever words its author chose.

Two schemas that say the same in other words have shapes that compare equal as far as this goes: ``nullable`` and a type
``null`` and a union with null, ``const`` and an ``enum`` of one, a reference and what it leads to. What it does not take
apart (``not``, ``if``, ``dependent*``, ``contains``, ``unevaluated*``) it keeps as it is written, in ``opaque``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import reduce
from typing import Final, TypeAlias

from generator.diff.surface import Surface
from generator.diff.values import (
    ATOMS,
    COUNTED,
    NO_LIMITS,
    NUMBERS,
    Bound,
    Limits,
    Range,
    atom,
    common_multiple,
    is_number,
    plain,
)
from generator.openapi import is_reference
from generator.tree import Json, JsonObject, Pointer, is_array, is_object, resolve

DEEPEST: Final = 50
"""How far schemas are followed into each other: nobody writes deeper ones, and Python's stack is not for those who do."""

_OPAQUE: Final = (
    ["not", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies", "contains", "minContains"]
    + ["maxContains", "unevaluatedProperties", "unevaluatedItems", "propertyNames", "contentEncoding"]
    + ["contentMediaType", "contentSchema", "$dynamicRef"]
)
_OF_OBJECTS: Final = ("properties", "additionalProperties", "patternProperties", "required")
_OF_ARRAYS: Final = ("items", "prefixItems")
_HOLDING: Final = ("not", "then", "else", "contains", "propertyNames")
_UNIONS: Final = ("anyOf", "oneOf")
_NOTES: Final = ("default", "deprecated", "readOnly", "writeOnly")
_FITTING_ALL: Final = frozenset(["", ".*"])
"""Patterns that any string fits, none being anchored (JSON Schema Validation, section 6.3.3)."""
_SAYS_NOTHING: Final = frozenset(["$ref", "summary", "title", "description", "example", "examples"])

WRITTEN: Final = NUMBERS | {"boolean"}
"""What a string says as well where everything is text."""

Schema: TypeAlias = tuple[Pointer, ...]
"""Where a schema stands: at several places, all of which hold, where ``allOf`` has a property more than once."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property of an object: where its schemas stand, and what its holder says of it."""

    schema: Schema
    at: Pointer
    required: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """What a schema says. ``at`` is where it stands, ``name`` its component's, empty where it has none.

    ``types`` are :data:`ATOMS`, none of them where nothing is let through. ``values`` are those of an ``enum``, by their
    one spelling, None for any. ``known`` are those that are named among any: an ``enum`` beside a string that lets all of
    them through; ``extensible`` those of ``x-extensible-enum``. ``union`` has the members of ``anyOf`` and ``oneOf``
    without null, each a schema; further unions beside it are ``opaque``. ``rest`` is the schema of properties that are not
    named: True for any, False for none.
    ``held`` are the schemas of those ``opaque`` words that have one of their own (``not``, ``then``, ``else``, ...).
    """

    at: Pointer
    name: str
    types: frozenset[str]
    values: Mapping[str, Json] | None = None
    known: Mapping[str, Json] = field(default_factory=dict[str, Json])
    extensible: Mapping[str, Json] = field(default_factory=dict[str, Json])
    limits: Limits = NO_LIMITS
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
    held: Mapping[str, Schema] = field(default_factory=dict[str, Schema])
    notes: Mapping[str, Json] = field(default_factory=dict[str, Json])

    @property
    def is_object(self) -> bool:
        """Whether it lets objects through."""
        return "object" in self.types

    @property
    def never(self) -> bool:
        """Whether it lets nothing through."""
        return not self.types

    def item(self, index: int) -> Schema | bool:
        """The schema of one item: True for any, False where there may be none."""
        return self.prefix[index] if index < len(self.prefix) else self.items

    def without_null(self) -> Shape:
        """The same but for null, which a union tells of for its members."""
        return replace(self, types=self.types - {"null"})

    def is_open_to(self, value: Json) -> bool:
        """Whether it says types and limits, and this value keeps to them."""
        says_more = self.values is not None or self.patterns or self.format or self.opaque or self.union
        return not says_more and atom(value) in self.types and self.limits.hold(value)

    @property
    def is_plain(self) -> bool:
        """Whether it says types and nothing else that a scalar has to keep to."""
        limited = self.limits != NO_LIMITS or self.values is not None
        return not (limited or self.patterns or self.format or self.opaque or self.union)


class Shapes:
    """The shapes of one document's schemas, each made once."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self._made: dict[Schema, Shape] = {}
        self._making: set[Schema] = set()

    def of(self, schema: Schema) -> Shape:
        """The shape of all that stands at these places."""
        if schema in self._making or len(self._making) > DEEPEST:  # a union that is its own member says nothing
            return Shape(schema[0], "", ATOMS - {"null"})
        if schema not in self._made:
            self._making.add(schema)
            self._made[schema] = self._shape(schema)
            self._making.discard(schema)
        return self._made[schema]

    def as_text(self, shape: Shape, other: Shape) -> Shape:
        """The same of what is sent in text, with those types of the other side that do not show there: where any string may
        come, numbers and booleans may as well, and where a list may come, one item of it.
        """
        types = shape.types | (self._one_of(shape) & other.types)
        return replace(shape, types=types | (WRITTEN & other.types) if shape.is_plain and "string" in types else types)

    def _one_of(self, shape: Shape) -> frozenset[str]:
        """The types that one item of a list has by itself."""
        if "array" not in shape.types or isinstance(shape.items, bool) or shape.prefix or shape.limits.counts:
            return frozenset()
        item = self.of(shape.items)
        return item.types - {"null", "array", "object"} if item.is_plain else frozenset()

    def home(self, pointer: Pointer) -> Pointer:
        """Where references lead in the end that have nothing said beside them: equal for two schemas that are one."""
        seen: set[Pointer] = set()
        while pointer not in seen:
            seen.add(pointer)
            node = resolve(self.surface.tree, pointer)
            if is_reference(node) and node["$ref"].startswith("#") and node.keys() <= _SAYS_NOTHING:
                pointer = self.surface.target(node["$ref"])
        return pointer

    def _shape(self, schema: Schema) -> Shape:
        home = self.home(schema[0])
        name = str(home[2]) if len(home) == 3 and home[:2] == ("components", "schemas") else ""
        return _Merge(self, [*self.parts_of(schema)]).shape(home, name)

    def parts_of(self, schema: Schema) -> Iterator[tuple[JsonObject, Pointer]]:
        """The schemas without ``$ref`` and ``allOf`` that all have to hold, each once."""
        pending, seen = [*reversed(schema)], set[Pointer]()
        while pending:
            pointer = pending.pop()
            node = resolve(self.surface.tree, pointer)
            if node is False:
                yield {"enum": []}, pointer
            if pointer in seen or not is_object(node):
                continue
            seen.add(pointer)
            node = self.surface.upconvert(node)
            own = {key: value for key, value in node.items() if key not in ("$ref", "allOf")}
            if own:
                yield own, pointer
            members: Json = node.get("allOf")
            pending += [
                (*pointer, "allOf", index) for index in reversed(range(len(members) if is_array(members) else 0))
            ]
            if isinstance(node.get("$ref"), str) and node["$ref"].startswith("#"):
                pending.append(self.surface.target(node["$ref"]))

    def unions(self, node: JsonObject, at: Pointer) -> Iterator[tuple[list[Pointer], bool]]:
        """The members of each union but null and what lets nothing through, and whether null is one."""
        for word in _UNIONS:
            if is_array(node.get(word)):
                types = {member: self.of((member,)).types for member in self._members(node, at, word)}
                yield [m for m in types if types[m] - {"null"}], any("null" in types[m] for m in types)

    def _members(self, node: JsonObject, at: Pointer, word: str) -> list[Pointer]:
        """The members of a union, for one that is nothing but a union its members."""
        pending = [(*at, word, index) for index in reversed(range(len(node[word])))]
        found: list[Pointer] = []
        seen: set[Pointer] = set()
        while pending:
            member = pending.pop()
            home = self.home(member)
            if home in seen:
                continue
            seen.add(home)
            inner: Json = resolve(self.surface.tree, home)
            words = [word for word in inner if word not in _SAYS_NOTHING] if is_object(inner) else []
            if len(words) == 1 and words[0] in _UNIONS and is_array(inner[words[0]]):
                pending += [(*home, words[0], index) for index in reversed(range(len(inner[words[0]])))]
            else:
                found.append(member)
        return found

    def values_of(self, members: Iterable[Pointer]) -> list[Json] | None:
        """The values of a union all of whose members do nothing but list some."""
        found: list[Json] = []
        for member in members:
            shape = self.of((member,))
            if shape.values is None or not shape.types <= {"null", "boolean", "integer", "fraction", "string"}:
                return None
            found += shape.values.values()
        return found


class _Merge:
    """Makes one shape of schemas that all hold."""

    def __init__(self, shapes: Shapes, parts: list[tuple[JsonObject, Pointer]]) -> None:
        self._shapes = shapes
        self._union: list[Pointer] = []
        self._opaque: dict[str, str] = {}
        self._known: dict[str, Json] = {}
        own = [node for node, _ in parts]
        unions = [has_null for node, at in parts for _, has_null in shapes.unions(node, at)]
        takes_null = bool(unions) and all(unions) and "null" in _stated_types(own) and self._values(own, False) is None
        self._nullable = takes_null or any(node.get("x-nullable") is True for node in own)
        self._parts = [*self._without_unions(parts)]

    def _without_unions(self, parts: Iterable[tuple[JsonObject, Pointer]]) -> Iterator[tuple[JsonObject, Pointer]]:
        for node, at in parts:
            yield node, at
            for members, has_null in self._shapes.unions(node, at):
                yield from self._without_union(node, at, members, has_null)

    def _without_union(
        self, node: JsonObject, at: Pointer, members: list[Pointer], has_null: bool
    ) -> Iterator[tuple[JsonObject, Pointer]]:
        """What a union says where it is none: of null alone, of one other member, of members that list values."""
        values = self._shapes.values_of(members)
        if values is None:
            members = self._without_known(members)
        if not members:
            yield {"type": "null"} if has_null else {"enum": []}, at
        elif len(members) == 1:
            yield from self._without_unions(self._shapes.parts_of((members[0],)))
        elif values is not None:
            yield {"enum": values}, at
        elif not self._union:
            self._union = members
        else:
            said = {word: node[word] for word in _UNIONS if word in node}
            self._opaque["anyOf"] = self._opaque.get("anyOf", "") + plain(said)

    def _without_known(self, members: list[Pointer]) -> list[Pointer]:
        """The members but those that only name values which another one lets through with any others."""
        shapes = {member: self._shapes.of((member,)) for member in members}
        found: list[Pointer] = []
        for member, shape in shapes.items():
            values: Mapping[str, Json] = {} if shape.values is None else shape.values
            if values and all(any(other.is_open_to(value) for other in shapes.values()) for value in values.values()):
                self._known |= values
            else:
                found.append(member)
        return found

    def shape(self, at: Pointer, name: str) -> Shape:
        """All that they say."""
        nodes = [node for node, _ in self._parts]
        values = self._values(nodes, self._nullable)
        properties = self._properties()
        rest, fitting = self._rest()
        items, prefix = self._items()
        for node in nodes:
            self._opaque |= {word: self._opaque.get(word, "") + plain(node[word]) for word in _OPAQUE if word in node}
        notes: dict[str, Json] = {}
        for node in reversed(nodes):
            notes |= {word: node[word] for word in _NOTES if word in node}
        tags = [node["discriminator"] for node in nodes if is_object(node.get("discriminator"))]
        tag: JsonObject = tags[0] if tags else {}
        mapping: Json = tag.get("mapping")
        shape = Shape(
            at=at,
            name=name,
            types=self._types(nodes, values),
            values=values,
            known=self._known,
            extensible={plain(v): v for node in nodes for v in _extensible(node)} if values is None else {},
            limits=_limits(nodes),
            patterns=frozenset(n["pattern"] for n in nodes if isinstance(n.get("pattern"), str)) - _FITTING_ALL,
            format="+".join(sorted({n["format"] for n in nodes if isinstance(n.get("format"), str)})),
            unique=any(node.get("uniqueItems") is True for node in nodes),
            properties=properties,
            required=frozenset(name for name, found in properties.items() if found.required),
            rest=rest,
            fitting=fitting,
            items=items,
            prefix=prefix,
            union=tuple((member,) for member in self._union),
            tag=str(tag.get("propertyName", "")),
            mapping={str(k): str(v) for k, v in mapping.items()} if is_object(mapping) else {},
            opaque=self._opaque,
            held={word: self._held(word) for word in _HOLDING if self._held(word)},
            notes=notes,
        )
        return _settled(shape)

    def _held(self, word: str) -> Schema:
        """Where the schema of a word stands, if it is said once."""
        found = [(*at, word) for node, at in self._parts if word in node]
        return (found[0],) if len(found) == 1 else ()

    def _types(self, nodes: list[JsonObject], values: Mapping[str, Json] | None) -> frozenset[str]:
        types = _stated_types(nodes)
        if values is not None:
            types &= {atom(value) for value in values.values()}
        if self._union:
            types &= frozenset[str]().union(*(self._shapes.of((member,)).types for member in self._union))
        return types | {"null"} if self._nullable else types

    @staticmethod
    def _values(nodes: list[JsonObject], nullable: bool) -> dict[str, Json] | None:
        found: dict[str, Json] | None = None
        for node in nodes:
            listed = [node["const"]] if "const" in node else node.get("enum")
            if is_array(listed):
                said = {plain(value): value for value in listed}
                found = said if found is None else {key: value for key, value in found.items() if key in said}
        return {**found, "null": None} if found is not None and nullable else found

    def _properties(self) -> dict[str, Property]:
        """The properties by name: those that are described, then those that are only asked for, which may be anything."""
        required: dict[str, Pointer] = {}
        places: dict[str, list[Pointer]] = {}
        for node, at in self._parts:
            asked: Json = node.get("required")
            required |= {str(name): (*at, "required") for name in (asked if is_array(asked) else ())}
            listed: Json = node.get("properties")
            for name in listed if is_object(listed) else ():
                places.setdefault(name, []).append((*at, "properties", name))
        properties = {name: Property(tuple(found), found[0], name in required) for name, found in places.items()}
        rest = self._rest()[0]
        for name, at in required.items():
            if name not in properties:
                properties[name] = Property((at,) if isinstance(rest, bool) else rest, at, True)
        return properties

    def _rest(self) -> tuple[Schema | bool, dict[str, Schema]]:
        rest: list[Pointer] = []
        fitting: dict[str, Schema] = {}
        closed = False
        for node, at in self._parts:
            said: Json = node.get("additionalProperties", True)
            closed |= said is False
            if _says_something(said):
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
            if _says_something(said):
                items.append((*at, "items"))
            listed: Json = node.get("prefixItems")
            if is_array(listed) and not prefix:
                prefix = tuple(((*at, "prefixItems", index),) for index in range(len(listed)))
        return False if closed else tuple(items) or True, prefix


def _stated_types(nodes: list[JsonObject]) -> frozenset[str]:
    """What ``type`` lets through or, where nobody says it nor lists values, the keywords that mean one."""
    stated = [found for node in nodes if (found := _types_of(node)) is not None]
    if stated:
        return ATOMS.intersection(*stated)
    words = {word for node in nodes for word in node}
    if not words.isdisjoint(("enum", "const", *_UNIONS)):
        return ATOMS
    if not words.isdisjoint(_OF_OBJECTS):
        return frozenset(["object"])
    return ATOMS if words.isdisjoint(_OF_ARRAYS) else frozenset(["array"])


def _types_of(node: JsonObject) -> frozenset[str] | None:
    said: Json = node.get("type")
    if not isinstance(said, str) and not is_array(said):
        return None
    found = {str(name) for name in (said if is_array(said) else [said])}
    found |= {"integer", "fraction"} if "number" in found else {"string"} if "file" in found else set()
    return ATOMS & found


def _extensible(node: JsonObject) -> Iterable[Json]:
    said: Json = node.get("x-extensible-enum")
    return said if is_array(said) else ()


def _says_something(said: Json) -> bool:
    """Whether a schema that is an object asks for anything."""
    return is_object(said) and not said.keys() <= _SAYS_NOTHING - {"$ref"}


def _limits(nodes: list[JsonObject]) -> Limits:
    counts: dict[str, int] = {}
    for keyword in (end + of for of in COUNTED for end in ("min", "max")):
        said = [int(node[keyword]) for node in nodes if is_number(node.get(keyword))]
        if said and (keyword.startswith("max") or max(said) > 0):
            counts[keyword] = min(said) if keyword.startswith("max") else max(said)
    low = max(_bounds(nodes, "minimum"), key=lambda bound: (bound.value, bound.exclusive), default=None)
    high = min(_bounds(nodes, "maximum"), key=lambda bound: (bound.value, not bound.exclusive), default=None)
    steps = [Fraction(str(n["multipleOf"])) for n in nodes if is_number(n.get("multipleOf")) and n["multipleOf"] > 0]
    return Limits(Range(low, high, reduce(common_multiple, steps) if steps else None), counts)


def _bounds(nodes: list[JsonObject], word: str) -> Iterator[Bound]:
    exclusive = f"exclusive{word.capitalize()}"
    for node in nodes:
        if is_number(node.get(word)):
            yield Bound(Fraction(str(node[word])))
        if is_number(node.get(exclusive)):
            yield Bound(Fraction(str(node[exclusive])), True)


def _settled(shape: Shape) -> Shape:
    """The same with what follows from it: which types and values its limits leave, and which limits say nothing."""
    types, numbers, counts = shape.types, shape.limits.range, dict(shape.limits.counts)
    if numbers.step is not None and numbers.step.denominator == 1:
        types -= {"fraction"}
    if "integer" in types and "fraction" not in types:
        numbers = numbers.whole()
    if numbers.is_empty:
        types -= NUMBERS
    is_closed = shape.rest is False and not shape.fitting
    _drop_idle(counts, "Properties", len(shape.required), len(shape.properties) if is_closed else None)
    _drop_idle(counts, "Items", 0, len(shape.prefix) if shape.items is False else None)
    for ending, kind in COUNTED.items():
        if counts.get(f"min{ending}", 0) > counts.get(f"max{ending}", counts.get(f"min{ending}", 0)):
            types -= {kind}
    limits = Limits(numbers, counts)
    if shape.values is None:
        return replace(shape, types=types, limits=limits)
    values = {key: value for key, value in shape.values.items() if atom(value) in types and limits.hold(value)}
    return replace(shape, types=types & {atom(value) for value in values.values()}, values=values, limits=limits)


def _drop_idle(counts: dict[str, int], ending: str, least: int, most: int | None) -> None:
    """Takes limits away that values keep within anyway, having ``least`` parts at least and ``most`` at most."""
    if counts.get(f"min{ending}", least + 1) <= least:
        del counts[f"min{ending}"]
    if most is not None and counts.get(f"max{ending}", -1) >= most:
        del counts[f"max{ending}"]
