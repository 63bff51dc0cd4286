"""The server package: what a user implements, the routes that call it, the credentials they ask for, and the app."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from generator import ir
from generator.normalise.canonical import Canonical
from generator.render import render

from .python import CONSTRAINTS, Artifact, Import, ModelNames, describe, identity, import_block, tuple_of
from .security import check_names, security_module

# What a server module says besides the names of models.
_RESERVED = frozenset(
    ["APIRouter", "Annotated", "Any", "AsyncIterator", "Authenticate", "AwareDatetime", "Body", "Cookie", "Depends"]
    + ["EventStream", "FastAPI", "Guard", "Header", "Literal", "Path", "Protocol", "Query", "Response", "Route", "UUID"]
    + ["Request"]
)
_MARKERS: dict[ir.Place, str] = {"path": "Path", "query": "Query", "header": "Header", "cookie": "Cookie"}
_RUNTIME = ".._runtime.server"
# What `build_router` calls by name after the first route function is defined.
_LOCALS = frozenset(["router", "guard", "also_at", "respond"])


@dataclass(frozen=True, slots=True)
class HandlerMethod:
    """A method that the user implements. ``arguments`` are written out, defaults included."""

    name: str
    streamed: bool
    arguments: tuple[str, ...]
    result: str
    doc: str


@dataclass(frozen=True, slots=True)
class Protocol:
    """A Protocol: what one group of operations asks of its implementation."""

    name: str
    doc: str
    methods: tuple[HandlerMethod, ...]


@dataclass(frozen=True, slots=True)
class HandlersModule:
    """The view of ``server/handlers.py.jinja``."""

    title: str
    imports: str
    protocols: tuple[Protocol, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A route function. ``call`` and ``stream_call`` say how the handler is called; ``answer`` what is made of it."""

    name: str
    method: str
    path: str
    also_at: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    arguments: tuple[str, ...]
    doc: str
    stream_call: str
    condition: str
    call: str
    answer: str


@dataclass(frozen=True, slots=True)
class RouterModule:
    """The view of ``server/router.py.jinja``."""

    title: str
    imports: str
    groups: tuple[ir.Group, ...]
    protocol_union: str
    protocols: str
    secured: bool
    endpoints: tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True)
class AppModule:
    """The view of ``server/app.py.jinja``; ``error_models`` are imported from the models package."""

    api: ir.Api
    imports: str
    protocol_union: str
    secured: bool
    error_models: str
    package_imports: str
    exports: tuple[str, ...]


def make(api: ir.Api, canonical: Canonical) -> list[Artifact]:
    """The five files of the server package; four where nothing is secured."""
    secured = any(operation.security for operation in api.operations)
    union = " | ".join(_protocol_name(group) for group in api.groups) or "object"
    views: dict[str, object] = {
        "__init__": _app_module(api, union, secured),
        "handlers": _handlers_module(api),
        "router": _router_module(api, union, secured),
        "app": _app_module(api, union, secured),
    }
    if secured:
        views["security"] = security_module(api)
    return [
        Artifact(PurePosixPath(f"server/{name}.py"), render(f"server/{name}.py.jinja", view))
        for name, view in views.items()
    ]


def _app_module(api: ir.Api, union: str, secured: bool) -> AppModule:
    names = ModelNames(api, reserved={*_RESERVED, *map(_protocol_name, api.groups)})
    failures = [failure.type for operation in api.operations for failure in operation.errors]
    models = [type_ for type_ in dict.fromkeys(failures) if type_ is not None and _is_class(api, type_)]
    imports = {
        Import("fastapi", "FastAPI"),
        Import(_RUNTIME, "finish_app"),
        Import(".router", "build_router"),
        *(Import(".handlers", _protocol_name(group)) for group in api.groups),
        *names.imports(models, package="..models"),
    }
    if secured:
        imports.add(Import(".security", "Authenticate"))
    exports = {
        Import(".._runtime.problems", "Problem"),
        Import(".app", "create_app"),
        Import(".router", "build_router"),
        *(Import(".handlers", _protocol_name(group)) for group in api.groups),
    }
    if secured:
        exports |= {
            Import(_RUNTIME, "matches"),
            Import(".security", "Authenticate"),
            Import(".security", "Credentials"),
        }
    return AppModule(
        api=api,
        imports=import_block(imports),
        protocol_union=union,
        secured=secured,
        error_models=tuple_of(map(names.annotate, models)),
        package_imports=import_block(exports),
        exports=tuple(sorted(item.name for item in exports)),
    )


