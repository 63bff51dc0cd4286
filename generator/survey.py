"""What there is to bundle: every reference that can be reached, and where its target will stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from posixpath import splitext

from generator.errors import Diagnostic
from generator.openapi import COMPONENT_SECTION, Kind, children, is_reference, section_of
from generator.references import Place, Resolver
from generator.tree import Json, JsonObject, Pointer, is_array, is_object

_MISPLACED = {"text": "a text", "[": "a list", "{": "a mapping"}
_DOCUMENT_SUFFIXES = (".yaml", ".yml", ".json")


def _looks_like_reference(name: str) -> bool:
    """Whether a discriminator maps to a reference and not to the name of a component (OpenAPI 3.1.1, 4.8.25)."""
    return "#" in name or "/" in name or name.lower().endswith(_DOCUMENT_SUFFIXES)


class Survey:
    """The references of a spec by the place they stand at (``links``), and the homes of what they lead to.

    ``local`` are targets in the entry file and what they are used as; ``added`` are external ones that become
    components, each with its pointer in the bundle. Both are in the order of their first use.
    """

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.entry = resolver.entry
        self.swagger = "swagger" in self.entry.root
        self.links: dict[Place, Place] = {}
        self.homes: dict[tuple[Kind, Place], Pointer] = {}
        self.local: dict[Place, Kind] = {}
        self.added: list[tuple[Kind, Place, Pointer]] = []
        self._used: dict[tuple[Kind, Place], None] = {}
        self._misplaced: dict[Kind, list[Place]] = {}

    def stays(self, kind: Kind) -> bool:
        """Whether a reference where ``kind`` is expected remains one in the bundle."""
        return kind == "pathItem" or section_of(kind, swagger=self.swagger) is not None

    # -- following -----------------------------------------------------------------------------------

    def walk(self) -> None:
        """Find all references that can be reached from the entry document, and their targets."""
        root = Place(self.entry.name, ())
        stack: list[tuple[Kind, Place, Json]] = [("document", root, self.entry.root)]
        seen: set[tuple[Kind, Place]] = set()
        while stack:
            kind, place, node = stack.pop()
            if (kind, place) in seen:
                continue
            seen.add((kind, place))
            found: list[tuple[Kind, Place, Json]] = []
            if is_reference(node):
                found += self._follow(kind, place, node)
            elif kind == "discriminator":
                for at, name in mapped_references(place, node):
                    found += self._follow("schema", at, {"$ref": name})
            found += [
                (inner, Place(place.file, pointer), value)
                for inner, value, pointer in children(kind, node, place.pointer)
            ]
            stack.extend(reversed(found))

    def _follow(self, kind: Kind, at: Place, node: JsonObject) -> Iterator[tuple[Kind, Place, Json]]:
        stays = self.stays(kind)
        target = self.resolver.target(at, node, kind=kind, stays=stays)
        if target is None:
            return
        self.links[at] = target
        if target.file == self.entry.name:
            self.local.setdefault(target, kind)
        elif stays and kind != "pathItem":
            self._used.setdefault((kind, target))
        if not stays and kind != "mediaType":
            self._misplaced.setdefault(kind, []).append(at)
        yield kind, target, self.resolver.value(target)

    def warnings(self) -> Iterator[Diagnostic]:
        """One for each kind of object that a reference may not stand for, at the first of them."""
        for kind, places in self._misplaced.items():
            what = _MISPLACED.get(kind[0]) or _MISPLACED.get(kind, f"an object ({kind})")
            more = f" (and {len(places) - 1:,} more)" if len(places) > 1 else ""
            message = f"OpenAPI has no `$ref` in place of {what}; its target is written out here{more}"
            first = self.resolver.document(places[0]).locate((*places[0].pointer, "$ref"))
            hint = "write the content here, or go on as it is"
            yield Diagnostic("note", "misplaced-reference", message, first, hint)

    # -- naming --------------------------------------------------------------------------------------

    def name_components(self) -> None:
        """Decide where each external target stands in the bundle."""
        taken: dict[Kind, dict[str, Place]] = {}
        for kind in COMPONENT_SECTION:
            section = section_of(kind, swagger=self.swagger)
            if section is not None:
                taken[kind] = self._root_components(kind, section)
        inside = {place: pointer for (_, place), pointer in self.homes.items()}
        for kind, target in self._used:
            if (kind, target) in self.homes:
                continue
            inner = _below(inside, target)
            if inner is not None:
                self.homes[kind, target] = inner
                continue
            name, is_new = self._choose_name(target, taken[kind])
            section = section_of(kind, swagger=self.swagger)
            pointer = (*(section or ()), name)
            self.homes[kind, target] = pointer
            if is_new:
                taken[kind][name] = target
                self.added.append((kind, target, pointer))

    def _root_components(self, kind: Kind, section: Pointer) -> dict[str, Place]:
        """The places of the entry document's own components; external ones get their home in passing."""
        base = Place(self.entry.name, ())
        for token in section:
            base = self._through(base).child(token)
        base = self._through(base)
        try:
            entries = self.resolver.value(base)
        except KeyError:
            return {}
        taken: dict[str, Place] = {}
        if not is_object(entries):
            return taken
        for name, node in entries.items():
            place = base.child(name)
            if is_reference(node) and len(node) == 1:
                place = self.links.get(place, place)
            taken[name] = place
            if place.file != self.entry.name:
                self.homes.setdefault((kind, place), (*section, name))
        return taken

    def _through(self, place: Place) -> Place:
        """The end of the references that stand at ``place`` itself."""
        return self.links.get(place, place)

    def _choose_name(self, target: Place, taken: Mapping[str, Place]) -> tuple[str, bool]:
        """A name for an external node, and whether it is free: an equal node may have it already."""
        for name in _candidates(target):
            holder = taken.get(name)
            if holder is None:
                return name, True
            if self._same(holder, target):
                return name, False
        raise AssertionError("the numbers never end")

    def _same(self, left: Place, right: Place) -> bool:
        """Whether two nodes say the same: equal values, and references that lead to nodes that say the same."""
        assumed: set[tuple[Place, Place]] = set()
        waiting = [(left, right)]
        while waiting:
            pair = waiting.pop()
            if pair[0] == pair[1] or pair in assumed:
                continue
            assumed.add(pair)
            a, b = (self.resolver.value(place) for place in pair)
            if is_object(a) and is_object(b):
                if a.keys() != b.keys():
                    return False
                keys = set(a)
                ends = (self.links.get(pair[0]), self.links.get(pair[1]))
                if ends[0] and ends[1]:
                    waiting.append((ends[0], ends[1]))
                    keys.remove("$ref")
                waiting += [(pair[0].child(key), pair[1].child(key)) for key in keys]
            elif is_array(a) and is_array(b):
                if len(a) != len(b):
                    return False
                waiting += [(pair[0].child(i), pair[1].child(i)) for i in range(len(a))]
            elif type(a) is not type(b) or a != b:
                return False
        return True


