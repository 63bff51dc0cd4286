"""Rules about the types of what is sent and answered, null among them."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import LimitsPair, SchemaPair
from generator.diff.values import ATOMS
from generator.diff.wording import kinds

_FRACTIONS = frozenset(["fraction"])


def _replaced(pair: LimitsPair) -> Iterator[Change]:
    old, new = _types(pair)
    if old and new and not old & new and not _both_list_values(pair):
        yield pair.change(f"{pair.name} is {kinds(new)} now, was {kinds(old)}", key="type")


def _fewer(pair: LimitsPair, *, only_fractions: bool) -> Iterator[Change]:
    """Types that were let through and are not any more, unless a list of values tells of that."""
    old, new = _types(pair)
    gone = old - new
    if old & new and gone and pair.new.values is None and (gone == _FRACTIONS) == only_fractions:
        yield pair.change(f"{pair.name} may be {kinds(new)} only, was {kinds(old)}", key="type")


def _more(pair: LimitsPair, *, only_fractions: bool) -> Iterator[Change]:
    """Types that are let through and were not before, unless a list of values tells of that."""
    old, new = _types(pair)
    come = new - old
    if old & new and come and pair.old.values is None and (come == _FRACTIONS) == only_fractions:
        yield pair.change(f"{pair.name} may be {kinds(new)}, was {kinds(old)}", key="type")


def _types(pair: LimitsPair) -> tuple[frozenset[str], frozenset[str]]:
    """The types but null, which has rules of its own. Those of a union are its members'."""
    return (frozenset(), frozenset()) if pair.old.union else (pair.old.types - {"null"}, pair.new.types - {"null"})


def _both_list_values(pair: LimitsPair) -> bool:
    return pair.old.values is not None and pair.new.values is not None


def _null(pair: SchemaPair, *, comes: bool) -> Iterator[Change]:
    """Null that is let through or no longer is, where that is not one of many types that are."""
    old, new = pair.old.types, pair.new.types
    if old and new and ATOMS not in (old, new) and ("null" in old, "null" in new) == (not comes, comes):
        yield pair.change(f"{pair.name} may be null now" if comes else f"{pair.name} may not be null any more")


def _nothing(pair: SchemaPair, *, comes: bool) -> Iterator[Change]:
    if (pair.old.never, pair.new.never) == (not comes, comes):
        yield pair.change(
            f"{pair.name} lets no value through any more"
            if comes
            else f"{pair.name} lets values through, which nothing was before"
        )


@rule(LimitsPair, "breaking", direction="request", mirror="request-type-replaced")
def request_type_replaced(pair: LimitsPair) -> Iterator[Change]:
    """What is sent has another type.

    Every request with the old one is refused. Accept both types, or give the new one a name of its own.
    """
    return _replaced(pair)


@rule(LimitsPair, "breaking", direction="request", mirror="request-type-added")
def request_type_removed(pair: LimitsPair) -> Iterator[Change]:
    """One of several types is not accepted any more.

    Requests with it are refused. Go on accepting it until nobody sends it.
    """
    return _fewer(pair, only_fractions=False)


@rule(LimitsPair, "info", direction="request", mirror="request-type-removed")
def request_type_added(pair: LimitsPair) -> Iterator[Change]:
    """One more type is accepted.

    Whoever sends the others still may.
    """
    return _more(pair, only_fractions=False)


@rule(LimitsPair, "breaking", direction="request", mirror="request-integer-became-number")
def request_number_became_integer(pair: LimitsPair) -> Iterator[Change]:
    """A number of a request has to be a whole one.

    Requests with fractions are refused. Round them on the server instead.
    """
    return _fewer(pair, only_fractions=True)


@rule(LimitsPair, "info", direction="request", mirror="request-number-became-integer")
def request_integer_became_number(pair: LimitsPair) -> Iterator[Change]:
    """A whole number of a request may be a fraction.

    Whole numbers are accepted as before.
    """
    return _more(pair, only_fractions=True)


@rule(SchemaPair, "info", direction="request", mirror="request-no-longer-nullable")
def request_became_nullable(pair: SchemaPair) -> Iterator[Change]:
    """Null may be sent where it might not.

    All that was accepted still is.
    """
    return _null(pair, comes=True)


