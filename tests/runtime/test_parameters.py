from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import httpx2
import pytest
from _runtime.model import Model
from _runtime.parameters import Place, styled
from _runtime.replies import respond
from _runtime.routes import Route
from _runtime.styles import in_cookies
from fastapi import APIRouter, Cookie, Depends, FastAPI
from pydantic import Field

from tests.runtime.apps import build, send
from tests.runtime.shapes import Flat


class Point(Model):
    x: int
    y: int


class Owner(Model):
    id: int | None = None
    active: bool | None = None


class Filter(Model):
    name: str | None = None
    sizes: list[int] | None = None
    owner: Owner | None = None
    user_id: Annotated[str | None, Field(alias="user-id")] = None


def router_of(annotation: object, *, place: Place, style: str, required: bool = True) -> APIRouter:
    router = APIRouter(route_class=Route)
    read = styled("it", annotation, place=place, style=style, required=required, others=("page",))

    @router.get("/{it}/x" if place == "path" else "/x", responses={422: {"model": Flat}})
    async def get(it: object = Depends(read)) -> object:  # pyright: ignore[reportUnusedFunction]
        return respond({"it": it})

    return router


def ask(
    annotation: object, url: str, *, place: Place, style: str, required: bool = True, **more: Any
) -> httpx2.Response:
    app = build(router_of(annotation, place=place, style=style, required=required))
    return send(app, "GET", url, **more)


@pytest.mark.parametrize(
    ("annotation", "style", "query", "value"),
    [
        (list[int], "form", "it=1,2", [1, 2]),
        (list[str], "form", "it=a%2Cb,c%20d", ["a,b", "c d"]),
        (list[str], "form", "it=a%2Cb", ["a", "b"]),
        (list[str], "form", "it=", []),
        (list[str], "form*", "it=a,b&it=c", ["a,b", "c"]),
        (list[str], "form*", "it[]=a&it%5B%5D=b", ["a", "b"]),
        (Point, "form", "it=x,1,y,2", {"x": 1, "y": 2}),
        (Point, "form*", "y=2&x=1&z=3", {"x": 1, "y": 2}),
        (dict[str, int], "form*", "a=1&page=2", {"a": 1}),
        (list[str], "spaceDelimited", "it=a%20b+c", ["a", "b", "c"]),
        (list[int], "pipeDelimited", "it=1|2%7C3", [1, "2|3"]),
        (list[int], "pipeDelimited", "it=1%7C2", [1, 2]),
        (Filter, "deepObject", "it[name]=n&it[owner][id]=3&it[owner][active]=true", None),
        (Filter, "deepObject", "it[sizes]=1&it[sizes]=2&it[user-id]=u", {"sizes": [1, 2], "user-id": "u"}),
        (Filter, "deepObject", "it[sizes][]=1", {"sizes": [1]}),
        (Filter, "deepObject", "it[sizes][1]=2&it[sizes][0]=1", {"sizes": [1, 2]}),
        (dict[str, str], "deepObject", "it[a]=b&other[c]=d", {"a": "b"}),
        (Filter, "json", 'it={"sizes":[1]}', {"sizes": [1]}),
        (date, "text", "it=2026-01-02", "2026-01-02"),
        (Literal[1, 2], "", "it=2", 2),
        (int | bool, "", "it=true", True),
        (int | str, "", "it=7", 7),
        (int | str, "", "it=7a", "7a"),
        (list[Literal[1, "a"]], "", "it=1&it=a", [1, "a"]),
    ],
)
def test_a_parameter_of_the_query_is_read_in_its_style(
    annotation: object, style: str, query: str, value: object
) -> None:
    if query == "it=1|2%7C3":
        assert ask(annotation, f"/x?{query}", place="query", style=style).status_code == 422
        return
    told = {"name": "n", "owner": {"id": 3, "active": True}} if value is None else value
    assert ask(annotation, f"/x?{query}", place="query", style=style).json() == {"it": told}


