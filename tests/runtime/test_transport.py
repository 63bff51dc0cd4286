from __future__ import annotations

import asyncio
import copy
import datetime
import email.utils
import inspect
import json
import time
from collections.abc import Awaitable
from typing import cast

import httpx2
import pytest
from _runtime import errors
from _runtime.streams import AsyncStream, Stream
from _runtime.transport import (
    ApiKey,
    AsyncTransport,
    Basic,
    BearerToken,
    Credential,
    Operation,
    Transport,
)

from tests.runtime.shapes import Answer, Bifrost, Completed, Event, Image, Partial, Request

CREATE = Operation[Answer, Event](
    id="createImage",
    name="create_image",
    method="POST",
    path="/images/generations",
    body=Request,
    response=Answer,
    errors={400: Bifrost, "5XX": Bifrost},
    event=Event,
    stream_field="stream",
    final=frozenset({"completed"}),
)
GET = Operation[Answer](
    id="get", name="get", method="GET", path="/x/{deployment-id}/{b}", response=Answer
)
ANSWER = {"created": 1, "data": [{"url": "u"}]}
EVENTS = b'data: {"type":"partial","index":0}\n\ndata: {"type":"completed"}\n\n'
FIELDS = {"model": "m", "prompt": "p"}


class Server:
    """Answers with what it is given, in turn, the last one for ever; keeps requests, waits and open bodies."""

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

    def _run(
        self, server: Server, method: str, operation: object, given: dict[str, object]
    ) -> object:
        settings: dict[str, object] = {"base_url": "http://test/base/", **dict(given.pop("settings", {}))}  # type: ignore[call-overload]
        transport = httpx2.MockTransport(server)
        if not self.is_async:
            client = httpx2.Client(transport=transport)
            with Transport(http_client=client, sleep=server.waits.append, **settings) as sync:  # type: ignore[arg-type]
                result = getattr(sync, method)(operation, **given)
                return [*result] if isinstance(result, Stream) else result

        async def main() -> object:
            async def sleep(seconds: float) -> None:
                server.waits.append(seconds)

            client = httpx2.AsyncClient(transport=transport)
            async with AsyncTransport(http_client=client, sleep=sleep, **settings) as twin:  # type: ignore[arg-type]
                result = getattr(twin, method)(operation, **given)
                if isinstance(result, AsyncStream):
                    return [event async for event in result]
                return await cast("Awaitable[object]", result)

        return asyncio.run(main())

    def call(self, server: Server, operation: object = CREATE, **given: object) -> object:
        return self._run(server, "call", operation, given)

    def stream(self, server: Server, operation: object = CREATE, **given: object) -> object:
        return self._run(server, "stream", operation, given)


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def caller(request: pytest.FixtureRequest) -> Caller:
    return Caller(is_async=request.param)


def ok(**headers: str) -> httpx2.Response:
    return httpx2.Response(200, json=ANSWER, headers=headers)


def events(content: bytes = EVENTS) -> httpx2.Response:
    return httpx2.Response(
        200, content=content, headers={"content-type": "text/event-stream; charset=utf-8"}
    )


def test_a_call_sends_only_what_was_set_and_gives_the_typed_answer(caller: Caller) -> None:
    server = Server(ok())
    fields = {**FIELDS, "user_id": "u", "images": [Image(url="x", b64=None)]}
    answer = caller.call(server, fields=fields)
    assert answer == Answer(created=1, data=[Image(url="u")])
    assert server.last.method == "POST"
    assert str(server.last.url) == "http://test/base/images/generations"
    assert server.body == {"model": "m", "prompt": "p", "user-id": "u", "images": [{"url": "x"}]}
    assert server.last.headers["content-type"] == "application/json"
    assert server.last.headers["accept"] == "application/json"


