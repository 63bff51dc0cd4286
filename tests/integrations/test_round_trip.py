"""Client against server in process, for every operation of every integration: what is sent is what arrives."""

from __future__ import annotations

import importlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import anyio.from_thread
import httpx2
import pytest
from fastapi import FastAPI

from generator import ir
from generator.config import find_integrations
from generator.pipeline import understand
from generator.tree import Json

ROOT = Path(__file__).parents[2]
APIS = {integration.name: understand(integration) for integration in find_integrations(ROOT)}
OPERATIONS = [(name, operation) for name, api in APIS.items() for operation in api.operations]
CREDENTIALS: dict[ir.SchemeKind, Json] = {"bearer": "token", "basic": ("user", "word"), "header": "key"}


def example(api: ir.Api, type_: ir.Type, hint: str) -> Json:
    """A JSON value of the type that tells by its content where it was meant to go."""
    match type_:
        case ir.Scalar("string"):
            return f"{hint} ü/ &?=%"
        case ir.Scalar("integer"):
            return 3
        case ir.Scalar("number"):
            return 2.5
        case ir.Scalar("boolean"):
            return True
        case ir.Scalar(kind):
            return {"datetime": "2026-01-02T03:04:05Z", "date": "2026-01-02"}.get(kind, "0" * 32)
        case ir.LiteralOf(values):
            return values[-1]
        case ir.ListOf(item):
            return [example(api, item, f"{hint}0"), example(api, item, f"{hint}1")]
        case ir.MapOf(value):
            return {"key": example(api, value, hint)}
        case ir.UnionOf(members):
            return example(api, members[0], hint)
        case ir.Nullable(inner):
            return example(api, inner, hint)
        case ir.Ref(name):
            schema = api.schema(name)
            if isinstance(schema, ir.AliasSchema):
                return example(api, schema.type, hint)
            return {f.name: example(api, f.type, f.name) for f in schema.fields}
        case ir.Null():
            return None
        case ir.Anything():
            return {"any": hint}


@dataclass
class Recorder:
    """Answers every operation with an example, and keeps what it was called with."""

    api: ir.Api
    models: object
    calls: list[tuple[str, tuple[Json, ...], dict[str, Json]]] = field(default_factory=list)

    def handlers(self) -> object:
        methods: dict[str, Callable[..., object]] = {}
        for operation in self.api.operations:
            if operation.success is not None:
                methods[operation.name] = self._answering(operation.name, operation.success.type)
            if operation.stream is not None:
                name = operation.name if operation.success is None else f"{operation.name}_stream"
                methods[name] = self._streaming(name, operation.stream)
        return SimpleNamespace(**methods)

    def _answering(self, name: str, type_: ir.Type) -> Callable[..., Awaitable[object]]:
        async def answer(*args: Json, **kwargs: Json) -> object:
            self.calls.append((name, args, kwargs))
            return self._built(type_)

        return answer

    def _streaming(self, name: str, stream: ir.EventStream) -> Callable[..., AsyncIterator[object]]:
        async def events(*args: Json, **kwargs: Json) -> AsyncIterator[object]:
            self.calls.append((name, args, kwargs))
            for kind in [*stream.final]:
                event = example(self.api, stream.type, "event")
                yield getattr(self.models, stream.type.name)(
                    **{**event, "type": kind}
                )  # pyright: ignore[reportAttributeAccessIssue]

        return events

    def _built(self, type_: ir.Type) -> object:
        value = example(self.api, type_, "answer")
        return getattr(self.models, type_.name)(**value) if isinstance(type_, ir.Ref) else value


@dataclass
class Wire:
    """An ASGI app in front of the server that keeps each request as it was on the wire."""

    app: FastAPI
    requests: list[SimpleNamespace] = field(default_factory=list)

    async def __call__(self, scope: Json, receive: Json, send: Json) -> None:
        chunks: list[bytes] = []

        async def recorded() -> Json:
            message = await receive()
            chunks.append(message.get("body", b""))
            return message

        request = SimpleNamespace(scope=scope, body=b"")
        self.requests.append(request)
        await self.app(scope, recorded, send)
        request.body = b"".join(chunks)


class InProcess(httpx2.BaseTransport):
    """The synchronous way to an ASGI app."""

    def __init__(self, app: Wire) -> None:
        self._transport = httpx2.ASGITransport(app)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        async def ask() -> httpx2.Response:
            response = await self._transport.handle_async_request(
                httpx2.Request(request.method, request.url, headers=request.headers, content=request.read())
            )
            return httpx2.Response(response.status_code, headers=response.headers, content=await response.aread())

        with anyio.from_thread.start_blocking_portal() as portal:
            return portal.call(ask)


@pytest.fixture(params=OPERATIONS, ids=lambda pair: f"{pair[0]}:{pair[1].id}")
def case(request: pytest.FixtureRequest) -> tuple[str, ir.Operation]:
    pair: tuple[str, ir.Operation] = request.param
    return pair


def start(name: str) -> tuple[Recorder, Wire]:
    server = importlib.import_module(f"generated.{name}.server")
    recorder = Recorder(APIS[name], importlib.import_module(f"generated.{name}.models"))
    secured = any(operation.security for operation in recorder.api.operations)
    given = {"authenticate": lambda _: "someone"} if secured else {}
    return recorder, Wire(server.create_app(recorder.handlers(), **given))


