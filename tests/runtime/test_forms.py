from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import httpx2
import pytest
from _runtime.bodies import json_body, reads
from _runtime.files import Upload
from _runtime.forms import form_body, multipart_body
from _runtime.model import Model
from _runtime.replies import respond
from _runtime.routes import Route
from fastapi import APIRouter, Depends
from pydantic import Field

from tests.runtime.apps import build, send


class Point(Model):
    x: float | None = None
    y: float | None = None


class Address(Model):
    street: str | None = None
    lines: list[str] | None = None
    point: Point | None = None


class Customer(Model):
    name: str
    age: Annotated[int | None, Field(ge=0)] = None
    vip: bool | None = None
    born: date | None = None
    level: Literal[1, 2, "max"] | None = None
    limit: int | Literal["none"] | None = None
    expand: Annotated[list[str] | None, Field(alias="expand[]")] = None
    codes: list[int] | None = None
    address: Address | None = None
    addresses: list[Address] | None = None
    metadata: dict[str, str] | None = None


class Edit(Model):
    image: Upload
    masks: list[Upload] | None = None
    thumbnail: Upload | None = None
    prompt: str
    n: int | None = None
    tags: list[str] | None = None
    options: Point | None = None


NOTATIONS = {"codes": "comma", "metadata": "application/json"}


def form_router() -> APIRouter:
    router = APIRouter(route_class=Route)

    @router.post("/customers")
    async def create(  # pyright: ignore[reportUnusedFunction]
        body: Annotated[Customer, Depends(reads(json_body(Customer), form_body(Customer, NOTATIONS)))],
    ) -> object:
        return respond(body)

    @router.post("/free")
    async def free(  # pyright: ignore[reportUnusedFunction]
        body: Annotated[dict[str, Any] | None, Depends(reads(form_body(dict[str, Any]), required=False))],
    ) -> object:
        return respond({"got": body})

    return router


def submit(pairs: str, path: str = "/customers") -> httpx2.Response:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return send(build(form_router()), "POST", path, content=pairs.encode(), headers=headers)


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        ("age=3&vip=true&born=2026-01-02", {"age": 3, "vip": True, "born": "2026-01-02"}),
        ("level=2", {"level": 2}),
        ("level=max", {"level": "max"}),
        ("limit=3", {"limit": 3}),
        ("limit=none", {"limit": "none"}),
        ("expand[]=a&expand%5B%5D=b", {"expand[]": ["a", "b"]}),
        ("expand[]=a", {"expand[]": ["a"]}),
        ("codes=1,2", {"codes": [1, 2]}),
        ("address[street]=s&address[point][x]=1.5", {"address": {"street": "s", "point": {"x": 1.5}}}),
        ("address[lines][]=a&address[lines][]=b", {"address": {"lines": ["a", "b"]}}),
        ("address[lines][1]=b&address[lines][0]=a", {"address": {"lines": ["a", "b"]}}),
        ("address[lines]=a", {"address": {"lines": ["a"]}}),
        ('address={"street":"s"}', {"address": {"street": "s"}}),
        ("addresses[0][street]=a&addresses[1][street]=b", {"addresses": [{"street": "a"}, {"street": "b"}]}),
        ('metadata={"a":"b"}', {"metadata": {"a": "b"}}),
        ("vendor=x&vendor=y&deep[a]=1", {"vendor": ["x", "y"], "deep": {"a": "1"}}),
    ],
)
def test_the_fields_of_a_form_are_read_by_their_types(pairs: str, told: dict[str, object]) -> None:
    assert submit(f"name=a%20b+c&{pairs}").json() == {"name": "a b c", **told}


@pytest.mark.parametrize(
    ("pairs", "param", "message"),
    [
        ("age=3", "name", "Field required"),
        ("", "name", "Field required"),
        ("name=n&age=x", "age", "valid integer"),
        ("name=n&age=-1", "age", "greater than or equal to 0"),
        ("name=n&vip=perhaps", "vip", "valid boolean"),
        ("name=n&level=3", "level", "Input should be 1, 2 or 'max'"),
        ("name=n&address[point][x]=a", "address.point.x", "valid number"),
        ("name=n&metadata={", "metadata", "not valid JSON"),
        ("name=n&a" + "[b]" * 40 + "=1", "a", "deep"),
    ],
)
def test_a_wrong_form_is_answered_with_the_field_and_the_reason(pairs: str, param: str, message: str) -> None:
    answer = submit(pairs)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert message in answer.json()["error"]["message"]


def test_the_same_operation_takes_json_strictly() -> None:
    app = build(form_router())
    assert send(app, "POST", "/customers", json={"name": "n", "age": 3}).json() == {"name": "n", "age": 3}
    assert send(app, "POST", "/customers", json={"name": "n", "age": "3"}).status_code == 400
    assert send(app, "POST", "/customers", files={"name": b"n"}).status_code == 415


def test_a_form_without_known_fields_is_what_was_sent() -> None:
    assert submit("a=1&b[c]=d", "/free").json() == {"got": {"a": "1", "b": {"c": "d"}}}
    assert send(build(form_router()), "POST", "/free").json() == {"got": None}


OPENED: list[Upload] = []
PIXELS = ("pixels", "m1", "m2", "t")


def upload_router() -> APIRouter:
    router = APIRouter(route_class=Route)

    @router.post("/edits")
    async def edit(  # pyright: ignore[reportUnusedFunction]
        body: Annotated[Edit, Depends(reads(multipart_body(Edit)))],
    ) -> object:
        OPENED[:] = [body.image]
        files = [body.image, *(body.masks or []), *([body.thumbnail] if body.thumbnail else [])]
        rest = body.model_dump(exclude={"image", "masks", "thumbnail"}, exclude_unset=True)
        return respond({"files": [[f.filename, f.content_type, f.read().decode()] for f in files], **rest})

    return router


def test_files_and_fields_of_a_multipart_body() -> None:
    files: list[tuple[str, tuple[str | None, str, str]]] = [
        ("image", ("ä.png", "pixels", "image/png")),
        ("masks", ("1.png", "m1", "image/png")),
        ("masks", ("2.png", "m2", "image/png")),
        ("thumbnail", ("t.png", "t", "image/png")),
        ("prompt", (None, "p", "text/plain")),
        ("n", (None, "2", "text/plain")),
        ("tags", (None, "a", "text/plain")),
        ("tags", (None, "b", "text/plain")),
        ("options", (None, '{"x":1}', "application/json")),
    ]
    assert send(build(upload_router()), "POST", "/edits", files=files).json() == {
        "files": [[f"{name}.png", "image/png", text] for name, text in zip("ä12t", PIXELS, strict=True)],
        "prompt": "p",
        "n": 2,
        "tags": ["a", "b"],
        "options": {"x": 1.0},
    }
    assert OPENED[0].content.closed  # type: ignore[union-attr]


def test_a_file_may_be_sent_without_a_name_and_json_with_one() -> None:
    files = {"image": (None, "pixels"), "prompt": (None, "p"), "options": ("o.json", '{"y":2}', "application/json")}
    answer = send(build(upload_router()), "POST", "/edits", files=files)
    assert answer.json() == {"files": [[None, None, "pixels"]], "prompt": "p", "options": {"y": 2.0}}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"files": {"prompt": (None, "p")}}, "image: Field required"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, "Missing boundary"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data; boundary=b"}}, "multipart"),
    ],
)
def test_a_wrong_multipart_body_is_answered_clearly(given: dict[str, Any], message: str) -> None:
    answer = send(build(upload_router()), "POST", "/edits", **given)
    assert answer.status_code == 400
    assert message in answer.json()["error"]["message"]
