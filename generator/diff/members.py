"""Which members of two unions mean the same: what changed of a union is told member by member."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from generator.diff.pairs import Member, SchemaPair
from generator.diff.shapes import Schema, Shape, Shapes
from generator.diff.subtypes import Subtyping, Verdict, slot
from generator.diff.wording import kinds, listed

_TAGS: Final = ("type", "object", "kind")
"""What properties are called that tell members apart where no discriminator says."""


def members(shapes: Shapes, schemas: Iterable[Schema]) -> list[Member]:
    """The members of a union; what is no union is one of one member."""
    return [_member(shapes.of(schema), schema) for schema in schemas]


def matched(pair: SchemaPair, before: Iterable[Member], after: Iterable[Member]) -> Iterator[tuple[Member, Member]]:
    """Members of one name, of one tag, that let the same through; then of one kind, the most alike first.

    Those of one kind are left alone where another member of the other side lets all of theirs through: what changed between
    the two does not matter then.
    """
    old_ones, new_ones = [*before], [*after]
    everything = [*old_ones], [*new_ones]
    for likeness in (_same_name, _same_tag, _same_values, _same_kind):
        for old, new in _by_likeness(pair, old_ones, new_ones, likeness):
            if likeness is _same_kind and _is_elsewhere(pair, old, new, everything):
                continue
            old_ones.remove(old)
            new_ones.remove(new)
            yield old, new


def covering(
    subtyping: Subtyping, other: Shape, schemas: Iterable[Schema], member: Member
) -> tuple[Verdict, tuple[str, ...]]:
    """Whether all values of a member are let through on the other side, where ``schemas`` are the members, and which
    properties of it are not named there: an open object lets them through without knowing what they are.
    """
    shape = subtyping.narrow.of(member.schema).without_null()
    verdict = subtyping.shapes(other, shape)
    taking = [found for found in map(subtyping.wide.of, schemas) if subtyping.shapes(found, shape) is True]
    unnamed = [[name for name in shape.properties if slot(found, name) is True] for found in taking if found.properties]
    if verdict is not True or len(unnamed) < len(taking):
        return verdict, ()
    return True, tuple(min(unnamed, key=len, default=()))


def _member(shape: Shape, schema: Schema) -> Member:
    having = f" with {listed(shape.properties)}" if shape.properties else ""
    name = f"`{shape.name}`" if shape.name else f"{kinds(shape.types - {'null'})}{having}"
    return Member(schema, schema[0], name)


def _by_likeness(
    pair: SchemaPair,
    old_ones: Iterable[Member],
    new_ones: Iterable[Member],
    likeness: Callable[[SchemaPair, Member, Member], float],
) -> list[tuple[Member, Member]]:
    """Pairs that are alike at all, each member in one at most, the most alike first."""
    scored = [(likeness(pair, old, new), old, new) for old in old_ones for new in new_ones]
    found: dict[Schema, tuple[Member, Member]] = {}
    taken: set[Schema] = set()
    for score, old, new in sorted(scored, key=lambda entry: -entry[0]):
        if score > 0 and old.schema not in found and new.schema not in taken:
            found[old.schema] = old, new
            taken.add(new.schema)
    return [*found.values()]


def _shapes(pair: SchemaPair, old: Member, new: Member) -> tuple[Shape, Shape]:
    return pair.comparison.old.of(old.schema), pair.comparison.new.of(new.schema)


def _same_name(pair: SchemaPair, old: Member, new: Member) -> float:
    was, is_ = _shapes(pair, old, new)
    return bool(was.name) and was.name == is_.name


def _same_tag(pair: SchemaPair, old: Member, new: Member) -> float:
    """Whether the two have a property in common that only may have one and the same value."""
    was, is_ = _shapes(pair, old, new)
    for tag in (pair.new.tag, pair.old.tag, *_TAGS):
        if tag in was.properties and tag in is_.properties:
            before = pair.comparison.old.of(was.properties[tag].schema).values
            after = pair.comparison.new.of(is_.properties[tag].schema).values
            if before and after and len(before) == 1 and before.keys() == after.keys():
                return True
    return False


def _same_values(pair: SchemaPair, old: Member, new: Member) -> float:
    comparison = pair.comparison
    return comparison.widened(old.schema, new.schema) is True and comparison.narrowed(old.schema, new.schema) is True


def _same_kind(pair: SchemaPair, old: Member, new: Member) -> float:
    """Whether the two are of the same types and either both name their values or neither does, and how alike they are."""
    was, is_ = _shapes(pair, old, new)
    if was.types - {"null"} != is_.types - {"null"} or (was.values is None) != (is_.values is None):
        return 0
    names = was.properties.keys() | is_.properties.keys()
    return 1 + len(was.properties.keys() & is_.properties.keys()) / len(names) if names else 1


def _is_elsewhere(pair: SchemaPair, old: Member, new: Member, everything: tuple[list[Member], list[Member]]) -> bool:
    """Whether one of the two is let through by a member of the other side that is not its counterpart."""
    comparison = pair.comparison
    return any(
        comparison.old_in_new.schemas(other.schema, old.schema) is True for other in everything[1] if other != new
    ) or any(comparison.new_in_old.schemas(other.schema, new.schema) is True for other in everything[0] if other != old)
