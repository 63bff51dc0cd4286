"""What needs what in a bundled document: operations, and the components that they lead to.

A document falls into *units*: operations, what their paths say of all of them, components, webhooks. A unit is the least that
can be left out. What stands in none of them (``info``, ``servers``) is needed by all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from generator.openapi import COMPONENT_SECTION, METHODS, SWAGGER_SECTION, Kind, children, is_reference
from generator.tree import Json, JsonObject, Pointer, is_array, is_object, parse_pointer, resolve

_SECTION_KINDS = {section: kind for kind, section in COMPONENT_SECTION.items()}
_SWAGGER_KINDS = {section: kind for kind, section in SWAGGER_SECTION.items()}


def unit_of(pointer: Pointer) -> Pointer | None:
    """The unit that a node belongs to, ``None`` for what every operation needs.

    An extension of the document (``#/x-shared/Error``) is a unit too, for references may lead there.
    """
    match pointer:
        case ("components", "pathItems", _, method, *_) if method in METHODS:
            return pointer[:4]
        case ("paths", _, method, *_) if method in METHODS:
            return pointer[:3]
        case ("components", _, _, *_):
            return pointer[:3]
        case ("paths" | "webhooks", _, *_):
            return pointer[:2]
        case (str(section), _, *_) if section in _SWAGGER_KINDS or section.startswith("x-"):
            return pointer[:2]
        case _:
            return None


class Reach:
    """The units of one document and the references between them."""

    def __init__(self, tree: JsonObject) -> None:
        self._tree = tree
        self._needs: dict[Pointer, frozenset[Pointer]] = {}
        self.units: dict[Pointer, Kind] = dict(_units(tree))

    def closure(self, start: Iterable[Pointer]) -> set[Pointer]:
        """The units in ``start`` and all that they need."""
        pending, found = list(start), set[Pointer]()
        while pending:
            unit = pending.pop()
            if unit not in found:
                found.add(unit)
                pending += self._needed_by(unit)
        return found

    def users(self, broken: Collection[Pointer]) -> set[Pointer]:
        """The units in ``broken`` and all that need one of them, by whatever way."""
        needed_by: defaultdict[Pointer, list[Pointer]] = defaultdict(list)
        for unit in self.closure(self.units):
            for need in self._needed_by(unit):
                needed_by[need].append(unit)
        pending, found = list(broken), set[Pointer]()
        while pending:
            unit = pending.pop()
            if unit not in found:
                found.add(unit)
                pending += needed_by[unit]
        return found

    def _needed_by(self, unit: Pointer) -> frozenset[Pointer]:
        if unit not in self._needs:
            self._needs[unit] = frozenset(need for need in self._read(unit) if need != unit)
        return self._needs[unit]

    def _read(self, unit: Pointer) -> Iterator[Pointer]:
        """The units that the references in a unit lead to."""
        try:
            node: Json = resolve(self._tree, unit)
        except KeyError:
            return
        kind = self.units.get(unit, "schema")
        if kind == "operation":
            yield unit[:-1]
        pending: list[tuple[Kind, Json, Pointer]] = [(kind, node, unit)]
        while pending:
            kind, node, at = pending.pop()
            for target in _targets(kind, node, self._tree):
                need = unit_of(target)
                if need is not None:
                    self.units.setdefault(need, kind)
                    yield need
            own = at == unit and kind == "pathItem" and unit[0] != "webhooks"
            pending += [child for child in children(kind, node, at) if not (own and child[0] == "operation")]


def _units(tree: JsonObject) -> Iterator[tuple[Pointer, Kind]]:
    for path, item in _entries(tree, ("paths",)):
        yield from _path_units(("paths", path), item)
    for name, _ in _entries(tree, ("webhooks",)):
        yield ("webhooks", name), "pathItem"
    for section, kind in _SECTION_KINDS.items():
        for name, node in _entries(tree, ("components", section)):
            at = ("components", section, name)
            yield from _path_units(at, node) if section == "pathItems" else [(at, kind)]
    if "swagger" in tree:
        for section, kind in _SWAGGER_KINDS.items():
            yield from (((section, name), kind) for name, _ in _entries(tree, (section,)))


def _path_units(at: Pointer, item: Json) -> Iterator[tuple[Pointer, Kind]]:
    yield at, "pathItem"
    for method in METHODS:
        if is_object(item) and method in item:
            yield (*at, method), "operation"


def _entries(tree: JsonObject, at: Pointer) -> list[tuple[str, Json]]:
    node: Json = tree
    for token in at:
        node = node.get(str(token)) if is_object(node) else None
    return list(node.items()) if is_object(node) else []


def _targets(kind: Kind, node: Json, tree: JsonObject) -> Iterator[Pointer]:
    """Where the references lead that stand at a node itself, by ``$ref`` or by name."""
    if is_reference(node):
        yield from _local(node["$ref"])
    if not is_object(node):
        return
    if kind == "discriminator" and is_object(node.get("mapping")):
        for name in node["mapping"].values():
            yield from _local(name)
    if kind == "operation":
        security = node.get("security", tree.get("security"))
        holder: Pointer = ("securityDefinitions",) if "swagger" in tree else ("components", "securitySchemes")
        for requirement in security if is_array(security) else []:
            yield from ((*holder, name) for name in requirement if is_object(requirement))


def _local(reference: Json) -> Iterator[Pointer]:
    if isinstance(reference, str) and reference.startswith("#/"):
        yield parse_pointer(reference[1:])
