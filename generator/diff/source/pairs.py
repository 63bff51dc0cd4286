"""What source rules look at: a part of one generated package beside the same part of another.

Where one of the two is None, the part is new or gone. ``name`` is what code calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeAlias, TypeVar

from generator import ir
from generator.diff.findings import Change
from generator.diff.source.annotations import ANY, NONE, Annotation, Comparison, Extent, parts, without_none
from generator.errors import Location
from generator.tree import Pointer

Use: TypeAlias = Literal["callers make", "handlers read", "handlers make", "callers read"]
"""Who has to do with a value: a request's is made by callers and read by handlers, an answer's the other way round."""

Sent: TypeAlias = Literal["request", "response"]
DIRECTIONS: tuple[Sent, ...] = ("request", "response")
MADE: Mapping[Sent, Use] = {"request": "callers make", "response": "handlers make"}
READ: Mapping[Sent, Use] = {"request": "handlers read", "response": "callers read"}


@dataclass(frozen=True, slots=True)
class Package:
    """What is generated from a document, and where the document says what stands in it.

    ``targets`` are ``models``, ``server`` and ``client``, or some of them.
    """

    api: ir.Api
    locate: Callable[[Pointer], Location]
    targets: frozenset[str]

    @property
    def users(self) -> frozenset[str]:
        """Whose code uses it: callers, handlers or both. Models alone are used by who makes and reads them, as callers do."""
        handlers = frozenset(["handlers"] if "server" in self.targets else [])
        return handlers | {"callers"} if "client" in self.targets or not handlers else handlers


class _Placed(Protocol):
    @property
    def where(self) -> Pointer: ...


N = TypeVar("N", bound=_Placed)


@dataclass(frozen=True, slots=True)
class PackagePair:
    """The two packages as a whole, the modules that give out names among them: ``client.Upload``, ``webhooks``."""

    old: ir.Api
    new: ir.Api

    def change(self, message: str, *, at: Pointer = ()) -> Change:
        """A change of the packages."""
        return Change(message, at, at)


@dataclass(frozen=True, slots=True)
class ServerPair:
    """What makes an app or a router (``create_app``), and whether it has to be told who may call."""

    name: str
    old: bool
    new: bool

    def change(self, message: str) -> Change:
        """A change of that function."""
        return Change(message, (), ())


@dataclass(frozen=True, slots=True)
class SourcePair(Generic[N]):
    """Two nodes of one kind that code takes for the same."""

    name: str
    old: N | None
    new: N | None

    @property
    def both(self) -> tuple[N, N] | None:
        """The old and the new one, None where one of them is not there."""
        return (self.old, self.new) if self.old is not None and self.new is not None else None

    def change(self, message: str) -> Change:
        """A change of this pair."""
        return Change(message, self.old.where if self.old else None, self.new.where if self.new else None)


@dataclass(frozen=True, slots=True)
class CredentialPair(SourcePair[ir.SecurityScheme]):
    """An argument of ``Client``, and the field of ``Credentials`` with that name."""


@dataclass(frozen=True, slots=True)
class Namespace:
    """A group of operations, by its first one."""

    group: ir.Group
    where: Pointer
    size: int


@dataclass(frozen=True, slots=True)
class NamespacePair(SourcePair[Namespace]):
    """A namespace: ``client.images``, with ``ImagesHandlers``."""


@dataclass(frozen=True, slots=True)
class ModelPair(SourcePair[ir.Schema]):
    """A model, or a named type. ``modules`` are the models modules that it stands in, by the names that they have now."""

    modules: tuple[str, str]


@dataclass(frozen=True, slots=True)
class AttributePair(SourcePair[ir.Field]):
    """An attribute of a model. ``asked`` says that somebody who makes the model has to give it."""

    asked: bool


@dataclass(frozen=True, slots=True)
class AttributeUse(AttributePair):
    """The same in one direction. ``must`` says of the old and the new one whether who makes the model has to give it.

    ``lacks`` says that readers find None now, which they did not before.
    """

    direction: Sent
    must: tuple[bool, bool]
    lacks: bool


@dataclass(frozen=True, slots=True)
class TypePair:
    """Two annotations of the same thing: an attribute, an argument, an answer, a named type, or what these hold."""

    name: str
    old: Annotation
    new: Annotation
    old_at: Pointer
    new_at: Pointer
    comparison: Comparison

    @property
    def opens(self) -> bool:
        """Whether anything is let through now, which was not so before."""
        return ANY in self.new and ANY not in self.old

    @property
    def closes(self) -> bool:
        """Whether something is said now of what could be anything."""
        return ANY in self.old and ANY not in self.new

    @property
    def extent(self) -> tuple[Extent, Extent]:
        """What was gained and what was lost, None aside."""
        return ("", "") if self.opens or self.closes else self.comparison.extent(self.old, self.new)

    @property
    def gained(self) -> Annotation:
        """What the new one lets through in addition, None aside."""
        return without_none(self.comparison.gained(self.old, self.new), self.old, self.new)

    @property
    def lost(self) -> Annotation:
        """What the new one does not let through any more, None aside."""
        return without_none(self.comparison.lost(self.old, self.new), self.old, self.new)

    @property
    def may_be_none(self) -> bool:
        """Whether there may be None now."""
        return NONE in self.comparison.gained(self.old, self.new) - self.gained

    @property
    def never_none(self) -> bool:
        """Whether None is not taken any more."""
        return NONE in self.comparison.lost(self.old, self.new) - self.lost

    def change(self, message: str) -> Change:
        """A change of this pair."""
        return Change(message, self.old_at, self.new_at)


@dataclass(frozen=True, slots=True)
class SentPair(TypePair):
    """The same in one direction. ``made`` and ``read`` say whether there is code that makes and reads such values."""

    direction: Sent
    made: bool
    read: bool


@dataclass(frozen=True, slots=True)
class SignaturePair(TypePair):
    """The annotation of an argument, which handlers repeat in the signatures that they write."""


@dataclass(frozen=True, slots=True)
class MethodPair(SourcePair[ir.Operation]):
    """A method of the client and of its handlers. ``places`` is what code calls the old and the new one."""

    places: tuple[str, str]
    moved: bool


@dataclass(frozen=True, slots=True)
class HandlerMethodPair(SourcePair[ir.Operation]):
    """A method of handlers that is new, or that nobody calls any more: ``ImagesHandlers.create``."""


@dataclass(frozen=True, slots=True)
class Twin:
    """Another method of an operation: its stream (``stream``), its pages (``pager``), or its body in another media type."""

    name: str
    kind: str
    where: Pointer


@dataclass(frozen=True, slots=True)
class TwinPair(SourcePair[Twin]):
    """Another method of an operation that has the one of its own still. ``beside`` is that one."""

    kind: str
    beside: str


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a method: a parameter, or the whole body.

    ``must`` says that callers have to give it, ``needed`` that handlers are always given it. ``expanded`` is a body whose
    fields are keyword arguments of the client.
    """

    name: str
    type: Annotation
    where: Pointer
    must: bool
    needed: bool
    expanded: bool = False


