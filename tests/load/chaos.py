"""A TCP proxy that drops, delays, truncates and corrupts what passes through it."""

from __future__ import annotations

import asyncio
import random
import threading
from asyncio import StreamReader, StreamWriter
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args
from urllib.parse import urlsplit

Fault: TypeAlias = Literal["drop", "truncate", "delay", "stall", "corrupt"]
"""What happens to a connection: it is reset; it ends as if all had been said; it pauses, for less or for more than a
client waits; a byte of it changes.
"""

OFTEN = (3, 3, 3, 1, 3)
REFUSED = 0.05
TO_SERVER, TO_CLIENT = 3_000, 15_000
"""The most bytes that pass in a direction before something happens."""
PAUSE, STALL = 0.05, 5.0


@dataclass
class Chaos:
    """The proxy's account: its address, the faults that it made, and the connections that are open."""

    url: str = ""
    faults: Counter[str] = field(default_factory=Counter[str])
    open: int = 0


class _Proxy:
    def __init__(self, target: tuple[str, int], seed: int) -> None:
        self.chaos = Chaos()
        self._target = target
        self._random = random.Random(seed)

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Passes a connection on, in both directions, until one of them ends."""
        writers = [writer]
        self.chaos.open += 1
        try:
            if self._random.random() < REFUSED:
                self.chaos.faults["refuse"] += 1
                return
            back, onward = await asyncio.open_connection(*self._target)
            writers.append(onward)
            ways = [
                asyncio.create_task(self._pass(reader, onward, TO_SERVER)),
                asyncio.create_task(self._pass(back, writer, TO_CLIENT)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        finally:
            self.chaos.open -= 1
            for end in writers:
                end.close()
                with suppress(OSError):
                    await end.wait_closed()

    async def _pass(self, reader: StreamReader, writer: StreamWriter, most: int) -> None:
        """Passes bytes on, with a fault after every so many."""
        left = self._random.randrange(most)
        while chunk := await reader.read(65_536):
            if left >= len(chunk):
                left -= len(chunk)
            else:
                fault: Fault = self._random.choices(get_args(Fault), OFTEN)[0]
                self.chaos.faults[fault] += 1
                if fault == "drop":
                    writer.transport.abort()
                    return
                if fault == "truncate":
                    writer.write(chunk[:left])
                    await writer.drain()
                    return
                if fault == "corrupt":
                    chunk = b"".join((chunk[:left], b"~", chunk[left + 1 :]))
                else:
                    await asyncio.sleep(PAUSE if fault == "delay" else STALL)
                left = self._random.randrange(most)
            writer.write(chunk)
            await writer.drain()


@contextmanager
def chaos(url: str, *, seed: int) -> Iterator[Chaos]:
    """A proxy before the server at ``url``; it makes the same faults in the same order for the same seed."""
    split = urlsplit(url)
    assert split.hostname and split.port
    proxy = _Proxy((split.hostname, split.port), seed)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(proxy.serve, "127.0.0.1", 0)

    async def close(server: asyncio.Server) -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    host, port = server.sockets[0].getsockname()
    proxy.chaos.url = f"http://{host}:{port}"
    try:
        yield proxy.chaos
    finally:
        asyncio.run_coroutine_threadsafe(close(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
