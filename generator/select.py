"""Which operations of a document are generated: what ``include`` takes, ``skip`` leaves out, and errors take away.

What is left is a document again, without what nothing in it needs any more. Nothing moves in it but entries of ``tags``, so
every place can still be told.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from generator.bundle import Bundle
from generator.openapi import (
    SHAPES,
    SWAGGER_SECTION,
    is_method,
    is_reference,
    operations,
    path_of,
)
from generator.reach import Reach, unit_of
from generator.tree import Json, JsonObject, Pointer, is_array, is_object, parse_pointer, resolve

_ROUTES = ("paths", "webhooks")
"""The sections whose path items lead to operations."""


@dataclass(frozen=True, slots=True)
class Route:
    """What leads to an operation: a path or a webhook, where its path item stands and what it is called."""

    at: Pointer
    name: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An operation as the document names it.

    ``at`` is where it stands, ``routes`` are what leads to it (several where they share their path item), ``id`` is its
    operationId or empty.
    """

    at: Pointer
    method: str
    routes: tuple[Route, ...]
    id: str
    tags: tuple[str, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that lead to it; none for a webhook."""
        return tuple(route.name for route in self.routes if route.at[0] == "paths")

    @property
    def keys(self) -> tuple[str, ...]:
        """``POST /images/generations``, for each path; ``POST image.done`` for a webhook."""
        return tuple(f"{self.method} {route.name}" for route in self.routes)

    @property
    def names(self) -> frozenset[str]:
        """What it may be called in settings."""
        return frozenset([*self.keys, *([self.id] if self.id else [])])

    @property
    def unit(self) -> Pointer:
        """The least that can be left out to be without it."""
        return unit_of(self.at) or self.at


@dataclass(frozen=True, slots=True)
class Selection:
    """What to generate: ``bundle`` without the rest, and ``chosen``, where the operations of it stand.

    What others refer to stays, so ``bundle`` may hold an operation that was not chosen. ``narrowed`` says that ``include``
    chose. ``left_out`` are the operations that errors took away, ``every`` those of the whole document.
    """

    bundle: Bundle
    chosen: frozenset[Pointer]
    narrowed: bool
    every: tuple[Candidate, ...]
    left_out: tuple[Candidate, ...]


def select(
    bundle: Bundle,
    *,
    include: Mapping[str, Collection[str]],
    skip: Collection[str],
    broken: Iterable[Pointer] = (),
) -> Selection:
    """What to generate of a bundled document.

    ``include`` has ``tags``, ``paths`` and ``operations``; an operation that any of them names is taken, every one if
    all are empty. ``skip`` and ``operations`` name operations by operationId or by method and path. ``broken`` are places
    in the bundle that cannot be generated: what needs one of them is left out.
    """
    every = tuple(candidates(bundle.tree))
    wanted = {(key, value) for key, values in include.items() for value in values}
    asked = [c for c in every if (not wanted or wanted & _taken_by(c)) and not c.names & set(skip)]
    places = set(broken)
    if len(asked) == len(every) and not wanted and not places:
        return Selection(bundle, frozenset(c.at for c in every), False, every, ())
    reach = Reach(bundle.tree)
    gone = reach.users({unit for unit in map(unit_of, places) if unit is not None})
    kept = [c for c in asked if c.unit not in gone and any(route.at not in gone for route in c.routes)]
    needed = _needed(reach, every, kept, gone, narrowed=bool(wanted))
    pruned = _Pruner(every, kept, needed, gone, narrowed=bool(wanted)).prune(bundle)
    taken = {c.at for c in kept}
    left_out = tuple(c for c in asked if c.at not in taken)
    return Selection(pruned, frozenset(c.at for c in kept), bool(wanted), every, left_out)


def candidates(tree: JsonObject) -> list[Candidate]:
    """Every operation of a bundled document, in its order: those that it answers, then those that it calls."""
    found: dict[Pointer, Candidate] = {}
    for section in _ROUTES:
        items = _object(tree.get(section))
        for key, item in items.items():
            if section == "paths" and key.startswith("x-"):
                continue
            node, at = _followed(tree, item, (section, key))
            for method, operation, inside in operations(node):
                place = (*at, *inside)
                known = found.get(place) or _candidate(place, method, _object(operation))
                name = path_of(key, items) if section == "paths" else key
                found[place] = replace(known, routes=(*known.routes, Route((section, key), name)))
    return list(found.values())


def _candidate(at: Pointer, method: str, operation: JsonObject) -> Candidate:
    tags = operation.get("tags")
    listed = [tags] if isinstance(tags, str) else tags if is_array(tags) else []
    named = tuple(tag for tag in listed if isinstance(tag, str))
    return Candidate(at, method.upper(), (), str(operation.get("operationId") or "").strip(), named)


def _taken_by(candidate: Candidate) -> set[tuple[str, str]]:
    """The entries of ``include`` that would take an operation."""
    return {
        *(("tags", tag) for tag in candidate.tags),
        *(("paths", path) for path in candidate.paths),
        *(("operations", name) for name in candidate.names),
    }


def _needed(
    reach: Reach, every: Iterable[Candidate], kept: Iterable[Candidate], gone: set[Pointer], *, narrowed: bool
) -> set[Pointer]:
    """The units that what is kept leads to; of those that no operation ever led to, all that can be generated."""
    roots = {unit for c in kept for unit in (c.unit, *(route.at for route in c.routes))} - gone
    if narrowed:
        return reach.closure(roots)
    led_to = reach.closure({*(c.unit for c in every), *(unit for unit in reach.units if unit[0] in _ROUTES)})
    return reach.closure(roots | (reach.units.keys() - led_to) - gone)


class _Pruner:
    """Takes out of a document what is neither kept nor needed."""

    def __init__(
        self,
        every: Iterable[Candidate],
        kept: Iterable[Candidate],
        needed: Collection[Pointer],
        gone: Collection[Pointer],
        *,
        narrowed: bool,
    ) -> None:
        self._needed = needed
        self._gone = gone
        self._narrowed = narrowed
        kept = list(kept)
        self._kept_routes = {route.at for c in kept for route in c.routes}
        self._lost_routes = {route.at for c in every for route in c.routes} - self._kept_routes
        self._kept_tags = {tag for c in kept for tag in c.tags}
        self._lost_tags = {tag for c in every for tag in c.tags} - self._kept_tags

    def prune(self, bundle: Bundle) -> Bundle:
        """The bundle without them."""
        tree = dict(bundle.tree)
        sections: list[Pointer] = [("components", section) for section in SHAPES["components"]]
        sections += [(section,) for section in SWAGGER_SECTION.values() if "swagger" in tree]
        for at in sections:
            _replace(tree, at, self._entries)
        for section in _ROUTES:
            _replace(tree, (section,), self._path_items)
        if not tree.get("webhooks"):
            tree.pop("webhooks", None)
        tags: Json = tree.get("tags")
        if not is_array(tags):
            return replace(bundle, tree=tree)
        stays = [index for index, tag in enumerate(tags) if not self._is_lost_tag(tag)]
        tree["tags"] = [tags[index] for index in stays]
        moved: dict[Pointer, Pointer] = {("tags", new): ("tags", old) for new, old in enumerate(stays) if new != old}
        return replace(bundle, tree=tree, provenance=bundle.provenance.moved(moved) if moved else bundle.provenance)

    def _entries(self, at: Pointer, entries: JsonObject) -> JsonObject:
        """A section of components, without those that nothing needs any more."""
        stays = {name: node for name, node in entries.items() if (*at, name) in self._needed or name.startswith("x-")}
        return {name: self._operations((*at, name), node) for name, node in stays.items()}

    def _path_items(self, at: Pointer, items: JsonObject) -> JsonObject:
        return {
            name: self._operations((*at, name), item)
            for name, item in items.items()
            if self._stays((*at, name)) or (*at, name) in self._needed
        }

    def _stays(self, route: Pointer) -> bool:
        if route in self._gone:
            return False
        return route in self._kept_routes or not (self._narrowed or route in self._lost_routes)

    def _operations(self, at: Pointer, item: Json) -> Json:
        """A path item without the operations that are neither kept nor needed."""
        if not is_object(item) or (at[0] not in _ROUTES and at[:2] != ("components", "pathItems")):
            return item
        stays = {key: node for key, node in item.items() if not is_method(key) or (*at, key) in self._needed}
        additional = stays.get("additionalOperations")
        if is_object(additional):
            inside = (*at, "additionalOperations")
            left = {name: node for name, node in additional.items() if (*inside, name) in self._needed}
            stays["additionalOperations"] = left
        return stays

    def _is_lost_tag(self, tag: Json) -> bool:
        name = tag.get("name") if is_object(tag) else tag
        return name in self._lost_tags or (self._narrowed and name not in self._kept_tags)


def _replace(tree: JsonObject, at: Pointer, change: Callable[[Pointer, JsonObject], JsonObject]) -> None:
    """Changes the object at ``at`` in copies of what holds it; nothing where there is none."""
    holder = tree
    for token in at[:-1]:
        if not is_object(holder.get(str(token))):
            return
        holder[str(token)] = holder = dict(holder[str(token)])
    node: Json = holder.get(str(at[-1]))
    if is_object(node):
        holder[str(at[-1])] = change(at, node)


def _followed(tree: JsonObject, node: Json, at: Pointer) -> tuple[JsonObject, Pointer]:
    """The object that a path item is or leads to, and where it stands; an empty one where it leads nowhere."""
    seen: set[str] = set()
    while is_reference(node) and node["$ref"] not in seen:
        reference = str(node["$ref"])
        seen.add(reference)
        try:
            tokens = parse_pointer(reference.removeprefix("#"))
            node, at = resolve(tree, tokens), tokens
        except (KeyError, ValueError):
            return {}, at
    return _object(node), at


def _object(node: Json) -> JsonObject:
    return node if is_object(node) else {}
