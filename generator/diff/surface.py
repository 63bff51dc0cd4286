"""What a document promises on the wire: operations with all that is sent and answered, and where each part stands.

Read from the repaired bundle in the form of OpenAPI 3 rather than from the IR: a diff has to see limits of items, headers of
answers and whatever else no Python type says. Schemas stay where they are (``shapes.py`` reads them pair by pair).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, TypeAlias

from generator.build.content import kind_of
from generator.bundle import Bundle
from generator.errors import Location
from generator.openapi import is_reference, operations
from generator.tree import Json, JsonObject, Pointer, is_array, is_object, parse_pointer, resolve

Writing: TypeAlias = Literal["json", "text", "parts", "part"]
"""How values are written: in text, as in parameters, forms and XML, a number and the string that says it are the same. In a
form of several ``parts`` each part is text, but for objects, which are JSON (OpenAPI 3.1.1, section 4.8.15.1).
"""

_SAID_ELSEWHERE = frozenset(["accept", "content-type", "authorization"])
"""Headers that are no parameters: media types and security tell of them (OpenAPI 3.1.1, section 4.8.12.1)."""


@dataclass(frozen=True, slots=True)
class Content:
    """A body in one media type. ``schema`` is where its schema stands, ``item`` that of an item of a stream (3.2)."""

    media_type: str
    at: Pointer
    schema: Pointer | None
    item: Pointer | None
    encoding: JsonObject

    @property
    def streams(self) -> bool:
        """Whether it comes item by item."""
        return kind_of(_plain(self.media_type)) in ("sse", "lines", "sequence")

    @property
    def writing(self) -> Writing:
        """How its values are written."""
        plain = _plain(self.media_type)
        if kind_of(plain) == "multipart":
            return "parts"
        return "text" if kind_of(plain) == "form" or plain.endswith(("/xml", "+xml")) else "json"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter or a header. ``schema`` is where its schema stands, in ``media_type`` if that is not empty."""

    place: str
    name: str
    at: Pointer
    required: bool
    deprecated: bool
    may_be_empty: bool
    style: str
    explode: bool
    schema: Pointer | None
    media_type: str


@dataclass(frozen=True, slots=True)
class Body:
    """A request body by media type. ``required`` is None where nothing is said of it."""

    at: Pointer
    required: bool | None
    contents: Mapping[str, Content]


@dataclass(frozen=True, slots=True)
class Response:
    """The answer of one status: a code, a range or ``default``."""

    status: str
    at: Pointer
    headers: Mapping[str, Parameter]
    contents: Mapping[str, Content]


