"""Answers that are a page of many: how the next page is asked for, as the document shows or its user says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from generator import ir, names
from generator.errors import Diagnostic, Location
from generator.normalise.canonical import Canonical
from generator.tree import Pointer

from .types import bare, fields_of, takes

Rule: TypeAlias = dict[str, str]

_ITEMS = ("data", "items", "results", "entries", "records", "values")
_AROUND = frozenset(
    ["meta", "metadata", "pagination", "paging", "pageinfo", "links", "pages", "cursors"]
    + ["responsemetadata", "listmetadata"]
)
_URLS = frozenset(["nextpageurl", "nextpageuri", "nexturl", "nextlink", "odatanextlink"])
_MORE = frozenset(["hasmore", "hasnext", "hasnextpage"])
_PAGES = frozenset(["totalpages", "pagecount", "lastpage", "numpages", "pagestotal"])
_SIZES = frozenset(["limit", "perpage", "pagesize", "size", "count", "maxresults"])
_CURSORS = {  # a query parameter -> where its value for the next page stands, `next` and its own name aside
    "after": ("nextcursor", "lastid", "endcursor"),
    "afterid": ("lastid",),
    "cursor": ("nextcursor", "endcursor"),
    "startcursor": ("nextcursor", "endcursor"),
    "pagecursor": ("nextcursor",),
}
_KINDS = ("cursor", "page", "offset", "next")


@dataclass(frozen=True, slots=True)
class PagingChoices:
    """What a user says of operations, by their names in the settings: a rule with wire names, None for no pages.

    ``locate`` tells where in the settings an entry stands.
    """

    rules: Mapping[str, Mapping[str, str] | None] = field(default_factory=dict[str, Mapping[str, str] | None])
    locate: Callable[[Pointer], Location] = lambda _: Location("")


class PageReader:
    """Finds the operations that give pages. ``errors`` holds the user's rules that do not fit their operation."""

    def __init__(self, canonical: Canonical, choices: PagingChoices) -> None:
        self._canonical = canonical
        self._choices = choices
        self.errors: list[Diagnostic] = []

    def read(self, operations: tuple[ir.Operation, ...]) -> tuple[ir.Operation, ...]:
        """The operations, with the paging of those that have one, under a method's name that is free."""
        taken = {name for o in operations for name in (o.name, f"{o.name}_stream")}
        found: list[ir.Operation] = []
        for operation in operations:
            rule = self._rule(operation)
            item = self._page(operation).item(rule["items"]) if rule else None
            if item is not None:
                method = names.free(f"iter_{operation.name}", taken)
                taken.add(method)
                operation = replace(operation, paging=ir.Paging(method, item, tuple(rule.items())))
            found.append(operation)
        return tuple(found)

    def _page(self, operation: ir.Operation) -> _Page:
        success = operation.success
        return _Page(self._canonical, success.type if success and success.media == "json" else ir.Null())

    def _rule(self, operation: ir.Operation) -> Rule:
        """The rule for an operation; none where its answer is no page."""
        key = next((k for k in (f"{operation.method} {p}" for p in operation.paths) if k in self._choices.rules), None)
        key = key or operation.id
        if key not in self._choices.rules:
            return self._shown(operation)
        said = self._choices.rules[key]
        return {} if said is None else self._said(operation, key, said)

    # -- what the user says -----------------------------------------------------------------------------------------

    def _said(self, operation: ir.Operation, key: str, said: Mapping[str, str]) -> Rule:
        """The user's rule by attributes; what of it does not fit is added to ``errors``."""
        page, rule = self._page(operation), dict(said)
        queries = {p.name for p in operation.parameters if p.place == "query"}
        for word, value in said.items():
            if word in ("cursor", "page", "offset"):
                problem = "" if value in queries else f"the operation has no query parameter {value!r}"
            elif word == "first" or (word == "next" and value == "header"):
                problem = ""
            else:
                place = page.resolve(value)
                rule[word] = place[0] if place else ""
                problem = "" if place else f"its answer has no {value!r}"
                if place and word == "items" and not isinstance(place[1], ir.ListOf):
                    problem = f"{value!r} in its answer is no list" if value else "its answer is no list"
            if problem:
                self._refuse(key, word, f"{key} cannot be read in pages: {problem}")
        return rule

    def _refuse(self, key: str, word: str, message: str) -> None:
        where = self._choices.locate(("pagination", key, word))
        hint = "name it as the document does, with a dot between the properties on the way"
        self.errors.append(Diagnostic("error", "pagination", message, where, hint))

    # -- what the document shows ------------------------------------------------------------------------------------

    def _shown(self, operation: ir.Operation) -> Rule:
        """The rule that names of parameters and properties leave no doubt about.

        A server's own URL of the next page goes before all; where parameters would allow for two ways there is none,
        since the wrong one may end early, with nobody the wiser.
        """
        if operation.method != "GET" or operation.bodies or operation.stream is not None:
            return {}
        page = self._page(operation)
        items = page.items()
        if items is None:
            return {}
        url = page.next_url()
        if url:
            return {"items": items, "next": url}
        queries = {_plain(p.name): p for p in operation.parameters if p.place == "query"}
        more = page.find(_MORE, "boolean")
        ways = [*self._cursors(page, queries, items, more), *self._numbers(page, queries, more)]
        if len({*map(str, ways)}) != 1:
            return {}
        also = {"more": more} if more and "more" not in ways[0] else {}
        return {"items": items, **ways[0], **also}

    def _cursors(self, page: _Page, queries: Mapping[str, ir.Parameter], items: str, more: str) -> Iterator[Rule]:
        for plain, parameter in queries.items():
            kind = bare(self._canonical, parameter.type)
            if not isinstance(kind, ir.Scalar) or kind.kind not in ("string", "integer"):
                continue
            known = (
                f"next{plain}",
                *_CURSORS.get(plain, ()),
                *([plain] if plain.startswith(("next", "conti")) else []),
            )
            sources = [source for name in known if (source := page.find({name}, kind.kind))]
            sources += [place for place in [page.find({plain}, kind.kind, inner=True)] if place and plain == "after"]
            if not sources and plain in ("after", "startingafter") and more:
                sources = [place for place in [page.find({"next"}, "string"), page.last_id(items)] if place]
            if sources:
                yield {"cursor": parameter.name, "from": sources[0]}

    def _numbers(self, page: _Page, queries: Mapping[str, ir.Parameter], more: str) -> Iterator[Rule]:
        pages = page.find(_PAGES, "integer")
        sized = not _SIZES.isdisjoint(queries)
        for plain in ("page", "pagenumber", "offset"):
            parameter = queries.get(plain)
            if parameter is None or not takes(self._canonical, parameter.type, ("integer",)):
                continue
            if plain == "offset":
                if sized:
                    yield {"offset": parameter.name}
            elif (sized or pages or more) and not page.find({f"next{plain}"}, "integer"):
                first = {"first": "0" if ("minimum", 0) in parameter.constraints else "1"}
                yield {"page": parameter.name, **first, **({"more": pages} if pages and not more else {})}


