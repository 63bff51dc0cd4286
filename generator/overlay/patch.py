"""A tree that changes, with each node's origin: the bundle, or the line of an overlay.

Nothing that the tree shares with others is ever written to: what changes is copied first, from the root down to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator.document import Document
from generator.tree import Json, JsonObject, Pointer, is_array, is_object


@dataclass(slots=True)
class Origin:
    """Where a node was written: at ``pointer`` of an overlay, or of the bundle where ``document`` is ``None``.

    ``parts`` are the origins of what the node holds, once it was changed: of all elements of an array, of those
    properties of an object that are not where the object is from. While it is ``None`` the node is shared.
    """

    document: Document | None
    pointer: Pointer
    parts: dict[str, Origin] | list[Origin] | None = None

    def part(self, token: str | int) -> Origin:
        """The origin of a property or an element."""
        if isinstance(self.parts, list):
            return self.parts[int(token)]
        found = self.parts.get(str(token)) if self.parts is not None else None
        return found or Origin(self.document, (*self.pointer, token))

    def is_bundle(self, pointer: Pointer) -> bool:
        """Whether this is the bundle's own at ``pointer``."""
        return self.document is None and self.pointer == pointer

    def keep(self, token: str | int, part: Origin) -> None:
        """Remembers the origin of a property or an element of what may be written to."""
        if isinstance(self.parts, list):
            self.parts[int(token)] = part
        elif self.parts is not None:
            self.parts[str(token)] = part


class Patch:
    """A document's tree while overlays are applied to it."""

    def __init__(self, tree: JsonObject) -> None:
        self.tree = tree
        self._origin = Origin(None, ())

    def origin(self, pointer: Pointer) -> Origin:
        """Where the node at ``pointer`` was written; of one that is not there, where it would have been."""
        node: Json = self.tree
        origin = self._origin
        for depth, token in enumerate(pointer):
            if origin.parts is None or not has(node, token):
                return Origin(origin.document, (*origin.pointer, *pointer[depth:]))
            node, origin = node[token], origin.part(token)
        return origin

    def now_at(self, place: Pointer) -> Pointer | None:
        """Where the node stands that stood at ``place`` of the bundle; ``None`` when it was removed or replaced."""
        node: Json = self.tree
        origin, way = self._origin, list[str | int]()
        for depth, token in enumerate(place, 1):
            if isinstance(origin.parts, list):
                indexes = (index for index, part in enumerate(origin.parts) if part.is_bundle(place[:depth]))
                token = next(indexes, len(origin.parts))
            if not has(node, token) or not origin.part(token).is_bundle(place[:depth]):
                return None
            node, origin = node[token], origin.part(token)
            way.append(token)
        return tuple(way)

    def merge(self, pointer: Pointer, value: JsonObject, origin: Origin) -> Iterator[tuple[Pointer, Origin]]:
        """Merges ``value`` into the object at ``pointer`` (Overlay 1.1.0, section 4.4.3).

        Gives the places of properties that are incompatible, and where those were written that should be merged there.
        """
        node, own = self._own(pointer)
        for key, new in value.items():
            at, source = (*pointer, key), origin.part(key)
            if key not in node or (is_primitive(node[key]) and is_primitive(new)):
                node[key] = new
                own.keep(key, source)
            elif is_object(node[key]) and is_object(new):
                yield from self.merge(at, new, source)
            elif is_array(node[key]) and is_array(new):
                self.extend(at, new, [source.part(index) for index in range(len(new))])
            else:
                yield at, source

    def extend(self, pointer: Pointer, values: list[Json], origins: list[Origin]) -> None:
        """Appends to the array at ``pointer``."""
        node, own = self._own(pointer)
        node += values
        assert isinstance(own.parts, list)
        own.parts += origins

    def replace(self, pointer: Pointer, value: Json, origin: Origin) -> None:
        """Puts ``value`` in the place of the node at ``pointer``, which is not the root."""
        node, own = self._own(pointer[:-1])
        node[pointer[-1]] = value
        own.keep(pointer[-1], origin)

    def remove(self, pointer: Pointer) -> None:
        """Takes the node at ``pointer`` out of what it is in."""
        node, own = self._own(pointer[:-1])
        token = pointer[-1]
        del node[token]
        if isinstance(own.parts, list):
            del own.parts[int(token)]
        elif own.parts is not None:
            own.parts.pop(str(token), None)

    def _own(self, pointer: Pointer) -> tuple[Json, Origin]:
        """The container at ``pointer``, to be written to, and its origin: it and all around it are copied once."""
        origin = self._origin
        node = self.tree = _to_be_written(self.tree, origin)
        for token in pointer:
            inner = origin.part(token)
            node[token] = _to_be_written(node[token], inner)
            origin.keep(token, inner)
            node, origin = node[token], inner
        return node, origin


def _to_be_written(node: Json, origin: Origin) -> Json:
    if origin.parts is not None:
        return node
    origin.parts = {} if is_object(node) else [origin.part(index) for index in range(len(node))]
    return node.copy()


def is_primitive(value: Json) -> bool:
    """Whether ``value`` is neither an object nor an array; null is one (RFC 8259, section 1)."""
    return not isinstance(value, dict | list)


def has(node: Json, token: str | int) -> bool:
    """Whether a node has the property or the element."""
    return token in node if is_object(node) else is_array(node) and isinstance(token, int) and token < len(node)
