"""Rules about operations and the paths that they answer on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import combinations

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import OperationPair, ParameterPair, SurfacePair
from generator.diff.surface import Operation, Surface, nameless
from generator.diff.wording import listed, quoted


@rule(OperationPair, "breaking", mirror="operation-added")
def operation_removed(pair: OperationPair) -> Iterator[Change]:
    """An operation is gone that nobody was told would go.

    Whoever calls it gets 404 or 405. Keep it, marked `deprecated`, until nobody calls it any more.
    """
    if pair.gone and not pair.gone.deprecated:
        yield pair.change(f"{pair.name} is gone")


@rule(OperationPair, "info", mirror="operation-removed")
def operation_added(pair: OperationPair) -> Iterator[Change]:
    """There is an operation that was not there before.

    Nobody who calls the others notices.
    """
    if pair.added:
        yield pair.change(f"{pair.name} is new")


@rule(OperationPair, "warning", mirror="made backwards it is `operation-added`")
def deprecated_operation_removed(pair: OperationPair) -> Iterator[Change]:
    """A deprecated operation is gone.

    Its callers were told, but those who did not listen get 404 or 405. See in the server's logs whether any are left.
    """
    if pair.gone and pair.gone.deprecated:
        yield pair.change(f"{pair.name}, which was deprecated, is gone")


@rule(OperationPair, "breaking", mirror="operation-moved")
def operation_moved(pair: OperationPair) -> Iterator[Change]:
    """An operation answers on another path; its `operationId` tells that it is the same one.

    Whoever calls the old path gets 404. Answer on both for a while, the old one marked `deprecated`.
    """
    if pair.both and nameless(pair.both[0].path) != nameless(pair.both[1].path):
        yield pair.change(f"{pair.both[0].name} is {pair.both[1].name} now")


@rule(OperationPair, "breaking", mirror="operation-method-changed")
def operation_method_changed(pair: OperationPair) -> Iterator[Change]:
    """An operation has another method; its `operationId` tells that it is the same one.

    Whoever calls it with the old method gets 405. Answer to both for a while, the old one marked `deprecated`.
    """
    if pair.both and pair.both[0].method != pair.both[1].method:
        yield pair.change(f"{pair.both[0].name} is {pair.both[1].name} now")


@rule(OperationPair, "info", mirror="operation-no-longer-deprecated")
def operation_deprecated(pair: OperationPair) -> Iterator[Change]:
    """An operation is deprecated.

    It still works. Its callers should be told what to call instead, and until when.
    """
    if pair.both and pair.both[1].deprecated and not pair.both[0].deprecated:
        yield pair.change(f"{pair.name} is deprecated now", key="deprecated")


@rule(OperationPair, "info", mirror="operation-deprecated")
def operation_no_longer_deprecated(pair: OperationPair) -> Iterator[Change]:
    """An operation is not deprecated any more.

    Who has moved away from it need not have, and nobody has to do anything.
    """
    if pair.both and pair.both[0].deprecated and not pair.both[1].deprecated:
        yield pair.change(f"{pair.name} is not deprecated any more", key="deprecated")


@rule(OperationPair, "warning", mirror="operation-sunset-withdrawn")
def operation_sunset_announced(pair: OperationPair) -> Iterator[Change]:
    """An operation has a date (`x-sunset`) after which it may be gone (RFC 8594).

    It works until then. Its callers have to move away before.
    """
    if pair.both and pair.both[1].sunset and not pair.both[0].sunset:
        yield pair.change(f"{pair.name} is to go on {quoted(pair.both[1].sunset)}", key="x-sunset")


@rule(OperationPair, "info", mirror="operation-sunset-announced")
def operation_sunset_withdrawn(pair: OperationPair) -> Iterator[Change]:
    """An operation that was to go on a date (`x-sunset`) stays.

    Nobody has to do anything.
    """
    if pair.both and pair.both[0].sunset and not pair.both[1].sunset:
        yield pair.change(f"{pair.name} was to go on {quoted(pair.both[0].sunset)}, and stays", key="x-sunset")


@rule(OperationPair, "warning", mirror="operation-sunset-later")
def operation_sunset_earlier(pair: OperationPair) -> Iterator[Change]:
    """The date on which an operation is to go (`x-sunset`) is nearer than it was, or it cannot be told whether it is.

    Callers who planned by the old date are too late. Keep the promise that was made.
    """
    if _sunset_moved(pair) is False:
        yield _sunset(pair)


@rule(OperationPair, "info", mirror="operation-sunset-earlier")
def operation_sunset_later(pair: OperationPair) -> Iterator[Change]:
    """The date on which an operation is to go (`x-sunset`) is later than it was.

    Its callers have more time to move away.
    """
    if _sunset_moved(pair) is True:
        yield _sunset(pair)


@rule(OperationPair, "info", mirror="operation-tags-changed")
def operation_tags_changed(pair: OperationPair) -> Iterator[Change]:
    """An operation has other tags.

    Nothing on the wire changes. Code that is generated by tag, as a client's namespaces are, has it in another place.
    """
    if pair.both and {*pair.both[0].tags} != {*pair.both[1].tags}:
        was, is_ = (listed(sorted(operation.tags)) or "none" for operation in pair.both)
        yield pair.change(f"the tags of {pair.name} are {is_}, were {was}", key="tags")


@rule(ParameterPair, "info", direction="request", mirror="path-parameter-renamed")
def path_parameter_renamed(pair: ParameterPair) -> Iterator[Change]:
    """A parameter of a path has another name.

    No caller sees it: the path is the same. Generated code that takes it by name has another name for it.
    """
    if pair.both and pair.both[0].place == pair.both[1].place == "path" and pair.both[0].name != pair.both[1].name:
        yield pair.change(f"{pair.name} was called {quoted(pair.both[0].name)}", key="name")


@rule(SurfacePair, "warning", mirror="paths-no-longer-ambiguous")
def paths_became_ambiguous(pair: SurfacePair) -> Iterator[Change]:
    """There are calls that two operations could answer, and neither path is the more concrete one.

    Which one answers is up to the server (OpenAPI 3.1.1, section 4.8.8.2). Name the paths so that they tell apart.
    """
    before = _ambiguous(pair.old)
    for key, (one, other) in _ambiguous(pair.new).items():
        if key not in before:
            yield pair.change(f"{one.name} and {other.name} take the same calls", old=None, new=other.at)


@rule(SurfacePair, "info", mirror="paths-became-ambiguous")
def paths_no_longer_ambiguous(pair: SurfacePair) -> Iterator[Change]:
    """Two operations could answer the same calls, and cannot any more.

    Nobody who is answered as they meant has to do anything.
    """
    after = _ambiguous(pair.new)
    for key, (one, other) in _ambiguous(pair.old).items():
        if key not in after:
            yield pair.change(f"{one.name} and {other.name} took the same calls", old=other.at, new=None)


def _sunset_moved(pair: OperationPair) -> bool | None:
    """Whether the date is later now; None where there is none on either side, or the same."""
    if not pair.both or pair.both[0].sunset == pair.both[1].sunset or not all(o.sunset for o in pair.both):
        return None
    was, is_ = (_date(operation.sunset) for operation in pair.both)
    return was is not None and is_ is not None and is_ > was


def _sunset(pair: OperationPair) -> Change:
    assert pair.both is not None
    was, is_ = (quoted(operation.sunset) for operation in pair.both)
    return pair.change(f"{pair.name} is to go on {is_} and no longer on {was}", key="x-sunset")


def _date(text: str) -> str | None:
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError:  # no date in the one form that we read
        return None


def _ambiguous(surface: Surface) -> dict[tuple[str, str, str], tuple[Operation, Operation]]:
    """The operations that could answer the same calls, by method and paths."""
    groups: dict[tuple[str, int], list[tuple[str, Operation]]] = {}
    for (method, path), operation in sorted(surface.operations.items()):
        groups.setdefault((method, path.count("/")), []).append((path, operation))
    return {
        (method, one, other): (first, second)
        for (method, _), group in groups.items()
        for (one, first), (other, second) in combinations(group, 2)
        if _meet(one.split("/"), other.split("/"))
    }


def _meet(one: list[str], other: list[str]) -> bool:
    """Whether there are calls for both, and each is the more concrete one somewhere."""
    differing = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    sides = [[a for a, _ in differing], [b for _, b in differing]]
    return all("{}" in pair for pair in differing) and all("{}" in side for side in sides)


RULES: tuple[Rule, ...] = (
    operation_removed,
    deprecated_operation_removed,
    operation_added,
    operation_moved,
    operation_method_changed,
    operation_deprecated,
    operation_no_longer_deprecated,
    operation_sunset_announced,
    operation_sunset_withdrawn,
    operation_sunset_earlier,
    operation_sunset_later,
    operation_tags_changed,
    path_parameter_renamed,
    paths_became_ambiguous,
    paths_no_longer_ambiguous,
)
