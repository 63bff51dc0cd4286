"""Operations in step: the methods that callers call and handlers implement, their arguments and what they give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator import ir
from generator.diff.source.annotations import NONE, Annotation, Annotations, Atom, Comparison, Holder
from generator.diff.source.matching import match
from generator.diff.source.models import Holder as FieldHolder
from generator.diff.source.models import attribute_pairs
from generator.diff.source.pairs import (
    Argument,
    ArgumentPair,
    ErrorPair,
    HandlerMethodPair,
    KeywordPair,
    MethodPair,
    ReplyPair,
    SourcePairs,
    Twin,
    TwinPair,
    Use,
    sent_pairs,
    signature_pairs,
    type_pairs,
)
from generator.names import placeholders
from generator.targets.calls import GroupSpelling
from generator.targets.routes import protocol_name
from generator.targets.signatures import may_reply, needs_body, stream_name

_GIVEN: frozenset[Use] = frozenset(["callers make", "handlers read"])
_ANSWERED: frozenset[Use] = frozenset(["handlers make", "callers read"])
_HANDLERS: frozenset[Use] = frozenset(["handlers make", "handlers read"])
_WEBHOOKS = ir.Group("webhook", "Webhook", "", "")


@dataclass(frozen=True, slots=True)
class Side:
    """The operations of one package: its groups and the methods that its client has, by operation."""

    api: ir.Api
    annotations: Annotations
    groups: Mapping[str, ir.Group]
    twins: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, api: ir.Api, annotations: Annotations) -> Side:
        """The side of ``api``."""
        twins: dict[str, dict[str, str]] = {}
        for group in api.groups:
            for spelled in GroupSpelling(api, group).calls():
                operation, body = spelled.operation, spelled.body
                other = "" if body is operation.body or body is None else body.kind
                for method in spelled.methods:
                    kind = "pager" if method.page else "stream" if method.event else ""
                    words = " ".join(filter(None, [other, kind]))
                    if method.name != operation.name:
                        twins.setdefault(operation.id, {})[words] = f"client.{group.name}.{method.name}"
        return cls(api, annotations, {group.name: group for group in api.groups}, twins)

    def is_webhook(self, operation: ir.Operation) -> bool:
        """Whether the operation is one that the API calls."""
        return any(operation is webhook for webhook in self.api.webhooks)

    def call(self, operation: ir.Operation) -> str:
        """What code calls the method of the operation: a client's, or a handler's where it is a webhook."""
        if self.is_webhook(operation):
            return self.handler(operation)
        return f"client.{operation.group}.{operation.name}"

    def handler(self, operation: ir.Operation, name: str = "") -> str:
        """The handler's method of the operation, or the one called ``name``."""
        group = _WEBHOOKS if self.is_webhook(operation) else self.groups[operation.group]
        return f"{protocol_name(group)}.{name or operation.name}"


