"""Answers on their way out: values as JSON, text or bytes, and what comes piece by piece."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar, cast

from pydantic import BaseModel
from starlette.concurrency import iterate_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from .model import to_json

__all__ = ["Pieces", "Reply", "Streamed", "respond"]

T = TypeVar("T")

Pieces: TypeAlias = AsyncIterable[object] | Iterable[object]
"""What a handler gives piece by piece; what is not asynchronous is read in a thread."""

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

    As JSON (wire names, and of each model only what was set) where the media type is JSON; else as text, bytes, or
    the bytes that an iterator gives. None is answered without content, as status ``empty``, where that is declared.
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
    return Streamed(cast("Pieces", reply.value), status=status, headers=headers, media_type=media_type)


class Streamed(StreamingResponse):
    """The pieces of an iterator, each sent when it is produced.

    The first piece is awaited before the status line is sent, so what is raised until then is answered like any other
    error of the route. The iterator is closed in every case, also when the client goes away.
    """

    def __init__(
        self,
        pieces: Pieces | Awaitable[Pieces],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
    ) -> None:
        self._frames = self._frame_pieces()
        super().__init__(self._frames, status, headers, media_type)
        self._source = pieces
        self._pieces: AsyncIterator[object] | None = None
        self._first: bytes | None = None
        self._model_for: Callable[[int], type[BaseModel] | None] = lambda _status: None

    async def begin(self, model_for: Callable[[int], type[BaseModel] | None]) -> None:
        """Awaits the first piece; ``model_for`` gives the declared error model of a status."""
        self._model_for = model_for
        source = await self._source if isinstance(self._source, Awaitable) else self._source
        self._pieces = aiter(source if isinstance(source, AsyncIterable) else iterate_in_threadpool(source))
        try:
            self._first = self.frame(await anext(self._pieces))
        except StopAsyncIteration:
            self._first = None
        except BaseException:
            await self._close()
            raise

    def frame(self, piece: object) -> bytes:
        """The piece as it goes out."""
        return cast(bytes, piece)

    def frame_error(self, error: Exception, model_for: Callable[[int], type[BaseModel] | None]) -> bytes:
        """What goes out as the last piece when ``error`` was raised in mid-stream; here it breaks the connection."""
        raise error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if self._pieces is None:
                await self.begin(self._model_for)
            await self._send_until_left(receive, send)
        finally:
            await self._close()
        if self.background is not None:
            await self.background()

    async def _send_until_left(self, receive: Receive, send: Send) -> None:
        """Sends the pieces and stops when the client leaves.

        In tasks, and not in the cancel scope that Starlette uses: there, every ``await`` of a handler that cleans up
        after itself would be cancelled anew.
        """
        sending = asyncio.create_task(self.stream_response(send))
        leaving = asyncio.create_task(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.wait({sending, leaving})
        if not sending.cancelled():
            with contextlib.suppress(OSError):  # how some servers say that the client has left
                sending.result()

    async def _frame_pieces(self) -> AsyncGenerator[bytes, None]:
        if self._first is None or self._pieces is None:
            return
        yield self._first
        try:
            async for piece in self._pieces:
                yield self.frame(piece)
                await asyncio.sleep(0)  # lets a cancellation in, however fast the pieces come
        except Exception as error:
            yield self.frame_error(error, self._model_for)

    async def _close(self) -> None:
        await self._frames.aclose()
        close: Callable[[], Awaitable[object]] | None = getattr(self._pieces, "aclose", None)
        if close is not None:
            await close()