@dataclass(frozen=True, slots=True)
class ArgumentPair(SourcePair[Argument]):
    """An argument of a method. ``called`` says that there is a client that has it."""

    method: str
    called: bool


@dataclass(frozen=True, slots=True)
class KeywordPair(SourcePair[ir.Field]):
    """A field of an expanded body that stays a field, but not a keyword argument of the client, or becomes one."""


@dataclass(frozen=True, slots=True)
class ReplyPair(SourcePair[ir.Operation]):
    """What a handler gives: ``replies`` says of the old and the new one whether a ``Reply`` is taken."""

    replies: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class ErrorPair(SourcePair[ir.Operation]):
    """What ``StatusError.body`` is for a status, empty for plain JSON."""

    types: tuple[Annotation, Annotation]


SourcePairs: TypeAlias = (
    PackagePair
    | ServerPair
    | CredentialPair
    | NamespacePair
    | ModelPair
    | AttributePair
    | AttributeUse
    | TypePair
    | SentPair
    | SignaturePair
    | MethodPair
    | HandlerMethodPair
    | TwinPair
    | ArgumentPair
    | KeywordPair
    | ReplyPair
    | ErrorPair
)


def type_pairs(
    name: str, old: Annotation, new: Annotation, *, at: tuple[Pointer, Pointer], uses: frozenset[Use], said: Comparison
) -> Iterator[TypePair]:
    """Two annotations, and those of what they hold, in each direction in which they are used."""
    for words, was, is_ in parts(name, old, new):
        if was != is_:
            yield TypePair(words, was, is_, *at, said)
            yield from _sent(words, was, is_, at=at, uses=uses, said=said)


def signature_pairs(
    name: str, old: Annotation, new: Annotation, *, at: tuple[Pointer, Pointer], said: Comparison
) -> Iterator[SignaturePair]:
    """The annotations of an argument, and those of what it holds."""
    for words, was, is_ in parts(name, old, new):
        if was != is_:
            yield SignaturePair(words, was, is_, *at, said)


def sent_pairs(
    name: str, old: Annotation, new: Annotation, *, at: tuple[Pointer, Pointer], uses: frozenset[Use], said: Comparison
) -> Iterator[SentPair]:
    """The same for those who use them alone, where what is said of all is said elsewhere."""
    for words, was, is_ in parts(name, old, new):
        if was != is_:
            yield from _sent(words, was, is_, at=at, uses=uses, said=said)


def _sent(
    name: str, old: Annotation, new: Annotation, *, at: tuple[Pointer, Pointer], uses: frozenset[Use], said: Comparison
) -> Iterator[SentPair]:
    for direction in DIRECTIONS:
        made, read = MADE[direction] in uses, READ[direction] in uses
        if made or read:
            yield SentPair(name, old, new, *at, said, direction, made, read)
