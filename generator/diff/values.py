"""JSON values: their type, their one spelling, and limits that they keep within or not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor, isfinite, lcm
from typing import Final

from generator.tree import Json, is_array, is_object

ATOMS: Final = frozenset(["null", "boolean", "integer", "fraction", "string", "array", "object"])
"""The types, ``number`` being ``integer`` and ``fraction``, so that a set of them is what a schema lets through."""

NUMBERS: Final = frozenset(["integer", "fraction"])
COUNTED: Final = {"Length": "string", "Items": "array", "Properties": "object"}
"""The type that ``minLength``, ``maxItems`` and so on are about, by how the keyword ends."""

_LONG = 256


@dataclass(frozen=True, slots=True)
class Bound:
    """The end of a range of numbers, which belongs to the range unless it is ``exclusive``."""

    value: Fraction
    exclusive: bool = False

    def __str__(self) -> str:
        return f"{number(self.value)}, exclusive" if self.exclusive else number(self.value)

    def lowest_whole(self) -> Bound:
        """The same below whole numbers: the least of them that is in the range."""
        return Bound(Fraction(floor(self.value) + 1 if self.exclusive else ceil(self.value)))

    def highest_whole(self) -> Bound:
        """The same above whole numbers: the greatest of them that is in the range."""
        return Bound(Fraction(ceil(self.value) - 1 if self.exclusive else floor(self.value)))


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from ``low`` to ``high``, all of which are multiples of ``step`` if it is not None."""

    low: Bound | None = None
    high: Bound | None = None
    step: Fraction | None = None

    def whole(self) -> Range:
        """The whole numbers of it, among whole numbers: they are multiples of 1 anyway."""
        low, high = self.low and self.low.lowest_whole(), self.high and self.high.highest_whole()
        step = common_multiple(self.step or Fraction(1), Fraction(1))
        return Range(low, high, step if step > 1 else None)

    def holds(self, value: Fraction) -> bool:
        """Whether a number is in it."""
        low, high = self.low, self.high
        return (
            (low is None or value > low.value or (value == low.value and not low.exclusive))
            and (high is None or value < high.value or (value == high.value and not high.exclusive))
            and (self.step is None or (value / self.step).denominator == 1)
        )

    def settled(self) -> Range:
        """The same with ends that are in it, where it goes in steps."""
        if self.step is None:
            return self
        low = self.low and Bound(self.low.value / self.step, self.low.exclusive).lowest_whole()
        high = self.high and Bound(self.high.value / self.step, self.high.exclusive).highest_whole()
        return Range(low and Bound(low.value * self.step), high and Bound(high.value * self.step), self.step)

    @property
    def is_empty(self) -> bool:
        """Whether no number is in it."""
        found = self.settled()
        if found.low is None or found.high is None:
            return False
        return found.low.value > found.high.value or (found.low.value == found.high.value and not self._is_one(found))

    def includes(self, other: Range) -> bool:
        """Whether all numbers of another range are in this one."""
        if other.is_empty:
            return True
        found = other.settled()
        if found.low and self._is_one(found):
            return self.holds(found.low.value)
        return self._starts_before(found) and self._ends_after(found) and self._steps_on(found)

    @staticmethod
    def _is_one(found: Range) -> bool:
        """Whether a range has one number in it."""
        return found.low is not None and found.low == found.high and not found.low.exclusive

    def _starts_before(self, other: Range) -> bool:
        if self.low is None or other.low is None:
            return self.low is None
        return (self.low.value, self.low.exclusive) <= (other.low.value, other.low.exclusive)

    def _ends_after(self, other: Range) -> bool:
        if self.high is None or other.high is None:
            return self.high is None
        return (self.high.value, not self.high.exclusive) >= (other.high.value, not other.high.exclusive)

    def _steps_on(self, other: Range) -> bool:
        """Of two multiples in a row both are multiples of ``step`` only if all are."""
        if self.step is None or other.step is None:
            return self.step is None
        return (other.step / self.step).denominator == 1


EVERYWHERE: Final = Range()


@dataclass(frozen=True, slots=True)
class Limits:
    """What is said of the size of values. ``counts`` are ``minLength``, ``maxItems`` and so on."""

    range: Range = EVERYWHERE
    counts: Mapping[str, int] = field(default_factory=dict[str, int])

    def hold(self, value: Json) -> bool:
        """Whether a value keeps within them."""
        if is_number(value):
            return self.range.holds(Fraction(str(value)))
        if isinstance(value, str) or is_array(value) or is_object(value):
            ending = {"string": "Length", "array": "Items", "object": "Properties"}[atom(value)]
            most = self.counts.get(f"max{ending}")
            return self.counts.get(f"min{ending}", 0) <= len(value) and (most is None or len(value) <= most)
        return True


NO_LIMITS: Final = Limits()


def atom(value: Json) -> str:
    """The one of :data:`ATOMS` that a value is. 1.0 is an integer (JSON Schema 2020-12, Core, section 4.2.3)."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if isinstance(value, int) or value.is_integer() else "fraction"
    return "string" if isinstance(value, str) else "array" if is_array(value) else "object"


def is_number(value: Json) -> bool:
    """Whether it is a number that can be counted with."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def plain(value: Json) -> str:
    """The one spelling of a JSON value: keys sorted, 1.0 as 1."""
    return json.dumps(_whole(value), sort_keys=True, ensure_ascii=False)


def number(value: Fraction) -> str:
    """A number as people write it."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _LONG:
        return "a number too long to show"
    return str(value.numerator if value.denominator == 1 else float(value))


def common_multiple(one: Fraction, other: Fraction) -> Fraction:
    """The least number that is a multiple of both."""
    below = lcm(one.denominator, other.denominator)
    return Fraction(lcm(int(one * below), int(other * below)), below)


def _whole(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if is_array(value):
        return [_whole(item) for item in value]
    return {key: _whole(item) for key, item in value.items()} if is_object(value) else value
