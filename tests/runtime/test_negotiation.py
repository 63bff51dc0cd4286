"""What a caller accepts (RFC 9110, 12.5.1), and which methods a path has (9.3.2, 9.3.7, 15.5.6)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import pytest
from _runtime.bodies import json_body, reads
from _runtime.events import EventStream
from _runtime.negotiation import asks_for, quality
from _runtime.problems import Problem
from _runtime.replies import respond
from _runtime.routes import Route, in_order, route_with
from _runtime.settings import Settings
from fastapi import APIRouter, Depends, FastAPI
from fastapi import Request as HttpRequest
from fastapi.testclient import TestClient

from tests.runtime.apps import GOOD, build, send
from tests.runtime.shapes import Answer, Bifrost, Partial, Request


@pytest.mark.parametrize(
    ("accept", "media_type", "weight"),
    [
        ("", "text/csv", 1),
        (" , ,", "text/csv", 1),
        ("*/*", "text/csv", 1),
        ("*; q=.2", "text/csv", 0.2),
        ("text/csv", "TEXT/csv", 1),
        ("Text/CSV;header=present", "text/csv", 1),
        ("text/*;q=0.3, */*;q=0.1", "text/csv", 0.3),
        ("text/*;q=0.3, text/csv;q=0, */*", "text/csv", 0),
        ("text/csv;q=0.1, text/*", "text/csv", 0.1),
        ("text/csv;q=0.1;header=x, text/csv;q=0.4", "text/csv", 0.4),
        ("application/json", "text/csv", 0),
        ("application/json;q=0, */*", "application/json", 0),
        ("application/json; Q=0.5", "application/json", 0.5),
        ("text/csv;q=high", "text/csv", 1),
        ("image/png", "image/*", 1),
        ("image/*;q=0", "image/*", 0),
        ("text/html", "image/*", 0),
        ("text/html", "*/*", 1),
        ("texts/csv", "text/csv", 0),
    ],
)
def test_the_most_specific_range_says_how_much_a_media_type_is_wanted(
    accept: str, media_type: str, weight: float
) -> None:
    assert quality(accept, media_type) == weight


@pytest.mark.parametrize(
    ("accept", "asked"),
    [
        (None, False),
        ("*/*", False),
        ("text/*", False),
        ("text/event-stream", True),
        ("Text/Event-Stream; charset=utf-8", True),
        ("text/event-stream;q=0", False),
        ("text/event-stream, application/json", True),
        ("text/event-stream;q=0.5, application/json", False),
        ("text/event-stream;q=0.5, application/json;q=0.1, */*", True),
        ("text/event-streams", False),
    ],
)
def test_who_names_a_media_type_first_asks_for_it(accept: str | None, asked: bool) -> None:
    headers = [(b"accept", accept.encode())] if accept is not None else []
    assert asks_for(HttpRequest({"type": "http", "headers": headers}), "text/event-stream") is asked


def negotiating_router(settings: Settings) -> APIRouter:
    router = APIRouter(route_class=route_with(settings), responses={400: {"model": Bifrost}})
    both: dict[int | str, dict[str, object]] = {200: {"model": Answer, "content": {"text/event-stream": {}}}}

    async def guard(request: HttpRequest) -> None:
        if "x-who" not in request.headers:
            raise Problem(401, "who are you?")

    @router.post("/images", responses=both, dependencies=[Depends(guard)])
    async def create(
        body: Annotated[Request, Depends(reads(json_body(Request)))],
    ) -> object:  # pyright: ignore[reportUnusedFunction]
        return respond([body.prompt])

    @router.get("/image", responses={200: {"content": {"image/*": {}}}})
    async def image() -> object:  # pyright: ignore[reportUnusedFunction]
        return respond(b"\x00", media_type="image/png")

    @router.delete("/image", status_code=204, response_model=None)
    async def delete() -> object:  # pyright: ignore[reportUnusedFunction]
        return respond(None, empty=204)

    return router


def accepting(accept: str | None, method: str = "GET", path: str = "/image", **given: object) -> tuple[int, object]:
    settings: Settings = given.pop("settings", {})  # type: ignore[assignment]
    given["headers"] = {**given.pop("headers", {}), "accept": accept or ""}  # type: ignore[dict-item]
    answer = send(build(negotiating_router(settings)), method, path, **given)
    body = answer.json() if answer.headers.get("content-type") == "application/json" else None
    return answer.status_code, body["error"]["message"] if answer.status_code >= 400 and body else body


@pytest.mark.parametrize(
    ("accept", "status"),
    [("application/json", 200), ("text/event-stream", 200), ("*/*;q=0.1", 200), (None, 200), ("text/html", 406)]
    + [("application/*;q=0", 406), ("application/json;q=0, text/event-stream;q=0, */*", 406), ("x" * 400, 406)],
)
def test_a_caller_that_takes_none_of_the_declared_media_types_is_told_so(accept: str | None, status: int) -> None:
    headers = {"x-who": "me"}
    answered, told = accepting(accept, "POST", "/images", json=GOOD, headers=headers)
    assert answered == status
    if status == 406:
        assert told == "the answer is application/json or text/event-stream, which Accept does not allow"


def test_401_comes_before_406_and_406_before_the_body() -> None:
    assert accepting("text/html", "POST", "/images", json=GOOD)[0] == 401
    assert accepting("text/html", "POST", "/images", content=b"{", headers={"x-who": "me"})[0] == 406


def test_a_range_of_media_types_and_no_content_at_all() -> None:
    assert accepting("image/webp")[0] == 200
    assert accepting("application/json")[0] == 406
    assert accepting("text/html", "DELETE")[0] == 204


def test_whoever_runs_the_server_may_let_accept_be() -> None:
    assert accepting("application/json", settings={"strict_accept": False})[0] == 200


# -- methods --------------------------------------------------------------------------------------------------------

CLOSED: list[str] = []


def methods_router(folder: Path | None = None) -> APIRouter:
    router = APIRouter(route_class=Route)

    @router.get("/things/{key}")
    async def get(key: str) -> object:  # pyright: ignore[reportUnusedFunction]
        return respond([key])

    @router.put("/things/{key}")
    async def put(key: str) -> object:  # pyright: ignore[reportUnusedFunction]
        return respond([key])

    @router.post("/things/newest", responses={400: {"model": Bifrost}})
    async def post() -> object:  # pyright: ignore[reportUnusedFunction]
        return respond([])

    @router.get("/head")
    async def plain() -> object:  # pyright: ignore[reportUnusedFunction]
        raise AssertionError

    @router.head("/head")
    async def head() -> object:  # pyright: ignore[reportUnusedFunction]
        return respond(None, empty=204)

    @router.get("/events")
    async def events() -> object:  # pyright: ignore[reportUnusedFunction]
        async def endless() -> AsyncIterator[Partial]:
            try:
                while True:
                    yield Partial(type="partial", index=0)
            finally:
                CLOSED.append("events")

        return EventStream(endless())

    @router.get("/file")
    async def file() -> object:  # pyright: ignore[reportUnusedFunction]
        assert folder is not None
        return respond(folder / "file", media_type="image/png")

    return in_order(router)


@pytest.mark.parametrize("prefix", ["", "/v1"])
@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/things/a", "GET, HEAD, PUT, OPTIONS"),
        ("DELETE", "/things/newest", "POST, OPTIONS"),
        ("PUT", "/things/newest", "POST, OPTIONS"),  # no thing called "newest": what is written out goes first
        ("HEAD", "/nowhere", None),
        ("BREW", "/things/a", "GET, HEAD, PUT, OPTIONS"),
        ("POST", "/head", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_method_that_a_path_does_not_have_is_answered_with_those_that_it_has(
    prefix: str, method: str, path: str, allowed: str | None
) -> None:
    app = FastAPI()
    app.include_router(methods_router(), prefix=prefix)
    answer = send(app, method, prefix + path)
    assert (answer.status_code, answer.headers.get("allow")) == (405 if allowed else 404, allowed)
    if allowed:
        answer = send(app, "OPTIONS", prefix + path)
        assert (answer.status_code, answer.headers["allow"], answer.content) == (204, allowed, b"")


def test_unknown_methods_and_paths_are_answered_in_shape() -> None:
    app = build(methods_router(), Bifrost)
    for method, path, status in (("DELETE", "/things/a", 405), ("DELETE", "/things/newest", 405), ("GET", "/no", 404)):
        answer = send(app, method, path)
        assert (answer.status_code, answer.json()["status_code"]) == (status, status)
    assert send(app, "DELETE", "/things/newest").json()["error"]["message"] == "Method Not Allowed"
    assert send(app, "OPTIONS", "/no").status_code == 404


def test_what_answers_get_answers_head_without_the_content() -> None:
    app = build(methods_router())
    got, headed = send(app, "GET", "/things/a"), send(app, "HEAD", "/things/a")
    assert (headed.status_code, headed.content) == (200, b"")
    for name in ("content-type", "content-length"):
        assert headed.headers[name] == got.headers[name]
    assert send(app, "HEAD", "/head").status_code == 204
    assert send(app, "HEAD", "/things/newest").status_code == 405


def test_a_stream_is_not_read_on_for_head() -> None:
    CLOSED.clear()
    answer = send(build(methods_router()), "HEAD", "/events")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert (answer.content, CLOSED) == (b"", ["events"])
    assert "content-length" not in answer.headers


def test_a_file_is_answered_whole_or_in_part_or_by_its_headers(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    app = build(methods_router(tmp_path))
    got = send(app, "GET", "/file")
    assert (got.status_code, got.content, got.headers["content-type"]) == (200, b"0123456789", "image/png")
    part = send(app, "GET", "/file", headers={"range": "bytes=2-4"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    headed = send(app, "HEAD", "/file")
    assert (headed.status_code, headed.content, headed.headers["content-length"]) == (200, b"", "10")


def test_it_all_works_under_the_test_client() -> None:
    with TestClient(build(methods_router())) as client:
        assert client.get("/things/a").json() == ["a"]
        assert client.head("/things/a").content == b""
        assert client.options("/things/a").headers["allow"] == "GET, HEAD, PUT, OPTIONS"
        assert client.get("/openapi.json").status_code == 200
