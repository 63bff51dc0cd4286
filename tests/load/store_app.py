"""Handlers that hold nothing of what they are given or give."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator
from os import PathLike
from pathlib import Path

from store.models import AddFileRequest, TicksEvent
from store.server import ByteStream, StoreHandlers, create_app

PIECE = bytes(256 * 1024)
SIZE = 2 * 2**30

hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Store(StoreHandlers):
    def __init__(self) -> None:
        self.open = 0
        self.all_open = asyncio.Event()

    async def add_file(self, body: AddFileRequest, /) -> int:
        def size() -> int:
            with body.file.open() as file:
                return sum(len(piece) for piece in iter(lambda: file.read(2**20), b""))

        return await asyncio.to_thread(size)

    async def put_blob(self, body: ByteStream, /) -> int:
        return sum([len(piece) async for piece in body])

    async def get_blob(self, *, from_disk: bool) -> bytes | AsyncIterator[bytes] | PathLike[str]:
        return Path("big") if from_disk else self._pieces()

    async def _pieces(self) -> AsyncIterator[bytes]:
        for _ in range(SIZE // len(PIECE)):
            yield PIECE

    async def ticks(self, *, together: int) -> AsyncIterator[TicksEvent]:
        self.open += 1
        if self.open == together:
            self.all_open.set()
        for at in range(5):
            yield TicksEvent(type="tick", at=at)
            await self.all_open.wait()
            await asyncio.sleep(0.2)


app = create_app(Store())
