"""Streams of events: server-sent, or a JSON text after the other."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import ClassVar, cast

from pydantic_core import from_json
from starlette.exceptions import HTTPException as StarletteHTTPException

from .model import to_json
from .problems import Problem, envelope, problem_of, render_problem
from .request_ids import request_id
from .streaming import ModelFor, Pieces, Streamed

__all__ = ["EventStream", "LineStream", "SequenceStream"]

_log = logging.getLogger(__name__)


class EventStream(Streamed):
    """Server-sent events (WHATWG HTML, 9.2), each named by its ``type``.

    What is raised in mid-stream becomes the last event. A :class:`Problem`, or any exception, is then an object with
    a top-level ``error``, which is where the OpenAI SDK looks; what an unexpected one says is logged, not sent.
    With ``done``, a stream that ends well ends with ``data: [DONE]``.
    """

    lasting: ClassVar[bool] = True

    def __init__(
        self,
        events: Pieces | Awaitable[Pieces],
        *,
        status: int = 200,
        media_type: str = "text/event-stream",
        done: bool = False,
    ) -> None:
        self._done = done
        headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
        super().__init__(events, status=status, headers=headers, media_type=media_type)

    def frame_error(self, error: Exception, model_for: ModelFor) -> bytes:
        if isinstance(error, StarletteHTTPException):
            problem = problem_of(error)
        else:
            _log.error("a stream of events failed, request %s", request_id() or "without id", exc_info=error)
            problem = Problem(500, "the server failed")
        text = to_json(problem.body or render_problem(problem, model_for(problem.status)))
        if not cast("dict[str, object]", from_json(text)).get("error"):
            text = to_json(envelope(problem))
        return self.frame_text(text, "error")

    def frame(self, piece: object) -> bytes:
        kind = getattr(piece, "type", None)
        return self.frame_text(to_json(piece), kind if isinstance(kind, str) and kind.isprintable() else None)

    def frame_end(self) -> bytes:
        return b"data: [DONE]\n\n" if self._done else b""

    def frame_pause(self) -> bytes:
        return b": keep-alive\n\n"

    def frame_text(self, text: bytes, kind: str | None) -> bytes:
        """An event's JSON as it goes out; ``kind`` says what it is, if it does."""
        name = f"event: {kind}\n".encode() if kind else b""
        return b"%sdata: %s\n\n" % (name, text)  # JSON of ours is one line


class LineStream(EventStream):
    """A JSON text on each line (ndjson, JSON Lines). No sign of life: not every reader takes an empty line."""

    def frame_pause(self) -> bytes:
        return b""

    def frame_text(self, text: bytes, kind: str | None) -> bytes:
        return text + b"\n"


class SequenceStream(LineStream):
    """A JSON text sequence (RFC 7464)."""

    def frame_text(self, text: bytes, kind: str | None) -> bytes:
        return b"\x1e" + text + b"\n"
