"""Requests as fast as they are answered, on raw sockets: `load.py calls|events PORT SECONDS CONNECTIONS`.

Prints calls per second, or the median time to the first event in microseconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import statistics
import sys
import time
from dataclasses import dataclass, field
from typing import cast

PATH = "/openai/v1/images/generations"
BODY = {"model": "gpt-image-1", "prompt": "a lighthouse at dawn", "n": 2, "size": "1024x1024", "quality": "hd"}


def request(**more: object) -> bytes:
    """The request that all servers are sent."""
    content = json.dumps({**BODY, **more}).encode()
    headers = {
        "Host": "127.0.0.1",
        "Authorization": "Bearer secret",
        "Accept": "application/json, text/event-stream",
        "User-Agent": "load",
        "Content-Type": "application/json",
        "Content-Length": str(len(content)),
    }
    lines = [f"POST {PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + content


@dataclass
class Load:
    """What the connections have in common."""

    end: float
    calls: int = 0
    failed: list[bytes] = field(default_factory=list[bytes])


class Connection(asyncio.Protocol):
    """Sends the next request when the last one is answered."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.content = b""
        self.request = request()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast(asyncio.Transport, transport)  # uvloop has classes of its own
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.content += data
        head, blank, body = self.content.partition(b"\r\n\r\n")
        if not blank:
            return
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if len(body) < int(length) if length else not body.endswith(b"0\r\n\r\n"):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.load.failed.append(self.content)
        self.load.calls += 1
        self.content = b""
        if time.perf_counter() < self.load.end and not self.load.failed:
            self.transport.write(self.request)
        else:
            self.transport.close()


async def calls(port: int, seconds: float, connections: int) -> float:
    """Calls per second."""
    loop, start = asyncio.get_running_loop(), time.perf_counter()
    load = Load(start + seconds)
    for _ in range(connections):
        await loop.create_connection(lambda: Connection(load), "127.0.0.1", port)
    await asyncio.sleep(seconds)
    took = time.perf_counter() - start
    if load.failed:
        sys.exit(f"not 200: {load.failed[0][:300]!r}")
    return load.calls / took


def first_event(port: int, seconds: float) -> float:
    """Microseconds from a request to its first event."""
    sent, waits = request(stream=True), list[float]()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end = time.perf_counter() + seconds
        while (start := time.perf_counter()) < end:
            connection.sendall(sent)
            content = b""
            while b"data: " not in content:
                content += connection.recv(65_536)
            waits.append(time.perf_counter() - start)
            while not content.endswith(b"0\r\n\r\n"):
                content += connection.recv(65_536)
    return statistics.median(waits) * 1e6


def main() -> None:
    what, port, seconds, connections = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
    with contextlib.suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    print(asyncio.run(calls(port, seconds, connections)) if what == "calls" else first_event(port, seconds))


if __name__ == "__main__":
    main()
