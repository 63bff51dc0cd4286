from __future__ import annotations

import asyncio
import inspect
import json
import pickle
from dataclasses import replace
from typing import cast

import httpx2
import pytest
from _runtime import errors
from _runtime.calls import Settings
from _runtime.credentials import Credential
from _runtime.operations import Declared, Operation, PlainText
from _runtime.paging import Pager
from _runtime.streams import Stream
from _runtime.transport import AsyncTransport, Transport

from tests.runtime.calling import ANSWER, CREATE, EVENTS, FIELDS, GET, Caller, Server, events, ok
from tests.runtime.shapes import Answer, Bifrost, Completed, Event, Image, Partial, Request


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


def test_the_answer_is_read_as_the_one_declared_for_its_status(caller: Caller) -> None:
    def get(answer: httpx2.Response, **declared: object) -> object:
        answers = {int(status[1:]): annotation for status, annotation in declared.items()}
        operation = Operation[object](
            id="o", name="o", method="GET", path="/", declared=lambda: Declared(answers=answers)
        )
        return caller.call(Server(answer), operation)

    assert get(httpx2.Response(204)) is None
    assert get(httpx2.Response(200, json={"not": "declared"})) is None
    assert get(httpx2.Response(200), _200=Answer | None) is None
    assert get(httpx2.Response(200, content="é".encode()), _200=PlainText) == "é"
    assert get(httpx2.Response(200, json="é"), _200=str) == "é"
    assert get(httpx2.Response(200, content=b"\x89PNG"), _200=bytes) == b"\x89PNG"
    assert get(httpx2.Response(200, json=[{"url": "u"}]), _200=list[Image]) == [Image(url="u")]

    several: dict[str, object] = {"_200": Image, "_202": list[int], "_203": bytes, "_204": None}
    assert get(httpx2.Response(200, json={"url": "u"}), **several) == Image(url="u")
    assert get(httpx2.Response(202, json=[1]), **several) == [1]
    assert get(httpx2.Response(203, content=b"x"), **several) == b"x"
    assert get(httpx2.Response(204), **several) is None
    assert get(httpx2.Response(201, json={"url": "u"}), **several) == Image(url="u")

    assert get(httpx2.Response(302, headers={"location": "/"}), _302=None) is None
    assert get(httpx2.Response(304), _200=Image, _304=None) is None
    with pytest.raises(errors.StatusError):
        get(httpx2.Response(304), _200=Image)


@pytest.mark.parametrize("content", [b"null", b"[]", b'"x"', b"3"])
def test_json_of_another_kind_than_declared_is_no_answer(caller: Caller, content: bytes) -> None:
    with pytest.raises(errors.DecodeError, match="not what the API declares"):
        caller.call(Server(httpx2.Response(200, content=content)), fields=FIELDS)
    operation = Operation[object](
        id="o", name="o", method="GET", path="/", declared=lambda: Declared(answers={200: dict[str, int]})
    )
    with pytest.raises(errors.DecodeError):
        caller.call(Server(httpx2.Response(200, content=content)), operation)


def test_what_is_asked_for(caller: Caller) -> None:
    server = Server(ok())
    caller.call(server, replace(GET, accept="image/png, */*;q=0.5"), path={"deployment-id": "a", "b": "b"})
    assert server.last.headers["accept"] == "image/png, */*;q=0.5"


LINES = replace(CREATE, stream_media="application/x-ndjson")


@pytest.mark.parametrize("media", ["application/x-ndjson", "application/jsonl; charset=utf-8", "application/json"])
def test_a_stream_of_lines_goes_by_many_names(caller: Caller, media: str) -> None:
    content = b'{"type":"partial","index":0}\n\n{"type":"completed"}'
    server = Server(httpx2.Response(200, content=content, headers={"content-type": media}))
    assert caller.stream(server, LINES, fields=FIELDS) == [
        Partial(type="partial", index=0),
        Completed(type="completed"),
    ]
    assert server.last.headers["accept"].startswith("application/x-ndjson")
    html = httpx2.Response(200, content=content, headers={"content-type": "text/html"})
    with pytest.raises(errors.DecodeError, match="not a stream of events but text/html"):
        caller.stream(Server(html), LINES, fields=FIELDS)


