"""Rules about the properties of objects, as callers send them and as they are sent to them."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import PropertyPair


def _became(pair: PropertyPair, *, required: bool) -> bool:
    """Whether a property that is on both sides has to be there now, or need not any more."""
    return pair.both is not None and pair.required == (not required, required)


def _is_added(pair: PropertyPair) -> bool:
    return pair.old is None and pair.visible[1]


def _is_removed(pair: PropertyPair) -> bool:
    return pair.new is None and pair.visible[0]


def _is_hidden(pair: PropertyPair, *, comes: bool) -> bool:
    """Whether a property that is on both sides is not there for callers any more, or is now."""
    return pair.both is not None and pair.visible == (comes, not comes)


@rule(PropertyPair, "breaking", direction="request", mirror="request-property-became-optional")
def request_property_became_required(pair: PropertyPair) -> Iterator[Change]:
    """A property of a request that could be left out has to be sent.

    Requests without it are refused. Leave it optional, and say what its absence means.
    """
    if _became(pair, required=True):
        yield pair.change(f"{pair.name} has to be sent now")


@rule(PropertyPair, "info", direction="request", mirror="request-property-became-required")
def request_property_became_optional(pair: PropertyPair) -> Iterator[Change]:
    """A property of a request that had to be sent may be left out.

    Who sends it still may.
    """
    if _became(pair, required=False) and pair.visible[1]:
        yield pair.change(f"{pair.name} may be left out now")


@rule(PropertyPair, "info", direction="request", mirror="request-optional-property-removed")
def request_optional_property_added(pair: PropertyPair) -> Iterator[Change]:
    """A property may be sent that was not there before.

    Who does not send it notices nothing.
    """
    if _is_added(pair) and not pair.required[1] and pair.included is True:
        yield pair.change(f"{pair.name} may be sent now")


@rule(PropertyPair, "breaking", direction="request", mirror="request-required-property-removed")
def request_required_property_added(pair: PropertyPair) -> Iterator[Change]:
    """A property has to be sent that was not there before.

    No request of today has it: all are refused. Make it optional, and say what its absence means.
    """
    if _is_added(pair) and pair.required[1]:
        yield pair.change(f"{pair.name} is new and has to be sent")


@rule(PropertyPair, "warning", direction="request", mirror="request-optional-property-added")
def request_optional_property_removed(pair: PropertyPair) -> Iterator[Change]:
    """A property that could be sent is gone, from an object that lets others pass.

    Requests with it go through, but nobody reads it any more: callers who relied on what it did are not told. Keep it,
    marked `deprecated`, until nobody sends it.
    """
    if _is_removed(pair) and not pair.required[0] and pair.included is not False:
        yield pair.change(f"{pair.name} is gone: it is ignored where it is sent")


@rule(PropertyPair, "warning", direction="request", mirror="request-required-property-added")
def request_required_property_removed(pair: PropertyPair) -> Iterator[Change]:
    """A property that had to be sent is gone, from an object that lets others pass.

    Every request has it, and nobody reads it any more. Keep it as an optional one, marked `deprecated`, until nobody sends
    it.
    """
    if _is_removed(pair) and pair.required[0] and pair.included is not False:
        yield pair.change(f"{pair.name}, which had to be sent, is gone: it is ignored where it is sent")


@rule(
    PropertyPair,
    "breaking",
    direction="request",
    mirror="made backwards, it is a property that may be sent: `request-optional-property-added`",
)
def request_property_refused(pair: PropertyPair) -> Iterator[Change]:
    """A property that could be sent is gone, from an object that does not let it pass.

    Requests with it are refused. Keep it, marked `deprecated`, until nobody sends it.
    """
    if _is_removed(pair) and pair.included is False:
        yield pair.change(f"{pair.name} is gone: requests with it are refused")


@rule(
    PropertyPair,
    "breaking",
    direction="request",
    mirror="made backwards, it is a property that is gone: `request-optional-property-removed`",
)
def request_further_property_restricted(pair: PropertyPair) -> Iterator[Change]:
    """A property that was one of many without a name has one now, and may not be all that it might.

    Requests with other values by this name are refused. Let the new property be what the further ones may be.
    """
    if _is_added(pair) and not pair.required[1] and pair.included is False:
        yield pair.change(f"{pair.name} is named now, and may not be all that further properties may be")


@rule(
    PropertyPair,
    "warning",
    direction="request",
    mirror="made backwards, it is a property that is gone: `request-optional-property-removed`",
)
def request_further_property_undecided(pair: PropertyPair) -> Iterator[Change]:
    """A property that was one of many without a name has one now, and perhaps may not be all that it might.

    Whether its schema lets all through that the further properties may be cannot be told. Compare the two.
    """
    if _is_added(pair) and not pair.required[1] and pair.included is None:
        yield pair.change(f"{pair.name} is named now, and perhaps may not be all that further properties may be")


@rule(PropertyPair, "warning", direction="request", mirror="request-property-no-longer-read-only")
def request_property_became_read_only(pair: PropertyPair) -> Iterator[Change]:
    """A property is not to be sent any more.

    Requests with it are refused, or it is ignored (OpenAPI 3.0.3, section 4.7.24.2). Ignore it, and say so.
    """
    if _is_hidden(pair, comes=True):
        yield pair.change(f"{pair.name} is read-only now", key="readOnly")


@rule(PropertyPair, "info", direction="request", mirror="request-property-became-read-only")
def request_property_no_longer_read_only(pair: PropertyPair) -> Iterator[Change]:
    """A property may be sent that was only answered.

    Who does not send it notices nothing.
    """
    if _is_hidden(pair, comes=False) and not pair.required[1]:
        yield pair.change(f"{pair.name} may be sent now, was read-only", key="readOnly")


@rule(PropertyPair, "info", direction="response", mirror="response-property-became-optional")
def response_property_became_required(pair: PropertyPair) -> Iterator[Change]:
    """A property that could be missing from an answer is always there.

    Callers get nothing that they were not told of before.
    """
    if _became(pair, required=True):
        yield pair.change(f"{pair.name} is always there now")


@rule(PropertyPair, "breaking", direction="response", mirror="response-property-became-required")
def response_property_became_optional(pair: PropertyPair) -> Iterator[Change]:
    """A property that was always there may be missing from an answer.

    Callers that use it without a look fail. Keep it, with a value that says that there is nothing.
    """
    if _became(pair, required=False):
        yield pair.change(f"{pair.name} may be missing now")


@rule(PropertyPair, "info", direction="response", mirror="response-optional-property-removed")
def response_optional_property_added(pair: PropertyPair) -> Iterator[Change]:
    """An answer may have a property that was not there before.

    Callers that do not know it pass it over.
    """
    if _is_added(pair) and not pair.required[1] and pair.included is True:
        yield pair.change(f"{pair.name} may be answered now")


@rule(PropertyPair, "info", direction="response", mirror="response-required-property-removed")
def response_required_property_added(pair: PropertyPair) -> Iterator[Change]:
    """An answer always has a property that was not there before.

    Callers that do not know it pass it over.
    """
    if _is_added(pair) and pair.required[1] and pair.included is True:
        yield pair.change(f"{pair.name} is new, and always there")


@rule(
    PropertyPair,
    "breaking",
    direction="response",
    mirror="made backwards, it is a property that is gone: `response-optional-property-removed`",
)
def response_property_unforeseen(pair: PropertyPair) -> Iterator[Change]:
    """An answer has a new property, which the object did not let pass.

    Callers that were promised that there would be no other properties (`additionalProperties: false`), or others, and check
    it, refuse the answer. Answer with it only to those who ask for it.
    """
    if _is_added(pair) and pair.included is False:
        yield pair.change(f"{pair.name} is new, in an object that had no room for it")


@rule(
    PropertyPair,
    "warning",
    direction="response",
    mirror="made backwards, it is a property that is gone: `response-optional-property-removed`",
)
def response_further_property_undecided(pair: PropertyPair) -> Iterator[Change]:
    """A property of an answer that was one of many without a name has one now, and perhaps may be more than it might.

    Whether the schema of the further properties lets all through that it may be cannot be told. Compare the two.
    """
    if _is_added(pair) and pair.included is None:
        yield pair.change(f"{pair.name} is named now, and perhaps may be what further properties may not be")


@rule(PropertyPair, "warning", direction="response", mirror="response-optional-property-added")
def response_optional_property_removed(pair: PropertyPair) -> Iterator[Change]:
    """A property that could be in an answer is gone.

    Callers had to do without it at times, but may need it. Keep it, marked `deprecated`, until nobody reads it.
    """
    if _is_removed(pair) and not pair.required[0] and pair.included is not False:
        yield pair.change(f"{pair.name} is gone")


@rule(PropertyPair, "breaking", direction="response", mirror="response-required-property-added")
def response_required_property_removed(pair: PropertyPair) -> Iterator[Change]:
    """A property that was in every answer is gone.

    Callers that use it fail. Keep it, marked `deprecated`, until nobody reads it.
    """
    if _is_removed(pair) and pair.required[0]:
        yield pair.change(f"{pair.name}, which was always there, is gone")


@rule(
    PropertyPair,
    "breaking",
    direction="response",
    mirror="made backwards, it is a property that gets a name: `response-optional-property-added`",
)
def response_property_became_further(pair: PropertyPair) -> Iterator[Change]:
    """A property of an answer is one of many without a name now, and may be what it might not.

    Callers that read it by its name find values that they do not expect. Keep its schema.
    """
    if _is_removed(pair) and not pair.required[0] and pair.included is False:
        yield pair.change(f"{pair.name} is not named any more, and may be all that further properties may be")


@rule(PropertyPair, "warning", direction="response", mirror="response-property-no-longer-write-only")
def response_property_became_write_only(pair: PropertyPair) -> Iterator[Change]:
    """A property is not answered any more.

    Callers had to do without it at times, but may need it. If it was a secret that should never have been answered, say so.
    """
    if _is_hidden(pair, comes=True) and not pair.required[0]:
        yield pair.change(f"{pair.name} is write-only now", key="writeOnly")


@rule(PropertyPair, "info", direction="response", mirror="response-property-became-write-only")
def response_property_no_longer_write_only(pair: PropertyPair) -> Iterator[Change]:
    """A property is answered that was only sent.

    Callers that do not know it pass it over.
    """
    if _is_hidden(pair, comes=False) and not pair.required[1]:
        yield pair.change(f"{pair.name} may be answered now, was write-only", key="writeOnly")


RULES: tuple[Rule, ...] = (
    request_property_became_required,
    request_property_became_optional,
    request_optional_property_added,
    request_required_property_added,
    request_optional_property_removed,
    request_required_property_removed,
    request_property_refused,
    request_further_property_restricted,
    request_further_property_undecided,
    request_property_became_read_only,
    request_property_no_longer_read_only,
    response_property_became_required,
    response_property_became_optional,
    response_optional_property_added,
    response_required_property_added,
    response_property_unforeseen,
    response_further_property_undecided,
    response_optional_property_removed,
    response_required_property_removed,
    response_property_became_further,
    response_property_became_write_only,
    response_property_no_longer_write_only,
)
