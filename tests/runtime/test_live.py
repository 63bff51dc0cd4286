"""A server on loopback: what only a real connection shows, and the official SDK as an outside judge."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, closing
from typing import Annotated

import openai
import pytest
import uvicorn
from _runtime.app import finish_app
from _runtime.bodies import json_body, reads
from _runtime.calls import Settings
from _runtime.errors import BadRequestError, StreamError, StreamInterruptedError
from _runtime.events import EventStream
from _runtime.operations import Declared, Operation
from _runtime.problems import Problem
from _runtime.replies import respond
from _runtime.routes import Route
from _runtime.streams import Stream
from _runtime.transport import AsyncTransport, Transport
from fastapi import APIRouter, Depends, FastAPI

from tests.runtime.shapes import Answer, Bifrost, Completed, Event, Image, Partial, Request

CREATE = Operation[Answer, Event](
    id="createImage",
    name="create_image",
    method="POST",
    path="/images/generations",
    stream_field="stream",
    final=frozenset({"completed"}),
    declared=lambda: Declared(body=Request, answers={200: Answer}, errors={400: Bifrost}, event=Event),
)


class Live:
    """The running server, with the switches that its handler waits for and sets."""

    def __init__(self) -> None:
        self.url = ""
        self.go_on = threading.Event()
        self.closed = threading.Event()

    async def events(self, body: Request) -> AsyncIterator[Partial | Completed]:
        try:
            if body.prompt == "refused":
                raise Problem(400, "refused", param="prompt")
            yield Partial(type="partial", index=0)
            if body.prompt == "fails":
                raise Problem(500, "out of paint", code="paint")
            while body.prompt == "wait" and not self.go_on.is_set():
                await asyncio.sleep(0.005)
            if body.prompt == "cut":
                return
            yield Completed(type="completed", usage=Image(index=1))
        finally:
            await asyncio.sleep(0)  # cleaning up may await
            self.closed.set()


@pytest.fixture(scope="module")
def server() -> Iterator[Live]:
    live = Live()
    router = APIRouter(route_class=Route)

    @router.post("/images/generations", responses={400: {"model": Bifrost}, 500: {"model": Bifrost}})
    async def create(  # pyright: ignore[reportUnusedFunction]
        body: Annotated[Request, Depends(reads(json_body(Request)))],
    ) -> object:
        if body.stream:
            return EventStream(live.events(body))
        return respond(Answer(created=1, data=[Image(url="u")]))

    app = FastAPI()
    app.include_router(router)
    finish_app(app, {}, error_models=[Bifrost])
    runner = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=runner.run, daemon=True)
    thread.start()
    while not runner.started:
        time.sleep(0.01)
    live.url = f"http://127.0.0.1:{runner.servers[0].sockets[0].getsockname()[1]}"
    yield live
    runner.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(autouse=True)
def _reset(server: Live) -> None:
    server.go_on.clear()
    server.closed.clear()


def test_events_arrive_as_they_are_produced(server: Live) -> None:
    with (
        closing(Transport(Settings(base_url=server.url))) as transport,
        transport.stream(CREATE, fields={"model": "m", "prompt": "wait"}) as events,
    ):
        assert next(events) == Partial(type="partial", index=0)
        assert not server.closed.is_set()
        server.go_on.set()
        assert [event.type for event in events] == ["completed"]
        assert server.closed.wait(5)


def test_a_client_that_goes_away_closes_the_iterator(server: Live) -> None:
    with closing(Transport(Settings(base_url=server.url))) as transport:
        events: Stream[Event] = transport.stream(CREATE, fields={"model": "m", "prompt": "wait"})
        next(events)
        assert not server.closed.wait(0.05)
        events.close()
        assert server.closed.wait(5)


def test_leaving_an_async_stream_closes_the_iterator(server: Live) -> None:
    async def main() -> None:
        async with aclosing(AsyncTransport(Settings(base_url=server.url))) as transport:
            async with transport.stream(CREATE, fields={"model": "m", "prompt": "wait"}) as events:
                assert (await anext(events)).type == "partial"
            assert await asyncio.to_thread(server.closed.wait, 5)

    asyncio.run(main())


def test_another_task_can_end_an_async_stream(server: Live) -> None:
    async def main() -> None:
        async with aclosing(AsyncTransport(Settings(base_url=server.url))) as transport:
            stream = transport.stream(CREATE, fields={"model": "m", "prompt": "wait"})
            seen: list[str] = []

            async def read() -> None:
                async for event in stream:
                    seen.append(event.type)

            reader = asyncio.create_task(read())
            while not seen:
                await asyncio.sleep(0.005)
            await stream.aclose()
            await asyncio.wait_for(reader, 5)
            assert seen == ["partial"]
            assert await asyncio.to_thread(server.closed.wait, 5)

    asyncio.run(main())


def test_our_client_reads_our_errors(server: Live) -> None:
    with closing(Transport(Settings(base_url=server.url))) as transport:
        with pytest.raises(BadRequestError) as refused:
            transport.stream(CREATE, fields={"model": "m", "prompt": "refused"})
        assert refused.value.param == "prompt"
        assert isinstance(refused.value.body, Bifrost)
        with pytest.raises(StreamError) as failed:
            list(transport.stream(CREATE, fields={"model": "m", "prompt": "fails"}))
        assert (failed.value.message, failed.value.code) == ("out of paint", "paint")
        with pytest.raises(StreamInterruptedError):
            list(transport.stream(CREATE, fields={"model": "m", "prompt": "cut"}))
        assert server.closed.wait(5)


def sdk(server: Live) -> openai.OpenAI:
    return openai.OpenAI(base_url=server.url, api_key="k", max_retries=0)


def test_the_openai_sdk_reads_answers_and_streams(server: Live) -> None:
    client = sdk(server)
    answer = client.images.generate(model="m", prompt="p")
    assert answer.data is not None
    assert answer.data[0].url == "u"
    server.go_on.clear()
    stream = client.images.generate(model="m", prompt="wait", stream=True)
    assert next(iter(stream)).type == "partial"
    server.go_on.set()
    assert [event.type for event in stream] == ["completed"]


def test_the_openai_sdk_raises_on_errors_before_and_within_a_stream(server: Live) -> None:
    client = sdk(server)
    with pytest.raises(openai.BadRequestError) as wrong:
        client.images.generate(model="m", prompt="p", size="1x1")  # type: ignore[call-overload]
    assert wrong.value.param == "size"
    with pytest.raises(openai.BadRequestError) as refused:
        client.images.generate(model="m", prompt="refused", stream=True)
    assert refused.value.param == "prompt"
    stream = iter(client.images.generate(model="m", prompt="fails", stream=True))
    assert next(stream).type == "partial"
    with pytest.raises(openai.APIError, match="out of paint") as failed:
        next(stream)
    assert (failed.value.code, failed.value.type) == ("paint", "server_error")


def test_the_async_openai_sdk_raises_within_a_stream(server: Live) -> None:
    async def main() -> None:
        async with openai.AsyncOpenAI(base_url=server.url, api_key="k", max_retries=0) as client:
            stream = aiter(await client.images.generate(model="m", prompt="fails", stream=True))
            assert (await anext(stream)).type == "partial"
            with pytest.raises(openai.APIError, match="out of paint"):
                await anext(stream)

    asyncio.run(main())
