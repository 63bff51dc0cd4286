from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Literal, Protocol

import httpx2
import pytest
from _runtime.model import Model, to_json
from _runtime.server import (
    EventStream,
    Problem,
    Route,
    admit,
    check_handlers,
    finish_app,
    implementation,
    matches,
    render_problem,
    respond,
)
from fastapi import APIRouter, Body, Depends, FastAPI, Header, HTTPException, Query
from fastapi import Request as HttpRequest
from pydantic import BaseModel

from tests.runtime.shapes import (
    Answer,
    Bifrost,
    Completed,
    Flat,
    Image,
    Partial,
    ProblemDetails,
    Request,
    Unfillable,
)


class Open(Model):
    """A body in which nothing is required."""

    note: str | None = None


def build(router: APIRouter, *models: type[BaseModel]) -> FastAPI:
    app = FastAPI()
    app.include_router(router)
    finish_app(app, {"openapi": "3.1.0", "info": {"title": "the source"}}, error_models=models)
    return app


def send(app: FastAPI, method: str, path: str, **given: object) -> httpx2.Response:
    async def main() -> httpx2.Response:
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **given)  # type: ignore[arg-type]

    return asyncio.run(main())


def post(app: FastAPI, body: object, path: str = "/images") -> httpx2.Response:
    return send(app, "POST", path, json=body)


def image_router(responses: dict[int | str, dict[str, object]] | None = None) -> APIRouter:
    router = APIRouter(route_class=Route)

    @router.post("/images", responses=responses or {})
    async def create(
        body: Annotated[Request, Body()],
    ) -> object:  # pyright: ignore[reportUnusedFunction]
        assert type(body) is Request
        return respond({"set": sorted(body.model_fields_set), "extra": body.model_extra})

    @router.post("/open")
    async def open_body(
        body: Annotated[Open | None, Body()] = None,
    ) -> object:  # pyright: ignore[reportUnusedFunction]
        return respond({"note": None if body is None else body.note})

    @router.get("/things/{thing_id}")
    async def thing(  # pyright: ignore[reportUnusedFunction]
        limit: Annotated[int, Query(alias="page-limit")] = 1,
        version: Annotated[str, Header(alias="X-Version", max_length=2)] = "1",
    ) -> object:
        return respond([limit, version])

    return router


GOOD = {"model": "m", "prompt": "p"}


# The body


def test_a_valid_body_arrives_as_its_model_with_what_was_set() -> None:
    answer = post(build(image_router()), {**GOOD, "user-id": "u", "vendor": {"a": 1}})
    assert answer.json() == {
        "set": ["model", "prompt", "user_id", "vendor"],
        "extra": {"vendor": {"a": 1}},
    }


@pytest.mark.parametrize(
    ("body", "param", "message"),
    [
        ({**GOOD, "size": "1x1"}, "size", "Input should be '256x256' or 'auto'"),
        ({**GOOD, "size": None}, "size", "Input should be '256x256' or 'auto'"),
        ({**GOOD, "n": "2"}, "n", "valid integer"),
        ({**GOOD, "n": 11}, "n", "less than or equal to 10"),
        ({**GOOD, "user-id": 1}, "user-id", "valid string"),
        ({"model": "m"}, "prompt", "Field required"),
        ({**GOOD, "prompt": 3}, "prompt", "valid string, or: Input should be a valid array"),
        ({**GOOD, "prompt": ["a", 3]}, "prompt.1", "valid string"),
        ({**GOOD, "images": [{}, {"url": 3}]}, "images.1.url", "valid string"),
        ([], None, "the body: Input should be an object"),
    ],
)
def test_a_wrong_body_is_answered_with_the_field_and_the_reason(
    body: object, param: str | None, message: str
) -> None:
    answer = post(build(image_router()), body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["param"] == param
    assert message in error["message"]
    assert param is None or error["message"].startswith(f"{param}: ")
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("content", "media", "status", "message"),
    [
        (b"{", "application/json", 400, "not valid JSON"),
        (b"\xff", "application/json", 400, "not valid JSON"),
        (b"[" * 100_000, "application/json", 400, "not valid JSON"),
        (b"", "application/json", 400, "the body: Field required"),
        (b"", None, 400, "the body: Field required"),
        (b'{"model":"m"}', None, 400, "no Content-Type"),
        (b'{"model":"m"}', "text/plain", 415, "the body is text/plain"),
        (b"a=b", "application/x-www-form-urlencoded", 415, "application/x-www-form-urlencoded"),
        (b'{"model":"m"}', "application/vnd.x+json; charset=utf-8", 400, "prompt: Field required"),
    ],
)
def test_a_body_that_cannot_be_read_is_answered_clearly(
    content: bytes, media: str | None, status: int, message: str
) -> None:
    headers = {"content-type": media} if media else {}
    answer = send(build(image_router()), "POST", "/images", content=content, headers=headers)
    assert answer.status_code == status
    assert message in answer.json()["error"]["message"]


