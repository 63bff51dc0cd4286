"""Every operation of a document answers, and every answer fits its schema."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import yaml
from jsonschema_rs import Draft202012Validator

from tests.serve.running import Running, serving

SPEC = Path(__file__).parent / "openapi.yaml"
DOCUMENT = yaml.safe_load(SPEC.read_text("utf-8"))
KEY = {"X-Key": "anything"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(SPEC, tmp_path_factory.mktemp("serve")) as running:
        yield running


def get(server: Running, path: str) -> httpx2.Response:
    return server.http.get(path, headers=KEY)


def fits(path: str, value: object, *, method: str = "get", status: str = "200") -> bool:
    """Whether the document itself takes the value as that answer."""
    content = DOCUMENT["paths"][path][method]["responses"][status]["content"]
    schema = content["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": DOCUMENT["components"]}).is_valid(value)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/examples/nested", "200"), ("/formats", "201"), ("/arrays", "200"), ("/unions", "200"), ("/tree", "200")],
)
def test_answers_fit_their_schemas(server: Running, path: str, status: str) -> None:
    answer = get(server, path)
    assert answer.status_code == int(status), answer.text
    assert answer.headers["content-type"] == "application/json"
    assert fits(path, answer.json(), status=status), answer.text


def test_the_documents_own_examples_come_first_where_they_fit(server: Running) -> None:
    assert get(server, "/examples/media").json() == {"kind": "cat", "name": "Tom"}, "without what is write-only"
    nested = get(server, "/examples/nested").json()
    assert nested == {"shown": "as shown", "unfit": 7, "said": "by default", "fixed": "always"}


def test_what_may_be_left_out_is_there(server: Running) -> None:
    named = DOCUMENT["paths"]["/formats"]["get"]["responses"]["201"]["content"]["application/json"]["schema"]
    assert get(server, "/formats").json().keys() == named["properties"].keys()
    tree = get(server, "/tree").json()
    assert tree["parent"]["children"] == tree["children"][0]["children"] == [], "but what recurs ends"


def test_discriminators_say_what_a_value_is(server: Running) -> None:
    found = get(server, "/unions").json()
    assert found["animal"]["kind"] == "meow" and "lives" in found["animal"]
    assert found["child"]["breed"] == "poodle"


def test_equal_requests_have_equal_answers_and_others_have_others(server: Running) -> None:
    first = server.http.get("/items/1").json()
    assert first == server.http.get("/items/1").json()
    assert first != server.http.get("/items/2").json()
    assert first != server.http.get("/items/1", params={"limit": 3}).json()


def test_headers_that_must_come_come(server: Running) -> None:
    answer = get(server, "/headers")
    assert (answer.headers["x-limit"], answer.headers["x-names"]) == ("5", "a,b")
    assert "x-not-needed" not in answer.headers
    assert (answer.status_code, answer.text) == (200, "plain words")
    assert answer.headers["content-type"].startswith("text/plain")


def test_no_content_has_none(server: Running) -> None:
    answer = server.http.delete("/nothing", headers=KEY)
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("size", "drawn"), [("64x32", (64, 32)), ("auto", (1024, 1024)), ("99999x99999", (1024, 1024))]
)
def test_pictures_have_the_size_asked_for(server: Running, size: str, drawn: tuple[int, int]) -> None:
    answer = server.http.post("/picture", headers=KEY, json={"size": size})
    assert answer.headers["content-type"] == "image/png"
    assert png_size(answer.content) == drawn


def png_size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG whose every chunk and pixel is there."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    chunks: dict[bytes, bytes] = {}
    at = 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(kind + body)
        chunks[kind], at = body, at + 12 + length
    width, height = struct.unpack_from(">II", chunks[b"IHDR"])
    assert len(zlib.decompress(chunks[b"IDAT"])) == height * (1 + 3 * width)
    return width, height


def test_a_stream_has_each_kind_of_event_and_ends_well(server: Running) -> None:
    answer = server.http.post("/events", headers=KEY, json={"stream": True})
    told = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    assert told[-1] == "[DONE]"
    kinds = [json.loads(data)["type"] for data in told[:-1]]
    assert kinds == ["item.delta", "item.part.completed", "item.completed"], "no error, and one end"
    assert server.http.post("/events", headers=KEY, json={}).json().keys() >= {"id", "name"}


def test_lines_are_items(server: Running) -> None:
    lines = get(server, "/lines").text.splitlines()
    assert len(lines) == 3 and all(json.loads(line).keys() >= {"id", "name"} for line in lines)


def test_a_schema_that_nothing_fits_is_told(server: Running) -> None:
    answer = get(server, "/impossible")
    assert answer.status_code == 501
    assert "impossible" in answer.json()["error"]["message"]


def test_requests_are_checked(server: Running) -> None:
    refused = server.http.get("/items/1", params={"limit": 11})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "limit")
    assert server.http.post("/picture", headers=KEY, json={}).status_code == 400
    assert server.http.post("/picture", headers=KEY, content=b"x", params={}).status_code == 400
    wrong = server.http.post("/picture", headers={**KEY, "content-type": "text/plain"}, content=b"x")
    assert wrong.status_code == 415
    assert server.http.get("/tree").status_code == 401
    assert server.http.get("/nowhere").status_code == 404


def test_pages_ask_for_nothing_elsewhere(server: Running) -> None:
    page = server.http.get("/docs").text
    assert "Shapes &amp; &lt;b&gt;sizes" in page and "/examples/media" in page
    assert "<script" not in page and "http:" not in page and "https:" not in page
    assert server.http.get("/redoc").status_code == 404
    assert server.http.get("/openapi.json").json() == json.loads(json.dumps(DOCUMENT, default=str))


def test_requests_are_logged(server: Running) -> None:
    server.http.get("/items/a%0Ab", headers={"x": "y"})
    assert "GET /items/a%0Ab 200 " in server.said
