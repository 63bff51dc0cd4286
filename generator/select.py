"""Which operations of a document are generated: what ``include`` takes, ``skip`` leaves out, and errors take away.

What is left is a document again, without what nothing in it needs any more. Nothing moves in it but entries of ``tags``, so
every place can still be told.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from generator.bundle import Bundle
from generator.openapi import COMPONENT_SECTION, METHODS, SWAGGER_SECTION, is_reference
from generator.reach import Reach, unit_of
from generator.tree import Json, JsonObject, Pointer, is_array, is_object, parse_pointer, resolve


@dataclass(frozen=True, slots=True)
class Candidate:
    """An operation as the document names it.

    ``at`` is where it stands, ``paths`` are the paths that lead to it (several where they share their path item), ``id`` is its
    operationId or empty.
    """

    at: Pointer
    paths: tuple[str, ...]
    id: str
    tags: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """``POST /images/generations``, for each path."""
        method = str(self.at[-1]).upper()
        return tuple(f"{method} {path}" for path in self.paths)

    @property
    def names(self) -> frozenset[str]:
        """What it may be called in settings."""
        return frozenset([*self.keys, *([self.id] if self.id else [])])


@dataclass(frozen=True, slots=True)
class Selection:
    """What to generate: ``bundle`` without the rest, and ``chosen``, the operations of it as (path, method).

    What others refer to stays, so ``bundle`` may hold an operation that was not chosen. ``narrowed`` says that ``include``
    chose. ``left_out`` are the operations that errors took away, ``every`` those of the whole document.
    """

    bundle: Bundle
    chosen: frozenset[tuple[str, str]]
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
        return Selection(bundle, _routes(every), False, every, ())
    reach = Reach(bundle.tree)
    gone = reach.users({unit for unit in map(unit_of, places) if unit is not None})
    kept = [c for c in asked if c.at not in gone and any(("paths", path) not in gone for path in c.paths)]
    needed = _needed(reach, every, kept, gone, narrowed=bool(wanted))
    pruned = _Pruner(every, kept, needed, gone, narrowed=bool(wanted)).prune(bundle)
    left_out = tuple(c for c in asked if c not in kept)
    return Selection(pruned, _routes(kept), bool(wanted), every, left_out)


def candidates(tree: JsonObject) -> list[Candidate]:
    """Every operation of a bundled document, in its order."""
    found: dict[Pointer, Candidate] = {}
    for path, item in _object(tree.get("paths")).items():
        node, at = _followed(tree, item, ("paths", path))
        for method in METHODS:
            place = (*at, method)
            if place in found:
                found[place] = replace(found[place], paths=(*found[place].paths, path))
            elif method in node:
                operation = _object(node[method])
                tags = operation.get("tags")
                named = tuple(tag for tag in tags if isinstance(tag, str)) if is_array(tags) else ()
                found[place] = Candidate(place, (path,), str(operation.get("operationId") or ""), named)
    return list(found.values())


def _taken_by(candidate: Candidate) -> set[tuple[str, str]]:
    """The entries of ``include`` that would take an operation."""
    return {
        *(("tags", tag) for tag in candidate.tags),
        *(("paths", path) for path in candidate.paths),
        *(("operations", name) for name in candidate.names),
    }


def _routes(operations: Iterable[Candidate]) -> frozenset[tuple[str, str]]:
    return frozenset((path, str(c.at[-1])) for c in operations for path in c.paths)


def _needed(
    reach: Reach, every: Iterable[Candidate], kept: Iterable[Candidate], gone: set[Pointer], *, narrowed: bool
) -> set[Pointer]:
    """The units that what is kept leads to; of those that no operation ever led to, all that can be generated."""
    roots = {unit for c in kept for unit in (c.at, *(("paths", path) for path in c.paths))} - gone
    if narrowed:
        return reach.closure(roots)
    webhooks = {unit for unit in reach.units if unit[0] == "webhooks"}
    led_to = reach.closure({*(c.at for c in every), *(unit for unit in reach.units if unit[0] == "paths")})
    return reach.closure(roots | (webhooks | (reach.units.keys() - led_to)) - gone)


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
        self._kept_paths = {path for c in kept for path in c.paths}
        self._lost_paths = {path for c in every for path in c.paths} - self._kept_paths
        self._kept_tags = {tag for c in kept for tag in c.tags}
        self._lost_tags = {tag for c in every for tag in c.tags} - self._kept_tags

    def prune(self, bundle: Bundle) -> Bundle:
        """The bundle without them."""
        tree = {key: value for key, value in bundle.tree.items() if not (key == "webhooks" and self._narrowed)}
        sections: list[Pointer] = [("webhooks",), *((section,) for section in SWAGGER_SECTION.values())]
        sections += [("components", section) for section in COMPONENT_SECTION.values()]
        for at in sections:
            if at[0] in ("webhooks", "components") or "swagger" in tree:
                _replace(tree, at, self._entries)
        _replace(tree, ("paths",), self._paths)
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

    def _paths(self, at: Pointer, paths: JsonObject) -> JsonObject:
        return {
            path: self._operations((*at, path), item)
            for path, item in paths.items()
            if self._stays(path) or (*at, path) in self._needed
        }

    def _stays(self, path: str) -> bool:
        if ("paths", path) in self._gone:
            return False
        return path in self._kept_paths or not (self._narrowed or path in self._lost_paths)

    def _operations(self, at: Pointer, item: Json) -> Json:
        """A path item without the operations that are neither kept nor needed."""
        if not is_object(item) or at[0] == "webhooks" or ("pathItems" not in at[:2] and at[0] != "paths"):
            return item
        return {key: node for key, node in item.items() if key not in METHODS or (*at, key) in self._needed}

    def _is_lost_tag(self, tag: Json) -> bool:
        name = tag.get("name") if is_object(tag) else None
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
