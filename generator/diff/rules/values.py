"""Rules about lists of values: ``enum``, ``const``, and those that are named where any value may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import LimitsPair
from generator.diff.shapes import Shape
from generator.diff.subtypes import Subtyping
from generator.diff.values import atom
from generator.diff.wording import listed
from generator.tree import Json


def _removed(pair: LimitsPair) -> Iterator[Change]:
    gone = _refused(pair.comparison.old_in_new, pair.new, pair.old)
    if gone and not _is_other_constant(pair):
        yield pair.change(f"{pair.name} may not be {listed(gone)} any more", key="enum")


def _added(pair: LimitsPair) -> Iterator[Change]:
    come = _refused(pair.comparison.new_in_old, pair.old, pair.new)
    if come and not _is_other_constant(pair):
        yield pair.change(f"{pair.name} may be {listed(come)} too", key="enum")


def _refused(subtyping: Subtyping, wide: Shape, narrow: Shape) -> list[Json]:
    """The values that one side lists and the other does not let through, by its list or, having the type, its limits."""
    if wide.values is not None:
        return [value for key, value in _values(narrow).items() if key not in wide.values]
    values = _values(narrow).values()
    return [value for value in values if atom(value) in wide.types and subtyping.takes(wide, value) is False]


def _introduced(pair: LimitsPair) -> Iterator[Change]:
    new = _values(pair.new)
    if new and pair.old.values is None and (pair.old.types & pair.new.types) - {"null"}:
        yield pair.change(f"{pair.name} may be {_either(new)} only, was any value", key="enum")


def _dropped(pair: LimitsPair) -> Iterator[Change]:
    old = _values(pair.old)
    if old and pair.new.values is None and (pair.old.types & pair.new.types) - {"null"}:
        yield pair.change(f"{pair.name} may be any value, was {_either(old)}", key="enum")


def _constant(pair: LimitsPair) -> Iterator[Change]:
    old, new = _values(pair.old), _values(pair.new)
    if _is_other_constant(pair):
        yield pair.change(f"{pair.name} is {listed(new.values())} now, was {listed(old.values())}", key="const")


def _known(pair: LimitsPair, *, come: bool) -> Iterator[Change]:
    """Values that an open list names on one side only; a list that is left out is no list of nothing."""
    old, new = (shape.known or shape.extensible for shape in (pair.old, pair.new))
    yield from _named(pair, old, new, come=come, key="anyOf" if pair.new.known else "x-extensible-enum")


def _named(
    pair: LimitsPair, old: Mapping[str, Json], new: Mapping[str, Json], *, come: bool, key: str
) -> Iterator[Change]:
    was, is_ = (new, old) if come else (old, new)
    found = [value for name, value in was.items() if name not in is_]
    if found and old and new:
        yield pair.change(f"the known values of {pair.name} {'gained' if come else 'lost'} {listed(found)}", key=key)


def _values(shape: Shape) -> dict[str, Json]:
    """The values but null, which has rules of its own."""
    return {key: value for key, value in (shape.values or {}).items() if value is not None}


def _either(values: dict[str, Json]) -> str:
    return listed(values.values()) if len(values) == 1 else f"one of {listed(values.values())}"


def _is_other_constant(pair: LimitsPair) -> bool:
    old, new = _values(pair.old), _values(pair.new)
    return len(old) == len(new) == 1 and old.keys() != new.keys()


@rule(LimitsPair, "breaking", direction="request", mirror="request-enum-value-added")
def request_enum_value_removed(pair: LimitsPair) -> Iterator[Change]:
    """A value is not accepted any more.

    Requests with it are refused. Go on accepting it, and do what comes closest.
    """
    return _removed(pair)


@rule(LimitsPair, "info", direction="request", mirror="request-enum-value-removed")
def request_enum_value_added(pair: LimitsPair) -> Iterator[Change]:
    """One more value is accepted.

    Whoever sends the others still may.
    """
    return _added(pair)


@rule(LimitsPair, "breaking", direction="request", mirror="request-enum-dropped")
def request_enum_introduced(pair: LimitsPair) -> Iterator[Change]:
    """Only some values are accepted where any value was.

    Requests with others are refused. If they always were, the document has only caught up: say so to whoever reviews it.
    """
    return _introduced(pair)


@rule(LimitsPair, "info", direction="request", mirror="request-enum-introduced")
def request_enum_dropped(pair: LimitsPair) -> Iterator[Change]:
    """Any value is accepted where only some were.

    The values that were listed are accepted as before.
    """
    return _dropped(pair)


@rule(LimitsPair, "breaking", direction="request", mirror="request-const-changed")
def request_const_changed(pair: LimitsPair) -> Iterator[Change]:
    """The one value that is accepted is another.

    Every request with the old one is refused. Accept both.
    """
    return _constant(pair)


@rule(LimitsPair, "warning", direction="request", mirror="request-known-value-added")
def request_known_value_removed(pair: LimitsPair) -> Iterator[Change]:
    """A value is not named any more where any value may be: the name of a model, for example.

    The schema lets it through as before, but what is not named is often not served either. Try it, or ask.
    """
    return iter(()) if pair.old.extensible and pair.new.extensible else _known(pair, come=False)


@rule(LimitsPair, "info", direction="request", mirror="request-known-value-removed")
def request_known_value_added(pair: LimitsPair) -> Iterator[Change]:
    """One more value is named where any value may be: the name of a model, for example.

    Whoever sends the others still may.
    """
    return iter(()) if pair.old.extensible and pair.new.extensible else _known(pair, come=True)


@rule(LimitsPair, "breaking", direction="request", mirror="request-extensible-value-added")
def request_extensible_value_removed(pair: LimitsPair) -> Iterator[Change]:
    """A value of `x-extensible-enum` is not accepted any more.

    Such a list says what is accepted now, and that more may be later. Requests with the value are refused: go on accepting
    it, and do what comes closest.
    """
    return _named(pair, pair.old.extensible, pair.new.extensible, come=False, key="x-extensible-enum")


@rule(LimitsPair, "info", direction="request", mirror="request-extensible-value-removed")
def request_extensible_value_added(pair: LimitsPair) -> Iterator[Change]:
    """One more value of `x-extensible-enum` is accepted.

    Whoever sends the others still may.
    """
    return _named(pair, pair.old.extensible, pair.new.extensible, come=True, key="x-extensible-enum")


@rule(LimitsPair, "info", direction="response", mirror="response-known-value-added")
def response_known_value_removed(pair: LimitsPair) -> Iterator[Change]:
    """A value is not named any more among those that an answer may have, others being possible.

    Callers get nothing that they were not told of before.
    """
    return _known(pair, come=False)


@rule(LimitsPair, "info", direction="response", mirror="response-known-value-removed")
def response_known_value_added(pair: LimitsPair) -> Iterator[Change]:
    """One more value is named among those that an answer may have, others being possible.

    Callers were told that there would be others.
    """
    return _known(pair, come=True)


@rule(LimitsPair, "info", direction="response", mirror="response-enum-value-added")
def response_enum_value_removed(pair: LimitsPair) -> Iterator[Change]:
    """A value is not answered any more.

    Callers get nothing that they were not told of before.
    """
    return _removed(pair)


@rule(LimitsPair, "breaking", direction="response", mirror="response-enum-value-removed")
def response_enum_value_added(pair: LimitsPair) -> Iterator[Change]:
    """An answer may have a value that was not listed.

    Callers that were generated from a closed list fail on it, others do nothing for it. Answer with it only to those who
    ask for it, or say in the document from the start that values will be added.
    """
    return _added(pair)


@rule(LimitsPair, "info", direction="response", mirror="response-enum-dropped")
def response_enum_introduced(pair: LimitsPair) -> Iterator[Change]:
    """Only some values are answered where any value was.

    Callers get nothing that they were not told of before.
    """
    return _introduced(pair)


@rule(LimitsPair, "breaking", direction="response", mirror="response-enum-introduced")
def response_enum_dropped(pair: LimitsPair) -> Iterator[Change]:
    """An answer may have any value where only some were listed.

    Callers that were generated from the list fail on others. Keep the list if answers keep to it.
    """
    return _dropped(pair)


@rule(LimitsPair, "breaking", direction="response", mirror="response-const-changed")
def response_const_changed(pair: LimitsPair) -> Iterator[Change]:
    """The one value that is answered is another.

    Callers that tell answers apart by it do not know this one. Answer as before.
    """
    return _constant(pair)


RULES: tuple[Rule, ...] = (
    request_enum_value_removed,
    request_enum_value_added,
    request_enum_introduced,
    request_enum_dropped,
    request_const_changed,
    request_known_value_removed,
    request_known_value_added,
    request_extensible_value_removed,
    request_extensible_value_added,
    response_enum_value_removed,
    response_enum_value_added,
    response_enum_introduced,
    response_enum_dropped,
    response_const_changed,
    response_known_value_removed,
    response_known_value_added,
)
