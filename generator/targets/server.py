"""The server package: what a user implements, the routes that call it, the credentials they ask for, and the app.

Beside it, where the document has any, the package of webhooks: the same for what the API calls.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from generator import ir, names
from generator.render import render

from .python import Artifact, Import, ModelNames, describe, import_block, opened, tuple_of
from .routes import RouterModule, RouteWriter, protocol_name
from .security import is_secured, security_module
from .signatures import (
    REPLIES,
    body_imports,
    handler_arguments,
    result_annotation,
    signature_imports,
    stream_name,
)

# What a server module says besides the names of models.
_RESERVED = frozenset(
    ["APIRouter", "Annotated", "Any", "AsyncIterator", "Authenticate", "ByteStream", "Cookie"]
    + ["Depends", "FastAPI"]
    + ["EventStream", "Field", "Guard", "Header", "LineStream", "Literal", "Path", "PathLike", "Protocol"]
    + ["Query", "Reply", "Request", "Response", "SequenceStream", "Settings", "UUID", "Unpack", "Upload"]
)


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

    doc: str
    imports: str
    protocols: tuple[Protocol, ...]


@dataclass(frozen=True, slots=True)
class AppModule:
    """The view of ``server/app.py.jinja``; ``error_models`` are imported from the models package."""

    api: ir.Api
    imports: str
    router: RouterModule
    error_models: str


@dataclass(frozen=True, slots=True)
class PackageModule:
    """The view of ``server/__init__.py.jinja``."""

    doc: str
    imports: str
    exports: tuple[str, ...]


def make(api: ir.Api) -> list[Artifact]:
    """The files of the server package, and of the webhooks package where there are webhooks."""
    spoken = _names(api, api.groups)
    writer = RouteWriter(api, spoken)
    router = writer.router(api.groups, api.operations, "server")
    exports = {Import(".app", "create_app"), *_exports(router, api.groups, api.operations, ".")}
    exports.add(Import(".._runtime.request_ids", "request_id"))
    doc = f"What you implement to serve {api.title}: one class for each Protocol, in a module of your own."
    views: dict[str, object] = {
        "server/__init__.py": _package(f"A FastAPI server for {api.title}.", exports),
        "server/app.py": _app_module(api, spoken, router),
        "server/handlers.py": _handlers_module(spoken, api.groups, api.operations, doc),
        "server/router.py": router,
    }
    if is_secured((*api.operations, *api.webhooks)):
        views["server/security.py"] = security_module(api)
    artifacts = [_artifact(path, path, view) for path, view in views.items()]
    if len(api.groups) > 1:
        package = _package("The routes of each group of operations.", ())
        artifacts.append(_artifact("server/routes/__init__.py", "server/__init__.py", package))
        artifacts += [
            _artifact(f"server/routes/{group.name}.py", "server/routes.py", writer.module(group))
            for group in api.groups
        ]
    if api.exact:
        artifacts.append(Artifact(PurePosixPath("schemas.json"), json.dumps(api.exact, indent=2) + "\n"))
    return [*artifacts, *(_webhooks(api) if api.webhooks else [])]


def _webhooks(api: ir.Api) -> list[Artifact]:
    """The package of what the API calls, from the templates of the server's."""
    group = ir.Group("webhook", "Webhook", f"the webhooks of {api.title}", "")
    called = list(dict.fromkeys(path for operation in api.webhooks for path in operation.paths))
    segments = names.unique(re.sub(r"[^\w.~-]+", "-", name, flags=re.ASCII).strip("-") or "webhook" for name in called)
    paths = {name: f"/{segment}" for name, segment in zip(called, segments, strict=True)}
    operations = tuple(
        replace(operation, group=group.name, paths=tuple(paths[path] for path in operation.paths))
        for operation in api.webhooks
    )
    spoken = _names(api, (group,))
    router = RouteWriter(api, spoken).router((group,), operations, "webhooks")
    exports = _exports(router, (group,), operations, "..server.")
    doc = f"What you implement to receive what {api.title} sends: a class, in a module of your own."
    views: dict[str, object] = {
        "__init__.py": _package(f"A FastAPI router for the webhooks of {api.title}.", exports),
        "handlers.py": _handlers_module(spoken, (group,), operations, doc),
        "router.py": router,
    }
    return [_artifact(f"webhooks/{name}", f"server/{name}", view) for name, view in views.items()]


