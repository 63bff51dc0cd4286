"""Client against server in process, for any generated package: what is sent is what arrives, and back."""

from __future__ import annotations

import importlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

import anyio.from_thread
import httpx2
from fastapi import FastAPI
from pydantic import BaseModel, TypeAdapter

from generator import ir
from generator.tree import Json

CREDENTIALS: dict[ir.SchemeKind, Json] = {
    "bearer": "token", "basic": ("user", "word"), "authorization": "proof", "header": "key", "query": "key",
    "cookie": "key",
}  # fmt: skip

ANYTHING: TypeAdapter[object] = TypeAdapter(object)


def as_json(value: object) -> Json:
    """The value as JSON says it, of models only what was set; a file as its bytes."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, BaseModel):
        fields = {name: field.alias or name for name, field in type(value).model_fields.items()}
        return {fields.get(name, name): as_json(getattr(value, name)) for name in sorted(value.model_fields_set)}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if callable(getattr(value, "read", None)):
        return value.read()  # type: ignore[attr-defined]
    return json.loads(ANYTHING.dump_json(value))


async def received(value: object) -> Json:
    """What a handler was given, as JSON says it: files are open, and lines come, while the call lasts."""
    if hasattr(value, "content_type") and hasattr(value, "__aiter__"):
        return b"".join([piece async for piece in value])
    return [as_json(item) async for item in value] if isinstance(value, AsyncIterator) else as_json(value)


def example(api: ir.Api, type_: ir.Type, hint: str, within: tuple[str, ...] = ()) -> Json:
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
        case ir.Scalar("file"):
            return f"{hint} \x00\xff".encode("latin-1")
        case ir.Scalar(kind):
            return {"datetime": "2026-01-02T03:04:05Z", "date": "2026-01-02"}.get(
                kind, "0f" * 4 + "-0000-4000-8000-000000000000"
            )
        case ir.LiteralOf(values):
            return values[-1]
        case ir.ListOf(item):
            return [example(api, item, f"{hint}0", within), example(api, item, f"{hint}1", within)]
        case ir.MapOf(value):
            return {"key": example(api, value, hint, within)}
        case ir.UnionOf(members):
            return example(api, members[0], hint, within)
        case ir.Nullable(inner):
            return example(api, inner, hint, within)
        case ir.Ref(name):
            schema = api.schema(name)
            if isinstance(schema, ir.AliasSchema):
                return constrained(schema, example(api, schema.type, hint, (name, *within)))
            # A schema that holds itself is set once.
            chosen = [f for f in schema.fields if f.required or not {name, *within} & set(ir.references(f.type))]
            return {f.name: constrained(f, example(api, f.type, f.name, (name, *within))) for f in chosen}
        case ir.Null():
            return None
        case ir.Anything():
            return {"any": hint}


def constrained(holder: ir.Field | ir.AliasSchema, value: Json) -> Json:
    """The value within the limits, as far as the cases need it."""
    limits = dict(holder.constraints)
    if isinstance(value, str):
        return value[: limits.get("maxLength", len(value))]
    return value[: limits.get("maxItems", len(value))] if isinstance(value, list) else value


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
                methods[operation.name] = self._answering(operation.name, operation.success)
            if operation.stream is not None:
                name = operation.name if operation.success is None else f"{operation.name}_stream"
                methods[name] = self._streaming(name, operation.stream)
        return SimpleNamespace(**methods)

    def _answering(self, name: str, success: ir.Success) -> Callable[..., Awaitable[object]]:
        async def answer(*args: Json, **kwargs: Json) -> object:
            await self._keep(name, args, kwargs)
            return self.built(success)

        return answer

    def _streaming(self, name: str, stream: ir.EventStream) -> Callable[..., AsyncIterator[object]]:
        async def events(*args: Json, **kwargs: Json) -> AsyncIterator[object]:
            await self._keep(name, args, kwargs)
            for event in self.events(stream):
                yield event

        return events

    async def _keep(self, name: str, args: tuple[Json, ...], kwargs: dict[str, Json]) -> None:
        given = {key: await received(value) for key, value in kwargs.items()}
        self.calls.append((name, tuple([await received(value) for value in args]), given))

    def built(self, success: ir.Success) -> object:
        """What the handler gives: an instance of the model where the answer is one."""
        if success.media in ("text", "binary"):
            return "text ü" if success.media == "text" else b"\x00\xff"
        return None if success.media == "none" else self._instance(success.type, "answer")

    def events(self, stream: ir.EventStream) -> list[object]:
        """Two events, the last one final where the document says what that is."""
        last = {"type": stream.final[0]} if stream.final else {}
        return [
            self._instance(stream.type, "event", **self._first_kind(stream)),
            self._instance(stream.type, "event", **last),
        ]

    def _first_kind(self, stream: ir.EventStream) -> dict[str, Json]:
        """The first of the values that the events' `type` may have: the later ones may mean an error."""
        schema = self.api.schema(stream.type.name) if isinstance(stream.type, ir.Ref) else None
        fields = schema.fields if isinstance(schema, ir.ObjectSchema) else ()
        kinds = [f.type.values[0] for f in fields if f.name == "type" and isinstance(f.type, ir.LiteralOf)]
        return {"type": kinds[0]} if kinds else {}

    def _instance(self, type_: ir.Type, hint: str, **more: Json) -> object:
        value = example(self.api, type_, hint)
        if not isinstance(type_, ir.Ref) or isinstance(self.api.schema(type_.name), ir.AliasSchema):
            return value
        return getattr(self.models, type_.name)(**{**value, **more})


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


