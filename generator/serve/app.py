"""The app that ``serve`` runs: the generated one with example handlers, a page that lists its operations, a log."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Final, TypeAlias

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from generator.tree import JsonObject

from .answers import handlers
from .package import Authenticate, Package

Tell: TypeAlias = Callable[[str], None]
"""Takes a line for the person who runs the server."""

_PAGES: Final = ("/docs", "/docs/oauth2-redirect", "/redoc")


def example_app(folder: Path, *, authenticate: Authenticate | None) -> FastAPI:
    """The app of the generated package in ``folder``, open to whom ``authenticate`` knows, without it to everybody.

    ``/openapi.json`` is the source document.

    FastAPI's own pages load scripts from elsewhere; in their place ``/docs`` lists the operations and asks for nothing.
    """
    gc.disable()  # a fifth of the time: thousands of classes are made, and none is thrown away
    try:
        package = Package(folder)
        app = package.app(handlers(package), authenticate=authenticate)
    finally:
        gc.enable()
    app.router.routes = [route for route in app.routes if getattr(route, "path", "") not in _PAGES]
    page = _page(app.title, package.plan)

    async def show(_request: Request) -> HTMLResponse:
        return HTMLResponse(page)

    app.add_route("/docs", show, include_in_schema=False)
    return app


def _page(title: str, plan: JsonObject) -> str:
    rows = "".join(
        f"<tr><td>{escape(operation['method'])}</td><td><code>{escape(path)}</code></td>"
        f"<td>{escape(operation['summary'])}</td></tr>\n"
        for operation in plan["operations"].values()
        for path in operation["paths"]
    )
    return (
        f"<!doctype html><meta charset=utf-8><title>{escape(title)}</title>\n"
        "<style>body{font:16px sans-serif;margin:2em}td{padding:.2em 1em .2em 0;vertical-align:top}</style>\n"
        f"<h1>{escape(title)}</h1>\n"
        '<p>Every operation answers with example data. The document: <a href="openapi.json">openapi.json</a></p>\n'
        f"<table>\n{rows}</table>\n"
    )


class Changing:
    """An ASGI app that passes requests to ``current``, which may be replaced, and tells of each when it is answered."""

    def __init__(self, current: ASGIApp, tell: Tell) -> None:
        self.current = current
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.current(scope, receive, send)
            return
        started, status = time.perf_counter(), 0

        async def noticed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.current(scope, receive, noticed)
        finally:
            # As it came: what is encoded cannot forge a line of the log.
            path: bytes = scope.get("raw_path") or scope["path"].encode()
            took = (time.perf_counter() - started) * 1000
            self._tell(f"{scope['method']} {path.decode('latin-1')} {status or '-'} {took:.0f} ms")
