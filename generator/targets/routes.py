"""The server package's routes: a function for each operation that reads, calls the handler and answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

from generator import ir

from .python import Import, ModelNames, identity, import_block, tuple_of
from .reading import Reader, parameter_arguments, path_key
from .security import check_names, is_secured
from .signatures import REPLIES, argument_imports, content_annotation, needs_body, required_first, stream_name

ROUTES = ".._runtime.routes"
# What a module of routes calls by name, from within functions that are named after operations.
_CALLED = frozenset(
    ["router", "guard", "also_at", "in_order", "respond", "reads", "styled", "check_implementations", "implementation"]
    + ["route_with", "settings", "asks_for"]
    + [
        "isinstance",
        "exact",
        *(f"{kind}_body" for kind in ("json", "text", "bytes", "lines", "sequence", "form", "multipart")),
    ]
)
_DECORATORS = frozenset(["get", "put", "post", "delete", "options", "head", "patch", "trace"])
_STREAMS: dict[ir.StreamFormat, str] = {"sse": "EventStream", "lines": "LineStream", "sequence": "SequenceStream"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A route function: ``decorator`` is the router's method, ``lines`` the body of the function."""

    name: str
    decorator: str
    path: str
    also_at: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    arguments: tuple[str, ...]
    doc: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupRoutes:
    """The routes of one group: ``handlers`` is the variable that holds its implementation, ``protocol`` its type."""

    name: str
    title: str
    handlers: str
    protocol: str
    secured: bool
    endpoints: tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True)
class RouterModule:
    """The view of ``server/router.py.jinja``, which holds the routes of a single group itself."""

    doc: str
    function: str
    imports: str
    protocol_union: str
    protocols: str
    secured: bool
    groups: tuple[GroupRoutes, ...]


@dataclass(frozen=True, slots=True)
class RoutesModule:
    """The view of ``server/routes.py.jinja``: the routes of one group of several."""

    doc: str
    imports: str
    group: GroupRoutes


def protocol_name(group: ir.Group) -> str:
    """The Protocol of a group's handlers."""
    return f"{group.class_name}Handlers"


