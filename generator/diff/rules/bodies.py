"""Rules about request bodies: whether there is one, in which media types, and how the parts of a form are written."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import BodyPair, ContentPair
from generator.diff.wording import listed, quoted
from generator.tree import JsonObject, is_object


@rule(BodyPair, "breaking", direction="request", mirror="optional-request-body-added")
def request_body_removed(pair: BodyPair) -> Iterator[Change]:
    """A request has no body any more.

    What callers send is refused or not looked at. Take it for as long as it is sent.
    """
    if pair.gone:
        yield pair.change(f"{pair.name} is gone")


@rule(BodyPair, "info", direction="request", mirror="request-body-removed")
def optional_request_body_added(pair: BodyPair) -> Iterator[Change]:
    """A request that had no body may have one.

    Calls without it mean what they meant.
    """
    if pair.added and not pair.added.required:
        yield pair.change(f"{pair.name} is new")


@rule(BodyPair, "breaking", direction="request", mirror="made backwards it is `request-body-removed`")
def required_request_body_added(pair: BodyPair) -> Iterator[Change]:
    """A request that had no body needs one.

    Calls without it are refused. Make it optional, and say what its absence means.
    """
    if pair.added and pair.added.required:
        yield pair.change(f"{pair.name} is new and has to be sent")


@rule(BodyPair, "breaking", direction="request", mirror="request-body-became-optional")
def request_body_became_required(pair: BodyPair) -> Iterator[Change]:
    """A body that could be left out has to be sent.

    Calls without it are refused. Leave it optional, and say what its absence means.
    """
    if pair.both and pair.both[1].required and not pair.both[0].required:
        yield pair.change(f"{pair.name} has to be sent now", key="required")


@rule(BodyPair, "info", direction="request", mirror="request-body-became-required")
def request_body_became_optional(pair: BodyPair) -> Iterator[Change]:
    """A body that had to be sent may be left out.

    Who sends it still may.
    """
    if pair.both and pair.both[0].required and not pair.both[1].required:
        yield pair.change(f"{pair.name} may be left out now", key="required")


@rule(ContentPair, "breaking", direction="request", mirror="request-media-type-added")
def request_media_type_removed(pair: ContentPair) -> Iterator[Change]:
    """A body is not taken in one of its media types any more.

    Who sends it gets 415. Take it for as long as it is sent.
    """
    if pair.direction == "request" and pair.gone and not pair.covered:
        yield pair.change(f"{pair.name} is not taken any more")


@rule(ContentPair, "info", direction="request", mirror="request-media-type-removed")
def request_media_type_added(pair: ContentPair) -> Iterator[Change]:
    """A body is taken in one more media type.

    What callers send is taken as before.
    """
    if pair.direction == "request" and pair.added and not pair.covered:
        yield pair.change(f"{pair.name} is taken, too")


@rule(ContentPair, "breaking", direction="request", mirror="request-schema-removed")
def request_schema_added(pair: ContentPair) -> Iterator[Change]:
    """A body of which nothing was said has a schema.

    Anything could be sent; what the schema does not let through is refused now. Go on accepting it.
    """
    if pair.direction == "request" and _described(pair) == (False, True):
        yield pair.change(f"{pair.name} has a schema now", key="schema")


@rule(ContentPair, "info", direction="request", mirror="request-schema-added")
def request_schema_removed(pair: ContentPair) -> Iterator[Change]:
    """A body has no schema any more.

    What callers send is let through as before.
    """
    if pair.direction == "request" and _described(pair) == (True, False):
        yield pair.change(f"{pair.name} has no schema any more", key="schema")


@rule(ContentPair, "info", direction="response", mirror="response-schema-removed")
def response_schema_added(pair: ContentPair) -> Iterator[Change]:
    """An answer of which nothing was said has a schema.

    Callers know more of it than they did.
    """
    if pair.direction == "response" and _described(pair) == (False, True):
        yield pair.change(f"{pair.name} has a schema now", key="schema")


@rule(ContentPair, "breaking", direction="response", mirror="response-schema-added")
def response_schema_removed(pair: ContentPair) -> Iterator[Change]:
    """An answer has no schema any more.

    It may be anything, and callers rely on what it was. Say what it is.
    """
    if pair.direction == "response" and _described(pair) == (True, False):
        yield pair.change(f"{pair.name} has no schema any more", key="schema")


@rule(ContentPair, "breaking", direction="request", mirror="part-media-type-added")
def part_media_type_removed(pair: ContentPair) -> Iterator[Change]:
    """A part of a form is not taken in one of its media types any more.

    Forms with it are refused. Take it for as long as it is sent.
    """
    for part, (was, is_) in _media_types(pair):
        if was and is_ and was - is_:
            yield pair.change(
                f"part {quoted(part)} of {pair.name} is not taken as {listed(sorted(was - is_))} any more",
                key="encoding",
            )


@rule(ContentPair, "info", direction="request", mirror="part-media-type-removed")
def part_media_type_added(pair: ContentPair) -> Iterator[Change]:
    """A part of a form is taken in one more media type.

    What callers send is taken as before.
    """
    for part, (was, is_) in _media_types(pair):
        if was and is_ and is_ - was:
            yield pair.change(
                f"part {quoted(part)} of {pair.name} is taken as {listed(sorted(is_ - was))}, too", key="encoding"
            )


@rule(ContentPair, "warning", direction="request", mirror="part-media-types-no-longer-said")
def part_media_types_said(pair: ContentPair) -> Iterator[Change]:
    """A part of a form has media types of which nothing was said before.

    Callers who sent it as something else may be refused. See that what they send is among them.
    """
    for part, (was, is_) in _media_types(pair):
        if is_ and not was:
            yield pair.change(f"part {quoted(part)} of {pair.name} has to be {listed(sorted(is_))}", key="encoding")


@rule(ContentPair, "info", direction="request", mirror="part-media-types-said")
def part_media_types_no_longer_said(pair: ContentPair) -> Iterator[Change]:
    """Nothing is said any more of the media types of a part of a form.

    What callers send is taken as before.
    """
    for part, (was, is_) in _media_types(pair):
        if was and not is_:
            yield pair.change(f"part {quoted(part)} of {pair.name} had to be {listed(sorted(was))}", key="encoding")


@rule(ContentPair, "breaking", direction="request", mirror="part-style-changed")
def part_style_changed(pair: ContentPair) -> Iterator[Change]:
    """A part of a form is written in another way: between pipes and no longer with commas, for example.

    Values written in the old way are misread. Add a part with another name instead.
    """
    for part, (old, new) in _parts(pair):
        was, is_ = _style(old), _style(new)
        if was != is_:
            yield pair.change(f"part {quoted(part)} of {pair.name} is written as {is_}, was as {was}", key="encoding")


def _described(pair: ContentPair) -> tuple[bool, bool] | None:
    """On which sides there is a schema; None where one has no such body, or has a stream in the place of the schema."""
    if not pair.both or any(content.item for content in pair.both):
        return None
    return pair.both[0].schema is not None, pair.both[1].schema is not None


def _parts(pair: ContentPair) -> Iterator[tuple[str, tuple[JsonObject, JsonObject]]]:
    """What is said of each part that is sent, on both sides."""
    if pair.direction == "request" and pair.both:
        old, new = pair.both
        for part in sorted({**old.encoding, **new.encoding}):
            was, is_ = (content.encoding.get(part) for content in pair.both)
            yield part, (was if is_object(was) else {}, is_ if is_object(is_) else {})


def _media_types(pair: ContentPair) -> Iterator[tuple[str, tuple[set[str], set[str]]]]:
    """The media types of each part; none where they are not said."""
    for part, sides in _parts(pair):
        was, is_ = ({t.strip().lower() for t in str(side.get("contentType", "")).split(",")} - {""} for side in sides)
        yield part, (was, is_)


def _style(encoding: JsonObject) -> str:
    """How a part is written (OpenAPI 3.1.1, section 4.8.15.1.2)."""
    style = str(encoding.get("style", "form"))
    return f"`{style}`, {'one by one' if encoding.get('explode', style == 'form') else 'in one value'}"


RULES: tuple[Rule, ...] = (
    request_body_removed,
    optional_request_body_added,
    required_request_body_added,
    request_body_became_required,
    request_body_became_optional,
    request_media_type_removed,
    request_media_type_added,
    request_schema_added,
    request_schema_removed,
    response_schema_added,
    response_schema_removed,
    part_media_type_removed,
    part_media_type_added,
    part_media_types_said,
    part_media_types_no_longer_said,
    part_style_changed,
)
