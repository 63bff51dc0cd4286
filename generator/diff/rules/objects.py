"""Rules about objects as a whole: how many properties they have, and which beside those that are named."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import LimitsPair
from generator.diff.wording import listed

from .limits import fewest, most
from .places import Filled, filled


def _further(pair: LimitsPair, how: Filled) -> Iterator[Change]:
    """What is said of properties that are not named, if it changed in this way."""
    if pair.has("object"):
        words = f"a further property of {pair.name}"
        yield from filled(pair, pair.old.rest, pair.new.rest, how, words=words, key="additionalProperties")


def _patterns(pair: LimitsPair, *, come: bool, free: bool) -> Iterator[Change]:
    """Patterns that come or go; ``free`` says that what fits them is anything without them, as in both objects."""
    old, new = pair.old.fitting.keys(), pair.new.fitting.keys()
    found = sorted(new - old if come else old - new)
    if pair.has("object") and found and free == (pair.old.rest is True and pair.new.rest is True):
        said = "are described now" if come else "are not described any more"
        yield pair.change(f"properties of {pair.name} that fit {listed(found)} {said}", key="patternProperties")


@rule(LimitsPair, "breaking", direction="request", mirror="request-min-properties-lowered")
def request_min_properties_raised(pair: LimitsPair) -> Iterator[Change]:
    """An object of a request has to have more properties than it had to.

    Smaller ones, which were accepted, are refused. Go on accepting them.
    """
    return fewest(pair, "Properties", "raised")


@rule(LimitsPair, "info", direction="request", mirror="request-min-properties-raised")
def request_min_properties_lowered(pair: LimitsPair) -> Iterator[Change]:
    """An object of a request may have fewer properties.

    All that was accepted still is.
    """
    return fewest(pair, "Properties", "lowered")


@rule(LimitsPair, "breaking", direction="request", mirror="request-max-properties-raised")
def request_max_properties_lowered(pair: LimitsPair) -> Iterator[Change]:
    """An object of a request may not have as many properties as it might.

    Larger ones, which were accepted, are refused. Go on accepting them.
    """
    return most(pair, "Properties", "lowered")


@rule(LimitsPair, "info", direction="request", mirror="request-max-properties-lowered")
def request_max_properties_raised(pair: LimitsPair) -> Iterator[Change]:
    """An object of a request may have more properties.

    All that was accepted still is.
    """
    return most(pair, "Properties", "raised")


@rule(LimitsPair, "breaking", direction="request", mirror="request-max-properties-dropped")
def request_max_properties_set(pair: LimitsPair) -> Iterator[Change]:
    """An object of a request has a greatest number of properties that it did not have.

    Larger ones are refused. If they always were, the document has only caught up: say so to whoever reviews it.
    """
    return most(pair, "Properties", "set")


@rule(LimitsPair, "info", direction="request", mirror="request-max-properties-set")
def request_max_properties_dropped(pair: LimitsPair) -> Iterator[Change]:
    """An object of a request may have any number of properties.

    All that was accepted still is.
    """
    return most(pair, "Properties", "dropped")


@rule(LimitsPair, "breaking", direction="request", mirror="request-object-opened")
def request_object_closed(pair: LimitsPair) -> Iterator[Change]:
    """An object of a request may only have the properties that are named.

    Requests with others, which were ignored or kept, are refused: also those of callers who are ahead of the server. Go on
    ignoring what is not known.
    """
    return _further(pair, "closed")


@rule(LimitsPair, "info", direction="request", mirror="request-object-closed")
def request_object_opened(pair: LimitsPair) -> Iterator[Change]:
    """An object of a request may have properties that are not named.

    All that was accepted still is.
    """
    return _further(pair, "opened")


@rule(LimitsPair, "breaking", direction="request", mirror="request-further-properties-untyped")
def request_further_properties_typed(pair: LimitsPair) -> Iterator[Change]:
    """Properties of a request that are not named have a schema that they did not have.

    Requests with other values are refused. Go on accepting any.
    """
    return _further(pair, "typed")


@rule(LimitsPair, "info", direction="request", mirror="request-further-properties-typed")
def request_further_properties_untyped(pair: LimitsPair) -> Iterator[Change]:
    """Properties of a request that are not named may be anything.

    All that was accepted still is.
    """
    return _further(pair, "untyped")


@rule(LimitsPair, "warning", direction="request", mirror="request-pattern-properties-removed")
def request_pattern_properties_added(pair: LimitsPair) -> Iterator[Change]:
    """Properties of a request whose names fit a pattern have a schema other than that of further ones.

    More may be accepted, or less: which names callers use cannot be told from the document.
    """
    return _patterns(pair, come=True, free=False)


@rule(LimitsPair, "warning", direction="request", mirror="request-pattern-properties-added")
def request_pattern_properties_removed(pair: LimitsPair) -> Iterator[Change]:
    """Properties of a request whose names fit a pattern are not described any more.

    They are refused by a closed object, and perhaps ignored by an open one. Go on accepting them.
    """
    return _patterns(pair, come=False, free=False)


@rule(LimitsPair, "info", direction="response", mirror="response-min-properties-lowered")
def response_min_properties_raised(pair: LimitsPair) -> Iterator[Change]:
    """An object in an answer has more properties at least.

    Callers get nothing that they were not told of before.
    """
    return fewest(pair, "Properties", "raised")


@rule(LimitsPair, "breaking", direction="response", mirror="response-min-properties-raised")
def response_min_properties_lowered(pair: LimitsPair) -> Iterator[Change]:
    """An object in an answer may have fewer properties.

    Callers that take the first one without a look fail. Keep to the old number.
    """
    return fewest(pair, "Properties", "lowered")


@rule(LimitsPair, "info", direction="response", mirror="response-max-properties-raised")
def response_max_properties_lowered(pair: LimitsPair) -> Iterator[Change]:
    """An object in an answer does not have as many properties as it might.

    Callers get nothing that they were not told of before.
    """
    return most(pair, "Properties", "lowered")


@rule(LimitsPair, "breaking", direction="response", mirror="response-max-properties-lowered")
def response_max_properties_raised(pair: LimitsPair) -> Iterator[Change]:
    """An object in an answer may have more properties.

    Callers that have room for the old number fail or lose the rest. Keep to the old one.
    """
    return most(pair, "Properties", "raised")


@rule(LimitsPair, "info", direction="response", mirror="response-max-properties-dropped")
def response_max_properties_set(pair: LimitsPair) -> Iterator[Change]:
    """An object in an answer has a greatest number of properties that it did not have.

    Callers get nothing that they were not told of before.
    """
    return most(pair, "Properties", "set")


@rule(LimitsPair, "breaking", direction="response", mirror="response-max-properties-set")
def response_max_properties_dropped(pair: LimitsPair) -> Iterator[Change]:
    """An object in an answer may have any number of properties.

    Callers that have room for the old number fail or lose the rest. Keep the limit if answers keep to it.
    """
    return most(pair, "Properties", "dropped")


@rule(LimitsPair, "info", direction="response", mirror="response-object-opened")
def response_object_closed(pair: LimitsPair) -> Iterator[Change]:
    """An object in an answer has the properties that are named and no others.

    Callers get nothing that they were not told of before. Every property that comes later will break those who rely on it.
    """
    return _further(pair, "closed")


@rule(LimitsPair, "breaking", direction="response", mirror="response-object-closed")
def response_object_opened(pair: LimitsPair) -> Iterator[Change]:
    """An object in an answer may have properties that are not named.

    Callers that were promised that there would be none, and check it, refuse the answer. Keep the promise if answers do.
    """
    return _further(pair, "opened")


@rule(LimitsPair, "info", direction="response", mirror="response-further-properties-untyped")
def response_further_properties_typed(pair: LimitsPair) -> Iterator[Change]:
    """Properties of an answer that are not named have a schema that they did not have.

    Callers get nothing that they were not told of before.
    """
    return _further(pair, "typed")


@rule(LimitsPair, "breaking", direction="response", mirror="response-further-properties-typed")
def response_further_properties_untyped(pair: LimitsPair) -> Iterator[Change]:
    """Properties of an answer that are not named may be anything.

    Callers that read them as what they were fail on others. Keep the schema if answers keep to it.
    """
    return _further(pair, "untyped")


@rule(LimitsPair, "warning", direction="response", mirror="response-pattern-properties-removed")
def response_pattern_properties_added(pair: LimitsPair) -> Iterator[Change]:
    """Properties of an answer whose names fit a pattern have a schema that they did not have.

    Callers that were promised a closed object may get more than they expect. Which names are used cannot be told from the
    document.
    """
    return _patterns(pair, come=True, free=False)


@rule(LimitsPair, "warning", direction="response", mirror="response-pattern-properties-added")
def response_pattern_properties_removed(pair: LimitsPair) -> Iterator[Change]:
    """Properties of an answer whose names fit a pattern are not described any more.

    Callers that read them may find none, or others. Keep the schema if answers keep to it.
    """
    return _patterns(pair, come=False, free=False)


@rule(LimitsPair, "breaking", direction="request", mirror="request-pattern-properties-freed")
def request_pattern_properties_bound(pair: LimitsPair) -> Iterator[Change]:
    """Properties of a request whose names fit a pattern could be anything, and have a schema now.

    What does not fit it was accepted and is refused. Go on accepting it.
    """
    return _patterns(pair, come=True, free=True)


@rule(LimitsPair, "info", direction="request", mirror="request-pattern-properties-bound")
def request_pattern_properties_freed(pair: LimitsPair) -> Iterator[Change]:
    """Properties of a request whose names fit a pattern may be anything.

    All that was accepted still is.
    """
    return _patterns(pair, come=False, free=True)


@rule(LimitsPair, "info", direction="response", mirror="response-pattern-properties-freed")
def response_pattern_properties_bound(pair: LimitsPair) -> Iterator[Change]:
    """Properties of an answer whose names fit a pattern could be anything, and have a schema now.

    Callers get nothing that they were not told of before.
    """
    return _patterns(pair, come=True, free=True)


@rule(LimitsPair, "breaking", direction="response", mirror="response-pattern-properties-bound")
def response_pattern_properties_freed(pair: LimitsPair) -> Iterator[Change]:
    """Properties of an answer whose names fit a pattern may be anything.

    Callers that read them as they were described may fail. Keep the schema if answers keep to it.
    """
    return _patterns(pair, come=False, free=True)


RULES: tuple[Rule, ...] = (
    request_min_properties_raised,
    request_min_properties_lowered,
    request_max_properties_lowered,
    request_max_properties_raised,
    request_max_properties_set,
    request_max_properties_dropped,
    request_object_closed,
    request_object_opened,
    request_further_properties_typed,
    request_further_properties_untyped,
    request_pattern_properties_added,
    request_pattern_properties_removed,
    request_pattern_properties_bound,
    request_pattern_properties_freed,
    response_min_properties_raised,
    response_min_properties_lowered,
    response_max_properties_lowered,
    response_max_properties_raised,
    response_max_properties_set,
    response_max_properties_dropped,
    response_object_closed,
    response_object_opened,
    response_further_properties_typed,
    response_further_properties_untyped,
    response_pattern_properties_added,
    response_pattern_properties_removed,
    response_pattern_properties_bound,
    response_pattern_properties_freed,
)
