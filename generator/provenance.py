"""From a pointer into a tree that stages made to the place in the file that its author wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from generator.document import Document
from generator.errors import Location
from generator.tree import Pointer

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where each part of a bundled tree comes from.

    ``sources`` maps pointers into the bundle to a file and the pointer in it; what is not listed stands below the
    nearest ancestor that is. ``moves`` are the later rearrangements, oldest first, each from pointers into the new
    tree to pointers into the one before.
    """

    sources: Mapping[Pointer, tuple[Document, Pointer]]
    moves: tuple[Mapping[Pointer, Pointer], ...] = ()

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """The location of the node at ``pointer`` of the newest tree, or with ``key`` that of its key."""
        pointer = self.origin(pointer)
        depth, source = _nearest(self.sources, pointer)
        if source is None:
            raise LookupError(f"no source for {pointer}: the root of a bundle always has one")
        document, start = source
        return replace(document.locate((*start, *pointer[depth:]), key=key), bundled=pointer)

    def nearest(self, pointer: Pointer) -> Location:
        """The location of the node at ``pointer``, or of the nearest one around it that its author wrote."""
        while True:
            try:
                return self.locate(pointer)
            except KeyError:  # a stage put it there: its holder is what there is to see
                pointer = pointer[:-1]

    def origin(self, pointer: Pointer) -> Pointer:
        """Where in the bundle, before it was rearranged, stood what stands at ``pointer`` of the newest tree."""
        for moved in reversed(self.moves):
            depth, old = _nearest(moved, pointer)
            if old is not None:
                pointer = (*old, *pointer[depth:])
        return pointer

    def moved(self, entries: Mapping[Pointer, Pointer]) -> Provenance:
        """The provenance of a tree rearranged from this one: new pointer to old pointer.

        What is not below a listed pointer has stayed where it was.
        """
        return replace(self, moves=(*self.moves, dict(entries)))


def _nearest(table: Mapping[Pointer, _T], pointer: Pointer) -> tuple[int, _T | None]:
    """The entry for the longest prefix of ``pointer`` that has one, and the length of that prefix."""
    for depth in range(len(pointer), -1, -1):
        found = table.get(pointer[:depth])
        if found is not None:
            return depth, found
    return 0, None
