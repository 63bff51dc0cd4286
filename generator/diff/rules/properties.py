"""Rules about the properties of objects, as callers send them and as they are sent to them."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import PropertyPair


@rule(PropertyPair, "breaking", direction="request", mirror="request-property-became-optional")
def request_property_became_required(pair: PropertyPair) -> Iterator[Change]:
    """A property of a request that could be left out has to be sent.

    Requests without it are refused. Leave it optional, and say what its absence means.
    """
    if pair.direction == "request" and pair.both and not pair.both[0].required and pair.both[1].required:
        yield pair.change(f"{pair.name} has to be sent now")


@rule(PropertyPair, "info", direction="request", mirror="request-property-became-required")
def request_property_became_optional(pair: PropertyPair) -> Iterator[Change]:
    """A property of a request that had to be sent may be left out.

    Who sends it still may.
    """
    if pair.direction == "request" and pair.both and pair.both[0].required and not pair.both[1].required:
        yield pair.change(f"{pair.name} may be left out now")


RULES: tuple[Rule, ...] = (request_property_became_required, request_property_became_optional)
