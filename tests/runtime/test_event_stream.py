from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Annotated

import pytest
from _runtime.bodies import json_body, reads
from _runtime.events import EventStream, LineStream, SequenceStream
from _runtime.handlers import UnimplementedError
from _runtime.problems import Problem
from _runtime.routes import Route
from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.types import Message

from tests.runtime.apps import GOOD, build, post, send
from tests.runtime.shapes import Bifrost, Completed, Flat, Image, Partial, Request


def stream_router(
    events: object, responses: dict[int | str, dict[str, object]] | None = None, *, done: bool = False
) -> APIRouter:
    router = APIRouter(route_class=Route)

    @router.post("/images", responses=responses or {})
    async def create(  # pyright: ignore[reportUnusedFunction]
        body: Annotated[Request, Depends(reads(json_body(Request)))],
    ) -> object:
        return EventStream(events, done=done)  # type: ignore[arg-type]

    return router


class Events:
    """An async iterator of its items, the last of which may be an exception; knows whether it was closed."""

    def __init__(self, *items: object) -> None:
        self.items = list(items)
        self.closed = 0

    def __aiter__(self) -> Events:
        return self

    async def __anext__(self) -> object:
        if not self.items:
            raise StopAsyncIteration
        item = self.items.pop(0)
        if isinstance(item, Exception):
            raise item
        return item

    async def aclose(self) -> None:
        self.closed += 1


PARTIAL, COMPLETED = Partial(type="partial", index=0), Completed(type="completed")
WIRE = 'event: partial\ndata: {"type":"partial","index":0}\n\n' 'event: completed\ndata: {"type":"completed"}\n\n'


def test_events_are_framed_with_their_type_and_the_iterator_is_closed() -> None:
    events = Events(PARTIAL, COMPLETED)
    answer = post(build(stream_router(events)), GOOD)
    assert answer.text == WIRE
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert (answer.headers["cache-control"], answer.headers["x-accel-buffering"]) == (
        "no-cache",
        "no",
    )
    assert events.closed
    assert post(build(stream_router(Events(Image(url="u")))), GOOD).text == 'data: {"url":"u"}\n\n'
    assert post(build(stream_router(Events())), GOOD).text == ""


def test_done_is_said_after_the_last_event_and_not_after_an_error() -> None:
    assert post(build(stream_router(Events(PARTIAL, COMPLETED), done=True)), GOOD).text == WIRE + "data: [DONE]\n\n"
    broken = post(build(stream_router(Events(PARTIAL, Problem(400, "m")), done=True)), GOOD).text
    assert "event: error" in broken and "[DONE]" not in broken


def test_an_awaitable_that_gives_the_iterator_will_do() -> None:
    async def later() -> Events:
        return Events(PARTIAL, COMPLETED)

    assert post(build(stream_router(later())), GOOD).text == WIRE


@pytest.mark.parametrize("error", [Problem(400, "no", param="size"), UnimplementedError(), RuntimeError("x")])
def test_an_error_before_the_first_event_is_answered_as_a_status(error: Exception) -> None:
    events = Events(error)
    answer = post(build(stream_router(events, {"4XX": {"model": Bifrost}})), GOOD)
    status = {Problem: 400, UnimplementedError: 501, RuntimeError: 500}[type(error)]
    assert answer.status_code == status
    assert answer.json()["error"]["message"] == {400: "no", 500: "the server failed"}.get(
        status, "POST /images is not implemented"
    )
    assert events.closed


@pytest.mark.parametrize(
    ("model", "data"),
    [
        (
            None,
            {
                "error": {
                    "message": "m",
                    "type": "invalid_request_error",
                    "param": "size",
                    "code": None,
                }
            },
        ),
        (
            Flat,
            {
                "error": {
                    "message": "m",
                    "type": "invalid_request_error",
                    "param": "size",
                    "code": None,
                }
            },
        ),
        (
            Bifrost,
            {
                "type": "invalid_request_error",
                "status_code": 400,
                "error": {"type": "invalid_request_error", "message": "m", "param": "size"},
            },
        ),
    ],
)
def test_a_problem_in_mid_stream_is_an_error_event(model: type[BaseModel] | None, data: dict[str, object]) -> None:
    events = Events(PARTIAL, Problem(400, "m", param="size"))
    responses: dict[int | str, dict[str, object]] = {400: {"model": model}} if model else {}
    text = post(build(stream_router(events, responses)), GOOD).text
    first, last, rest = text.split("\n\n")
    assert first.startswith("event: partial")
    assert last.startswith("event: error\ndata: ")
    assert json.loads(last.removeprefix("event: error\ndata: ")) == data
    assert rest == ""
    assert events.closed


def test_an_unexpected_exception_in_mid_stream_is_logged_and_not_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR, "_runtime.events"):
        text = post(build(stream_router(Events(PARTIAL, RuntimeError("the password")))), GOOD).text
    assert "password" not in text
    assert "the server failed" in text
    assert "the password" in caplog.text


@pytest.mark.parametrize(("kind", "mark"), [(LineStream, b""), (SequenceStream, b"\x1e")])
def test_events_may_be_lines_or_a_sequence_and_an_error_is_the_last(kind: type[EventStream], mark: bytes) -> None:
    router = APIRouter(route_class=Route)
    events = Events(PARTIAL, Problem(429, "m"))

    @router.get("/events")
    async def get() -> object:  # pyright: ignore[reportUnusedFunction]
        return kind(events, media_type="application/x-of-a-kind")  # type: ignore[arg-type]

    answer = send(build(router), "GET", "/events")
    assert answer.headers["content-type"] == "application/x-of-a-kind"
    first, last = answer.content.splitlines()
    assert first == mark + b'{"type":"partial","index":0}'
    assert json.loads(last.removeprefix(mark))["error"]["message"] == "m"


def test_events_may_come_from_a_generator_that_is_not_asynchronous() -> None:
    assert post(build(stream_router(item for item in (PARTIAL, COMPLETED))), GOOD).text == WIRE


def test_a_client_that_leaves_stops_a_producer_that_never_waits() -> None:
    sent: list[Message] = []

    async def produce() -> AsyncIterator[Partial]:
        for _ in range(10_000):
            yield PARTIAL

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send_message(message: Message) -> None:
        sent.append(message)

    asyncio.run(EventStream(produce())({"type": "http"}, receive, send_message))
    assert len(sent) < 100