class RouteWriter:
    """Makes the views of routes, and gathers what their modules import."""

    def __init__(self, api: ir.Api, names: ModelNames) -> None:
        self._api = api
        self._names = names
        self._checks = check_names(api)

    def router(self, groups: tuple[ir.Group, ...], operations: tuple[ir.Operation, ...], what: str) -> RouterModule:
        """The router of ``operations``; ``what`` is ``server`` or ``webhooks``."""
        secured = is_secured(operations)
        routes = tuple(self._group(group, operations) for group in groups)
        imports = {
            Import("fastapi", "APIRouter"),
            Import("typing", "Unpack"),
            Import(ROUTES, "route_with"),
            Import(".._runtime.settings", "Settings"),
            Import(".._runtime.handlers", "check_implementations"),
            *(Import(".handlers", protocol_name(group)) for group in groups),
        }
        if groups:
            imports |= {Import(ROUTES, "in_order"), Import(".._runtime.handlers", "implementation")}
        if secured:
            package = "." if what == "server" else "..server."
            imports |= {Import(f"{package}security", "Authenticate"), Import(f"{package}security", "Guard")}
        if len(groups) == 1:
            imports |= self._imports(operations)
        elif groups:
            imports |= {Import(f".routes.{group.name}", f"add_{group.name}_routes") for group in groups}
        title = self._api.title
        return RouterModule(
            doc=(
                f"The routes of {title}: each asks for credentials, checks the request and calls your handler."
                if what == "server"
                else f"The routes that {title} calls: each checks what it is sent and gives it to your handler."
            ),
            function="build_router" if what == "server" else "build_webhook_router",
            imports=import_block(imports),
            protocol_union=" | ".join(map(protocol_name, groups)) or "object",
            protocols=tuple_of(map(protocol_name, groups)),
            secured=secured,
            groups=routes,
        )

    def module(self, group: ir.Group) -> RoutesModule:
        """The routes of a group in a module of its own, which stands one folder deeper."""
        operations = tuple(operation for operation in self._api.operations if operation.group == group.name)
        imports = {
            Import("fastapi", "APIRouter"),
            Import(".handlers", protocol_name(group)),
            *([Import(".security", "Guard")] if is_secured(operations) else []),
            *self._imports(operations),
        }
        deeper = (replace(i, module=f".{i.module}") if i.module.startswith(".") else i for i in imports)
        return RoutesModule(f"The routes of {group.title}.", import_block(deeper), self._group(group, operations))

    def _group(self, group: ir.Group, operations: tuple[ir.Operation, ...]) -> GroupRoutes:
        own = [operation for operation in operations if operation.group == group.name]
        handlers = f"{group.name}_handlers"
        arguments = {parameter.py_name for operation in own for parameter in operation.parameters}
        while handlers in arguments | {operation.name for operation in operations}:
            handlers += "_"
        endpoints = tuple(self._endpoint(operation, handlers) for operation in own)
        return GroupRoutes(group.name, group.title, handlers, protocol_name(group), is_secured(own), endpoints)

    # -- what a module imports --------------------------------------------------------------------------------------

    def _imports(self, operations: Iterable[ir.Operation]) -> set[Import]:
        found: set[Import] = set()
        for operation in operations:
            found |= {Import("fastapi", "Response"), *self._operation_imports(operation)}
        return found

    def _operation_imports(self, operation: ir.Operation) -> Iterator[Import]:
        yield from argument_imports(self._names, operation)
        reader = Reader(self._api, self._names, operation)
        self._arguments(operation, reader)
        yield from reader.imports
        if len(operation.paths) > 1:
            yield Import(ROUTES, "also_at")
        if operation.success is not None:
            yield Import(REPLIES, "respond")
        if is_secured([operation]):
            yield Import("fastapi", "Depends")
        if operation.stream is not None:
            yield Import(".._runtime.events", _STREAMS[operation.stream.format])
            if operation.stream.chosen_by == "accept":
                yield Import("fastapi", "Request")
                yield Import(".._runtime.negotiation", "asks_for")
        shown = [success.type for success in operation.successes if success.media == "json"]
        shown += [failure.type for failure in operation.errors if failure.type is not None]
        yield from self._names.imports(shown, package="..models")

    # -- a route ----------------------------------------------------------------------------------------------------

    def _endpoint(self, operation: ir.Operation, handlers: str) -> Endpoint:
        method = operation.method.lower()
        options = list(self._options(operation))
        if method not in _DECORATORS:
            options.insert(0, ("methods", f"[{operation.method!r}]"))
        return Endpoint(
            name=operation.name + "_" if operation.name in {*_CALLED, handlers} else operation.name,
            decorator=method if method in _DECORATORS else "api_route",
            path=_route_path(operation.paths[0], operation),
            also_at=tuple(_route_path(path, operation) for path in operation.paths[1:]),
            options=tuple(options),
            arguments=self._arguments(operation, Reader(self._api, self._names, operation)),
            doc="\n".join(identity(operation)),
            lines=tuple(self._lines(operation, handlers)),
        )

    @staticmethod
    def _arguments(operation: ir.Operation, reader: Reader) -> tuple[str, ...]:
        asked = operation.stream is not None and operation.stream.chosen_by == "accept"
        return (
            *(["request: Request"] if asked else []),
            *([reader.body()] if operation.bodies else []),
            *parameter_arguments(reader, required_first(operation.parameters)),
        )

    def _lines(self, operation: ir.Operation, handlers: str) -> Iterator[str]:
        given = ", ".join(
            [*(["body"] if operation.bodies else [])]
            + [f"{p.py_name}={p.py_name}" for p in required_first(operation.parameters)]
        )
        stream = operation.stream
        if stream is not None:
            more = f", status={stream.status}" if stream.status != 200 else ""
            more += f", media_type={stream.media_type!r}" if stream.format != "sse" else ""
            more += ", done=True" if stream.done else ""
            call = f"return {_STREAMS[stream.format]}({handlers}.{stream_name(operation)}({given}){more})"
            condition = self._condition(operation, stream)
            yield from [f"if {condition}:", f"    {call}"] if condition else [call]
        if operation.success is not None:
            yield f"return respond(await {handlers}.{operation.name}({given}){_how(operation)})"

    def _condition(self, operation: ir.Operation, stream: ir.EventStream) -> str:
        """When the caller asks for the stream; empty if there is nothing else."""
        if stream.chosen_by == "accept":
            return f"asks_for(request, {stream.media_type!r})"
        if stream.chosen_by == "always":
            return ""
        switches = {content_annotation(self._names, body): self._switch(body, stream) for body in operation.bodies}
        chosen = {f"body.{name}" for name in switches.values() if name}
        asked = f"{min(chosen)} is not False" if stream.on_by_default else min(chosen)
        if len(chosen) > 1 or not all(switches.values()):
            classes = [annotation for annotation, name in switches.items() if f"body.{name}" == min(chosen)]
            return f"isinstance(body, {' | '.join(classes)}) and {asked}"
        if needs_body(operation):
            return asked
        return f"body is None or {asked}" if stream.on_by_default else f"body is not None and {asked}"

    def _switch(self, body: ir.Body, stream: ir.EventStream) -> str:
        """The attribute of a body that asks for the stream; empty where it has none."""
        schema = self._api.schema(body.type.name) if isinstance(body.type, ir.Ref) else None
        fields = schema.fields if isinstance(schema, ir.ObjectSchema) else ()
        return next((field.py_name for field in fields if field.name == stream.field), "")

    def _options(self, operation: ir.Operation) -> Iterator[tuple[str, str]]:
        yield "operation_id", repr(operation.id)
        if operation.tags:
            yield "tags", repr([*operation.tags])
        success, stream = operation.success, operation.stream
        status = success.status if success else stream.status if stream else 200
        if status != 200:
            yield "status_code", str(status)
        responses = self._responses(operation)
        if responses:
            yield "responses", "{" + ", ".join(f"{status!r}: {{{said}}}" for status, said in responses.items()) + "}"
        if operation.deprecated:
            yield "deprecated", "True"
        if is_secured([operation]):
            yield "dependencies", f"[Depends(guard.{self._checks[operation.security]})]"

    def _responses(self, operation: ir.Operation) -> dict[int | str, str]:
        """What each status is answered with, as FastAPI wants it said."""
        content: dict[int | str, list[str]] = {}
        media: dict[int, list[str]] = {}
        for success in operation.successes:
            if success.media == "json" and not isinstance(success.type, ir.Null):
                content[success.status] = [f'"model": {self._names.annotate(success.type)}']
                if _written(success) != "application/json":
                    media[success.status] = [success.media_type]
            elif success.media in ("text", "binary"):
                content[success.status] = []
                media[success.status] = [success.media_type]
            elif success != operation.success:
                content[success.status] = [f'"description": {success.doc!r}']
        if operation.stream is not None:
            content.setdefault(operation.stream.status, [])
            media.setdefault(operation.stream.status, []).append(operation.stream.media_type)
        for status, media_types in media.items():
            content[status].append(f'"content": {{{", ".join(f"{media_type!r}: {{}}" for media_type in media_types)}}}')
        for failure in operation.errors:
            if failure.status in content:
                continue
            named = failure.type is not None and not isinstance(failure.type, ir.Null) and _may_have_content(failure)
            if failure.type is None or not named:
                content[failure.status] = [f'"description": {failure.doc!r}']
                continue
            content[failure.status] = [f'"model": {self._names.annotate(failure.type)}']
            if failure.media_type != "application/json" and "*" not in failure.media_type:
                content[failure.status].append(f'"content": {{{failure.media_type!r}: {{}}}}')
        return {status: ", ".join(said) for status, said in content.items()}


