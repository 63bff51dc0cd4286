"""What several schemas that a value has to fit all at once say together (JSON Schema 2020-12 Core, 10.2.1.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, lcm

from generator.tree import Json, JsonObject, Pointer, is_array, is_object

from .classes import below, property_name
from .limits import FORMATS, binary_content
from .literals import literals_of, of_kinds
from .sources import Leaf, Null, Source, Sources, SourceTree, is_component, meet, union_members
from .values import KEPT, ContradictionError, Tally, identity, is_annotation, same

_UNIONS = ("oneOf", "anyOf")
_TIGHTEN: dict[str, Callable[[Json, Json], Json]] = {
    "minimum": max,
    "exclusiveMinimum": max,
    "minLength": max,
    "minItems": max,
    "maximum": min,
    "exclusiveMaximum": min,
    "maxLength": min,
    "maxItems": min,
}
_NUMBERS = frozenset([*_TIGHTEN, "multipleOf"])
_ONE_OF_A_KIND = ("pattern", "format", "multipleOf", "contentMediaType", "contentEncoding")
_IMPLIED_KIND = {
    "properties": "object",
    "additionalProperties": "object",
    "patternProperties": "object",
    "items": "array",
    "prefixItems": "array",
}
_SHAPING = frozenset(["type", "enum", "const", "$ref", "allOf", *_UNIONS, *_IMPLIED_KIND])


@dataclass(frozen=True, slots=True)
class Union:
    """A ``oneOf`` or ``anyOf``: where it stands, its members, and its ``discriminator``, if it has one."""

    pointer: Pointer
    members: list[Source]
    discriminator: Json


@dataclass(slots=True)
class Merged:
    """Everything that a conjunction of sources says, sorted by what it speaks of.

    ``null`` says whether null may come; ``kinds`` and ``literals`` leave it out, and are None if nothing is said.
    A property that several sources describe has to fit all of them.
    """

    sources: Sources
    leaves: list[Leaf]
    null: Null
    kinds: list[str] | None = None
    literals: list[Json] | None = None
    words: JsonObject = field(default_factory=dict[str, Json])
    notes: JsonObject = field(default_factory=dict[str, Json])
    properties: dict[str, Sources] = field(default_factory=dict[str, "Sources"])
    required: list[str] = field(default_factory=list[str])
    items: Sources = ()
    places: list[Sources] = field(default_factory=list["Sources"])
    no_more_items: bool = False
    values: Sources = ()
    patterns: list[Source] = field(default_factory=list["Source"])
    closed: bool = False
    unions: list[Union] = field(default_factory=list["Union"])

    @property
    def pointer(self) -> Pointer:
        """Where the first of the sources stands."""
        return self.sources[0].pointer

    @property
    def has_shape(self) -> bool:
        """Whether an object that fits has properties of its own, or may have none at all."""
        return bool(self.properties) or (self.closed and not self.patterns)

    @property
    def is_class(self) -> bool:
        """Whether whatever fits, null aside, is an object with a shape of its own."""
        return self.has_shape and self.kinds == ["object"] and self.literals is None and not self.unions

    def rest(self) -> Sources:
        """What stands beside the unions."""
        found: list[Source] = []
        for leaf in self.leaves:
            node = {key: value for key, value in leaf.node.items() if key not in _UNIONS and not is_annotation(key)}
            if node:
                found.append(Source(node, leaf.source.pointer, leaf.source.hint, rest=True))
        return tuple(found)


def merge(sources: Sources, tree: SourceTree, tally: Tally) -> Merged:
    """What the sources say together. Raises :class:`ContradictionError` where no value fits them all.

    Limits are tightened. Of what cannot be joined (two patterns) the first stays, and the other is said to be unchecked.
    """
    by_place: dict[Pointer, Leaf] = {}
    null: Null = "unsaid"
    for source in sources:
        found, other = tree.leaves(source)
        null = meet(null, other)
        for leaf in found:
            # What several of them include says nothing new the second time; all of it says more than its rest.
            known = by_place.get(leaf.source.pointer)
            if known is None or (known.source.rest and not leaf.source.rest):
                by_place[leaf.source.pointer] = leaf
    leaves = list(by_place.values())
    merged = Merged(sources, leaves, null)
    for leaf in leaves:
        _Merger(merged, leaf, tree, tally).add()
    for leaf in sorted(leaves, key=lambda leaf: leaf.depth):
        _add_notes(merged, leaf)
    _settle_kinds(merged)
    return merged


class _Merger:
    """Adds what one leaf says."""

    def __init__(self, merged: Merged, leaf: Leaf, tree: SourceTree, tally: Tally) -> None:
        self._merged, self._leaf, self._tree, self._tally = merged, leaf, tree, tally

    def add(self) -> None:
        node, merged = self._leaf.node, self._merged
        if "not" in node and (node["not"] is True or node["not"] == {}):
            raise ContradictionError("`not` of anything lets no value through", meant=True)
        if "type" in node:
            self._kinds(node["type"])
        if "enum" in node or "const" in node:
            self._literals()
        for keyword, value in node.items():
            if keyword in _NUMBERS and (isinstance(value, bool) or not isinstance(value, int | float)):
                continue
            if keyword in _TIGHTEN:
                merged.words[keyword] = _TIGHTEN[keyword](merged.words.get(keyword, value), value)
            elif keyword in _ONE_OF_A_KIND:
                self._word(keyword, value)
            elif keyword == "required" and is_array(value):
                merged.required += [key for key in value if isinstance(key, str) and key not in merged.required]
            elif keyword in _UNIONS and is_array(value):
                self._union(keyword)
        if is_object(node.get("properties")):
            self._properties(node["properties"])
        self._items(node)
        self._values(node)

    def _warn(self, code: str, keyword: str, message: str) -> None:
        self._tally.note(code, message, (*self._leaf.source.pointer, keyword))

    def _kinds(self, value: Json) -> None:
        kinds = [kind for kind in (value if is_array(value) else [value]) if kind != "null"]
        before = self._merged.kinds
        if before is None:
            self._merged.kinds = kinds
            return
        both = [kind for kind in _narrowed(before, kinds) if kind in _narrowed(kinds, before)]
        if not both and self._merged.null != "yes":
            raise ContradictionError(f"what is {_words(before)} is never {_words(kinds)}")
        self._merged.kinds = both

    def _literals(self) -> None:
        values = literals_of(self._leaf.node, self._warn)
        before = self._merged.literals
        if values is None or before is None:
            self._merged.literals = before if values is None else values
            return
        others = set(map(identity, values))
        both = [value for value in before if identity(value) in others]
        if not both and self._merged.null != "yes":
            raise ContradictionError("the `enum`s that meet here have no value in common")
        self._merged.literals = both

    def _word(self, keyword: str, value: Json) -> None:
        words = self._merged.words
        if keyword not in words or same(words[keyword], value):
            words[keyword] = value
        elif keyword == "multipleOf":
            if words[keyword] > 0 and value > 0:
                words[keyword] = _common_multiple(words[keyword], value)
        elif keyword == "format" and words[keyword] not in FORMATS:
            words[keyword] = value
        elif keyword == "pattern":
            self._warn(
                "not-enforced",
                keyword,
                "a second `pattern` has no place in a Python type: only the server checks it, in JSON bodies",
            )

    def _union(self, keyword: str) -> None:
        """Adds the union, unless it says nothing about types, or only that the value is what it is anyway."""
        leaf = self._leaf
        members = union_members(leaf, keyword)
        kept: list[Source] = []
        for member in members:
            place = self._tree.aliased(member)
            if place not in leaf.trail or (leaf.depth and not is_component(place)):
                kept.append(member)
            elif leaf.depth:
                return  # A child includes its parent, which lists its children: it is one of them anyway.
            else:
                message = f"a member of this `{keyword}` is the union itself: it adds nothing"
                self._tally.note("union-of-itself", message, member.pointer)
        if not kept:
            self._warn("empty-union", keyword, f"`{keyword}` has no members but itself: it is left out")
            return
        shapeless = [is_object(m.node) and not _SHAPING & m.node.keys() for m in kept]
        if all(shapeless) and len(leaf.node) > 1:
            self._warn(
                "not-enforced",
                keyword,
                f"`{keyword}` that speaks of no types: only the server checks it, in JSON bodies",
            )
            return
        pointer = (*leaf.source.pointer, keyword)
        self._merged.unions.append(Union(pointer, kept, leaf.node.get("discriminator")))

    def _properties(self, properties: JsonObject) -> None:
        pointer, hint = self._leaf.source.pointer, self._leaf.source.hint
        found = self._merged.properties
        for key, value in properties.items():
            source = Source(value, (*pointer, "properties", key), below(hint, property_name(key)))
            found[key] = _with(found.get(key, ()), source)

    def _items(self, node: JsonObject) -> None:
        """Items by place (``prefixItems``, in older drafts a list of ``items``), and those after them."""
        merged, leaf = self._merged, self._leaf
        items, keyword = node.get("items"), "items"
        listed = node.get("prefixItems"), "prefixItems"
        if is_array(items):
            listed, items, keyword = (items, "items"), node.get("additionalItems"), "additionalItems"
        places, at = listed
        for index, place in enumerate(places if is_array(places) else ()):
            source = Source(place, (*leaf.source.pointer, at, index), below(leaf.source.hint, f"Item{index + 1}"))
            merged.places += [()] if index == len(merged.places) else []
            merged.places[index] = _with(merged.places[index], source)
        if items is False and is_array(places):
            merged.no_more_items = True
        elif items is not None and not is_array(items):
            merged.items = _with(merged.items, leaf.child(keyword, word="Item"))

    def _values(self, node: JsonObject) -> None:
        merged, leaf = self._merged, self._leaf
        if node.get("additionalProperties") is False:
            merged.closed = True
        elif is_object(node.get("additionalProperties")):
            merged.values = _with(merged.values, leaf.child("additionalProperties", word="Value"))
        patterns = node.get("patternProperties")
        for pattern, value in patterns.items() if is_object(patterns) else ():
            pointer = (*leaf.source.pointer, "patternProperties", pattern)
            merged.patterns.append(Source(value, pointer, below(leaf.source.hint, "Value")))


def _with(sources: Sources, source: Source) -> Sources:
    return sources if any(source.key == other.key for other in sources) else (*sources, source)


def _add_notes(merged: Merged, leaf: Leaf) -> None:
    """Notes nearer to the place count more than those of what it refers to."""
    for key in KEPT:
        if key in leaf.node and key not in merged.notes:
            merged.notes[key] = leaf.node[key]


def _settle_kinds(merged: Merged) -> None:
    if merged.kinds is None and merged.literals is None and not merged.unions:
        implied = [kind for leaf in merged.leaves for key, kind in _IMPLIED_KIND.items() if key in leaf.node]
        merged.kinds = implied[:1] or (["string"] if binary_content(merged.words) else None)
    if merged.literals is not None and merged.kinds is not None:
        merged.literals = of_kinds(merged.literals, merged.kinds)
        if not merged.literals and merged.null != "yes":
            raise ContradictionError(f"no value of the `enum` is {_words(merged.kinds)}")


def _words(kinds: list[str]) -> str:
    return " or ".join(f"a{'n' if kind[0] in 'aio' else ''} {kind}" for kind in kinds) or "null"


def _narrowed(kinds: list[str], beside: list[str]) -> list[str]:
    """The types as they are beside others: a number that is an integer as well is an integer."""
    narrow = "integer" in beside and "number" not in beside
    return ["integer" if kind == "number" and narrow else kind for kind in kinds]


def _common_multiple(first: Json, second: Json) -> Json:
    one, other = Fraction(str(first)), Fraction(str(second))
    common = Fraction(lcm(one.numerator, other.numerator), gcd(one.denominator, other.denominator))
    return common.numerator if common.denominator == 1 else float(common)
