"""Rules about strings: how long they are, which pattern they fit, which format they are in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import LimitsPair
from generator.diff.subtypes import includes_format
from generator.diff.values import NUMBERS
from generator.diff.wording import listed, quoted

from .limits import fewest, most


def _pattern(pair: LimitsPair, how: Literal["added", "removed", "changed"]) -> Iterator[Change]:
    """The change of the patterns that a string has to fit, if it is of this kind."""
    old, new = pair.old.patterns, pair.new.patterns
    if old == new or not pair.has("string"):
        return
    if how == ("added" if old < new else "removed" if new < old else "changed"):
        was = f", was {listed(sorted(old))}" if old else ""
        said = f"has to fit {listed(sorted(new))} now{was}" if new else f"need not fit {listed(sorted(old))} any more"
        yield pair.change(f"{pair.name} {said}", key="pattern")


def _format(pair: LimitsPair, how: Literal["added", "removed", "narrowed", "widened", "changed"]) -> Iterator[Change]:
    """The change of the format, if it is of this kind."""
    old, new = pair.old.format, pair.new.format
    if old == new or not pair.has("string", *NUMBERS):
        return
    if not old or not new:
        found = "added" if new else "removed"
    elif includes_format(old, new):
        found = "narrowed"
    else:
        found = "widened" if includes_format(new, old) else "changed"
    if found == how:
        was = f", was {quoted(old)}" if old else ""
        said = (
            f"is in the format {quoted(new)} now{was}" if new else f"need not be in the format {quoted(old)} any more"
        )
        yield pair.change(f"{pair.name} {said}", key="format")


@rule(LimitsPair, "breaking", direction="request", mirror="request-min-length-lowered")
def request_min_length_raised(pair: LimitsPair) -> Iterator[Change]:
    """A string of a request has to be longer than it had to.

    Shorter ones, which were accepted, are refused: an empty one as a rule, for what is not set. Go on accepting them.
    """
    return fewest(pair, "Length", "raised")


@rule(LimitsPair, "info", direction="request", mirror="request-min-length-raised")
def request_min_length_lowered(pair: LimitsPair) -> Iterator[Change]:
    """A string of a request may be shorter.

    All that was accepted still is.
    """
    return fewest(pair, "Length", "lowered")


@rule(LimitsPair, "breaking", direction="request", mirror="request-max-length-raised")
def request_max_length_lowered(pair: LimitsPair) -> Iterator[Change]:
    """A string of a request may not be as long as it might.

    Longer ones, which were accepted, are refused. Go on accepting them, and cut them where they are stored if need be.
    """
    return most(pair, "Length", "lowered")


@rule(LimitsPair, "info", direction="request", mirror="request-max-length-lowered")
def request_max_length_raised(pair: LimitsPair) -> Iterator[Change]:
    """A string of a request may be longer.

    All that was accepted still is.
    """
    return most(pair, "Length", "raised")


@rule(LimitsPair, "breaking", direction="request", mirror="request-max-length-dropped")
def request_max_length_set(pair: LimitsPair) -> Iterator[Change]:
    """A string of a request has a greatest length that it did not have.

    Longer ones are refused. If they always were, the document has only caught up: say so to whoever reviews it.
    """
    return most(pair, "Length", "set")


@rule(LimitsPair, "info", direction="request", mirror="request-max-length-set")
def request_max_length_dropped(pair: LimitsPair) -> Iterator[Change]:
    """A string of a request may be of any length.

    All that was accepted still is.
    """
    return most(pair, "Length", "dropped")


@rule(LimitsPair, "breaking", direction="request", mirror="request-pattern-removed")
def request_pattern_added(pair: LimitsPair) -> Iterator[Change]:
    """A string of a request has to fit a pattern.

    Strings that do not fit it were accepted and are refused. Go on accepting them.
    """
    return _pattern(pair, "added")


@rule(LimitsPair, "info", direction="request", mirror="request-pattern-added")
def request_pattern_removed(pair: LimitsPair) -> Iterator[Change]:
    """A string of a request need not fit a pattern any more.

    All that was accepted still is.
    """
    return _pattern(pair, "removed")


@rule(LimitsPair, "warning", direction="request", mirror="request-pattern-changed")
def request_pattern_changed(pair: LimitsPair) -> Iterator[Change]:
    """A string of a request has to fit another pattern.

    Whether it fits all that the old one did cannot be told in general. Try the strings that callers send.
    """
    return _pattern(pair, "changed")


@rule(LimitsPair, "warning", direction="request", mirror="request-format-removed")
def request_format_added(pair: LimitsPair) -> Iterator[Change]:
    """What is sent is in a format that was not named.

    What is not in it may be refused, depending on whether the server checks formats, and generated code may ask for another
    type.
    """
    return _format(pair, "added")


@rule(LimitsPair, "info", direction="request", mirror="request-format-added")
def request_format_removed(pair: LimitsPair) -> Iterator[Change]:
    """What is sent need not be in a format any more.

    All that was accepted still is.
    """
    return _format(pair, "removed")


@rule(LimitsPair, "breaking", direction="request", mirror="request-format-widened")
def request_format_narrowed(pair: LimitsPair) -> Iterator[Change]:
    """A number of a request is of a smaller format: `int32`, was `int64`.

    Greater numbers, which were accepted, are refused. Go on reading the larger format.
    """
    return _format(pair, "narrowed")


@rule(LimitsPair, "info", direction="request", mirror="request-format-narrowed")
def request_format_widened(pair: LimitsPair) -> Iterator[Change]:
    """A number of a request is of a larger format: `int64`, was `int32`.

    All that was accepted still is.
    """
    return _format(pair, "widened")


@rule(LimitsPair, "warning", direction="request", mirror="request-format-changed")
def request_format_changed(pair: LimitsPair) -> Iterator[Change]:
    """What is sent is in another format.

    Whether the server reads the old one too cannot be told from the document. If it does, name no format.
    """
    return _format(pair, "changed")


@rule(LimitsPair, "info", direction="response", mirror="response-min-length-lowered")
def response_min_length_raised(pair: LimitsPair) -> Iterator[Change]:
    """A string in an answer is longer at least.

    Callers get nothing that they were not told of before.
    """
    return fewest(pair, "Length", "raised")


@rule(LimitsPair, "breaking", direction="response", mirror="response-min-length-raised")
def response_min_length_lowered(pair: LimitsPair) -> Iterator[Change]:
    """A string in an answer may be shorter.

    Callers that rely on the old length fail, above all where it may be empty now. Keep to the old one.
    """
    return fewest(pair, "Length", "lowered")


@rule(LimitsPair, "info", direction="response", mirror="response-max-length-raised")
def response_max_length_lowered(pair: LimitsPair) -> Iterator[Change]:
    """A string in an answer is not as long as it might be.

    Callers get nothing that they were not told of before.
    """
    return most(pair, "Length", "lowered")


@rule(LimitsPair, "breaking", direction="response", mirror="response-max-length-lowered")
def response_max_length_raised(pair: LimitsPair) -> Iterator[Change]:
    """A string in an answer may be longer.

    Callers that keep it in a field of the old length cut it off or fail. Keep to the old one.
    """
    return most(pair, "Length", "raised")


@rule(LimitsPair, "info", direction="response", mirror="response-max-length-dropped")
def response_max_length_set(pair: LimitsPair) -> Iterator[Change]:
    """A string in an answer has a greatest length that it did not have.

    Callers get nothing that they were not told of before.
    """
    return most(pair, "Length", "set")


@rule(LimitsPair, "breaking", direction="response", mirror="response-max-length-set")
def response_max_length_dropped(pair: LimitsPair) -> Iterator[Change]:
    """A string in an answer may be of any length.

    Callers that keep it in a field of the old length cut it off or fail. Keep the limit if answers keep to it.
    """
    return most(pair, "Length", "dropped")


@rule(LimitsPair, "info", direction="response", mirror="response-pattern-removed")
def response_pattern_added(pair: LimitsPair) -> Iterator[Change]:
    """A string in an answer always fits a pattern.

    Callers get nothing that they were not told of before.
    """
    return _pattern(pair, "added")


@rule(LimitsPair, "warning", direction="response", mirror="response-pattern-added")
def response_pattern_removed(pair: LimitsPair) -> Iterator[Change]:
    """A string in an answer need not fit a pattern any more.

    Callers that take it apart by the pattern may fail. Keep it if answers keep to it.
    """
    return _pattern(pair, "removed")


@rule(LimitsPair, "warning", direction="response", mirror="response-pattern-changed")
def response_pattern_changed(pair: LimitsPair) -> Iterator[Change]:
    """A string in an answer fits another pattern.

    Callers that take it apart by the old one may fail. Whether all that fits the new one fits the old one cannot be told in
    general.
    """
    return _pattern(pair, "changed")


@rule(LimitsPair, "info", direction="response", mirror="response-format-removed")
def response_format_added(pair: LimitsPair) -> Iterator[Change]:
    """What is answered is in a format that was not named.

    Callers get nothing that they were not told of before, though generated code may give another type.
    """
    return _format(pair, "added")


@rule(LimitsPair, "warning", direction="response", mirror="response-format-added")
def response_format_removed(pair: LimitsPair) -> Iterator[Change]:
    """What is answered need not be in a format any more.

    Callers that read it as a date, a UUID or the like may fail. Keep it if answers keep to it.
    """
    return _format(pair, "removed")


@rule(LimitsPair, "info", direction="response", mirror="response-format-widened")
def response_format_narrowed(pair: LimitsPair) -> Iterator[Change]:
    """A number in an answer is of a smaller format: `int32`, was `int64`.

    Callers get nothing that they were not told of before.
    """
    return _format(pair, "narrowed")


@rule(LimitsPair, "breaking", direction="response", mirror="response-format-narrowed")
def response_format_widened(pair: LimitsPair) -> Iterator[Change]:
    """A number in an answer is of a larger format: `int64`, was `int32`.

    Callers in languages with numbers of a fixed size cannot hold it. Answer with a new property beside the old one.
    """
    return _format(pair, "widened")


@rule(LimitsPair, "warning", direction="response", mirror="response-format-changed")
def response_format_changed(pair: LimitsPair) -> Iterator[Change]:
    """What is answered is in another format.

    Callers that read the old one may fail. Answer with a new property beside the old one.
    """
    return _format(pair, "changed")


RULES: tuple[Rule, ...] = (
    request_min_length_raised,
    request_min_length_lowered,
    request_max_length_lowered,
    request_max_length_raised,
    request_max_length_set,
    request_max_length_dropped,
    request_pattern_added,
    request_pattern_removed,
    request_pattern_changed,
    request_format_added,
    request_format_removed,
    request_format_narrowed,
    request_format_widened,
    request_format_changed,
    response_min_length_raised,
    response_min_length_lowered,
    response_max_length_lowered,
    response_max_length_raised,
    response_max_length_set,
    response_max_length_dropped,
    response_pattern_added,
    response_pattern_removed,
    response_pattern_changed,
    response_format_added,
    response_format_removed,
    response_format_narrowed,
    response_format_widened,
    response_format_changed,
)