@dataclass(frozen=True, slots=True)
class Security:
    """What a caller presents: alternatives of scheme names and their scopes, an empty one for nothing at all."""

    at: Pointer
    alternatives: tuple[Mapping[str, frozenset[str]], ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a path, a webhook, or a callback, whose ``path`` says which address is called.

    ``callbacks`` go by name and method. ``servers`` are the operation's own, empty where it has those of the document.
    """

    method: str
    path: str
    at: Pointer
    id: str
    deprecated: bool
    sunset: str
    tags: tuple[str, ...]
    parameters: Mapping[tuple[str, str], Parameter]
    body: Body | None
    responses: Mapping[str, Response]
    security: Security
    servers: tuple[str, ...]
    callbacks: Mapping[tuple[str, str], Operation]

    @property
    def name(self) -> str:
        """``POST /images``."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Scheme:
    """A security scheme: its ``type``, the rest of what a caller has to know (``in``, ``name``, ``scheme``,
    ``openIdConnectUrl``), and the URLs of each OAuth flow.
    """

    name: str
    at: Pointer
    kind: str
    said: Mapping[str, str]
    flows: Mapping[str, Mapping[str, str]]
    scopes: frozenset[str]


@dataclass(frozen=True)
class Surface:
    """One document, as its callers see it.

    ``bundle`` is in the form of OpenAPI 3; ``upconvert`` says one of its schemas in the words of 3.1.
    """

    bundle: Bundle
    upconvert: Callable[[JsonObject], JsonObject]

    @property
    def tree(self) -> JsonObject:
        """The document."""
        return self.bundle.tree

    def locate(self, pointer: Pointer) -> Location:
        """Where its author wrote what stands at ``pointer``."""
        return self.bundle.provenance.nearest(pointer)

    @cached_property
    def title(self) -> str:
        """The document's own name."""
        return str(self.tree.get("info", {}).get("title", ""))

    @cached_property
    def version(self) -> str:
        """The document's own version."""
        return str(self.tree.get("info", {}).get("version", ""))

    @cached_property
    def servers(self) -> Mapping[str, Pointer]:
        """The URLs of the servers, without a slash at the end."""
        return dict(_servers(self.tree, ()))

    @cached_property
    def tags(self) -> Mapping[str, Pointer]:
        """The tags that the document tells of, by name."""
        listed: Json = self.tree.get("tags")
        tags: Sequence[Json] = listed if is_array(listed) else ()
        return {str(tag["name"]): ("tags", i) for i, tag in enumerate(tags) if is_object(tag) and "name" in tag}

    @cached_property
    def operations(self) -> Mapping[tuple[str, str], Operation]:
        """The operations by method and path, the names of path parameters aside, which no caller sees."""
        return {(o.method, nameless(o.path)): o for o in self._read("paths")}

    @cached_property
    def webhooks(self) -> Mapping[tuple[str, str], Operation]:
        """The webhooks by method and name."""
        return {(o.method, o.path): o for o in self._read("webhooks")}

    @cached_property
    def schemes(self) -> Mapping[str, Scheme]:
        """The security schemes by name."""
        section: JsonObject = self.tree.get("components", {}).get("securitySchemes", {})
        return {name: self._scheme(name, ("components", "securitySchemes", name)) for name in section}

    def follow(self, pointer: Pointer) -> tuple[Json, Pointer]:
        """The node at ``pointer``, or what it refers to in the end, and where that stands."""
        node = resolve(self.tree, pointer)
        seen = {pointer}
        while is_reference(node):
            pointer = self.target(node["$ref"])
            if pointer in seen:
                break
            seen.add(pointer)
            node = resolve(self.tree, pointer)
        return node, pointer

    def target(self, reference: str) -> Pointer:
        """Where a reference leads, with whole numbers for the places in arrays."""
        node: Json = self.tree
        found: Pointer = ()
        for token in parse_pointer(reference.removeprefix("#")):
            step = int(token) if is_array(node) else token
            found, node = (*found, step), resolve(node, (step,))
        return found

    # -- reading ------------------------------------------------------------------------------------------------------

    def _read(self, section: str) -> Iterator[Operation]:
        items: Json = self.tree.get(section)
        for path in items if is_object(items) else ():
            if section == "paths" and not path.startswith("/"):
                continue
            item, at = self.follow((section, path))
            if is_object(item):
                for method, operation, step in operations(item):
                    if is_object(operation):
                        found = self._operation(method, path.partition("#")[0], item, at, step)
                        yield replace(found, callbacks=self._callbacks(operation, found.at))

    def _callbacks(self, operation: JsonObject, at: Pointer) -> dict[tuple[str, str], Operation]:
        """The callbacks of an operation; those of callbacks are left to the reader."""
        found: dict[tuple[str, str], Operation] = {}
        callbacks: Json = operation.get("callbacks")
        for name in callbacks if is_object(callbacks) else ():
            holder, where = self.follow((*at, "callbacks", name))
            urls = [url for url in holder if not url.startswith("x-")] if is_object(holder) else []
            for url in urls:
                item, place = self.follow((*where, url))
                for method, node, step in operations(item) if is_object(item) else ():
                    if is_object(node):
                        called = name if len(urls) == 1 else f"{name} {url}"
                        found[called, method.upper()] = self._operation(method, url, item, place, step)
        return found

    def _operation(self, method: str, path: str, item: JsonObject, at: Pointer, step: Pointer) -> Operation:
        where = (*at, *step)
        node: JsonObject = resolve(item, step)
        parameters = {**self._parameters(item, at), **self._parameters(node, where)}
        responses: JsonObject = node.get("responses") or {}
        stated = next((holder for holder in ((node, where), (self.tree, ())) if "security" in holder[0]), None)
        served = next((holder for holder in ((node, where), (item, at)) if holder[0].get("servers")), None)
        return Operation(
            method=method.upper(),
            path=path,
            at=where,
            id=str(node.get("operationId", "")),
            deprecated=node.get("deprecated") is True,
            sunset=str(node.get("x-sunset", "")),
            tags=tuple(str(tag) for tag in node.get("tags") or ()),
            parameters=parameters,
            body=self._body((*where, "requestBody")) if is_object(node.get("requestBody")) else None,
            responses={
                str(status): self._response(str(status), (*where, "responses", status))
                for status in responses
                if not str(status).startswith("x-")
            },
            security=(
                Security((*stated[1], "security"), tuple(_requirements(stated[0]["security"])))
                if stated
                else Security((), ())
            ),
            servers=tuple(url for url, _ in _servers(*served)) if served else (),
            callbacks={},
        )

    def _parameters(self, holder: JsonObject, at: Pointer) -> dict[tuple[str, str], Parameter]:
        found: dict[tuple[str, str], Parameter] = {}
        listed: Json = holder.get("parameters")
        for index in range(len(listed) if is_array(listed) else 0):
            node, where = self.follow((*at, "parameters", index))
            if is_object(node) and isinstance(node.get("name"), str):
                if node.get("in") == "header" and node["name"].lower() in _SAID_ELSEWHERE:
                    continue
                made = self._parameter(str(node.get("in")), node["name"], node, where)
                found[made.place, made.name.lower() if made.place == "header" else made.name] = made
        return found

    def _parameter(self, place: str, name: str, node: JsonObject, at: Pointer) -> Parameter:
        usual = "form" if place in ("query", "cookie") else "simple"
        style = str(node.get("style", usual))
        content: Json = node.get("content")
        media_type = next(iter(content), "") if is_object(content) else ""
        holder = (*at, "content", media_type) if media_type else at
        described = resolve(self.tree, holder)
        return Parameter(
            place=place,
            name=name,
            at=at,
            required=node.get("required") is True or place == "path",
            deprecated=node.get("deprecated") is True,
            may_be_empty=place == "query" and node.get("allowEmptyValue") is True,
            style=style,
            explode=bool(node.get("explode", style == "form")),
            schema=(*holder, "schema") if is_object(described) and "schema" in described else None,
            media_type=media_type,
        )

    def _body(self, pointer: Pointer) -> Body | None:
        node, at = self.follow(pointer)
        if not is_object(node):
            return None
        return Body(at, node.get("required"), self._contents(node, at))

    def _response(self, status: str, pointer: Pointer) -> Response:
        node, at = self.follow(pointer)
        headers: Json = node.get("headers") if is_object(node) else None
        found: dict[str, Parameter] = {}
        for name in headers if is_object(headers) else ():
            header, where = self.follow((*at, "headers", name))
            if is_object(header) and name.lower() != "content-type":
                found[name.lower()] = self._parameter("header", name, header, where)
        return Response(status.upper() if status != "default" else status, at, found, self._contents(node, at))

    def _contents(self, holder: Json, at: Pointer) -> dict[str, Content]:
        contents: Json = holder.get("content") if is_object(holder) else None
        found: dict[str, Content] = {}
        for media_type, node in contents.items() if is_object(contents) else ():
            where = (*at, "content", media_type)
            has = node if is_object(node) else {}
            found[_plain(media_type)] = Content(
                media_type=media_type,
                at=where,
                schema=(*where, "schema") if "schema" in has else None,
                item=(*where, "itemSchema") if "itemSchema" in has else None,
                encoding=has.get("encoding") or {},
            )
        return found

    def _scheme(self, name: str, pointer: Pointer) -> Scheme:
        node, at = self.follow(pointer)
        said: JsonObject = node if is_object(node) else {}
        flows: Json = said.get("flows")
        urls: dict[str, dict[str, str]] = {}
        scopes: set[str] = set()
        for kind, flow in flows.items() if is_object(flows) else ():
            if is_object(flow):
                urls[kind] = {key: str(url) for key, url in flow.items() if key.endswith("Url")}
                scopes |= {*flow["scopes"]} if is_object(flow.get("scopes")) else set()
        known = {key: str(said[key]) for key in ("in", "name", "openIdConnectUrl") if key in said}
        known |= {"scheme": str(said["scheme"]).lower()} if "scheme" in said else {}
        return Scheme(name, at, str(said.get("type", "")), known, urls, frozenset(scopes))


def nameless(path: str) -> str:
    """A path without the names of its parameters: ``/images/{}``. What tells operations apart behind ``#`` goes too."""
    return re.sub(r"\{[^{}]*\}", "{}", path.partition("#")[0])


def _plain(media_type: str) -> str:
    """A media type in lower case, without the parameters that tell nothing of what it is."""
    return media_type.partition(";")[0].strip().lower()


def _requirements(security: Json) -> Iterator[Mapping[str, frozenset[str]]]:
    for alternative in security if is_array(security) else ():
        if is_object(alternative):
            yield {
                name: frozenset(map(str, scopes if is_array(scopes) else ())) for name, scopes in alternative.items()
            }


def _servers(holder: JsonObject, at: Pointer) -> Iterator[tuple[str, Pointer]]:
    servers: Json = holder.get("servers")
    for index, server in enumerate(servers if is_array(servers) else ()):
        if is_object(server) and isinstance(server.get("url"), str):
            yield server["url"].rstrip("/"), (*at, "servers", index)
