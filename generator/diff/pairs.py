"""What rules look at: a part of the old document beside the same part of the new one.

Where one of the two is None, the part is new or gone. Each pair knows what people call it (``name``) and makes the changes
that rules report of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from generator.diff.findings import Change
from generator.diff.shapes import Property, Schema, Shape, Shapes
from generator.diff.subtypes import Subtyping, Verdict, slot
from generator.diff.surface import Body, Content, Operation, Parameter, Response, Scheme, Security, Surface, Writing
from generator.tree import Pointer

Sent = Literal["request", "response"]
"""Which way a schema goes: what callers send, or what they are sent. A webhook's request is sent to the caller."""


class _Placed(Protocol):
    @property
    def at(self) -> Pointer: ...


N = TypeVar("N", bound=_Placed)


@dataclass(frozen=True, slots=True)
class SurfacePair:
    """The two documents as a whole."""

    old: Surface
    new: Surface

    def change(self, message: str, *, old: Pointer | None = (), new: Pointer | None = ()) -> Change:
        """A change of the documents: to look at are they themselves where nothing else is said."""
        return Change(message, old, new)


@dataclass(frozen=True, slots=True)
class Pair(Generic[N]):
    """Two nodes of one kind that mean the same thing."""

    name: str
    old: N | None
    new: N | None

    @property
    def both(self) -> tuple[N, N] | None:
        """The old and the new one, None where one of them is not there."""
        return (self.old, self.new) if self.old is not None and self.new is not None else None

    @property
    def gone(self) -> N | None:
        """The old one where there is no new one."""
        return self.old if self.new is None else None

    @property
    def added(self) -> N | None:
        """The new one where there was no old one."""
        return self.new if self.old is None else None

    def change(self, message: str, *, key: str = "") -> Change:
        """A change of this pair; ``key`` is the keyword in it to look at."""
        return Change(message, _at(self.old, key), _at(self.new, key))


@dataclass(frozen=True, slots=True)
class OperationPair(Pair[Operation]):
    """An operation: ``POST /images``. What has one operationId on both sides may have moved to another path or method."""


@dataclass(frozen=True, slots=True)
class WebhookPair(Pair[Operation]):
    """A webhook, which the API calls: ``the webhook `image.done```."""


@dataclass(frozen=True, slots=True)
class CallbackPair(Pair[Operation]):
    """A callback of an operation, which the API calls: ``the callback `done` of POST /images``."""


@dataclass(frozen=True, slots=True)
class ParameterPair(Pair[Parameter]):
    """A parameter that callers send, ``the query parameter `n` of POST /images``, with the types that it had and has.

    One that moved to another place has the old place in ``old`` and the new one in ``new``.
    """

    types: frozenset[str]


@dataclass(frozen=True, slots=True)
class HeaderPair(Pair[Parameter]):
    """A header of an answer."""


@dataclass(frozen=True, slots=True)
class WebhookParameterPair(Pair[Parameter]):
    """A parameter of a webhook or callback, which the API sends."""


@dataclass(frozen=True, slots=True)
class BodyPair(Pair[Body]):
    """A request body, with ``required`` said in either way: one that needs fields is needed."""


@dataclass(frozen=True, slots=True)
class WebhookBodyPair(Pair[Body]):
    """The body of a webhook or callback, which the API sends."""


@dataclass(frozen=True, slots=True)
class ResponsePair(Pair[Response]):
    """The answer of one status, or of two that took each other's place."""


@dataclass(frozen=True, slots=True)
class WebhookResponsePair(Pair[Response]):
    """What a webhook or callback may be answered with, which the API reads."""


@dataclass(frozen=True, slots=True)
class ContentPair(Pair[Content]):
    """A body in one media type, sent or answered. ``covered`` says whether a range of the other side (``*/*``) has it."""

    direction: Sent
    covered: bool


@dataclass(frozen=True, slots=True)
class SecurityPair(Pair[Security]):
    """What callers of an operation present; schemes go by the names that the new document has for them."""


