"""What generated clients have in common: their transport, `raw` and `streamed`, and an end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Self, TypedDict, Unpack

import httpx2

from .calls import Settings
from .credentials import Scheme, Secret, credentials
from .transport import AsyncTransport, Transport


class ClientOptions(TypedDict, total=False):
    """How a client behaves: ``timeout`` in seconds for each phase of a call (None: wait for ever; 600, and 5 to
    connect, if left out), ``max_retries`` of a call (2) and ``retry_budget`` of all of them (50, and a tenth of one more
    for each good answer), ``headers`` for every request, and ``strict_responses``, with which an answer that does not
    fit its schema raises ``DecodeError`` instead of being read as far as it goes.
    """

    timeout: float | httpx2.Timeout | None
    max_retries: int
    retry_budget: int
    headers: Mapping[str, str]
    strict_responses: bool


class _Client:
    """What both clients hold. ``_server`` is the document's URL, beside which operations may have one of their own."""

    _server: ClassVar[str] = ""

    def _settings(
        self, base_url: str, schemes: Mapping[str, Scheme], given: Iterable[Secret | None], options: ClientOptions
    ) -> Settings:
        known = credentials(schemes, given)
        return Settings(base_url=base_url, own_servers=base_url == self._server, credentials=known, **options)


class SyncClient(_Client):
    """A context manager that closes its connections, unless they belong to an ``http_client`` that was passed in."""

    def __init__(
        self,
        base_url: str,
        schemes: Mapping[str, Scheme],
        given: Iterable[Secret | None],
        http_client: httpx2.Client | None,
        **options: Unpack[ClientOptions],
    ) -> None:
        self._transport = Transport(self._settings(base_url, schemes, given, options), http_client)
        self.raw = self._transport.raw
        self.streamed = self._transport.streamed

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncioClient(_Client):
    """The asynchronous twin of :class:`SyncClient`."""

    def __init__(
        self,
        base_url: str,
        schemes: Mapping[str, Scheme],
        given: Iterable[Secret | None],
        http_client: httpx2.AsyncClient | None,
        **options: Unpack[ClientOptions],
    ) -> None:
        self._transport = AsyncTransport(self._settings(base_url, schemes, given, options), http_client)
        self.raw = self._transport.raw
        self.streamed = self._transport.streamed

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