@pytest.mark.parametrize(
    ("annotation", "style", "segment", "value"),
    [
        (list[str], "simple", "a,b%2Cc", ["a", "b,c"]),
        (list[str], "simple", "a%2Fb,c", ["a/b", "c"]),
        (Point, "simple", "x,1,y,2", {"x": 1, "y": 2}),
        (Point, "simple*", "x=1,y=2", {"x": 1, "y": 2}),
        (dict[str, str], "simple*", "a=b%3Dc,d=e", {"a": "b=c", "d": "e"}),
        (str, "label", ".a,b", "a,b"),
        (list[int], "label", ".1,2", [1, 2]),
        (list[int], "label*", ".1.2", [1, 2]),
        (Point, "label*", ".x=1.y=2", {"x": 1, "y": 2}),
        (int, "matrix", ";it=3", 3),
        (list[str], "matrix", ";it=a,b", ["a", "b"]),
        (list[str], "matrix*", ";it=a;it=b", ["a", "b"]),
        (Point, "matrix", ";it=x,1,y,2", {"x": 1, "y": 2}),
        (Point, "matrix*", ";x=1;y=2", {"x": 1, "y": 2}),
        (Point, "json", "%7B%22x%22:1,%22y%22:2%7D", {"x": 1, "y": 2}),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/v1"])
def test_a_parameter_of_the_path_is_read_in_its_style(
    annotation: object, style: str, segment: str, value: object, prefix: str
) -> None:
    app = FastAPI()
    app.include_router(router_of(annotation, place="path", style=style), prefix=prefix)
    assert send(app, "GET", f"{prefix}/{segment}/x").json() == {"it": value}


@pytest.mark.parametrize(
    ("annotation", "style", "place", "headers", "value"),
    [
        (list[int], "simple", "header", {"It": "1, 2"}, [1, 2]),
        (Point, "simple*", "header", {"IT": "x=1,y=2"}, {"x": 1, "y": 2}),
        (Filter, "json", "header", {"it": '{"sizes":[1]}'}, {"sizes": [1]}),
        (list[str], "form", "cookie", {"cookie": "a=b; it=c,d"}, ["c", "d"]),
        (list[str], "form*", "cookie", {"cookie": "it=c; it=d"}, ["c", "d"]),
        (Literal[1], "", "cookie", {"cookie": "it=1"}, 1),
    ],
)
def test_a_parameter_of_the_headers_is_read_in_its_style(
    annotation: object, style: str, place: Place, headers: dict[str, str], value: object
) -> None:
    assert ask(annotation, "/x", place=place, style=style, headers=headers).json() == {"it": value}


@pytest.mark.parametrize(
    ("annotation", "style", "query", "param", "message"),
    [
        (Annotated[list[int], Field(max_length=1)], "form", "it=1,2", "it", "at most 1 item"),
        (list[int], "form", "it=1,a", "it.1", "valid integer"),
        (Filter, "deepObject", "it[owner][id]=a", "it.owner.id", "valid integer"),
        (Filter, "deepObject", f"it{'[a]' * 30}=b", "it", "deep"),
        (Literal[1, 2], "", "it=3", "it", "Input should be 1 or 2"),
        (Filter, "json", "it={", "it", "not valid JSON"),
        (Filter, "json", 'it={"sizes":["1"]}', "it.sizes.0", "valid integer"),
        (Point, "form", "it=x,1", "it.y", "Field required"),
        (Point, "form*", "page=1", "it", "Field required"),
    ],
)
def test_a_wrong_parameter_is_named_in_the_declared_shape(
    annotation: object, style: str, query: str, param: str, message: str
) -> None:
    answer = ask(annotation, f"/x?{query}", place="query", style=style)
    assert answer.status_code == (400 if message == "not valid JSON" else 422)
    assert answer.json()["field"] == param
    assert message in answer.json()["message"]


@pytest.mark.parametrize("style", ["form", "form*", "deepObject", "json"])
def test_a_parameter_may_be_left_out_where_it_is_not_required(style: str) -> None:
    assert ask(Filter, "/x?a=b", place="query", style=style, required=False).json() == {"it": None}


def test_what_fastapi_derives_has_the_parameter() -> None:
    app = FastAPI()
    app.include_router(router_of(Filter, place="query", style="form*"))
    assert app.openapi()["paths"]["/x"]["get"]["parameters"] == [
        {"name": "it", "in": "query", "required": True, "style": "form", "explode": True, "schema": {}}
    ]


COOKIE_OCTETS = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '",;\\')
JSON_TEXTS = ["%41", 'a;b, "c" \\ü', "50%", {"ü": ["%2C", '"']}]


@pytest.mark.parametrize("name", ["plain", "listed", "said"])
def test_a_cookie_arrives_as_the_client_wrote_it(name: str) -> None:
    """Nothing is encoded but JSON: what no cookie can carry is refused by the client (RFC 6265, 4.1.1)."""
    router = APIRouter(route_class=Route)

    @router.get("/plain")
    async def plain(crumb: Annotated[str, Cookie()]) -> object:  # pyright: ignore[reportUnusedFunction]
        return respond(crumb)

    @router.get("/listed")
    async def listed(  # pyright: ignore[reportUnusedFunction]
        crumb: Annotated[list[str], Depends(styled("crumb", list[str], place="cookie", style="form"))],
    ) -> object:
        return respond(crumb)

    @router.get("/said")
    async def said(  # pyright: ignore[reportUnusedFunction]
        crumb: Annotated[object, Depends(styled("crumb", object, place="cookie", style="json"))],
    ) -> object:
        return respond(crumb)

    app = build(router)
    sent: list[object] = {
        "plain": [COOKIE_OCTETS, "%41%2C", "a=b=c", "+"],
        "listed": [["a", COOKIE_OCTETS, "%2C"]],
        "said": JSON_TEXTS,
    }[name]
    for value in sent:
        style = {"plain": "form", "listed": "form", "said": "json"}[name]
        cookie = "; ".join(f"{key}={text}" for key, text in in_cookies("crumb", value, style))
        assert send(app, "GET", f"/{name}", headers={"cookie": f"other=1; {cookie}"}).json() == value
