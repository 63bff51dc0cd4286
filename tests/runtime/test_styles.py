"""Parameters in every style, against the examples of RFC 6570 and OpenAPI."""

from __future__ import annotations

import datetime
import decimal
import enum
import uuid
from dataclasses import replace

import pytest
from _runtime.styles import as_form

from tests.runtime.calling import GET, Caller, Server, ok
from tests.runtime.shapes import Image, Request

COLOURS = ["blue", "bl,ack", "br own"]
POINT = {"R": 100, "G": None, "B&": "a,b"}
MODEL = Request(
    model="m", prompt=["a", "b"], n=None, code=None, user_id="u", vendor=1
)  # pyright: ignore[reportCallIssue]


class Size(enum.Enum):
    BIG = "big"


@pytest.mark.parametrize(
    ("style", "value", "raw"),
    [
        ("form*", "a,b c", "v=a%2Cb%20c"),
        ("form", "", "v="),
        ("form*", COLOURS, "v=blue&v=bl%2Cack&v=br%20own"),
        ("form", COLOURS, "v=blue,bl%2Cack,br%20own"),
        ("form*", POINT, "R=100&B%26=a%2Cb"),
        ("form", POINT, "v=R,100,B%26,a%2Cb"),
        ("spaceDelimited", COLOURS, "v=blue%20bl%2Cack%20br%20own"),
        ("pipeDelimited", COLOURS, "v=blue%7Cbl%2Cack%7Cbr%20own"),
        ("pipeDelimited", POINT, "v=R%7C100%7CB%26%7Ca%2Cb"),
        ("spaceDelimited*", COLOURS, "v=blue&v=bl%2Cack&v=br%20own"),
        ("deepObject", POINT, "v%5BR%5D=100&v%5BB%26%5D=a%2Cb"),
        ("deepObject", {"a": {"b": [1, None, 2]}, "c": [{"d": True}]}, "v%5Ba%5D%5Bb%5D=1&v%5Ba%5D%5Bb%5D=2&v%5Bc%5D%5B0%5D%5Bd%5D=true"),
        ("deepObject", MODEL, "v%5Bmodel%5D=m&v%5Bprompt%5D=a&v%5Bprompt%5D=b&v%5Buser-id%5D=u&v%5Bvendor%5D=1"),
        ("form*", MODEL, "model=m&prompt=a&prompt=b&user-id=u&vendor=1"),
        ("json", MODEL, "v=%7B%22model%22%3A%22m%22%2C%22prompt%22%3A%5B%22a%22%2C%22b%22%5D%2C%22user-id%22%3A%22u%22%2C%22code%22%3Anull%2C%22vendor%22%3A1%7D"),
        ("json", "x", "v=%22x%22"),
        ("text", "x y", "v=x%20y"),
        ("form*", [], ""),
        ("form", [None], ""),
        ("deepObject", {}, ""),
        ("form*", datetime.datetime(2024, 2, 1, 12, tzinfo=datetime.UTC), "v=2024-02-01T12%3A00%3A00%2B00%3A00"),
        ("form*", [Size.BIG, uuid.UUID(int=1), decimal.Decimal("1.50"), False], "v=big&v=00000000-0000-0000-0000-000000000001&v=1.50&v=false"),
    ],
)  # fmt: skip
def test_in_the_query(caller: Caller, style: str, value: object, raw: str) -> None:
    server = Server(ok())
    operation = replace(GET, path="/x", styles={("query", "v"): style, ("path", "v"): "matrix"})
    caller.call(server, operation, query={"v": value})
    assert server.last.url.query.decode() == raw


@pytest.mark.parametrize(
    ("style", "value", "raw"),
    [
        ("simple", COLOURS, "blue,bl%2Cack,br%20own"),
        ("simple*", COLOURS, "blue,bl%2Cack,br%20own"),
        ("simple", POINT, "R,100,B%26,a%2Cb"),
        ("simple*", POINT, "R=100,B%26=a%2Cb"),
        ("label", "x.y", ".x.y"),
        ("label", COLOURS, ".blue,bl%2Cack,br%20own"),
        ("label*", COLOURS, ".blue.bl%2Cack.br%20own"),
        ("label", POINT, ".R,100,B%26,a%2Cb"),
        ("label*", POINT, ".R=100.B%26=a%2Cb"),
        ("matrix", "a/b", ";v=a%2Fb"),
        ("matrix", "", ";v"),
        ("matrix", COLOURS, ";v=blue,bl%2Cack,br%20own"),
        ("matrix*", COLOURS, ";v=blue;v=bl%2Cack;v=br%20own"),
        ("matrix", POINT, ";v=R,100,B%26,a%2Cb"),
        ("matrix*", POINT, ";R=100;B%26=a%2Cb"),
        ("json", {"a": "/"}, "%7B%22a%22%3A%22%2F%22%7D"),
        ("text", "a/b", "a%2Fb"),
    ],
)
def test_in_the_path(caller: Caller, style: str, value: object, raw: str) -> None:
    server = Server(ok())
    operation = replace(GET, path="/x/{v}", styles={("path", "v"): style})
    caller.call(server, operation, path={"v": value})
    assert server.last.url.raw_path.decode() == f"/base/x/{raw}"


