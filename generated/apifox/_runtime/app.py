"""The finished app: the API's own document, and every error in the API's shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import Response

from .problems import Problem, answer, envelope, problem_of, problem_of_parameters, render_problem

__all__ = ["finish_app"]


def finish_app(app: FastAPI, document: Mapping[str, object], *, error_models: Sequence[type[BaseModel]] = ()) -> None:
    """Makes the app serve the API's own document and answer every error in the API's shape.

    ``/openapi.json`` (and ``app.openapi()``) give ``document`` as it is. Unknown routes, wrong methods and unexpected
    exceptions, which stay unexplained to the caller and go on to the server's log, are answered in the shape of
    the first of ``error_models`` that has a place for a message.
    """
    sample = Problem(500, "the server failed")
    shape = next((model for model in error_models if render_problem(sample, model) != envelope(sample)), None)

    async def refuse(_request: Request, error: Exception) -> Response:
        if isinstance(error, StarletteHTTPException):
            return answer(problem_of(error), shape)
        if isinstance(error, RequestValidationError):
            return answer(problem_of_parameters(error), shape)
        # The error goes on to the server, which closes the connection: the next caller must not be given it.
        response = answer(sample, shape)
        response.headers["connection"] = "close"
        return response

    for kind in (StarletteHTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, refuse)
    app.openapi = lambda: dict(document)  # type: ignore[method-assign]  # FastAPI, "Extending OpenAPI"
    app.root_path_in_servers = False
