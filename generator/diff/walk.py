"""Two documents in step: every pair that rules look at, and which operations it is part of."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from generator.diff.members import matched, members
from generator.diff.pairs import (
    BodyPair,
    Comparison,
    ContentPair,
    HeaderPair,
    LimitsPair,
    MemberPair,
    OperationPair,
    ParameterPair,
    PropertyPair,
    ResponsePair,
    SchemaPair,
    SchemePair,
    Sent,
    SurfacePair,
    WebhookPair,
)
from generator.diff.shapes import Schema, Shapes
from generator.diff.subtypes import Subtyping
from generator.diff.surface import Body, Content, Operation, Parameter, Response, Surface

AnyPair: TypeAlias = (
    SurfacePair
    | OperationPair
    | WebhookPair
    | ParameterPair
    | HeaderPair
    | BodyPair
    | ResponsePair
    | ContentPair
    | SchemePair
    | SchemaPair
    | LimitsPair
    | PropertyPair
    | MemberPair
)
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(slots=True)
class Node:
    """Pairs that stand and fall together, and the schemas they lead to, by key."""

    pairs: list[AnyPair] = field(default_factory=list[AnyPair])
    leads_to: set[Hashable] = field(default_factory=set[Hashable])


@dataclass(frozen=True, slots=True)
class Walked:
    """All pairs: those of the documents, those of each operation by its name, and the schemas that they lead to."""

    whole: Node
    operations: Mapping[str, Node]
    schemas: Mapping[Hashable, Node]

    def reached(self, start: Node) -> set[Hashable]:
        """The keys of the schemas that a node leads to, directly and through each other."""
        found: set[Hashable] = set()
        pending = [*start.leads_to]
        while pending:
            key = pending.pop()
            if key not in found:
                found.add(key)
                pending += self.schemas[key].leads_to
        return found


def walk(old: Surface, new: Surface) -> Walked:
    """Every pair of the two documents."""
    return _Walk(old, new).walked()


class _Walk:
    def __init__(self, old: Surface, new: Surface) -> None:
        self._old, self._new = old, new
        shapes = (Shapes(old), Shapes(new))
        self._comparison = Comparison(*shapes, Subtyping(shapes[1], shapes[0]), Subtyping(*shapes))
        self._schemas: dict[Hashable, Node] = {}
        self._pending: list[tuple[Node, SchemaPair, Schema, Schema]] = []

    def walked(self) -> Walked:
        whole = Node([SurfacePair(self._old, self._new)])
        for name, old, new in _paired(self._old.schemes, self._new.schemes):
            whole.pairs.append(SchemePair(f"the security scheme `{name}`", old, new))
        operations: dict[str, Node] = {}
        for _, old, new in _paired(self._old.operations, self._new.operations):
            name = _named(old, new)
            operations[name] = self._operation(OperationPair(name, old, new), sent="request")
        for _, old, new in _paired(self._old.webhooks, self._new.webhooks):
            name = f"the webhook `{_named(old, new)}`"
            operations[name] = self._operation(WebhookPair(name, old, new), sent="response")
        while self._pending:
            self._inside(*self._pending.pop())
        return Walked(whole, operations, self._schemas)

    def _operation(self, pair: OperationPair | WebhookPair, *, sent: Sent) -> Node:
        """The pairs of an operation. What a webhook's caller sends is what we are sent."""
        answered: Sent = "response" if sent == "request" else "request"
        node = Node([pair])
        if pair.old is None or pair.new is None:
            return node
        for (place, name), old, new in _paired(*_by_position(pair.old, pair.new)):
            words = f"the {place} parameter `{name}` of {pair.name}"
            node.pairs.append(ParameterPair(words, old, new))
            self._parameter(node, words, old, new, sent)
        self._body(node, pair, sent)
        for status, old, new in _paired(pair.old.responses, pair.new.responses):
            self._response(node, ResponsePair(f"the {status} answer of {pair.name}", old, new), answered)
        return node

    def _parameter(self, node: Node, words: str, old: Parameter | None, new: Parameter | None, sent: Sent) -> None:
        if old and new and old.schema and new.schema and old.media_type == new.media_type:
            self._lead(node, words, (old.schema,), (new.schema,), sent)

    def _body(self, node: Node, pair: OperationPair | WebhookPair, sent: Sent) -> None:
        assert pair.old is not None and pair.new is not None
        old, new = pair.old.body, pair.new.body
        if old is None and new is None:
            return
        words = f"the body of {pair.name}"
        node.pairs.append(BodyPair(words, old, new))
        if old is not None and new is not None:
            self._contents(node, words, old, new, sent)

    def _response(self, node: Node, pair: ResponsePair, answered: Sent) -> None:
        node.pairs.append(pair)
        if pair.old is None or pair.new is None:
            return
        for name, old, new in _paired(pair.old.headers, pair.new.headers):
            words = f"the header `{name}` of {pair.name}"
            node.pairs.append(HeaderPair(words, old, new))
            self._parameter(node, words, old, new, answered)
        self._contents(node, pair.name, pair.old, pair.new, answered)

    def _contents(self, node: Node, words: str, old: Body | Response, new: Body | Response, sent: Sent) -> None:
        for media_type, was, is_ in _paired(old.contents, new.contents):
            name = words if len(new.contents) == len(old.contents) == 1 else f"{words} as {media_type}"
            node.pairs.append(ContentPair(name, was, is_, sent))
            if was and is_:
                self._content(node, name, was, is_, sent)

    def _content(self, node: Node, name: str, old: Content, new: Content, sent: Sent) -> None:
        if old.schema and new.schema:
            self._lead(node, name, (old.schema,), (new.schema,), sent)
        if old.item and new.item:
            self._lead(node, f"an item of {name}", (old.item,), (new.item,), sent)

    # -- schemas ------------------------------------------------------------------------------------------------------

    def _lead(self, node: Node, name: str, old: Schema, new: Schema, sent: Sent, *, in_union: bool = False) -> None:
        """Notes that ``node`` leads to this pair of schemas, and goes on there if nobody has been there yet.

        Whether null is let through is the union's to say for its members.
        """
        homes = (_homes(self._comparison.old, old), _homes(self._comparison.new, new), sent, in_union)
        node.leads_to.add(homes)
        if homes in self._schemas:
            return
        was, is_ = self._comparison.old.of(old), self._comparison.new.of(new)
        if in_union:
            was, is_ = was.without_null(), is_.without_null()
        pair = SchemaPair(f"`{is_.name}`" if is_.name else name, was, is_, sent, self._comparison)
        self._schemas[homes] = inner = Node([pair])
        self._pending.append((inner, pair, old, new))

    def _inside(self, node: Node, pair: SchemaPair, old_at: Schema, new_at: Schema) -> None:
        old, new = pair.old, pair.new
        if old.never or new.never:
            return
        if old.union or new.union:
            self._union(node, pair, old.union or (old_at,), new.union or (new_at,))
        if bool(old.union) != bool(new.union):
            return
        node.pairs.append(LimitsPair(pair.name, old, new, pair.direction, self._comparison))
        if old.is_object and new.is_object:
            self._properties(node, pair)
        if "array" in old.types & new.types:
            for index in range(max(len(old.prefix), len(new.prefix))):
                was, is_ = old.item(index), new.item(index)
                if not isinstance(was, bool) and not isinstance(is_, bool):
                    self._lead(node, f"item {index} of {pair.name}", was, is_, pair.direction)
            if not isinstance(old.items, bool) and not isinstance(new.items, bool):
                self._lead(node, f"the items of {pair.name}", old.items, new.items, pair.direction)

    def _properties(self, node: Node, pair: SchemaPair) -> None:
        for key, old, new in _paired(pair.old.properties, pair.new.properties):
            words = f"`{key}` of {pair.name}"
            node.pairs.append(PropertyPair(words, old, new, pair, key))
            if old is not None and new is not None:
                self._lead(node, words, old.schema, new.schema, pair.direction)
        for pattern in pair.old.fitting.keys() & pair.new.fitting.keys():
            words = f"what fits `{pattern}` in {pair.name}"
            self._lead(node, words, pair.old.fitting[pattern], pair.new.fitting[pattern], pair.direction)
        if not isinstance(pair.old.rest, bool) and not isinstance(pair.new.rest, bool):
            self._lead(node, f"further properties of {pair.name}", pair.old.rest, pair.new.rest, pair.direction)

    def _union(
        self, node: Node, pair: SchemaPair, old_members: Iterable[Schema], new_members: Iterable[Schema]
    ) -> None:
        """The members in pairs, and those that have no counterpart."""
        before, after = members(self._comparison.old, old_members), members(self._comparison.new, new_members)
        for old, new in [*matched(pair, before, after)]:
            before.remove(old)
            after.remove(new)
            words = f"{new.name} of {pair.name}"
            self._lead(node, words, old.schema, new.schema, pair.direction, in_union=True)
        for old in before:
            shape = self._comparison.old.of(old.schema).without_null()
            covered = self._comparison.old_in_new.shapes(pair.new, shape)
            node.pairs.append(MemberPair(pair.name, old, None, pair.direction, covered))
        for new in after:
            shape = self._comparison.new.of(new.schema).without_null()
            covered = self._comparison.new_in_old.shapes(pair.old, shape)
            node.pairs.append(MemberPair(pair.name, None, new, pair.direction, covered))


def _homes(shapes: Shapes, schema: Schema) -> tuple[object, ...]:
    return tuple(shapes.home(pointer) for pointer in schema)


def _paired(old: Mapping[K, V], new: Mapping[K, V]) -> Iterator[tuple[K, V | None, V | None]]:
    """The entries of both, by key: those of the new one in its order, then what is gone."""
    for key in {**new, **old}:
        yield key, old.get(key), new.get(key)


def _named(old: Operation | None, new: Operation | None) -> str:
    found = new or old
    assert found is not None
    return found.name


def _by_position(
    old: Operation, new: Operation
) -> tuple[Mapping[tuple[str, str], Parameter], Mapping[tuple[str, str], Parameter]]:
    """The parameters of both, those of the path under the names that the new document has for them."""
    names = dict(zip(_in_path(old.path), _in_path(new.path), strict=True))
    renamed = {
        (place, names.get(name, name) if place == "path" else name): parameter
        for (place, name), parameter in old.parameters.items()
    }
    return renamed, new.parameters


def _in_path(path: str) -> list[str]:
    return [piece.partition("}")[0] for piece in path.split("{")[1:]]