def test_a_body_that_is_no_object_is_sent_whole(caller: Caller) -> None:
    server = Server(ok())
    caller.call(server, body=[Image(url="x"), 1])
    assert server.body == [{"url": "x"}, 1]
    caller.call(server, GET, path={"deployment-id": "a", "b": "c"})
    assert server.last.content == b""
    assert "content-type" not in server.last.headers


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({**FIELDS, "x": 1}, "create_image() got an unexpected keyword argument 'x'"),
        ({**FIELDS, "user-id": 1}, "create_image() got an unexpected keyword argument 'user-id'"),
        ({**FIELDS, "stream": True}, "create_image() got an unexpected keyword argument 'stream'"),
        ({"model": "m"}, "create_image() missing 1 required keyword-only argument: 'prompt'"),
        ({}, "create_image() missing 2 required keyword-only arguments: 'model' and 'prompt'"),
    ],
)
def test_wrong_keywords_raise_type_error_as_python_does(
    caller: Caller, fields: dict[str, object], message: str
) -> None:
    server = Server(ok())
    with pytest.raises(TypeError) as caught:
        caller.call(server, fields=fields)
    assert str(caught.value) == message
    with pytest.raises(TypeError) as caught:
        caller.stream(server, fields=fields)
    assert str(caught.value) == message.replace("image(", "image_stream(")
    assert server.requests == []


def test_call_options_go_over_everything_else(caller: Caller) -> None:
    server = Server(ok())
    caller.call(
        server,
        fields={"model": "m"},
        query={"a": 1, "b": 2},
        settings={"headers": {"X-One": "1", "X-Two": "2"}, "max_retries": 0},
        options={
            "headers": {"x-two": "two"},
            "query": {"b": [3, 4]},
            "body": {"prompt": "extra", "vendor": {"seed": 1}},
            "timeout": 7.0,
        },
    )
    assert server.body == {"model": "m", "prompt": "extra", "vendor": {"seed": 1}}
    assert server.last.url.query == b"a=1&b=3&b=4"
    assert (server.last.headers["x-one"], server.last.headers["x-two"]) == ("1", "two")
    assert server.last.extensions["timeout"]["read"] == 7.0


def test_the_default_timeout_leaves_time_for_an_image(caller: Caller) -> None:
    server = Server(ok())
    caller.call(server, fields=FIELDS)
    assert server.last.extensions["timeout"] == {
        "connect": 5.0,
        "read": 600.0,
        "write": 600.0,
        "pool": 600.0,
    }
    caller.call(server, fields=FIELDS, options={"timeout": None})
    assert server.last.extensions["timeout"]["read"] is None


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        ("a/b", b"a%2Fb"),
        ("../up", b"..%2Fup"),
        ("%2e%2e", b"%252e%252e"),
        ("x?y#z", b"x%3Fy%23z"),
        ("a b;c=d@e", b"a%20b%3Bc%3Dd%40e"),
        ("naïve", b"na%C3%AFve"),
        (True, b"true"),
        (["a", "b,c"], b"a,b%2Cc"),
    ],
)
def test_a_path_value_stays_within_its_segment(caller: Caller, value: object, raw: bytes) -> None:
    server = Server(ok())
    caller.call(server, GET, path={"deployment-id": value, "b": 2})
    assert server.last.url.raw_path == b"/base/x/" + raw + b"/2"


@pytest.mark.parametrize("value", ["", ".", "..", None, [], ["a", ".."]])
def test_a_path_value_that_would_change_the_path_is_refused(caller: Caller, value: object) -> None:
    server = Server(ok())
    with pytest.raises(ValueError, match="deployment-id"):
        caller.call(server, GET, path={"deployment-id": value, "b": 2})
    assert server.requests == []