def test_an_optional_body_may_be_absent_but_not_wrong() -> None:
    app = build(image_router())
    assert send(app, "POST", "/open").json() == {"note": None}
    assert post(app, {"note": "x"}, "/open").json() == {"note": "x"}
    answer = post(app, {"note": 1}, "/open")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "note")


def test_parameters_are_named_as_they_are_sent() -> None:
    app = build(image_router())
    error = send(app, "GET", "/things/1?page-limit=x").json()["error"]
    assert (error["param"], error["code"]) == ("page-limit", "invalid_value")
    error = send(app, "GET", "/things/1", headers={"x-version": "1.2.3"}).json()["error"]
    assert error["param"].lower() == "x-version"


def test_fastapi_still_derives_the_body_from_the_route() -> None:
    app = FastAPI()
    app.include_router(image_router())
    body = app.openapi()["paths"]["/images"]["post"]["requestBody"]
    assert body["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Request"}
    assert body["required"] is True


def test_422_is_used_where_it_is_declared_and_400_is_not() -> None:
    bad = {**GOOD, "size": "1x1"}
    assert post(build(image_router({422: {"model": Flat}})), bad).json()["code"] == 422
    both: dict[int | str, dict[str, object]] = {422: {"model": Flat}, "400": {"model": Flat}}
    assert post(build(image_router(both)), bad).json()["code"] == 400


def test_who_may_not_call_does_not_hear_about_the_body() -> None:
    router = APIRouter(route_class=Route)

    async def guard() -> None:
        raise Problem(401, "who are you?")

    @router.post("/images", dependencies=[Depends(guard)])
    async def create(body: Request) -> object:  # pyright: ignore[reportUnusedFunction]
        raise AssertionError(body)

    @router.post("/open", dependencies=[Depends(guard)])
    async def open_body(body: Open) -> object:  # pyright: ignore[reportUnusedFunction]
        raise AssertionError(body)

    assert post(build(router), {**GOOD, "size": "1x1"}).status_code == 401
    assert post(build(router), {"note": 1}, "/open").status_code == 401


# Errors


def failing_router(error: Exception, responses: dict[int | str, dict[str, object]]) -> APIRouter:
    router = APIRouter(route_class=Route)

    @router.get("/fail", responses=responses)
    async def fail() -> object:  # pyright: ignore[reportUnusedFunction]
        raise error

    return router


def fail_with(
    error: Exception,
    responses: dict[int | str, dict[str, object]] | None = None,
    *models: type[BaseModel],
) -> httpx2.Response:
    return send(build(failing_router(error, responses or {}), *models), "GET", "/fail")


def test_a_problem_is_answered_with_its_status_and_headers() -> None:
    answer = fail_with(Problem(429, "slow down", code="quota", headers={"retry-after": "7"}))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json() == {
        "error": {
            "message": "slow down",
            "type": "rate_limit_error",
            "param": None,
            "code": "quota",
        }
    }


def test_a_problem_may_bring_its_own_body() -> None:
    answer = fail_with(Problem(400, "m", body=Bifrost(event_id="e")), {400: {"model": Flat}})
    assert (answer.status_code, answer.json()) == (400, {"event_id": "e"})


def test_http_exceptions_and_missing_implementations_have_the_shape_too() -> None:
    declared: dict[int | str, dict[str, object]] = {"default": {"model": Flat}}
    answer = fail_with(HTTPException(403, "no", {"x-a": "b"}), declared)
    assert (answer.status_code, answer.headers["x-a"]) == (403, "b")
    assert answer.json() == {"code": 403, "message": "no"}
    answer = fail_with(NotImplementedError("internal words"), declared)
    assert answer.status_code == 501
    assert answer.json() == {"code": 501, "message": "GET /fail is not implemented"}
    assert fail_with(HTTPException(304)).content == b""


def test_unexpected_exceptions_are_500_in_shape_and_say_nothing() -> None:
    answer = fail_with(RuntimeError("the password is x"), {}, Unfillable, Flat)
    assert (answer.status_code, answer.json()) == (
        500,
        {"code": 500, "message": "the server failed"},
    )
    with pytest.raises(RuntimeError):
        asyncio.run(_raise_through(build(failing_router(RuntimeError("x"), {}))))


async def _raise_through(app: FastAPI) -> None:
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), base_url="http://test"
    ) as client:
        await client.get("/fail")


