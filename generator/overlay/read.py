"""A document to an :class:`Overlay`: what the Overlay Specification (1.0 and 1.1) and its JSON Schemas ask for."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal, TypeAlias, TypeGuard

from generator.document import Document, describe
from generator.errors import Diagnostic, SpecloomError
from generator.tree import Json, JsonObject, Pointer, is_array, is_object

from .paths import PathError, Query, parse

Change: TypeAlias = Literal["update", "copy", "remove", ""]

_FIELDS: Final = ("overlay", "info", "extends", "actions")
_INFO: Final = ("title", "version", "description")
_ACTION: Final = ("target", "description", "update", "copy", "remove")
_VERSION: Final = re.compile(r"1\.([01])\.\d+")


@dataclass(frozen=True, slots=True)
class Action:
    """One change. It stands at ``pointer`` of its overlay, and ``change`` is what it does; empty for one that does nothing.

    ``value`` is that of ``update``, ``source`` the query of ``copy``.
    """

    pointer: Pointer
    target: Query
    change: Change
    value: Json = None
    source: Query | None = None


@dataclass(frozen=True, slots=True)
class Overlay:
    """An overlay that can be applied. ``minor`` is 0 or 1, the feature set; ``warnings`` tell what in it has no effect."""

    document: Document
    minor: int
    extends: str
    actions: tuple[Action, ...]
    warnings: tuple[Diagnostic, ...]


def read(document: Document) -> Overlay:
    """The overlay that a document is. Raises :class:`SpecloomError` with everything that is wrong with it."""
    return _Reader(document).overlay()


class _Reader:
    """Takes the parts out of the document and collects what is wrong."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._wrong: list[Diagnostic] = []
        self._warnings: list[Diagnostic] = []
        self._minor = 1

    def overlay(self) -> Overlay:
        root: JsonObject = self._document.root
        self._version()
        self._known((), root, _FIELDS)
        if self._has((), root, "info") and self._is_object(root["info"], ("info",)):
            self._known(("info",), root["info"], _INFO if self._minor else _INFO[:2])
            for key in ("title", "version"):
                if self._has(("info",), root["info"], key):
                    self._is_text(root["info"][key], ("info", key))
            self._is_text(root["info"].get("description", ""), ("info", "description"))
        extends = root.get("extends", "")
        self._is_text(extends, ("extends",))
        found = [self._action(("actions", index), item) for index, item in enumerate(self._actions())]
        if self._wrong:
            raise SpecloomError(self._wrong)
        actions = tuple(action for action in found if action is not None)
        return Overlay(self._document, self._minor, extends, actions, tuple(self._warnings))

    def _version(self) -> None:
        if not self._has((), self._document.root, "overlay"):
            return
        written = self._document.root["overlay"]
        version = _VERSION.fullmatch(written) if isinstance(written, str) else None
        if version is None:
            message = f"there is no version {json.dumps(written)[:40]} of the Overlay Specification that specloom knows"
            self._report("overlay-version", message, ("overlay",), "write 'overlay: 1.1.0', or 1.0.0")
        else:
            self._minor = int(version[1])

    def _actions(self) -> list[Json]:
        if not self._has((), self._document.root, "actions"):
            return []
        actions = self._document.root["actions"]
        if not is_array(actions):
            self._wrong_type(("actions",), actions, "a list")
            return []
        if not actions:
            self._report("overlay-field", "the list of actions is empty", ("actions",), "write at least one action")
        seen: dict[str, int] = {}
        for index, action in enumerate(actions):
            text = json.dumps(action, sort_keys=True)
            if text in seen:
                message = f"this action is the same as the one at #/actions/{seen[text]}"
                self._report("overlay-field", message, ("actions", index), "remove one of the two")
            seen.setdefault(text, index)
        return actions

    def _action(self, at: Pointer, action: Json) -> Action | None:
        if not self._is_object(action, at):
            return None
        self._known(at, action, _ACTION if self._minor else [field for field in _ACTION if field != "copy"])
        self._is_text(action.get("description", ""), (*at, "description"))
        remove = action.get("remove", False)
        if not isinstance(remove, bool):
            self._wrong_type((*at, "remove"), remove, "true or false")
        target = self._path((*at, "target"), action["target"]) if self._has(at, action, "target") else None
        source = self._path((*at, "copy"), action["copy"]) if "copy" in action else None
        given = [field for field in ("update", "copy") if field in action]
        if len(given) > 1 and remove is not True:
            message = "an action with both 'update' and 'copy' does neither of the two"
            self._report("overlay-field", message, (*at, "copy"), "make two actions of it", key=True)
        for field in given if remove is True else ():
            message = f"this '{field}' has no effect, since the action removes its target"
            self._warn("overlay-idle", message, (*at, field), "take it out, or make an action of its own of it")
        if not given and remove is not True:
            message = "this action does nothing: it has neither 'update' nor 'remove'"
            self._warn("overlay-idle", message, at, "take it out, or say what it changes")
        if target is None:
            return None
        change: Change = "remove" if remove else "update" if "update" in given else "copy" if given else ""
        return Action(at, target, change, action.get("update"), source)

    def _path(self, at: Pointer, text: Json) -> Query | None:
        if not self._is_text(text, at):
            return None
        try:
            return parse(text)
        except PathError as found:
            message = f"this is no JSONPath query of RFC 9535: {found}"
            hint = "names with other characters than letters, digits and '_' stand in brackets: $.paths['/images'].get"
            self._report("overlay-path", message, at, hint)
            return None

    # -- checks --------------------------------------------------------------------------------------

    def _has(self, at: Pointer, node: Json, key: str) -> bool:
        if key not in node:
            place = f"'{at[0]}'" if len(at) == 1 else "an action" if at else "the overlay"
            self._report("overlay-field", f"{place} has no '{key}'", at, f"add '{key}', which must be there")
        return key in node

    def _known(self, at: Pointer, node: JsonObject, known: Collection[str]) -> None:
        for key in node:
            if key not in known and not key.startswith("x-"):
                near = get_close_matches(key, known, n=1)
                hint = f"did you mean '{near[0]}'?" if near else "extensions have names that start with 'x-'"
                if self._minor == 0 and key in ("copy", "description"):
                    hint = "it came with version 1.1: write 'overlay: 1.1.0'"
                self._report("overlay-field", f"there is no field '{key}' here", (*at, key), hint, key=True)

    def _is_object(self, node: Json, at: Pointer) -> TypeGuard[JsonObject]:
        if not is_object(node):
            self._wrong_type(at, node, "a mapping")
        return is_object(node)

    def _is_text(self, value: Json, at: Pointer) -> TypeGuard[str]:
        if not isinstance(value, str):
            self._wrong_type(at, value, "a string")
        return isinstance(value, str)

    def _wrong_type(self, at: Pointer, value: Json, wanted: str) -> None:
        name = "an action" if isinstance(at[-1], int) else f"'{at[-1]}'"
        scalar = wanted == "a string" and not isinstance(value, dict | list)
        hint = "quote it" if scalar else f"write {wanted}"
        self._report("overlay-field", f"{name} is {describe(value)}, not {wanted}", at, hint)

    def _report(self, code: str, message: str, at: Pointer, hint: str, *, key: bool = False) -> None:
        self._wrong.append(Diagnostic("error", code, message, self._document.locate(at, key=key), hint))

    def _warn(self, code: str, message: str, at: Pointer, hint: str) -> None:
        self._warnings.append(Diagnostic("warning", code, message, self._document.locate(at), hint))