def _local(group: str) -> str:
    """The variable of a router that holds the implementation of a group."""
    return f"{group}_handlers"


def _protocol_name(group: ir.Group) -> str:
    return f"{group.class_name}Handlers"


# -- handlers.py ----------------------------------------------------------------------------------------------------


def _handlers_module(api: ir.Api) -> HandlersModule:
    names = ModelNames(api, reserved={*_RESERVED, *map(_protocol_name, api.groups)})
    imports = {
        Import("__future__", "annotations"),
        Import("typing", "Protocol"),
        *([Import(_RUNTIME, "unimplemented")] if api.operations else []),
    }
    if any(operation.stream for operation in api.operations):
        imports.add(Import("collections.abc", "AsyncIterator"))
    for operation in api.operations:
        imports |= set(names.imports(_handler_types(operation), package="..models"))
    protocols = tuple(
        Protocol(
            name=_protocol_name(group),
            doc=f"What answers the calls of {group.title}. Subclass it to leave methods out: they answer 501.",
            methods=tuple(m for o in api.operations if o.group == group.name for m in _handler_methods(names, o)),
        )
        for group in api.groups
    )
    return HandlersModule(api.title, import_block(imports), protocols)


def _handler_types(operation: ir.Operation) -> Iterable[ir.Type]:
    yield from (parameter.type for parameter in operation.parameters)
    if operation.body is not None:
        yield operation.body.type
    if operation.success is not None and operation.success.media == "json":
        yield operation.success.type
    if operation.stream is not None:
        yield operation.stream.type


def _result(names: ModelNames, success: ir.Success) -> str:
    match success.media:
        case "none":
            return "None"
        case "text":
            return "str"
        case "binary":
            return "bytes"
        case "json":
            return names.annotate(success.type)


def _handler_methods(names: ModelNames, operation: ir.Operation) -> list[HandlerMethod]:
    arguments: list[str] = []
    if operation.body is not None:
        annotation = names.annotate(operation.body.type)
        arguments = [f"body: {annotation if operation.body.required else _or_none(annotation)}", "/"]
    if operation.parameters:
        arguments.append("*")
        arguments += [_keyword(names, parameter) for parameter in _required_first(operation.parameters)]
    methods: list[HandlerMethod] = []
    if operation.success is not None:
        result = _result(names, operation.success)
        methods.append(HandlerMethod(operation.name, False, tuple(arguments), result, describe(operation)))
    if operation.stream is not None:
        result = f"AsyncIterator[{names.annotate(operation.stream.type)}]"
        doc = describe(operation, streamed=True) if operation.success is not None else describe(operation)
        methods.append(HandlerMethod(stream_name(operation), True, tuple(arguments), result, doc))
    return methods


def stream_name(operation: ir.Operation) -> str:
    """The method that streams: a twin of the one that answers at once, or the only one."""
    return operation.name if operation.success is None else f"{operation.name}_stream"


def _keyword(names: ModelNames, parameter: ir.Parameter) -> str:
    annotation = names.annotate(parameter.type)
    return (
        f"{parameter.py_name}: {annotation}"
        if parameter.required
        else f"{parameter.py_name}: {_or_none(annotation)} = None"
    )


def _or_none(annotation: str) -> str:
    return annotation if annotation.endswith("None") or annotation == "Any" else f"{annotation} | None"


def _required_first(parameters: Iterable[ir.Parameter]) -> list[ir.Parameter]:
    return sorted(parameters, key=lambda parameter: not parameter.required)