def test_the_nearest_declared_model_gives_the_shape() -> None:
    def keys(status: int, **declared: type[BaseModel]) -> set[str]:
        responses: dict[int | str, dict[str, object]] = {
            name.strip("_"): {"model": model} for name, model in declared.items()
        }
        return set(fail_with(Problem(status, "m"), responses).json())

    assert keys(404, _404=Flat, _4XX=ProblemDetails, default=Bifrost) == {"code", "message"}
    assert "title" in keys(404, _4XX=ProblemDetails, default=Flat)
    assert keys(404, _500=ProblemDetails, default=Flat) == {"code", "message"}
    assert keys(404, _500=ProblemDetails, _400=Flat) == {"code", "message"}
    assert keys(404, _500=Flat) == {"code", "message"}
    assert keys(404, _200=Flat) == {"error"}
    assert keys(404) == {"error"}


PROBLEM = Problem(400, "bad size", param="size", code="invalid_value")


class Envelope(Model):
    error: Bifrost | str | None = None


class OAuth(Model):
    error: str
    error_description: str | None = None


class OnlyText(Model):
    error: str


class Anthropic(Model):
    type: Literal["error"]
    error: Inner


class Inner(Model):
    type: Literal["invalid_request_error", "api_error"]
    message: str


class Beside(Model):
    message: str
    error: Details


class Details(Model):
    code: str | None = None


class OpenAI(Model):
    error: OpenAIError


class OpenAIError(Model):
    message: str
    type: str
    param: str | None
    code: int | None


@pytest.mark.parametrize(
    ("model", "rendered"),
    [
        (
            Bifrost,
            {
                "type": "invalid_request_error",
                "status_code": 400,
                "error": {
                    "type": "invalid_request_error",
                    "code": "invalid_value",
                    "message": "bad size",
                    "param": "size",
                },
            },
        ),
        (Flat, {"code": 400, "message": "bad size", "field": "size"}),
        (
            ProblemDetails,
            {
                "type": "invalid_request_error",
                "title": "Bad Request",
                "status": 400,
                "detail": "bad size",
            },
        ),
        (OAuth, {"error": "invalid_request_error", "error_description": "bad size"}),
        (OnlyText, {"error": "bad size"}),
        (
            Anthropic,
            {"type": "error", "error": {"type": "invalid_request_error", "message": "bad size"}},
        ),
        (Beside, {"message": "bad size", "error": {"code": "invalid_value"}}),
        (
            OpenAI,
            {
                "error": {
                    "message": "bad size",
                    "type": "invalid_request_error",
                    "param": "size",
                    "code": 400,
                }
            },
        ),
    ],
)
def test_declared_error_models_are_filled_by_name_and_type(
    model: type[BaseModel], rendered: dict[str, object]
) -> None:
    assert render_problem(PROBLEM, model) == rendered
    model.model_validate_json(to_json(rendered), strict=True)


@pytest.mark.parametrize("model", [None, Unfillable, Image])
def test_the_openai_envelope_stands_in_for_a_model_that_cannot_tell(
    model: type[BaseModel] | None,
) -> None:
    assert render_problem(PROBLEM, model) == {
        "error": {
            "message": "bad size",
            "type": "invalid_request_error",
            "param": "size",
            "code": "invalid_value",
        }
    }


def test_dependencies_with_yield_see_that_the_call_failed() -> None:
    seen: list[str] = []

    async def session() -> AsyncIterator[None]:
        try:
            yield
            seen.append("commit")
        except Exception:
            seen.append("rollback")
            raise

    router = failing_router(Problem(400, "no"), {})
    app = FastAPI()
    app.include_router(router, dependencies=[Depends(session)])
    assert send(app, "GET", "/fail").status_code == 400
    assert seen == ["rollback"]


# The app


def test_the_app_serves_the_source_document_and_answers_unknown_routes_in_shape() -> None:
    app = build(image_router(), Bifrost)
    assert send(app, "GET", "/openapi.json").json() == app.openapi()
    assert app.openapi() == {"openapi": "3.1.0", "info": {"title": "the source"}}
    answer = send(app, "GET", "/nowhere")
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "Not Found")
    assert answer.json()["error"]["type"] == "not_found_error"
    answer = send(app, "GET", "/images")
    assert (answer.status_code, answer.json()["status_code"], answer.headers["allow"]) == (
        405,
        405,
        "POST",
    )


def test_respond() -> None:
    answer = respond(Answer(created=1, data=[Image(url="u")]))
    assert (answer.status_code, answer.body) == (200, b'{"created":1,"data":[{"url":"u"}]}')
    assert answer.headers["content-type"] == "application/json"
    assert (respond(None).status_code, respond(None).body) == (204, b"")
    assert (respond(None, status=202).status_code, respond([], status=201).body) == (202, b"[]")


# Streams


def stream_router(
    events: object, responses: dict[int | str, dict[str, object]] | None = None
) -> APIRouter:
    router = APIRouter(route_class=Route)

    @router.post("/images", responses=responses or {})
    async def create(body: Request) -> object:  # pyright: ignore[reportUnusedFunction]
        return EventStream(events)  # type: ignore[arg-type]

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
WIRE = (
    'event: partial\ndata: {"type":"partial","index":0}\n\n'
    'event: completed\ndata: {"type":"completed"}\n\n'
)


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


