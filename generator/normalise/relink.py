"""References of a document whose parts have moved: each led to where its target stands now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeGuard

from generator.openapi import SHAPES, Kind, children, is_reference
from generator.tree import (
    Json,
    JsonObject,
    Pointer,
    encode_reference,
    is_array,
    is_object,
    parse_pointer,
    resolve,
)

Convert = Callable[[Kind, Json, Pointer], Json]


class Relinker:
    """Where the parts of a tree went: ``moved`` maps new pointers to old ones, as ``Provenance.moved`` takes them."""

    def __init__(self) -> None:
        self.moved: dict[Pointer, Pointer] = {}
        self._homes: dict[tuple[Kind, Pointer], Pointer] = {}
        self._links: list[tuple[Kind, Pointer, Pointer]] = []

    def note(self, new: Pointer, old: Pointer, *kinds: Kind) -> None:
        """Records that what stood at ``old`` stands at ``new``. References of these kinds to it, or into it, go along.

        The first place that is named for a kind is where they lead.
        """
        self.moved[new] = old
        for kind in kinds:
            self._homes.setdefault((kind, tuple(map(str, old))), new)

    def origin(self, pointer: Pointer) -> Pointer:
        """Where in the old tree stood what stands at ``pointer`` now, as far as is noted yet."""
        for depth in range(len(pointer), 0, -1):
            old = self.moved.get(pointer[:depth])
            if old is not None:
                return (*old, *pointer[depth:])
        return pointer

    def relinked(self, tree: JsonObject, *, convert: Convert | None = None) -> tuple[JsonObject, list[Pointer]]:
        """A copy of the document with its references led on, and the places of those that lead nowhere now.

        ``convert`` gives the new form of a target outside of the known shape, such as ``#/x-shared/Error``, if it has
        another.
        """
        self._links.clear()
        tree = self._copy("document", tree, ())
        done: set[tuple[Kind, Pointer]] = set()
        lost: list[Pointer] = []
        for kind, at, target in self._links:  # grows on the way
            try:
                node = resolve(tree, target)
            except KeyError:
                lost.append(at)
                continue
            if is_outside(target) and (kind, target) not in done:
                done.add((kind, target))
                node = convert(kind, node, target) if convert else node
                put(tree, target, self._copy(kind, node, target))
        return tree, lost

    def _copy(self, kind: Kind, node: Json, at: Pointer) -> Json:
        """The node and all that has a kind in it."""
        if not (is_object(node) or is_array(node)):
            return node
        copy: Json = node.copy()
        for inner, value, pointer in children(kind, node, at):
            copy[pointer[-1]] = self._copy(inner, value, pointer)
        if is_reference(copy):
            copy["$ref"] = self._led_on(kind, copy["$ref"], (*at, "$ref"))
        if kind == "discriminator" and is_object(copy.get("mapping")):
            copy["mapping"] = {
                key: self._led_on("schema", name, (*at, "mapping", key)) if _is_local(name) else name
                for key, name in copy["mapping"].items()
            }
        if kind == "discriminator" and _is_local(copy.get("defaultMapping")):
            copy["defaultMapping"] = self._led_on("schema", copy["defaultMapping"], (*at, "defaultMapping"))
        return copy

    def _led_on(self, kind: Kind, reference: str, at: Pointer) -> str:
        target: Pointer = parse_pointer(reference.removeprefix("#"))
        for depth in range(len(target), 0, -1):
            home = self._homes.get((kind, target[:depth]))
            if home is not None:
                target = (*home, *target[depth:])
                break
        self._links.append((kind, at, target))
        return encode_reference(target)


def _is_local(name: Json) -> TypeGuard[str]:
    return isinstance(name, str) and name.startswith("#/")


def is_outside(pointer: Pointer) -> bool:
    """Whether a target stands where no object has its place, such as ``#/x-shared/Error``."""
    section = str(pointer[1]) if pointer[:1] == ("components",) and len(pointer) > 1 else ""
    return bool(pointer) and (pointer[0] not in SHAPES["document"] or section not in ("", *SHAPES["components"]))


def put(tree: Json, pointer: Pointer, value: Json) -> None:
    """Puts a value where one stands already; what is around it is copied, since another tree may share it."""
    container = tree
    for depth, token in enumerate(pointer):
        key: Json = int(token) if is_array(container) else token
        container[key] = value if depth == len(pointer) - 1 else container[key].copy()
        container = container[key]
