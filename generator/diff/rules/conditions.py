"""Rules about what a schema asks for beyond types and limits: `not`, `if`, `dependentRequired`, `contains` and the like.

They are not taken apart but for what counts or lists: that one comes or goes tells which way the schema moved, that one
changes does not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias

from generator.diff.findings import Change, Rule, rule
from generator.diff.pairs import LimitsPair
from generator.diff.wording import listed
from generator.tree import Json, is_object

_Moved: TypeAlias = Literal["narrowed", "widened", "replaced", "changed"]
"""A condition that is replaced lets something through that it did not, and does not let something else through that it did."""

_SAID: Final[Mapping[_Moved, str]] = {
    "narrowed": "asks for more now",
    "widened": "asks for less now",
    "replaced": "asks for something else now",
    "changed": "may ask for something else now",
}


def _conditions(pair: LimitsPair, *ways: _Moved) -> Iterator[Change]:
    for how in ways:
        found = [word for word in sorted({**pair.old.opaque, **pair.new.opaque}) if _moved(pair, word) == how]
        if found:
            yield pair.change(f"{pair.name} {_SAID[how]}: {listed(found)}", key=found[0])


def _moved(pair: LimitsPair, word: str) -> _Moved | None:
    """Which way a condition moved, None if it did not."""
    old, new = pair.old.opaque.get(word), pair.new.opaque.get(word)
    if old is None or new is None:
        return "narrowed" if old is None else "widened"
    if word in pair.old.held and word in pair.new.held and "maxContains" not in {**pair.old.opaque, **pair.new.opaque}:
        return _held(pair, word)
    if old == new:
        return None
    was, is_ = _value(old), _value(new)
    if word in ("minContains", "maxContains") and isinstance(was, int) and isinstance(is_, int):
        return "narrowed" if (is_ > was) == (word == "minContains") else "widened"
    if word == "dependentRequired" and is_object(was) and is_object(is_):
        if _asks(is_, was):
            return "narrowed"
        return "widened" if _asks(was, is_) else "changed"
    return "changed"


def _held(pair: LimitsPair, word: str) -> _Moved | None:
    """Which way the schema of a condition moved; that of `not` refuses the more the more it lets through."""
    old, new = pair.old.held[word], pair.new.held[word]
    more, less = pair.comparison.widened(old, new), pair.comparison.narrowed(old, new)
    if more and less:
        return None
    if word == "not":
        more, less = less, more
    if less and more is False:
        return "narrowed"
    if more and less is False:
        return "widened"
    if more is False and less is False:
        return "replaced"
    return "changed" if pair.old.opaque[word] != pair.new.opaque[word] else None


def _asks(much: Json, little: Json) -> bool:
    """Whether all properties that ``little`` asks for beside another one are asked for by ``much`` as well."""
    return all({*names} <= {*much.get(name, ())} for name, names in little.items())


def _value(text: str) -> Json:
    """The value, None where several schemas that all hold say the same word."""
    try:
        return json.loads(text)
    except ValueError:
        return None


@rule(LimitsPair, "breaking", direction="request", mirror="request-conditions-widened")
def request_conditions_narrowed(pair: LimitsPair) -> Iterator[Change]:
    """A request has to keep a condition that it did not have to: `not`, `if`, `dependentRequired`, `contains` and the like.

    What does not keep it was accepted and is refused. Go on accepting it.
    """
    return _conditions(pair, "narrowed", "replaced")


@rule(LimitsPair, "info", direction="request", mirror="request-conditions-narrowed")
def request_conditions_widened(pair: LimitsPair) -> Iterator[Change]:
    """A request need not keep a condition any more.

    All that was accepted still is.
    """
    return _conditions(pair, "widened")


@rule(LimitsPair, "warning", direction="request", mirror="request-conditions-changed")
def request_conditions_changed(pair: LimitsPair) -> Iterator[Change]:
    """A condition of a request changed that is not taken apart.

    Whether it lets everything through that it did cannot be told. Try what callers send.
    """
    return _conditions(pair, "changed")


@rule(LimitsPair, "info", direction="response", mirror="response-conditions-widened")
def response_conditions_narrowed(pair: LimitsPair) -> Iterator[Change]:
    """An answer always keeps a condition.

    Callers get nothing that they were not told of before.
    """
    return _conditions(pair, "narrowed")


@rule(LimitsPair, "breaking", direction="response", mirror="response-conditions-narrowed")
def response_conditions_widened(pair: LimitsPair) -> Iterator[Change]:
    """An answer need not keep a condition any more: `not`, `if`, `dependentRequired`, `contains` and the like.

    Callers that rely on it get what they have no code for. Keep the condition if answers keep to it.
    """
    return _conditions(pair, "widened", "replaced")


@rule(LimitsPair, "warning", direction="response", mirror="response-conditions-changed")
def response_conditions_changed(pair: LimitsPair) -> Iterator[Change]:
    """A condition of an answer changed that is not taken apart.

    Whether it lets nothing through that it did not cannot be told. Compare the two.
    """
    return _conditions(pair, "changed")


RULES: tuple[Rule, ...] = (
    request_conditions_narrowed,
    request_conditions_widened,
    request_conditions_changed,
    response_conditions_narrowed,
    response_conditions_widened,
    response_conditions_changed,
)
