"""Whether all that one schema lets through another does too: yes, no, or not to be decided.

A request may accept more and a response may promise more, so this is what tells a breaking change from a harmless one where
schemas have no member, type or limit in common by which they could be compared one by one.

Objects are read as those who write documents mean them: a property that an open object does not name is not sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from generator.diff.shapes import Schema, Shape, Shapes
from generator.diff.values import ATOMS, COUNTED, NUMBERS, atom, plain
from generator.normalise.patterns import fits
from generator.tree import Json, is_array, is_object

Verdict: TypeAlias = bool | None

_WIDER_FORMATS: Final = {"int32": "int64", "float": "double"}

_Key: TypeAlias = tuple[Schema, Schema]


@dataclass(frozen=True, slots=True)
class Subtyping:
    """Compares schemas of two documents: the first argument is always one of ``wide``, the second one of ``narrow``."""

    wide: Shapes
    narrow: Shapes
    _known: dict[_Key, Verdict] = field(default_factory=dict[_Key, Verdict])
    _assumed: set[_Key] = field(default_factory=set[_Key])
    _relying: list[_Key] = field(default_factory=list[_Key])

    def schemas(self, wide: Schema, narrow: Schema) -> Verdict:
        """Whether ``wide`` lets all values of ``narrow`` through. Schemas that hold themselves are assumed to."""
        key = (wide, narrow)
        if key in self._assumed or key in self._known:
            return self._known.get(key, True)
        self._assumed.add(key)
        before = len(self._relying)
        verdict = self._known[key] = self.shapes(self.wide.of(wide), self.narrow.of(narrow))
        self._assumed.discard(key)
        if verdict is not True:  # what is true only as long as this is has to be asked again
            for other in self._relying[before:]:
                del self._known[other]
            del self._relying[before:]
        elif self._assumed:
            self._relying.append(key)
        else:
            self._relying.clear()
        return verdict

    def shapes(self, wide: Shape, narrow: Shape) -> Verdict:
        """The same of two shapes."""
        if not narrow.types <= wide.types:
            return False
        if narrow.values is not None:
            verdict = _all(self.takes(wide, value) for value in narrow.values.values())
            return None if verdict is False and (narrow.patterns or narrow.opaque or narrow.union) else verdict
        if narrow.union:
            return self._members(wide, narrow)
        verdicts = (*_local(wide, narrow), self._objects(wide, narrow), self._arrays(wide, narrow))
        return _all([*verdicts, *self._in_union(wide, narrow)])

    def _members(self, wide: Shape, narrow: Shape) -> Verdict:
        """Whether all members of a union are let through, or all that is said beside it."""
        verdict = _all(self.shapes(wide, self.narrow.of(member).without_null()) for member in narrow.union)
        beside = replace(narrow, union=())
        if verdict is True or beside == Shape(narrow.at, narrow.name, narrow.types, notes=narrow.notes):
            return verdict
        return True if self.shapes(wide, beside) is True else None

    def _in_union(self, wide: Shape, narrow: Shape) -> Iterator[Verdict]:
        """Type by type, whether a member lets all through. Several together may do so where none does alone."""
        for kind in sorted(narrow.types - {"null"}) if wide.union else ():
            part = replace(narrow, types=frozenset([kind]))
            members = [self.wide.of(member) for member in wide.union]
            near = [member for member in members if not self._are_apart(member, part)]
            verdicts = [self.shapes(member, part) for member in near]
            yield True if True in verdicts else None if len(near) > 1 or None in verdicts else False

    def _are_apart(self, wide: Shape, narrow: Shape) -> bool:
        """Whether no value is let through by both: of other types, or told apart by what a required property may be."""
        if not wide.types & narrow.types:
            return True
        if wide.types & narrow.types != frozenset(["object"]):
            return False
        for name in wide.required | narrow.required:
            one, other = wide.properties.get(name), narrow.properties.get(name)
            if one and other and _are_unlike(self.wide.of(one.schema), self.narrow.of(other.schema)):
                return True
        return False

    def takes(self, wide: Shape, value: Json) -> Verdict:
        """Whether one value is let through."""
        if atom(value) not in wide.types or not wide.limits.hold(value):
            return False
        if value is None:
            return True
        if wide.values is not None:
            return plain(value) in wide.values
        if wide.union:
            verdicts = [self.takes(self.wide.of(member), value) for member in wide.union]
            return True if True in verdicts else None if None in verdicts else False
        if is_array(value) or is_object(value):
            return None
        found = [fits(pattern, value) for pattern in wide.patterns] if isinstance(value, str) else []
        return False if False in found else None if None in found or wide.opaque or wide.format else True

    def _objects(self, wide: Shape, narrow: Shape) -> Verdict:
        if not narrow.is_object:
            return True
        if not wide.required <= narrow.required:
            return False
        verdicts = [self._property(wide, narrow, name) for name in {**wide.properties, **narrow.properties}]
        if wide.fitting.keys() != narrow.fitting.keys():
            verdicts.append(None)
        verdicts += [self.schemas(wide.fitting[p], narrow.fitting[p]) for p in wide.fitting if p in narrow.fitting]
        return _all([*verdicts, self.slots(wide.rest, narrow.rest)])

    def _property(self, wide: Shape, narrow: Shape, name: str) -> Verdict:
        if name not in narrow.properties and narrow.rest is True:
            return True
        return self.slots(slot(wide, name), slot(narrow, name))

    def _arrays(self, wide: Shape, narrow: Shape) -> Verdict:
        if "array" not in narrow.types:
            return True
        most = narrow.limits.counts.get("maxItems", len(narrow.prefix) if narrow.items is False else None)
        if wide.unique and not narrow.unique and (most is None or most > 1):
            return False
        longest = max(len(wide.prefix), len(narrow.prefix))
        verdicts = [
            self.slots(wide.item(i), narrow.item(i)) for i in range(longest if most is None else min(longest, most))
        ]
        if most is None or most > longest:
            verdicts.append(self.slots(wide.items, narrow.items))
        return _all(verdicts)

    def slots(self, wide: Schema | bool | None, narrow: Schema | bool | None) -> Verdict:
        """The same of what may stand in a place: True for anything, False for nothing, None if nobody knows."""
        if narrow is False or wide is True:
            return True
        if wide is None or narrow is None:
            return None
        if wide is False:
            return not isinstance(narrow, bool) and self.narrow.of(narrow).never
        if narrow is True:
            return self.shapes(self.wide.of(wide), Shape((), "", ATOMS))
        return self.schemas(wide, narrow)


def slot(shape: Shape, name: str) -> Schema | bool | None:
    """The schema of a property, named or not, None if a pattern may be about it or not (Core, section 10.3.2)."""
    about = {schema: fits(pattern, name) for pattern, schema in shape.fitting.items()}
    named = shape.properties[name].schema if name in shape.properties else ()
    found = (*named, *(pointer for schema, is_fit in about.items() if is_fit for pointer in schema))
    return None if None in about.values() else found or shape.rest


def includes_format(wide: str, narrow: str) -> bool:
    """Whether all that is of one format is of the other (OpenAPI 3.1.1, section 4.4)."""
    return wide in ("", narrow) or _WIDER_FORMATS.get(narrow) == wide


def _all(verdicts: Iterable[Verdict]) -> Verdict:
    """False if one is, else None if one is, else True."""
    found = [*verdicts]
    return False if False in found else None if None in found else True


def _are_unlike(one: Shape, other: Shape) -> bool:
    if one.values is not None and other.values is not None:
        return one.values.keys().isdisjoint(other.values)
    return not one.types & other.types


def _local(wide: Shape, narrow: Shape) -> Iterator[Verdict]:
    """What is said of values without looking into them."""
    if wide.values is not None:
        yield narrow.types <= {"null"}
    if narrow.types & NUMBERS:
        wanted, given = wide.limits.range, narrow.limits.range
        yield wanted.includes(given) if "fraction" in narrow.types else wanted.whole().includes(given.whole())
    for ending, kind in COUNTED.items():
        if kind in narrow.types:
            yield _counts(wide, narrow, ending)
    if narrow.types & {"string", *NUMBERS}:
        yield True if includes_format(wide.format, narrow.format) else None
    if "string" in narrow.types:
        yield True if wide.patterns <= narrow.patterns else None
    yield True if all(narrow.opaque.get(word) == said for word, said in wide.opaque.items()) else None


def _counts(wide: Shape, narrow: Shape, ending: str) -> bool:
    least, most = narrow.limits.counts.get(f"min{ending}", 0), narrow.limits.counts.get(f"max{ending}")
    if ending == "Properties":
        least = max(least, len(narrow.required))
        if narrow.rest is False and not narrow.fitting:
            most = min(len(narrow.properties), most if most is not None else len(narrow.properties))
    if ending == "Items" and narrow.items is False:
        most = min(len(narrow.prefix), most if most is not None else len(narrow.prefix))
    limit = wide.limits.counts.get(f"max{ending}")
    return wide.limits.counts.get(f"min{ending}", 0) <= least and (
        limit is None or (most is not None and most <= limit)
    )
