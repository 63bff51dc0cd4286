"""Answers on their way out: values as JSON, text or bytes, files, and what comes piece by piece."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar, cast

from starlette.responses import FileResponse, Response

from .model import to_json
from .streaming import Pieces, Streamed

__all__ = ["Reply", "respond"]

T = TypeVar("T")

_WITHOUT_CONTENT = (204, 205, 304)  # RFC 9110, 15.3.5, 15.3.6 and 15.4.5


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """A handler's answer with more than its value: ``return Reply(job, status=202, headers={"Location": url})``.

    ``status`` and ``media_type`` are those of the operation's usual answer unless they are given. A reply of None has
    no content.
    """

    value: T
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    media_type: str | None = None


def respond(
    value: object, *, status: int = 200, media_type: str = "application/json", empty: int | None = None
) -> Response:
    """The response that says ``value``, which may be a :class:`Reply`.

    As JSON (wire names, and of each model only what was set) where the media type is JSON; else as text, bytes, the
    bytes that an iterator gives, or the file at a path, of which ranges can be asked for. None is answered without content, as status ``empty``, where that is declared.
    """
    reply = cast("Reply[object]", value) if isinstance(value, Reply) else Reply(value)
    nothing = reply.value is None and (reply is value or empty is not None)
    status = reply.status or (empty if nothing and empty is not None else status)
    media_type, headers = reply.media_type or media_type, dict(reply.headers)
    if nothing or status in _WITHOUT_CONTENT:
        return Response(status_code=status, headers=headers)
    if media_type.partition(";")[0].endswith(("/json", "+json")):
        return Response(to_json(reply.value), status, headers, media_type)
    if isinstance(reply.value, str | bytes):
        return Response(reply.value, status, headers, media_type)
    if hasattr(reply.value, "__fspath__"):
        return FileResponse(cast("os.PathLike[str]", reply.value), status, headers, media_type)
    return Streamed(cast("Pieces", reply.value), status=status, headers=headers, media_type=media_type)
