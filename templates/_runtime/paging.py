"""Items that come in pages: which page follows another, and the walk through all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import reduce
from typing import Generic, TypeVar, Unpack, cast
from urllib.parse import parse_qs, urlsplit

import httpx2

from .errors import PagingError
from .operations import Arguments, Operation
from .transport import AsyncTransport, Transport

Page = TypeVar("Page")
Item = TypeVar("Item")


class _Walk(Generic[Page, Item]):
    """The way through the pages of an operation, from where the arguments say. Does no I/O.

    ``Operation.pages`` tells how they follow each other, by attributes of a page, dotted: ``items`` are in one of them,
    or are the page itself; ``more`` is a flag that there are more pages, or says how many pages or items there are. The
    next page has in its query parameter ``cursor`` what ``from`` has in this one (``-1``: the last item); or a ``page``
    that is one more, where the ``first`` one is 0 or 1; or an ``offset`` that is further by the items of this one; or
    the query of the URL in ``next``, which is ``header`` for that of the header ``Link`` (RFC 8288). Of a URL nothing
    else counts, so that it leads to no other server.
    """

    def __init__(self, operation: Operation[Page, Item], arguments: Arguments) -> None:
        self._rule = operation.pages
        self._name = f"{operation.method} {operation.path}"
        self._arguments = arguments
        self._changes: dict[str, object] = {}
        self._been: list[object] = []
        self._last: Page | None = None

    def arguments(self) -> Arguments:
        """What to call the operation with for the next page."""
        options = self._arguments.get("options") or {}
        return {**self._arguments, "options": {**options, "query": {**options.get("query", {}), **self._changes}}}

    def goes_on(self, page: Page, response: httpx2.Response) -> bool:
        """Whether another page follows. Raises :class:`PagingError` for one that cannot, or leads in a circle."""
        more = _at(page, self._rule["more"]) if "more" in self._rule else None
        changes = {} if more is False else self._next(page, response, more)
        if not changes:
            if more is True and items_of(page, self._rule["items"]):
                raise PagingError(f"{self._name}: the page says that there are more, but not where")
            return False
        if changes in self._been or ("next" not in self._rule and page == self._last):
            raise PagingError(f"{self._name}: the pages lead in a circle, again to {changes}")
        self._been.append(changes)
        self._last, self._changes = page, changes
        return True

    def _next(self, page: Page, response: httpx2.Response, more: object) -> dict[str, object]:
        """The query parameters that make the next page's request; none where there is no next page."""
        rule, count = self._rule, len(items_of(page, self._rule["items"]))
        if "cursor" in rule:
            cursor = _at(page, rule["from"])
            return {} if cursor in (None, "") else {rule["cursor"]: cursor}
        if "next" in rule:
            url = response.links.get("next", {}).get("url") if rule["next"] == "header" else _at(page, rule["next"])
            query = parse_qs(urlsplit(url).query, keep_blank_values=True) if isinstance(url, str) else {}
            return {name: values if len(values) > 1 else values[0] for name, values in query.items()}
        name, step = (rule["page"], 1) if "page" in rule else (rule["offset"], count)
        options = self._arguments.get("options") or {}
        sent = {**self._arguments.get("query", {}), **options.get("query", {}), **self._changes}.get(name)
        following = (int(rule.get("first", 0)) if sent is None else int(str(sent))) + step
        reached = following - int(rule.get("first", 0)) if "page" in rule else following
        at_end = isinstance(more, int) and not isinstance(more, bool) and reached >= more
        return {name: following} if count and not at_end else {}


def items_of(page: object, place: str) -> list[object]:
    """The items of a page."""
    found = _at(page, place)
    if found is not None and not isinstance(found, list):
        raise PagingError(f"the page has no list of items but {type(found).__name__}")
    return cast("list[object]", found or [])


def _at(page: object, place: str) -> object:
    """What stands in a page at a dotted path of attributes; None where nothing does."""

    def step(value: object, name: str) -> object:
        if name == "-1":
            listed = cast("list[object]", value) if isinstance(value, list) else []
            return listed[-1] if listed else None
        return getattr(value, name, None)

    return reduce(step, place.split(".") if place else [], page)


class Pager(Generic[Item, Page]):
    """The items of all pages, one after another, each page called for when it is needed; ``pages()`` gives the pages.

    Raises what the call itself raises, and :class:`PagingError` for pages that lead nowhere or in a circle.
    """

    def __init__(self, transport: Transport, operation: Operation[Page, Item], **arguments: Unpack[Arguments]) -> None:
        self._transport = transport
        self._operation = operation
        self._arguments = arguments

    def pages(self) -> Iterator[Page]:
        """The pages, from the first one on."""
        walk, goes_on = _Walk(self._operation, self._arguments), True
        while goes_on:
            page, response = self._transport.answer(self._operation, walk.arguments())
            yield page
            goes_on = walk.goes_on(page, response)

    def __iter__(self) -> Iterator[Item]:
        for page in self.pages():
            yield from cast("list[Item]", items_of(page, self._operation.pages["items"]))


class AsyncPager(Generic[Item, Page]):
    """The async twin of :class:`Pager`."""

    def __init__(
        self, transport: AsyncTransport, operation: Operation[Page, Item], **arguments: Unpack[Arguments]
    ) -> None:
        self._transport = transport
        self._operation = operation
        self._arguments = arguments

    async def pages(self) -> AsyncIterator[Page]:
        """The pages, from the first one on."""
        walk, goes_on = _Walk(self._operation, self._arguments), True
        while goes_on:
            page, response = await self._transport.answer(self._operation, walk.arguments())
            yield page
            goes_on = walk.goes_on(page, response)

    async def __aiter__(self) -> AsyncIterator[Item]:
        async for page in self.pages():
            for item in items_of(page, self._operation.pages["items"]):
                yield cast("Item", item)
