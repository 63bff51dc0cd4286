"""The id of a request: taken if it is sane, made if not, and the same in the answer, the handler and the log."""

from __future__ import annotations

import logging
import traceback
from collections.abc import AsyncIterator

import pytest
from _runtime.events import EventStream
from _runtime.problems import Problem
from _runtime.replies import Reply, respond
from _runtime.request_ids import request_id
from _runtime.routes import Route
from fastapi import APIRouter, Request
from fastapi.testclient import TestClient

from tests.runtime.apps import build, send
from tests.runtime.shapes import Partial


def id_router() -> APIRouter:
    router = APIRouter(route_class=Route)

    @router.get("/id")
    async def get(request: Request) -> object:  # pyright: ignore[reportUnusedFunction]
        return respond([request_id(), request.state.request_id])

    @router.get("/own")
    async def own() -> object:  # pyright: ignore[reportUnusedFunction]
        return respond(Reply([], headers={"X-Request-Id": "mine"}))

    @router.get("/refused")
    async def refused() -> object:  # pyright: ignore[reportUnusedFunction]
        raise Problem(403, "no")

    @router.get("/fails")
    async def fails() -> object:  # pyright: ignore[reportUnusedFunction]
        raise RuntimeError("out of paint")

    @router.get("/stream")
    async def stream() -> object:  # pyright: ignore[reportUnusedFunction]
        async def events() -> AsyncIterator[Partial]:
            yield Partial(type="partial", index=0)
            raise RuntimeError(request_id())

        return EventStream(events())

    return router


@pytest.mark.parametrize("given", ["a", "7b1e-4", "x" * 128, "~!/{}"])
def test_a_sane_id_is_taken(given: str) -> None:
    answer = send(build(id_router()), "GET", "/id", headers={"x-request-id": given})
    assert (answer.headers["x-request-id"], answer.json()) == (given, [given, given])
    assert request_id() == ""


@pytest.mark.parametrize("given", [None, b"", b"x" * 129, b"a b", b"a\tb", "ü".encode(), b"a\x7f"])
def test_any_other_is_replaced(given: bytes | None) -> None:
    headers = {} if given is None else {"x-request-id": given}
    answer = send(build(id_router()), "GET", "/id", headers=headers)
    made = answer.headers["x-request-id"]
    assert len(made) == 32
    assert answer.json() == [made, made]
    assert send(build(id_router()), "GET", "/id", headers=headers).headers["x-request-id"] != made


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/refused", 403), ("/fails", 500), ("/stream", 200)])
def test_every_answer_has_one(path: str, status: int) -> None:
    answer = send(build(id_router()), "GET", path, headers={"x-request-id": "a"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (status, "a")


def test_an_answer_may_bring_its_own() -> None:
    answer = send(build(id_router()), "GET", "/own")
    assert answer.headers.get_list("x-request-id") == ["mine"]


def test_errors_are_logged_with_it(caplog: pytest.LogCaptureFixture) -> None:
    headers = {"x-request-id": "id-7"}
    with pytest.raises(RuntimeError) as failed:
        TestClient(build(id_router())).get("/fails", headers=headers)
    assert "in answer to GET /fails, request id-7" in "".join(traceback.format_exception(failed.value))
    with caplog.at_level(logging.ERROR):
        send(build(id_router()), "GET", "/stream", headers=headers)
    assert "request id-7" in caplog.text
    assert "RuntimeError: id-7" in caplog.text  # what a handler reads in mid-stream