# -- router.py ------------------------------------------------------------------------------------------------------


def _router_module(api: ir.Api, union: str, secured: bool) -> RouterModule:
    names = ModelNames(api, reserved={*_RESERVED, *map(_protocol_name, api.groups)})
    endpoints = tuple(_endpoint(api, names, operation) for operation in api.operations)
    imports = {
        Import("fastapi", "APIRouter"),
        Import("fastapi", "Response"),
        Import(_RUNTIME, "Route"),
        Import(_RUNTIME, "check_handlers"),
        Import(_RUNTIME, "implementation"),
        *(Import(".handlers", _protocol_name(group)) for group in api.groups),
    }
    for operation in api.operations:
        imports |= set(_endpoint_imports(api, operation))
    if secured:
        imports |= {Import("fastapi", "Depends"), Import(".security", "Authenticate"), Import(".security", "Guard")}
    for operation in api.operations:
        types = [parameter.type for parameter in operation.parameters]
        types += [operation.body.type] if operation.body else []
        types += [operation.success.type] if operation.success and operation.success.media == "json" else []
        types += [failure.type for failure in operation.errors if failure.type is not None]
        imports |= set(names.imports(types, package="..models"))
    protocols = tuple_of(_protocol_name(group) for group in api.groups)
    return RouterModule(api.title, import_block(imports), api.groups, union, protocols, secured, endpoints)


def _endpoint_imports(api: ir.Api, operation: ir.Operation) -> Iterable[Import]:
    """What the route of an operation needs besides models."""
    stream, success, body = operation.stream, operation.success, operation.body
    if len(operation.paths) > 1:
        yield Import(_RUNTIME, "also_at")
    if stream is not None:
        yield Import(_RUNTIME, "EventStream")
        if stream.chosen_by == "accept":
            yield Import("fastapi", "Request")
    if success is not None and success.media == "json":
        yield Import(_RUNTIME, "respond")
    markers = [_MARKERS[parameter.place] for parameter in operation.parameters if _marker(parameter) is not None]
    if body is not None and not _is_class(api, body.type):
        markers.append("Body")
    for marker in markers:
        yield Import("fastapi", marker)
        yield Import("typing", "Annotated")


def _endpoint(api: ir.Api, names: ModelNames, operation: ir.Operation) -> Endpoint:
    given = ["body"] if operation.body is not None else []
    given += [f"{p.py_name}={p.py_name}" for p in _required_first(operation.parameters)]
    arguments: list[str] = []
    condition = ""
    if operation.stream is not None and operation.stream.chosen_by == "accept":
        arguments.append("request: Request")
        condition = '"text/event-stream" in request.headers.get("accept", "")'
    elif operation.stream is not None and operation.stream.chosen_by == "field":
        condition = (
            f"body is not None and body.{_switch(api, operation)}"
            if _optional(operation)
            else f"body.{_switch(api, operation)}"
        )
    if operation.body is not None and operation.body.required:
        arguments.append(f"body: {_body_annotation(api, names, operation.body)}")
    arguments += [_route_argument(names, parameter) for parameter in _required_first(operation.parameters)]
    if operation.body is not None and not operation.body.required:
        arguments.append(f"body: {_or_none(_body_annotation(api, names, operation.body))} = None")
    stream_call = call = answer = ""
    if operation.stream is not None:
        stream_call = f"{_local(operation.group)}.{stream_name(operation)}({', '.join(given)})"
    if operation.success is not None:
        call = f"await {_local(operation.group)}.{operation.name}({', '.join(given)})"
        answer = _answer(operation.success, call)
    return Endpoint(
        name=(
            operation.name + "_"
            if operation.name in _LOCALS | {_local(group.name) for group in api.groups}
            else operation.name
        ),
        method=operation.method.lower(),
        path=_route_path(operation.paths[0], operation),
        also_at=tuple(_route_path(path, operation) for path in operation.paths[1:]),
        options=tuple(_route_options(api, names, operation)),
        arguments=tuple(arguments),
        doc="\n".join(identity(operation)),
        stream_call=stream_call,
        condition=condition,
        call=call,
        answer=answer,
    )


