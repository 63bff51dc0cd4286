"""What a generated server stands on: routes, streams of events, handlers, admission, and the finished app."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import inspect
import logging
import re
import types
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Mapping,
    Sequence,
)
from typing import Generic, NoReturn, Protocol, TypeAlias, TypeVar, cast
from urllib.parse import unquote

from fastapi import APIRouter, FastAPI, Request, params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from fastapi.sse import format_sse_event
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import from_json
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import HTTPConnection
from starlette.responses import Response, StreamingResponse
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from .model import adapter_of, to_json
from .problems import (
    Problem,
    answer,
    declared_model,
    envelope,
    problem_of,
    problem_of_body,
    problem_of_parameters,
    render_problem,
)

__all__ = [
    "Authenticate",
    "BasicScheme",
    "EventStream",
    "Problem",
    "Route",
    "admit",
    "also_at",
    "check_handlers",
    "finish_app",
    "implementation",
    "matches",
    "render_problem",
    "respond",
    "unimplemented",
]

C = TypeVar("C")
P = TypeVar("P")

Authenticate: TypeAlias = Callable[[C], object]
"""Takes the credentials that a request presents. What is true (awaited, if it is awaitable) opens the route."""

_log = logging.getLogger(__name__)
_SLASH = "\ud800"  # half of a surrogate pair: no path decodes to it
_SERVER_FAILED = "the server failed"


class Route(APIRoute):
    """A route whose JSON body is read strictly, and whose errors are answered in the API's declared shape.

    The body is validated by pydantic-core from the raw bytes, in strict JSON mode: ``"2"`` is no integer, null is
    no absence. A wrong request is answered with 400 (or 422, where that is declared and 400 is not), a handler's
    ``NotImplementedError`` with 501, a :class:`Problem` or ``HTTPException`` with its own status. Everything else
    that is raised goes on, as in any FastAPI app. Use it as ``APIRouter(route_class=Route)``.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        handle = super().get_route_handler()
        adapter = self._body_adapter()
        declared = {str(status) for status in self.responses}
        invalid = 422 if "422" in declared and "400" not in declared else 400

        async def answered(request: Request) -> Response:
            if adapter is not None:
                request = _JsonRequest(request, adapter, invalid, is_model=self._body_is_model())
            try:
                response = await handle(request)
                if isinstance(response, EventStream):
                    await response.begin(self._model_for)
                return response
            except RequestValidationError as error:
                refusal = request.refusal() if isinstance(request, _JsonRequest) else None
                about_body = error.errors()[0]["loc"][0] == "body"
                problem = refusal if refusal and about_body else problem_of_parameters(error, invalid)
                raise _AnsweredError(answer(problem, self._model_for(problem.status))) from error
            except StarletteHTTPException as error:
                problem = problem_of(error)
                raise _AnsweredError(answer(problem, self._model_for(problem.status))) from error
            except NotImplementedError as error:
                problem = Problem(501, f"{request.method} {self.path} is not implemented")
                raise _AnsweredError(answer(problem, self._model_for(501))) from error

        return answered

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As usual, but a ``%2F`` belongs to the parameter that it stands in (RFC 3986, 2.2): a path is split first."""
        raw: bytes = scope.get("raw_path", b"")
        if b"%2f" not in raw.lower():
            return super().matches(scope)
        segments = [unquote(segment).replace("/", _SLASH) for segment in raw.decode("ascii").split("/")]
        match, child = super().matches({**scope, "path": "/".join(segments)})
        given: Mapping[str, object] = child.get("path_params", {})
        found = {key: value.replace(_SLASH, "/") if isinstance(value, str) else value for key, value in given.items()}
        return match, {**child, "path_params": found} if found else child

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().handle(scope, receive, send)
        except _AnsweredError as answered:
            await answered.response(scope, receive, send)

    def _model_for(self, status: int) -> type[BaseModel] | None:
        return declared_model(self.responses, status)

    def _body_is_model(self) -> bool:
        annotation = self.body_field.field_info.annotation if self.body_field else None
        return isinstance(annotation, type) and issubclass(annotation, BaseModel)

    def _body_adapter(self) -> TypeAdapter[object] | None:
        body = self.body_field
        if body is None or isinstance(body.field_info, params.Form) or self._embed_body_fields:
            return None
        return adapter_of(body.field_info.annotation)


class _AnsweredError(Exception):
    """An error on its way out with its answer, so that dependencies with ``yield`` see that the call failed."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class _JsonRequest(Request):
    """A request whose ``json()`` is the validated body (FastAPI: "Custom Request and APIRoute class").

    FastAPI takes the instance as it is. A body that does not fit is not raised at once but kept for ``refusal``: FastAPI
    then resolves the dependencies first, so that who may not call hears that and nothing else, and costs no message.
    """

    def __init__(self, request: Request, adapter: TypeAdapter[object], invalid: int, *, is_model: bool) -> None:
        super().__init__(request.scope, request.receive)
        self._adapter = adapter
        self._invalid = invalid
        self._is_model = is_model
        self._refused: Problem | tuple[ValidationError, bytes] | None = None

    def refusal(self) -> Problem | None:
        """What is wrong with the body, if it was read and is."""
        if isinstance(self._refused, tuple):
            return problem_of_body(*self._refused, self._invalid)
        return self._refused

    async def body(self) -> bytes:
        raw = await super().body()
        media = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if raw and not re.fullmatch(r"application/(.+\+)?json", media):
            told = f"the body is {media}" if media else "the request has no Content-Type"
            self._refused = Problem(415 if media else 400, f"{told}: it has to be application/json")
            self._raise_unless_bytes_are_refused()
        return raw

    async def json(self) -> object:
        raw = await self.body()
        try:
            return self._adapter.validate_json(raw, strict=True, by_alias=True, by_name=False)
        except ValidationError as error:
            self._refused = error, raw
            self._raise_unless_bytes_are_refused()
            return NotImplemented  # a built-in that no model takes

    def _raise_unless_bytes_are_refused(self) -> None:
        """A model never takes what we give FastAPI in the place of a bad body; other types might."""
        problem = None if self._is_model else self.refusal()
        if problem is not None:
            raise problem


