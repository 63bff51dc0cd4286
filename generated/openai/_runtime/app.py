"""The finished app: the API's own document, and every error in the API's shape."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import Response

from .paths import in_order
from .problems import Problem, Shape, answer, envelope, problem_of, problem_of_parameters, render_problem
from .request_ids import HEADER, RequestIds

__all__ = ["complete_app", "finish_app"]


def complete_app(app: FastAPI, router: APIRouter, *, error_models: Sequence[type[BaseModel]] = ()) -> FastAPI:
    """The app with the API's routes and its document, which stands beside this package, finished by :func:`finish_app`.

    The routes are added as they are: ``include_router`` would solve their dependencies and match each path anew. They
    come before FastAPI's own where no parameter could take one of those for its value.
    """
    app.router.routes.extend(router.routes)
    in_order(app.router)
    document = json.loads((Path(__file__).parents[1] / "openapi.json").read_text("utf-8"))
    finish_app(app, document, error_models=error_models)
    return app


def finish_app(app: FastAPI, document: Mapping[str, object], *, error_models: Sequence[type[BaseModel]] = ()) -> None:
    """Makes the app serve the API's own document and answer every error in the API's shape.

    ``/openapi.json`` (and ``app.openapi()``) give ``document`` as it is. Unknown routes, wrong methods and unexpected
    exceptions, which stay unexplained to the caller and go on to the server's log, are answered in the shape of
    the first of ``error_models`` that has a place for a message. Every answer has an ``x-request-id``.
    """
    sample = Problem(500, "the server failed")
    fitting = (Shape(model) for model in error_models if render_problem(sample, model) != envelope(sample))
    shape = next(fitting, Shape())

    async def refuse(request: Request, error: Exception) -> Response:
        if isinstance(error, StarletteHTTPException):
            return answer(problem_of(error), shape)
        if isinstance(error, RequestValidationError):
            return answer(problem_of_parameters(error), shape)
        told: str = getattr(request.state, "request_id", "")
        error.add_note(f"in answer to {request.method} {request.url.path}, request {told}")  # for whoever logs it
        # The error goes on to the server, which closes the connection: the next caller must not be given it.
        response = answer(sample, shape)
        response.headers["connection"] = "close"
        if told:
            response.headers[HEADER.decode()] = told
        return response

    for kind in (StarletteHTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, refuse)
    app.add_middleware(RequestIds)
    app.openapi = lambda: dict(document)  # type: ignore[method-assign]  # FastAPI, "Extending OpenAPI"
    app.root_path_in_servers = False