def credentials(api: ir.Api) -> dict[str, Json]:
    scheme = api.security_schemes[-1]
    return {scheme.py_name: CREDENTIALS[scheme.kind]}


def arguments(api: ir.Api, operation: ir.Operation, *, everything: bool) -> tuple[dict[str, Json], Json]:
    """Keyword arguments for the client's method, and the JSON body that has to go over the wire for them."""
    given: dict[str, Json] = {
        p.py_name: example(api, p.type, p.name) for p in operation.parameters if everything or p.required
    }
    body = operation.body
    if body is None:
        return given, None
    assert body.expanded
    assert isinstance(body.type, ir.Ref)
    schema = api.schema(body.type.name)
    assert isinstance(schema, ir.ObjectSchema)
    switch = operation.stream.field if operation.stream else ""
    chosen = [f for f in schema.fields if f.name != switch and (everything or f.required)]
    sent = {f.name: example(api, f.type, f.name) for f in chosen}
    return {**given, **{f.py_name: sent[f.name] for f in chosen}}, sent


def check_arrival(recorder: Recorder, wire: Wire, operation: ir.Operation, given: dict[str, Json], sent: Json) -> None:
    """On the wire and in the handler's hands there is what was sent, and nothing that was not."""
    _, args, kwargs = recorder.calls[-1]
    raw = wire.requests[-1].body
    assert (json.loads(raw) if raw else None) == sent
    if operation.body is not None:
        assert json.loads(args[0].model_dump_json(exclude_unset=True)) == sent
    expected = {p.py_name: given.get(p.py_name) for p in operation.parameters}
    assert kwargs == expected


@pytest.mark.parametrize("everything", [False, True], ids=["required only", "everything"])
def test_sync_call_arrives_as_sent(case: tuple[str, ir.Operation], everything: bool) -> None:
    name, operation = case
    if operation.success is None:
        pytest.skip("this operation only streams")
    recorder, wire = start(name)
    given, sent = arguments(recorder.api, operation, everything=everything)
    module = importlib.import_module(f"generated.{name}.client")
    with httpx2.Client(transport=InProcess(wire)) as http:
        client = module.Client(base_url="http://server", http_client=http, **credentials(recorder.api))
        result = getattr(getattr(client, operation.group), operation.name)(**given)
    check_arrival(recorder, wire, operation, given, sent)
    assert json.loads(result.model_dump_json(exclude_unset=True)) == example(
        recorder.api, operation.success.type, "answer"
    )


@pytest.mark.parametrize("everything", [False, True], ids=["required only", "everything"])
async def test_async_call_arrives_as_sent(case: tuple[str, ir.Operation], everything: bool) -> None:
    name, operation = case
    if operation.success is None:
        pytest.skip("this operation only streams")
    recorder, wire = start(name)
    given, sent = arguments(recorder.api, operation, everything=everything)
    module = importlib.import_module(f"generated.{name}.client")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(wire)) as http:
        client = module.AsyncClient(base_url="http://server", http_client=http, **credentials(recorder.api))
        await getattr(getattr(client, operation.group), operation.name)(**given)
    check_arrival(recorder, wire, operation, given, sent)


async def test_stream_arrives_as_sent(case: tuple[str, ir.Operation]) -> None:
    name, operation = case
    if operation.stream is None:
        pytest.skip("this operation does not stream")
    recorder, wire = start(name)
    given, sent = arguments(recorder.api, operation, everything=True)
    module = importlib.import_module(f"generated.{name}.client")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(wire)) as http:
        client = module.AsyncClient(base_url="http://server", http_client=http, **credentials(recorder.api))
        async with getattr(getattr(client, operation.group), f"{operation.name}_stream")(**given) as events:
            kinds = [event.type async for event in events]
    check_arrival(recorder, wire, operation, given, {**sent, operation.stream.field: True})
    assert kinds == list(operation.stream.final)


@pytest.mark.parametrize("name", APIS)
def test_every_route_is_served(name: str) -> None:
    """What FastAPI would derive agrees with the source document: paths, methods, bodies, statuses, schemes."""
    from fastapi.openapi.utils import get_openapi

    recorder, wire = start(name)
    derived = get_openapi(title="x", version="1", routes=wire.app.routes)
    for operation in recorder.api.operations:
        for path in operation.paths:
            for parameter in operation.parameters:
                path = path.replace(f"{{{parameter.name}}}", f"{{{parameter.py_name}}}")
            found = derived["paths"][path][operation.method.lower()]
            assert found["operationId"] == operation.id
            declared = {str(failure.status) for failure in operation.errors} | {"200"}
            assert found["responses"].keys() - {"422"} == declared
            wanted = {n for need in operation.security for n in need.schemes}
            assert {n for need in found.get("security", []) for n in need} == wanted
            names = {(p["name"].replace("_", "-"), p["in"]) for p in found.get("parameters", [])}
            assert names == {(p.name.replace("_", "-"), p.place) for p in operation.parameters}
            assert ("requestBody" in found) == (operation.body is not None)
            if operation.stream is not None:
                assert "text/event-stream" in found["responses"]["200"]["content"]
