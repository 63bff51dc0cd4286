"""Rules about which numbers may be sent and are answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import LimitsPair
from generator.diff.values import number

from .limits import highest, lowest, ranges


def _steps(pair: LimitsPair, how: Literal["set", "dropped", "coarser", "finer", "changed"]) -> Iterator[Change]:
    """The change of ``multipleOf``, if it is of this kind."""
    old, new = (numbers.step for numbers in ranges(pair))
    if old == new:
        return
    if old is None or new is None:
        found = "set" if old is None else "dropped"
    elif (new / old).denominator == 1:
        found = "coarser"
    else:
        found = "finer" if (old / new).denominator == 1 else "changed"
    if found == how:
        said = f"has to be a multiple of {number(new)}" if new is not None else "may be any number"
        was = f"a multiple of {number(old)}" if old is not None else "any number"
        yield pair.change(f"{pair.name} {said}, was {was}", key="multipleOf")


@rule(LimitsPair, "breaking", direction="request", mirror="request-minimum-lowered")
def request_minimum_raised(pair: LimitsPair) -> Iterator[Change]:
    """The least number that a request may have is greater.

    Smaller numbers, which were accepted, are refused. Go on accepting them, and treat them as the new minimum if need be.
    """
    return lowest(pair, "raised")


@rule(LimitsPair, "info", direction="request", mirror="request-minimum-raised")
def request_minimum_lowered(pair: LimitsPair) -> Iterator[Change]:
    """The least number that a request may have is smaller.

    All numbers that were accepted still are.
    """
    return lowest(pair, "lowered")


@rule(LimitsPair, "breaking", direction="request", mirror="request-minimum-dropped")
def request_minimum_set(pair: LimitsPair) -> Iterator[Change]:
    """A number of a request has a minimum that it did not have.

    Smaller numbers are refused. If they always were, the document has only caught up: say so to whoever reviews it.
    """
    return lowest(pair, "set")


@rule(LimitsPair, "info", direction="request", mirror="request-minimum-set")
def request_minimum_dropped(pair: LimitsPair) -> Iterator[Change]:
    """A number of a request has no minimum any more.

    All numbers that were accepted still are.
    """
    return lowest(pair, "dropped")


@rule(LimitsPair, "breaking", direction="request", mirror="request-maximum-raised")
def request_maximum_lowered(pair: LimitsPair) -> Iterator[Change]:
    """The greatest number that a request may have is smaller.

    Greater numbers, which were accepted, are refused. Go on accepting them, and treat them as the new maximum if need be.
    """
    return highest(pair, "lowered")


@rule(LimitsPair, "info", direction="request", mirror="request-maximum-lowered")
def request_maximum_raised(pair: LimitsPair) -> Iterator[Change]:
    """The greatest number that a request may have is greater.

    All numbers that were accepted still are.
    """
    return highest(pair, "raised")


@rule(LimitsPair, "breaking", direction="request", mirror="request-maximum-dropped")
def request_maximum_set(pair: LimitsPair) -> Iterator[Change]:
    """A number of a request has a maximum that it did not have.

    Greater numbers are refused. If they always were, the document has only caught up: say so to whoever reviews it.
    """
    return highest(pair, "set")


@rule(LimitsPair, "info", direction="request", mirror="request-maximum-set")
def request_maximum_dropped(pair: LimitsPair) -> Iterator[Change]:
    """A number of a request has no maximum any more.

    All numbers that were accepted still are.
    """
    return highest(pair, "dropped")


@rule(LimitsPair, "breaking", direction="request", mirror="request-multiple-of-dropped")
def request_multiple_of_set(pair: LimitsPair) -> Iterator[Change]:
    """A number of a request has to be a multiple of another.

    Numbers between the multiples are refused. Round them on the server instead.
    """
    return _steps(pair, "set")


@rule(LimitsPair, "info", direction="request", mirror="request-multiple-of-set")
def request_multiple_of_dropped(pair: LimitsPair) -> Iterator[Change]:
    """A number of a request need not be a multiple of another any more.

    All numbers that were accepted still are.
    """
    return _steps(pair, "dropped")


@rule(LimitsPair, "breaking", direction="request", mirror="request-multiple-of-finer")
def request_multiple_of_coarser(pair: LimitsPair) -> Iterator[Change]:
    """A number of a request has to be a multiple of a multiple of what it was.

    Numbers between the new steps, which were accepted, are refused. Round them on the server instead.
    """
    return _steps(pair, "coarser")


@rule(LimitsPair, "info", direction="request", mirror="request-multiple-of-coarser")
def request_multiple_of_finer(pair: LimitsPair) -> Iterator[Change]:
    """The steps of a number of a request are a fraction of what they were.

    All numbers that were accepted still are.
    """
    return _steps(pair, "finer")


@rule(LimitsPair, "breaking", direction="request", mirror="request-multiple-of-changed")
def request_multiple_of_changed(pair: LimitsPair) -> Iterator[Change]:
    """A number of a request has to be a multiple of something else.

    Some numbers that were accepted are refused. Accept multiples of either, or round on the server.
    """
    return _steps(pair, "changed")


@rule(LimitsPair, "info", direction="response", mirror="response-minimum-lowered")
def response_minimum_raised(pair: LimitsPair) -> Iterator[Change]:
    """The least number in an answer is greater.

    Callers get nothing that they were not told of before.
    """
    return lowest(pair, "raised")


@rule(LimitsPair, "breaking", direction="response", mirror="response-minimum-raised")
def response_minimum_lowered(pair: LimitsPair) -> Iterator[Change]:
    """The least number in an answer is smaller.

    Callers that rely on the old minimum (a length, an index, a share) get numbers that they do not expect. Keep to the old
    one, or answer with a new property.
    """
    return lowest(pair, "lowered")


@rule(LimitsPair, "info", direction="response", mirror="response-minimum-dropped")
def response_minimum_set(pair: LimitsPair) -> Iterator[Change]:
    """A number in an answer has a minimum that it did not have.

    Callers get nothing that they were not told of before.
    """
    return lowest(pair, "set")


@rule(LimitsPair, "breaking", direction="response", mirror="response-minimum-set")
def response_minimum_dropped(pair: LimitsPair) -> Iterator[Change]:
    """A number in an answer has no minimum any more.

    Callers that rely on the old one get numbers that they do not expect. Keep it if answers keep to it.
    """
    return lowest(pair, "dropped")


@rule(LimitsPair, "info", direction="response", mirror="response-maximum-raised")
def response_maximum_lowered(pair: LimitsPair) -> Iterator[Change]:
    """The greatest number in an answer is smaller.

    Callers get nothing that they were not told of before.
    """
    return highest(pair, "lowered")


@rule(LimitsPair, "breaking", direction="response", mirror="response-maximum-lowered")
def response_maximum_raised(pair: LimitsPair) -> Iterator[Change]:
    """The greatest number in an answer is greater.

    Callers that rely on the old maximum (the width of a column, the size of an integer) get numbers that they do not
    expect. Keep to the old one, or answer with a new property.
    """
    return highest(pair, "raised")


@rule(LimitsPair, "info", direction="response", mirror="response-maximum-dropped")
def response_maximum_set(pair: LimitsPair) -> Iterator[Change]:
    """A number in an answer has a maximum that it did not have.

    Callers get nothing that they were not told of before.
    """
    return highest(pair, "set")


@rule(LimitsPair, "breaking", direction="response", mirror="response-maximum-set")
def response_maximum_dropped(pair: LimitsPair) -> Iterator[Change]:
    """A number in an answer has no maximum any more.

    Callers that rely on the old one get numbers that they do not expect. Keep it if answers keep to it.
    """
    return highest(pair, "dropped")


@rule(LimitsPair, "info", direction="response", mirror="response-multiple-of-dropped")
def response_multiple_of_set(pair: LimitsPair) -> Iterator[Change]:
    """A number in an answer is always a multiple of another.

    Callers get nothing that they were not told of before.
    """
    return _steps(pair, "set")


@rule(LimitsPair, "breaking", direction="response", mirror="response-multiple-of-set")
def response_multiple_of_dropped(pair: LimitsPair) -> Iterator[Change]:
    """A number in an answer need not be a multiple of another any more.

    Callers that count in these steps get numbers in between. Keep it if answers keep to it.
    """
    return _steps(pair, "dropped")


@rule(LimitsPair, "info", direction="response", mirror="response-multiple-of-finer")
def response_multiple_of_coarser(pair: LimitsPair) -> Iterator[Change]:
    """The steps of a number in an answer are a multiple of what they were.

    Callers get nothing that they were not told of before.
    """
    return _steps(pair, "coarser")


@rule(LimitsPair, "breaking", direction="response", mirror="response-multiple-of-coarser")
def response_multiple_of_finer(pair: LimitsPair) -> Iterator[Change]:
    """The steps of a number in an answer are a fraction of what they were.

    Callers that count in the old steps get numbers in between. Round the answers, or answer with a new property.
    """
    return _steps(pair, "finer")


@rule(LimitsPair, "breaking", direction="response", mirror="response-multiple-of-changed")
def response_multiple_of_changed(pair: LimitsPair) -> Iterator[Change]:
    """A number in an answer is a multiple of something else.

    Callers that count in the old steps get numbers in between. Answer with a new property.
    """
    return _steps(pair, "changed")


RULES: tuple[Rule, ...] = (
    request_minimum_raised,
    request_minimum_lowered,
    request_minimum_set,
    request_minimum_dropped,
    request_maximum_lowered,
    request_maximum_raised,
    request_maximum_set,
    request_maximum_dropped,
    request_multiple_of_set,
    request_multiple_of_dropped,
    request_multiple_of_coarser,
    request_multiple_of_finer,
    request_multiple_of_changed,
    response_minimum_raised,
    response_minimum_lowered,
    response_minimum_set,
    response_minimum_dropped,
    response_maximum_lowered,
    response_maximum_raised,
    response_maximum_set,
    response_maximum_dropped,
    response_multiple_of_set,
    response_multiple_of_dropped,
    response_multiple_of_coarser,
    response_multiple_of_finer,
    response_multiple_of_changed,
)
