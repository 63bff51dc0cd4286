"""The client package: ``Client`` and ``AsyncClient``, one namespace of methods for each group of operations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from textwrap import fill

from generator import ir
from generator.render import render

from .calls import Constant, GroupSpelling, Method, Params, default_url, variable_of
from .python import Artifact, Import, import_block

_RUNTIME = ".._runtime"


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
    """A constructor argument of the clients, and what the transport makes of it.

    ``variable`` is the environment's, for those who give none.
    """

    argument: str
    annotation: str
    scheme: str
    made: str
    variable: str


@dataclass(frozen=True, slots=True)
class ClientPackage:
    """The view of ``client/__init__.py.jinja``.

    ``environment`` says which variables are asked for credentials, ``server`` is the URL that the clients call by default, empty where callers have to give one, ``own_servers``
    whether operations have others.
    """

    api: ir.Api
    credentials: tuple[Credential, ...]
    environment: str
    server: str
    own_servers: bool
    imports: str
    group_imports: str


def make(api: ir.Api) -> list[Artifact]:
    """The package and one module for each group."""
    artifacts = [Artifact(PurePosixPath("client/__init__.py"), render("client/__init__.py.jinja", _package(api)))]
    for group in api.groups:
        text = render("client/group.py.jinja", _group_module(api, group))
        artifacts.append(Artifact(PurePosixPath(f"client/{group.name}.py"), text))
    return artifacts


def _package(api: ir.Api) -> ClientPackage:
    imports = {
        Import("__future__", "annotations"),
        Import("typing", "Unpack"),
        *(Import(f"{_RUNTIME}.clients", name) for name in ("AsyncioClient", "ClientOptions", "SyncClient")),
        Import(f"{_RUNTIME}.errors", "*"),
        Import(f"{_RUNTIME}.transport", "*"),
    }
    if api.security_schemes:
        imports.add(Import(f"{_RUNTIME}.credentials", "Scheme"))
    if any(operation.paging for operation in api.operations):
        imports |= {_given_out("paging", "AsyncPager"), _given_out("paging", "Pager")}
    if any(body.kind in ("multipart", "binary") for operation in api.operations for body in operation.bodies):
        imports.add(_given_out("files", "Upload"))
    if api.groups:
        imports |= {Import("functools", "cached_property"), Import("typing", "TYPE_CHECKING")}
    groups = {
        Import(f".{group.name}", name)
        for group in api.groups
        for name in (group.class_name, f"Async{group.class_name}")
    }
    server = default_url(api)
    credentials = tuple(_credential(api, scheme) for scheme in api.security_schemes)
    return ClientPackage(
        api=api,
        credentials=credentials,
        environment=_environment(credentials),
        server=server,
        own_servers=bool(server) and any(operation.server for operation in api.operations),
        imports=import_block(imports, plain=["httpx2"]),
        group_imports=import_block(groups),
    )


def _given_out(module: str, name: str) -> Import:
    """The import of what callers import from here: the alias says so to type checkers."""
    return Import(f"{_RUNTIME}.{module}", name, name)


def _credential(api: ir.Api, scheme: ir.SecurityScheme) -> Credential:
    variable = variable_of(api, scheme)
    given = [scheme.kind, variable, *([scheme.key] if scheme.key else [])]
    annotation = "tuple[str, str]" if scheme.kind == "basic" else "str"
    return Credential(scheme.py_name, annotation, scheme.name, f"Scheme({', '.join(map(repr, given))})", variable)


def _environment(credentials: Iterable[Credential]) -> str:
    """What the docstring of a client says of credentials that nobody gives."""
    pairs = {"tuple[str, str]": " (`user:password`)"}
    variables = [f"`{credential.variable}`{pairs.get(credential.annotation, '')}" for credential in credentials]
    said = f"Where no credential is given, the environment is asked for {', '.join(variables)}."
    return f"\n\n{fill(said, 114, break_long_words=False)}" if variables else ""


def _group_module(api: ir.Api, group: ir.Group) -> GroupModule:
    spelling = GroupSpelling(api, group)
    calls = tuple(spelling.calls())
    return GroupModule(
        group=group,
        params=_distinct(call.params for call in calls if call.params is not None),
        constants=tuple(call.constant for call in calls),
        methods=tuple(method for call in calls for method in call.methods),
        imports=import_block(spelling.imports),
    )


def _distinct(params: Iterable[Params]) -> tuple[Params, ...]:
    return tuple({wanted.name: wanted for wanted in params}.values())
