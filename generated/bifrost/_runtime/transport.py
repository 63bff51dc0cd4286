"""Sending: the sync and the async transport, which every generated client method goes through."""

from __future__ import annotations

import asyncio
import copy
import time
import types
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Generic, ParamSpec, Self, TypeVar, Unpack, cast

import httpx2

from .answers import decode, failure, is_event_stream, not_a_stream, retry_delay
from .calls import (
    DEFAULT_TIMEOUT,
    ApiKey,
    Arguments,
    Basic,
    BearerToken,
    Call,
    Credential,
    Operation,
    RequestOptions,
    Settings,
    prepare,
)
from .streams import AsyncStream, EventShape, Stream

__all__ = [
    "ApiKey",
    "AsyncTransport",
    "Basic",
    "BearerToken",
    "Credential",
    "Operation",
    "RawResponse",
    "RequestOptions",
    "Transport",
]

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
        return EventShape(operation.event, operation.final, self._settings.strict_responses)

    def _decode(self, operation: Operation[T, object], response: httpx2.Response) -> T:
        if self._note is not None:
            self._note(response)
        return cast(T, decode(operation, response, strict=self._settings.strict_responses))


class Transport(_Base):
    """Sends calls through an ``httpx2.Client``: its own, which ``close`` closes, or one that is passed in.

    For the other arguments see :class:`calls.Settings`; ``sleep`` waits between two attempts. Redirects are not
    followed by a client of its own, since keys in headers would go with them.
    """

    def __init__(
        self,
        *,
        base_url: str | httpx2.URL,
        credentials: Mapping[str, Credential] | None = None,
        timeout: float | httpx2.Timeout | None = DEFAULT_TIMEOUT,
        max_retries: int = 2,
        headers: Mapping[str, str] | None = None,
        strict_responses: bool = False,
        http_client: httpx2.Client | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        super().__init__(
            Settings(
                base_url=base_url,
                credentials=credentials or {},
                timeout=timeout,
                max_retries=max_retries,
                headers=headers or {},
                strict_responses=strict_responses,
            )
        )
        self._client = http_client or httpx2.Client()
        self._owns_client = http_client is None
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
            try:
                response = self._client.send(call.request(self._client), stream=streamed)
                if streamed and not (response.is_success and is_event_stream(response)):
                    response.read()
            except httpx2.RequestError as error:
                delay = retry_delay(call, error, tried)
                if delay is None:
                    raise failure(operation, error) from error
            else:
                if response.is_success and streamed and not is_event_stream(response):
                    raise not_a_stream(operation, response)
                if response.is_success:
                    return response
                delay = retry_delay(call, response, tried)
                if delay is None:
                    raise failure(operation, response)
            self._sleep(delay)

    def close(self) -> None:
        """Closes the connections, unless they belong to a client that was passed in."""
        if self._owns_client:
            self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncTransport(_Base):
    """The async twin of :class:`Transport`, through an ``httpx2.AsyncClient``."""

    def __init__(
        self,
        *,
        base_url: str | httpx2.URL,
        credentials: Mapping[str, Credential] | None = None,
        timeout: float | httpx2.Timeout | None = DEFAULT_TIMEOUT,
        max_retries: int = 2,
        headers: Mapping[str, str] | None = None,
        strict_responses: bool = False,
        http_client: httpx2.AsyncClient | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        super().__init__(
            Settings(
                base_url=base_url,
                credentials=credentials or {},
                timeout=timeout,
                max_retries=max_retries,
                headers=headers or {},
                strict_responses=strict_responses,
            )
        )
        self._client = http_client or httpx2.AsyncClient()
        self._owns_client = http_client is None
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
            try:
                response = await self._client.send(call.request(self._client), stream=streamed)
                if streamed and not (response.is_success and is_event_stream(response)):
                    await response.aread()
            except httpx2.RequestError as error:
                delay = retry_delay(call, error, tried)
                if delay is None:
                    raise failure(operation, error) from error
            else:
                if response.is_success and streamed and not is_event_stream(response):
                    raise not_a_stream(operation, response)
                if response.is_success:
                    return response
                delay = retry_delay(call, response, tried)
                if delay is None:
                    raise failure(operation, response)
            await self._sleep(delay)

    async def aclose(self) -> None:
        """Closes the connections, unless they belong to a client that was passed in."""
        if self._owns_client:
            await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


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
