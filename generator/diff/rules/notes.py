"""Rules about what schemas say beside which values they let through, and about keywords that are not taken apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import SchemaPair
from generator.diff.values import plain
from generator.diff.wording import quoted


def _default(pair: SchemaPair, how: Literal["added", "removed", "changed"]) -> Iterator[Change]:
    """The change of a default, if it is of this kind."""
    old, new = pair.old.notes, pair.new.notes
    if "default" not in old and "default" not in new:
        return
    if "default" not in old:
        if how == "added":
            yield pair.change(f"{pair.name} is {quoted(new['default'])} by default now", key="default")
    elif "default" not in new:
        if how == "removed":
            yield pair.change(f"{pair.name} has no default any more, was {quoted(old['default'])}", key="default")
    elif how == "changed" and plain(old["default"]) != plain(new["default"]):
        said = f"{quoted(new['default'])} by default now, was {quoted(old['default'])}"
        yield pair.change(f"{pair.name} is {said}", key="default")


def _deprecated(pair: SchemaPair, *, comes: bool) -> Iterator[Change]:
    was, is_ = (shape.notes.get("deprecated") is True for shape in (pair.old, pair.new))
    if (was, is_) == (not comes, comes):
        yield pair.change(f"{pair.name} is deprecated {'now' if comes else 'no longer'}", key="deprecated")


@rule(SchemaPair, "warning", direction="request", mirror="request-default-changed")
def request_default_changed(pair: SchemaPair) -> Iterator[Change]:
    """What is left out of a request means something else.

    Nobody's request is refused, but callers who rely on the default get another result without a change of theirs. Say so
    in the notes of the release.
    """
    return _default(pair, "changed")


@rule(SchemaPair, "info", direction="request", mirror="request-default-removed")
def request_default_added(pair: SchemaPair) -> Iterator[Change]:
    """The document says what it means to leave something out of a request.

    Nobody has to send anything else.
    """
    return _default(pair, "added")


@rule(SchemaPair, "warning", direction="request", mirror="request-default-added")
def request_default_removed(pair: SchemaPair) -> Iterator[Change]:
    """The document does not say any more what it means to leave something out of a request.

    Callers who rely on the default may get another result. Keep it if the server does.
    """
    return _default(pair, "removed")


@rule(SchemaPair, "info", direction="request", mirror="request-no-longer-deprecated")
def request_deprecated(pair: SchemaPair) -> Iterator[Change]:
    """What may be sent is deprecated.

    Callers can go on sending it for the time being, and should look for what comes instead.
    """
    return _deprecated(pair, comes=True)


@rule(SchemaPair, "info", direction="request", mirror="request-deprecated")
def request_no_longer_deprecated(pair: SchemaPair) -> Iterator[Change]:
    """What may be sent is not deprecated any more.

    Callers can go on sending it.
    """
    return _deprecated(pair, comes=False)


@rule(SchemaPair, "warning", direction="response", mirror="response-default-changed")
def response_default_changed(pair: SchemaPair) -> Iterator[Change]:
    """What is missing from an answer means something else.

    Callers that fill in the default they know get it wrong. Answer with the value itself.
    """
    return _default(pair, "changed")


@rule(SchemaPair, "info", direction="response", mirror="response-default-removed")
def response_default_added(pair: SchemaPair) -> Iterator[Change]:
    """The document says what it means that something is missing from an answer.

    Callers get nothing that they were not told of before.
    """
    return _default(pair, "added")


@rule(SchemaPair, "warning", direction="response", mirror="response-default-added")
def response_default_removed(pair: SchemaPair) -> Iterator[Change]:
    """The document does not say any more what it means that something is missing from an answer.

    Callers that fill in the default they know may get it wrong. Answer with the value itself.
    """
    return _default(pair, "removed")


@rule(SchemaPair, "info", direction="response", mirror="response-no-longer-deprecated")
def response_deprecated(pair: SchemaPair) -> Iterator[Change]:
    """What is answered is deprecated.

    Callers get it for the time being, and should look for what comes instead.
    """
    return _deprecated(pair, comes=True)


@rule(SchemaPair, "info", direction="response", mirror="response-deprecated")
def response_no_longer_deprecated(pair: SchemaPair) -> Iterator[Change]:
    """What is answered is not deprecated any more.

    Callers can go on reading it.
    """
    return _deprecated(pair, comes=False)


RULES: tuple[Rule, ...] = (
    request_default_changed,
    request_default_added,
    request_default_removed,
    request_deprecated,
    request_no_longer_deprecated,
    response_default_changed,
    response_default_added,
    response_default_removed,
    response_deprecated,
    response_no_longer_deprecated,
)