@dataclass(frozen=True, slots=True)
class _Page:
    """The type of an answer, asked for what stands in it. Places are attributes, dotted; the answer itself is ``""``."""

    canonical: Canonical
    type: ir.Type

    def resolve(self, wire_path: str) -> tuple[str, ir.Type] | None:
        """The attributes that a dotted path of wire names means, and the type there; ``-1`` is the last of a list."""
        attributes: list[str] = []
        type_ = bare(self.canonical, self.type)
        for step in wire_path.split(".") if wire_path else []:
            if step == "-1" and isinstance(type_, ir.ListOf):
                attributes.append(step)
                type_ = bare(self.canonical, type_.item)
                continue
            found = next((f for f in fields_of(self.canonical, type_) if f.name == step), None)
            if found is None:
                return None
            attributes.append(found.py_name)
            type_ = bare(self.canonical, found.type)
        return ".".join(attributes), type_

    def item(self, place: str) -> ir.Type | None:
        """The type of the items that stand at a place."""
        type_ = bare(self.canonical, self.type)
        for step in place.split(".") if place else []:
            type_ = next(
                (bare(self.canonical, f.type) for f in fields_of(self.canonical, type_) if f.py_name == step), ir.Null()
            )
        return type_.item if isinstance(type_, ir.ListOf) else None

    def items(self) -> str | None:
        """Where the items are: the answer itself, the list in it, or the one of several that is called like them."""
        if isinstance(bare(self.canonical, self.type), ir.ListOf):
            return ""
        fields = fields_of(self.canonical, bare(self.canonical, self.type))
        lists = {f.name: f.py_name for f in fields if isinstance(bare(self.canonical, f.type), ir.ListOf)}
        usual = next((lists[name] for name in _ITEMS if name in lists), None)
        return usual or (next(iter(lists.values())) if len(lists) == 1 else None)

    def find(self, wanted: frozenset[str] | set[str], kind: ir.ScalarKind, *, inner: bool = False) -> str:
        """Where a scalar with one of these names stands, in the answer or (``inner``: only) in what it says of itself."""
        for name, within, place, type_ in self._places():
            if name in wanted and isinstance(type_, ir.Scalar) and type_.kind == kind and (within or not inner):
                return place
        return ""

    def next_url(self) -> str:
        """Where the URL of the next page stands: a name says that it is one, or that it is a link."""
        both_ways = {"previous", "prev"} & {name for name, within, _, _ in self._places() if not within}
        for name, within, place, type_ in self._places():
            linked = name == "next" and ("links" in within or (not within and both_ways))
            linked = linked or (name == "href" and within[-2:] == ("links", "next"))
            if (name in _URLS or linked) and type_ == ir.Scalar("string"):
                return place
        return ""

    def last_id(self, items: str) -> str:
        """Where the id of the last item stands, if all items have one."""
        item = self.item(items)
        found = item and bare(self.canonical, item)
        members = found.members if isinstance(found, ir.UnionOf) else [found] if found else []
        for member in members:
            ids = [f for f in fields_of(self.canonical, bare(self.canonical, member)) if f.name == "id" == f.py_name]
            if not ids or bare(self.canonical, ids[0].type) != ir.Scalar("string"):
                return ""
        return f"{items}.-1.id".lstrip(".") if members else ""

    def _places(self) -> Iterator[tuple[str, tuple[str, ...], str, ir.Type]]:
        """Plain name, plain names around it, place and type of each property, those nearest to the top first."""
        pending: list[tuple[tuple[str, ...], str, ir.Type]] = [((), "", self.type)]
        while pending:
            within, place, type_ = pending.pop(0)
            for found in fields_of(self.canonical, bare(self.canonical, type_)):
                name, at = _plain(found.name), f"{place}.{found.py_name}".lstrip(".")
                yield name, within, at, bare(self.canonical, found.type)
                if len(within) < 2 and (name in _AROUND or (name == "next" and "links" in within)):
                    pending.append(((*within, name), at, found.type))


def _plain(name: str) -> str:
    """A name as all ways to write it have it: ``nextPageToken`` and ``next_page_token`` are ``nextpagetoken``."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
