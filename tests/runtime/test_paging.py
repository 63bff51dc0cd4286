from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import islice

import httpx2
import pytest
from _runtime.calls import Settings
from _runtime.errors import PagingError, ServerError
from _runtime.model import Model
from _runtime.operations import Arguments, Declared, Operation
from _runtime.paging import AsyncPager, Pager
from _runtime.transport import AsyncTransport, Transport

from tests.runtime.calling import Server


class Thing(Model):
    id: str


class About(Model):
    next_url: str | None = None
    pages: int | None = None


class Page(Model):
    data: list[Thing]
    last_id: str | None = None
    has_more: bool | None = None
    meta: About | None = None


def listing(annotation: object, **rule: str) -> Operation[Page, Thing]:
    return Operation(
        id="list",
        name="list",
        method="GET",
        path="/things",
        pages=rule,
        declared=lambda: Declared(answers={200: annotation}),
    )


LAST_ID = listing(Page, items="data", cursor="after", **{"from": "last_id"}, more="has_more")
LAST_ITEM = listing(Page, items="data", cursor="after", **{"from": "data.-1.id"}, more="has_more")
NUMBERED = listing(list[Thing], items="", page="page", first="1")
COUNTED = listing(Page, items="data", page="page", first="1", more="meta.pages")
OFFSET = listing(Page, items="data", offset="offset")
URL = listing(Page, items="data", next="meta.next_url")
HEADER = listing(list[Thing], items="", next="header")


def page(ids: str, **more: object) -> httpx2.Response:
    return httpx2.Response(200, json={"data": [{"id": name} for name in ids], **more})


def items(ids: str, link: str = "") -> httpx2.Response:
    return httpx2.Response(200, json=[{"id": name} for name in ids], headers={"link": link} if link else {})


Walk = Callable[..., "list[str]"]


@pytest.fixture(params=["sync", "async"])
def walk(request: pytest.FixtureRequest) -> Walk:
    """The ids of all items that a walk gives, through the sync or the async pager."""

    def sync(server: Server, operation: Operation[Page, Thing], *, take: int = 99, **arguments: object) -> list[str]:
        client = httpx2.Client(transport=httpx2.MockTransport(server))
        given: Arguments = arguments  # type: ignore[assignment]
        pager = Pager(
            Transport(Settings(base_url="http://test"), client, sleep=server.waits.append), operation, **given
        )
        return [thing.id for thing in islice(pager, take)]

    async def twin(
        server: Server, operation: Operation[Page, Thing], *, take: int = 99, **arguments: object
    ) -> list[str]:
        client = httpx2.AsyncClient(transport=httpx2.MockTransport(server))
        given: Arguments = arguments  # type: ignore[assignment]
        pager = AsyncPager(AsyncTransport(Settings(base_url="http://test"), client), operation, **given)
        found: list[str] = []
        async for thing in pager:
            found.append(thing.id)
            if len(found) == take:
                break
        return found

    return sync if request.param == "sync" else lambda *args, **kwargs: asyncio.run(twin(*args, **kwargs))


def queries(server: Server) -> list[str]:
    return [request.url.query.decode() for request in server.requests]


def test_a_cursor_leads_from_page_to_page(walk: Walk) -> None:
    server = Server(page("ab", last_id="b", has_more=True), page("c", last_id="c", has_more=False))
    assert walk(server, LAST_ID, query={"limit": 2, "after": None}) == ["a", "b", "c"]
    assert queries(server) == ["limit=2", "limit=2&after=b"]


def test_the_walk_starts_where_the_caller_says(walk: Walk) -> None:
    server = Server(page("c", last_id="c", has_more=True), page("d"))
    options = {"query": {"also": 1}}
    assert walk(server, LAST_ID, query={"limit": 2, "after": "b"}, options=options) == ["c", "d"]
    assert queries(server) == ["limit=2&after=b&also=1", "limit=2&also=1&after=c"]


@pytest.mark.parametrize("last", [page("c"), page("c", last_id=None), page("c", last_id=""), page("", has_more=True)])
def test_a_page_without_a_cursor_is_the_last(walk: Walk, last: httpx2.Response) -> None:
    server = Server(page("ab", last_id="b"), last)
    assert walk(server, LAST_ID)[:2] == ["a", "b"]
    assert len(server.requests) == 2


