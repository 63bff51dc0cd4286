"""A request on its way in: how large its body may become, and whether its sender is still there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import Final, Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope

from .problems import Problem
from .settings import Limits

__all__ = ["ClientLeftError", "Incoming", "Watch", "first_header", "incoming"]

_KEY: Final = "specloom.incoming"
_HEADERS: Final = "specloom.headers"
_PATIENCE: Final = 0.1
"""Seconds before anybody looks whether the client has left: most calls are answered by then, and need no second task."""


def first_header(scope: Scope, name: bytes) -> str:
    """The first header of this name, which is in lower case; empty if there is none."""
    first: dict[bytes, bytes] | None = scope.get(_HEADERS)
    if first is None:
        first = scope[_HEADERS] = dict([*scope.get("headers", ())][::-1])
    return first[name].decode("latin-1") if name in first else ""


class ClientLeftError(ClientDisconnect):
    """The client closed the connection before it was answered."""


class _Closes(Protocol):
    def close(self) -> Awaitable[object]: ...


class Incoming:
    """The ASGI ``receive`` of a request. It raises :class:`Problem` 413 for a body that is larger than its limit, by its
    own word or when that much has come. ``kept`` is closed once the call is answered.
    """

    def __init__(self, scope: Scope, receive: Receive, limits: Limits) -> None:
        scope[_KEY] = self
        self.kept: list[_Closes] = []
        self._scope = scope
        self._receive = receive
        self._limits = limits
        self._limit = limits.max_upload_bytes
        self._size = 0
        self._over = False
        self._left = False

    async def __call__(self) -> Message:
        if self._size == 0:  # not even asked for, if it is too large by its own word
            said = first_header(self._scope, b"content-length")
            _check(int(said) if said.isdecimal() else 0, self._limit)
        message = await self._receive()
        self._left = message["type"] == "http.disconnect"
        self._over = not (self._left or message.get("more_body", False))
        self._size += len(message.get("body", b""))
        _check(self._size, self._limit)
        return message

    def hold(self) -> None:
        """Says that all of the body is held in memory at once, so that the limit is that of such bodies."""
        self._limit = self._limits.max_body_bytes

    async def read(self, request: Request) -> bytes:
        """All of the body. Raises :class:`ClientLeftError` where it does not come whole."""
        self.hold()
        if self._size or self._over:  # somebody has read it before us
            return await request.body()
        pieces: list[bytes] = []
        while not self._over:
            message = await self()
            if message["type"] == "http.disconnect":
                raise ClientLeftError
            pieces.append(message.get("body", b""))
        return b"".join(pieces)

    def check_held(self, size: int) -> None:
        """Raises the same for a part of ``size`` bytes that is held in memory."""
        _check(size, self._limits.max_body_bytes)

    def is_over(self) -> bool:
        """Whether nobody waits for a part of the body any more, nor has heard by that that the client has left."""
        if self._over or self._left:
            return self._over
        announced = (b"content-length", b"transfer-encoding")
        return not any(name in announced and value != b"0" for name, value in self._scope.get("headers", ()))

    async def wait_for_leaving(self) -> None:
        """Returns when the client has left."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def close(self) -> None:
        """Closes what was kept."""
        for item in self.kept:
            await item.close()


def _check(size: int, limit: int | None) -> None:
    if limit is not None and size > limit:
        # Closed, since what is still on its way would have to be read only to be thrown away.
        raise Problem(413, f"the body has more than {limit} bytes", headers={"connection": "close"})


def incoming(scope: Scope, receive: Receive) -> Incoming:
    """The incoming side of a request; a new one where it has not come through one of our routes."""
    return scope.get(_KEY) or Incoming(scope, receive, Limits())


class Watch:
    """Cancels the task that enters it when the client leaves, which then raises :class:`ClientLeftError`.

    Not while the handler reads the body, which tells it as well. A cancellation by others stays one.
    """

    def __init__(self, source: Incoming, patience: float = _PATIENCE) -> None:
        self._source = source
        self._patience = patience
        self._reason: Exception | None = None
        self._listener: asyncio.Task[None] | None = None

    def __enter__(self) -> Watch:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(self._patience, self._begin)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._listener is not None:
            self._listener.cancel()
        if self._reason is not None and isinstance(error, asyncio.CancelledError):
            self._task.uncancel()
            raise self._reason from None

    def end(self, reason: Exception) -> None:
        """Cancels the task, which then raises ``reason``."""
        if self._reason is None:
            self._reason = reason
            self._task.cancel()

    def _begin(self) -> None:
        if self._source.is_over():
            self._listener = self._loop.create_task(self._listen())
        else:
            self._timer = self._loop.call_later(_PATIENCE, self._begin)

    async def _listen(self) -> None:
        await self._source.wait_for_leaving()
        self.end(ClientLeftError())