def mapped_references(place: Place, discriminator: Json) -> Iterator[tuple[Place, str]]:
    """The entries of a discriminator's mapping that are references."""
    mapping: Json = discriminator.get("mapping") if is_object(discriminator) else None
    if is_object(mapping):
        for key, name in mapping.items():
            if isinstance(name, str) and _looks_like_reference(name):
                yield place.child("mapping").child(key), name


def _below(homes: Mapping[Place, Pointer], target: Place) -> Pointer | None:
    """Where ``target`` stands because a node around it is a root component.

    What stands in ``$defs`` is meant to be shared, and gets a name of its own instead.
    """
    if target.pointer[-2:-1] in (("$defs",), ("definitions",)):
        return None
    for depth in range(len(target.pointer), -1, -1):
        home = homes.get(Place(target.file, target.pointer[:depth]))
        if home is not None:
            return (*home, *target.pointer[depth:])
    return None


def _candidates(target: Place) -> Iterator[str]:
    """Names for a node, best first: its key or file, then that with the folders before it, at last with a number."""
    *folders, file = splitext(target.file)[0].split("/")
    parts = [*folders, file]
    if target.pointer:
        name = str(target.pointer[-1])
        if not isinstance(target.pointer[-1], int):
            yield name
    else:
        name = parts.pop()
        yield name
    for part in reversed(parts):
        name = f"{part}_{name}"
        yield name
    for number in count(2):
        yield f"{name}_{number}"
