from __future__ import annotations

import asyncio
import inspect
import json
from typing import cast

import httpx2
import pytest
from _runtime import errors
from _runtime.streams import Stream
from _runtime.transport import AsyncTransport, Operation, Transport

from tests.runtime.calling import ANSWER, CREATE, EVENTS, FIELDS, Caller, Server, events, ok
from tests.runtime.shapes import Answer, Bifrost, Completed, Event, Image, Partial


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequestError),
        (401, errors.AuthenticationError),
        (403, errors.PermissionDeniedError),
        (404, errors.NotFoundError),
        (409, errors.ConflictError),
        (418, errors.StatusError),
        (422, errors.UnprocessableEntityError),
        (429, errors.RateLimitError),
        (502, errors.ServerError),
    ],
)
def test_each_status_has_its_error(caller: Caller, status: int, kind: type[Exception]) -> None:
    server = Server(httpx2.Response(status, json={"error": {"message": "m", "param": "p", "code": 7}}))
    with pytest.raises(errors.ApiError) as caught:
        caller.call(server, fields=FIELDS, options={"max_retries": 0})
    assert type(caught.value) is kind
    assert isinstance(caught.value, errors.StatusError)
    assert (caught.value.message, caught.value.param, caught.value.code) == ("m", "p", "7")
    assert caught.value.response.status_code == caught.value.status == status


def test_an_error_body_is_the_declared_model_or_json_or_text(caller: Caller) -> None:
    def failed(**answer: object) -> errors.StatusError:
        with pytest.raises(errors.StatusError) as caught:
            caller.call(Server(httpx2.Response(**answer)), fields=FIELDS, options={"max_retries": 0})  # type: ignore[arg-type]
        return caught.value

    error = failed(status_code=400, json={"status_code": "400", "error": {"message": 1, "param": "size"}})
    assert isinstance(error.body, Bifrost)
    assert error.body.error is not None
    assert (error.declared, error.param, error.body.error.param) == (True, "size", "size")
    assert isinstance(failed(status_code=503, json={}).body, Bifrost)

    error = failed(status_code=404, json={"detail": "gone"})
    assert (error.body, error.declared, error.message) == ({"detail": "gone"}, False, "gone")
    error = failed(status_code=400, content=b"<html>no</html>")
    assert (error.body, error.declared, error.message) == (
        "<html>no</html>",
        False,
        "<html>no</html>",
    )
    error = failed(status_code=400, json=["no"])
    assert (error.body, error.declared, error.message) == (["no"], False, "Bad Request")
    assert str(failed(status_code=404)) == "404: Not Found"


def test_a_2xx_body_that_does_not_fit_is_read_leniently_or_refused(caller: Caller) -> None:
    body = {"created": "x", "data": [{"url": "u", "new": 1}]}
    server = Server(httpx2.Response(200, json=body))
    answer = caller.call(server, fields=FIELDS)
    assert isinstance(answer, Answer)
    assert (answer.created, answer.data[0].url, answer.data[0].model_extra) == (
        "x",
        "u",
        {"new": 1},
    )
    with pytest.raises(errors.DecodeError, match="not what the API declares") as caught:
        caller.call(server, fields=FIELDS, settings={"strict_responses": True})
    assert json.loads(caught.value.content) == body


@pytest.mark.parametrize(
    ("content", "message"), [(b"<html>", "200 answer is not JSON"), (b"", "200 answer has no body")]
)
def test_a_2xx_body_that_cannot_be_read_raises(caller: Caller, content: bytes, message: str) -> None:
    with pytest.raises(errors.DecodeError, match=message) as caught:
        caller.call(Server(httpx2.Response(200, content=content)), fields=FIELDS)
    assert caught.value.content == content


def test_answers_other_than_json(caller: Caller) -> None:
    def get(success: str, response: object, answer: httpx2.Response) -> object:
        operation = Operation[object](
            id="o", name="o", method="GET", path="/", response=response, success=success  # type: ignore[arg-type]
        )
        return caller.call(Server(answer), operation)

    assert get("json", None, httpx2.Response(204)) is None
    assert get("json", Answer | None, httpx2.Response(204)) is None
    assert get("text", str, httpx2.Response(200, content="é".encode())) == "é"
    assert get("binary", bytes, httpx2.Response(200, content=b"\x89PNG")) == b"\x89PNG"
    assert get("json", list[Image], httpx2.Response(200, json=[{"url": "u"}])) == [Image(url="u")]


def test_a_stream_sets_the_switch_and_gives_typed_events(caller: Caller) -> None:
    server = Server(events())
    assert caller.stream(server, fields=FIELDS) == [
        Partial(type="partial", index=0),
        Completed(type="completed"),
    ]
    assert server.body == {**FIELDS, "stream": True}
    assert server.last.headers["accept"].startswith("text/event-stream")