def test_a_switch_that_is_on_by_default_is_turned_off(caller: Caller) -> None:
    server, operation = Server(ok()), replace(CREATE, stream_by_default=True)
    caller.call(server, operation, fields=FIELDS)
    assert server.body == {**FIELDS, "stream": False}
    caller.call(server, operation, body=Request(model="m", prompt="p"))
    assert server.body == {**FIELDS, "stream": False}


def test_errors_can_be_pickled(caller: Caller) -> None:
    def raised(server: Server, method: str = "call") -> errors.ApiError:
        with pytest.raises(errors.ApiError) as caught:
            getattr(caller, method)(server, fields=FIELDS, options={"max_retries": 0})
        return caught.value

    event = b'data: {"error":{"message":"no","code":1}}\n\n'
    for error in (
        raised(Server(httpx2.Response(400, json={"error": {"message": "m", "param": "p"}}))),
        raised(Server(httpx2.ReadTimeout("slow"))),
        raised(Server(httpx2.Response(200, content=b"<"))),
        raised(Server(events(event)), "stream"),
        raised(Server(events(b"data: <\n\n")), "stream"),
    ):
        twin = pickle.loads(pickle.dumps(error))
        assert (type(twin), str(twin), twin.args) == (type(error), str(error), error.args)
        assert vars(twin).keys() == vars(error).keys()
        assert getattr(twin, "param", None) == getattr(error, "param", None)


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
        Settings(base_url="http://test"),
        httpx2.Client(transport=httpx2.MockTransport(Server(httpx2.Response(400)))),
    )
    with pytest.raises(errors.BadRequestError):
        transport.stream(CREATE, fields=FIELDS)


def test_an_async_stream_is_sent_when_it_is_entered_not_before() -> None:
    async def main() -> None:
        server = Server(events())
        client = httpx2.AsyncClient(transport=httpx2.MockTransport(server))
        transport = AsyncTransport(Settings(base_url="http://test"), client)
        stream = transport.stream(CREATE, fields=FIELDS)
        assert not inspect.isawaitable(stream)
        assert server.requests == []
        async with stream as opened:
            assert len(server.requests) == 1
            assert len([event async for event in opened]) == 2
        assert len(server.requests) == 1
        with pytest.raises(errors.BadRequestError):
            async with AsyncTransport(
                Settings(base_url="http://test"),
                httpx2.AsyncClient(transport=httpx2.MockTransport(Server(httpx2.Response(400)))),
            ).stream(CREATE, fields=FIELDS):
                pytest.fail("entered a stream that was refused")

    asyncio.run(main())


