"""What ``discriminator`` says: which value of which property means which class (OpenAPI 3.1.1, 4.8.25)."""

from __future__ import annotations

from generator.tree import Json, Pointer, is_object

from .classes import COMPONENTS
from .combine import Merged
from .sources import Source, SourceTree, is_component


class Tags:
    """The values of tag properties that discriminators promise, by class and property.

    ``promised`` holds each set of values that one discriminator gives to a class: there are several where
    discriminators disagree.
    """

    def __init__(self, tree: SourceTree, components: dict[Pointer, str]) -> None:
        self._tree = tree
        self._components = components
        self.promised: dict[tuple[str, str], set[tuple[str, ...]]] = {}

    def of_member(self, class_name: str, member: Source, discriminator: Json) -> None:
        """Notes what the discriminator of a union says of the class that one of its members became."""
        key = property_of(discriminator)
        if not key:
            return
        place = self._tree.aliased(member)
        mapping = self._mapping(discriminator)
        tags = mapping.get(place) or mapping.get(self._tree.aliased(self._tree.at(place))) or self._implicit(place)
        if tags:
            self._promise(class_name, key, tags)

    def of_subclass(self, class_name: str, merged: Merged) -> None:
        """Notes what the discriminators of its parents say of a class that builds on them through ``allOf``.

        A parent that lists its children means those, one without a mapping every class right below it.
        """
        place = merged.pointer
        for leaf in merged.leaves:
            discriminator: Json = leaf.node.get("discriminator")
            key = property_of(discriminator)
            if not key or leaf.depth == 0:
                continue
            mapping = self._mapping(discriminator)
            tags = mapping.get(place, ())
            if not mapping and leaf.depth == 1:
                tags = self._implicit(place)
            if tags:
                self._promise(class_name, key, tags)

    def _promise(self, class_name: str, key: str, tags: tuple[str, ...]) -> None:
        self.promised.setdefault((class_name, key), set()).add(tags)

    def _implicit(self, place: Pointer) -> tuple[str, ...]:
        """Without a mapping, the name of the schema is the tag, or what Azure's documents write beside it."""
        if not is_component(place):
            return ()
        node = self._tree.at(place).node
        said = node.get("x-ms-discriminator-value") if is_object(node) else None
        return (said if isinstance(said, str) else str(place[-1]),)

    def _mapping(self, discriminator: Json) -> dict[Pointer, tuple[str, ...]]:
        """The values that mean each class. A value of the mapping is a reference, or the name of a schema."""
        mapping = discriminator.get("mapping")
        found: dict[Pointer, tuple[str, ...]] = {}
        for tag, target in mapping.items() if is_object(mapping) else ():
            place = self._place(target)
            if place is not None:
                found[place] = (*found.get(place, ()), tag)
        return found

    def _place(self, target: Json) -> Pointer | None:
        if not isinstance(target, str):
            return None
        if (*COMPONENTS, target) in self._components:
            return (*COMPONENTS, target)
        try:
            return self._tree.target(target) if target.startswith("#/") else None
        except KeyError:
            return None


def property_of(discriminator: Json) -> str:
    """The tag property that a discriminator names."""
    key = discriminator.get("propertyName") if is_object(discriminator) else None
    return key if isinstance(key, str) else ""


def has_tag(merged: Merged) -> bool:
    """Whether a schema that it builds on has a discriminator."""
    return any(property_of(leaf.node.get("discriminator")) for leaf in merged.leaves)
