"""Who may call: schemes as a request presents them, and the question whether one of them opens a route."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import Generic, TypeAlias, TypeVar, cast

from fastapi import Request
from fastapi.security import APIKeyHeader, HTTPBasic, HTTPBasicCredentials, HTTPBearer
from fastapi.security.http import HTTPBase
from starlette.requests import HTTPConnection

from .incoming import first_header
from .problems import Problem

__all__ = [
    "Authenticate",
    "AuthorizationScheme",
    "BaseGuard",
    "BasicScheme",
    "BearerScheme",
    "HeaderScheme",
    "admit",
    "matches",
]

C = TypeVar("C")

Authenticate: TypeAlias = Callable[[C], object]
"""Takes the credentials that a request presents. What is true (awaited, if it is awaitable) opens the route."""


class HeaderScheme(APIKeyHeader):
    """An API key in a header. FastAPI's own takes three times as long to see that there is none."""

    async def __call__(self, request: HTTPConnection) -> str | None:  # type: ignore[override]  # as in FastAPI's own
        return first_header(request.scope, self._name) or None

    @cached_property
    def _name(self) -> bytes:
        return self.model.name.lower().encode("latin-1")


class BearerScheme(HTTPBearer):
    """A bearer token (RFC 6750)."""

    async def __call__(self, request: HTTPConnection) -> str | None:  # type: ignore[override]  # the token is all there is
        return _after("bearer", request)


class BasicScheme(HTTPBasic):
    """HTTP basic credentials in UTF-8 (RFC 7617); malformed ones are none, so another scheme may open the route."""

    async def __call__(  # type: ignore[override]  # as in FastAPI's own
        self, request: HTTPConnection
    ) -> HTTPBasicCredentials | None:
        encoded = _after("basic", request)
        if encoded is None:
            return None
        try:
            username, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:
            return None
        return HTTPBasicCredentials(username=username, password=password) if colon else None


class AuthorizationScheme(HTTPBase):
    """Any other scheme of the ``Authorization`` header (RFC 9110, 11.6.2): what follows its name, as it was sent."""

    async def __call__(self, request: HTTPConnection) -> str | None:  # type: ignore[override]  # as with bearer tokens
        return _after(self.model.scheme.lower(), request)


def _after(name: str, request: HTTPConnection) -> str | None:
    """The credentials of an HTTP authentication scheme, whose name is in lower case."""
    scheme, _, credentials = first_header(request.scope, b"authorization").partition(" ")
    return credentials.strip() or None if scheme.lower() == name else None


class BaseGuard(Generic[C]):
    """What opens routes to those whom ``authenticate`` knows."""

    def __init__(self, authenticate: Authenticate[C]) -> None:
        if not callable(authenticate):
            raise TypeError("authenticate must be a callable: the specification demands security")
        self.authenticate = authenticate


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