class Images:
    """A namespace as the generator writes it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create_image(self, **fields: object) -> Answer:
        return self._transport.call(CREATE, fields=fields)

    def iter_images(self) -> Pager[object, Answer]:
        return Pager(self._transport, CREATE)

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
    transport = Transport(Settings(base_url="http://test"), client, sleep=server.waits.append)
    images = Images(transport)
    raw = transport.raw(images.create_image, model="m", prompt="p")
    assert (raw.status_code, raw.headers["x-request-id"], raw.request_id) == (200, "r1", "r1")
    assert raw.parse().created == 1
    assert json.loads(raw.content) == raw.response.json() == ANSWER
    assert images._transport is transport  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(TypeError, match="stream"):
        transport.raw(images.create_image_stream, model="m", prompt="p")
    with pytest.raises(TypeError, match="one call"):
        transport.raw(images.iter_images)
    with pytest.raises(TypeError, match="method of the client"):
        transport.raw(len, [])


def test_raw_async() -> None:
    async def main() -> None:
        client = httpx2.AsyncClient(transport=httpx2.MockTransport(Server(ok(**{"x-request-id": "r1"}))))
        transport = AsyncTransport(Settings(base_url="http://test"), client)
        raw = await transport.raw(AsyncImages(transport).create_image, model="m", prompt="p")
        assert (raw.request_id, raw.parse().created) == ("r1", 1)

    asyncio.run(main())


def test_only_an_own_client_is_closed() -> None:
    mine = httpx2.Client(transport=httpx2.MockTransport(Server(ok())))
    Transport(Settings(base_url="http://test"), mine).close()
    assert not mine.is_closed
    transport = Transport(Settings(base_url="http://test"))
    transport.close()
    assert transport._client.is_closed  # pyright: ignore[reportPrivateUsage]


def test_raw_tells_where_the_body_differs_from_its_schema(caplog: pytest.LogCaptureFixture) -> None:
    body = {"created": "soon", "data": [{"url": 1}], "quality": "hd", "new": 1}
    client = httpx2.Client(transport=httpx2.MockTransport(Server(httpx2.Response(200, json=body))))
    transport = Transport(Settings(base_url="http://test"), client)
    raw = transport.raw(Images(transport).create_image, model="m", prompt="p")
    assert [item.pointer for item in raw.mismatches] == ["/created", "/data/0/url", "/quality"]
    assert json.loads(raw.content) == body
    caplog.set_level("INFO", "_runtime.transport")
    assert transport.call(CREATE, fields=FIELDS).model_extra == {"new": 1}
    assert "the answer is not as declared: /created: Input should be a valid integer" in caplog.text

    strict = Transport(Settings(base_url="http://test", strict_responses=True), client)
    raw = strict.raw(Images(strict).create_image, model="m", prompt="p")
    assert len(raw.mismatches) == 3
    with pytest.raises(errors.DecodeError, match=r"/created: .*, and 2 more") as caught:
        raw.parse()
    assert [item.pointer for item in caught.value.mismatches] == ["/created", "/data/0/url", "/quality"]


def test_an_answer_that_fits_has_no_mismatches(caller: Caller) -> None:
    client = httpx2.Client(transport=httpx2.MockTransport(Server(ok())))
    transport = Transport(Settings(base_url="http://test"), client)
    assert transport.raw(Images(transport).create_image, model="m", prompt="p").mismatches == ()


def test_errors_say_what_the_server_calls_the_request(caller: Caller) -> None:
    for name in ("x-request-id", "request-id", "apim-request-id"):
        with pytest.raises(errors.BadRequestError) as caught:
            caller.call(Server(httpx2.Response(400, headers={name: "r1"})), fields=FIELDS)
        assert caught.value.request_id == "r1"


def test_the_log_tells_what_was_sent_and_what_came_without_a_secret(
    caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "_runtime.transport")
    known = {
        "B": Credential("Authorization", "Bearer sec-b"),
        "K": Credential("x-vk", "sec-k"),
        "Q": Credential("key", "sec-q", "query"),
        "C": Credential("session", "sec-c", "cookie"),
    }
    operation = replace(CREATE, security=(("B", "K", "Q", "C"),))
    headers = {"x-secret-thing": "sec-h", "x-plain": "shown"}
    settings = {"base_url": "http://u:sec-u@test/", "credentials": known, "headers": headers}
    server = Server(httpx2.Response(503, headers={"x-request-id": "r1"}), ok())
    caller.call(server, operation, fields=FIELDS, settings=settings)
    assert "sec-q" in str(server.last.url)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name == "_runtime.transport")
    assert "POST /images/generations: 503 (attempt 1, request id r1)" in ours
    assert "POST /images/generations: 200 (attempt 2, request id None)" in ours
    assert "'x-plain': 'shown'" in ours
    assert "'x-vk': '[secret]'" in ours
    assert "sec-" not in ours