@dataclass(frozen=True, slots=True)
class SchemePair(Pair[Scheme]):
    """A security scheme."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The schemas of both documents, and how they include each other."""

    old: Shapes
    new: Shapes
    old_in_new: Subtyping
    new_in_old: Subtyping

    def widened(self, old: Schema, new: Schema) -> Verdict:
        """Whether all that was let through still is."""
        return self.old_in_new.schemas(new, old)

    def narrowed(self, old: Schema, new: Schema) -> Verdict:
        """Whether all that is let through was before."""
        return self.new_in_old.schemas(old, new)


@dataclass(frozen=True, slots=True)
class SchemaPair:
    """A schema in one direction: ``name`` is ``size of CreateImageRequest``."""

    name: str
    old: Shape
    new: Shape
    direction: Sent
    comparison: Comparison
    writing: Writing = "json"

    def change(self, message: str, *, key: str = "") -> Change:
        """A change of this pair; ``key`` is the keyword in it to look at."""
        return Change(message, _at(self.old, key), _at(self.new, key))


@dataclass(frozen=True, slots=True)
class LimitsPair(SchemaPair):
    """The same once more where both are unions or neither is, so that limits stand beside limits."""

    def has(self, *kinds: str) -> bool:
        """Whether both sides let values of one of these types through, and neither lists which."""
        listed = self.old.values is not None or self.new.values is not None
        return not listed and not self.old.types.isdisjoint(self.new.types.intersection(kinds))


@dataclass(frozen=True, slots=True)
class PropertyPair(Pair[Property]):
    """A property of an object that stays an object. ``holder`` is that object."""

    holder: SchemaPair
    key: str

    @property
    def direction(self) -> Sent:
        """Which way it goes."""
        return self.holder.direction

    @property
    def shapes(self) -> tuple[Shape | None, Shape | None]:
        """What its schemas say."""
        comparison = self.holder.comparison
        return (
            comparison.old.of(self.old.schema) if self.old else None,
            comparison.new.of(self.new.schema) if self.new else None,
        )

    @property
    def visible(self) -> tuple[bool, bool]:
        """Whether it is there for callers: what is ``readOnly`` is not sent, what is ``writeOnly`` is not answered."""
        word = "readOnly" if self.direction == "request" else "writeOnly"
        old, new = self.shapes
        return old is not None and old.notes.get(word) is not True, new is not None and new.notes.get(word) is not True

    @property
    def required(self) -> tuple[bool, bool]:
        """Whether it has to be there, which is asked for only where it is visible (OpenAPI 3.0.3, section 4.7.24.2)."""
        was_there, is_there = self.visible
        return bool(was_there and self.old and self.old.required), bool(is_there and self.new and self.new.required)

    @property
    def included(self) -> Verdict:
        """Whether all that could be sent by this name still may, or all that may be answered could be, named or not.

        What an open object does not name is not sent.
        """
        holder, comparison = self.holder, self.holder.comparison
        old, new = slot(holder.old, self.key), slot(holder.new, self.key)
        if self.direction == "request":
            return old is True or comparison.old_in_new.slots(new, old)
        return new is True or comparison.new_in_old.slots(old, new)


@dataclass(frozen=True, slots=True)
class StreamSwitchPair(Pair[Property]):
    """The flag ``stream`` of a request, where it came or went: the rules about properties do not see it."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a union, called by its component's name or by what it is: ``a string``."""

    schema: Schema
    at: Pointer
    name: str


@dataclass(frozen=True, slots=True)
class MemberPair(Pair[Member]):
    """A member of a union that the other side has no counterpart of; ``name`` is the union's. ``covered`` says whether the
    other side lets all of its values through nevertheless, ``unnamed`` which of its properties that does not name.
    """

    direction: Sent
    covered: Verdict
    unnamed: tuple[str, ...] = ()


def _at(node: _Placed | None, key: str) -> Pointer | None:
    if node is None:
        return None
    return (*node.at, key) if key else node.at
