"""Which operations of a document are generated: what ``include`` takes and ``skip`` leaves out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from generator.openapi import operations
from generator.tree import Json, JsonObject, is_array, is_object, parse_pointer, resolve


@dataclass(frozen=True, slots=True)
class Candidate:
    """An operation as the document names it: ``key`` is its method and path, ``id`` its operationId or empty."""

    path: str
    method: str
    id: str
    tags: tuple[str, ...]

    @property
    def key(self) -> str:
        """``POST /images/generations``."""
        return f"{self.method.upper()} {self.path}"


@dataclass(frozen=True, slots=True)
class Selection:
    """The operations to generate, as (path, method), and whether any was left out by ``include``.

    ``unused`` holds the entries of ``include`` and ``skip`` that name nothing, each with the key it stands under.
    """

    chosen: frozenset[tuple[str, str]]
    narrowed: bool
    unused: tuple[tuple[str, str], ...]


def select(tree: JsonObject, *, include: Mapping[str, Collection[str]], skip: Collection[str]) -> Selection:
    """What to generate of a bundled document.

    ``include`` has ``tags``, ``paths`` and ``operations``; an operation that any of them names is taken, every one if
    all are empty. ``skip`` and ``operations`` name operations by operationId or by method and path.
    """
    chosen: set[tuple[str, str]] = set()
    used: set[tuple[str, str]] = set()
    wanted = [(key, value) for key, values in include.items() for value in values]
    for candidate in _candidates(tree):
        names = {candidate.id, candidate.key}
        takes = {("tags", tag) for tag in candidate.tags} | {("paths", candidate.path)}
        takes = (takes | {("operations", name) for name in names}) & set(wanted)
        left_out = {("skip", name) for name in names & set(skip)}
        used |= takes | left_out
        if (takes or not wanted) and not left_out:
            chosen.add((candidate.path, candidate.method))
    every = [*wanted, *(("skip", name) for name in skip)]
    return Selection(frozenset(chosen), bool(wanted), tuple(entry for entry in every if entry not in used))


def _candidates(tree: JsonObject) -> Iterator[Candidate]:
    for path, item in _object(tree.get("paths")).items():
        if path.startswith("x-"):
            continue
        node = _followed(tree, item)
        for method, entry, _ in operations(node):
            operation = _followed(tree, entry)
            tags = operation.get("tags", [])
            named = tuple(tag for tag in tags if isinstance(tag, str)) if is_array(tags) else ()
            yield Candidate(path, method, str(operation.get("operationId") or ""), named)


def _followed(tree: JsonObject, node: Json) -> JsonObject:
    seen: set[str] = set()
    while is_object(node) and isinstance(node.get("$ref"), str) and node["$ref"] not in seen:
        seen.add(node["$ref"])
        node = resolve(tree, parse_pointer(node["$ref"].removeprefix("#")))
    return _object(node)


def _object(node: Json) -> JsonObject:
    return node if is_object(node) else {}
