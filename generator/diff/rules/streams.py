"""Rules about answers that come item by item: server-sent events and lines of JSON."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import ContentPair, StreamSwitchPair


@rule(ContentPair, "breaking", direction="response", mirror="stream-added")
def stream_removed(pair: ContentPair) -> Iterator[Change]:
    """An answer does not come as a stream any more.

    Callers who read it item by item find none. Keep streaming for as long as they do.
    """
    if pair.direction == "response" and pair.gone and pair.gone.streams and not pair.covered:
        yield pair.change(f"{pair.name} does not come as a stream any more")


@rule(ContentPair, "info", direction="response", mirror="stream-removed")
def stream_added(pair: ContentPair) -> Iterator[Change]:
    """An answer comes as a stream, too.

    Who does not ask for it gets what came before.
    """
    if pair.direction == "response" and pair.added and pair.added.streams and not pair.covered:
        yield pair.change(f"{pair.name} comes as a stream, too")


@rule(StreamSwitchPair, "breaking", direction="request", mirror="stream-switch-added")
def stream_switch_removed(pair: StreamSwitchPair) -> Iterator[Change]:
    """The flag of a request that asks for a stream is gone.

    Callers who ask for one are refused, or get an answer that they cannot read. Keep it for as long as it is sent.
    """
    if pair.gone:
        yield pair.change(f"{pair.name}, which asks for a stream, is gone")


@rule(StreamSwitchPair, "info", direction="request", mirror="stream-switch-removed")
def stream_switch_added(pair: StreamSwitchPair) -> Iterator[Change]:
    """A request has a flag that asks for a stream.

    Who does not set it gets what came before.
    """
    if pair.added:
        yield pair.change(f"{pair.name}, which asks for a stream, is new")


@rule(ContentPair, "info", direction="response", mirror="stream-item-schema-removed")
def stream_item_schema_added(pair: ContentPair) -> Iterator[Change]:
    """The items of a stream of which nothing was said have a schema.

    Callers know more of them than they did.
    """
    if pair.direction == "response" and _described(pair) == (False, True):
        yield pair.change(f"the items of {pair.name} have a schema now", key="itemSchema")


@rule(ContentPair, "breaking", direction="response", mirror="stream-item-schema-added")
def stream_item_schema_removed(pair: ContentPair) -> Iterator[Change]:
    """The items of a stream have no schema any more.

    They may be anything, and callers rely on what they were. Say what they are.
    """
    if pair.direction == "response" and _described(pair) == (True, False):
        yield pair.change(f"the items of {pair.name} have no schema any more", key="itemSchema")


def _described(pair: ContentPair) -> tuple[bool, bool] | None:
    """On which sides the items of a stream have a schema; before OpenAPI 3.2 it is that of the body."""
    if not pair.both or not any(content.item for content in pair.both):
        return None
    return bool(pair.both[0].item or pair.both[0].schema), bool(pair.both[1].item or pair.both[1].schema)


RULES: tuple[Rule, ...] = (
    stream_removed,
    stream_added,
    stream_switch_removed,
    stream_switch_added,
    stream_item_schema_added,
    stream_item_schema_removed,
)
