"""Apps to call in process, built as the generator builds them."""

from __future__ import annotations

import asyncio
from typing import Annotated

import httpx2
from _runtime.app import finish_app
from _runtime.bodies import json_body, reads
from _runtime.model import Model
from _runtime.replies import respond
from _runtime.routes import Route, in_order
from fastapi import APIRouter, Depends, FastAPI, Header, Query
from pydantic import BaseModel

from tests.runtime.shapes import Request


class Open(Model):
    """A body in which nothing is required."""

    note: str | None = None


WAYS = ("as create_app does", "included")
way = WAYS[0]
"""How `build` adds routes: as they are, or as users of `build_router` do, and FastAPI's solver calls them."""


def build(router: APIRouter, *models: type[BaseModel]) -> FastAPI:
    app = FastAPI()
    if way == "included":
        app.include_router(router)
    else:
        app.router.routes.extend(router.routes)
        in_order(app.router)
    finish_app(app, {"openapi": "3.1.0", "info": {"title": "the source"}}, error_models=models)
    return app


def send(app: FastAPI, method: str, path: str, **given: object) -> httpx2.Response:
    async def main() -> httpx2.Response:
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **given)  # type: ignore[arg-type]

    return asyncio.run(main())


def post(app: FastAPI, body: object, path: str = "/images") -> httpx2.Response:
    return send(app, "POST", path, json=body)


def image_router(responses: dict[int | str, dict[str, object]] | None = None) -> APIRouter:
    router = APIRouter(route_class=Route)

    @router.post("/images", responses=responses or {})
    async def create(
        body: Annotated[Request, Depends(reads(json_body(Request)))],
    ) -> object:  # pyright: ignore[reportUnusedFunction]
        assert type(body) is Request
        return respond({"set": sorted(body.model_fields_set), "extra": body.model_extra})

    @router.post("/open")
    async def open_body(
        body: Annotated[Open | None, Depends(reads(json_body(Open), required=False))],
    ) -> object:  # pyright: ignore[reportUnusedFunction]
        return respond({"note": None if body is None else body.note})

    @router.get("/things/{thing_id}")
    async def thing(  # pyright: ignore[reportUnusedFunction]
        limit: Annotated[int, Query(alias="page-limit")] = 1,
        version: Annotated[str, Header(alias="X-Version", max_length=2)] = "1",
    ) -> object:
        return respond([limit, version])

    return router


GOOD = {"model": "m", "prompt": "p"}
"""A body that is a valid ``Request``."""
