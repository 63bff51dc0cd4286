"""Sending: the sync and the async transport, which every generated client method goes through."""

from __future__ import annotations

import asyncio
import copy
import logging
import re
import time
import types
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Literal, ParamSpec, TypeVar, Unpack, cast

import httpx2

from .answers import Budget, decode, failure, is_good, is_stream, settle
from .calls import Call, Settings, prepare
from .errors import request_id
from .model import Mismatch
from .operations import Arguments, Operation, RequestOptions
from .responses import AsyncRawResponse, RawResponse
from .streams import AsyncStream, EventShape, Stream

__all__ = ["AsyncRawResponse", "AsyncStream", "Mismatch", "RawResponse", "RequestOptions", "Stream"]

T = TypeVar("T")
E = TypeVar("E")
P = ParamSpec("P")

_log = logging.getLogger(__name__.removesuffix("._runtime.transport"))
_SECRET = re.compile("auth|cookie|key|password|secret|token", re.IGNORECASE)


class _Base:
    """What both transports hold: the settings, the budget for retries, and what calls give: the value of the answer,
    its response too (``raw``), or one whose body is on its way (``open``).
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._budget = Budget(settings.retry_budget)
        self._gives: Literal["value", "raw", "open"] = "value"

    @staticmethod
    def _twin(method: Callable[P, T], gives: Literal["raw", "open"]) -> Callable[P, T]:
        """The same method on a copy of its namespace whose calls give something else. The types are the caller's."""
        namespace: object = getattr(method, "__self__", None)
        transport: object = getattr(namespace, "_transport", None)
        if not isinstance(method, types.MethodType) or not isinstance(transport, _Base):
            raise TypeError("this takes a method of the client, such as client.images.create_image")
        transport, namespace = copy.copy(transport), copy.copy(namespace)
        transport._gives = gives
        vars(namespace)["_transport"] = transport
        return cast("Callable[P, T]", types.MethodType(method.__func__, namespace))

    def _prepare(self, operation: Operation[object, object], arguments: Arguments, *, streamed: bool = False) -> Call:
        if streamed and self._gives != "value":
            raise TypeError("a stream has its response at .response")
        return prepare(self._settings, operation, arguments, streamed=streamed)

    def _shape(self, operation: Operation[object, object]) -> EventShape:
        strict = self._settings.strict_responses
        return EventShape(operation.types.event, operation.final, strict, operation.stream_media)

    def _decode(self, operation: Operation[T, object], response: httpx2.Response, mismatches: list[Mismatch]) -> T:
        strict = self._settings.strict_responses
        return cast(T, decode(operation, response, strict=strict, mismatches=mismatches))

    def _value(self, operation: Operation[T, object], response: httpx2.Response) -> T:
        mismatches: list[Mismatch] = []
        value = self._decode(operation, response, mismatches)
        if mismatches:
            told = "; ".join(map(str, mismatches[:5]))
            _log.info("%s %s: the answer is not as declared: %s", operation.method, operation.path, told)
        return value

    def _awaits_body(self, operation: Operation[object, object], response: httpx2.Response, *, streamed: bool) -> bool:
        """Whether the body is to be read whole now: always that of an error."""
        on_its_way = is_stream(operation, response) if streamed else self._gives == "open"
        return not (on_its_way and is_good(operation, response))

    def _tell_of_request(self, operation: Operation[object, object], request: httpx2.Request) -> None:
        """Logs what is sent, without a secret in it: of the URL only what the document says."""
        if _log.isEnabledFor(logging.DEBUG):
            secret = {credential.name.lower() for credential in self._settings.credentials.values()}
            shown = {
                name: "[secret]" if name in secret or _SECRET.search(name) else value
                for name, value in request.headers.items()
            }
            _log.debug("%s %s: sent with %s", operation.method, operation.path, shown)

    def _settle(
        self,
        operation: Operation[object, object],
        call: Call,
        outcome: httpx2.Response | httpx2.RequestError,
        tried: int,
        *,
        streamed: bool,
        begun: bool,
    ) -> httpx2.Response | float:
        """As :func:`settle`, and logs what came."""
        if _log.isEnabledFor(logging.INFO):
            came, name = type(outcome).__name__, None
            if isinstance(outcome, httpx2.Response):
                came, name = str(outcome.status_code), request_id(outcome.headers)
            _log.info("%s %s: %s (attempt %d, request id %s)", operation.method, operation.path, came, tried, name)
        return settle(operation, call, outcome, tried, streamed=streamed, begun=begun, budget=self._budget)


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
        if self._gives == "value":
            return self.answer(operation, arguments)[0]
        response = self._send(operation, self._prepare(operation, arguments))
        raw = RawResponse(response, partial(self._decode, operation), partial(failure, operation))
        return cast(T, raw)

    def answer(self, operation: Operation[T, object], arguments: Arguments) -> tuple[T, httpx2.Response]:
        """The value of the answer and its response. Raises as ``call`` does."""
        response = self._send(operation, self._prepare(operation, arguments))
        return self._value(operation, response), response

    def stream(self, operation: Operation[object, E], **arguments: Unpack[Arguments]) -> Stream[E]:
        """The open stream of events. Raises as ``call`` does when it cannot be opened."""
        call = self._prepare(operation, arguments, streamed=True)
        response = self._send(operation, call, streamed=True)
        return Stream(response, self._shape(operation))

    def raw(self, method: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> RawResponse[T]:
        """Calls a method of the client, ``raw(client.images.create_image, prompt=...)``, and gives its response."""
        return _response(self._twin(method, "raw")(*args, **kwargs))

    @contextmanager
    def streamed(self, method: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Generator[RawResponse[T]]:
        """As ``raw``, for ``with``: the body is on its way, to be written to a file, say, and is closed at the end."""
        opened = _response(self._twin(method, "open")(*args, **kwargs))
        try:
            yield opened
        finally:
            opened.response.close()

    def _send(self, operation: Operation[object, object], call: Call, *, streamed: bool = False) -> httpx2.Response:
        tried = 0
        while True:
            tried, begun = tried + 1, False
            outcome: httpx2.Response | httpx2.RequestError
            try:
                with call.request(self._client) as request:
                    self._tell_of_request(operation, request)
                    outcome = self._client.send(request, stream=True)
                begun = True
                if self._awaits_body(operation, outcome, streamed=streamed):
                    outcome.read()
            except httpx2.RequestError as error:
                outcome = error
            settled = self._settle(operation, call, outcome, tried, streamed=streamed, begun=begun)
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
        if self._gives == "value":
            return (await self.answer(operation, arguments))[0]
        response = await self._send(operation, self._prepare(operation, arguments))
        kind = RawResponse if self._gives == "raw" else AsyncRawResponse
        return cast(T, kind(response, partial(self._decode, operation), partial(failure, operation)))

    async def answer(self, operation: Operation[T, object], arguments: Arguments) -> tuple[T, httpx2.Response]:
        """The value of the answer and its response. Raises as ``call`` does."""
        response = await self._send(operation, self._prepare(operation, arguments))
        return self._value(operation, response), response

    def stream(self, operation: Operation[object, E], **arguments: Unpack[Arguments]) -> AsyncStream[E]:
        """The stream of events, whose request is sent by ``async with`` or by the first ``anext``."""
        call = self._prepare(operation, arguments, streamed=True)
        return AsyncStream(partial(self._send, operation, call, streamed=True), self._shape(operation))

    async def raw(self, method: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> RawResponse[T]:
        """Calls a method of the client, ``raw(client.images.create_image, prompt=...)``, and gives its response."""
        return cast("RawResponse[T]", await self._twin(method, "raw")(*args, **kwargs))

    @asynccontextmanager
    async def streamed(
        self, method: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> AsyncGenerator[AsyncRawResponse[T]]:
        """As ``raw``, for ``async with``: the body is on its way, to be written to a file, say, and is closed at the end."""
        opened = cast("AsyncRawResponse[T]", await self._twin(method, "open")(*args, **kwargs))
        try:
            yield opened
        finally:
            await opened.response.aclose()

    async def _send(
        self, operation: Operation[object, object], call: Call, *, streamed: bool = False
    ) -> httpx2.Response:
        tried = 0
        while True:
            tried, begun = tried + 1, False
            outcome: httpx2.Response | httpx2.RequestError
            try:
                with call.request(self._client) as request:
                    self._tell_of_request(operation, request)
                    outcome = await self._client.send(request, stream=True)
                begun = True
                if self._awaits_body(operation, outcome, streamed=streamed):
                    await outcome.aread()
            except httpx2.RequestError as error:
                outcome = error
            settled = self._settle(operation, call, outcome, tried, streamed=streamed, begun=begun)
            if isinstance(settled, httpx2.Response):
                return settled
            await self._sleep(settled)

    async def aclose(self) -> None:
        """Closes the connections, unless they belong to a client that was passed in."""
        if self._owns_client:
            await self._client.aclose()


def _response(given: T) -> RawResponse[T]:
    """What a twin's method gave, which has another type than the method says."""
    if not isinstance(given, RawResponse):
        raise TypeError("this takes a method that makes one call: pages are read by one each")
    return cast("RawResponse[T]", given)