class Methods:
    """Walks pairs of operations of two packages. ``groups`` are the namespaces that have another name now."""

    def __init__(self, old: Side, new: Side, *, groups: Mapping[str, str], said: Comparison) -> None:
        self._old, self._new = old, new
        self._groups = groups
        self._said = said

    def pairs(self, old: ir.Operation | None, new: ir.Operation | None) -> Iterator[SourcePairs]:
        """Every pair of an operation or a webhook."""
        if old is not None and new is not None:
            yield from self._both(old, new)
        elif new is not None:
            yield from self._added(new)
        elif old is not None:
            yield from self._removed(old)

    def _added(self, new: ir.Operation) -> Iterator[SourcePairs]:
        """A new method. Where its whole namespace is new, that says it."""
        webhook = self._new.is_webhook(new)
        if not webhook and new.group not in {*self._old.groups, *self._groups.values()}:
            return
        if not webhook:
            yield MethodPair(f"`{self._new.call(new)}`", None, new, ("", self._new.call(new)), moved=False)
        if not webhook or self._old.api.webhooks:
            yield HandlerMethodPair(f"`{self._new.handler(new)}`", None, new)

    def _removed(self, old: ir.Operation) -> Iterator[SourcePairs]:
        if self._old.is_webhook(old):
            if self._new.api.webhooks:
                yield HandlerMethodPair(f"`{self._old.handler(old)}`", old, None)
        elif old.group in {*self._new.groups, *self._groups}:
            yield MethodPair(f"`{self._old.call(old)}`", old, None, (self._old.call(old), ""), moved=False)

    def _both(self, old: ir.Operation, new: ir.Operation) -> Iterator[SourcePairs]:
        name = f"`{self._new.call(new)}`"
        at = (old.where, new.where)
        called = not self._new.is_webhook(new)
        uses = _ANSWERED if called else _ANSWERED & _HANDLERS
        moved = called and self._groups.get(old.group, old.group) != new.group
        yield MethodPair(name, old, new, (self._old.call(old), self._new.call(new)), moved)
        yield from self._arguments(name, old, new, called=called)
        yield from self._bodies(name, old, new, called=called)
        if old.success is not None and new.success is not None:
            before, after = _answer(old, self._said.old), _answer(new, self._said.new)
            yield from type_pairs(f"the answer of {name}", before, after, at=at, uses=uses, said=self._said)
            yield ReplyPair(f"`{self._new.handler(new)}`", old, new, (may_reply(old), may_reply(new)))
        if old.stream is not None and new.stream is not None:
            before, after = self._said.old.of(old.stream.type), self._said.new.of(new.stream.type)
            yield from type_pairs(f"an event of {name}", before, after, at=at, uses=uses, said=self._said)
        if called:
            yield from self._twins(name, old, new)
            yield from self._errors(name, old, new)

    # -- other methods ----------------------------------------------------------------------------------------------

    def _twins(self, name: str, old: ir.Operation, new: ir.Operation) -> Iterator[SourcePairs]:
        before, after = self._old.twins.get(old.id, {}), self._new.twins.get(new.id, {})
        for kind in [*after, *(kind for kind in before if kind not in after)]:
            was = Twin(before[kind], kind, old.where) if kind in before else None
            is_ = Twin(after[kind], kind, new.where) if kind in after else None
            found = is_ or was
            assert found is not None
            same = was is not None and is_ is not None and (old.group, old.name) != (new.group, new.name)
            if not same:  # a twin that goes along with its method is no change of its own
                yield TwinPair(f"`{found.name}`", was, is_, kind, name)
        if old.stream is None and new.stream is not None and old.success is not None and new.success is not None:
            yield HandlerMethodPair(f"`{self._new.handler(new, stream_name(new))}`", None, new)

    def _errors(self, name: str, old: ir.Operation, new: ir.Operation) -> Iterator[SourcePairs]:
        before = {error.status: error.type for error in old.errors}
        for error in new.errors:
            if error.status in before:
                types = _said(before[error.status], self._said.old), _said(error.type, self._said.new)
                status = "default error" if error.status == "default" else f"{error.status} error"
                yield ErrorPair(f"the {status} of {name}", old, new, types)

    # -- arguments --------------------------------------------------------------------------------------------------

    def _arguments(self, name: str, old: ir.Operation, new: ir.Operation, *, called: bool) -> Iterator[SourcePairs]:
        uses = _GIVEN if called else _GIVEN & _HANDLERS
        positions = {id(p): _position(p, operation) for operation in (old, new) for p in operation.parameters}
        for was, is_ in match(
            old.parameters, new.parameters, [_on_the_wire, lambda p: positions[id(p)], lambda p: [p.py_name]]
        ):
            before = _argument(was, self._said.old) if was is not None else None
            after = _argument(is_, self._said.new) if is_ is not None else None
            found = after or before
            assert found is not None
            words = f"`{found.name}` of {name}"
            yield ArgumentPair(words, before, after, name, called)
            if before is not None and after is not None:
                yield from self._argument_types(words, before, after, uses)

    def _argument_types(self, words: str, old: Argument, new: Argument, uses: frozenset[Use]) -> Iterator[SourcePairs]:
        """Whether an argument may be left out is said by rules of its own, so None is one of both or of neither."""
        lack = frozenset([NONE]) if not (old.needed and new.needed) else frozenset[str]()
        at, before, after = (old.where, new.where), old.type | lack, new.type | lack
        yield from type_pairs(words, before, after, at=at, uses=uses - _HANDLERS, said=self._said)
        yield from signature_pairs(words, before, after, at=at, said=self._said)

    def _bodies(self, name: str, old: ir.Operation, new: ir.Operation, *, called: bool) -> Iterator[SourcePairs]:
        before, after = (_body_argument(operation, side) for operation, side in ((old, self._old), (new, self._new)))
        if before is None and after is None:
            return
        words = f"`body` of {name}"
        yield ArgumentPair(words, before, after, name, called)
        if before is None or after is None:
            return
        handled = words if len(old.bodies) == len(new.bodies) == 1 else f"`body` of `{self._new.handler(new)}`"
        yield from self._argument_types(handled, before, after, frozenset())
        if called:
            yield from self._sent_bodies(words, name, old, new)

    def _sent_bodies(self, words: str, name: str, old: ir.Operation, new: ir.Operation) -> Iterator[SourcePairs]:
        """What callers send: the first body of each by itself, since it has a method of its own, as each other kind has."""
        others = {body.kind: body for body in old.bodies[1:]}
        paired = [(old.bodies[0], new.bodies[0]), *((others.get(body.kind), body) for body in new.bodies[1:])]
        for was, is_ in paired:
            if was is None:
                continue
            if was.expanded and is_.expanded:
                yield from self._keywords(name, (old, was), (new, is_))
            elif not was.expanded and not is_.expanded:
                before, after = _sent_body(was, self._said.old), _sent_body(is_, self._said.new)
                at = (was.where, is_.where)
                yield from sent_pairs(words, before, after, at=at, uses=_GIVEN - _HANDLERS, said=self._said)

    def _keywords(
        self, name: str, old: tuple[ir.Operation, ir.Body], new: tuple[ir.Operation, ir.Body]
    ) -> Iterator[SourcePairs]:
        """The keyword arguments of bodies: those of one model are said where that is said, but for what is no keyword."""
        before, after = _model(self._old.api, old[1]), _model(self._new.api, new[1])
        if self._said.old.of(old[1].type) != self._said.new.of(new[1].type):
            holder = FieldHolder(name, _GIVEN - _HANDLERS, expanded=True)
            yield from attribute_pairs(
                holder, _keyword_fields(before, old[0]), _keyword_fields(after, new[0]), said=self._said
            )
            return
        were, are = _keyword_fields(before, old[0]), _keyword_fields(after, new[0])
        for was, is_ in match(before.fields, after.fields, [lambda field: [field.name]]):
            if was is not None and is_ is not None and (was in were) != (is_ in are):
                words = f"`{is_.py_name}` of {name}"
                yield KeywordPair(words, was if was in were else None, is_ if is_ in are else None)


