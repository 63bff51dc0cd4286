from __future__ import annotations

import pytest
from _runtime.replies import respond
from _runtime.routes import Route, also_at, in_order
from fastapi import APIRouter, FastAPI

from tests.runtime.apps import build, send


def router_of(*paths: str, method: str = "GET") -> APIRouter:
    """A router whose routes answer with their own path and parameters, added in the order given."""
    router = APIRouter(route_class=Route)

    def add(path: str) -> None:
        async def echo(x: str = "", y: str = "") -> object:
            return respond([path, x, y] if "{" in path else [path])

        router.add_api_route(path, echo, methods=[method], response_model=None)

    for path in paths:
        add(path)
    return in_order(router)


@pytest.mark.parametrize("prefix", ["", "/v1"])
@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("/a", ["/a"]),
        ("/a?beta=true", ["/a?beta=true"]),
        ("/a?x=1&beta=true", ["/a?beta=true"]),
        ("/a?beta=false", ["/a"]),
        ("/things/newest", ["/things/newest"]),
        ("/things/other", ["/things/{x}", "other", ""]),
        ("/things/a.json", ["/things/{x}.json", "a", ""]),
        ("/things/a%2Fb,c;d", ["/things/{x}", "a/b,c;d", ""]),
        ("/range/1:2", ["/range/{x}:{y}", "1", "2"]),
        ("/files/a/b", ["/files/{x:path}", "a/b", ""]),
        ("/files/a/b/raw", ["/files/{x:path}/raw", "a/b", ""]),
        ("/near/1%2C2,3", ["/near/{x},{y}", "1,2", "3"]),
    ],
)
def test_each_route_is_reached_whatever_the_order_of_the_document(prefix: str, asked: str, answered: list[str]) -> None:
    paths = ["/files/{x:path}", "/files/{x:path}/raw", "/things/{x}", "/things/{x}.json", "/things/newest", "/a"]
    paths += ["/a?beta=true", "/range/{x}:{y}", "/near/{x},{y}"]
    app = FastAPI()
    app.include_router(router_of(*paths), prefix=prefix)
    assert send(app, "GET", prefix + asked).json() == answered


def test_templates_that_mean_the_same_share_their_methods() -> None:
    router = router_of("/things/{x}", "/things/{x}/parts/{y}")
    router.routes += router_of("/things/{y}", "/things/{y}/parts/all", "/{x}/a/parts/b", method="POST").routes
    app = build(in_order(router))
    assert send(app, "POST", "/things/a").json() == ["/things/{y}", "", "a"]
    assert send(app, "GET", "/things/a/parts/b").json() == ["/things/{x}/parts/{y}", "a", "b"]
    assert send(app, "POST", "/things/a/parts/b").json() == ["/{x}/a/parts/b", "things", ""]
    assert send(app, "GET", "/things/a/parts/all").status_code == 405


def test_a_fragment_tells_operations_apart_in_the_document_only() -> None:
    app = build(router_of("/a#add", "/b", "/b#add"))
    assert send(app, "GET", "/a").json() == ["/a#add"]
    assert send(app, "GET", "/b").json() == ["/b"]


def test_a_route_answers_at_a_further_path() -> None:
    router = router_of("/a/{x}")
    also_at(router, "/b/{x}", router.routes[0].endpoint)  # type: ignore[attr-defined]
    assert send(build(router), "GET", "/b/1").json() == ["/a/{x}", "1", ""]


@pytest.mark.parametrize("method", ["QUERY", "COPY", "TRACE", "OPTIONS"])
def test_any_method_has_its_route(method: str) -> None:
    app = build(router_of("/a", method=method))
    assert send(app, method, "/a").json() == ["/a"]
    assert send(app, "GET", "/a").status_code == 405
