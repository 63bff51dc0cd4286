"""Paths of routes: which requests they mean, and which of two routes is asked first."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import zip_longest
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

from fastapi import APIRouter
from starlette.routing import BaseRoute

__all__ = ["DELIMITERS_KEPT", "Parts", "in_order", "is_closer", "parts_of", "unquoted", "without_marks"]

# What stands for an encoded delimiter until a path is matched and split: halves of surrogate pairs, which none has.
_KEPT = {"/": "\ud800", ",": "\ud801", ";": "\ud802", "=": "\ud803"}
_WHOLE = re.compile(r"{[^{}:]*}")
_PLAIN = str.maketrans({kept: delimiter for delimiter, kept in _KEPT.items()})

DELIMITERS_KEPT = "path_params_with_delimiters_kept"
"""The key of a request's scope with path parameters in which an encoded ``/``, ``,``, ``;`` or ``=`` is no delimiter."""


class Parts(NamedTuple):
    """A route's path as it is asked for, the pairs of its query, and all that is written after the path."""

    path: str
    query: frozenset[tuple[str, str]]
    tail: str


@lru_cache(maxsize=4096)
def parts_of(path: str) -> Parts:
    """The parts of a route's path."""
    asked = re.split(r"[?#]", path, maxsplit=1)[0]
    query = path[len(asked) :].partition("#")[0].removeprefix("?")
    return Parts(asked, frozenset(parse_qsl(query, keep_blank_values=True)), path[len(asked) :])


def unquoted(raw: bytes, path: str) -> str:
    """The path that was asked for, decoded, but for delimiters that are encoded and that ``path`` has no place for."""
    text = raw.decode("latin-1")
    for delimiter, kept in _KEPT.items():
        if delimiter == "/" or delimiter not in path:
            text = re.sub(f"%{ord(delimiter):X}", kept, text, flags=re.IGNORECASE)
    return unquote(text)


def without_marks(text: str) -> str:
    """The text of a path parameter, its encoded delimiters among it."""
    return text.translate(_PLAIN)


def in_order(router: APIRouter) -> APIRouter:
    """The router with its routes in an order in which each can be reached: FastAPI takes the first that matches.

    What stands in a path goes before a parameter in its place, as OpenAPI has it (3.1.0, section 4.8.8.2), a path
    with a query before the same one without, and a HEAD of its own before a GET, which would answer it as well.
    """
    router.routes.sort(key=_generality)
    return router


def is_closer(path: str, other: str) -> bool:
    """Whether whatever is asked for by ``path`` could be asked for by ``other`` as well, and not the other way round."""
    return _means_all(other, path) and not _means_all(path, other)


@lru_cache(maxsize=4096)
def _means_all(wide: str, narrow: str) -> bool:
    pairs = [*zip_longest(parts_of(wide).path.split("/"), parts_of(narrow).path.split("/"))]
    return all(a == b or (a is not None and b and _WHOLE.fullmatch(a)) for a, b in pairs)


def _generality(route: BaseRoute) -> tuple[list[tuple[int, int]], int, bool, bool]:
    path, query, tail = parts_of(str(getattr(route, "path", "")))
    ranks: list[tuple[int, int]] = []
    for segment in path.split("/"):
        fixed = len(re.sub(r"{[^{}]*}", "", segment))
        rank = 0 if "{" not in segment else 3 if ":path}" in segment else 1 if fixed else 2
        ranks.append((rank, -fixed if rank in (1, 3) else 0))
    return [*ranks, (9, 0)], -len(query), "#" in tail, "HEAD" not in (getattr(route, "methods", None) or ())
