"""The routes of a generated server: which requests they take, and how what goes wrong in them is answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, ClassVar, Final, Protocol, TypedDict, runtime_checkable
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.params import Depends
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from .direct import direct
from .handlers import UnimplementedError
from .incoming import Incoming, Watch, incoming
from .negotiation import Accepts, media_types_of
from .paths import DELIMITERS_KEPT, in_order, is_closer, parts_of, unquoted, without_marks
from .problems import InvalidRequest, Problem, answer, declared_shape, problem_of, problem_of_parameters
from .settings import Limits, Settings
from .streaming import Streamed

__all__ = ["Description", "Route", "also_at", "in_order", "route_with"]

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "QUERY", "TRACE")
_HEAD: Final = "specloom.head"
_TELEMETRY: Final = "fastapi.telemetry"
_WITHOUT_METHOD: Final = "specloom.without_method"
"""The key of a request's scope with the path of the first route that would take the request with another method."""


class Description(TypedDict, total=False):
    """A part of an OpenAPI operation."""

    parameters: list[dict[str, object]]
    requestBody: dict[str, object]


@runtime_checkable
class Describes(Protocol):
    """A dependency that reads a body or a parameter, and tells a derived document what FastAPI cannot see of it."""

    def describe(self) -> Description: ...


class Route(APIRoute):
    """A route whose errors are answered in the API's declared shape.

    A wrong request is answered with 400 (or 422, where that is declared and 400 is not), a handler method that nobody
    has written with 501, a :class:`Problem` or ``HTTPException`` with its own status. Everything else that is raised
    goes on, as in any FastAPI app. Use it as ``APIRouter(route_class=route_with(settings))``.

    A path may end in a query (``/responses?beta=true``): the route is for requests that have these pairs. A fragment
    after it only tells operations apart in the document; none is ever sent. GET answers HEAD too.
    """

    limits: ClassVar = Limits()

    def __init__(self, path: str, endpoint: Callable[..., object], **options: Any) -> None:
        media_types = media_types_of(options.get("responses") or {})
        given_ones: Sequence[Depends] = options.get("dependencies") or ()
        asked = [given for given in given_ones if not isinstance(given.dependency, Accepts)]
        if media_types and self.limits.strict_accept:
            asked.append(Depends(Accepts(media_types)))  # after the guard: who may not call hears nothing else
        options["dependencies"] = asked
        super().__init__(path, endpoint, **options)
        self._parts = parts_of(path)
        self._own = frozenset(self.methods or ())
        self._answers_head = "GET" in self._own and "HEAD" not in self._own
        call = direct(self.dependant)
        if call is not None:
            self.app = _Direct(self._answering(call), self.app)

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        handle = super().get_route_handler()
        self.openapi_extra = _described(self)
        return self._answering(handle)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As usual, but an encoded delimiter belongs to the parameter that it stands in (RFC 3986, 2.2).

        What is written out in a path goes before a template that means it as well (OpenAPI 3.1.0, 4.8.8.2), whatever
        methods it has.
        """
        if scope["type"] != "http":
            return Match.NONE, {}
        path, query, tail = self._parts
        if query and not query <= {*parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)}:
            return Match.NONE, {}
        raw: bytes = scope.get("raw_path") or b""
        if tail or b"%2" in raw or b"%3" in raw:
            asked = unquoted(raw, path) if b"%2" in raw or b"%3" in raw else scope["path"]
            match, child = super().matches({**scope, "path": asked + tail})
        else:
            match, child = super().matches(scope)
        if match is Match.PARTIAL and self._answers_head and scope["method"] == "HEAD":
            match = Match.FULL
        if match is Match.PARTIAL:
            scope.setdefault(_WITHOUT_METHOD, path)
        found: Mapping[str, object] = child.get("path_params", {})
        if not found:
            return match, child
        if match is Match.FULL and _WITHOUT_METHOD in scope and is_closer(scope[_WITHOUT_METHOD], path):
            return Match.NONE, {}
        plain = {key: without_marks(value) if isinstance(value, str) else value for key, value in found.items()}
        return match, {**child, "path_params": plain, DELIMITERS_KEPT: found}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in self._own:
            if not (self._answers_head and scope["method"] == "HEAD"):
                await self._refuse(scope)(scope, receive, send)
                return
            scope = {**scope, "method": "GET", _HEAD: True}
        source = Incoming(scope, receive, self.limits)
        try:
            await super().handle(scope, source, send)
        except _AnsweredError as answered:
            await answered.response(scope, source, send)
        finally:
            if source.kept:
                await source.close()

    def _answering(self, handle: Callable[[Request], Awaitable[Response]]) -> _Handle:
        """``handle`` with its errors answered, for as long as the client waits."""
        declared = {str(status) for status in self.responses}
        invalid = 422 if "422" in declared and "400" not in declared else 400

        async def answered(request: Request) -> Response:
            try:
                with Watch(incoming(request.scope, request.receive)):
                    response = await handle(request)
                    if isinstance(response, Streamed):
                        await response.begin(self._model_for, self.limits.keep_alive)
                return await _headers_of(response, request.scope) if _HEAD in request.scope else response
            except RequestValidationError as error:
                raise self._answered(problem_of_parameters(error), invalid) from error
            except StarletteHTTPException as error:
                raise self._answered(problem_of(error), invalid) from error
            except UnimplementedError as error:
                problem = Problem(501, f"{request.method} {self.path} is not implemented")
                raise self._answered(problem, invalid) from error
            except ClientDisconnect as error:
                raise _AnsweredError(Response(status_code=499)) from error  # to nobody; as nginx counts them

        return answered

    def _refuse(self, scope: Scope) -> Response:
        """The answer to a method that the path does not have: which ones it has."""
        methods = dict.fromkeys([*_METHODS, *sorted(self._own)])
        routes: list[BaseRoute] = scope["router"].routes if "router" in scope else [self]
        asked = [(method, {**scope, "method": method}) for method in methods]
        allowed = [method for method, again in asked if any(r.matches(again)[0] is Match.FULL for r in routes)]
        headers = {"Allow": ", ".join([*allowed, "OPTIONS"])}
        if scope["method"] == "OPTIONS":
            return Response(status_code=204, headers=headers)
        shape = declared_shape(self.responses, 405)
        if shape.model is None:  # the app may know one
            raise StarletteHTTPException(405, headers=headers)
        return answer(Problem(405, "Method Not Allowed", headers=headers), shape)

    def _answered(self, problem: Problem, invalid: int) -> _AnsweredError:
        if isinstance(problem, InvalidRequest):
            problem.status = problem.status_code = invalid
        return _AnsweredError(answer(problem, declared_shape(self.responses, problem.status)))

    def _model_for(self, status: int) -> type[BaseModel] | None:
        return declared_shape(self.responses, status).model


_Handle = Callable[[Request], Coroutine[object, object, Response]]


def route_with(settings: Settings) -> type[Route]:
    """The class of routes that keep these settings."""

    class Limited(Route):
        limits = Limits(**settings)

    return Limited


class _Direct:
    """The app of a route that needs none of what FastAPI does around one, but for its telemetry."""

    def __init__(self, answered: _Handle, by_fastapi: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._answered = answered
        self._by_fastapi = by_fastapi

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get(_TELEMETRY) is not None:
            await self._by_fastapi(scope, receive, send)
            return
        response = await self._answered(Request(scope, receive, send))
        await response(scope, receive, send)


class _AnsweredError(Exception):
    """An error on its way out with its answer, so that dependencies with ``yield`` see that the call failed."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


async def _headers_of(response: Response, scope: Scope) -> Response:
    """The answer to HEAD: a stream is not read on; any other response knows for itself."""
    scope["method"] = "HEAD"
    if isinstance(response, Streamed):
        await response.close()
        head = Response(status_code=response.status_code)
        head.raw_headers = response.raw_headers
        return head
    return response


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


def _described(route: APIRoute) -> dict[str, object]:
    """What the route's own readers of bodies and parameters say, for the document that FastAPI derives."""
    calls = [dependant.call for dependant in route.dependant.dependencies]
    told = [call.describe() for call in calls if isinstance(call, Describes)]
    parameters = [parameter for description in told for parameter in description.get("parameters", [])]
    bodies = [description["requestBody"] for description in told if "requestBody" in description]
    return {**({"parameters": parameters} if parameters else {}), **({"requestBody": bodies[0]} if bodies else {})}
