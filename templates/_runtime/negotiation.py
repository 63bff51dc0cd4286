"""The ``Accept`` header of a request (RFC 9110, 12.5.1), and what an operation answers with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import cast

from fastapi import Request

from .problems import Problem

__all__ = ["Accepts", "asks_for", "media_types_of", "quality"]

_LONGEST_KEPT = 300


class Accepts:
    """A dependency that answers 406 where the caller takes none of an operation's media types."""

    def __init__(self, media_types: tuple[str, ...]) -> None:
        self._media_types = media_types

    async def __call__(self, request: Request) -> None:
        accept = ",".join(value.decode("latin-1") for name, value in request.scope["headers"] if name == b"accept")
        if accept in ("", "*/*"):
            return
        takes = _takes if len(accept) <= _LONGEST_KEPT else _takes.__wrapped__
        if not takes(accept, self._media_types):
            raise Problem(406, f"the answer is {' or '.join(self._media_types)}, which Accept does not allow")


def media_types_of(responses: Mapping[int | str, Mapping[str, object]]) -> tuple[str, ...]:
    """What the successes among a route's ``responses`` are written in."""
    found: dict[str, None] = {}
    for response in (response for status, response in responses.items() if str(status).startswith("2")):
        if "model" in response:
            found["application/json"] = None
        found |= dict.fromkeys(cast("Mapping[str, object]", response.get("content", {})))
    return tuple(found)


def asks_for(request: Request, media_type: str) -> bool:
    """Whether the caller names this media type, and wants none of the others that it names more."""
    accept = request.headers.get("accept", "")
    wanted = dict(_ranges(accept)).get(media_type.lower(), 0.0)
    return wanted > 0 and wanted >= max(weight for spoken, weight in _ranges(accept) if "*" not in spoken)


def quality(accept: str, media_type: str) -> float:
    """How much a caller wants a media type, from 0 (not at all) to 1: what the most specific range says of it.

    A header that names nothing takes anything. ``media_type`` may be a range as well (``image/*``).
    """
    ranges = [*_ranges(accept)]
    fitting = [(_closeness(spoken, media_type.lower()), weight) for spoken, weight in ranges]
    return max((fit for fit in fitting if fit[0] >= 0), default=(-1, 0.0 if ranges else 1.0))[1]


@lru_cache(maxsize=256)
def _takes(accept: str, media_types: tuple[str, ...]) -> bool:
    return any(quality(accept, media_type) > 0 for media_type in media_types)


def _closeness(spoken: str, media_type: str) -> int:
    """How closely a range means a media type; less than 0 if it does not."""
    kind, _, form = media_type.partition("/")
    if spoken == media_type or kind == "*" or (form == "*" and spoken.startswith(f"{kind}/")):
        return 2
    return {f"{kind}/*": 1, "*/*": 0, "*": 0}.get(spoken, -1)


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    """The media ranges of a header in lower case, without parameters, and their weights."""
    for part in accept.lower().split(","):
        spoken, *parameters = (piece.strip() for piece in part.split(";"))
        if spoken:
            weights = [value for name, _, value in (p.partition("=") for p in parameters) if name.strip() == "q"]
            yield spoken, _weight(weights[0]) if weights else 1.0


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0
