"""What schemas call themselves: ``$id``, ``$anchor`` and ``$dynamicAnchor`` (JSON Schema 2020-12 Core, 8.2).

A schema with an ``$id`` is a resource: references in it are relative to that URI, and their pointers start at it. Nothing
is fetched by such a URI; it is a name that other schemas of the same files may use.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin

from generator.openapi import Kind, children
from generator.tree import Json, Pointer, is_object, parse_pointer, resolve

META_SCHEMA = re.compile(r"https?://json-schema\.org/(draft-0[4-7]|draft/20(19-09|20-12))/(schema|meta/[a-z-]+)#?")
"""A reference to one of the documents that define JSON Schema itself: every validator knows them."""

_FILES = "file:///"


class Resource(NamedTuple):
    """A file, or a schema in one that has an ``$id``: where it stands and the URI that references in it build on."""

    file: str
    pointer: Pointer
    uri: str


class Resources:
    """The resources of the files that a spec is made of. ``root_of`` gives a file's tree by its name."""

    def __init__(self, entry: str, root_of: Callable[[str], Json]) -> None:
        self._entry = entry
        self._root_of = root_of
        self._read: set[str] = set()
        self._by_uri: dict[str, Resource] = {}
        self._anchors: dict[tuple[Resource, str], Pointer] = {}

    def find(self, file: str, pointer: Pointer, reference: str) -> tuple[str, Pointer, tuple[str, ...]] | None:
        """What the reference at ``pointer`` of ``file`` names, if that is a resource, an anchor or a part of a resource.

        It comes as a file, the pointer to a schema in it, and the tokens that lead on from there. None if the reference
        names nothing of the kind, and so is a path or a pointer from the root of a file.
        """
        path, _, fragment = reference.partition("#")
        home = self._around(file, pointer)
        if not path and fragment[:1] in ("", "/") and not home.pointer:
            return None
        for name in {self._entry, file} - self._read:
            self._index(name)
        if path:
            found = self._by_uri.get(_joined(home.uri, path))
            if found is None:
                return None
            home = found
        if fragment[:1] not in ("", "/"):
            anchored = self._anchors.get((home, unquote(fragment)))
            return None if anchored is None else (home.file, anchored, ())
        tokens = parse_pointer(fragment)
        if not path and tokens and not _leads_somewhere(self._root_of(file), (*home.pointer, tokens[0])):
            # `#/components/...` in a schema with an `$id` is wrong by the letter, and means the document.
            return None
        return home.file, home.pointer, tokens

    def _around(self, file: str, pointer: Pointer) -> Resource:
        """The resource that a place is in."""
        node = self._root_of(file)
        found = Resource(file, (), _FILES + quote(file))
        for depth in range(len(pointer) + 1):
            if is_object(node) and isinstance(node.get("$id"), str):
                found = Resource(file, pointer[:depth], _joined(found.uri, node["$id"]))
            node = resolve(node, pointer[depth : depth + 1])
        return found

    def _index(self, file: str) -> None:
        self._read.add(file)
        root = self._root_of(file)
        kind = "document" if is_object(root) and ("openapi" in root or "swagger" in root) else "schema"
        whole = Resource(file, (), _FILES + quote(file))
        stack: list[tuple[Kind, Json, Pointer, Resource]] = [(kind, root, (), whole)]
        while stack:
            kind, node, pointer, home = stack.pop()
            if kind == "schema" and is_object(node):
                if isinstance(node.get("$id"), str):
                    home = Resource(file, pointer, _joined(home.uri, node["$id"]))
                    self._by_uri.setdefault(home.uri, home)
                for key in ("$anchor", "$dynamicAnchor"):
                    if isinstance(node.get(key), str):
                        self._anchors.setdefault((home, node[key]), pointer)
            stack += [(inner, child, at, home) for inner, child, at in children(kind, node, pointer)]


def _leads_somewhere(node: Json, pointer: Pointer) -> bool:
    try:
        resolve(node, pointer)
    except KeyError:
        return False
    return True


def _joined(base: str, reference: str) -> str:
    """The absolute URI of a reference, without its fragment (RFC 3986, section 5.2)."""
    return urljoin(base, reference).partition("#")[0]
