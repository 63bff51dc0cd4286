"""Types of attributes, arguments and answers: what those who make values may give, and what those who read them find.

Callers make what a request has and read what an answer has; handlers read the one and make the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.findings import Change, Rule, rule
from generator.diff.source.annotations import Annotation, Extent, shown
from generator.diff.source.pairs import Sent, SentPair, TypePair

_LONGEST = 100


def text(annotation: Annotation) -> str:
    """An annotation for a sentence, cut where it is long."""
    whole = shown(annotation)
    return f"`{whole if len(whole) <= _LONGEST else whole[:_LONGEST] + '…'}`"


# -- both directions --------------------------------------------------------------------------------------------------


@rule(TypePair, "breaking", kind="source", mirror="annotation-changed")
def annotation_changed(pair: TypePair) -> Iterator[Change]:
    """A type is another one, neither wider nor narrower.

    Who makes such a value gives one that type checkers refuse, and who reads it finds one that it was not written for. Add a
    field of the new type beside the old one, and deprecate the old one.
    """
    if pair.extent == ("type", "type"):
        yield pair.change(f"{pair.name} is {text(pair.new)} now, was {text(pair.old)}")


@rule(TypePair, "info", kind="source", mirror="annotation-closed")
def annotation_opened(pair: TypePair) -> Iterator[Change]:
    """A value that had a type may be anything now.

    All code goes on, but type checkers help it no longer.
    """
    if pair.opens:
        yield pair.change(f"{pair.name} may be anything now, was {text(pair.old)}")


@rule(TypePair, "breaking", kind="source", mirror="annotation-opened")
def annotation_closed(pair: TypePair) -> Iterator[Change]:
    """A value that could be anything has a type now.

    Code that made or read it as something else fails to type-check. Look at what it really was: if the document only says
    now what was true before, the code needs another annotation and nothing else.
    """
    if pair.closes:
        yield pair.change(f"{pair.name} is {text(pair.new)} now, could be anything")


# -- None -------------------------------------------------------------------------------------------------------------


def _may_be_none(pair: SentPair, direction: Sent) -> Iterator[Change]:
    if pair.direction == direction and pair.read and pair.may_be_none:
        yield pair.change(f"{pair.name} may be None now, was {text(pair.old)}")


def _never_none(pair: SentPair, direction: Sent) -> Iterator[Change]:
    if pair.direction == direction and pair.made and pair.never_none:
        yield pair.change(f"{pair.name} may not be None any more: it is {text(pair.new)}")


@rule(SentPair, "breaking", kind="source", users="handlers", direction="request", mirror="caller-gives-no-none")
def handler_gets_none(pair: SentPair) -> Iterator[Change]:
    """What callers send may be None, which it could not be.

    Handlers that use the value without asking for None fail to type-check, and fail when it is. Callers go on.
    """
    yield from _may_be_none(pair, "request")


@rule(SentPair, "breaking", kind="source", users="callers", direction="request", mirror="handler-gets-none")
def caller_gives_no_none(pair: SentPair) -> Iterator[Change]:
    """What callers send may not be None any more.

    Callers that give None, or a variable that may be None, fail to type-check. Handlers go on.
    """
    yield from _never_none(pair, "request")


@rule(SentPair, "breaking", kind="source", users="callers", direction="response", mirror="handler-gives-no-none")
def caller_gets_none(pair: SentPair) -> Iterator[Change]:
    """What callers are sent may be None, which it could not be.

    Callers that use the value without asking for None fail to type-check, and fail when it is. Give it a default in the
    document, or keep it required. Handlers go on.
    """
    yield from _may_be_none(pair, "response")


@rule(SentPair, "breaking", kind="source", users="handlers", direction="response", mirror="caller-gets-none")
def handler_gives_no_none(pair: SentPair) -> Iterator[Change]:
    """What handlers answer may not be None any more.

    Handlers that answer with None there fail to type-check. Callers go on: asking for None does no harm.
    """
    yield from _never_none(pair, "response")


# -- classes ----------------------------------------------------------------------------------------------------------


def _wider(pair: SentPair, direction: Sent, extent: Extent, verb: str) -> Iterator[Change]:
    gained, lost = pair.extent
    if pair.direction == direction and pair.read and gained == extent and (extent in ("values", "members") or not lost):
        yield pair.change(f"{pair.name} may {verb} {text(pair.gained)}, was {text(pair.old)}")


def _narrower(pair: SentPair, direction: Sent, extent: Extent, verb: str) -> Iterator[Change]:
    gained, lost = pair.extent
    if pair.direction == direction and pair.made and lost == extent and (extent in ("values", "members") or not gained):
        yield pair.change(f"{pair.name} may not be {text(pair.lost)} any more: {verb} {text(pair.new)}")


@rule(SentPair, "breaking", kind="source", users="handlers", direction="request", mirror="caller-gives-narrower-type")
def handler_gets_wider_type(pair: SentPair) -> Iterator[Change]:
    """What callers send may be of more types than before.

    Handlers find values of types that they were not written for, or declare an argument that is too narrow. Callers go on.
    """
    yield from _wider(pair, "request", "type", "be")


@rule(SentPair, "breaking", kind="source", users="callers", direction="request", mirror="handler-gets-wider-type")
def caller_gives_narrower_type(pair: SentPair) -> Iterator[Change]:
    """What callers send may not be of all types that it could be of.

    Callers that give one of the types that are gone fail to type-check. Handlers go on.
    """
    yield from _narrower(pair, "request", "type", "it is")


@rule(SentPair, "breaking", kind="source", users="callers", direction="response", mirror="handler-gives-narrower-type")
def caller_gets_wider_type(pair: SentPair) -> Iterator[Change]:
    """What callers are sent may be of more types than before.

    Callers find values of types that they were not written for, and fail to type-check. Answer with the new type in an
    attribute of its own. Handlers go on.
    """
    yield from _wider(pair, "response", "type", "be")


@rule(SentPair, "breaking", kind="source", users="handlers", direction="response", mirror="caller-gets-wider-type")
def handler_gives_narrower_type(pair: SentPair) -> Iterator[Change]:
    """What handlers answer may not be of all types that it could be of.

    Handlers that answer with one of the types that are gone fail to type-check. Callers go on.
    """
    yield from _narrower(pair, "response", "type", "it is")


# -- listed values ----------------------------------------------------------------------------------------------------


@rule(SentPair, "warning", kind="source", users="handlers", direction="request", mirror="caller-gives-fewer-values")
def handler_gets_new_value(pair: SentPair) -> Iterator[Change]:
    """What callers send may have another value of those that are listed.

    Handlers that tell all values apart (a ``match`` that ends with ``assert_never``) fail to type-check until they have a case
    for it; others do what they do with any value. Callers go on.
    """
    yield from _wider(pair, "request", "values", "be")


@rule(SentPair, "breaking", kind="source", users="callers", direction="request", mirror="handler-gets-new-value")
def caller_gives_fewer_values(pair: SentPair) -> Iterator[Change]:
    """What callers send may not have one of the values that were listed.

    Callers that give it fail to type-check. Keep taking the value, and say in its description that it is deprecated.
    """
    yield from _narrower(pair, "request", "values", "it is")


@rule(SentPair, "warning", kind="source", users="callers", direction="response", mirror="handler-gives-fewer-values")
def caller_gets_new_value(pair: SentPair) -> Iterator[Change]:
    """What callers are sent may have another value of those that are listed.

    Callers that tell all values apart (a ``match`` that ends with ``assert_never``) fail to type-check until they have a case
    for it; others do what they do with any value. Handlers go on.
    """
    yield from _wider(pair, "response", "values", "be")


@rule(SentPair, "breaking", kind="source", users="handlers", direction="response", mirror="caller-gets-new-value")
def handler_gives_fewer_values(pair: SentPair) -> Iterator[Change]:
    """What handlers answer may not have one of the values that were listed.

    Handlers that answer with it fail to type-check. Callers go on, with a case that never comes.
    """
    yield from _narrower(pair, "response", "values", "it is")


@rule(SentPair, "warning", kind="source", users="handlers", direction="request", mirror="caller-gives-listed-values")
def handler_gets_any_value(pair: SentPair) -> Iterator[Change]:
    """What callers send had a list of values, and may have any now.

    Handlers that give it to something which takes the listed values alone fail to type-check. Callers go on.
    """
    yield from _wider(pair, "request", "open", "be any")


@rule(SentPair, "breaking", kind="source", users="callers", direction="request", mirror="handler-gets-any-value")
def caller_gives_listed_values(pair: SentPair) -> Iterator[Change]:
    """What callers send could have any value, and has to be one of a list now.

    Callers that give a variable rather than one of the values fail to type-check. Handlers go on.
    """
    yield from _narrower(pair, "request", "open", "it is")


@rule(SentPair, "warning", kind="source", users="callers", direction="response", mirror="handler-gives-listed-values")
def caller_gets_any_value(pair: SentPair) -> Iterator[Change]:
    """What callers are sent had a list of values, and may have any now.

    Callers that give it to something which takes the listed values alone fail to type-check. Handlers go on.
    """
    yield from _wider(pair, "response", "open", "be any")


@rule(SentPair, "breaking", kind="source", users="handlers", direction="response", mirror="caller-gets-any-value")
def handler_gives_listed_values(pair: SentPair) -> Iterator[Change]:
    """What handlers answer could have any value, and has to be one of a list now.

    Handlers that answer with a variable rather than one of the values fail to type-check. Callers go on.
    """
    yield from _narrower(pair, "response", "open", "it is")


# -- unions -----------------------------------------------------------------------------------------------------------


@rule(SentPair, "warning", kind="source", users="handlers", direction="request", mirror="caller-gives-fewer-members")
def handler_gets_new_member(pair: SentPair) -> Iterator[Change]:
    """What callers send was one of several types, and may be one more.

    Handlers that tell all of them apart (a ``match`` that ends with ``assert_never``), or use what all of them had in common,
    fail to type-check until they know the new one. Callers go on.
    """
    yield from _wider(pair, "request", "members", "be")


@rule(SentPair, "breaking", kind="source", users="callers", direction="request", mirror="handler-gets-new-member")
def caller_gives_fewer_members(pair: SentPair) -> Iterator[Change]:
    """What callers send was one of several types, and may not be one of them any more.

    Callers that give it fail to type-check. Handlers go on, with a case that never comes.
    """
    yield from _narrower(pair, "request", "members", "it is")


@rule(SentPair, "warning", kind="source", users="callers", direction="response", mirror="handler-gives-fewer-members")
def caller_gets_new_member(pair: SentPair) -> Iterator[Change]:
    """What callers are sent was one of several types, and may be one more.

    Callers that tell all of them apart (a ``match`` that ends with ``assert_never``), or use what all of them had in common,
    fail to type-check until they know the new one. Handlers go on.
    """
    yield from _wider(pair, "response", "members", "be")


@rule(SentPair, "breaking", kind="source", users="handlers", direction="response", mirror="caller-gets-new-member")
def handler_gives_fewer_members(pair: SentPair) -> Iterator[Change]:
    """What handlers answer was one of several types, and may not be one of them any more.

    Handlers that answer with it fail to type-check. Callers go on, with a case that never comes.
    """
    yield from _narrower(pair, "response", "members", "it is")


RULES: tuple[Rule, ...] = (
    annotation_changed,
    annotation_opened,
    annotation_closed,
    handler_gets_none,
    caller_gives_no_none,
    caller_gets_none,
    handler_gives_no_none,
    handler_gets_wider_type,
    caller_gives_narrower_type,
    caller_gets_wider_type,
    handler_gives_narrower_type,
    handler_gets_new_value,
    caller_gives_fewer_values,
    caller_gets_new_value,
    handler_gives_fewer_values,
    handler_gets_any_value,
    caller_gives_listed_values,
    caller_gets_any_value,
    handler_gives_listed_values,
    handler_gets_new_member,
    caller_gives_fewer_members,
    caller_gets_new_member,
    handler_gives_fewer_members,
)