class EventStream(StreamingResponse):
    """The events of an async iterator, each sent as server-sent event when it is produced.

    The first event is awaited before the status line is sent, so what is raised until then is answered like any
    other error of the route. Later, a :class:`Problem` or any exception becomes an ``error`` event whose data has a
    top-level ``error``, which is where the OpenAI SDK looks; what an unexpected one says is logged, not sent. The
    iterator is closed in every case, also when the client goes away.
    """

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterable[object] | Awaitable[AsyncIterable[object]]) -> None:
        self._frames = self._frame_events()
        super().__init__(self._frames, headers={"cache-control": "no-cache", "x-accel-buffering": "no"})
        self._source = events
        self._events: AsyncIterator[object] | None = None
        self._first: bytes | None = None
        self._model_for: Callable[[int], type[BaseModel] | None] = lambda _status: None

    async def begin(self, model_for: Callable[[int], type[BaseModel] | None]) -> None:
        """Awaits the first event; ``model_for`` gives the declared error model of a status."""
        self._model_for = model_for
        source = self._source
        self._events = aiter(await source if isinstance(source, Awaitable) else source)
        try:
            self._first = _frame(await anext(self._events))
        except StopAsyncIteration:
            self._first = None
        except BaseException:
            await self._close()
            raise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if self._events is None:
                await self.begin(self._model_for)
            await self._send_until_left(receive, send)
        finally:
            await self._close()
        if self.background is not None:
            await self.background()

    async def _send_until_left(self, receive: Receive, send: Send) -> None:
        """Sends the events and stops when the client leaves.

        In tasks, and not in the cancel scope that Starlette uses: there, every ``await`` of a handler that cleans up
        after itself would be cancelled anew.
        """
        sending = asyncio.create_task(self.stream_response(send))
        leaving = asyncio.create_task(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.wait({sending, leaving})
        if not sending.cancelled():
            with contextlib.suppress(OSError):  # how some servers say that the client has left
                sending.result()

    async def _frame_events(self) -> AsyncGenerator[bytes, None]:
        if self._first is None or self._events is None:
            return
        yield self._first
        try:
            async for event in self._events:
                yield _frame(event)
                await asyncio.sleep(0)  # lets a cancellation in, however fast the events come
        except Exception as error:
            yield self._frame_error(error)

    def _frame_error(self, error: Exception) -> bytes:
        if isinstance(error, StarletteHTTPException):
            problem = problem_of(error)
        else:
            _log.error("a stream of events failed", exc_info=error)
            problem = Problem(500, _SERVER_FAILED)
        data = problem.body or render_problem(problem, self._model_for(problem.status))
        text = to_json(data)
        if not cast("dict[str, object]", from_json(text)).get("error"):
            text = to_json(envelope(problem))
        return format_sse_event(data_str=text.decode(), event="error")

    async def _close(self) -> None:
        await self._frames.aclose()
        close: Callable[[], Awaitable[object]] | None = getattr(self._events, "aclose", None)
        if close is not None:
            await close()


def _frame(event: object) -> bytes:
    kind = getattr(event, "type", None)
    named = isinstance(kind, str) and kind.isprintable()
    return format_sse_event(data_str=to_json(event).decode(), event=kind if named else None)


def respond(value: object, *, status: int = 200) -> Response:
    """The value as JSON: wire names, and of each model only what was set. None is answered without a body, as 204."""
    if value is None:
        return Response(status_code=204 if status == 200 else status)
    return Response(to_json(value), status, media_type="application/json")


def also_at(router: APIRouter, path: str, endpoint: Callable[..., Coroutine[object, object, Response]]) -> None:
    """Lets the route function ``endpoint`` of ``router`` answer at a further path, in all else the same."""
    first = next(r for r in router.routes if isinstance(r, APIRoute) and r.endpoint is endpoint)
    router.add_api_route(
        path,
        endpoint,
        methods=sorted(first.methods or ()),
        operation_id=first.operation_id,
        tags=first.tags,
        status_code=first.status_code,
        response_model=None,
        responses=first.responses,
        deprecated=first.deprecated,
        dependencies=first.dependencies,
    )


def implementation(protocol: type[P], handlers: tuple[object, ...]) -> P:
    """One object with all methods of the protocol, each from the first of the handlers that has it.

    A method that none of them has, or only inherits from the protocol, raises ``NotImplementedError`` when called.
    """
    found = {name: _find(protocol, name, handlers) for name in _methods(protocol)}
    missing = {name: _not_implemented(name) for name, method in found.items() if method is None}
    return cast(P, types.SimpleNamespace(**{**found, **missing}))


def check_handlers(handlers: tuple[object, ...], protocols: Sequence[type]) -> None:
    """Raises ``TypeError`` for a handler that is a class, or that implements no method of any of the protocols."""
    for handler in handlers:
        if isinstance(handler, type):
            raise TypeError(f"{handler.__name__} is a class: pass an instance, {handler.__name__}()")
        if not any(_find(protocol, name, (handler,)) for protocol in protocols for name in _methods(protocol)):
            names = ", ".join(name for protocol in protocols for name in _methods(protocol))
            raise TypeError(f"{type(handler).__name__} implements none of the operations: {names}")


def _methods(protocol: type) -> list[str]:
    """The names of the protocol's public methods, in the order of their declaration."""
    bases = [base for base in protocol.__mro__ if base not in (object, Protocol, Generic)]
    return [
        name
        for base in bases
        for name, value in vars(base).items()
        if inspect.isfunction(value) and not name.startswith("_")
    ]


def _find(protocol: type, name: str, handlers: tuple[object, ...]) -> Callable[..., object] | None:
    inherited: object = getattr(protocol, name)
    for handler in handlers:
        method: object = getattr(handler, name, None)
        if callable(method) and getattr(method, "__func__", None) is not inherited:
            return method
    return None


def unimplemented() -> NoReturn:
    """The body of a handler method that nobody has written: the call is answered with 501."""
    raise NotImplementedError


class BasicScheme(HTTPBasic):
    """HTTP basic credentials in UTF-8 (RFC 7617); malformed ones are none, so another scheme may open the route."""

    async def __call__(self, request: HTTPConnection) -> HTTPBasicCredentials | None:
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            username, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        except ValueError:
            return None
        return HTTPBasicCredentials(username=username, password=password) if colon else None


def _not_implemented(name: str) -> Callable[..., object]:
    def method(*_: object, **__: object) -> object:
        raise NotImplementedError(f"{name} is not implemented")

    return method


async def admit(
    request: Request,
    authenticate: Authenticate[C],
    presented: Sequence[C | None],
    *,
    challenge: str,
    optional: bool = False,
) -> None:
    """Lets the request pass if ``authenticate`` takes one of the alternatives that it presents, tried in order.

    What it gave is then in ``request.state.principal`` (None for an anonymous request, let in where ``optional``).
    Raises a :class:`Problem` 401 with ``challenge`` as ``WWW-Authenticate`` (RFC 9110, 11.6.1) if it takes none, and
    passes on what ``authenticate`` raises.
    """
    given = [credentials for credentials in presented if credentials is not None]
    for credentials in given:
        principal = authenticate(credentials)
        if isinstance(principal, Awaitable):
            principal = await cast("Awaitable[object]", principal)
        if principal:
            request.state.principal = principal
            return
    if given or not optional:
        message = "the credentials are not valid" if given else "credentials are required"
        raise Problem(401, message, headers={"WWW-Authenticate": challenge})
    request.state.principal = None


def matches(given: str, expected: str) -> bool:
    """Whether the two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass"))


def finish_app(app: FastAPI, document: Mapping[str, object], *, error_models: Sequence[type[BaseModel]] = ()) -> None:
    """Makes the app serve the API's own document and answer every error in the API's shape.

    ``/openapi.json`` (and ``app.openapi()``) give ``document`` as it is. Unknown routes, wrong methods and unexpected
    exceptions, which stay unexplained to the caller and go on to the server's log, are answered in the shape of
    the first of ``error_models`` that has a place for a message.
    """
    sample = Problem(500, _SERVER_FAILED)
    shape = next((model for model in error_models if render_problem(sample, model) != envelope(sample)), None)

    async def refuse(_request: Request, error: Exception) -> Response:
        if isinstance(error, StarletteHTTPException):
            return answer(problem_of(error), shape)
        if isinstance(error, RequestValidationError):
            return answer(problem_of_parameters(error, 422), shape)
        # The error goes on to the server, which closes the connection: the next caller must not be given it.
        response = answer(sample, shape)
        response.headers["connection"] = "close"
        return response

    for kind in (StarletteHTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, refuse)
    app.openapi = lambda: dict(document)
    app.root_path_in_servers = False