def _may_have_content(failure: ir.ErrorResponse) -> bool:
    """FastAPI takes no model for what has no content (RFC 9110, 15.2 and 15.4.5)."""
    return failure.status != 304 and not str(failure.status).startswith("1")


def _how(operation: ir.Operation) -> str:
    """The arguments of ``respond`` that say what is not usual about an operation's answers."""
    usual = operation.successes[0]
    told: list[str] = []
    if usual.media != "none" and usual.status != 200:
        told.append(f"status={usual.status}")
    media_type = _written(usual)
    if usual.media != "none" and media_type != "application/json":
        told.append(f"media_type={media_type!r}")
    empty = next((success.status for success in operation.successes if success.media == "none"), None)
    if empty is not None:
        told.append(f"empty={empty}")
    return "".join(f", {argument}" for argument in told)


def _written(success: ir.Success) -> str:
    """The media type that an answer is sent in, where the document leaves it open (``image/*``)."""
    if "*" not in success.media_type:
        return success.media_type
    return {"json": "application/json", "text": "text/plain"}.get(success.media, "application/octet-stream")


def _route_path(path: str, operation: ir.Operation) -> str:
    """The path as Starlette wants it: placeholders are names, ``{path*}`` takes slashes, the rest is not encoded."""
    asked = re.split(r"[?#]", path, maxsplit=1)[0]
    used: dict[str, int] = {}
    keys = {p.name: path_key(operation, p) for p in operation.parameters if p.place == "path"}

    def placeholder(match: re.Match[str]) -> str:
        key = keys[match[1]]
        used[key] = used.get(key, 0) + 1
        many = match[1].endswith("*") or match[1].startswith("+")
        return f"{{{key}{f'_{used[key]}' if used[key] > 1 else ''}{':path' if many else ''}}}"

    return re.sub(r"{([^{}]*)}", placeholder, unquote(asked)) + path[len(asked) :]
