"""Overlays onto a bundle, action by action (Overlay Specification 1.1.0, section 4.4).

Where 1.0.0 leaves open what an array in an update does, it does what 1.1.0 says: it is concatenated. Two versions differ in
what they allow, not in what an action means.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from posixpath import dirname, normpath

from generator.bundle import Bundle
from generator.document import Document, Source, describe
from generator.errors import Diagnostic, Location, SpecloomError
from generator.tree import Json, Pointer, is_array, is_object
from generator.yaml12 import MAX_DEPTH

from .patch import Origin, Patch, has, is_primitive
from .paths import PathError, Query, spelled
from .read import Action, Overlay

MAX_WRITTEN = 1_000_000
"""How many nodes overlays may write: copies of copies and updates of many places multiply."""


@dataclass(frozen=True, kw_only=True)
class Patched(Document):
    """What overlays made of a bundle, as a document whose places are in the files that it was made from."""

    patch: Patch
    bundled: Bundle

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """Where the node at ``pointer`` was written: a line of an overlay or of the document."""
        origin = self.patch.origin(pointer)
        if origin.document is None:
            where = self.bundled.provenance.locate(origin.pointer, key=key)
        else:
            where = origin.document.locate(origin.pointer, key=key and isinstance(origin.pointer[-1], str))
        return replace(where, bundled=pointer)


def apply(bundled: Bundle, overlays: Iterable[Overlay], *, lenient: bool) -> tuple[Patched, tuple[Diagnostic, ...]]:
    """The document that the overlays make of a bundle, in their order, and what to warn of.

    Raises :class:`SpecloomError` with everything that is wrong with any of the actions. With ``lenient`` a target that
    matches nothing is a warning, as it is nothing to the specification.
    """
    run = _Run(Patch(bundled.tree), lenient)
    entry, _ = bundled.provenance.sources[()]
    documents = list(bundled.documents)
    for overlay in overlays:
        run.found += overlay.warnings
        run.note_extends(overlay, entry.name)
        documents.append(overlay.document)
        for action in overlay.actions:
            run.act(overlay, action)
    errors = [item for item in run.found if item.level == "error"]
    if errors:
        raise SpecloomError(errors)
    text = "\n".join(document.text for document in documents)
    patched = Patched(
        Source(entry.name, text, text), run.patch.tree, entry.sha256, patch=run.patch, bundled=bundled
    )  # fmt: skip
    return patched, tuple(run.found)


class _Run:
    """The actions, one after the other; what is wrong with them is collected in ``found``."""

    def __init__(self, patch: Patch, lenient: bool) -> None:
        self.patch = patch
        self.found: list[Diagnostic] = []
        self._lenient = lenient
        self._written = 0

    def note_extends(self, overlay: Overlay, entry: str) -> None:
        """Notes an overlay that says it is for another document. It is never fetched."""
        folder = dirname(overlay.document.name)
        if overlay.extends and normpath(f"{folder}/{overlay.extends}" if folder else overlay.extends) != entry:
            where = overlay.document.locate(("extends",))
            message = f"this overlay is for '{overlay.extends}', and is applied to {entry}"
            hint = "nothing is to be done where both are the same API"
            self.found.append(Diagnostic("note", "overlay-extends", message, where, hint))

    def act(self, overlay: Overlay, action: Action) -> None:
        """One action on all nodes that it targets."""
        at = (*action.pointer, "target")
        targets = self._select(overlay, at, action.target)
        if targets is None or not action.change:
            return
        if not targets:
            self._unmatched(overlay, at, action.target)
        elif action.change == "remove":
            # From the last to the first, and what is inside before what is around it: so no place moves before its turn.
            for target in sorted(targets, key=_order, reverse=True):
                if not target:
                    hint = "name what is to be removed of it"
                    self._report(
                        "overlay-target", "the root is in nothing that it could be removed from", overlay, at, hint
                    )
                else:
                    self.patch.remove(target)
        elif action.source is not None:
            self._copy(overlay, action, action.source, targets)
        else:
            origin = Origin(overlay.document, (*action.pointer, "update"))
            self._update(overlay, action, targets, action.value, origin)

    # -- the kinds of actions ------------------------------------------------------------------------

    def _copy(self, overlay: Overlay, action: Action, source: Query, targets: list[Pointer]) -> None:
        at = (*action.pointer, "copy")
        places = self._select(overlay, at, source)
        if places is None:
            return
        if len(places) != 1:
            hint = "name the one node that is to be copied"
            if places:
                hint += f", such as {spelled(places[0])}"
            elif near := self._near(source):
                hint = near
            message = f"this selects {len(places) or 'no'} nodes, and not the one to be copied"
            self._report("overlay-copy", message, overlay, at, hint)
        elif self._has_room(overlay, at, value := _value(self.patch.tree, places[0]), targets):
            self._update(overlay, action, targets, _deep_copy(value), Origin(overlay.document, at))

    def _update(self, overlay: Overlay, action: Action, targets: list[Pointer], value: Json, origin: Origin) -> None:
        at = (*action.pointer, action.change)
        nodes = [_value(self.patch.tree, target) for target in targets]
        if len({_kind(node) for node in nodes}) > 1:
            kinds = ", ".join(dict.fromkeys(_kind(node) for node in nodes))
            hint = "write an action for each of these kinds"
            self._report(
                "overlay-update", f"the target selects nodes of several kinds: {kinds}",
                overlay, (*action.pointer, "target"), hint,
            )  # fmt: skip
        elif self._has_room(overlay, at, value, targets):
            for target, node in zip(targets, nodes, strict=True):
                # Origins of what is written in several places are changed apart from each other.
                self._write(overlay, at, target, node, value, Origin(origin.document, origin.pointer))

    def _write(
        self, overlay: Overlay, at: Pointer, target: Pointer, node: Json, value: Json, origin: Origin
    ) -> None:  # fmt: skip
        if is_array(node):
            values = value if is_array(value) else [value]
            origins = [origin.part(index) for index in range(len(values))] if is_array(value) else [origin]
            self.patch.extend(target, values, origins)
        elif is_object(node) and is_object(value):
            for place, source in self.patch.merge(target, value, origin):
                there = _value(self.patch.tree, place)
                new = describe(_value(value, place[len(target) :]))
                message = f"this is {new} and cannot be merged with {describe(there)}, which is at {spelled(place)}"
                where = source.pointer
                self._report(
                    "overlay-update", message, overlay, where, "remove the old value in an action before this one"
                )
        elif is_object(node) or not is_primitive(value):
            message = f"this is {describe(value)}, and the target {spelled(target)} is {describe(node)}"
            hint = "write a mapping of the properties to merge with it" if is_object(node) else "write a plain value"
            self._report("overlay-update", message, overlay, at, hint)
        elif not overlay.minor:
            message = f"the target {spelled(target)} is {describe(node)}, which version 1.0 cannot update"
            hint = "write 'overlay: 1.1.0', or target the mapping around it and update that property"
            self._report("overlay-update", message, overlay, (at[0], at[1], "target"), hint)
        else:
            self.patch.replace(target, value, origin)

    # -- targets -------------------------------------------------------------------------------------

    def _select(self, overlay: Overlay, at: Pointer, query: Query) -> list[Pointer] | None:
        try:
            return query.find(self.patch.tree)
        except PathError as found:
            hint = "name the way to what is meant, with fewer '..' and filters inside filters"
            self._report("overlay-size", f"this query is too much work: {found}", overlay, at, hint)
            return None

    def _unmatched(self, overlay: Overlay, at: Pointer, query: Query) -> None:
        where = overlay.document.locate(at)
        message = "this target matches nothing"
        hint = self._near(query) or "`specloom bundle` shows the document that targets are looked for in"
        if self._lenient:
            self.found.append(Diagnostic("warning", "overlay-unmatched", message, where, hint))
        else:
            self.found.append(Diagnostic("error", "overlay-target", message, where, hint))

    def _near(self, query: Query) -> str:
        """Where the way of a query that names one node ends, and what is there instead."""
        node: Json = self.patch.tree
        names = query.names or ()
        for depth, name in enumerate(names):
            if has(node, name):
                node = node[name]
            else:
                here = spelled(names[:depth])
                near = get_close_matches(str(name), list(node), n=1) if is_object(node) else []
                if near:
                    return f"did you mean {spelled((*names[:depth], near[0], *names[depth + 1 :]))}?"
                if is_object(node) and isinstance(node.get("$ref"), str):
                    return f"{here} is a reference to '{node['$ref']}': target that"
                keys = ", ".join(list(node)[:8]) if is_object(node) else ""
                return f"{here} has no {name!r}; " + (f"it has: {keys}" if keys else f"it is {describe(node)}")
        return ""

    # -- limits --------------------------------------------------------------------------------------

    def _has_room(self, overlay: Overlay, at: Pointer, value: Json, targets: list[Pointer]) -> bool:
        """Whether what is to be written keeps the document within its largest size and depth."""
        nodes, levels = _measure(value)
        had_room = self._written <= MAX_WRITTEN
        self._written += nodes * len(targets)
        if self._written > MAX_WRITTEN:
            if not had_room:
                return False
            message = f"with this action, overlays have written more than {MAX_WRITTEN:,} nodes"
            self._report(
                "overlay-size", message, overlay, at, "write what is repeated once, and refer to it with `$ref`"
            )
        elif levels + max(map(len, targets)) > MAX_DEPTH:
            message = f"with this action the document nests deeper than {MAX_DEPTH} levels"
            self._report("nesting", message, overlay, at, "move the inner part to a component")
        else:
            return True
        return False

    def _report(self, code: str, message: str, overlay: Overlay, at: Pointer, hint: str) -> None:
        self.found.append(Diagnostic("error", code, message, overlay.document.locate(at), hint))


# --- trees ------------------------------------------------------------------------------------------------------------


def _value(tree: Json, pointer: Pointer) -> Json:
    for token in pointer:
        tree = tree[token]
    return tree


def _kind(node: Json) -> str:
    return "objects" if is_object(node) else "arrays" if is_array(node) else "primitive values"


def _order(pointer: Pointer) -> tuple[tuple[bool, int, str], ...]:
    """What pointers are sorted by: siblings in the order of their indexes, what holds others before them."""
    return tuple((isinstance(token, int), token if isinstance(token, int) else 0, str(token)) for token in pointer)


def _measure(value: Json) -> tuple[int, int]:
    """How many nodes a value has, and how many levels."""
    nodes, levels, level = 0, 0, [value]
    while level:
        nodes += len(level)
        levels += 1
        level = [
            inner
            for node in level
            for inner in (node.values() if is_object(node) else node if is_array(node) else ())
        ]  # fmt: skip
    return nodes, levels


def _deep_copy(value: Json) -> Json:
    if is_object(value):
        return {key: _deep_copy(inner) for key, inner in value.items()}
    return [_deep_copy(inner) for inner in value] if is_array(value) else value
