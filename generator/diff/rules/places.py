"""What the rules about items and further properties have in common: a place where nothing, anything or something may stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from generator.diff.findings import Change
from generator.diff.pairs import LimitsPair
from generator.diff.shapes import Schema
from generator.diff.wording import kinds

Filled: TypeAlias = Literal["opened", "closed", "typed", "untyped"]

_SAID: Final = {
    "opened": "may be there now",
    "closed": "may not be there any more",
    "untyped": "may be anything now",
}


def filled(
    pair: LimitsPair, old: Schema | bool, new: Schema | bool, how: Filled, *, words: str, key: str
) -> Iterator[Change]:
    """The change of what may stand in a place of both, if it is of this kind; ``words`` name the place."""
    if _filled(old, new) != how:
        return
    if isinstance(new, bool):
        yield pair.change(f"{words} {_SAID[how]}", key=key)
    else:
        shape = pair.comparison.new.of(new)
        said = f"`{shape.name}`" if shape.name else kinds(shape.types)
        was = "now, was not there" if how == "opened" else "only, was anything"
        yield pair.change(f"{words} may be {said} {was}", key=key)


def _filled(old: Schema | bool, new: Schema | bool) -> Filled | None:
    if (old is False) != (new is False):
        return "opened" if old is False else "closed"
    if (old is True) != (new is True):
        return "typed" if old is True else "untyped"
    return None
