"""What needs what in a bundled document: operations, and the components that they lead to.

A document falls into *units*: operations, what their paths say of all of them, components, webhooks. A unit is the least that
can be left out. What stands in none of them (``info``, ``servers``) is needed by all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from generator.openapi import SHAPES, SWAGGER_SECTION, Kind, children, is_method, is_reference, operations
from generator.tree import Json, JsonObject, Pointer, is_array, is_object, parse_pointer, resolve

_SECTION_KINDS = {section: kind.strip("{}") for section, kind in SHAPES["components"].items()}
_SWAGGER_KINDS = {section: kind for kind, section in SWAGGER_SECTION.items()}


def unit_of(pointer: Pointer) -> Pointer | None:
    """The unit that a node belongs to, ``None`` for what every operation needs.

    An extension of the document (``#/x-shared/Error``) is a unit too, for references may lead there.
    """
    match pointer:
        case ("components", "pathItems", _, *inside):
            return pointer[: 3 + _depth(inside)]
        case ("paths" | "webhooks", _, *inside):
            return pointer[: 2 + _depth(inside)]
        case ("components", _, _, *_):
            return pointer[:3]
        case (str(section), _, *_) if section in _SWAGGER_KINDS or section.startswith("x-"):
            return pointer[:2]
        case _:
            return None


def _depth(inside: Sequence[str | int]) -> int:
    """How many of the tokens below a path item lead to the operation that they name, if they name one."""
    match inside:
        case ("additionalOperations", _, *_):
            return 2
        case (key, *_) if is_method(key):
            return 1
        case _:
            return 0


class Reach:
    """The units of one document and the references between them.

    What references lead to outside of the known shape (``#/x-shared/errors/404``) counts as a unit of its own, which
    needs the extension that it stands in.
    """

    def __init__(self, tree: JsonObject) -> None:
        self._tree = tree
        self._needs: dict[Pointer, frozenset[Pointer]] = {}
        self._outside: dict[Pointer, Kind] = {}
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
        kind = self.units.get(unit) or self._outside.get(unit)
        try:
            node: Json = resolve(self._tree, unit)
        except KeyError:
            return
        if kind is None:
            return
        if unit in self._outside or kind == "operation":
            yield unit_of(unit[:-1]) or unit
        pending: list[tuple[Kind, Json, Pointer]] = [(kind, node, unit)]
        while pending:
            kind, node, at = pending.pop()
            for target in _targets(kind, node, self._tree):
                need = unit_of(target)
                if need in self.units:
                    yield need
                elif need is not None:
                    self._outside.setdefault(target, kind)
                    yield target
            # The operations of a path item are units themselves.
            pending += [child for child in children(kind, node, at) if child[2] not in self.units]


def _units(tree: JsonObject) -> Iterator[tuple[Pointer, Kind]]:
    for section in ("paths", "webhooks"):
        for name, item in _entries(tree, (section,)):
            yield from _path_units((section, name), item)
    for section, kind in _SECTION_KINDS.items():
        for name, node in _entries(tree, ("components", section)):
            at = ("components", section, name)
            yield from _path_units(at, node) if section == "pathItems" else [(at, kind)]
    if "swagger" in tree:
        for section, kind in _SWAGGER_KINDS.items():
            yield from (((section, name), kind) for name, _ in _entries(tree, (section,)))


def _path_units(at: Pointer, item: Json) -> Iterator[tuple[Pointer, Kind]]:
    yield at, "pathItem"
    for _, _, inside in operations(item) if is_object(item) else ():
        yield (*at, *inside), "operation"


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
    if kind == "discriminator":
        mapping = node.get("mapping")
        names = [*(mapping.values() if is_object(mapping) else ()), node.get("defaultMapping")]
        for name in (name for name in names if isinstance(name, str)):
            yield from _local(name) if "#" in name else [("components", "schemas", name)]
    if kind == "operation":
        security = node.get("security", tree.get("security"))
        holder: Pointer = ("securityDefinitions",) if "swagger" in tree else ("components", "securitySchemes")
        for requirement in security if is_array(security) else [security]:
            yield from ((*holder, name) for name in (requirement if is_object(requirement) else ()))


def _local(reference: Json) -> Iterator[Pointer]:
    if isinstance(reference, str) and reference.startswith("#/"):
        yield parse_pointer(reference[1:])