@pytest.mark.parametrize(("style", "value"), [("label", "."), ("label", None), ("simple*", {}), ("simple", [None])])
def test_no_style_leads_out_of_the_path(caller: Caller, style: str, value: object) -> None:
    with pytest.raises(ValueError, match="the path parameter 'v' cannot be"):
        caller.call(Server(ok()), replace(GET, path="/x/{v}", styles={("path", "v"): style}), path={"v": value})


@pytest.mark.parametrize(
    ("style", "value", "raw"),
    [
        ("simple", "a, b", "a, b"),
        ("simple", [1, 2], "1,2"),
        ("simple", {"a": 1, "b": "c"}, "a,1,b,c"),
        ("simple*", {"a": 1, "b": "c"}, "a=1,b=c"),
        ("json", {"a": ["é", 1]}, '{"a":["\\u00e9",1]}'),
    ],
)
def test_in_a_header(caller: Caller, style: str, value: object, raw: str) -> None:
    server = Server(ok())
    caller.call(server, replace(GET, path="/", styles={("header", "X-V"): style}), headers={"X-V": value})
    assert server.last.headers["x-v"] == raw


@pytest.mark.parametrize("value", ["é", "a\r\nX-Admin: 1", "\0"])
def test_what_no_header_can_carry_is_refused(caller: Caller, value: str) -> None:
    with pytest.raises(ValueError, match="the header 'X-V' has a character"):
        caller.call(Server(ok()), replace(GET, path="/"), headers={"X-V": value})


@pytest.mark.parametrize(
    ("style", "value", "raw"),
    [
        ("form", [1, 2], "v=1,2"),
        ("form*", [1, 2], "v=1; v=2"),
        ("form", {"a": 1}, "v=a,1"),
        ("form*", {"a": 1, "b": 2}, "a=1; b=2"),
        ("json", {"a": 1}, "v=%7B%22a%22%3A1%7D"),
    ],
)
def test_in_a_cookie(caller: Caller, style: str, value: object, raw: str) -> None:
    server = Server(ok())
    caller.call(server, replace(GET, path="/", styles={("cookie", "v"): style}), cookies={"v": value})
    assert server.last.headers["cookie"] == raw


def test_what_has_no_one_way_to_be_written_is_refused(caller: Caller) -> None:
    for value in (object(), b"x", [[1]], {"a": {"b": 1}}):
        with pytest.raises(TypeError, match="cannot be a"):
            caller.call(Server(ok()), replace(GET, path="/"), query={"v": value})


def test_a_form_writes_each_field_as_its_part_says() -> None:
    fields = {
        "plain": "ü &=",
        "yes": True,
        "list": [1, 2],
        "none": None,
        "deep": {"a": {"b": [1, 2]}, "c": None, "d": [{"e": 1}, {"e": 2}]},
        "numbered": ["x", "y"],
        "comma": [1, 2],
        "pipe": ["a", "b"],
        "space": {"a": 1},
        "json": [Image(url="u")],
        "text": 3,
    }
    parts = {"numbered": "brackets", "comma": "comma", "pipe": "pipe", "space": "space"}
    parts |= {"json": "application/json", "text": "text/plain"}
    assert as_form(fields, parts).decode().split("&") == [
        "plain=%C3%BC+%26%3D", "yes=true", "list=1", "list=2",
        "deep%5Ba%5D%5Bb%5D=1", "deep%5Ba%5D%5Bb%5D=2", "deep%5Bd%5D%5B0%5D%5Be%5D=1", "deep%5Bd%5D%5B1%5D%5Be%5D=2",
        "numbered%5B0%5D=x", "numbered%5B1%5D=y", "comma=1%2C2", "pipe=a%7Cb", "space=a+1",
        "json=%5B%7B%22url%22%3A%22u%22%7D%5D", "text=3",
    ]  # fmt: skip
