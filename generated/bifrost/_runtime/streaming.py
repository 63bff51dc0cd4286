"""Answers that come piece by piece, from when the first is ready until the last is taken or nobody waits any more."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import ClassVar, Final, TypeAlias, cast

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from .incoming import ClientLeftError, Watch, incoming
from .problems import Problem

__all__ = ["ModelFor", "Pieces", "Streamed"]

Pieces: TypeAlias = AsyncIterable[object] | Iterable[object]
"""What a handler gives piece by piece; what is not asynchronous is read in a thread."""

ModelFor: TypeAlias = Callable[[int], "type[BaseModel] | None"]
"""Gives the error model that a route declares for a status."""

_SendPiece: TypeAlias = Callable[[bytes], Awaitable[None]]

_TICK: Final = 0.25
_GRACE: Final = 10.0
"""Seconds that a lasting stream has left when the server stops, where that has no time-out of its own."""


class Streamed(StreamingResponse):
    """The pieces of an iterator, each asked for when the client has taken the one before it.

    The first piece is awaited before the status line is sent, so what is raised until then is answered like any other
    error of the route. One task asks for all the others, and is cancelled when the client goes away. The iterator is
    closed in every case.
    """

    lasting: ClassVar[bool] = False
    """Whether the stream may go on for as long as the server does, which then has to end it."""

    def __init__(
        self,
        pieces: Pieces | Awaitable[Pieces],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
    ) -> None:
        super().__init__((), status, headers, media_type)
        self._source = pieces
        self._pieces: AsyncIterator[object] | None = None
        self._first: bytes | None = None
        self._model_for: ModelFor = lambda _status: None
        self._keep_alive: float | None = None

    async def begin(self, model_for: ModelFor, keep_alive: float | None = None) -> None:
        """Awaits the first piece. After ``keep_alive`` seconds without one, those that follow are waited for with a
        sign of life, in streams that have one.
        """
        self._model_for, self._keep_alive = model_for, keep_alive
        given = await self._source if isinstance(self._source, Awaitable) else self._source
        self._pieces = aiter(given if isinstance(given, AsyncIterable) else _in_threads(given))
        try:
            self._first = self.frame(await anext(self._pieces))
        except StopAsyncIteration:
            self._first = None
        except BaseException:
            await self.close()
            raise

    def frame(self, piece: object) -> bytes:
        """The piece as it goes out."""
        return cast(bytes, piece)

    def frame_error(self, error: Exception, model_for: ModelFor) -> bytes:
        """What goes out as the last piece when ``error`` was raised in mid-stream; here it breaks the connection."""
        raise error

    def frame_end(self) -> bytes:
        """What goes out after the last piece of a stream that ends well."""
        return b""

    def frame_pause(self) -> bytes:
        """The sign of life of a stream that waits for its next piece; empty if it has none."""
        return b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if self._pieces is None:
                await self.begin(self._model_for)
            with contextlib.suppress(ClientDisconnect):
                await self._send_all(Watch(incoming(scope, receive), patience=0), send)
        finally:
            await self.close()
        if self.background is not None:
            await self.background()

    async def close(self) -> None:
        """Closes the iterator."""
        close: Callable[[], Awaitable[object]] | None = getattr(self._pieces, "aclose", None)
        if close is not None:
            await close()

    async def _send_all(self, watch: Watch, send: Send) -> None:
        async def send_piece(piece: bytes, more: bool = True) -> None:
            try:
                await send({"type": "http.response.body", "body": piece, "more_body": more})
            except OSError as error:  # how some servers say that the client has left
                raise ClientLeftError from error

        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            with watch, _Attendant(self, watch, send_piece, self._keep_alive) as attendant:
                await self._send_pieces(send_piece, attendant)
        except ClientDisconnect:
            raise
        except Exception as error:
            last = self.frame_error(error, self._model_for)
        else:
            last = self.frame_end()
        await send_piece(last, more=False)

    async def _send_pieces(self, send_piece: _SendPiece, attendant: _Attendant) -> None:
        if self._first is None or self._pieces is None:
            return
        await send_piece(self._first)
        while True:
            attendant.wait()
            try:
                piece = await anext(self._pieces)
            except StopAsyncIteration:
                return
            attendant.go_on()
            await send_piece(self.frame(piece))
            await asyncio.sleep(0)  # lets others in, however fast the pieces come


async def _in_threads(pieces: Iterable[object]) -> AsyncGenerator[object, None]:
    """The pieces of an iterator that blocks, which is closed when no thread is in it any more."""
    iterator, over = iter(pieces), object()
    asked: asyncio.Task[object] | None = None
    try:
        while True:
            asked = asyncio.create_task(run_in_threadpool(next, iterator, over))
            piece = await asyncio.shield(asked)
            if piece is over:
                return
            yield piece
    finally:
        if asked is not None:
            await asyncio.wait({asked})
            asked.exception()  # has been raised, or nobody waits for it any more
        close: Callable[[], object] | None = getattr(iterator, "close", None)
        if close is not None:
            await run_in_threadpool(close)


class _Attendant:
    """Looks after a stream while it is sent: gives signs of life, and ends one that lasts when the server stops."""

    def __init__(self, stream: Streamed, watch: Watch, send_piece: _SendPiece, keep_alive: float | None) -> None:
        self._watch = watch
        self._lasting = stream.lasting
        self._send_piece = send_piece
        self._sign = stream.frame_pause()
        self._keep_alive = keep_alive if self._sign else None
        self._waits_since: float | None = None
        self._end: float | None = None
        self._sending: asyncio.Task[None] | None = None

    def wait(self) -> None:
        """The stream has nothing to send from now on."""
        self._waits_since = self._loop.time()

    def go_on(self) -> None:
        """The stream has something to send."""
        self._waits_since = None

    def __enter__(self) -> _Attendant:
        self._loop = asyncio.get_running_loop()
        self._period = min(_TICK, self._keep_alive or _TICK)
        self._timer = self._loop.call_later(self._period, self._tick) if self._lasting else None
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._sending is not None:
            self._sending.cancel()

    def _tick(self) -> None:
        now, sent = self._loop.time(), self._sending is None or self._sending.done()
        since = now if self._waits_since is None else self._waits_since
        if self._keep_alive is not None and sent and now - since >= self._keep_alive:
            self._waits_since = now
            self._sending = self._loop.create_task(self._send_sign())
        left = _seconds_left()
        if left is not None:
            self._end = now + left if self._end is None else self._end
            if now >= self._end:
                self._watch.end(Problem(503, "the server is shutting down"))
                return
        self._timer = self._loop.call_later(self._period, self._tick)

    async def _send_sign(self) -> None:
        with contextlib.suppress(ClientLeftError):
            await self._send_piece(self._sign)


def _seconds_left() -> float | None:
    """How long a stream may go on after uvicorn was told to stop; None as long as it was not.

    uvicorn tells an app so when its last connection is closed, which is what it waits for. The handler of its signals is
    a method of the server, which knows. Other servers cancel what is left when their time is over.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if getattr(server, "should_exit", False) is not True:
        return None
    timeout: object = getattr(getattr(server, "config", None), "timeout_graceful_shutdown", None)
    return max(timeout - 1.0, 0.0) if isinstance(timeout, int | float) else _GRACE
