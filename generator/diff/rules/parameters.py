"""Rules about what callers send beside a body: in the path, the query, headers and cookies."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import ParameterPair
from generator.diff.wording import quoted


@rule(ParameterPair, "warning", direction="request", mirror="query-parameter-added")
def query_parameter_removed(pair: ParameterPair) -> Iterator[Change]:
    """A query parameter is gone.

    Most servers ignore what they do not know, so calls with it do not get what they ask for; some refuse them. Keep it,
    marked `deprecated`, until nobody sends it.
    """
    yield from _removed(pair, "query")


@rule(ParameterPair, "info", direction="request", mirror="query-parameter-removed")
def query_parameter_added(pair: ParameterPair) -> Iterator[Change]:
    """There is a query parameter that may be left out.

    Calls without it mean what they meant.
    """
    yield from _added(pair, "query")


@rule(ParameterPair, "breaking", direction="request", mirror="made backwards it is `query-parameter-removed`")
def required_query_parameter_added(pair: ParameterPair) -> Iterator[Change]:
    """There is a query parameter that has to be sent.

    Calls without it are refused. Make it optional, and say what its absence means.
    """
    yield from _required_added(pair, "query")


@rule(ParameterPair, "warning", direction="request", mirror="header-parameter-added")
def header_parameter_removed(pair: ParameterPair) -> Iterator[Change]:
    """A header of requests is gone.

    Nobody refuses it, but nobody reads it either. Keep it, marked `deprecated`, until nobody sends it.
    """
    yield from _removed(pair, "header")


@rule(ParameterPair, "info", direction="request", mirror="header-parameter-removed")
def header_parameter_added(pair: ParameterPair) -> Iterator[Change]:
    """There is a header of requests that may be left out.

    Calls without it mean what they meant.
    """
    yield from _added(pair, "header")


@rule(ParameterPair, "breaking", direction="request", mirror="made backwards it is `header-parameter-removed`")
def required_header_parameter_added(pair: ParameterPair) -> Iterator[Change]:
    """There is a header of requests that has to be sent.

    Calls without it are refused. Make it optional, and say what its absence means.
    """
    yield from _required_added(pair, "header")


@rule(ParameterPair, "warning", direction="request", mirror="cookie-parameter-added")
def cookie_parameter_removed(pair: ParameterPair) -> Iterator[Change]:
    """A cookie is gone.

    Nobody refuses it, but nobody reads it either. Keep it, marked `deprecated`, until nobody sends it.
    """
    yield from _removed(pair, "cookie")


@rule(ParameterPair, "info", direction="request", mirror="cookie-parameter-removed")
def cookie_parameter_added(pair: ParameterPair) -> Iterator[Change]:
    """There is a cookie that may be left out.

    Calls without it mean what they meant.
    """
    yield from _added(pair, "cookie")


@rule(ParameterPair, "breaking", direction="request", mirror="made backwards it is `cookie-parameter-removed`")
def required_cookie_parameter_added(pair: ParameterPair) -> Iterator[Change]:
    """There is a cookie that has to be sent.

    Calls without it are refused. Make it optional, and say what its absence means.
    """
    yield from _required_added(pair, "cookie")


@rule(ParameterPair, "warning", direction="request", mirror="made backwards it is a parameter that was added")
def deprecated_parameter_removed(pair: ParameterPair) -> Iterator[Change]:
    """A deprecated parameter is gone.

    Its callers were told, but those who did not listen are refused, or do not get what they ask for.
    """
    if pair.gone and pair.gone.deprecated:
        yield pair.change(f"{pair.name}, which was deprecated, is gone")


@rule(ParameterPair, "breaking", direction="request", mirror="parameter-became-optional")
def parameter_became_required(pair: ParameterPair) -> Iterator[Change]:
    """A parameter that could be left out has to be sent.

    Calls without it are refused. Leave it optional, and say what its absence means.
    """
    if pair.both and pair.both[1].required and not pair.both[0].required:
        yield pair.change(f"{pair.name} has to be sent now", key="required")


@rule(ParameterPair, "info", direction="request", mirror="parameter-became-required")
def parameter_became_optional(pair: ParameterPair) -> Iterator[Change]:
    """A parameter that had to be sent may be left out.

    Who sends it still may.
    """
    if pair.both and pair.both[0].required and not pair.both[1].required:
        yield pair.change(f"{pair.name} may be left out now", key="required")


@rule(ParameterPair, "breaking", direction="request", mirror="parameter-may-be-empty")
def parameter_may_not_be_empty(pair: ParameterPair) -> Iterator[Change]:
    """A query parameter that could be sent without a value (`allowEmptyValue`) may not be any more.

    Calls that name it and give it no value are refused, or get what an empty text asks for. Go on reading them as calls
    without it.
    """
    if pair.both and pair.both[0].may_be_empty and not pair.both[1].may_be_empty:
        yield pair.change(f"{pair.name} may not be sent without a value any more", key="allowEmptyValue")


@rule(ParameterPair, "info", direction="request", mirror="parameter-may-not-be-empty")
def parameter_may_be_empty(pair: ParameterPair) -> Iterator[Change]:
    """A query parameter may be sent without a value (`allowEmptyValue`).

    Whoever gives it one still may.
    """
    if pair.both and pair.both[1].may_be_empty and not pair.both[0].may_be_empty:
        yield pair.change(f"{pair.name} may be sent without a value now", key="allowEmptyValue")


@rule(ParameterPair, "breaking", direction="request", mirror="parameter-moved")
def parameter_moved(pair: ParameterPair) -> Iterator[Change]:
    """A parameter is sent in another place: in a header and no longer in the query, for example.

    Nobody looks for it where callers put it. Read it in both places for a while, the old one marked `deprecated`.
    """
    if pair.both and pair.both[0].place != pair.both[1].place:
        yield pair.change(f"{pair.name} was a {pair.both[0].place} parameter", key="in")


@rule(ParameterPair, "breaking", direction="request", mirror="parameter-style-changed")
def parameter_style_changed(pair: ParameterPair) -> Iterator[Change]:
    """The values of a parameter are written in another way: between pipes and no longer with commas, for example.

    Values written in the old way are misread. Add a parameter with another name instead.
    """
    if pair.both and _same_place(pair) and pair.both[0].style != pair.both[1].style:
        old, new = pair.both
        if pair.types & {"array", "object"} or new.place == "path":
            yield pair.change(f"{pair.name} is written as {quoted(new.style)}, was as {quoted(old.style)}", key="style")


@rule(ParameterPair, "breaking", direction="request", mirror="parameter-explode-changed")
def parameter_explode_changed(pair: ParameterPair) -> Iterator[Change]:
    """The items of a parameter are written one by one (`explode`) and were not, or the other way round.

    Values written in the old way are misread. Add a parameter with another name instead.
    """
    if pair.both and _same_place(pair) and pair.both[0].style == pair.both[1].style:
        old, new = pair.both
        # Items of an array in the style `simple` stand between commas in either case (RFC 6570, section 3.2.2).
        matters = {"object"} if new.style == "simple" else {"array", "object"}
        if old.explode != new.explode and pair.types & matters:
            words = ("in one value", "one by one")
            yield pair.change(f"{pair.name} is written {words[new.explode]}, was {words[old.explode]}", key="explode")


@rule(ParameterPair, "breaking", direction="request", mirror="parameter-media-type-changed")
def parameter_media_type_changed(pair: ParameterPair) -> Iterator[Change]:
    """A parameter is written in another media type, or was in none and has one now.

    Values written in the old way are misread. Add a parameter with another name instead.
    """
    if pair.both and pair.both[0].media_type != pair.both[1].media_type:
        was, is_ = (quoted(p.media_type or p.style) for p in pair.both)
        yield pair.change(f"{pair.name} is written as {is_}, was as {was}", key="content")


@rule(ParameterPair, "info", direction="request", mirror="parameter-no-longer-deprecated")
def parameter_deprecated(pair: ParameterPair) -> Iterator[Change]:
    """A parameter is deprecated.

    It still works. Its callers should be told what to send instead, and until when.
    """
    if pair.both and pair.both[1].deprecated and not pair.both[0].deprecated:
        yield pair.change(f"{pair.name} is deprecated now", key="deprecated")


@rule(ParameterPair, "info", direction="request", mirror="parameter-deprecated")
def parameter_no_longer_deprecated(pair: ParameterPair) -> Iterator[Change]:
    """A parameter is not deprecated any more.

    Who has stopped sending it may send it again.
    """
    if pair.both and pair.both[0].deprecated and not pair.both[1].deprecated:
        yield pair.change(f"{pair.name} is not deprecated any more", key="deprecated")


@rule(ParameterPair, "warning", direction="request", mirror="parameter-schema-removed")
def parameter_schema_added(pair: ParameterPair) -> Iterator[Change]:
    """A parameter of which nothing was said has a schema.

    Values that it does not let through are refused, if they were not before. See that it lets through what callers send.
    """
    if pair.both and pair.both[1].schema and not pair.both[0].schema:
        yield pair.change(f"{pair.name} has a schema now", key="schema")


@rule(ParameterPair, "info", direction="request", mirror="parameter-schema-added")
def parameter_schema_removed(pair: ParameterPair) -> Iterator[Change]:
    """A parameter has no schema any more.

    What callers send is let through as before.
    """
    if pair.both and pair.both[0].schema and not pair.both[1].schema:
        yield pair.change(f"{pair.name} has no schema any more", key="schema")


def _removed(pair: ParameterPair, place: str) -> Iterator[Change]:
    if pair.gone and pair.gone.place == place and not pair.gone.deprecated:
        yield pair.change(f"{pair.name} is gone")


def _added(pair: ParameterPair, place: str) -> Iterator[Change]:
    if pair.added and pair.added.place == place and not pair.added.required:
        yield pair.change(f"{pair.name} is new")


def _required_added(pair: ParameterPair, place: str) -> Iterator[Change]:
    if pair.added and pair.added.place == place and pair.added.required:
        yield pair.change(f"{pair.name} is new and has to be sent")


def _same_place(pair: ParameterPair) -> bool:
    """Whether both are in the same place and both are written in a style, rather than in a media type."""
    assert pair.both is not None
    old, new = pair.both
    return old.place == new.place and not old.media_type and not new.media_type


RULES: tuple[Rule, ...] = (
    query_parameter_removed,
    query_parameter_added,
    required_query_parameter_added,
    header_parameter_removed,
    header_parameter_added,
    required_header_parameter_added,
    cookie_parameter_removed,
    cookie_parameter_added,
    required_cookie_parameter_added,
    deprecated_parameter_removed,
    parameter_became_required,
    parameter_became_optional,
    parameter_may_not_be_empty,
    parameter_may_be_empty,
    parameter_moved,
    parameter_style_changed,
    parameter_explode_changed,
    parameter_media_type_changed,
    parameter_deprecated,
    parameter_no_longer_deprecated,
    parameter_schema_added,
    parameter_schema_removed,
)
