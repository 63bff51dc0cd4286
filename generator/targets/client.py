"""The client package: ``Client`` and ``AsyncClient``, one namespace of methods for each group of operations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from generator import ir
from generator.normalise.canonical import Canonical
from generator.render import render

from .python import Artifact, Import, ModelNames, describe, import_block

# What a client module says besides the names of models.
_RESERVED = frozenset(
    ["Any", "AsyncCalls", "AsyncStream", "AwareDatetime", "Calls", "Literal", "Operation", "Required", "RequestOptions"]
    + ["Stream", "TypedDict", "UUID", "Unpack"]
)
_PLACES: dict[ir.Place, str] = {"path": "path", "query": "query", "header": "headers", "cookie": "cookies"}
_RUNTIME = ".._runtime"


@dataclass(frozen=True, slots=True)
class Argument:
    """A keyword argument of a method; ``default`` is empty where it must be given."""

    name: str
    annotation: str
    default: str


@dataclass(frozen=True, slots=True)
class Params:
    """A TypedDict: the fields of a request body as keyword arguments, each with its annotation."""

    name: str
    model: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a namespace, in its sync and async form. ``call`` is what it hands to the transport."""

    name: str
    constant: str
    arguments: tuple[Argument, ...]
    params: str
    result: str
    event: str
    doc: str
    brief_doc: str
    call: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """A module's description of an operation for the transport."""

    name: str
    type_arguments: str
    arguments: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class GroupModule:
    """The view of ``client/group.py.jinja``."""

    group: ir.Group
    imports: str
    params: tuple[Params, ...]
    constants: tuple[Constant, ...]
    methods: tuple[Method, ...]


@dataclass(frozen=True, slots=True)
class Credential:
    """A constructor argument of the clients and what it makes for the transport."""

    argument: str
    annotation: str
    scheme: str
    made: str


@dataclass(frozen=True, slots=True)
class ClientPackage:
    """The view of ``client/__init__.py.jinja``."""

    api: ir.Api
    credentials: tuple[Credential, ...]
    imports: str
    group_imports: str


def make(api: ir.Api, canonical: Canonical) -> list[Artifact]:
    """The package and one module for each group."""
    artifacts = [Artifact(PurePosixPath("client/__init__.py"), render("client/__init__.py.jinja", _package(api)))]
    for group in api.groups:
        text = render("client/group.py.jinja", _group_module(api, group))
        artifacts.append(Artifact(PurePosixPath(f"client/{group.name}.py"), text))
    return artifacts


def _package(api: ir.Api) -> ClientPackage:
    credentials = tuple(_credential(scheme) for scheme in api.security_schemes)
    makers = {credential.made.partition("(")[0] for credential in credentials}
    imports = {
        Import("functools", "cached_property"),
        Import("typing", "TYPE_CHECKING"),
        Import("typing", "Unpack"),
        Import(f"{_RUNTIME}.calls", "Credential"),
        *(Import(f"{_RUNTIME}.clients", name) for name in {"AsyncioClient", "ClientOptions", "SyncClient"} | makers),
    }
    groups = {Import(f".{group.name}", name) for group in api.groups for name in _class_names(group)}
    return ClientPackage(api, credentials, import_block(imports, plain=["httpx2"]), import_block(groups))


def _class_names(group: ir.Group) -> tuple[str, str]:
    return group.class_name, f"Async{group.class_name}"


def _credential(scheme: ir.SecurityScheme) -> Credential:
    name = scheme.py_name
    if scheme.kind == "bearer":
        return Credential(name, "str", scheme.name, f"given_token({name})")
    if scheme.kind == "basic":
        return Credential(name, "tuple[str, str]", scheme.name, f"given_pair({name})")
    return Credential(name, "str", scheme.name, f"given_key({scheme.key!r}, {name}, {scheme.kind!r})")


def _group_module(api: ir.Api, group: ir.Group) -> GroupModule:
    operations = [operation for operation in api.operations if operation.group == group.name]
    names = ModelNames(api, reserved={*_RESERVED, *_class_names(group)})
    params = {wanted.name: wanted for o in operations if (wanted := _params(api, names, o)) is not None}
    imports = {
        Import("__future__", "annotations"),
        Import(f"{_RUNTIME}.calls", "Operation"),
        Import(f"{_RUNTIME}.calls", "RequestOptions"),
        Import(f"{_RUNTIME}.clients", "AsyncCalls"),
        Import(f"{_RUNTIME}.clients", "Calls"),
        *(item for o in operations for item in names.imports(_types(api, o), package="..models")),
    }
    if params:
        imports |= {Import("typing", "TypedDict"), Import("typing", "Unpack")}
    if any("Required[" in annotation for wanted in params.values() for _, annotation in wanted.fields):
        imports.add(Import("typing", "Required"))
    if any(operation.stream for operation in operations):
        imports |= {Import(f"{_RUNTIME}.streams", "AsyncStream"), Import(f"{_RUNTIME}.streams", "Stream")}
    return GroupModule(
        group=group,
        imports=import_block(imports),
        params=tuple(params.values()),
        constants=tuple(_constant(names, operation) for operation in operations),
        methods=tuple(method for operation in operations for method in _methods(api, names, operation)),
    )


def _types(api: ir.Api, operation: ir.Operation) -> Iterable[ir.Type]:
    yield from (parameter.type for parameter in operation.parameters)
    yield from (failure.type for failure in operation.errors if failure.type is not None)
    if operation.success is not None and operation.success.media == "json":
        yield operation.success.type
    if operation.stream is not None:
        yield operation.stream.type
    if operation.body is not None:
        yield operation.body.type
        if operation.body.expanded:
            yield from (field.type for field in _fields(api, operation))


