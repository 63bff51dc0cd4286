"""What generated clients have in common: their transport, `raw`, and an end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self, TypedDict, Unpack

import httpx2

from .calls import ApiKey, Basic, BearerToken, Credential
from .transport import AsyncTransport, Transport


class ClientOptions(TypedDict, total=False):
    """How a client behaves: ``timeout`` in seconds for each phase of a call (None: wait for ever; 600, and 5 to
    connect, if left out), ``max_retries`` (2), ``headers`` for every request, and ``strict_responses``, with which an
    answer that does not fit its schema raises ``DecodeError`` instead of being read as far as it goes.
    """

    timeout: float | httpx2.Timeout | None
    max_retries: int
    headers: Mapping[str, str]
    strict_responses: bool


class SyncClient:
    """A context manager that closes its connections, unless they belong to an ``http_client`` that was passed in."""

    def __init__(
        self,
        base_url: str,
        credentials: Mapping[str, Credential | None],
        http_client: httpx2.Client | None,
        **options: Unpack[ClientOptions],
    ) -> None:
        given = {name: credential for name, credential in credentials.items() if credential}
        self._transport = Transport(base_url=base_url, credentials=given, http_client=http_client, **options)
        self.raw = self._transport.raw

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncioClient:
    """The asynchronous twin of :class:`SyncClient`."""

    def __init__(
        self,
        base_url: str,
        credentials: Mapping[str, Credential | None],
        http_client: httpx2.AsyncClient | None,
        **options: Unpack[ClientOptions],
    ) -> None:
        given = {name: credential for name, credential in credentials.items() if credential}
        self._transport = AsyncTransport(base_url=base_url, credentials=given, http_client=http_client, **options)
        self.raw = self._transport.raw

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class Calls:
    """A namespace of synchronous calls."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport


class AsyncCalls:
    """A namespace of asynchronous calls."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport


def given_token(token: str | None) -> Credential | None:
    """A bearer token, if there is one."""
    return None if token is None else BearerToken(_sendable(token))


def given_pair(pair: tuple[str, str] | None) -> Credential | None:
    """A user name and a password, if there are."""
    return None if pair is None else Basic(*pair)


def given_key(name: str, value: str | None, place: Literal["header", "query", "cookie"]) -> Credential | None:
    """A key under the name and in the place that the API asks for, if there is one."""
    return None if value is None else ApiKey(name, _sendable(value), place)


def _sendable(secret: str) -> str:
    """The secret, if a header can carry it (RFC 9110, 5.5). Raises ``ValueError``, without a word of the secret."""
    if not secret or not secret.isascii() or not secret.isprintable() or secret != secret.strip():
        raise ValueError("a credential is empty or has white space around it or characters that no header can carry")
    return secret