def _optional(operation: ir.Operation) -> bool:
    return operation.body is not None and not operation.body.required


def _switch(api: ir.Api, operation: ir.Operation) -> str:
    assert operation.stream is not None
    assert operation.body is not None
    assert isinstance(operation.body.type, ir.Ref)
    schema = api.schema(operation.body.type.name)
    assert isinstance(schema, ir.ObjectSchema)
    return next(field.py_name for field in schema.fields if field.name == operation.stream.field)


def _body_annotation(api: ir.Api, names: ModelNames, body: ir.Body) -> str:
    annotation = names.annotate(body.type)
    return annotation if _is_class(api, body.type) else f"Annotated[{annotation}, Body()]"


def _is_class(api: ir.Api, type_: ir.Type) -> bool:
    return isinstance(type_, ir.Ref) and isinstance(api.schema(type_.name), ir.ObjectSchema)


def _answer(success: ir.Success, call: str) -> str:
    status = f", status={success.status}" if success.status != 200 else ""
    match success.media:
        case "none":
            return f"{call}\n        return Response(status_code={success.status})"
        case "json":
            return f"return respond({call}{status})"
        case "text" | "binary":
            code = f"status_code={success.status}, " if success.status != 200 else ""
            return f"return Response({call}, {code}media_type={success.media_type!r})"


def _route_path(path: str, operation: ir.Operation) -> str:
    """The path with placeholders that are identifiers, as Starlette wants them."""
    for parameter in operation.parameters:
        if parameter.place == "path":
            path = path.replace("{" + parameter.name + "}", "{" + parameter.py_name + "}")
    return path


def _route_options(api: ir.Api, names: ModelNames, operation: ir.Operation) -> Iterable[tuple[str, str]]:
    yield "operation_id", repr(operation.id)
    success, stream = operation.success, operation.stream
    status = success.status if success else stream.status if stream else 200
    if status != 200:
        yield "status_code", str(status)
    responses: dict[int | str, str] = {}
    if success is not None and success.media == "json":
        responses[success.status] = f'"model": {names.annotate(success.type)}'
    if stream is not None:
        events = '"content": {"text/event-stream": {}}'
        responses[stream.status] = f"{responses[stream.status]}, {events}" if stream.status in responses else events
    for failure in operation.errors:
        if failure.type is not None:
            responses[failure.status] = f'"model": {names.annotate(failure.type)}'
        else:
            responses[failure.status] = f'"description": {failure.doc!r}'
    if responses:
        yield "responses", "{" + ", ".join(f"{status!r}: {{{entry}}}" for status, entry in responses.items()) + "}"
    if operation.deprecated:
        yield "deprecated", "True"
    if operation.security:
        yield "dependencies", f"[Depends(guard.{check_names(api)[operation.security]})]"


def _route_argument(names: ModelNames, parameter: ir.Parameter) -> str:
    annotation = names.annotate(parameter.type)
    if not parameter.required:
        annotation = _or_none(annotation)
    marker = _marker(parameter)
    if marker is not None:
        annotation = f"Annotated[{annotation}, {marker}]"
    return f"{parameter.py_name}: {annotation}" + ("" if parameter.required else " = None")


def _marker(parameter: ir.Parameter) -> str | None:
    """FastAPI's word for a parameter that its annotation alone does not describe."""
    given = [f"{CONSTRAINTS[keyword]}={value!r}" for keyword, value in parameter.constraints]
    if parameter.place != "path" and (parameter.py_name != parameter.name or parameter.place == "header"):
        given.insert(0, f"alias={parameter.name!r}")
    if not (given or isinstance(parameter.type, ir.ListOf) or parameter.place in ("header", "cookie")):
        return None
    return f"{_MARKERS[parameter.place]}({', '.join(given)})"