def _fields(api: ir.Api, operation: ir.Operation) -> tuple[ir.Field, ...]:
    """The fields that callers give: all of the body but the switch between answer and stream."""
    body, stream = operation.body, operation.stream
    if body is None or not body.expanded or not isinstance(body.type, ir.Ref):
        return ()
    schema = api.schema(body.type.name)
    switch = stream.field if stream is not None and stream.chosen_by == "field" else None
    return (
        tuple(field for field in schema.fields if field.name != switch) if isinstance(schema, ir.ObjectSchema) else ()
    )


def _params(api: ir.Api, names: ModelNames, operation: ir.Operation) -> Params | None:
    body = operation.body
    if body is None or not body.expanded or not isinstance(body.type, ir.Ref):
        return None
    fields = tuple(
        (field.py_name, f"Required[{annotation}]" if field.required else annotation)
        for field in _fields(api, operation)
        for annotation in [names.annotate(field.type)]
    )
    return Params(_params_name(api, operation, body.type.name), body.type.name, fields)


def _params_name(api: ir.Api, operation: ir.Operation, model: str) -> str:
    """``<Model>Params``, or ``<Model>StreamableParams`` where others take the same body with its switch."""
    switches = {
        other.stream is not None and other.stream.chosen_by == "field"
        for other in api.operations
        if other.body is not None and other.body.type == ir.Ref(model)
    }
    streamable = operation.stream is not None and operation.stream.chosen_by == "field"
    name = f"{model}StreamableParams" if streamable and len(switches) > 1 else f"{model}Params"
    return f"{name}Arguments" if name in {schema.name for schema in api.schemas} else name


def _result(names: ModelNames, success: ir.Success | None) -> str:
    if success is None or success.media == "none":
        return "None"
    if success.media in ("text", "binary"):
        return "str" if success.media == "text" else "bytes"
    return names.annotate(success.type)


def _constant(names: ModelNames, operation: ir.Operation) -> Constant:
    success, stream = operation.success, operation.stream
    result = _result(names, success)
    arguments = [
        ("id", repr(operation.id)),
        ("name", repr(operation.name)),
        ("method", repr(operation.method)),
        ("path", repr(operation.paths[0])),
    ]
    if operation.security:
        arguments.append(("security", repr(tuple(need.schemes for need in operation.security))))
    if operation.body is not None:
        arguments.append(("body", names.annotate(operation.body.type)))
    if result != "None":
        arguments.append(("response", result))
    if success is not None and success.media in ("text", "binary"):
        arguments.append(("success", repr(success.media)))
    errors = {failure.status: names.annotate(failure.type) for failure in operation.errors if failure.type is not None}
    if errors:
        arguments.append(("errors", "{" + ", ".join(f"{status!r}: {name}" for status, name in errors.items()) + "}"))
    if stream is not None:
        arguments.append(("event", names.annotate(stream.type)))
        if stream.chosen_by == "field":
            arguments.append(("stream_field", repr(stream.field)))
        if stream.final:
            arguments.append(("final", f"frozenset({{{', '.join(repr(value) for value in stream.final)}}})"))
    event = f", {names.annotate(stream.type)}" if stream is not None else ""
    return Constant(f"_{operation.name.upper()}", f"{result}{event}", tuple(arguments))


def _methods(api: ir.Api, names: ModelNames, operation: ir.Operation) -> list[Method]:
    """The call and its streaming twin, as far as the operation has them."""
    arguments = [
        Argument(
            p.py_name,
            names.annotate(p.type) if p.required else _or_none(names.annotate(p.type)),
            "" if p.required else "None",
        )
        for p in sorted(operation.parameters, key=lambda p: not p.required)
    ]
    call: list[tuple[str, str]] = []
    for place, keyword in _PLACES.items():
        given = [f"{p.name!r}: {p.py_name}" for p in operation.parameters if p.place == place]
        if given:
            call.append((keyword, "{" + ", ".join(given) + "}"))
    params = _params(api, names, operation)
    body = operation.body
    if params is not None:
        call.append(("fields", "fields"))
    elif body is not None:
        annotation = names.annotate(body.type)
        body_argument = Argument(
            "body", annotation if body.required else _or_none(annotation), "" if body.required else "None"
        )
        arguments.insert(sum(not a.default for a in arguments) if not body.required else 0, body_argument)
        call.append(("body" if body.required else "optional_body", "body"))
    call.append(("options", "request_options"))
    event = names.annotate(operation.stream.type) if operation.stream is not None else ""
    common = (f"_{operation.name.upper()}", tuple(arguments), params.name if params else "")
    methods: list[Method] = []
    brief = describe(operation, brief=True)
    if operation.success is not None:
        result = _result(names, operation.success)
        methods.append(Method(operation.name, *common, result, "", describe(operation), brief, tuple(call)))
    if operation.stream is not None:
        name = f"{operation.name}_stream" if operation.success is not None else operation.name
        doc = describe(operation, streamed=True) if operation.success is not None else describe(operation)
        methods.append(Method(name, *common, "", event, doc, describe(operation, streamed=True), tuple(call)))
    return methods


def _or_none(annotation: str) -> str:
    return annotation if annotation.endswith("None") or annotation == "Any" else f"{annotation} | None"