@rule(SchemaPair, "breaking", direction="request", mirror="request-became-nullable")
def request_no_longer_nullable(pair: SchemaPair) -> Iterator[Change]:
    """Null may not be sent any more.

    Requests with null, which many clients send for what is not set, are refused. Go on reading it as what is left out.
    """
    return _null(pair, comes=False)


@rule(SchemaPair, "breaking", direction="request", mirror="request-became-possible")
def request_became_impossible(pair: SchemaPair) -> Iterator[Change]:
    """No value fits what is asked for any more.

    Its type, values and limits contradict each other, or it is `false`: whatever is sent is refused. If it is to go, say so
    by taking it out of the document.
    """
    return _nothing(pair, comes=True)


@rule(SchemaPair, "info", direction="request", mirror="request-became-impossible")
def request_became_possible(pair: SchemaPair) -> Iterator[Change]:
    """Values are accepted where none was.

    Nobody could send anything before.
    """
    return _nothing(pair, comes=False)


@rule(LimitsPair, "breaking", direction="response", mirror="response-type-replaced")
def response_type_replaced(pair: LimitsPair) -> Iterator[Change]:
    """What is answered has another type.

    Callers cannot read it. Answer with a new property beside the old one.
    """
    return _replaced(pair)


@rule(LimitsPair, "info", direction="response", mirror="response-type-added")
def response_type_removed(pair: LimitsPair) -> Iterator[Change]:
    """One of several types is not answered any more.

    Callers get nothing that they were not told of before.
    """
    return _fewer(pair, only_fractions=False)


@rule(LimitsPair, "breaking", direction="response", mirror="response-type-removed")
def response_type_added(pair: LimitsPair) -> Iterator[Change]:
    """An answer may have one more type.

    Callers that know the old ones cannot read it. Answer with a new property beside the old one.
    """
    return _more(pair, only_fractions=False)


@rule(LimitsPair, "info", direction="response", mirror="response-integer-became-number")
def response_number_became_integer(pair: LimitsPair) -> Iterator[Change]:
    """A number in an answer is always a whole one.

    Callers get nothing that they were not told of before.
    """
    return _fewer(pair, only_fractions=True)


@rule(LimitsPair, "breaking", direction="response", mirror="response-number-became-integer")
def response_integer_became_number(pair: LimitsPair) -> Iterator[Change]:
    """A whole number in an answer may be a fraction.

    Callers that read it as an integer fail, or cut the fraction off. Round it, or answer with a new property.
    """
    return _more(pair, only_fractions=True)


@rule(SchemaPair, "breaking", direction="response", mirror="response-no-longer-nullable")
def response_became_nullable(pair: SchemaPair) -> Iterator[Change]:
    """Null may be answered where it was not.

    Callers that use the value without a look fail. Leave an optional property out instead, or answer as before.
    """
    return _null(pair, comes=True)


@rule(SchemaPair, "info", direction="response", mirror="response-became-nullable")
def response_no_longer_nullable(pair: SchemaPair) -> Iterator[Change]:
    """Null is not answered any more.

    Callers get nothing that they were not told of before.
    """
    return _null(pair, comes=False)


@rule(SchemaPair, "warning", direction="response", mirror="response-became-possible")
def response_became_impossible(pair: SchemaPair) -> Iterator[Change]:
    """No value fits what is promised any more.

    Its type, values and limits contradict each other, or it is `false`: callers get none of it. If it is to go, say so by
    taking it out of the document.
    """
    return _nothing(pair, comes=True)


@rule(SchemaPair, "breaking", direction="response", mirror="response-became-impossible")
def response_became_possible(pair: SchemaPair) -> Iterator[Change]:
    """Values are answered where none was.

    Callers were told that there would be none. Give them a name of their own.
    """
    return _nothing(pair, comes=False)


RULES: tuple[Rule, ...] = (
    request_type_replaced,
    request_type_removed,
    request_type_added,
    request_number_became_integer,
    request_integer_became_number,
    request_became_nullable,
    request_no_longer_nullable,
    request_became_impossible,
    request_became_possible,
    response_type_replaced,
    response_type_removed,
    response_type_added,
    response_number_became_integer,
    response_integer_became_number,
    response_became_nullable,
    response_no_longer_nullable,
    response_became_impossible,
    response_became_possible,
)
