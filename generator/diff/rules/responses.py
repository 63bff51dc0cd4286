"""Rules about what callers are answered: statuses, media types and headers."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import ContentPair, HeaderPair, ResponsePair
from generator.diff.wording import quoted


@rule(ResponsePair, "breaking", direction="response", mirror="success-status-added")
def success_status_removed(pair: ResponsePair) -> Iterator[Change]:
    """A status that means success is not answered any more.

    Callers who wait for it do not see it. Answer it for as long as they do.
    """
    if pair.gone and _is_success(pair.gone.status):
        yield pair.change(f"{pair.name} is gone")


@rule(ResponsePair, "warning", direction="response", mirror="success-status-removed")
def success_status_added(pair: ResponsePair) -> Iterator[Change]:
    """There is one more status that means success.

    Callers who know only the others may take it for a mistake, or not find in it what they look for.
    """
    if pair.added and _is_success(pair.added.status):
        yield pair.change(f"{pair.name} is new")


@rule(ResponsePair, "breaking", direction="response", mirror="success-status-changed")
def success_status_changed(pair: ResponsePair) -> Iterator[Change]:
    """Success has another status.

    Callers who look for the old one take it for a mistake. Keep it.
    """
    if (statuses := _codes(pair)) and _is_success(statuses[1]):
        yield pair.change(f"{pair.name} had the status {statuses[0]}")


@rule(ResponsePair, "info", direction="response", mirror="error-status-added")
def error_status_removed(pair: ResponsePair) -> Iterator[Change]:
    """A status that means an error is not answered any more.

    Callers who are ready for it need not be.
    """
    if pair.gone and _is_error(pair.gone.status):
        yield pair.change(f"{pair.name} is gone")


@rule(ResponsePair, "info", direction="response", mirror="error-status-removed")
def error_status_added(pair: ResponsePair) -> Iterator[Change]:
    """There is one more status that means an error.

    Callers have to be ready for errors that no document tells of. Now they know of this one.
    """
    if pair.added and _is_error(pair.added.status):
        yield pair.change(f"{pair.name} is new")


@rule(ResponsePair, "warning", direction="response", mirror="error-status-changed")
def error_status_changed(pair: ResponsePair) -> Iterator[Change]:
    """An error has another status.

    Callers who do something about the old one may not do it any more. Keep it.
    """
    if (statuses := _codes(pair)) and _is_error(statuses[1]):
        yield pair.change(f"{pair.name} had the status {statuses[0]}")


@rule(ResponsePair, "warning", direction="response", mirror="range-became-status")
def status_became_range(pair: ResponsePair) -> Iterator[Change]:
    """What was said of one status is said of all of its range (`4XX`).

    Callers who look for the one may be answered with any other. Keep telling of the one beside the range.
    """
    if pair.both and len({response.status for response in pair.both}) == 2 and _is_range(pair.both[1].status):
        yield pair.change(f"{pair.name} takes the place of the {pair.both[0].status} one")


@rule(ResponsePair, "info", direction="response", mirror="status-became-range")
def range_became_status(pair: ResponsePair) -> Iterator[Change]:
    """A status is told of by itself and no longer by its range (`4XX`).

    Callers know more of it than they did.
    """
    if pair.both and len({response.status for response in pair.both}) == 2 and _is_range(pair.both[0].status):
        yield pair.change(f"{pair.name} takes the place of the {pair.both[0].status} one")


@rule(ResponsePair, "info", direction="response", mirror="default-answer-added")
def default_answer_removed(pair: ResponsePair) -> Iterator[Change]:
    """Nothing is said any more of the statuses that are not told of one by one.

    Callers who are ready for any status still have to be: now they do not know what it is answered with.
    """
    if pair.gone and pair.gone.status == "default":
        yield pair.change(f"{pair.name} is gone")


@rule(ResponsePair, "info", direction="response", mirror="default-answer-removed")
def default_answer_added(pair: ResponsePair) -> Iterator[Change]:
    """It is said what the statuses are answered with that are not told of one by one.

    Callers know more of them than they did.
    """
    if pair.added and pair.added.status == "default":
        yield pair.change(f"{pair.name} is new")


@rule(ResponsePair, "breaking", direction="response", mirror="response-body-added")
def response_body_removed(pair: ResponsePair) -> Iterator[Change]:
    """An answer has no body any more.

    Callers who read it find nothing. Keep sending it.
    """
    if pair.both and pair.both[0].contents and not pair.both[1].contents:
        yield pair.change(f"{pair.name} has no body any more", key="content")


@rule(ResponsePair, "info", direction="response", mirror="response-body-removed")
def response_body_added(pair: ResponsePair) -> Iterator[Change]:
    """An answer that had no body has one.

    Callers who do not look for it do not notice.
    """
    if pair.both and pair.both[1].contents and not pair.both[0].contents:
        yield pair.change(f"{pair.name} has a body now", key="content")


@rule(ContentPair, "breaking", direction="response", mirror="response-media-type-added")
def response_media_type_removed(pair: ContentPair) -> Iterator[Change]:
    """An answer does not come in one of its media types any more.

    Who asks for it (`Accept`) gets 406, and who reads nothing else cannot read what comes. Keep sending it.
    """
    if pair.direction == "response" and pair.gone and not pair.covered and not pair.gone.streams:
        yield pair.change(f"{pair.name} is gone")


@rule(ContentPair, "info", direction="response", mirror="response-media-type-removed")
def response_media_type_added(pair: ContentPair) -> Iterator[Change]:
    """An answer comes in one more media type.

    Who does not ask for it (`Accept`) should get what came before.
    """
    if pair.direction == "response" and pair.added and not pair.covered and not pair.added.streams:
        yield pair.change(f"{pair.name} is new")


@rule(HeaderPair, "breaking", direction="response", mirror="required-response-header-added")
def required_response_header_removed(pair: HeaderPair) -> Iterator[Change]:
    """A header that every answer had is gone.

    Callers who read it find nothing. Keep sending it.
    """
    if pair.gone and pair.gone.required:
        yield pair.change(f"{pair.name} is gone")


@rule(HeaderPair, "info", direction="response", mirror="required-response-header-removed")
def required_response_header_added(pair: HeaderPair) -> Iterator[Change]:
    """Every answer has one more header.

    Callers who do not look for it do not notice.
    """
    if pair.added and pair.added.required:
        yield pair.change(f"{pair.name} is new and always there")


@rule(HeaderPair, "warning", direction="response", mirror="optional-response-header-added")
def optional_response_header_removed(pair: HeaderPair) -> Iterator[Change]:
    """A header that answers could have is gone.

    Callers who read it had to be ready not to find it, and may not be.
    """
    if pair.gone and not pair.gone.required:
        yield pair.change(f"{pair.name} is gone")


@rule(HeaderPair, "info", direction="response", mirror="optional-response-header-removed")
def optional_response_header_added(pair: HeaderPair) -> Iterator[Change]:
    """Answers may have one more header.

    Callers who do not look for it do not notice.
    """
    if pair.added and not pair.added.required:
        yield pair.change(f"{pair.name} is new")


@rule(HeaderPair, "breaking", direction="response", mirror="response-header-became-required")
def response_header_became_optional(pair: HeaderPair) -> Iterator[Change]:
    """A header that every answer had may be missing.

    Callers who read it may find nothing. Keep sending it.
    """
    if pair.both and pair.both[0].required and not pair.both[1].required:
        yield pair.change(f"{pair.name} may be missing now", key="required")


@rule(HeaderPair, "info", direction="response", mirror="response-header-became-optional")
def response_header_became_required(pair: HeaderPair) -> Iterator[Change]:
    """A header that could be missing is always there.

    Callers who are ready not to find it need not be.
    """
    if pair.both and pair.both[1].required and not pair.both[0].required:
        yield pair.change(f"{pair.name} is always there now", key="required")


@rule(HeaderPair, "info", direction="response", mirror="response-header-no-longer-deprecated")
def response_header_deprecated(pair: HeaderPair) -> Iterator[Change]:
    """A header of an answer is deprecated.

    It is still there. Its readers should be told what to read instead, and until when.
    """
    if pair.both and pair.both[1].deprecated and not pair.both[0].deprecated:
        yield pair.change(f"{pair.name} is deprecated now", key="deprecated")


@rule(HeaderPair, "info", direction="response", mirror="response-header-deprecated")
def response_header_no_longer_deprecated(pair: HeaderPair) -> Iterator[Change]:
    """A header of an answer is not deprecated any more.

    Who has stopped reading it may read it again.
    """
    if pair.both and pair.both[0].deprecated and not pair.both[1].deprecated:
        yield pair.change(f"{pair.name} is not deprecated any more", key="deprecated")


@rule(HeaderPair, "breaking", direction="response", mirror="response-header-media-type-changed")
def response_header_media_type_changed(pair: HeaderPair) -> Iterator[Change]:
    """A header of an answer is written in another media type, or was in none and has one now.

    Callers misread it. Add a header with another name instead.
    """
    if pair.both and pair.both[0].media_type != pair.both[1].media_type:
        was, is_ = (quoted(header.media_type or header.style) for header in pair.both)
        yield pair.change(f"{pair.name} is written as {is_}, was as {was}", key="content")


def _is_success(status: str) -> bool:
    return status[:1] in ("1", "2", "3")


def _is_error(status: str) -> bool:
    return status[:1] in ("4", "5")


def _is_range(status: str) -> bool:
    return status.endswith("XX")


def _codes(pair: ResponsePair) -> tuple[str, str] | None:
    """The statuses of answers that took each other's place; None where there is but one, or a range of them."""
    if not pair.both or pair.both[0].status == pair.both[1].status:
        return None
    old, new = pair.both
    return None if _is_range(old.status) or _is_range(new.status) else (old.status, new.status)


RULES: tuple[Rule, ...] = (
    success_status_removed,
    success_status_added,
    success_status_changed,
    error_status_removed,
    error_status_added,
    error_status_changed,
    status_became_range,
    range_became_status,
    default_answer_removed,
    default_answer_added,
    response_body_removed,
    response_body_added,
    response_media_type_removed,
    response_media_type_added,
    required_response_header_removed,
    required_response_header_added,
    optional_response_header_removed,
    optional_response_header_added,
    response_header_became_optional,
    response_header_became_required,
    response_header_deprecated,
    response_header_no_longer_deprecated,
    response_header_media_type_changed,
)
