"""A route's dependencies and its function, called without FastAPI's solver where they are as simple as ours."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TypeAlias, cast

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.exceptions import RequestValidationError

__all__ = ["direct"]

_Values: TypeAlias = dict[str, object]
_Call: TypeAlias = Callable[..., Awaitable[object]]


def direct(dependant: Dependant) -> Callable[[Request], Awaitable[Response]] | None:
    """What answers a request as FastAPI would; None where something in the tree takes more than this module does.

    It calls what is async and takes nothing but the request, parameters, and what dependencies of that kind give, none
    of them twice. FastAPI's own solver makes up half of the time of such a call.
    """
    calls = _calls(dependant)
    if len({*calls}) < len(calls) or not _is_simple(dependant):
        return None
    root = _Node(dependant)

    async def answered(request: Request) -> Response:
        errors: list[object] = []
        values = await root.solve(request, errors)
        if errors:
            raise RequestValidationError(errors)
        return cast(Response, await root.call(**values))

    return answered


class _Node:
    """A dependency, with those that it depends on."""

    def __init__(self, dependant: Dependant) -> None:
        self.call = cast("_Call", dependant.call)
        self.name = dependant.name
        self._before = [_Node(inner) for inner in dependant.dependencies]
        self._requests = [n for n in (dependant.request_param_name, dependant.http_connection_param_name) if n]
        fields = {
            "path_params": dependant.path_params,
            "query_params": dependant.query_params,
            "headers": dependant.header_params,
            "cookies": dependant.cookie_params,
        }
        self._fields = [(where, given) for where, given in fields.items() if given]

    async def solve(self, request: Request, errors: list[object]) -> _Values:
        """The arguments of the call; what is wrong with parameters goes to ``errors``."""
        values: _Values = dict.fromkeys(self._requests, request)
        for inner in self._before:
            asks = inner._before or inner._fields
            arguments = await inner.solve(request, errors) if asks else dict.fromkeys(inner._requests, request)
            value = None if errors else await inner.call(**arguments)
            if inner.name is not None:
                values[inner.name] = value
        for where, fields in self._fields:
            found, wrong = request_params_to_args(fields, getattr(request, where))
            values.update(found)
            errors.extend(wrong)
        return values


def _calls(dependant: Dependant) -> list[object]:
    return [dependant.call, *(call for inner in dependant.dependencies for call in _calls(inner))]


def _is_simple(dependant: Dependant) -> bool:
    unknown = [
        dependant.body_params,
        dependant.websocket_param_name,
        dependant.response_param_name,
        dependant.background_tasks_param_name,
        dependant.security_scopes_param_name,
        getattr(dependant, "concurrency", None),
    ]
    call = cast(_Call, dependant.call)
    is_async = inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(type(call).__call__)
    return is_async and not any(unknown) and all(map(_is_simple, dependant.dependencies))
