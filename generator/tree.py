"""JSON trees and the pointers into them: what every stage up to the IR is made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias, TypeGuard
from urllib.parse import quote, unquote

Json: TypeAlias = Any
"""A value of a JSON document. The one place where the project says ``Any``."""

JsonObject: TypeAlias = dict[str, Json]
JsonArray: TypeAlias = list[Json]

Pointer: TypeAlias = tuple[str | int, ...]
"""The way from the root of a document to one of its nodes: keys and array indexes."""


def is_object(value: Json) -> TypeGuard[JsonObject]:
    """Whether ``value`` is a JSON object."""
    return isinstance(value, dict)


def is_array(value: Json) -> TypeGuard[JsonArray]:
    """Whether ``value`` is a JSON array."""
    return isinstance(value, list)


def format_pointer(pointer: Iterable[str | int]) -> str:
    """The pointer as a URI fragment, ``#/paths/~1images/post`` (RFC 6901, sections 3 and 6).

    Characters that people read well in a fragment (braces, spaces) stay as they are.
    """
    return "#" + "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in pointer)


def encode_reference(pointer: Iterable[str | int]) -> str:
    """The pointer as the value of a ``$ref``: percent-encoded where RFC 3986 asks for it."""
    return "#" + quote(format_pointer(pointer)[1:], safe="/~!$&'()*+,;=:@?-._")


def parse_pointer(fragment: str) -> tuple[str, ...]:
    """The tokens of a fragment such as ``/components/schemas/A~1B`` (RFC 6901, sections 4 and 6).

    Array indexes stay strings; ``resolve`` accepts them. Raises ``ValueError`` when the fragment is neither
    empty nor starts with ``/``.
    """
    fragment = unquote(fragment)
    if not fragment:
        return ()
    if not fragment.startswith("/"):
        raise ValueError(f"a JSON pointer starts with '/', this one is {fragment!r}")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in fragment[1:].split("/"))


def is_index(token: str, array: JsonArray) -> bool:
    """Whether a token of a pointer names an element (RFC 6901, section 4). No array has a billion."""
    return token.isdecimal() and len(token) < 10 and int(token) < len(array)


def resolve(tree: Json, pointer: Iterable[str | int]) -> Json:
    """The node at ``pointer``. Raises ``KeyError`` with the first token that leads nowhere."""
    node = tree
    for token in pointer:
        if is_object(node) and str(token) in node:
            node = node[str(token)]
        elif is_array(node) and is_index(str(token), node):
            node = node[int(token)]
        else:
            raise KeyError(token)
    return node