def test_an_awaitable_that_gives_the_iterator_will_do() -> None:
    async def later() -> Events:
        return Events(PARTIAL, COMPLETED)

    assert post(build(stream_router(later())), GOOD).text == WIRE


@pytest.mark.parametrize(
    "error", [Problem(400, "no", param="size"), NotImplementedError(), RuntimeError("x")]
)
def test_an_error_before_the_first_event_is_answered_as_a_status(error: Exception) -> None:
    events = Events(error)
    answer = post(build(stream_router(events, {"4XX": {"model": Bifrost}})), GOOD)
    status = {Problem: 400, NotImplementedError: 501, RuntimeError: 500}[type(error)]
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
def test_a_problem_in_mid_stream_is_an_error_event(
    model: type[BaseModel] | None, data: dict[str, object]
) -> None:
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
    with caplog.at_level(logging.ERROR, "_runtime.server"):
        text = post(build(stream_router(Events(PARTIAL, RuntimeError("the password")))), GOOD).text
    assert "password" not in text
    assert "the server failed" in text
    assert "the password" in caplog.text


# Handlers


class ImageHandlers(Protocol):
    async def create(self, body: Request, /) -> Answer: ...

    async def edit(self, body: Request, /) -> Answer: ...


class OtherHandlers(Protocol):
    async def other(self) -> None: ...


class Creates:
    async def create(self, body: Request, /) -> Answer:
        return Answer(created=1, data=[])


class Edits(ImageHandlers):
    async def edit(self, body: Request, /) -> Answer:
        return Answer(created=2, data=[])


def test_each_method_comes_from_the_first_handler_that_has_it() -> None:
    body = Request(model="m", prompt="p")
    images = implementation(ImageHandlers, (Edits(), Creates()))
    assert asyncio.run(images.create(body)).created == 1
    assert asyncio.run(images.edit(body)).created == 2


def test_a_method_that_nobody_implements_raises_not_implemented() -> None:
    body = Request(model="m", prompt="p")
    for handlers in ((), (Creates(),)):
        with pytest.raises(NotImplementedError, match="edit"):
            asyncio.run(implementation(ImageHandlers, handlers).edit(body))
    with pytest.raises(NotImplementedError, match="create"):
        asyncio.run(implementation(ImageHandlers, (Edits(),)).create(body))


def test_handlers_that_implement_nothing_are_refused_at_start() -> None:
    protocols: Sequence[type] = (ImageHandlers, OtherHandlers)
    check_handlers((Creates(), Edits()), protocols)
    with pytest.raises(
        TypeError, match="object implements none of the operations: create, edit, other"
    ):
        check_handlers((Creates(), object()), protocols)
    with pytest.raises(TypeError, match=r"pass an instance, Creates\(\)"):
        check_handlers((Creates,), protocols)


# Admission


def admitted(
    presented: Sequence[str | None], *, optional: bool = False, is_async: bool = False
) -> object:
    """What ``request.state.principal`` is, or the problem, and what was tried."""
    tried: list[str] = []

    def check(credentials: str) -> object:
        tried.append(credentials)
        if credentials == "banned":
            raise Problem(403, "banned")
        return {"name": "root"} if matches(credentials, "séсret") else None

    async def check_later(credentials: str) -> object:
        return check(credentials)

    async def main() -> object:
        request = HttpRequest({"type": "http", "headers": []})
        authenticate = check_later if is_async else check
        try:
            await admit(request, authenticate, presented, challenge="Bearer", optional=optional)
        except Problem as problem:
            return problem.status, dict(problem.headers or {}), tried
        return request.state.principal, tried

    return asyncio.run(main())


@pytest.mark.parametrize("is_async", [False, True])
def test_the_first_alternative_that_is_accepted_opens_the_route(is_async: bool) -> None:
    presented = [None, "wrong", "séсret", "never tried"]
    assert admitted(presented, is_async=is_async) == ({"name": "root"}, ["wrong", "séсret"])


def test_no_accepted_alternative_is_401_with_a_challenge() -> None:
    challenge = {"WWW-Authenticate": "Bearer"}
    assert admitted([None, None]) == (401, challenge, [])
    assert admitted(["wrong", None]) == (401, challenge, ["wrong"])
    assert admitted([None], optional=True) == (None, [])
    assert admitted(["wrong"], optional=True) == (401, challenge, ["wrong"])


def test_what_authenticate_raises_goes_through() -> None:
    assert admitted(["banned", "séсret"]) == (403, {}, ["banned"])


def test_matches() -> None:
    assert matches("a\udc80", "a\udc80")
    assert not matches("é", "e")
    assert not matches("", "x")
