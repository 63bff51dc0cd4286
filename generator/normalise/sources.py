"""The schemas of a bundled document with their places, and what each consists of once it is looked through.

A value fits a schema if it fits what stands in it, what its ``$ref`` leads to, and each part of its ``allOf``
(JSON Schema 2020-12 Core, 8.2.3.1 and 10.2.1.1). So what there is to read is always a conjunction: one source or more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from generator.bundle import Provenance
from generator.errors import SpecloomError, error
from generator.tree import Json, JsonObject, Pointer, is_array, is_object, parse_pointer, resolve

from .classes import COMPONENTS, below, member_words, property_name
from .values import KEPT, ContradictionError, Tally, is_annotation

MAX_DEPTH = 100
"""How many schemas may stand in one another, or be linked to one another, before we refuse to follow."""

_KINDS_ASKED = 500
"""How many schemas are asked for the types of one: unions of unions of the same few double with each level."""

Null: TypeAlias = Literal["yes", "no", "unsaid"]
Upconvert: TypeAlias = Callable[[JsonObject], JsonObject]
_LINKS = ("$ref", "allOf", "x-nullable")
_KINDS = frozenset(["string", "integer", "number", "boolean", "array", "object", "null"])
_MEANT: Mapping[str, JsonObject] = {
    "any": {},
    "file": {"type": "string", "format": "binary"},
    "int": {"type": "integer"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "long": {"type": "integer", "format": "int64"},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "decimal": {"type": "number"},
    "bool": {"type": "boolean"},
    "str": {"type": "string"},
    "text": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "date-time": {"type": "string", "format": "date-time"},
    "uuid": {"type": "string", "format": "uuid"},
    "enum": {"type": "string"},
    "byte": {"type": "string"},
    "binary": {"type": "string", "format": "binary"},
    "list": {"type": "array"},
    "dict": {"type": "object"},
    "map": {"type": "object"},
    "hash": {"type": "object"},
    "json": {},
    "mixed": {},
    "none": {"type": "null"},
    "nil": {"type": "null"},
}
"""Words that are no types, and what people mean by them. ``file`` is one in Swagger 2.0."""


@dataclass(frozen=True, slots=True)
class Source:
    """A schema of the document, where it stands, and what a class that it makes would be called.

    ``rest`` says that the node is not all that stands there: its links and unions are dealt with elsewhere. ``word`` is
    what a member of a union adds to the name of that.
    """

    node: Json
    pointer: Pointer
    hint: str
    rest: bool = False
    word: str = ""

    @property
    def key(self) -> tuple[Pointer, bool]:
        """What tells the source from every other one."""
        return self.pointer, self.rest


Sources: TypeAlias = tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A schema without links. ``trail`` holds the places that led to it, ``depth`` says through how many references."""

    node: JsonObject
    source: Source
    depth: int = 0
    trail: frozenset[Pointer] = frozenset()

    def child(self, keyword: str, *, word: str) -> Source:
        """The schema at a keyword of this one; a class there is called after this one and ``word``."""
        return Source(self.node[keyword], (*self.source.pointer, keyword), below(self.source.hint, word))


@dataclass(slots=True)
class Bare:
    """Sources that say nothing but where to look, and notes. ``kinds`` are types that stand beside the reference."""

    target: Pointer | None = None
    notes: JsonObject = field(default_factory=dict[str, Json])
    nullable: bool = False
    kinds: frozenset[str] | None = None


