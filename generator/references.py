"""Where a ``$ref`` leads: across files, through other references, to the node that has the content.

Nothing here changes a tree. Every reference is followed in the file it stands in (RFC 3986, section 5), fragments are
JSON pointers (RFC 6901, section 6).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from posixpath import dirname, normpath, splitext
from typing import NamedTuple
from urllib.parse import unquote

from generator.document import Document, describe
from generator.errors import Diagnostic, Location, SpecloomError
from generator.identity import Identities, absolute, identities
from generator.load import load, load_text
from generator.openapi import Kind, is_reference, meta_schema
from generator.tree import (
    Json,
    JsonObject,
    Pointer,
    format_pointer,
    is_array,
    is_index,
    is_object,
    parse_pointer,
    resolve,
)

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):|//")
_DRIVE = re.compile(r"[A-Za-z]:")
_DOCUMENT_SUFFIXES = (".yaml", ".yml", ".json")

MAX_GUESSES = 20
"""For how many references that lead nowhere a key of nearly the same name is looked for."""

MAX_CHAIN = 100
"""How many references may lead to one another and to nothing else."""


class Place(NamedTuple):
    """A node of one of the files."""

    file: str
    pointer: Pointer

    def child(self, token: str | int) -> Place:
        return Place(self.file, (*self.pointer, token))


def _named(place: Place) -> str:
    """A place as a reference to it would be written in the folder of the spec."""
    return place.file + (format_pointer(place.pointer) if place.pointer else "")


def _leads_somewhere(root: Json, fragment: str) -> bool:
    try:
        resolve(root, parse_pointer(fragment))
    except KeyError:
        return False
    return True


class Resolver:
    """Follows references from ``entry`` on and reads the files they name, each once.

    What is wrong is collected in ``diagnostics``; a reference that leads nowhere gives ``None``.
    """

    def __init__(self, entry: Document, *, read: Callable[[str], bytes]) -> None:
        self.entry = entry
        self.diagnostics: list[Diagnostic] = []
        self._read = read
        self._documents: dict[str, Document | None] = {entry.name: entry}
        self._broken: set[Place] = set()
        self._names: dict[str, Identities] = {}
        self._named: list[Document] = []
        self._note_names(entry)

    def documents(self) -> tuple[Document, ...]:
        """All files that were read, by name."""
        return tuple(found for _, found in sorted(self._documents.items()) if found)

    def document(self, place: Place) -> Document:
        """The file of a place that this resolver gave out."""
        document = self._documents[place.file]
        if document is None:
            raise LookupError(f"{place.file} could not be read")
        return document

    def value(self, place: Place) -> Json:
        """The node at a place that this resolver gave out."""
        return resolve(self.document(place).root, place.pointer)

    def target(self, at: Place, node: JsonObject, *, kind: Kind, stays: bool = True) -> Place | None:
        """The place that the reference ``node`` at ``at`` leads to, where a ``kind`` is expected.

        Nodes that are nothing but a reference are passed through. When the reference ``stays`` one in the bundle, the
        first place in the entry file ends the way. Reports ``reference-cycle`` for references that only lead to each
        other. A reference to what defines JSON Schema leads out of all files and stays as it is.
        """
        if kind == "schema" and meta_schema(node):
            return None
        way = [at]
        chosen: Place | None = None
        while True:
            place = self._step(way[-1], node["$ref"], kind=kind)
            if place is None or (place in self._broken and place not in way):
                return None
            if place in way:
                self._cycle([*way[way.index(place) :], place])
                return None
            if chosen is None and place.file == self.entry.name:
                chosen = place
            value = self.value(place)
            if not is_reference(value) or len(value) > 1 or (kind == "schema" and meta_schema(value)):
                break
            if len(way) == MAX_CHAIN:
                message = f"more than {MAX_CHAIN} references follow on this one before anything else does"
                self._break(at, "reference-chain", message, "refer to the object itself")
                self._broken.update(way)
                return None
            way.append(place)
            node = value
        if not self._fits(at, kind, value):
            return None
        return chosen if chosen and stays else place

    def report(self, code: str, message: str, place: Place, *, hint: str = "", key: str | int | None = None) -> None:
        """Add an error at ``place``, or at the ``key`` inside it."""
        where = place.pointer if key is None else (*place.pointer, key)
        location = self.document(place).locate(where)
        self.diagnostics.append(Diagnostic("error", code, message, location, hint))

    # -- one step ------------------------------------------------------------------------------------

    def _step(self, at: Place, reference: str, *, kind: Kind) -> Place | None:
        """The place that the text of one reference names. Its pointer may lead through other references."""
        found = self._split(at, reference, kind=kind)
        if found is None:
            return None
        document, tokens = found
        place, node = Place(document.name, ()), document.root
        # Each token with the reference that it is from: that one is wrong when the token leads nowhere.
        rest = [(token, at, reference) for token in tokens]
        passed: set[Place] = set()
        while rest:
            token, owner, text = rest.pop(0)
            if is_object(node) and token in node:
                place, node = place.child(token), node[token]
            elif is_array(node) and is_index(token, node):
                place, node = place.child(int(token)), node[int(token)]
            elif is_reference(node) and place not in passed:
                passed.add(place)
                found = self._split(place, node["$ref"], kind=kind)
                if found is None:
                    return None
                document, tokens = found
                inner = [(name, place, str(node["$ref"])) for name in tokens]
                rest = [*inner, (token, owner, text), *rest]
                place, node = Place(document.name, ()), document.root
            else:
                after = [name for name, other, _ in rest if other == owner]
                self._dangling(owner, text, place=place, token=token, rest=after)
                return None
        return place

    def _split(self, at: Place, reference: str, *, kind: Kind) -> tuple[Document, tuple[str, ...]] | None:
        """The file that a reference names and the tokens of its fragment."""
        named = self._named_part(at, reference)
        if named is not None:
            return named
        path, _, fragment = reference.partition("#")
        scheme = _SCHEME.match(path)
        if scheme and scheme[1] != "file":
            message = f"'{reference}' is on the network, and network references are not followed"
            self._break(at, "network-reference", message, "save a copy next to the spec")
            return None
        document = self.document(at) if not path else self._file(at, unquote(path), kind=kind)
        if document is None:
            return None
        if isinstance(document.root, str):
            return document, ()
        names = self._names[document.name]
        anchor = names.find(f"{names.base}#{unquote(fragment)}") if fragment[:1] not in ("", "/") else None
        if anchor is not None:
            return document, tuple(map(str, anchor))
        try:
            return document, parse_pointer(fragment)
        except ValueError:
            message = f"the fragment '#{fragment}' is neither a JSON pointer nor an `$anchor` of that file"
            hint = f"write the way from the root of the file: '#/components/schemas/{fragment}'"
            self._break(at, "reference-fragment", message, hint)
            return None

    def _named_part(self, at: Place, reference: str) -> tuple[Document, tuple[str, ...]] | None:
        """What a reference names by a URI or an anchor, where a document that was read has such a name.

        A pointer counts from the root of the file if it leads somewhere from there, since that is what is meant more
        often than the schema around it that has an ``$id``.
        """
        if not self._named:
            return None
        own = self._names[at.file]
        path, _, fragment = reference.partition("#")
        counts = not path and (not fragment or fragment.startswith("/"))
        if counts and (len(own.resources) == 1 or (fragment and _leads_somewhere(self.document(at).root, fragment))):
            return None
        try:
            uri = absolute(own.base_at(at.pointer), reference)
            for document in self._named:
                pointer = self._names[document.name].find(uri)
                if pointer is not None:
                    return document, tuple(map(str, pointer))
        except ValueError:  # a URI that is none: whoever reads it as a path says so
            return None
        return None

    def _note_names(self, document: Document) -> None:
        self._names[document.name] = identities(document)
        if self._names[document.name].has_names:
            self._named.append(document)

    def _file(self, at: Place, path: str, *, kind: Kind) -> Document | None:
        name = normpath(f"{dirname(at.file)}/{path}" if dirname(at.file) else path)
        if path.startswith(("/", "file:")) or _DRIVE.match(path) or name.split("/")[0] == "..":
            hint = "copy the file below that folder; without an integration.yaml, `--root` names a folder further up"
            message = f"'{path}' leads out of the folder of the spec"
            self._break(at, "outside-root", message, hint)
            return None
        as_text = kind == "text" and splitext(name)[1].lower() not in _DOCUMENT_SUFFIXES
        if name not in self._documents:
            document = self._documents[name] = self._load(at, name, as_text=as_text)
            if document is not None:
                self._note_names(document)
        return self._documents[name]

    def _load(self, at: Place, name: str, *, as_text: bool) -> Document | None:
        try:
            data = self._read(name)
            return load_text(data, name=name) if as_text else load(data, name=name)
        except FileNotFoundError:
            known = [document.name for document in self.documents()]
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            hint += f"Paths are relative to the folder of {at.file}" if "/" in at.file else ""
            message = f"there is no file '{name}'"
            bare = self._component_named(name.rpartition("/")[2])
            hint = f"did you mean '{bare}'?" if bare else hint or "check the path"
            self._break(at, "file-missing", message, hint)
        except (OSError, ValueError) as found:
            reason = getattr(found, "strerror", None) or str(found)
            self._break(at, "file-unreadable", f"'{name}' cannot be read: {reason}", "check the path")
        except SpecloomError as found:
            here = self.document(at).locate((*at.pointer, "$ref"))
            for item in found.diagnostics:
                inside = item.location.line or item.code in ("empty-file", "markdown-no-document")
                place = item.location if inside else here
                related = (("referred to here", here),) if inside else ()
                self.diagnostics.append(
                    Diagnostic(
                        item.level,
                        item.code,
                        item.message,
                        place,
                        item.hint,
                        item.related + related,
                    )
                )
        return None

    # -- what is wrong -------------------------------------------------------------------------------

    def _break(self, at: Place, code: str, message: str, hint: str) -> None:
        """Report a reference that cannot be followed, once, wherever the way to it began."""
        if at not in self._broken:
            self._broken.add(at)
            key = "$ref" if is_object(self.value(at)) else None
            self.report(code, message, at, hint=hint, key=key)

    def _dangling(self, at: Place, reference: str, *, place: Place, token: str, rest: list[str]) -> None:
        node = self.value(place)
        where = _named(place)
        message = f"'{reference}' leads nowhere: there is no '{token}' in {where}"
        # Among thousands of keys a look costs a while, and whoever has as many errors has another trouble than spelling.
        is_worth_it = is_object(node) and len(self.diagnostics) < MAX_GUESSES
        near = get_close_matches(token, list(node), n=1) if is_worth_it else []
        suggestion = (
            format_pointer((*place.pointer, near[0], *rest))
            if near
            else self._component_named(rest[-1] if rest else token)
        )
        if suggestion:
            file = reference.partition("#")[0] if near else ""
            hint = f"did you mean '{file}{suggestion}'?"
        else:
            keys = ", ".join(list(node)[:8]) if is_object(node) else ""
            hint = f"it has: {keys}" if keys else f"it is {describe(node)}"
        self._break(at, "dangling-reference", message, hint)

    def _component_named(self, name: str) -> str:
        """The pointer of a component of the entry file with this name, or nothing."""
        sections: Json = self.entry.root.get("components")
        if is_object(sections):
            for section, entries in sections.items():
                if is_object(entries) and name in entries:
                    return format_pointer(("components", section, name))
        return ""

    def _cycle(self, way: list[Place]) -> None:
        if way[0] in self._broken:
            return
        self._broken.update(way)
        chain = " -> ".join(map(_named, way))
        message = f"these references lead only to each other: {chain}"
        hint = "put the object that is meant in place of one of them"
        related: list[tuple[str, Location]] = [
            ("which leads here", self.document(place).locate((*place.pointer, "$ref"))) for place in way[1:-1]
        ]
        location = self.document(way[0]).locate((*way[0].pointer, "$ref"))
        self.diagnostics.append(Diagnostic("error", "reference-cycle", message, location, hint, tuple(related)))

    # -- the target ----------------------------------------------------------------------------------

    def _fits(self, at: Place, kind: Kind, value: Json) -> bool:
        if kind == "text":
            wanted, fits = "a string", isinstance(value, str)
        elif kind[0] == "[":
            wanted, fits = "a list", is_array(value)
        else:
            wanted = "a mapping"
            fits = is_object(value) or (kind == "schema" and isinstance(value, bool))
        if not fits:
            message = f"this reference must lead to {wanted}, but leads to {describe(value)}"
            self._break(at, "reference-type", message, "correct the pointer")
        return fits
