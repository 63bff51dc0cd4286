"""Nodes of pages, and the tree that they are put into, which remembers where each of them came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from generator.bundle import Bundle, Provenance
from generator.document import Document
from generator.errors import Diagnostic, Location
from generator.openapi import is_reference
from generator.tree import Json, JsonObject, Pointer, is_object, parse_pointer, resolve


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One of the documents that are merged; ``number`` is its place among them, which does not depend on their order."""

    number: int
    bundle: Bundle

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        return replace(self.bundle.provenance.locate(pointer, key=key), bundled=None)


class Part(NamedTuple):
    """A node of a page, with its place there."""

    page: Page
    pointer: Pointer
    node: Json

    def child(self, key: str | int) -> Part:
        return Part(self.page, (*self.pointer, key), self.node[key])

    def fields(self) -> Iterator[tuple[str, Part]]:
        """What the node holds by key; nothing where it is no object."""
        if is_object(self.node):
            for key in self.node:
                yield key, self.child(key)

    def get(self, *keys: str) -> Part | None:
        """The node at the end of these keys, if there is one."""
        part = self
        for key in keys:
            if not is_object(part.node) or key not in part.node:
                return None
            part = part.child(key)
        return part

    def followed(self) -> Part:
        """What stands at the end of the references that the node is."""
        part, passed = self, {self.pointer}
        while is_reference(part.node) and part.node["$ref"].startswith("#"):
            pointer: Pointer = parse_pointer(part.node["$ref"][1:])
            if pointer in passed:
                break
            passed.add(pointer)
            try:
                part = Part(part.page, pointer, resolve(part.page.bundle.tree, pointer))
            except KeyError:  # told as a reference that dangles
                break
        return part

    def locate(self, *way: str | int, key: bool = False) -> Location:
        """Where the node stands, or what is in it at ``way``."""
        return self.page.locate((*self.pointer, *way), key=key)


@dataclass(slots=True)
class Merging:
    """The tree that grows out of the pages, and what is found on the way."""

    pages: Sequence[Page]
    tree: JsonObject = field(default_factory=dict[str, Json])
    found: list[Diagnostic] = field(default_factory=list[Diagnostic])
    _origins: dict[Pointer, Part] = field(default_factory=dict[Pointer, Part])
    _homes: dict[int, dict[Pointer, list[Pointer]]] = field(default_factory=dict[int, dict[Pointer, list[Pointer]]])
    _twins: dict[int, dict[Pointer, Pointer]] = field(default_factory=dict[int, dict[Pointer, Pointer]])

    def put(self, out: Pointer, part: Part) -> None:
        """Put a node with all that is in it at ``out``."""
        self.write(out, part.node, part)
        self._homes.setdefault(part.page.number, {}).setdefault(part.pointer, []).append(out)

    def write(self, out: Pointer, value: Json, origin: Part) -> None:
        """Put a value that is made here at ``out``; a message about it points at ``origin``."""
        container: Json = self.tree
        for token in out[:-1]:
            container = container[token]
        if is_object(container):
            container[str(out[-1])] = value
        else:
            container.append(value)
        self._origins[out] = origin

    def drop(self, parts: Iterable[Part], out: Pointer) -> None:
        """Nodes that say what stands at ``out`` already."""
        for part in parts:
            self._twins.setdefault(part.page.number, {})[part.pointer] = out

    # -- what became of the pages --------------------------------------------------------------------

    def home(self, page: Page, pointer: Pointer) -> Pointer:
        """Where in the tree stands what stood at a place of a page, or what says the same."""
        homes, twins = self._homes.get(page.number, {}), self._twins.get(page.number, {})
        for depth in range(len(pointer), 0, -1):
            head, rest = pointer[:depth], pointer[depth:]
            if head in homes:
                return (*homes[head][0], *rest)
            if head in twins:
                return (*twins[head], *rest)
        return pointer

    def provenance(self) -> Provenance:
        """Where each node of the tree was written."""
        sources: dict[Pointer, tuple[Document, Pointer]] = {}
        for page in self.pages:
            homes = self._homes.get(page.number, {})
            for pointer, source in page.bundle.provenance.sources.items():
                for depth in range(len(pointer), 0, -1):
                    if pointer[:depth] in homes:
                        for home in homes[pointer[:depth]]:
                            sources[*home, *pointer[depth:]] = source
                        break
        for out, part in self._origins.items():
            sources[out] = _source(part.page.bundle, part.pointer)
        sources[()] = self.pages[0].bundle.provenance.sources[()]
        return Provenance(sources)


def _source(bundle: Bundle, pointer: Pointer) -> tuple[Document, Pointer]:
    sources = bundle.provenance.sources
    depth = next(depth for depth in range(len(pointer), -1, -1) if pointer[:depth] in sources)
    document, start = sources[pointer[:depth]]
    return document, (*start, *pointer[depth:])
