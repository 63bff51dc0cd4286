"""Bodies other than JSON: how they are written, that files are not loaded whole, and when they are sent again."""

from __future__ import annotations

import email
import email.policy
import io
import json
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest
from _runtime import errors
from _runtime.calls import Settings
from _runtime.files import Upload
from _runtime.model import Model
from _runtime.operations import Declared, Operation
from _runtime.transport import Transport

from tests.runtime.calling import Caller, Server, ok
from tests.runtime.shapes import Image


class Edit(Model):
    image: Upload
    prompt: str
    masks: list[Upload] | None = None
    n: int | None = None
    tags: list[str] | None = None
    options: Image | None = None
    stops: list[Image] | None = None
    thumbnail: str | None = None
    stream: bool | None = None


EDIT = Operation[None](
    id="e", name="edit", method="POST", path="/e", body="multipart", declared=lambda: Declared(body=Edit)
)
PUT = Operation[None](id="p", name="put", method="PUT", path="/p", body="binary")
BUSY = httpx2.Response(503)


def parts(request: httpx2.Request) -> list[tuple[str, str | None, str, bytes]]:
    """Each part of a multipart body: name, file name, content type, content."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + request.content, policy=email.policy.HTTP)
    found = cast("list[EmailMessage]", list(message.iter_parts()))
    return [
        (
            str(part.get_param("name", header="content-disposition")),
            part.get_filename(),
            str(part["content-type"] or ""),
            cast("bytes", part.get_payload(decode=True)),
        )
        for part in found
    ]


class Once(io.RawIOBase):
    """A file that can be read but once, such as a pipe."""

    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)

    def read(self, size: int = -1, /) -> bytes:
        return self._file.read(size)

    def seekable(self) -> bool:
        return False


def test_each_field_is_its_part(caller: Caller, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG")
    server = Server(httpx2.Response(204))
    fields: dict[str, Any] = {
        "image": path,
        "masks": [b"m1", Upload(b"m2", "m.webp"), Upload(b"m3", content_type="image/x")],
        "prompt": "ü\r\n",
        "n": 2,
        "tags": ["a", "b"],
        "options": Image(url="u"),
        "stops": [Image(url="u"), {"index": 1}],
        "thumbnail": "t",
    }
    caller.call(server, replace(EDIT, parts={"thumbnail": "image/png"}), fields=fields)
    assert parts(server.last) == [
        ("image", "a.png", "image/png", b"\x89PNG"),
        ("masks", "masks", "application/octet-stream", b"m1"),
        ("masks", "m.webp", "image/webp", b"m2"),
        ("masks", "masks", "image/x", b"m3"),
        ("prompt", None, "", "ü\r\n".encode()),
        ("n", None, "", b"2"),
        ("tags", None, "", b"a"),
        ("tags", None, "", b"b"),
        ("options", None, "application/json", b'{"url":"u"}'),
        ("stops", None, "application/json", b'[{"url":"u"},{"index":1}]'),
        ("thumbnail", None, "image/png", b"t"),
    ]
    assert server.last.headers["content-length"] == str(len(server.last.content))


def test_notations_that_are_media_types(caller: Caller) -> None:
    server = Server(httpx2.Response(204))
    notations = {"tags": "application/json", "image": "image/png", "options": "application/vnd.x+json"}
    fields = {"prompt": "p", "image": b"i", "tags": ["a"], "options": {"url": "u"}}
    caller.call(server, replace(EDIT, parts=notations), fields=fields)
    assert parts(server.last)[1:] == [
        ("image", "image", "image/png", b"i"),
        ("tags", None, "application/json", b'["a"]'),
        ("options", None, "application/vnd.x+json", b'{"url":"u"}'),
    ]


def test_a_body_without_files_or_fields_is_multipart_all_the_same(caller: Caller) -> None:
    server = Server(httpx2.Response(204))
    operation = replace(EDIT, declared=lambda: Declared(body=Image))
    caller.call(server, operation, fields={"url": "u"})
    assert server.last.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert parts(server.last) == [("url", None, "", b"u")]
    caller.call(server, operation, fields={})
    assert (server.last.headers["content-type"], parts(server.last)) == ("multipart/form-data; boundary=none", [])
    caller.call(server, replace(operation, content_type="multipart/mixed"), fields={"url": "u"})
    assert server.last.headers["content-type"].startswith("multipart/mixed; boundary=")
    assert parts(server.last) == [("url", None, "", b"u")]
    caller.call(server, replace(operation, body_required=False), fields={})
    assert "content-type" not in server.last.headers


def test_a_form_body_can_be_a_model_or_a_map_with_more_in_it(caller: Caller) -> None:
    server = Server(httpx2.Response(204))
    options = {"body": {"extra": [1, 2]}}
    caller.call(server, EDIT, body=Edit(image=Upload(b"i"), prompt="p"), options=options)
    assert [part[0] for part in parts(server.last)] == ["image", "prompt", "extra", "extra"]
    caller.call(server, replace(EDIT, body="form"), body={"a": True, "b": {"c": 1}}, options=options)
    assert server.last.content == b"a=true&b%5Bc%5D=1&extra=1&extra=2"
    assert server.last.headers["content-type"] == "application/x-www-form-urlencoded"
    with pytest.raises(TypeError, match="only a body that is an object"):
        caller.call(server, replace(EDIT, body="text"), body="x", options=options)


def test_the_switch_of_a_stream_is_a_field_of_the_form(caller: Caller) -> None:
    server = Server(httpx2.Response(200, content=b'{"a":1}', headers={"content-type": "application/x-ndjson"}))
    operation = replace(EDIT, stream_field="stream", stream_media="application/x-ndjson", stream_by_default=True)
    caller.stream(server, operation, fields={"image": b"i", "prompt": "p"})
    assert parts(server.last)[2] == ("stream", None, "", b"true")
    caller.call(server, operation, fields={"image": b"i", "prompt": "p"})
    assert parts(server.last)[2] == ("stream", None, "", b"false")


def test_text_and_json_under_media_types_of_their_own(caller: Caller) -> None:
    server = Server(httpx2.Response(204))
    caller.call(server, replace(PUT, body="text"), body="ü")
    assert (server.last.content, server.last.headers["content-type"]) == ("ü".encode(), "text/plain; charset=utf-8")
    for media, sent in (("text/csv", "text/csv; charset=utf-8"), ("application/sdp", "application/sdp")):
        caller.call(server, replace(PUT, body="text", content_type=media), body="v=0")
        assert server.last.headers["content-type"] == sent
    caller.call(server, replace(PUT, body="json", content_type="application/merge-patch+json"), body={"a": None})
    assert (server.body, server.last.headers["content-type"]) == ({"a": None}, "application/merge-patch+json")


def test_a_file_is_the_body(caller: Caller, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"0123456789" * 20_000)
    server = Server(BUSY, httpx2.Response(204))
    caller.call(server, PUT, body=path)
    assert [len(request.content) for request in server.requests] == [200_000, 200_000]
    assert server.last.headers["content-length"] == "200000"
    assert server.last.headers["content-type"] == "application/octet-stream"
    assert "transfer-encoding" not in server.last.headers

    server = Server(BUSY, httpx2.Response(204))
    with path.open("rb") as file:
        file.seek(199_990)
        caller.call(server, replace(PUT, content_type="image/png"), body=Upload(file, content_type="image/webp"))
        assert not file.closed
    assert [request.content for request in server.requests] == [b"0123456789"] * 2
    assert (server.last.headers["content-length"], server.last.headers["content-type"]) == ("10", "image/webp")

    server = Server(httpx2.Response(204))
    caller.call(server, replace(PUT, content_type="image/png"), body=b"x")
    assert (server.last.content, server.last.headers["content-type"]) == (b"x", "image/png")
    with pytest.raises(ValueError, match="a file is bytes"):
        caller.call(server, PUT, body="x")


def test_files_are_read_on_from_where_they_stood_at_each_attempt(caller: Caller) -> None:
    file = io.BytesIO(b"0123456789")
    file.seek(7)
    server = Server(BUSY, httpx2.Response(204))
    caller.call(server, EDIT, fields={"image": file, "prompt": "p"})
    assert [parts(request)[0][3] for request in server.requests] == [b"789", b"789"]
    assert server.last.headers["content-length"] == str(len(server.last.content))


@pytest.mark.parametrize("operation", [PUT, EDIT])
def test_what_can_be_read_but_once_is_sent_but_once(caller: Caller, operation: Operation[None]) -> None:
    server = Server(BUSY, httpx2.Response(204))
    file = Once(b"0123456789")
    given: dict[str, Any] = {"body": file} if operation is PUT else {"fields": {"image": file, "prompt": "p"}}
    with pytest.raises(errors.ServerError):
        caller.call(server, operation, **given)
    assert len(server.requests) == 1
    assert b"0123456789" in server.last.content
    assert server.last.headers["transfer-encoding"] == "chunked"


def test_a_pipe_has_no_length(caller: Caller) -> None:
    read, write = os.pipe()
    os.write(write, b"piped")
    os.close(write)
    server = Server(httpx2.Response(204))
    with os.fdopen(read, "rb") as file:
        caller.call(server, EDIT, fields={"image": file, "prompt": "p"})
    assert parts(server.last)[0][1:] == ("image", "application/octet-stream", b"piped")


def test_a_file_in_text_mode_is_refused(caller: Caller) -> None:
    for operation, given in (
        (PUT, {"body": io.StringIO("x")}),
        (EDIT, {"fields": {"image": io.StringIO("x"), "prompt": "p"}}),
    ):
        with pytest.raises(TypeError, match="binary mode"):
            caller.call(Server(ok()), operation, **cast("dict[str, Any]", given))


def test_a_file_is_not_loaded_whole() -> None:
    class Endless(Once):
        largest = 0
        left = 5_000_000

        def read(self, size: int = -1, /) -> bytes:
            assert size > 0
            self.largest = max(self.largest, size)
            self.left -= min(size, self.left)
            return b"x" * min(size, self.left)

    class Drain(httpx2.BaseTransport):
        taken = 0

        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            assert isinstance(request.stream, httpx2.SyncByteStream)
            for chunk in request.stream:
                self.taken += len(chunk)
            return httpx2.Response(204)

    for operation in (PUT, EDIT):
        file, drain = Endless(b""), Drain()
        transport = Transport(Settings(base_url="http://test"), httpx2.Client(transport=drain))
        if operation is PUT:
            transport.call(operation, body=file)
        else:
            transport.call(operation, fields={"image": file, "prompt": "p"})
        assert file.largest <= 65_536
        assert drain.taken > 4_900_000


def test_lines_are_written_as_they_come(caller: Caller) -> None:
    lines = replace(PUT, body="lines")
    server = Server(BUSY, httpx2.Response(204))
    caller.call(server, lines, body=[Image(url="u", b64=None), {"a": "\n"}])
    assert [request.content for request in server.requests] == [b'{"url":"u"}\n{"a":"\\n"}\n'] * 2
    assert server.last.headers["content-type"] == "application/x-ndjson"

    def items() -> Iterator[int]:
        yield from (1, 2)

    server = Server(BUSY, httpx2.Response(204))
    with pytest.raises(errors.ServerError):
        caller.call(server, lines, body=items())
    assert [request.content for request in server.requests] == [b"1\n2\n"]

    server = Server(httpx2.Response(204))
    caller.call(server, replace(lines, content_type="application/json-seq"), body=items())
    assert server.last.content == b"\x1e1\n\x1e2\n"
    caller.call(server, replace(lines, content_type="text/event-stream"), body=items())
    assert server.last.content == b"data: 1\n\ndata: 2\n\n"


def test_lines_that_are_made_asynchronously() -> None:
    async def items() -> AsyncIterator[int]:
        yield 1
        yield 2

    server = Server(httpx2.Response(204))
    Caller(is_async=True).call(server, replace(PUT, body="lines"), body=items())
    assert [json.loads(line) for line in server.last.content.splitlines()] == [1, 2]


def test_a_missing_file_is_an_error_before_anything_is_sent(caller: Caller, tmp_path: Path) -> None:
    server = Server(ok())
    with pytest.raises(FileNotFoundError):
        caller.call(server, PUT, body=tmp_path / "missing")
    assert server.requests == []
