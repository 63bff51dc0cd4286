from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import pytest
from _runtime.bodies import ByteStream, bytes_body, json_body, lines_body, reads, sequence_body, text_body
from _runtime.problems import Problem
from _runtime.replies import respond
from _runtime.routes import Route
from fastapi import APIRouter, Depends, FastAPI

from tests.runtime.apps import GOOD, Open, build, image_router, post, send
from tests.runtime.shapes import Flat, Image, Request


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
        ({**GOOD, "size": "1x1", "images": [{"url": 3}]}, "size", "Input should be"),
        ([], None, "the body: Input should be an object"),
    ],
)
def test_a_wrong_body_is_answered_with_the_field_and_the_reason(body: object, param: str | None, message: str) -> None:
    answer = post(build(image_router()), body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["param"] == param
    assert message in error["message"]
    assert param is None or error["message"].startswith(f"{param}: ")
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize("number", ["2.0", "2e0", "20.0e-1"])
def test_a_whole_number_is_an_integer_however_it_is_written(number: str) -> None:
    body = f'{{"model": "m", "prompt": "p", "n": {number}, "vendor": [0.5, 1e400, "2.0", null]}}'
    answer = send(build(image_router()), "POST", "/images", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200
    assert answer.json()["extra"]["vendor"][:3:2] == [0.5, "2.0"]


def test_a_fraction_is_no_integer() -> None:
    error = post(build(image_router()), {**GOOD, "n": 2.5}).json()["error"]
    assert error["param"] == "n"
    error = post(build(image_router()), {**GOOD, "n": 2.0, "user-id": 1}).json()["error"]
    assert error["param"] == "user-id"


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


def test_what_fastapi_derives_names_the_body_of_the_route() -> None:
    app = FastAPI()
    app.include_router(image_router(), prefix="/v1")
    paths = app.openapi()["paths"]
    body = paths["/v1/images"]["post"]["requestBody"]
    assert body == {"content": {"application/json": {"schema": {"title": "Request"}}}, "required": True}
    assert paths["/v1/open"]["post"]["requestBody"]["required"] is False


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
    async def create(
        body: Annotated[Request, Depends(reads(json_body(Request)))],
    ) -> object:  # pyright: ignore[reportUnusedFunction]
        raise AssertionError(body)

    @router.post("/open", dependencies=[Depends(guard)])
    async def open_body(
        body: Annotated[Open, Depends(reads(json_body(Open)))],
    ) -> object:  # pyright: ignore[reportUnusedFunction]
        raise AssertionError(body)

    assert post(build(router), {**GOOD, "size": "1x1"}).status_code == 401
    assert post(build(router), {"note": 1}, "/open").status_code == 401


def test_a_body_of_any_json_still_has_to_be_json() -> None:
    router = APIRouter(route_class=Route)

    @router.post("/any")
    async def anything(
        body: Annotated[object, Depends(reads(json_body(object)))],
    ) -> object:  # pyright: ignore[reportUnusedFunction]
        return respond({"got": body})

    app = build(router)
    assert post(app, [1, None], "/any").json() == {"got": [1, None]}
    headers = {"content-type": "application/json"}
    assert send(app, "POST", "/any", content=b"{", headers=headers).status_code == 400


CONTENTS = (json_body(Request), text_body("text/plain"), bytes_body("image/*"))


def mixed_router() -> APIRouter:
    router = APIRouter(route_class=Route)

    @router.post("/mixed")
    async def mixed(
        body: Annotated[Request | str | ByteStream, Depends(reads(*CONTENTS))],
    ) -> object:  # pyright: ignore[reportUnusedFunction]
        if isinstance(body, ByteStream):
            return respond([body.content_type, len(await body.read())])
        return respond([type(body).__name__, len(body) if isinstance(body, str) else body.prompt])

    @router.post("/lines")
    async def lines(  # pyright: ignore[reportUnusedFunction]
        body: Annotated[AsyncIterator[Image], Depends(reads(lines_body(Image, "application/x-ndjson")))],
    ) -> object:
        return respond([image.index async for image in body])

    @router.post("/sequence")
    async def sequence(  # pyright: ignore[reportUnusedFunction]
        body: Annotated[AsyncIterator[Image], Depends(reads(sequence_body(Image, "application/json-seq")))],
    ) -> object:
        return respond([image.index async for image in body])

    return router


@pytest.mark.parametrize(
    ("media_type", "content", "got"),
    [
        ("application/json", b'{"model":"m","prompt":"p"}', ["Request", "p"]),
        ("text/plain", "ü".encode(), ["str", 1]),
        ("text/plain; charset=latin-1", "ü".encode("latin-1"), ["str", 1]),
        ("text/plain", b"", ["str", 0]),
        ("image/png", b"\xff\x00", ["image/png", 2]),
    ],
)
def test_the_content_type_chooses_how_a_body_is_read(media_type: str, content: bytes, got: object) -> None:
    answer = send(build(mixed_router()), "POST", "/mixed", content=content, headers={"content-type": media_type})
    assert answer.json() == got


@pytest.mark.parametrize(
    ("media_type", "content", "status", "message"),
    [
        ("text/html", b"x", 415, "the body is text/html: it has to be application/json or text/plain or image/*"),
        ("text/plain", b"\xff", 400, "the body is not text"),
        ("text/plain; charset=klingon", b"x", 400, "the body is not text"),
        ("", b"", 400, "the body: Field required"),
    ],
)
def test_a_body_in_no_declared_media_type_is_refused(
    media_type: str, content: bytes, status: int, message: str
) -> None:
    headers = {"content-type": media_type} if media_type else {}
    answer = send(build(mixed_router()), "POST", "/mixed", content=content, headers=headers)
    assert answer.status_code == status
    assert message in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("path", "media_type", "content"),
    [
        ("/lines", "application/x-ndjson", b'{"index":1}\r\n\n{"index":2}\n'),
        ("/lines", "application/x-ndjson", b'{"index":1}\n{"index":2}'),
        ("/sequence", "application/json-seq", b'\x1e{"index":1}\n\x1e{\n"index":2}\n'),
    ],
)
def test_a_body_of_many_texts_is_read_as_it_comes(path: str, media_type: str, content: bytes) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for index in range(0, len(content), 5):
            yield content[index : index + 5]

    answer = send(build(mixed_router()), "POST", path, content=pieces(), headers={"content-type": media_type})
    assert answer.json() == [1, 2]


def test_a_wrong_text_among_many_is_named_by_its_number() -> None:
    headers = {"content-type": "application/x-ndjson"}
    answer = send(build(mixed_router()), "POST", "/lines", content=b'{"index":1}\n{"index":"2"}\n', headers=headers)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "1.index")
