"""``README.md`` of a generated package: what the API has, how its client and its server are used, where things are.

Part of every package, whatever is generated of it: what is not there is not spoken of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from generator import ir
from generator.prose import plain
from generator.render import render

from .calls import GroupSpelling, default_url, variable_of
from .python import Artifact, annotate
from .routes import protocol_name
from .security import is_secured
from .signatures import stream_name
from .usage import LOCAL, Usage, representative

_LISTED = 12
"""So many streams are told one by one: the table of operations has them all."""
RAISED = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
}
"""What the client raises for a status (``_runtime/errors.py``); a test holds the two together."""


@dataclass(frozen=True, slots=True)
class Row:
    """An operation in the table of its group: the routes as ``POST /path``, and the names of its methods."""

    routes: tuple[str, ...]
    calls: tuple[str, ...]
    handlers: tuple[str, ...]
    summary: str
    deprecated: bool


@dataclass(frozen=True, slots=True)
class Table:
    """The operations of one group. ``anchor`` is what GitHub makes of the heading."""

    heading: str
    anchor: str
    protocol: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way to present credentials: the scheme's name, the client's argument, and what goes over the wire for it.

    ``variable`` is the environment's, for those who give none.
    """

    name: str
    argument: str
    variable: str
    wire: str


@dataclass(frozen=True, slots=True)
class Stream:
    """An operation that answers piece by piece."""

    method: str
    what: str
    asked_by: str
    final: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A status other than 2xx that the document declares: what the client raises, and what its ``body`` may be."""

    status: str
    raised: str
    bodies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Readme:
    """The view of ``readme.md.jinja``. ``doc`` is the description without its mark-up, ``package`` is the name that the code imports; ``url`` what its client calls.

    ``every`` holds what all operations ask for, as alternatives of arguments; empty where they differ, or ask for nothing.
    """

    api: ir.Api
    doc: str
    package: str
    has: Collection[str]
    usage: Usage | None
    url: str
    schemes: tuple[Scheme, ...]
    every: tuple[tuple[str, ...], ...]
    streams: tuple[Stream, ...]
    more_streams: int
    failures: tuple[Failure, ...]
    tables: tuple[Table, ...]
    webhooks: tuple[Row, ...]


def make(api: ir.Api, *, targets: Collection[str], package: str) -> list[Artifact]:
    """The file. ``package`` is the path by which users import what is generated."""
    has = frozenset(targets)
    streams = tuple(_streams(api))
    tables = tuple(_table(api, group, has) for group in api.groups)
    view = Readme(
        api=api,
        doc=plain(api.description),
        package=package,
        has=has,
        usage=representative(api, package=package) if has & {"client", "server"} else None,
        url=default_url(api) or LOCAL,
        schemes=tuple(_scheme(api, scheme) for scheme in api.security_schemes),
        every=_every(api),
        streams=streams[:_LISTED],
        more_streams=len(streams[_LISTED:]),
        failures=tuple(_failures(api)),
        tables=tables,
        webhooks=tuple(_row(operation, ()) for operation in api.webhooks),
    )
    return [Artifact(PurePosixPath("README.md"), render("readme.md.jinja", view))]


def _table(api: ir.Api, group: ir.Group, has: Collection[str]) -> Table:
    operations = [operation for operation in api.operations if operation.group == group.name]
    calls: dict[str, list[str]] = {operation.name: [] for operation in operations}
    if "client" in has:
        for spelled in GroupSpelling(api, group).calls():
            calls[spelled.operation.name] += [method.name for method in spelled.methods]
    heading = f"{group.name}: {len(operations)} operation{'s' if len(operations) > 1 else ''}"
    return Table(
        heading=heading,
        anchor=heading.lower().replace(":", "").replace(" ", "-"),
        protocol=protocol_name(group),
        rows=tuple(_row(operation, calls[operation.name]) for operation in operations),
    )


def _row(operation: ir.Operation, calls: Iterable[str]) -> Row:
    answer = [operation.name] if operation.success is not None else []
    stream = [stream_name(operation)] if operation.stream is not None else []
    return Row(
        routes=tuple(f"{operation.method} {path}" for path in operation.paths),
        calls=tuple(calls),
        handlers=(*answer, *stream),
        summary=plain(operation.summary or operation.description),
        deprecated=operation.deprecated,
    )


# -- credentials ----------------------------------------------------------------------------------------------------


def _scheme(api: ir.Api, scheme: ir.SecurityScheme) -> Scheme:
    secret = '("user", "secret")' if scheme.kind == "basic" else '"secret"'
    match scheme.kind:
        case "bearer":
            wire = "Authorization: Bearer secret"
        case "basic":
            wire = "Authorization: Basic dXNlcjpzZWNyZXQ="
        case "authorization":
            wire = f"Authorization: {scheme.key} secret"
        case "header":
            wire = f"{scheme.key}: secret"
        case "query":
            wire = f"?{scheme.key}=secret"
        case "cookie":
            wire = f"Cookie: {scheme.key}=secret"
    return Scheme(scheme.name, f"{scheme.py_name}={secret}", variable_of(api, scheme), wire)


def _every(api: ir.Api) -> tuple[tuple[str, ...], ...]:
    asked = {operation.security for operation in api.operations}
    if len(asked) != 1 or not is_secured(api.operations):
        return ()
    names = {scheme.name: scheme.py_name for scheme in api.security_schemes}
    return tuple(tuple(names[name] for name in need.schemes) for need in asked.pop())


# -- streams and errors ---------------------------------------------------------------------------------------------


def _streams(api: ir.Api) -> Iterator[Stream]:
    formats = {"sse": "server-sent events", "lines": "lines of JSON", "sequence": "a JSON text sequence"}
    for operation in api.operations:
        stream = operation.stream
        if stream is not None:
            asked_by = {"field": f"{stream.field}: true in the body", "accept": f"Accept: {stream.media_type}"}
            yield Stream(
                method=f"{operation.group}.{stream_name(operation)}",
                what=f"{formats[stream.format]}, each {annotate(stream.type)}",
                asked_by=asked_by.get(stream.chosen_by, ""),
                final=stream.final,
            )


def _failures(api: ir.Api) -> Iterator[Failure]:
    """Every declared status once, in order, with the types that its body has in one operation or another."""
    bodies: dict[str, dict[str, None]] = {}
    for operation in api.operations:
        for failure in operation.errors:
            named = bodies.setdefault(str(failure.status), {})
            if failure.type is not None:
                named[annotate(failure.type)] = None
    for status in sorted(bodies):
        yield Failure(status, _raised(status), tuple(bodies[status]))


def _raised(status: str) -> str:
    if status[0] == "5":
        return "ServerError"
    return RAISED.get(int(status), "StatusError") if status.isdecimal() else "StatusError"