def _artifact(path: str, template: str, view: object) -> Artifact:
    return Artifact(PurePosixPath(path), render(f"{template}.jinja", view))


def _names(api: ir.Api, groups: Iterable[ir.Group]) -> ModelNames:
    return ModelNames(api, reserved={*_RESERVED, *map(protocol_name, groups)})


def _exports(
    router: RouterModule, groups: Iterable[ir.Group], operations: Iterable[ir.Operation], security: str
) -> set[Import]:
    """What both packages give out; ``security`` is where the server's security module stands."""
    exports = {
        Import(".._runtime.handlers", "unimplemented"),
        Import(".._runtime.problems", "Problem"),
        Import(REPLIES, "Reply"),
        Import(".router", router.function),
        *(Import(".handlers", protocol_name(group)) for group in groups),
        *(item for operation in operations for item in body_imports(operation)),
    }
    if router.secured:
        exports |= {
            Import(".._runtime.security", "matches"),
            Import(f"{security}security", "Authenticate"),
            Import(f"{security}security", "Credentials"),
        }
    return exports


def _package(doc: str, exports: Iterable[Import]) -> PackageModule:
    listed = list(exports)
    return PackageModule(doc, import_block(listed), tuple(sorted(item.name for item in listed)))


def _app_module(api: ir.Api, spoken: ModelNames, router: RouterModule) -> AppModule:
    failures = dict.fromkeys(failure.type for operation in api.operations for failure in operation.errors)
    models = [type_ for type_ in failures if isinstance(type_, ir.Ref) and opened(api, type_) == type_]
    imports = {
        Import("typing", "Unpack"),
        Import("fastapi", "FastAPI"),
        Import(".._runtime.app", "complete_app"),
        Import(".._runtime.settings", "Settings"),
        Import(".router", "build_router"),
        *(Import(".handlers", protocol_name(group)) for group in api.groups),
        *spoken.imports(models, package="..models"),
        *([Import(".security", "Authenticate")] if router.secured else []),
    }
    return AppModule(api, import_block(imports), router, tuple_of(map(spoken.annotate, models)))


# -- handlers.py ----------------------------------------------------------------------------------------------------


def _handlers_module(
    spoken: ModelNames, groups: Iterable[ir.Group], operations: tuple[ir.Operation, ...], doc: str
) -> HandlersModule:
    imports = {Import("__future__", "annotations")}
    if operations:
        imports |= {Import("typing", "Protocol"), Import(".._runtime.handlers", "unimplemented")}
    for operation in operations:
        imports |= set(signature_imports(spoken, operation))
    protocols = tuple(
        Protocol(
            name=protocol_name(group),
            doc=f"What answers the calls of {group.title}. Subclass it to leave methods out: they answer 501.",
            methods=tuple(m for o in operations if o.group == group.name for m in _handler_methods(spoken, o)),
        )
        for group in groups
    )
    return HandlersModule(doc, import_block(imports), protocols)


def _handler_methods(spoken: ModelNames, operation: ir.Operation) -> list[HandlerMethod]:
    arguments = handler_arguments(spoken, operation)
    methods: list[HandlerMethod] = []
    if operation.success is not None:
        result = result_annotation(spoken, operation)
        methods.append(HandlerMethod(operation.name, False, arguments, result, describe(operation)))
    if operation.stream is not None:
        result = f"AsyncIterator[{spoken.annotate(operation.stream.type)}]"
        doc = describe(operation, streamed=True) if operation.success is not None else describe(operation)
        methods.append(HandlerMethod(stream_name(operation), True, arguments, result, doc))
    return methods