def test_opening_a_stream_is_retried(caller: Caller) -> None:
    server = Server(httpx2.Response(503), httpx2.ConnectError("refused"), events())
    assert len(cast("list[object]", caller.stream(server, fields=FIELDS))) == 2
    assert len(server.requests) == 3


def test_a_stream_is_never_retried_once_it_is_open(caller: Caller) -> None:
    server = Server(events(EVENTS[:40]), events())
    with pytest.raises(errors.StreamInterruptedError):
        caller.stream(server, fields=FIELDS)
    assert len(server.requests) == 1


def test_a_stream_that_is_refused_raises_the_typed_error(caller: Caller) -> None:
    server = Server(httpx2.Response(400, json={"error": {"message": "no", "param": "size"}}))
    with pytest.raises(errors.BadRequestError) as caught:
        caller.stream(server, fields=FIELDS)
    assert caught.value.param == "size"
    assert isinstance(caught.value.body, Bifrost)


def test_a_plain_answer_to_a_streamed_call_raises(caller: Caller) -> None:
    with pytest.raises(errors.DecodeError, match="not a stream of events but application/json") as caught:
        caller.stream(Server(ok()), fields=FIELDS)
    assert json.loads(caught.value.content) == ANSWER


def test_the_sync_stream_raises_before_iteration() -> None:
    transport = Transport(
        base_url="http://test",
        http_client=httpx2.Client(transport=httpx2.MockTransport(Server(httpx2.Response(400)))),
    )
    with pytest.raises(errors.BadRequestError):
        transport.stream(CREATE, fields=FIELDS)


def test_an_async_stream_is_sent_when_it_is_entered_not_before() -> None:
    async def main() -> None:
        server = Server(events())
        client = httpx2.AsyncClient(transport=httpx2.MockTransport(server))
        transport = AsyncTransport(base_url="http://test", http_client=client)
        stream = transport.stream(CREATE, fields=FIELDS)
        assert not inspect.isawaitable(stream)
        assert server.requests == []
        async with stream as opened:
            assert len(server.requests) == 1
            assert len([event async for event in opened]) == 2
        assert len(server.requests) == 1
        with pytest.raises(errors.BadRequestError):
            async with AsyncTransport(
                base_url="http://test",
                http_client=httpx2.AsyncClient(transport=httpx2.MockTransport(Server(httpx2.Response(400)))),
            ).stream(CREATE, fields=FIELDS):
                pytest.fail("entered a stream that was refused")

    asyncio.run(main())


class Images:
    """A namespace as the generator writes it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create_image(self, **fields: object) -> Answer:
        return self._transport.call(CREATE, fields=fields)

    def create_image_stream(self, **fields: object) -> Stream[Event]:
        return self._transport.stream(CREATE, fields=fields)


class AsyncImages:
    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def create_image(self, **fields: object) -> Answer:
        return await self._transport.call(CREATE, fields=fields)


def test_raw_gives_the_response_next_to_the_value() -> None:
    server = Server(httpx2.Response(503), ok(**{"x-request-id": "r1"}), events())
    client = httpx2.Client(transport=httpx2.MockTransport(server))
    transport = Transport(base_url="http://test", http_client=client, sleep=server.waits.append)
    images = Images(transport)
    raw = transport.raw(images.create_image, model="m", prompt="p")
    assert (raw.status, raw.headers["x-request-id"], raw.value.created) == (200, "r1", 1)
    assert json.loads(raw.content) == raw.response.json() == ANSWER
    assert images._transport is transport  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(TypeError, match="stream"):
        transport.raw(images.create_image_stream, model="m", prompt="p")
    with pytest.raises(TypeError, match="method of the client"):
        transport.raw(len, [])


def test_raw_async() -> None:
    async def main() -> None:
        client = httpx2.AsyncClient(transport=httpx2.MockTransport(Server(ok(**{"x-request-id": "r1"}))))
        transport = AsyncTransport(base_url="http://test", http_client=client)
        raw = await transport.raw(AsyncImages(transport).create_image, model="m", prompt="p")
        assert (raw.headers["x-request-id"], raw.value.created) == ("r1", 1)

    asyncio.run(main())


def test_only_an_own_client_is_closed() -> None:
    mine = httpx2.Client(transport=httpx2.MockTransport(Server(ok())))
    with Transport(base_url="http://test", http_client=mine):
        pass
    assert not mine.is_closed
    with Transport(base_url="http://test") as transport:
        own = transport._client  # pyright: ignore[reportPrivateUsage]
    assert own.is_closed
