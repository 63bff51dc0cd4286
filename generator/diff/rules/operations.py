"""Rules about operations and the paths that they answer on."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import OperationPair


@rule(OperationPair, "breaking", mirror="operation-added")
def operation_removed(pair: OperationPair) -> Iterator[Change]:
    """An operation is gone.

    Whoever calls it gets 404 or 405. Keep it, marked `deprecated`, until nobody calls it any more.
    """
    if pair.old and not pair.new:
        yield pair.change(f"{pair.name} is gone")


@rule(OperationPair, "info", mirror="operation-removed")
def operation_added(pair: OperationPair) -> Iterator[Change]:
    """There is an operation that was not there before.

    Nobody who calls the others notices.
    """
    if pair.new and not pair.old:
        yield pair.change(f"{pair.name} is new")


RULES: tuple[Rule, ...] = (operation_removed, operation_added)