def _on_the_wire(parameter: ir.Parameter) -> list[tuple[str, str]]:
    return [(parameter.place, parameter.name.lower() if parameter.place == "header" else parameter.name)]


def _position(parameter: ir.Parameter, operation: ir.Operation) -> list[int]:
    """Where in the path it stands, whatever it is called there."""
    names = placeholders(operation.paths[0])
    return [names.index(parameter.name)] if parameter.place == "path" and parameter.name in names else []


def _argument(parameter: ir.Parameter, annotations: Annotations) -> Argument:
    made_up = (parameter.place, parameter.name.lower()) == ("header", "idempotency-key")
    must = parameter.required and not made_up
    return Argument(parameter.py_name, annotations.of(parameter.type), parameter.where, must, parameter.required)


def _body_argument(operation: ir.Operation, side: Side) -> Argument | None:
    """The body as handlers take it: any of its media types."""
    body = operation.body
    if body is None:
        return None
    taken = frozenset[Atom]().union(*(_handled_body(each, side.annotations) for each in operation.bodies))
    must = (
        any(field.required for field in _keyword_fields(_model(side.api, body), operation))
        if body.expanded
        else body.required
    )
    return Argument("body", taken, body.where, must, needs_body(operation), body.expanded)


def _handled_body(body: ir.Body, annotations: Annotations) -> Annotation:
    match body.kind:
        case "text":
            return frozenset(["str"])
        case "binary":
            return frozenset(["ByteStream"])
        case "lines":
            return frozenset([Holder("AsyncIterator", annotations.of(body.type))])
        case "json" | "form" | "multipart":
            return annotations.of(body.type)


def _sent_body(body: ir.Body, annotations: Annotations) -> Annotation:
    files = "FileContent" if body.kind in ("multipart", "binary") else "str"
    found = annotations.of(body.type, file=files)
    found = frozenset([Holder("Iterable", found)]) if body.kind == "lines" else found
    return found if body.required else found | {NONE}


def _model(api: ir.Api, body: ir.Body) -> ir.ObjectSchema:
    assert isinstance(body.type, ir.Ref)
    schema = api.schema(body.type.name)
    assert isinstance(schema, ir.ObjectSchema)
    return schema


def _keyword_fields(model: ir.ObjectSchema, operation: ir.Operation) -> list[ir.Field]:
    """The fields that callers give: not what only answers have, nor the switch between answer and stream."""
    switch = operation.stream.field if operation.stream is not None else ""
    return [field for field in model.fields if not field.read_only and (not switch or field.name != switch)]


def _answer(operation: ir.Operation, annotations: Annotations) -> Annotation:
    plain: Mapping[ir.Media, str] = {"none": NONE, "text": "str", "binary": "bytes"}
    given = (
        annotations.of(success.type) if success.media == "json" else frozenset[Atom]([plain[success.media]])
        for success in operation.successes
    )
    return frozenset[Atom]().union(*given)


def _said(type_: ir.Type | None, annotations: Annotations) -> Annotation:
    return annotations.of(type_) if type_ is not None else frozenset()