def test_parameters_are_written_as_openapi_writes_them(caller: Caller) -> None:
    server = Server(ok())
    noon = datetime.datetime(2024, 2, 1, 12, tzinfo=datetime.UTC)
    caller.call(
        server,
        GET,
        path={"deployment-id": "d", "b": "b"},
        query={
            "api-version": noon,
            "tag": ["a&b", "c"],
            "deep": True,
            "none": None,
            "day": noon.date(),
        },
        headers={"X-List": [1, 2], "X-No": False, "X-None": None},
        cookies={"session": "s-1", "none": None},
        settings={"base_url": "https://test/base?key=k"},
    )
    assert server.last.url.params.multi_items() == [
        ("key", "k"),
        ("api-version", "2024-02-01T12:00:00+00:00"),
        ("tag", "a&b"),
        ("tag", "c"),
        ("deep", "true"),
        ("day", "2024-02-01"),
    ]
    assert server.last.url.path == "/base/x/d/b"
    assert server.last.headers["x-list"] == "1,2"
    assert server.last.headers["x-no"] == "false"
    assert "x-none" not in server.last.headers
    assert server.last.headers["cookie"] == "session=s-1"
    with pytest.raises(ValueError, match="cookie"):
        caller.call(server, GET, path={"deployment-id": "d", "b": "b"}, cookies={"a": "1; admin=1"})
    with pytest.raises(TypeError, match="dict"):
        caller.call(server, GET, path={"deployment-id": "d", "b": "b"}, query={"a": {"b": 1}})


KEY = ApiKey("x-bf-vk", "secret")


@pytest.mark.parametrize(
    ("security", "credentials", "expected"),
    [
        (
            (("B",), ("K",)),
            {"K": KEY, "B": BearerToken("secret")},
            {"authorization": "Bearer secret"},
        ),
        ((("B",), ("K",)), {"K": KEY}, {"x-bf-vk": "secret"}),
        (
            (("B", "K"), ("U",)),
            {"K": KEY, "U": Basic("ü", "p:")},
            {"authorization": "Basic w7w6cDo="},
        ),
        (
            (("B", "K"),),
            {"K": KEY, "B": BearerToken("s")},
            {"authorization": "Bearer s", "x-bf-vk": "secret"},
        ),
        (((), ("K",)), {"K": KEY}, {"x-bf-vk": "secret"}),
        ((("B",),), {"K": KEY}, {}),
        ((), {"K": KEY}, {}),
        ((("C",),), {"C": ApiKey("c", "v", "cookie")}, {"cookie": "c=v"}),
    ],
)
def test_the_first_alternative_that_is_complete_is_applied(
    caller: Caller,
    security: tuple[tuple[str, ...], ...],
    credentials: dict[str, Credential],
    expected: dict[str, str],
) -> None:
    server = Server(ok())
    operation = Operation[Answer](
        id="o", name="o", method="GET", path="/", response=Answer, security=security
    )
    caller.call(server, operation, settings={"credentials": credentials})
    sent = {name: server.last.headers.get(name) for name in ("authorization", "x-bf-vk", "cookie")}
    assert {name: value for name, value in sent.items() if value} == expected


def test_a_key_in_the_query(caller: Caller) -> None:
    server = Server(ok())
    operation = Operation[Answer](
        id="o", name="o", method="GET", path="/", response=Answer, security=(("Q",),)
    )
    caller.call(
        server, operation, settings={"credentials": {"Q": ApiKey("api key", "a&b", "query")}}
    )
    assert server.last.url.params.multi_items() == [("api key", "a&b")]


def test_credentials_do_not_show_their_secrets() -> None:
    shown = repr([BearerToken("secret"), Basic("user", "secret"), KEY])
    assert "secret" not in shown
    assert "user" in shown


def test_a_base_url_must_be_absolute() -> None:
    for url in ("", "/v1", "localhost:8080", "ftp://test"):
        with pytest.raises(ValueError, match="base_url"):
            Transport(base_url=url)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
def test_passing_failures_are_retried_with_growing_waits(caller: Caller, status: int) -> None:
    server = Server(httpx2.Response(status), httpx2.ConnectError("refused"), ok())
    assert isinstance(caller.call(server, fields=FIELDS), Answer)
    assert len(server.requests) == 3
    assert 0.375 <= server.waits[0] <= 0.5
    assert 0.75 <= server.waits[1] <= 1.0
    assert server.requests[0].content == server.requests[2].content


def test_retries_end(caller: Caller) -> None:
    server = Server(httpx2.Response(503, json={"error": {"message": "busy"}}))
    with pytest.raises(errors.ServerError, match="503: busy"):
        caller.call(server, fields=FIELDS)
    assert len(server.requests) == 3
    server = Server(httpx2.Response(503))
    with pytest.raises(errors.ServerError):
        caller.call(server, fields=FIELDS, options={"max_retries": 0})
    assert len(server.requests) == 1
    server = Server(httpx2.Response(503))
    with pytest.raises(errors.ServerError):
        caller.call(server, fields=FIELDS, settings={"max_retries": 7})
    assert len(server.requests) == 8
    assert max(server.waits) <= 8.0