def test_the_id_of_the_last_item_can_be_the_cursor(walk: Walk) -> None:
    server = Server(page("ab", has_more=True), page("c", has_more=False))
    assert walk(server, LAST_ITEM) == ["a", "b", "c"]
    assert queries(server) == ["", "after=b"]
    assert walk(Server(page("")), LAST_ITEM) == []


def test_pages_with_numbers_end_with_an_empty_one(walk: Walk) -> None:
    server = Server(items("ab"), items("c"), items(""))
    assert walk(server, NUMBERED) == ["a", "b", "c"]
    assert queries(server) == ["", "page=2", "page=3"]
    server = Server(items("c"), items(""))
    assert walk(server, NUMBERED, query={"page": 7}) == ["c"]
    assert queries(server) == ["page=7", "page=8"]


def test_pages_with_numbers_end_with_the_last_where_it_is_known(walk: Walk) -> None:
    server = Server(page("ab", meta={"pages": 2}), page("c", meta={"pages": 2}))
    assert walk(server, COUNTED) == ["a", "b", "c"]
    assert queries(server) == ["", "page=2"]


def test_an_offset_counts_the_items(walk: Walk) -> None:
    server = Server(page("ab"), page("c"), page(""))
    assert walk(server, OFFSET, query={"offset": 10}) == ["a", "b", "c"]
    assert queries(server) == ["offset=10", "offset=12", "offset=13"]


def test_a_url_gives_its_query_and_leads_to_no_other_server(walk: Walk) -> None:
    url = "http://evil.example/elsewhere?cursor=x%26y&tag=1&tag=2"
    server = Server(page("ab", meta={"next_url": url}), page("c", meta={"next_url": None}))
    assert walk(server, URL, query={"limit": 2}) == ["a", "b", "c"]
    assert str(server.last.url) == "http://test/things?limit=2&cursor=x%26y&tag=1&tag=2"


def test_a_link_header_gives_the_next_page(walk: Walk) -> None:
    server = Server(items("ab", '</things?page=2>; rel="next", </things?page=9>; rel="last"'), items("c"))
    assert walk(server, HEADER) == ["a", "b", "c"]
    assert queries(server) == ["", "page=2"]


@pytest.mark.parametrize(
    ("operation", "answers"),
    [
        (LAST_ID, [page("a", last_id="x", has_more=True)]),
        (LAST_ID, [page("a", last_id="x"), page("b", last_id="y"), page("c", last_id="x")]),
        (NUMBERED, [items("a")]),
        (OFFSET, [page("a")]),
        (URL, [page("a", meta={"next_url": "?page=1"})]),
        (HEADER, [items("a", '<?page=1>; rel="next"')]),
    ],
)
def test_pages_that_lead_in_a_circle_end_with_an_error(
    walk: Walk, operation: Operation[Page, Thing], answers: list[httpx2.Response]
) -> None:
    server = Server(*answers)
    with pytest.raises(PagingError, match="GET /things: the pages lead in a circle"):
        walk(server, operation)
    assert len(server.requests) <= 4


def test_more_pages_without_a_way_there_are_an_error(walk: Walk) -> None:
    with pytest.raises(PagingError, match="there are more, but not where"):
        walk(Server(page("a", has_more=True)), LAST_ID)


def test_items_that_are_no_list_are_an_error(walk: Walk) -> None:
    with pytest.raises(PagingError, match="no list of items but dict"):
        walk(Server(httpx2.Response(200, json={"data": {"id": "a"}})), LAST_ID)


def test_pages_are_called_for_when_they_are_needed(walk: Walk) -> None:
    server = Server(page("ab", last_id="b"), httpx2.Response(500))
    assert walk(server, LAST_ID, take=2) == ["a", "b"]
    assert len(server.requests) == 1
    with pytest.raises(ServerError):
        walk(server, LAST_ID, options={"max_retries": 0})


def test_pages_can_be_walked_themselves_and_again() -> None:
    server = Server(page("ab", last_id="b"), page("c"), page("ab", last_id="b"), page("c"))
    transport = Transport(Settings(base_url="http://test"), httpx2.Client(transport=httpx2.MockTransport(server)))
    pager = Pager(transport, LAST_ID, query={})
    assert [len(found.data) for found in pager.pages()] == [2, 1]
    assert [len(found.data) for found in pager.pages()] == [2, 1]
    assert queries(server) == ["", "after=b", "", "after=b"]
