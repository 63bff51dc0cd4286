"""Many files to one document: every ``$ref`` of the result is local, and every node knows where it came from.

What another file holds becomes a component under its own name, or stands at the root component that refers to it. A
path item is written out at the first path that refers to it; further paths with the same one refer to that path, and
later stages read them as one operation with two routes. Where OpenAPI has no place for shared objects, or none for a
reference (an operation, ``paths``, a description), the target is written out in place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from generator.document import Document
from generator.errors import Diagnostic, SpecloomError
from generator.openapi import Kind, children, has_dynamic_reference, is_reference, meta_schema
from generator.provenance import Provenance
from generator.references import Place, Resolver
from generator.survey import Survey, mapped_references
from generator.tree import Json, JsonObject, Pointer, encode_reference, format_pointer, is_array, is_object
from generator.yaml12 import MAX_DEPTH

__all__ = ["Bundle", "Provenance", "bundle"]

MAX_COPIES = 200_000
"""How many nodes may stand in the bundle once more, where references are written out in place."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """One document out of several.

    ``tree`` keeps the order of the entry document, with the components that other files gave after its own, in the
    order of their first use. ``documents`` are all files that took part, by name. ``errors`` is what was wrong with
    references, and ``broken`` the places of the tree where they stand as they were.
    """

    tree: JsonObject
    provenance: Provenance
    documents: tuple[Document, ...]
    warnings: tuple[Diagnostic, ...]
    errors: tuple[Diagnostic, ...] = ()
    broken: tuple[Pointer, ...] = ()


def bundle(entry: Document, *, read: Callable[[str], bytes], keep_going: bool = False) -> Bundle:
    """Follow every reference from ``entry`` on and write what it leads to into one tree.

    ``read`` gives the bytes of a path relative to the folder of the spec, or raises ``FileNotFoundError``. Raises
    :class:`SpecloomError` with everything that is wrong with the references and the files they name; with
    ``keep_going`` these are the bundle's ``errors`` as long as it is known where they stand in it.
    """
    resolver = Resolver(entry, read=read)
    survey = Survey(resolver)
    survey.walk()
    if resolver.diagnostics and not keep_going:
        raise SpecloomError(resolver.diagnostics)
    survey.name_components()
    emitter = _Emitter(resolver, survey)
    tree, sources = emitter.emit()
    if resolver.diagnostics and not (keep_going and emitter.broken):
        raise SpecloomError(resolver.diagnostics)
    origins = {pointer: (resolver.document(place), place.pointer) for pointer, place in sources.items()}
    broken = {(place.file, format_pointer(place.pointer)): out for out, place in reversed(emitter.broken.items())}
    return Bundle(
        tree,
        Provenance(origins),
        resolver.documents(),
        tuple(survey.warnings()),
        tuple(_placed(item, broken) for item in resolver.diagnostics),
        tuple(emitter.broken),
    )


def _placed(item: Diagnostic, broken: Mapping[tuple[str, str], Pointer]) -> Diagnostic:
    """The finding with its place in the tree, where it is about a reference that stands in it.

    ``broken`` are those, by file and pointer: the finding speaks of the reference itself or of something in it.
    """
    if item.location.bundled is not None:
        return item
    for where in (item.location, *(place for _, place in item.related)):
        pointer = where.pointer
        while pointer:
            if (where.file, pointer) in broken:
                return replace(item, location=replace(item.location, bundled=broken[where.file, pointer]))
            pointer = pointer.rpartition("/")[0]
    return item


@dataclass(slots=True)
class _Item:
    """A node still to be copied: it stands in ``container[key]`` and at ``out`` in the bundle, and comes from ``place``.

    ``own`` are the keys that come from elsewhere: the siblings of a reference whose target was written out here.
    ``within`` are the targets that were written out around it.
    """

    kind: Kind
    place: Place
    container: Json
    key: str | int
    out: Pointer
    within: frozenset[Place] = frozenset()
    own: Mapping[str | int, Place] = field(default_factory=dict[str | int, Place])


class _Emitter:
    """Writes the tree. Nodes are copied from the files' trees as far as kinds reach; data is shared with them."""

    def __init__(self, resolver: Resolver, survey: Survey) -> None:
        self._resolver = resolver
        self._survey = survey
        self._entry = resolver.entry
        self._stack: list[_Item] = []
        self._path_items: dict[Place, Pointer] = {}
        self._copied: set[Place] = set()
        self._emitted: set[Place] = set()
        self._copies = 0
        self._sources: dict[Pointer, Place] = {}
        self.broken: dict[Pointer, Place] = {}

    def emit(self) -> tuple[JsonObject, dict[Pointer, Place]]:
        """The tree, and for every pointer where another file begins, the place that it comes from."""
        holder: JsonObject = {"": self._entry.root}
        root = Place(self._entry.name, ())
        self._sources[()] = root
        self._run(_Item("document", root, holder, "", ()))
        tree: JsonObject = holder[""]
        for place, kind in self._survey.local.items():
            if place not in self._copied:
                self._run(self._in_copies(tree, place, kind))
        for kind, place, pointer in self._survey.added:
            section: Json = tree
            for token in pointer[:-1]:
                if not is_object(section.get(token)):
                    section[token] = {}
                section = section[token]
            section[pointer[-1]] = self._resolver.value(place)
            self._sources[pointer] = place
            self._run(_Item(kind, place, section, pointer[-1], pointer))
        return tree, self._sources

    def _in_copies(self, tree: JsonObject, place: Place, kind: Kind) -> _Item:
        """The item for a target outside the known shape, such as ``#/x-shared/Error``, its ancestors copied."""
        container: Json = tree
        for token in place.pointer[:-1]:
            container[token] = container[token].copy()
            container = container[token]
        key = place.pointer[-1] if place.pointer else ""
        return _Item(kind, place, container, key, place.pointer)

    def _run(self, first: _Item) -> None:
        self._stack.append(first)
        while self._stack:
            item = self._stack.pop()
            node = item.container[item.key]
            if len(item.out) > 2 * MAX_DEPTH:
                self._resolver.report("nesting", "the files nest too deep in each other", item.place)
                raise SpecloomError(self._resolver.diagnostics)
            self._count_copies(item)
            if item.kind == "schema" and (named := meta_schema(node)):
                # It leads out of the document. Without an anchor a dynamic reference is the same (Core, 8.2.3.2).
                others = {key: value for key, value in node.items() if key not in ("$ref", "$dynamicRef")}
                self._copy(item, {"$dynamicRef": named, **others})
            elif not (is_reference(node) or has_dynamic_reference(node)):
                self._copy(item, node)
            elif item.place in self._survey.links:
                self._reference(item, node if is_reference(node) else {"$ref": node["$dynamicRef"], **node})
            else:
                if item.place not in self._survey.for_later:
                    self.broken[item.out] = item.place
                self._copy(item, node)

    def _count_copies(self, item: _Item) -> None:
        """Raises ``SpecloomError`` at one copy too many: objects without a name that hold each other twice double at each level."""
        if not item.within:
            return
        self._copies += item.place in self._emitted
        self._emitted.add(item.place)
        if self._copies > MAX_COPIES:
            message = f"references to what has no name make more than {MAX_COPIES:,} copies of it; this is one of them"
            self._resolver.report("reference-bomb", message, item.place, hint="make the object a component")
            raise SpecloomError(self._resolver.diagnostics)

    def _copy(self, item: _Item, node: Json) -> None:
        """Copy one node without what it holds, which comes next."""
        if not (is_object(node) or is_array(node)):
            return
        if item.place.file == self._entry.name and item.out == item.place.pointer:
            self._copied.add(item.place)
        copy: Json = node.copy()
        item.container[item.key] = copy
        for key in [key for key in copy if item.place.child(key) in self._survey.left_out] if is_object(copy) else ():
            del copy[key]
        if item.kind == "discriminator":
            self._rewrite_mapping(item, copy)
        inner = [
            _Item(
                kind,
                item.own.get(pointer[0]) or item.place.child(pointer[0]),
                copy,
                pointer[0],
                (*item.out, pointer[0]),
                item.within,
            )
            for kind, _, pointer in children(item.kind, copy)
        ]
        self._stack.extend(reversed(inner))

    def _rewrite_mapping(self, item: _Item, discriminator: JsonObject) -> None:
        default = item.place.child("defaultMapping")
        for at, _ in list(mapped_references(item.place, discriminator)):
            lost = at in self._survey.left_out
            home = "" if lost else encode_reference(self._home("schema", self._survey.links[at]))
            if at != default:
                mapping = {**discriminator["mapping"], at.pointer[-1]: home}
                discriminator["mapping"] = {key: name for key, name in mapping.items() if name}
            elif lost:
                del discriminator["defaultMapping"]
            else:
                discriminator["defaultMapping"] = home

    def _home(self, kind: Kind, target: Place) -> Pointer:
        """Where in the bundle the references to ``target`` lead."""
        if target.file == self._entry.name:
            return target.pointer
        return self._survey.homes[kind, target]

    def _reference(self, item: _Item, node: JsonObject) -> None:
        target = self._survey.links[item.place]
        alone = len(node) == 1
        if not self._survey.stays(item.kind):
            self._write_out(item, node, target)
        elif item.kind != "pathItem":
            home = self._home(item.kind, target)
            if home == item.out:
                self._write_out(item, node, target)
            else:
                self._point(item, node, home)
        elif target.file == self._entry.name:
            self._point(item, node, target.pointer)
        elif target in self._path_items:
            self._point(item, node, self._path_items[target])
        else:
            if alone:
                self._path_items[target] = item.out
            self._write_out(item, node, target)

    def _point(self, item: _Item, node: JsonObject, home: Pointer) -> None:
        """Keep the reference, now to a place in the bundle, and go on with its siblings."""
        self._copy(item, {**node, "$ref": encode_reference(home)})

    def _write_out(self, item: _Item, node: JsonObject, target: Place) -> None:
        """Put the target where the reference stands; the siblings of the reference win."""
        if target in item.within:
            message = "this reference leads to an object that it stands in, and that has no name"
            hint = "make the object a component and refer to that"
            self._resolver.report("reference-cycle", message, item.place, hint=hint, key="$ref")
            self.broken[item.out] = item.place
            return
        value = self._resolver.value(target)
        siblings = {key: kept for key, kept in node.items() if key != "$ref"}
        if is_object(value) and siblings:
            value = {**value, **siblings}
        own: dict[str | int, Place] = {key: item.own.get(key) or item.place.child(key) for key in siblings}
        self._sources[item.out] = target
        self._sources |= {(*item.out, key): place for key, place in own.items()}
        item.container[item.key] = value
        self._stack.append(
            _Item(
                item.kind,
                target,
                item.container,
                item.key,
                item.out,
                item.within | {target},
                own,
            )
        )
