"""How large a body may be, whatever it is: refused with 413 by its own word, or when that much has come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import httpx2
import pytest
from _runtime.bodies import ByteStream, bytes_body, json_body, lines_body, reads, text_body
from _runtime.files import Upload
from _runtime.forms import form_body, multipart_body
from _runtime.model import Model
from _runtime.problems import Problem
from _runtime.replies import respond
from _runtime.routes import route_with
from _runtime.settings import Settings
from fastapi import APIRouter, Depends, FastAPI
from starlette.types import Message

from tests.runtime.apps import build, send
from tests.runtime.shapes import Bifrost, Image

HELD, UPLOADED = 1000, 5000


class Parts(Model):
    """A form of a file and a text."""

    file: Upload | None = None
    note: str | None = None
    more: str | None = None


def router_with(settings: Settings) -> APIRouter:
    """Routes that say how much has arrived, one for each kind of body."""
    router = APIRouter(route_class=route_with(settings), responses={"default": {"model": Bifrost}})

    @router.post("/json")
    async def json(
        body: Annotated[str, Depends(reads(json_body(str)))],
    ) -> object:  # pyright: ignore[reportUnusedFunction]
        return respond(len(body))

    @router.post("/text")
    async def text(
        body: Annotated[str, Depends(reads(text_body("text/plain")))],
    ) -> object:  # pyright: ignore[reportUnusedFunction]
        return respond(len(body))

    @router.post("/form")
    async def form(
        body: Annotated[Parts, Depends(reads(form_body(Parts)))],
    ) -> object:  # pyright: ignore[reportUnusedFunction]
        return respond(len(body.note or ""))

    @router.post("/parts")
    async def parts(
        body: Annotated[Parts, Depends(reads(multipart_body(Parts)))],
    ) -> object:  # pyright: ignore[reportUnusedFunction]
        return respond(len(body.note or "") + len(body.file.read() if body.file else b""))

    @router.post("/read")
    async def read(
        body: Annotated[ByteStream, Depends(reads(bytes_body("image/*")))],
    ) -> object:  # pyright: ignore[reportUnusedFunction]
        return respond(len(await body.read()))

    @router.post("/pieces")
    async def pieces(
        body: Annotated[ByteStream, Depends(reads(bytes_body("image/*")))],
    ) -> object:  # pyright: ignore[reportUnusedFunction]
        return respond(sum([len(piece) async for piece in body]))

    @router.post("/lines")
    async def lines(  # pyright: ignore[reportUnusedFunction]
        body: Annotated[AsyncIterator[Image], Depends(reads(lines_body(Image, "application/x-ndjson")))],
    ) -> object:
        return respond(len([image async for image in body]))

    return router


def app_with(**settings: object) -> FastAPI:
    chosen: Settings = {"max_body_bytes": HELD, "max_upload_bytes": UPLOADED, **settings}  # type: ignore[typeddict-item]
    return build(router_with(chosen))


def in_pieces(content: bytes) -> AsyncIterator[bytes]:
    """The content without its length being said."""

    async def pieces() -> AsyncIterator[bytes]:
        for index in range(0, len(content), 100):
            yield content[index : index + 100]

    return pieces()


def multipart(*parts: tuple[str, bytes]) -> bytes:
    head = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n'
    return b"".join(head % name.encode() + content + b"\r\n" for name, content in parts) + b"--b--\r\n"


FILE = b'file"; filename="f'.decode()
LINE = b'{"index":1}\n'
CASES = [
    ("/json", "application/json", b'"%s"', HELD),
    ("/text", "text/plain", b"%s", HELD),
    ("/form", "application/x-www-form-urlencoded", b"note=%s", HELD),
    ("/parts", "multipart/form-data; boundary=b", multipart((FILE, b"%s")), UPLOADED),
    ("/read", "image/png", b"%s", HELD),
    ("/pieces", "image/png", b"%s", UPLOADED),
]


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize(("path", "media_type", "frame", "limit"), CASES)
def test_a_body_may_be_as_large_as_its_limit_and_not_larger(
    path: str, media_type: str, frame: bytes, limit: int, announced: bool
) -> None:
    fill = limit - len(frame % b"")

    def submit(size: int) -> httpx2.Response:
        content = frame % (b"x" * size)
        headers = {"content-type": media_type}
        given: object = content if announced else in_pieces(content)
        return send(app_with(), "POST", path, content=given, headers=headers)

    assert (submit(fill).status_code, submit(fill).json()) == (200, fill)
    answer = submit(fill + 1)
    assert (answer.status_code, answer.json()["status_code"]) == (413, 413)
    assert f"more than {limit} bytes" in answer.json()["error"]["message"]
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (multipart(("note", b"x" * HELD)), 200),
        (multipart(("note", b"x" * (HELD + 1))), 413),
        (multipart(("note", b"x" * 600), ("more", b"x" * 600)), 413),
        (multipart(("note", b"x" * HELD), (FILE, b"x" * 3000)), 200),
    ],
)
def test_what_stands_beside_files_is_held_in_memory_and_limited_as_such(content: bytes, status: int) -> None:
    headers = {"content-type": "multipart/form-data; boundary=b"}
    assert send(app_with(), "POST", "/parts", content=content, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("content", "status"),
    [(LINE * 200, 200), (LINE * 500, 413), (b" " * HELD + LINE, 413), (b'{"url":"' + b"x" * 3000, 413)],
)
def test_many_lines_may_come_but_none_without_end(content: bytes, status: int) -> None:
    headers = {"content-type": "application/x-ndjson"}
    answer = send(app_with(), "POST", "/lines", content=in_pieces(content), headers=headers)
    assert answer.status_code == status


def test_limits_can_be_taken_away() -> None:
    app = app_with(max_body_bytes=None, max_upload_bytes=None)
    headers = {"content-type": "text/plain"}
    assert send(app, "POST", "/text", content=b"x" * 10_000, headers=headers).json() == 10_000
    headers = {"content-type": "image/png"}
    assert send(app, "POST", "/pieces", content=b"x" * 10_000, headers=headers).json() == 10_000


def test_a_setting_that_there_is_not_is_refused() -> None:
    with pytest.raises(TypeError, match="max_bytes"):
        route_with({"max_bytes": 1})  # type: ignore[typeddict-unknown-key]


def test_a_body_that_says_that_it_is_too_large_is_not_even_asked_for() -> None:
    asked, sent = 0, list[Message]()

    async def receive() -> Message:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b""}

    async def send_message(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-type", b"text/plain"), (b"content-length", b"1001")]
    scope = {"type": "http", "method": "POST", "path": "/text", "query_string": b"", "headers": headers}
    asyncio.run(app_with()(scope, receive, send_message))
    assert (asked, sent[0]["status"]) == (0, 413)


def test_who_may_not_call_hears_that_before_how_large_a_body_may_be() -> None:
    async def guard() -> None:
        raise Problem(401, "who are you?")

    router = APIRouter(route_class=route_with({"max_body_bytes": 1}))

    @router.post("/text", dependencies=[Depends(guard)])
    async def text(
        body: Annotated[str, Depends(reads(text_body("text/plain")))],
    ) -> object:  # pyright: ignore[reportUnusedFunction]
        raise AssertionError(body)

    headers = {"content-type": "text/plain"}
    assert send(build(router), "POST", "/text", content=b"xx", headers=headers).status_code == 401


@pytest.mark.parametrize(("path", "media_type", "frame", "limit"), CASES)
def test_no_kind_of_body_may_be_compressed_or_of_another_kind(
    path: str, media_type: str, frame: bytes, limit: int
) -> None:
    coded = {"content-type": media_type, "content-encoding": "gzip"}
    answer = send(app_with(), "POST", path, content=b"\x1f\x8b", headers=coded)
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")
    plain = {"content-type": media_type, "content-encoding": "identity"}
    assert send(app_with(), "POST", path, content=frame % b"x", headers=plain).status_code == 200
    answer = send(app_with(), "POST", path, content=b"x", headers={"content-type": "application/x-other"})
    assert (answer.status_code, answer.json()["status_code"]) == (415, 415)
    assert "the body is application/x-other: it has to be" in answer.json()["error"]["message"]
    assert send(app_with(), "POST", path, content=b"x").status_code == 400