class SourceTree:
    """The document as sources.

    Every method raises :class:`SpecloomError` at the place of what is no schema, or nests too deep to be followed, and
    :class:`ContradictionError` where ``false`` stands for a schema.
    """

    def __init__(
        self,
        tree: JsonObject,
        provenance: Provenance,
        *,
        classes: Mapping[Pointer, str],
        upconvert: Upconvert,
        tally: Tally,
    ) -> None:
        self._tree = tree
        self._provenance = provenance
        self._classes = classes
        self._upconvert = upconvert
        self._tally = tally
        self._targets: dict[str, Pointer] = {}
        self._at: dict[Pointer, Source] = {}
        self._too_deep: dict[Pointer, SpecloomError] = {}
        self._kinds: dict[Pointer, frozenset[str] | None] = {}

    def upconverted(self, source: Source) -> JsonObject:
        """The node in 3.1 words, ``{}`` for ``true``."""
        if source.node is True:
            return {}
        if source.node is False:
            raise ContradictionError("`false` lets no value through", meant=True)
        if not is_object(source.node):
            raise error(
                "unsupported-schema", f"{type(source.node).__name__} stands for a schema",
                self._provenance.locate(source.pointer), "describe the values with a `type`",
            )  # fmt: skip
        node = self._upconvert(source.node)
        kinds = node.get("type")
        if kinds is None or (isinstance(kinds, str) and kinds in _KINDS):
            return node
        return self._with_types(node, kinds if is_array(kinds) else [kinds], (*source.pointer, "type"))

    def _with_types(self, node: JsonObject, kinds: list[Json], pointer: Pointer) -> JsonObject:
        """The schema with words that are no types read as they are meant."""
        read: list[JsonObject] = []
        for kind in kinds:
            word = kind.lower() if isinstance(kind, str) else ""
            meant = {"type": word} if word in _KINDS else _MEANT.get(word)
            if meant is None:
                raise error(
                    "unknown-type", f"{kind!r} is not a type", self._provenance.locate(pointer),
                    f"the types are {', '.join(sorted(_KINDS))}",
                )  # fmt: skip
            read.append(meant)
            if kind != "file" and meant.get("type") != kind:
                said = f"as `{meant['type']}`" if meant else "as anything"
                self._tally.note("type-name", f"`{kind}` is not a type: it is read {said}", pointer)
        rest = {key: value for key, value in node.items() if key != "type"}
        if not read or {} in read:
            return rest
        formats = {key: value for meant in read for key, value in meant.items() if key != "type"}
        names = list(dict.fromkeys(meant["type"] for meant in read))
        return {**formats, **rest, "type": names[0] if len(names) == 1 else names}

    def target(self, reference: str) -> Pointer:
        """Where a reference leads. The bundle stage has followed every one: it is local and leads somewhere."""
        known = self._targets.get(reference)
        if known is None:
            node: Json = self._tree
            known = ()
            for token in parse_pointer(reference.removeprefix("#")):
                step = int(token) if is_array(node) else token
                known, node = (*known, step), resolve(node, (step,))
            self._targets[reference] = known
        return known

    def at(self, pointer: Pointer) -> Source:
        """The schema at a pointer, with the name that a reader who comes from its component gives it."""
        if pointer not in self._at:
            self._at[pointer] = Source(resolve(self._tree, pointer), pointer, self._hint(pointer))
        return self._at[pointer]

    def _hint(self, pointer: Pointer) -> str:
        is_component = pointer[:3] in self._classes
        if is_component:
            hint, start = self._classes[pointer[:3]], 3
        else:
            hint, start = "", next((i for i, token in enumerate(pointer) if token == "schema"), len(pointer) - 1)
            hint = property_name(" ".join(str(token) for token in pointer[:start] if token != "components"))
        tokens = iter(range(start, len(pointer)))
        for index in tokens:
            token = pointer[index]
            if token in ("$defs", "definitions") and not is_component:  # a name says more than the place in a path
                index = next(tokens, index)
                hint = property_name(str(pointer[index]))
            elif token in ("properties", "patternProperties", "$defs", "definitions"):
                index = next(tokens, index)
                hint = below(hint, property_name(str(pointer[index])))
            elif token in ("oneOf", "anyOf"):
                index = next(tokens, index)
                hint = below(hint, member_words(resolve(self._tree, pointer[:index]), hint)[int(pointer[index])])
            elif token in ("items", "prefixItems"):
                hint = below(hint, "Item")
            elif token == "additionalProperties":
                hint = below(hint, "Value")
            elif isinstance(token, str) and token not in ("allOf", "schema"):
                hint = below(hint, property_name(token))
        return hint

    # -- looking through --------------------------------------------------------------------------------------------

    def links(self, source: Source, node: JsonObject) -> Iterator[tuple[Source, bool]]:
        """What a schema refers to or includes, and whether it is by reference."""
        if isinstance(node.get("$ref"), str):
            yield self.at(self.target(node["$ref"])), True
        for index, part in enumerate(node.get("allOf", ())):
            yield Source(part, (*source.pointer, "allOf", index), source.hint), False

    def leaves(self, source: Source) -> tuple[list[Leaf], Null]:
        """What a value has to fit to fit the source, its own part first, and whether null may come."""
        return self._leaves(Leaf({}, source, 0, frozenset([source.pointer])), known={})

    def _leaves(self, start: Leaf, *, known: dict[Pointer, Null]) -> tuple[list[Leaf], Null]:
        """The leaves that a source adds to the ones found so far. ``known`` says of null what each schema referred to
        says: a second reference to it adds nothing, and would double the work at each level.
        """
        source, trail = start.source, start.trail
        node = self.upconverted(source)
        if "$ref" not in node and "allOf" not in node:
            return [Leaf(node, source, start.depth, trail)], "yes" if node.get("x-nullable") is True else null_of(node)
        own = {key: value for key, value in node.items() if key not in _LINKS}
        found, null = [Leaf(own, source, start.depth, trail)], null_of(own)
        for link, by_reference in self.links(source, node):
            if by_reference and link.pointer in trail:
                message = "this schema includes itself through `allOf`: it adds nothing to itself"
                self._tally.note("allof-cycle", message, source.pointer)
                continue
            if link.pointer in self._too_deep:
                raise self._too_deep[link.pointer]
            if len(trail) > MAX_DEPTH:
                # Every schema on the way has the same trouble, which is told once.
                problem = self.too_deep(link.pointer)
                self._too_deep |= dict.fromkeys(trail, problem)
                raise problem
            if by_reference and link.pointer in known:
                null = meet(null, known[link.pointer])
                continue
            depth = start.depth + (1 if by_reference else 0)
            more, other = self._leaves(Leaf({}, link, depth, trail | {link.pointer}), known=known)
            if by_reference:
                known[link.pointer] = other
            found += more
            null = meet(null, other)
        return found, "yes" if node.get("x-nullable") is True else null

    def too_deep(self, pointer: Pointer) -> SpecloomError:
        """The refusal of schemas that nest deeper than anybody means."""
        return error(
            "too-deep", f"schemas nest more than {MAX_DEPTH} levels deep here", self._provenance.locate(pointer),
            "name a part of it in `components` and refer to that",
        )  # fmt: skip

    def bare(self, sources: Iterable[Source]) -> Bare | None:
        """The one place that the sources refer to and the notes beside; None if they say more than that."""
        result = Bare(nullable=True)
        pending, nullable = [(source, False) for source in sources], list[bool]()
        for source, null in pending:
            if not is_object(source.node):
                return None
            node = self.upconverted(source)
            null = null or node.get("x-nullable") is True
            for key, value in node.items():
                if key in KEPT:
                    result.notes.setdefault(key, value)
                elif key == "type":
                    kinds = frozenset(value if is_array(value) else [value]) - {"null"}
                    result.kinds = kinds if result.kinds is None else result.kinds & kinds
                elif key not in _LINKS and not is_annotation(key):
                    return None
            for link, by_reference in self.links(source, node):
                if not by_reference:
                    pending.append((link, null))
                elif result.target is None or result.target == link.pointer:
                    result.target = link.pointer
                    nullable.append(null)
                else:
                    return None
            if len(pending) > MAX_DEPTH:
                return None
        result.nullable = bool(nullable) and all(nullable)
        return result if result.target is not None else None

    def aliased(self, source: Source) -> Pointer:
        """The component that the source is another name of, or its own place."""
        seen = {source.pointer}
        while True:
            found = self.bare([source])
            if found is None or found.target is None or found.target in seen:
                return source.pointer
            seen.add(found.target)
            if found.target in self._classes:
                return found.target
            source = self.at(found.target)

    def kinds(self, source: Source) -> frozenset[str] | None:
        """The types, without null, that a value of the schema can have; None if that is not said, or takes too long."""
        if source.pointer not in self._kinds:
            self._kinds[source.pointer] = self._kinds_within(source, frozenset(), budget=iter(range(_KINDS_ASKED)))
        return self._kinds[source.pointer]

    def _kinds_within(
        self, source: Source, within: frozenset[Pointer], *, budget: Iterator[int]
    ) -> frozenset[str] | None:
        if source.pointer in within:
            return frozenset()
        if source.pointer in self._kinds:
            return self._kinds[source.pointer]
        if next(budget, None) is None:
            return None
        found: frozenset[str] | None = None
        for leaf in self.leaves(source)[0]:
            kinds = self._leaf_kinds(leaf, within | {source.pointer}, budget=budget)
            if kinds is not None:
                found = kinds if found is None else found & kinds
        return found

    def _leaf_kinds(self, leaf: Leaf, within: frozenset[Pointer], *, budget: Iterator[int]) -> frozenset[str] | None:
        node = leaf.node
        if "type" in node:
            return frozenset(node["type"] if is_array(node["type"]) else [node["type"]]) - {"null"}
        for keyword in ("oneOf", "anyOf"):
            if is_array(node.get(keyword)):
                found = frozenset[str]()
                for member in union_members(leaf, keyword):
                    kinds = self._kinds_within(member, within, budget=budget)
                    if kinds is None:
                        return None
                    found |= kinds
                return found
        return frozenset(["object"]) if node.get("properties") else None


def union_members(leaf: Leaf, keyword: str) -> list[Source]:
    """The members of a union, each with the name that its class would have."""
    source, members = leaf.source, leaf.node[keyword]
    return [
        Source(member, (*source.pointer, keyword, index), below(source.hint, word), word=word)
        for index, (member, word) in enumerate(zip(members, member_words(members, source.hint), strict=True))
    ]


def null_of(node: JsonObject) -> Null:
    """What a schema without links says of null. Listed among the types or in the enum, it may come."""
    kinds = node.get("type")
    if "null" in kinds if is_array(kinds) else kinds == "null":
        return "yes"
    if is_array(node.get("enum")) and node["enum"]:
        return "yes" if None in node["enum"] else "no"
    if "const" in node:
        return "yes" if node["const"] is None else "no"
    return "unsaid" if kinds is None else "no"


def meet(first: Null, second: Null) -> Null:
    """What two schemas together say of null."""
    if "no" in (first, second):
        return "no"
    return "yes" if "yes" in (first, second) else "unsaid"


def is_component(pointer: Pointer) -> bool:
    """Whether a named schema of the document stands there."""
    return len(pointer) == 3 and pointer[:2] == COMPONENTS
