"""Whether all that one schema lets through another does too: yes, no, or not to be decided.

A request may accept more and a response may promise more, so this is what tells a breaking change from a harmless one where
schemas have no member, type or limit in common by which they could be compared one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from generator.diff.shapes import LEAST, MOST, Property, Schema, Shape, Shapes

Verdict: TypeAlias = bool | None

_NUMBERS = frozenset(["integer", "fraction"])
_COUNTED = {"Length": "string", "Items": "array", "Properties": "object"}


@dataclass(frozen=True, slots=True)
class Subtyping:
    """Compares schemas of two documents: the first argument is always one of ``wide``, the second one of ``narrow``."""

    wide: Shapes
    narrow: Shapes
    _known: dict[tuple[Schema, Schema], Verdict] = field(default_factory=dict[tuple[Schema, Schema], Verdict])

    def schemas(self, wide: Schema, narrow: Schema) -> Verdict:
        """Whether ``wide`` lets all values of ``narrow`` through. Schemas that hold themselves are assumed to."""
        key = (wide, narrow)
        if key not in self._known:
            self._known[key] = True
            self._known[key] = self.shapes(self.wide.of(wide), self.narrow.of(narrow))
        return self._known[key]

    def shapes(self, wide: Shape, narrow: Shape) -> Verdict:
        """The same of two shapes."""
        if narrow.never:
            return True
        if not narrow.types <= wide.types:
            return False
        if narrow.union:
            return _all(self.shapes(wide, self.narrow.of(member)) for member in narrow.union)
        checks: Iterable[Callable[[Shape, Shape], Verdict]] = (
            _values, _numbers, _counts, _texts, self._objects, self._arrays, self._union, _opaque,
        )  # fmt: skip
        return _all(check(wide, narrow) for check in checks)

    def _objects(self, wide: Shape, narrow: Shape) -> Verdict:
        if not narrow.is_object or narrow.values is not None:
            return True
        if not wide.required <= narrow.required:
            return False
        verdicts = [self._property(wide, narrow, name) for name in {**wide.properties, **narrow.properties}]
        if wide.fitting.keys() != narrow.fitting.keys():
            verdicts.append(None)
        verdicts += [self.schemas(wide.fitting[p], narrow.fitting[p]) for p in wide.fitting if p in narrow.fitting]
        return _all([*verdicts, self._any(wide.rest, narrow.rest)])

    def _property(self, wide: Shape, narrow: Shape, name: str) -> Verdict:
        return self._any(_schema_of(wide, name), _schema_of(narrow, name))

    def _arrays(self, wide: Shape, narrow: Shape) -> Verdict:
        if "array" not in narrow.types or narrow.values is not None:
            return True
        if wide.unique and not narrow.unique and narrow.counts.get("maxItems", 2) > 1:
            return False
        longest = max(len(wide.prefix), len(narrow.prefix))
        verdicts = [self._any(_item(wide, index), _item(narrow, index)) for index in range(longest)]
        return _all([*verdicts, self._any(wide.items, narrow.items)])

    def _union(self, wide: Shape, narrow: Shape) -> Verdict:
        if not wide.union:
            return True
        verdicts = [self.shapes(self.wide.of(member), narrow) for member in wide.union]
        # None of them alone may let all through that they let through together.
        return True if True in verdicts else None

    def _any(self, wide: Schema | bool, narrow: Schema | bool) -> Verdict:
        if narrow is False or wide is True:
            return True
        if wide is False:
            return not isinstance(narrow, bool) and self.narrow.of(narrow).never
        if narrow is True:
            return self._takes_anything(wide)
        return self.schemas(wide, narrow)

    def _takes_anything(self, wide: Schema) -> Verdict:
        return self.shapes(self.wide.of(wide), Shape((), "", frozenset(_ALL)))


_ALL = ("null", "boolean", "integer", "fraction", "string", "array", "object")


def _schema_of(shape: Shape, name: str) -> Schema | bool:
    found: Property | None = shape.properties.get(name)
    return found.schema if found else shape.rest


def _item(shape: Shape, index: int) -> Schema | bool:
    return shape.prefix[index] if index < len(shape.prefix) else shape.items


def _all(verdicts: Iterable[Verdict]) -> Verdict:
    """False if one is, else None if one is, else True."""
    found = [*verdicts]
    return False if False in found else None if None in found else True


def _values(wide: Shape, narrow: Shape) -> Verdict:
    if wide.values is None:
        return True
    if narrow.values is None:
        return narrow.types <= {"null"} and "null" in wide.values
    return narrow.values.keys() <= wide.values.keys()


def _numbers(wide: Shape, narrow: Shape) -> Verdict:
    if not narrow.types & _NUMBERS:
        return True
    if narrow.values is not None:
        numbers = [value for value in narrow.values.values() if isinstance(value, int | float)]
        low, high = wide.low, wide.high
        fits = all(
            (low is None or value > low.value or (value == low.value and not low.exclusive))
            and (high is None or value < high.value or (value == high.value and not high.exclusive))
            for value in numbers
        )
        return (None if wide.multiples else True) if fits else False
    if wide.low and (not narrow.low or (narrow.low.value, narrow.low.exclusive) < (wide.low.value, wide.low.exclusive)):
        return False
    if wide.high and (
        not narrow.high or (-narrow.high.value, narrow.high.exclusive) < (-wide.high.value, wide.high.exclusive)
    ):
        return False
    whole = {1} if "fraction" not in narrow.types else set[int]()
    divided = [any((m / step).denominator == 1 for m in narrow.multiples | whole) for step in wide.multiples]
    return True if all(divided) else None if narrow.low and narrow.high else False


def _counts(wide: Shape, narrow: Shape) -> Verdict:
    return _all(_counted(wide, narrow))


def _counted(wide: Shape, narrow: Shape) -> Iterator[Verdict]:
    for word, count in wide.counts.items():
        if _COUNTED[word[3:]] not in narrow.types:
            continue
        own = narrow.counts.get(word)
        if narrow.values is not None:
            yield None
        elif word in LEAST:
            yield own is not None and own >= count
        elif word in MOST:
            yield own is not None and own <= count


def _texts(wide: Shape, narrow: Shape) -> Verdict:
    if "string" not in narrow.types and not narrow.types & _NUMBERS:
        return True
    if wide.format and wide.format != narrow.format:
        return None
    return True if wide.patterns <= narrow.patterns else None


def _opaque(wide: Shape, narrow: Shape) -> Verdict:
    return True if all(narrow.opaque.get(word) == said for word, said in wide.opaque.items()) else None
