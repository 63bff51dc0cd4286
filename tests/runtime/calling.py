"""Calls through the sync or the async transport against a server in process."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Awaitable
from typing import cast

import httpx2
from _runtime.calls import Settings
from _runtime.operations import Declared, Operation
from _runtime.streams import AsyncStream, Stream
from _runtime.transport import AsyncTransport, Transport

from tests.runtime.shapes import Answer, Bifrost, Event, Request

CREATE = Operation[Answer, Event](
    id="createImage",
    name="create_image",
    method="POST",
    path="/images/generations",
    stream_field="stream",
    final=frozenset({"completed"}),
    declared=lambda: Declared(body=Request, answers={200: Answer}, errors={400: Bifrost, "5XX": Bifrost}, event=Event),
)
GET = Operation[Answer](
    id="get",
    name="get",
    method="GET",
    path="/x/{deployment-id}/{b}",
    declared=lambda: Declared(answers={200: Answer}),
)
ANSWER = {"created": 1, "data": [{"url": "u"}]}
EVENTS = b'data: {"type":"partial","index":0}\n\ndata: {"type":"completed"}\n\n'
FIELDS = {"model": "m", "prompt": "p"}


class Server:
    """Answers with what it is given, in turn, the last one for ever; keeps requests and waits."""

    def __init__(self, *answers: httpx2.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx2.Request] = []
        self.waits: list[float] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return copy.copy(answer)

    @property
    def last(self) -> httpx2.Request:
        return self.requests[-1]

    @property
    def body(self) -> object:
        return json.loads(self.last.content)


class Caller:
    """Calls the sync or the async transport; what the test says is the same."""

    def __init__(self, *, is_async: bool) -> None:
        self.is_async = is_async

    def _run(self, server: Server, method: str, operation: object, given: dict[str, object]) -> object:
        chosen: dict[str, object] = {"base_url": "http://test/base/", **dict(given.pop("settings", {}))}  # type: ignore[call-overload]
        settings = Settings(**chosen)  # type: ignore[arg-type]
        mock = httpx2.MockTransport(server)
        if not self.is_async:
            sync = Transport(settings, httpx2.Client(transport=mock), sleep=server.waits.append)
            result = getattr(sync, method)(operation, **given)
            return [*result] if isinstance(result, Stream) else result

        async def main() -> object:
            async def sleep(seconds: float) -> None:
                server.waits.append(seconds)

            twin = AsyncTransport(settings, httpx2.AsyncClient(transport=mock), sleep=sleep)
            result = getattr(twin, method)(operation, **given)
            if isinstance(result, AsyncStream):
                return [event async for event in result]
            return await cast("Awaitable[object]", result)

        return asyncio.run(main())

    def call(self, server: Server, operation: object = CREATE, **given: object) -> object:
        return self._run(server, "call", operation, given)

    def stream(self, server: Server, operation: object = CREATE, **given: object) -> object:
        return self._run(server, "stream", operation, given)


def ok(**headers: str) -> httpx2.Response:
    return httpx2.Response(200, json=ANSWER, headers=headers)


def events(content: bytes = EVENTS) -> httpx2.Response:
    return httpx2.Response(200, content=content, headers={"content-type": "text/event-stream; charset=utf-8"})
