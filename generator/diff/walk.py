"""Two documents in step: every pair that rules look at, and which operations it is part of."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from generator.diff.matching import operations, paired, parameters, responses, schemes
from generator.diff.members import covering, matched, members
from generator.diff.pairs import (
    BodyPair,
    CallbackPair,
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
    SecurityPair,
    Sent,
    StreamSwitchPair,
    SurfacePair,
    WebhookBodyPair,
    WebhookPair,
    WebhookParameterPair,
    WebhookResponsePair,
)
from generator.diff.shapes import Property, Schema, Shapes
from generator.diff.subtypes import Subtyping
from generator.diff.surface import Body, Content, Operation, Parameter, Response, Security, Surface, Writing

AnyPair: TypeAlias = (
    SurfacePair
    | OperationPair
    | WebhookPair
    | CallbackPair
    | ParameterPair
    | HeaderPair
    | WebhookParameterPair
    | BodyPair
    | WebhookBodyPair
    | ResponsePair
    | WebhookResponsePair
    | ContentPair
    | SecurityPair
    | SchemePair
    | SchemaPair
    | LimitsPair
    | PropertyPair
    | StreamSwitchPair
    | MemberPair
)
CallPair: TypeAlias = OperationPair | WebhookPair | CallbackPair

_OF_PROPERTIES: Final[Mapping[Writing, Writing]] = {"json": "json", "text": "text", "parts": "part", "part": "json"}
"""How the properties of an object are written, by how it is."""


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
        self._schemes: dict[str, str] = {}
        self._schemas: dict[Hashable, Node] = {}
        self._pending: list[tuple[Node, SchemaPair, Schema, Schema]] = []

    def walked(self) -> Walked:
        whole = Node([SurfacePair(self._old, self._new)])
        for name, old, new in schemes(self._old.schemes, self._new.schemes):
            whole.pairs.append(SchemePair(f"the security scheme `{name}`", old, new))
            if old and new:
                self._schemes[old.name] = new.name
        nodes: dict[str, Node] = {}
        for old, new in operations(self._old.operations, self._new.operations):
            name = _named(old, new)
            nodes[name] = node = Node()
            self._operation(node, OperationPair(name, old, new))
        for _, old, new in paired(self._old.webhooks, self._new.webhooks):
            name = f"the webhook `{_named(old, new)}`"
            nodes[name] = node = Node()
            self._operation(node, WebhookPair(name, old, new))
        while self._pending:
            self._inside(*self._pending.pop())
        return Walked(whole, nodes, self._schemas)

    def _operation(self, node: Node, pair: CallPair) -> None:
        """The pairs of an operation. What a webhook's caller sends is what we are sent."""
        node.pairs.append(pair)
        if pair.old is None or pair.new is None:
            return
        called = not isinstance(pair, OperationPair)
        for old, new in parameters(pair.old, pair.new):
            place = next(parameter.place for parameter in (new, old) if parameter)
            words = f"the {place} parameter `{_named(old, new)}` of {pair.name}"
            self._parameter(node, words, old, new, "response" if called else "request", called=called)
        self._body(node, pair, called=called)
        for old, new in responses(pair.old.responses, pair.new.responses):
            self._response(node, pair, old, new, called=called)
        if called:
            return
        node.pairs.append(SecurityPair(pair.name, self._renamed(pair.old.security), pair.new.security))
        for (name, _), old, new in paired(pair.old.callbacks, pair.new.callbacks):
            self._operation(node, CallbackPair(f"the callback `{name}` of {pair.name}", old, new))

    def _renamed(self, security: Security) -> Security:
        names = self._schemes
        found = tuple({names.get(name, name): scopes for name, scopes in a.items()} for a in security.alternatives)
        return Security(security.at, found)

    def _parameter(
        self,
        node: Node,
        words: str,
        old: Parameter | None,
        new: Parameter | None,
        sent: Sent,
        *,
        called: bool = False,
    ) -> None:
        """A parameter or header by who sends it: callers, or the API, to whom it calls or in its answers."""
        if sent == "request":
            types = _types(self._comparison.old, old) | _types(self._comparison.new, new)
            node.pairs.append(ParameterPair(words, old, new, types))
        else:
            node.pairs.append((WebhookParameterPair if called else HeaderPair)(words, old, new))
        if old and new and old.schema and new.schema and old.media_type == new.media_type:
            self._lead(node, words, (old.schema,), (new.schema,), sent, "json" if new.media_type else "text")

    def _body(self, node: Node, pair: CallPair, *, called: bool) -> None:
        assert pair.old is not None and pair.new is not None
        old, new = self._needed(pair.old.body, self._comparison.old), self._needed(pair.new.body, self._comparison.new)
        if old is None and new is None:
            return
        words = f"the body of {pair.name}"
        node.pairs.append((WebhookBodyPair if called else BodyPair)(words, old, new))
        if old is not None and new is not None:
            self._contents(node, words, old, new, "response" if called else "request")

    @staticmethod
    def _needed(body: Body | None, shapes: Shapes) -> Body | None:
        """The body with ``required`` as ``build`` reads it where it is not said: by whether its fields are."""
        if body is None or body.required is not None:
            return body
        schemas = [content.schema for content in body.contents.values() if content.schema]
        return replace(body, required=any(shapes.of((schema,)).required for schema in schemas))

    def _response(
        self, node: Node, pair: CallPair, old: Response | None, new: Response | None, *, called: bool
    ) -> None:
        found = new or old
        assert found is not None
        words = f"the {found.status} answer of {pair.name}"
        answered: Sent = "request" if called else "response"
        node.pairs.append((WebhookResponsePair if called else ResponsePair)(words, old, new))
        if old is None or new is None:
            return
        for _, was, is_ in paired(old.headers, new.headers):
            self._parameter(node, f"the header `{_named(was, is_)}` of {words}", was, is_, answered)
        self._contents(node, words, old, new, answered)

    def _contents(self, node: Node, words: str, old: Body | Response, new: Body | Response, sent: Sent) -> None:
        if not (old.contents and new.contents):  # a body that came or went is one change, whatever its media types
            return
        for media_type, was, is_ in paired(old.contents, new.contents):
            name = words if [*old.contents] == [*new.contents] == [media_type] else f"{words} as {media_type}"
            covered = not {"*/*", f"{media_type.partition('/')[0]}/*"}.isdisjoint(new.contents if was else old.contents)
            node.pairs.append(ContentPair(name, was, is_, sent, covered))
            if was and is_:
                self._content(node, name, was, is_, sent)

    def _content(self, node: Node, name: str, old: Content, new: Content, sent: Sent) -> None:
        was, is_ = (old.item or old.schema, new.item or new.schema) if old.streams else (old.item, new.item)
        if was and is_:
            self._lead(node, f"an item of {name}", (was,), (is_,), sent)
        if old.schema and new.schema and (not old.streams or (old.item and new.item)):
            self._lead(node, name, (old.schema,), (new.schema,), sent, new.writing)

    # -- schemas ------------------------------------------------------------------------------------------------------

    def _lead(
        self,
        node: Node,
        name: str,
        old: Schema,
        new: Schema,
        sent: Sent,
        writing: Writing = "json",
        *,
        in_union: bool = False,
    ) -> None:
        """Notes that ``node`` leads to this pair of schemas, and goes on there if nobody has been there yet.

        Whether null is let through is the union's to say for its members. Text does not show the types of what it says.
        """
        homes = (_homes(self._comparison.old, old), _homes(self._comparison.new, new), sent, in_union, writing)
        node.leads_to.add(homes)
        if homes in self._schemas:
            return
        was, is_ = self._comparison.old.of(old), self._comparison.new.of(new)
        if in_union:
            was, is_ = was.without_null(), is_.without_null()
        if writing in ("text", "part"):
            was, is_ = self._comparison.old.as_text(was, is_), self._comparison.new.as_text(is_, was)
        pair = SchemaPair(f"`{is_.name}`" if is_.name else name, was, is_, sent, self._comparison, writing)
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
        node.pairs.append(LimitsPair(pair.name, old, new, pair.direction, self._comparison, pair.writing))
        if old.is_object and new.is_object:
            self._properties(node, pair)
        if "array" in old.types & new.types:
            for index in range(max(len(old.prefix), len(new.prefix))):
                was, is_ = old.item(index), new.item(index)
                if not isinstance(was, bool) and not isinstance(is_, bool):
                    self._lead(node, f"item {index} of {pair.name}", was, is_, pair.direction, pair.writing)
            if not isinstance(old.items, bool) and not isinstance(new.items, bool):
                self._lead(node, f"the items of {pair.name}", old.items, new.items, pair.direction, pair.writing)

    def _properties(self, node: Node, pair: SchemaPair) -> None:
        writing = _OF_PROPERTIES[pair.writing]
        for key, old, new in paired(pair.old.properties, pair.new.properties):
            words = f"`{key}` of {pair.name}"
            if key == "stream" and self._is_switch(old, new, pair.direction):
                node.pairs.append(StreamSwitchPair(words, old, new))
                continue
            node.pairs.append(PropertyPair(words, old, new, pair, key))
            if old is not None and new is not None:
                self._lead(node, words, old.schema, new.schema, pair.direction, writing)
        for pattern in pair.old.fitting.keys() & pair.new.fitting.keys():
            words = f"what fits `{pattern}` in {pair.name}"
            self._lead(node, words, pair.old.fitting[pattern], pair.new.fitting[pattern], pair.direction, writing)
        if not isinstance(pair.old.rest, bool) and not isinstance(pair.new.rest, bool):
            words = f"further properties of {pair.name}"
            self._lead(node, words, pair.old.rest, pair.new.rest, pair.direction, writing)

    def _is_switch(self, old: Property | None, new: Property | None, sent: Sent) -> bool:
        """Whether this is a flag of a request that came or went, and that nobody has to send."""
        shapes, found = (self._comparison.old, old) if new is None else (self._comparison.new, new)
        if found is None or (old and new) or found.required or sent != "request":
            return False
        return shapes.of(found.schema).types | {"null"} == frozenset(["boolean", "null"])

    def _union(
        self, node: Node, pair: SchemaPair, old_members: Iterable[Schema], new_members: Iterable[Schema]
    ) -> None:
        """The members in pairs, and those that have no counterpart."""
        before, after = members(self._comparison.old, old_members), members(self._comparison.new, new_members)
        for old, new in [*matched(pair, before, after)]:
            before.remove(old)
            after.remove(new)
            words = f"{new.name} of {pair.name}"
            self._lead(node, words, old.schema, new.schema, pair.direction, pair.writing, in_union=True)
        comparison = self._comparison
        for old in before:
            covered, unnamed = covering(comparison.old_in_new, pair.new, new_members, old)
            node.pairs.append(MemberPair(pair.name, old, None, pair.direction, covered, unnamed))
        for new in after:
            covered, unnamed = covering(comparison.new_in_old, pair.old, old_members, new)
            node.pairs.append(MemberPair(pair.name, None, new, pair.direction, covered, unnamed))


def _homes(shapes: Shapes, schema: Schema) -> tuple[object, ...]:
    return tuple(shapes.home(pointer) for pointer in schema)


def _types(shapes: Shapes, parameter: Parameter | None) -> frozenset[str]:
    return shapes.of((parameter.schema,)).types if parameter and parameter.schema else frozenset()


def _named(old: Operation | Parameter | None, new: Operation | Parameter | None) -> str:
    found = new or old
    assert found is not None
    return found.name
