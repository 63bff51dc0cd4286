"""What the rules about limits have in common: which way one moved, and how that is said."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Literal, TypeAlias, TypeVar

from generator.diff.findings import Change
from generator.diff.pairs import LimitsPair
from generator.diff.shapes import Shape
from generator.diff.values import COUNTED, EVERYWHERE, Bound, Range, number

Moved: TypeAlias = Literal["set", "dropped", "raised", "lowered"]

N = TypeVar("N", int, tuple[Fraction, bool])

_PARTS = {"Length": ("character", "characters"), "Items": ("item", "items"), "Properties": ("property", "properties")}


def ranges(pair: LimitsPair) -> tuple[Range, Range]:
    """The numbers that both sides let through: whole ones if one of them has no others."""
    old, new = pair.old.limits.range, pair.new.limits.range
    if not pair.has("fraction"):
        old, new = (old.whole(), new.whole()) if pair.has("integer") else (EVERYWHERE, EVERYWHERE)
    return (old.settled(), new.settled()) if old.step == new.step else (old, new)


def lowest(pair: LimitsPair, how: Moved) -> Iterator[Change]:
    """The change of a minimum, if that is how it moved."""
    old, new = (numbers.low for numbers in ranges(pair))
    if how == _moved(old and (old.value, old.exclusive), new and (new.value, new.exclusive)):
        said = f"has to be {_at_least(new)}" if new else "has no minimum any more"
        yield pair.change(f"{pair.name} {said}, {f'was {_at_least(old)}' if old else 'had no minimum'}", key="minimum")


def highest(pair: LimitsPair, how: Moved) -> Iterator[Change]:
    """The change of a maximum, if that is how it moved."""
    old, new = (numbers.high for numbers in ranges(pair))
    if how == _moved(old and (old.value, not old.exclusive), new and (new.value, not new.exclusive)):
        said = f"may be {_at_most(new)}" if new else "has no maximum any more"
        yield pair.change(f"{pair.name} {said}, {f'was {_at_most(old)}' if old else 'had no maximum'}", key="maximum")


def fewest(pair: LimitsPair, of: str, how: Literal["raised", "lowered"]) -> Iterator[Change]:
    """The change of ``minLength`` and the like, if that is how it moved. Without one it is 0."""
    old, new = pair.old.limits.counts.get(f"min{of}", 0), pair.new.limits.counts.get(f"min{of}", 0)
    moved = new > max(old, _needed(pair.old, of)) if how == "raised" else old > max(new, _needed(pair.new, of))
    if pair.has(COUNTED[of]) and moved:
        said = f"has to have at least {_counted(new, of)}" if new else f"may have no {_PARTS[of][1]}"
        yield pair.change(f"{pair.name} {said}, was at least {old}", key=f"min{of}")


def most(pair: LimitsPair, of: str, how: Moved) -> Iterator[Change]:
    """The change of ``maxLength`` and the like, if that is how it moved."""
    old, new = pair.old.limits.counts.get(f"max{of}"), pair.new.limits.counts.get(f"max{of}")
    if pair.has(COUNTED[of]) and how == _moved(old, new):
        said = f"{_counted(new, of)} at most" if new is not None else f"any number of {_PARTS[of][1]}"
        was = f"was {old} at most" if old is not None else "had no limit"
        yield pair.change(f"{pair.name} may have {said}, {was}", key=f"max{of}")


def _moved(old: N | None, new: N | None) -> Moved | None:
    if old is None or new is None:
        return None if old is new else "set" if old is None else "dropped"
    return None if old == new else "raised" if new > old else "lowered"


def _needed(shape: Shape, of: str) -> int:
    """How many parts there are anyway."""
    return len(shape.required) if of == "Properties" else 0


def _at_least(bound: Bound) -> str:
    return f"more than {number(bound.value)}" if bound.exclusive else f"at least {number(bound.value)}"


def _at_most(bound: Bound) -> str:
    return f"less than {number(bound.value)}" if bound.exclusive else f"{number(bound.value)} at most"


def _counted(number: int, of: str) -> str:
    one, several = _PARTS[of]
    return f"{number} {one if number == 1 else several}"
