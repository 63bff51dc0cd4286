"""Sending: the sync and the async transport, which every generated client method goes through."""

from __future__ import annotations

import asyncio
import copy
import time
import types
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, ParamSpec, TypeVar, Unpack, cast

import httpx2

from .answers import decode, is_good, is_stream, settle
from .calls import Call, Settings, prepare
from .operations import Arguments, Operation
from .streams import AsyncStream, EventShape, Stream

T = TypeVar("T")
E = TypeVar("E")
P = ParamSpec("P")

_TRANSPORT, _NOTE = "_transport", "_note"  # attributes that ``raw`` sets on copies


@dataclass(frozen=True)
class RawResponse(Generic[T]):
    """A call's value together with the HTTP response that it was read from."""

    status: int
    headers: httpx2.Headers
    content: bytes
    response: httpx2.Response
    value: T


class _Base:
    """What both transports hold: the settings, and where to note responses for ``raw``."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._note: Callable[[httpx2.Response], None] | None = None

    def _prepare(self, operation: Operation[object, object], arguments: Arguments, *, streamed: bool = False) -> Call:
        return prepare(self._settings, operation, arguments, streamed=streamed)

    def _shape(self, operation: Operation[object, object]) -> EventShape:
        strict = self._settings.strict_responses
        return EventShape(operation.types.event, operation.final, strict, operation.stream_media)

    def _awaits_body(self, operation: Operation[object, object], response: httpx2.Response, *, streamed: bool) -> bool:
        """Whether a body that is still on its way is to be read whole: it is that of an error, say."""
        return streamed and not (is_good(operation, response) and is_stream(operation, response))

    def _decode(self, operation: Operation[T, object], response: httpx2.Response) -> T:
        if self._note is not None:
            self._note(response)
        return cast(T, decode(operation, response, strict=self._settings.strict_responses))


class Transport(_Base):
    """Sends calls through an ``httpx2.Client``: its own, which ``close`` closes, or one that is passed in.

    ``sleep`` waits between two attempts. Redirects are not followed by a client of its own, since keys in headers
    would go with them.
    """

    def __init__(
        self,
        settings: Settings,
        client: httpx2.Client | None = None,
        *,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        super().__init__(settings)
        self._client = client or httpx2.Client()
        self._owns_client = client is None
        self._sleep = sleep

    def call(self, operation: Operation[T, object], **arguments: Unpack[Arguments]) -> T:
        """The value of the answer. Raises any :class:`ApiError` but :class:`StreamError`."""
        call = self._prepare(operation, arguments)
        return self._decode(operation, self._send(operation, call, streamed=False))

    def stream(self, operation: Operation[object, E], **arguments: Unpack[Arguments]) -> Stream[E]:
        """The open stream of events. Raises as ``call`` does when it cannot be opened."""
        call = self._prepare(operation, arguments, streamed=True)
        response = self._send(operation, call, streamed=True)
        return Stream(response, self._shape(operation))

    def raw(self, method: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> RawResponse[T]:
        """Calls a method of the client, ``raw(client.images.create_image, prompt=...)``, and keeps its response.

        A stream has no need of it: it has its response at ``.response``.
        """
        notes: list[httpx2.Response] = []
        return _raw_response(_rebind(method, notes.append)(*args, **kwargs), notes)

    def _send(self, operation: Operation[object, object], call: Call, *, streamed: bool) -> httpx2.Response:
        tried = 0
        while True:
            tried += 1
            outcome: httpx2.Response | httpx2.RequestError
            try:
                with call.request(self._client) as request:
                    outcome = self._client.send(request, stream=streamed)
                if self._awaits_body(operation, outcome, streamed=streamed):
                    outcome.read()
            except httpx2.RequestError as error:
                outcome = error
            settled = settle(operation, call, outcome, tried, streamed=streamed)
            if isinstance(settled, httpx2.Response):
                return settled
            self._sleep(settled)

    def close(self) -> None:
        """Closes the connections, unless they belong to a client that was passed in."""
        if self._owns_client:
            self._client.close()


class AsyncTransport(_Base):
    """The async twin of :class:`Transport`, through an ``httpx2.AsyncClient``."""

    def __init__(
        self,
        settings: Settings,
        client: httpx2.AsyncClient | None = None,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        super().__init__(settings)
        self._client = client or httpx2.AsyncClient()
        self._owns_client = client is None
        self._sleep = sleep

    async def call(self, operation: Operation[T, object], **arguments: Unpack[Arguments]) -> T:
        """The value of the answer. Raises any :class:`ApiError` but :class:`StreamError`."""
        call = self._prepare(operation, arguments)
        return self._decode(operation, await self._send(operation, call, streamed=False))

    def stream(self, operation: Operation[object, E], **arguments: Unpack[Arguments]) -> AsyncStream[E]:
        """The stream of events, whose request is sent by ``async with`` or by the first ``anext``."""
        call = self._prepare(operation, arguments, streamed=True)

        async def send() -> httpx2.Response:
            return await self._send(operation, call, streamed=True)

        return AsyncStream(send, self._shape(operation))

    async def raw(self, method: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> RawResponse[T]:
        """Calls a method of the client, ``raw(client.images.create_image, prompt=...)``, and keeps its response.

        A stream has no need of it: it has its response at ``.response``.
        """
        notes: list[httpx2.Response] = []
        return _raw_response(await _rebind(method, notes.append)(*args, **kwargs), notes)

    async def _send(self, operation: Operation[object, object], call: Call, *, streamed: bool) -> httpx2.Response:
        tried = 0
        while True:
            tried += 1
            outcome: httpx2.Response | httpx2.RequestError
            try:
                with call.request(self._client) as request:
                    outcome = await self._client.send(request, stream=streamed)
                if self._awaits_body(operation, outcome, streamed=streamed):
                    await outcome.aread()
            except httpx2.RequestError as error:
                outcome = error
            settled = settle(operation, call, outcome, tried, streamed=streamed)
            if isinstance(settled, httpx2.Response):
                return settled
            await self._sleep(settled)

    async def aclose(self) -> None:
        """Closes the connections, unless they belong to a client that was passed in."""
        if self._owns_client:
            await self._client.aclose()


def _rebind(method: Callable[P, T], note: Callable[[httpx2.Response], None]) -> Callable[P, T]:
    """The same method on a copy of its namespace whose transport notes the responses of its calls."""
    namespace: object = getattr(method, "__self__", None)
    transport: object = getattr(namespace, _TRANSPORT, None)
    if not isinstance(method, types.MethodType) or not isinstance(transport, _Base):
        raise TypeError("raw() takes a method of the client, such as client.images.create_image")
    noting, twin = copy.copy(transport), copy.copy(namespace)
    setattr(noting, _NOTE, note)
    setattr(twin, _TRANSPORT, noting)
    return cast("Callable[P, T]", types.MethodType(method.__func__, twin))


def _raw_response(value: T, notes: list[httpx2.Response]) -> RawResponse[T]:
    if isinstance(value, Stream):
        value.close()
        raise TypeError("raw() is not for streams: a stream has its response at .response")
    (response,) = notes
    return RawResponse(
        status=response.status_code,
        headers=response.headers,
        content=response.content,
        response=response,
        value=value,
    )
