"""Rules about arrays: how many items they have, and what these may be."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import LimitsPair

from .limits import fewest, most
from .places import Filled, filled


def _items(pair: LimitsPair, how: Filled) -> Iterator[Change]:
    """The items of a tuple, then all others, where what is said of them changed in this way."""
    if not pair.has("array"):
        return
    longest = max(len(pair.old.prefix), len(pair.new.prefix))
    for index in range(longest):
        words = f"item {index} of {pair.name}"
        yield from filled(pair, pair.old.item(index), pair.new.item(index), how, words=words, key="prefixItems")
    words = f"further items of {pair.name}" if longest else f"an item of {pair.name}"
    yield from filled(pair, pair.old.items, pair.new.items, how, words=words, key="items")


def _unique(pair: LimitsPair, *, comes: bool) -> Iterator[Change]:
    if pair.has("array") and (pair.old.unique, pair.new.unique) == (not comes, comes):
        said = "may not have an item twice any more" if comes else "may have an item twice now"
        yield pair.change(f"{pair.name} {said}", key="uniqueItems")


@rule(LimitsPair, "breaking", direction="request", mirror="request-min-items-lowered")
def request_min_items_raised(pair: LimitsPair) -> Iterator[Change]:
    """An array of a request has to have more items than it had to.

    Shorter ones, which were accepted, are refused: an empty one as a rule, for what is not set. Go on accepting them.
    """
    return fewest(pair, "Items", "raised")


@rule(LimitsPair, "info", direction="request", mirror="request-min-items-raised")
def request_min_items_lowered(pair: LimitsPair) -> Iterator[Change]:
    """An array of a request may have fewer items.

    All that was accepted still is.
    """
    return fewest(pair, "Items", "lowered")


@rule(LimitsPair, "breaking", direction="request", mirror="request-max-items-raised")
def request_max_items_lowered(pair: LimitsPair) -> Iterator[Change]:
    """An array of a request may not have as many items as it might.

    Longer ones, which were accepted, are refused. Go on accepting them until callers send them in parts.
    """
    return most(pair, "Items", "lowered")


@rule(LimitsPair, "info", direction="request", mirror="request-max-items-lowered")
def request_max_items_raised(pair: LimitsPair) -> Iterator[Change]:
    """An array of a request may have more items.

    All that was accepted still is.
    """
    return most(pair, "Items", "raised")


@rule(LimitsPair, "breaking", direction="request", mirror="request-max-items-dropped")
def request_max_items_set(pair: LimitsPair) -> Iterator[Change]:
    """An array of a request has a greatest number of items that it did not have.

    Longer ones are refused. If they always were, the document has only caught up: say so to whoever reviews it.
    """
    return most(pair, "Items", "set")


@rule(LimitsPair, "info", direction="request", mirror="request-max-items-set")
def request_max_items_dropped(pair: LimitsPair) -> Iterator[Change]:
    """An array of a request may have any number of items.

    All that was accepted still is.
    """
    return most(pair, "Items", "dropped")


@rule(LimitsPair, "breaking", direction="request", mirror="request-unique-items-dropped")
def request_unique_items_set(pair: LimitsPair) -> Iterator[Change]:
    """An array of a request may not have an item twice any more.

    Arrays that do are refused. Let the server leave out what it has already seen.
    """
    return _unique(pair, comes=True)


@rule(LimitsPair, "info", direction="request", mirror="request-unique-items-set")
def request_unique_items_dropped(pair: LimitsPair) -> Iterator[Change]:
    """An array of a request may have an item twice.

    All that was accepted still is.
    """
    return _unique(pair, comes=False)


@rule(LimitsPair, "breaking", direction="request", mirror="request-items-opened")
def request_items_closed(pair: LimitsPair) -> Iterator[Change]:
    """An array of a request may not have items at a place where it might.

    Longer arrays are refused. Go on accepting them, and ignore what is not needed.
    """
    return _items(pair, "closed")


@rule(LimitsPair, "info", direction="request", mirror="request-items-closed")
def request_items_opened(pair: LimitsPair) -> Iterator[Change]:
    """An array of a request may have items at a place where it might not.

    All that was accepted still is.
    """
    return _items(pair, "opened")


@rule(LimitsPair, "breaking", direction="request", mirror="request-items-untyped")
def request_items_typed(pair: LimitsPair) -> Iterator[Change]:
    """Items of a request have a schema that they did not have.

    Items that do not fit it are refused. If they always were, the document has only caught up: say so to whoever reviews it.
    """
    return _items(pair, "typed")


@rule(LimitsPair, "info", direction="request", mirror="request-items-typed")
def request_items_untyped(pair: LimitsPair) -> Iterator[Change]:
    """Items of a request may be anything.

    All that was accepted still is.
    """
    return _items(pair, "untyped")


@rule(LimitsPair, "info", direction="response", mirror="response-min-items-lowered")
def response_min_items_raised(pair: LimitsPair) -> Iterator[Change]:
    """An array in an answer has more items at least.

    Callers get nothing that they were not told of before.
    """
    return fewest(pair, "Items", "raised")


@rule(LimitsPair, "breaking", direction="response", mirror="response-min-items-raised")
def response_min_items_lowered(pair: LimitsPair) -> Iterator[Change]:
    """An array in an answer may have fewer items.

    Callers that take the first item without a look fail. Keep to the old number.
    """
    return fewest(pair, "Items", "lowered")


@rule(LimitsPair, "info", direction="response", mirror="response-max-items-raised")
def response_max_items_lowered(pair: LimitsPair) -> Iterator[Change]:
    """An array in an answer does not have as many items as it might.

    Callers get nothing that they were not told of before, though they may have to ask for more pages.
    """
    return most(pair, "Items", "lowered")


@rule(LimitsPair, "breaking", direction="response", mirror="response-max-items-lowered")
def response_max_items_raised(pair: LimitsPair) -> Iterator[Change]:
    """An array in an answer may have more items.

    Callers that have room for the old number fail or lose the rest. Let them ask for longer ones.
    """
    return most(pair, "Items", "raised")


@rule(LimitsPair, "info", direction="response", mirror="response-max-items-dropped")
def response_max_items_set(pair: LimitsPair) -> Iterator[Change]:
    """An array in an answer has a greatest number of items that it did not have.

    Callers get nothing that they were not told of before.
    """
    return most(pair, "Items", "set")


@rule(LimitsPair, "breaking", direction="response", mirror="response-max-items-set")
def response_max_items_dropped(pair: LimitsPair) -> Iterator[Change]:
    """An array in an answer may have any number of items.

    Callers that have room for the old number fail or lose the rest. Keep the limit if answers keep to it.
    """
    return most(pair, "Items", "dropped")


@rule(LimitsPair, "info", direction="response", mirror="response-unique-items-dropped")
def response_unique_items_set(pair: LimitsPair) -> Iterator[Change]:
    """An array in an answer never has an item twice.

    Callers get nothing that they were not told of before.
    """
    return _unique(pair, comes=True)


@rule(LimitsPair, "breaking", direction="response", mirror="response-unique-items-set")
def response_unique_items_dropped(pair: LimitsPair) -> Iterator[Change]:
    """An array in an answer may have an item twice.

    Callers that read it as a set, or use its items as keys, lose some. Leave out what is there already.
    """
    return _unique(pair, comes=False)


@rule(LimitsPair, "info", direction="response", mirror="response-items-opened")
def response_items_closed(pair: LimitsPair) -> Iterator[Change]:
    """An array in an answer has no items at a place where it might.

    Callers get nothing that they were not told of before.
    """
    return _items(pair, "closed")


@rule(LimitsPair, "breaking", direction="response", mirror="response-items-closed")
def response_items_opened(pair: LimitsPair) -> Iterator[Change]:
    """An array in an answer may have items at a place where it had none.

    Callers that unpack it item by item fail. Answer with a new property beside it.
    """
    return _items(pair, "opened")


@rule(LimitsPair, "info", direction="response", mirror="response-items-untyped")
def response_items_typed(pair: LimitsPair) -> Iterator[Change]:
    """Items in an answer have a schema that they did not have.

    Callers get nothing that they were not told of before.
    """
    return _items(pair, "typed")


@rule(LimitsPair, "breaking", direction="response", mirror="response-items-typed")
def response_items_untyped(pair: LimitsPair) -> Iterator[Change]:
    """Items in an answer may be anything.

    Callers that read them as what they were fail on others. Keep the schema if answers keep to it.
    """
    return _items(pair, "untyped")


RULES: tuple[Rule, ...] = (
    request_min_items_raised,
    request_min_items_lowered,
    request_max_items_lowered,
    request_max_items_raised,
    request_max_items_set,
    request_max_items_dropped,
    request_unique_items_set,
    request_unique_items_dropped,
    request_items_closed,
    request_items_opened,
    request_items_typed,
    request_items_untyped,
    response_min_items_raised,
    response_min_items_lowered,
    response_max_items_lowered,
    response_max_items_raised,
    response_max_items_set,
    response_max_items_dropped,
    response_unique_items_set,
    response_unique_items_dropped,
    response_items_closed,
    response_items_opened,
    response_items_typed,
    response_items_untyped,
)