@pytest.mark.parametrize("status", [301, 400, 401, 404, 422])
def test_lasting_failures_are_not_retried(caller: Caller, status: int) -> None:
    server = Server(httpx2.Response(status, headers={"location": "/other"}))
    with pytest.raises(errors.StatusError) as caught:
        caller.call(server, fields=FIELDS)
    assert (len(server.requests), caught.value.status) == (1, status)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"retry-after": "60"}, 60.0),
    ],
)
def test_retry_after_is_honoured(caller: Caller, headers: dict[str, str], wait: float) -> None:
    server = Server(httpx2.Response(429, headers=headers), ok())
    caller.call(server, fields=FIELDS)
    assert server.waits == [wait]


def test_retry_after_as_a_date(caller: Caller) -> None:
    date = email.utils.formatdate(time.time() + 30, usegmt=True)
    server = Server(httpx2.Response(429, headers={"retry-after": date}), ok())
    caller.call(server, fields=FIELDS)
    assert 25 < server.waits[0] <= 30


@pytest.mark.parametrize("asked", ["61", "Fri, 31 Dec 9999 23:59:59 GMT", "9" * 400])
def test_a_wait_of_more_than_a_minute_is_left_to_the_caller(caller: Caller, asked: str) -> None:
    server = Server(httpx2.Response(429, headers={"retry-after": asked}), ok())
    with pytest.raises(errors.RateLimitError) as caught:
        caller.call(server, fields=FIELDS)
    assert caught.value.headers["retry-after"] == asked
    assert server.waits == []


@pytest.mark.parametrize("asked", ["-1", "soon", "nan", "inf", ""])
def test_a_retry_after_that_says_nothing_is_ignored(caller: Caller, asked: str) -> None:
    server = Server(httpx2.Response(429, headers={"retry-after": asked}), ok())
    caller.call(server, fields=FIELDS)
    assert 0.375 <= server.waits[0] <= 0.5


def test_a_read_timeout_is_retried_only_where_nothing_is_done_twice(caller: Caller) -> None:
    server = Server(httpx2.ReadTimeout("slow"), ok())
    with pytest.raises(errors.RequestTimeoutError) as caught:
        caller.call(server, fields=FIELDS)
    assert len(server.requests) == 1
    assert caught.value.request.method == "POST"
    assert isinstance(caught.value.__cause__, httpx2.ReadTimeout)

    server = Server(httpx2.ReadTimeout("slow"), ok())
    caller.call(server, GET, path={"deployment-id": "a", "b": "b"})
    assert len(server.requests) == 2

    server = Server(httpx2.ConnectTimeout("slow"), ok())
    caller.call(server, fields=FIELDS)
    assert len(server.requests) == 2


def test_a_request_that_cannot_be_sent_is_not_tried_again(caller: Caller) -> None:
    server = Server(httpx2.LocalProtocolError("illegal header"))
    with pytest.raises(errors.TransportError, match="POST /images/generations: illegal header"):
        caller.call(server, fields=FIELDS)
    assert len(server.requests) == 1


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
    server = Server(
        httpx2.Response(status, json={"error": {"message": "m", "param": "p", "code": 7}})
    )
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

    error = failed(
        status_code=400, json={"status_code": "400", "error": {"message": 1, "param": "size"}}
    )
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
def test_a_2xx_body_that_cannot_be_read_raises(
    caller: Caller, content: bytes, message: str
) -> None:
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
    with pytest.raises(
        errors.DecodeError, match="not a stream of events but application/json"
    ) as caught:
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
                http_client=httpx2.AsyncClient(
                    transport=httpx2.MockTransport(Server(httpx2.Response(400)))
                ),
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
        client = httpx2.AsyncClient(
            transport=httpx2.MockTransport(Server(ok(**{"x-request-id": "r1"})))
        )
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
