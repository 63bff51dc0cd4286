"""The routes of a generated server: which requests they match, and how what goes wrong in them is answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping
from functools import lru_cache
from typing import Protocol, TypedDict, runtime_checkable
from urllib.parse import parse_qsl, unquote

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from .handlers import UnimplementedError
from .problems import InvalidRequest, Problem, answer, declared_model, problem_of, problem_of_parameters
from .replies import Streamed

__all__ = ["DELIMITERS_KEPT", "Description", "Route", "also_at", "in_order", "without_marks"]

# What stands for an encoded delimiter until a path is matched and split: halves of surrogate pairs, which none has.
_KEPT = {"/": "\ud800", ",": "\ud801", ";": "\ud802", "=": "\ud803"}
_PLAIN = str.maketrans({kept: delimiter for delimiter, kept in _KEPT.items()})

DELIMITERS_KEPT = "path_params_with_delimiters_kept"
"""The key of a request's scope with path parameters in which an encoded ``/``, ``,``, ``;`` or ``=`` is no delimiter."""


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
    goes on, as in any FastAPI app. Use it as ``APIRouter(route_class=Route)``.

    A path may end in a query (``/responses?beta=true``): the route is for requests that have these pairs. A fragment
    after it only tells operations apart in the document; none is ever sent.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        handle = super().get_route_handler()
        self.openapi_extra = _described(self)
        declared = {str(status) for status in self.responses}
        invalid = 422 if "422" in declared and "400" not in declared else 400

        async def answered(request: Request) -> Response:
            try:
                response = await handle(request)
                if isinstance(response, Streamed):
                    await response.begin(self._model_for)
                return response
            except RequestValidationError as error:
                raise self._answered(problem_of_parameters(error), invalid) from error
            except StarletteHTTPException as error:
                raise self._answered(problem_of(error), invalid) from error
            except UnimplementedError as error:
                problem = Problem(501, f"{request.method} {self.path} is not implemented")
                raise self._answered(problem, invalid) from error

        return answered

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As usual, but an encoded delimiter belongs to the parameter that it stands in (RFC 3986, 2.2)."""
        if scope["type"] != "http":
            return Match.NONE, {}
        path, query, tail = _parted(self.path)
        if not query <= {*parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)}:
            return Match.NONE, {}
        raw: bytes = scope.get("raw_path") or b""
        asked = _unquoted(raw, path) if b"%2" in raw or b"%3" in raw else scope["path"]
        match, child = super().matches({**scope, "path": asked + tail})
        found: Mapping[str, object] = child.get("path_params", {})
        plain = {key: without_marks(value) if isinstance(value, str) else value for key, value in found.items()}
        return match, {**child, "path_params": plain, DELIMITERS_KEPT: found} if found else child

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().handle(scope, receive, send)
        except _AnsweredError as answered:
            await answered.response(scope, receive, send)

    def _answered(self, problem: Problem, invalid: int) -> _AnsweredError:
        if isinstance(problem, InvalidRequest):
            problem.status = problem.status_code = invalid
        return _AnsweredError(answer(problem, self._model_for(problem.status)))

    def _model_for(self, status: int) -> type[BaseModel] | None:
        return declared_model(self.responses, status)


class _AnsweredError(Exception):
    """An error on its way out with its answer, so that dependencies with ``yield`` see that the call failed."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def without_marks(text: str) -> str:
    """The text of a path parameter, its encoded delimiters among it."""
    return text.translate(_PLAIN)


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


def in_order(router: APIRouter) -> APIRouter:
    """The router with its routes in an order in which each can be reached: FastAPI takes the first that matches.

    What stands in a path goes before a parameter in its place, as OpenAPI has it (3.1.0, section 4.8.8.2), and a path
    with a query before the same one without.
    """
    router.routes.sort(key=_generality)
    return router


def _generality(route: BaseRoute) -> tuple[list[tuple[int, int]], int, bool]:
    path, query, tail = _parted(str(getattr(route, "path", "")))
    ranks: list[tuple[int, int]] = []
    for segment in path.split("/"):
        fixed = len(re.sub(r"{[^{}]*}", "", segment))
        rank = 0 if "{" not in segment else 3 if ":path}" in segment else 1 if fixed else 2
        ranks.append((rank, -fixed if rank in (1, 3) else 0))
    return [*ranks, (9, 0)], -len(query), "#" in tail


@lru_cache(maxsize=4096)
def _parted(path: str) -> tuple[str, frozenset[tuple[str, str]], str]:
    """A route's path as it is asked for, the pairs of its query, and all that is written after the path."""
    asked = re.split(r"[?#]", path, maxsplit=1)[0]
    query = path[len(asked) :].partition("#")[0].removeprefix("?")
    return asked, frozenset(parse_qsl(query, keep_blank_values=True)), path[len(asked) :]


def _unquoted(raw: bytes, path: str) -> str:
    """The path that was asked for, decoded, but for delimiters that are encoded and that ``path`` has no place for."""
    text = raw.decode("latin-1")
    for delimiter, kept in _KEPT.items():
        if delimiter == "/" or delimiter not in path:
            text = re.sub(f"%{ord(delimiter):X}", kept, text, flags=re.IGNORECASE)
    return unquote(text)


def _described(route: APIRoute) -> dict[str, object]:
    """What the route's own readers of bodies and parameters say, for the document that FastAPI derives."""
    calls = [dependant.call for dependant in route.dependant.dependencies]
    told = [call.describe() for call in calls if isinstance(call, Describes)]
    parameters = [parameter for description in told for parameter in description.get("parameters", [])]
    bodies = [description["requestBody"] for description in told if "requestBody" in description]
    return {**({"parameters": parameters} if parameters else {}), **({"requestBody": bodies[0]} if bodies else {})}
