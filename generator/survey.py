"""What there is to bundle: every reference that can be reached, and where its target will stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count
from posixpath import splitext
from urllib.parse import unquote

from generator.errors import Diagnostic
from generator.openapi import (
    COMPONENT_SECTION,
    Kind,
    children,
    has_dynamic_reference,
    is_reference,
    kind_of_component,
    section_of,
)
from generator.references import Place, Resolver
from generator.tree import Json, JsonObject, Pointer, encode_reference, is_array, is_object

_MISPLACED = {"text": "a text", "[": "a list", "{": "a mapping"}
_NOT_NEEDED = ("link", "example")
"""What nothing is generated from: a reference there that cannot be followed stops no one."""
_ALIKE = ({"parameter", "header"},)
_MAY_STAND_FOR = ("parameter", "requestBody", "response", "mediaType")
"""Where a reference to a schema has a meaning, which the stage of repairs writes out."""
_DOCUMENT_SUFFIXES = (".yaml", ".yml", ".json")
_LEADS_NOWHERE = {"dangling-reference", "reference-fragment", "file-missing"}
_COMPONENT_REFERENCE = re.compile(
    r"(#/?(components/\w+|(?P<own>definitions|\$defs)|schemas|parameters|responses)/)?(?P<name>[^/#]+)"
)


def _looks_like_reference(name: str) -> bool:
    """Whether a discriminator maps to a reference and not to the name of a component (OpenAPI 3.1.1, 4.8.25)."""
    return "#" in name or "/" in name or name.lower().endswith(_DOCUMENT_SUFFIXES)


class Survey:
    """The references of a spec by the place they stand at (``links``), and the homes of what they lead to.

    ``left_out`` are the places of references that cannot be followed and that nothing needs, ``for_later`` of those that the
    stage of repairs gives a meaning. ``local`` are targets in the entry file and what they are used as; ``added`` are
    external ones that become components, each with its pointer in the bundle. Both are in the order of their first use.
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
        self.left_out: set[Place] = set()
        self.for_later: set[Place] = set()
        self._misplaced: dict[Kind, list[Place]] = {}
        self._dynamic: list[Place] = []
        self._noted: list[Diagnostic] = []

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
            elif kind == "schema" and has_dynamic_reference(node):
                self._dynamic.append(place)
                found += self._follow(kind, place, {"$ref": node["$dynamicRef"]})
            elif kind == "discriminator":
                for at, name in mapped_references(place, node):
                    found += self._follow_mapping(at, name)
            found += [
                (inner, Place(place.file, pointer), value)
                for inner, value, pointer in children(kind, node, place.pointer)
            ]
            stack.extend(reversed(found))

    def _follow(self, kind: Kind, at: Place, node: JsonObject) -> Iterator[tuple[Kind, Place, Json]]:
        stays = self.stays(kind)
        told = len(self.resolver.diagnostics)
        target = self.resolver.target(at, node, kind=kind, stays=stays)
        if target is None:
            target = self._meant(kind, at, node["$ref"], told)
        if target is None and kind in _NOT_NEEDED:
            self._leave_out(at, told, why="nothing is generated from it, so it is left out")
        if target is not None:
            target = self._of_kind(kind, target, at)
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

    def _meant(self, kind: Kind, at: Place, reference: str, told: int) -> Place | None:
        """What a reference which leads nowhere names all the same, where just one thing can be meant.

        Those are references by name alone, as Swagger 1.2 has them, pointers into the section of another version, and
        into the ``$defs`` of the schema around them: what libraries write of a class, put into a document as it is.
        """
        written = _COMPONENT_REFERENCE.fullmatch(reference.strip())
        section = section_of(kind, swagger=self.swagger)
        problems = self.resolver.diagnostics[told:]
        if written is None or section is None or {problem.code for problem in problems} - _LEADS_NOWHERE:
            return None
        name = unquote(written["name"]).replace("~1", "/").replace("~0", "~")
        around = range(len(at.pointer), 0, -1) if kind == "schema" and written["own"] else ()
        own = [Place(at.file, (*at.pointer[:length], written["own"], name)) for length in around]
        meant = next((place for place in (*own, Place(self.entry.name, (*section, name))) if self._exists(place)), None)
        if not problems or meant is None or (meant not in own and is_reference(self.resolver.value(meant))):
            return None
        del self.resolver.diagnostics[told:]
        is_mapped = isinstance(self.resolver.value(at), str)
        where = self.resolver.document(at).locate(at.pointer if is_mapped else (*at.pointer, "$ref"))
        message = f"'{reference}' leads nowhere: it is read as the {kind} of that name"
        hint = f"write '{encode_reference(meant.pointer)}'"
        self._noted.append(Diagnostic("warning", "reference-name", message, where, hint))
        return meant

    def _follow_mapping(self, at: Place, name: str) -> Iterator[tuple[Kind, Place, Json]]:
        """An entry of a discriminator's mapping: a reference, or what only looks like one and ends in a schema's name."""
        told = len(self.resolver.diagnostics)
        yield from self._follow("schema", at, {"$ref": name})
        section = section_of("schema", swagger=self.swagger) or ()
        meant = Place(self.entry.name, (*section, name.rpartition("/")[2]))
        if at in self.links:
            return
        if not self._exists(meant):
            self._leave_out(at, told, why="the entry is left out: members are told apart by what they say themselves")
        else:
            del self.resolver.diagnostics[told:]
            where = self.resolver.document(at).locate(at.pointer)
            message = f"'{name}' leads nowhere: it is read as the schema of that name"
            hint = f"write '{encode_reference(meant.pointer)}'"
            self._noted.append(Diagnostic("warning", "mapping-name", message, where, hint))
            self.links[at] = meant
            self.local.setdefault(meant, "schema")

    def _exists(self, place: Place) -> bool:
        try:
            self.resolver.value(place)
        except KeyError:
            return False
        return True

    def _leave_out(self, at: Place, told: int, *, why: str) -> None:
        """Turns what was said of the reference at ``at``, the errors after the first ``told``, into warnings."""
        self.left_out.add(at)
        for problem in self.resolver.diagnostics[told:]:
            self._noted.append(replace(problem, level="warning", message=f"{problem.message}; {why}"))
        del self.resolver.diagnostics[told:]

    def _of_kind(self, kind: Kind, target: Place, at: Place) -> Place | None:
        """The target, or the schema in it where a schema is asked for; nothing where it is of another kind."""
        own = target.file == self.entry.name
        found = kind_of_component(target.pointer, swagger=self.swagger) if own else None
        if own and not target.pointer:
            found = "document"
        checked = kind in COMPONENT_SECTION or kind in _MAY_STAND_FOR
        if not checked or found in (None, kind) or {found, kind} in _ALIKE:
            return target
        if found == "schema" and kind in _MAY_STAND_FOR and at.file == target.file:
            self.for_later.add(at)
            return None
        value = self.resolver.value(target)
        if kind == "schema" and found != "document" and is_object(value) and "schema" in value:
            place = self.resolver.document(at).locate((*at.pointer, "$ref"))
            message = f"this reference leads to a {found}, where a schema must stand: the schema in it is read"
            hint = f"write '{encode_reference((*target.pointer, 'schema'))}'"
            self._noted.append(Diagnostic("warning", "reference-meant", message, place, hint))
            return target.child("schema")
        message = f"this reference leads to a {found}, where a {kind} must stand"
        self.resolver.report("reference-kind", message, at, hint="correct the pointer", key="$ref")
        return None

    def warnings(self) -> Iterator[Diagnostic]:
        """What was left out or read as meant; one for each kind of object that a reference may not stand for."""
        yield from self._noted
        if self._dynamic:
            first = self.resolver.document(self._dynamic[0]).locate(
                (*self._dynamic[0].pointer, "$dynamicRef"), key=True
            )
            message = "types read `$dynamicRef` as a `$ref`: what it leads to does not depend on the way there"
            hint = "write `$ref` where that is what is meant"
            yield Diagnostic("warning", "dynamic-reference", message, first, hint)
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
    """The entries of a discriminator's mapping, and its ``defaultMapping``, that are references."""
    if not is_object(discriminator):
        return
    default, mapping = discriminator.get("defaultMapping"), discriminator.get("mapping")
    if isinstance(default, str) and _looks_like_reference(default):
        yield place.child("defaultMapping"), default
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
