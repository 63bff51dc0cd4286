"""The id of a request, as its caller or a proxy gave it or made here: in the answer, in logs, and for handlers."""

from __future__ import annotations

import re
from contextvars import ContextVar
from random import getrandbits
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HEADER", "RequestIds", "request_id"]

HEADER: Final = b"x-request-id"
_SANE: Final = re.compile(rb"[\x21-\x7e]{1,128}")
_current: Final[ContextVar[str]] = ContextVar("request_id", default="")


def request_id() -> str:
    """The id of the request that is being answered: its ``x-request-id``, or one of ours. Empty outside of a call."""
    return _current.get()


class RequestIds:
    """An ASGI middleware that takes ``x-request-id`` if it is sane, else makes one, and answers with it.

    It is ``request.state.request_id`` as well.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == HEADER), b"")
        told = given if _SANE.fullmatch(given) else b"%032x" % getrandbits(128)
        scope.setdefault("state", {})["request_id"] = told.decode()
        token = _current.set(told.decode())

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", ())
                if not any(name == HEADER for name, _ in headers):
                    message = {**message, "headers": [*headers, (HEADER, told)]}
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            _current.reset(token)