@dataclass
class Package:
    """A generated package, its API, and a server of it that records."""

    name: str
    api: ir.Api

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.api, importlib.import_module(f"{self.name}.models"))
        secured = any(operation.security for operation in self.api.operations)
        given = {"authenticate": lambda _: "someone"} if secured else {}
        server = importlib.import_module(f"{self.name}.server")
        self.wire = Wire(server.create_app(self.recorder.handlers(), **given))
        self.client = importlib.import_module(f"{self.name}.client")

    def credentials(self) -> dict[str, Json]:
        return {scheme.py_name: CREDENTIALS[scheme.kind] for scheme in self.api.security_schemes}

    def arguments(self, operation: ir.Operation, *, everything: bool) -> tuple[dict[str, Json], Json]:
        """Keyword arguments for the client's method, and the JSON body that has to go over the wire for them."""
        given: dict[str, Json] = {
            p.py_name: self.parameter(p) for p in operation.parameters if everything or p.required
        }
        body = operation.body
        if body is None or not (everything or body.required):
            return given, None
        if not body.expanded:
            sent = self._body(body)
            return {**given, "body": sent}, sent
        assert isinstance(body.type, ir.Ref)
        schema = self.api.schema(body.type.name)
        assert isinstance(schema, ir.ObjectSchema)
        switch = operation.stream.field if operation.stream else ""
        chosen = [f for f in schema.fields if f.name != switch and (everything or f.required)]
        sent = {f.name: example(self.api, f.type, f.name) for f in chosen}
        told = {switch: False} if operation.stream and operation.stream.on_by_default else {}
        return {**given, **{f.py_name: sent[f.name] for f in chosen}}, {**sent, **told}

    def _body(self, body: ir.Body) -> Json:
        if body.kind in ("text", "binary"):
            return "text ü" if body.kind == "text" else b"\x00\xff"
        first = example(self.api, body.type, "body")
        return [first, first] if body.kind == "lines" else first

    def parameter(self, parameter: ir.Parameter) -> Json:
        """A value for a parameter; headers and cookies hold visible ASCII only (RFC 9110, 5.5; RFC 6265, 4.1.1)."""
        if parameter.place in ("header", "cookie") and parameter.type == ir.Scalar("string"):
            return parameter.name
        if parameter.place in ("header", "cookie") and parameter.type == ir.ListOf(ir.Scalar("string")):
            return [parameter.name, "2"]
        value = example(self.api, parameter.type, parameter.name)
        if parameter.style == "spaceDelimited":  # no writing tells a space in an item from one between items
            return [item.replace(" ", "_") for item in value]
        return value

    def check_arrival(self, operation: ir.Operation, given: dict[str, Json], sent: Json) -> None:
        """On the wire and in the handler's hands there is what was sent, and nothing that was not."""
        _, args, kwargs = self.recorder.calls[-1]
        request = self.wire.requests[-1]
        if operation.body is not None and operation.body.kind == "json":
            assert (json.loads(request.body) if request.body else None) == sent
        if operation.body is not None:
            assert args[0] == sent
        assert kwargs.keys() == {p.py_name for p in operation.parameters}
        for parameter in operation.parameters:
            if parameter.name.lower() == "idempotency-key" and parameter.py_name not in given:
                assert kwargs[parameter.py_name]  # the client has made one
            else:
                assert kwargs[parameter.py_name] == given.get(parameter.py_name)

    def call(self, operation: ir.Operation, *, everything: bool) -> None:
        """One synchronous call, checked at both ends."""
        given, sent = self.arguments(operation, everything=everything)
        with httpx2.Client(transport=InProcess(self.wire)) as http:
            client = self.client.Client(base_url="http://server", http_client=http, **self.credentials())
            result = getattr(getattr(client, operation.group), operation.name)(**given)
        self.check_arrival(operation, given, sent)
        self.check_result(operation, result)

    async def call_async(self, operation: ir.Operation, *, everything: bool) -> None:
        """One asynchronous call, checked at both ends."""
        given, sent = self.arguments(operation, everything=everything)
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(self.wire)) as http:
            client = self.client.AsyncClient(base_url="http://server", http_client=http, **self.credentials())
            result = await getattr(getattr(client, operation.group), operation.name)(**given)
        self.check_arrival(operation, given, sent)
        self.check_result(operation, result)

    def check_result(self, operation: ir.Operation, result: object) -> None:
        assert operation.success is not None
        if operation.success.media == "none":
            assert result is None
        else:
            assert as_json(result) == as_json(self.recorder.built(operation.success))

    async def stream_async(self, operation: ir.Operation) -> None:
        """One streamed call with everything set, checked at both ends."""
        assert operation.stream is not None
        given, sent = self.arguments(operation, everything=True)
        name = operation.name if operation.success is None else f"{operation.name}_stream"
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(self.wire)) as http:
            client = self.client.AsyncClient(base_url="http://server", http_client=http, **self.credentials())
            async with getattr(getattr(client, operation.group), name)(**given) as stream:
                events = [as_json(event) async for event in stream]
        switched = {**sent, operation.stream.field: True} if operation.stream.chosen_by == "field" else sent
        self.check_arrival(operation, given, switched)
        assert events == [as_json(event) for event in self.recorder.events(operation.stream)]
