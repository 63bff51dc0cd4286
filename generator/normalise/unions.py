"""Unions that a value has to fit together with other unions, or with what stands beside: all pairs that make sense."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from generator.tree import is_object

from .combine import Merged, merge
from .sources import Leaf, Source, Sources, SourceTree
from .values import ContradictionError, Tally

MOST = 64
"""How many members a union may get when unions are multiplied. What would make more is not multiplied."""

_DEEPEST = 8
_MOST_IN_ALL = 20_000


class Multiplied:
    """How often unions were multiplied, and how deep in one another: a union of itself and more never ends."""

    def __init__(self) -> None:
        self._members = 0
        self._depth = 0

    def has_room(self) -> bool:
        """Whether one more union is worth it."""
        return self._depth < _DEEPEST and self._members < _MOST_IN_ALL

    @contextmanager
    def by(self, members: int) -> Generator[None, None, None]:
        """While the members of a product are read."""
        self._members += members
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1


def choices(merged: Merged, tree: SourceTree, tally: Tally) -> list[Sources]:
    """What a value can be: for each way to choose a member of every union, all that it then has to fit.

    Choices that contradict themselves, or what stands beside the unions, are left out. A null that a union lists stays,
    whatever stands beside: who lists it means that it may come.
    """
    rest = merged.rest()
    first, *others = merged.unions
    if not rest and not others:
        return [(member,) for member in first.members]

    def whole(choice: Sources) -> Sources:
        return _with_rest(choice, rest, tree)

    def makes_sense(choice: Sources) -> bool:
        return _fit_together(whole(choice), tree, tally)

    found: list[Sources] = [(member,) for member in first.members if makes_sense((member,))]
    for union in others:
        if len(found) * len(union.members) > MOST**2:
            more = None
        else:
            pairs = ((*choice, member) for choice in found for member in union.members)
            more = [pair for pair in pairs if makes_sense(pair)]
        if more is None or len(more) > MOST:
            message = f"these unions together would have more than {MOST} members: only the first is read"
            tally.note("not-enforced", message, union.pointer)
        else:
            found = more
    return [whole(choice) for choice in found]


def _with_rest(choice: Sources, rest: Sources, tree: SourceTree) -> Sources:
    """The chosen members and what stands beside the unions: not beside null, nor what the members build on anyway."""
    if any(map(is_null, choice)):
        return choice
    there = {leaf.source.pointer for member in choice for leaf in _leaves(member, tree)}
    return (*choice, *(source for source in rest if source.pointer not in there))


def _leaves(member: Source, tree: SourceTree) -> list[Leaf]:
    try:
        return tree.leaves(member)[0]
    except ContradictionError:
        return []


def is_null(source: Source) -> bool:
    """Whether the schema says that the value is null, in so many words."""
    return is_object(source.node) and source.node.get("type") == "null"


def _fit_together(sources: Sources, tree: SourceTree, tally: Tally) -> bool:
    """Whether there can be a value that fits all the sources, as far as types, literals and required properties tell."""
    try:
        merged = merge(sources, tree, tally)
        for key in merged.required:
            if len(merged.properties.get(key, ())) > 1:
                merge(merged.properties[key], tree, tally)
    except ContradictionError:
        return False
    return True
