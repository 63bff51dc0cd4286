"""Which addresses may be asked, and a transport that connects to the address that was checked and to no other.

A name may resolve to another address each time it is looked up, so it is looked up once: what was checked is what is connected to,
for a redirect as for the first request.
"""

from __future__ import annotations

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx2

_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 inside of IPv6 (RFC 6052, section 2.1)."""


class RefusedError(Exception):
    """What may not be asked; says why."""


class Pinned(httpx2.AsyncBaseTransport):
    """Looks a name up, checks all of its addresses, and connects to one of these.

    Raises :class:`RefusedError` for a name with an address that is not public, unless ``allow_private``.
    """

    def __init__(self, *, allow_private: bool) -> None:
        # No connection is used again: at one address there may be several names, each with a certificate of its own.
        limits = httpx2.Limits(max_keepalive_connections=0)
        self._inner = httpx2.AsyncHTTPTransport(trust_env=False, limits=limits)
        self._allow_private = allow_private

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The response of the first address that can be connected to."""
        host = request.url.raw_host.decode("ascii")
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        addresses = await _resolved(host, port)
        if not self._allow_private and (private := [address for address in addresses if not is_public(address)]):
            raise RefusedError(f"{host} is {private[0]}, an address that is not public")
        for address in addresses[:-1]:
            try:
                return await self._ask(request, address, host)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
        return await self._ask(request, addresses[-1], host)

    async def _ask(self, request: httpx2.Request, address: str, host: str) -> httpx2.Response:
        pinned = httpx2.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,
            # The certificate is that of the name, not of the address.
            extensions={**request.extensions, "sni_hostname": host},
        )
        return await self._inner.handle_async_request(pinned)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


def is_public(address: str) -> bool:
    """Whether an address is one that anybody on the internet could ask (IANA's special-purpose registries)."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
        if found in _NAT64:
            inner.append(IPv4Address(int(found) & 0xFFFFFFFF))
        if not all(is_public(str(item)) for item in inner if item is not None):
            return False
        if found.ipv4_mapped is not None:
            return True
    return found.is_global and not found.is_multicast


async def _resolved(host: str, port: int) -> list[str]:
    """The addresses of a name, each once. Raises ``httpx2.ConnectError`` for a name that has none."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        raise httpx2.ConnectError(f"there is no host {host}") from problem
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
