from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import pytest
from _runtime.handlers import check_implementations, implementation
from _runtime.problems import Problem
from _runtime.replies import Reply, respond
from _runtime.routes import Route
from _runtime.security import admit, matches
from fastapi import APIRouter
from fastapi import Request as HttpRequest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.runtime.apps import build, image_router, send
from tests.runtime.shapes import Answer, Bifrost, Image, Request


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
        "POST, OPTIONS",
    )


def test_a_middleware_finds_what_names_a_span() -> None:
    """As OpenTelemetry's middlewares do: by the route that has been chosen when the answer starts."""
    router, seen = APIRouter(route_class=Route), list[object]()

    @router.get("/things/{thing_id}", operation_id="getThing")
    async def thing(thing_id: str) -> object:  # pyright: ignore[reportUnusedFunction]
        return respond(thing_id)

    def names_spans(app: ASGIApp) -> ASGIApp:
        async def named(scope: Scope, receive: Receive, send: Send) -> None:
            async def told(message: Message) -> None:
                if message["type"] == "http.response.start":
                    route = scope["route"]
                    seen.append((scope["method"], route.path_format, route.operation_id, scope["path_params"]))
                await send(message)

            await app(scope, receive, told)

        return named

    app = build(router)
    app.add_middleware(names_spans)
    for method in ("GET", "HEAD", "PUT"):
        send(app, method, "/things/1")
    named = [(method, "/things/{thing_id}", "getThing", {"thing_id": "1"}) for method in ("GET", "HEAD", "PUT")]
    assert seen == named


def test_respond() -> None:
    answer = respond(Answer(created=1, data=[Image(url="u")]))
    assert (answer.status_code, answer.body) == (200, b'{"created":1,"data":[{"url":"u"}]}')
    assert answer.headers["content-type"] == "application/json"
    assert (respond([], status=201).status_code, respond([], status=201).body) == (201, b"[]")
    answer = respond("ü", media_type="text/csv")
    assert (answer.body, answer.headers["content-type"]) == ("ü".encode(), "text/csv; charset=utf-8")
    assert respond("ü", media_type="application/hal+json").body == '"ü"'.encode()


def test_none_is_null_unless_an_answer_without_content_is_declared() -> None:
    assert (respond(None).status_code, respond(None).body) == (200, b"null")
    answer = respond(None, status=201, empty=204)
    assert (answer.status_code, answer.body, answer.headers.get("content-type")) == (204, b"", None)
    assert (respond([], status=201, empty=204).status_code, respond(None, empty=202).status_code) == (201, 202)


def test_a_reply_says_more_than_its_value() -> None:
    answer = respond(Reply([1], status=202, headers={"Location": "/jobs/1"}), empty=204)
    assert (answer.status_code, answer.body, answer.headers["location"]) == (202, b"[1]", "/jobs/1")
    answer = respond(Reply(None, headers={"Location": "/"}), empty=302)
    assert (answer.status_code, answer.body, answer.headers["location"]) == (302, b"", "/")
    assert respond(Reply(b"\x00", media_type="image/png")).headers["content-type"] == "image/png"


@pytest.mark.parametrize("error", [None, Problem(404, "no such file")])
def test_bytes_may_come_piece_by_piece(error: Exception | None) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        if error is not None:
            raise error
        yield b"a"
        yield b"b"

    router = APIRouter(route_class=Route)

    @router.get("/file")
    async def file() -> object:  # pyright: ignore[reportUnusedFunction]
        return respond(pieces(), media_type="image/png")

    answer = send(build(router), "GET", "/file")
    assert (answer.status_code, answer.content) == (200, b"ab") if error is None else answer.status_code == 404


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


def test_a_method_that_is_not_async_runs_in_a_thread() -> None:
    class Blocks:
        def create(self, body: Request, /) -> str:
            return threading.current_thread().name

    handlers = implementation(ImageHandlers, (Blocks(),))
    assert asyncio.run(handlers.create(Request(model="m", prompt="p"))) != threading.current_thread().name


def test_a_method_that_nobody_implements_raises_not_implemented() -> None:
    body = Request(model="m", prompt="p")
    for handlers in ((), (Creates(),)):
        with pytest.raises(NotImplementedError, match="edit"):
            asyncio.run(implementation(ImageHandlers, handlers).edit(body))
    with pytest.raises(NotImplementedError, match="create"):
        asyncio.run(implementation(ImageHandlers, (Edits(),)).create(body))


def test_handlers_that_implement_nothing_are_refused_at_start() -> None:
    protocols: Sequence[type] = (ImageHandlers, OtherHandlers)
    check_implementations((Creates(), Edits()), protocols)
    with pytest.raises(TypeError, match="object implements none of the operations: create, edit, other"):
        check_implementations((Creates(), object()), protocols)
    with pytest.raises(TypeError, match=r"pass an instance, Creates\(\)"):
        check_implementations((Creates,), protocols)


def admitted(presented: Sequence[str | None], *, optional: bool = False, is_async: bool = False) -> object:
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
