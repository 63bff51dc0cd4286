"""A call's HTTP response, beside the value that is in it, and on its way to a file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path
from typing import IO, Generic, TypeAlias, TypeVar
from uuid import uuid4

import httpx2

from .errors import ApiError, DecodeError, request_id
from .model import Mismatch

T_co = TypeVar("T_co", covariant=True)

Progress: TypeAlias = Callable[[int, int | None], object]
"""Called with the bytes that came over the wire so far, and with how many there will be, if the server says so."""


class _Response(Generic[T_co]):
    def __init__(
        self,
        response: httpx2.Response,
        decode: Callable[[httpx2.Response, list[Mismatch]], T_co],
        failure: Callable[[httpx2.RequestError], ApiError],
    ) -> None:
        self.response = response
        self._decode = decode
        self._failure = failure

    @property
    def status_code(self) -> int:
        """The status that the server answered with."""
        return self.response.status_code

    @property
    def headers(self) -> httpx2.Headers:
        """The headers of the answer."""
        return self.response.headers

    @property
    def request_id(self) -> str | None:
        """What the server calls the request, for those who ask about it."""
        return request_id(self.headers)

    @contextmanager
    def _transfer(self) -> Generator[None]:
        try:
            yield
        except httpx2.RequestError as error:
            raise self._failure(error) from error

    def _report(self, progress: Progress | None) -> None:
        if progress is not None:
            length = self.headers.get("content-length", "")
            progress(self.response.num_bytes_downloaded, int(length) if length.isdecimal() else None)

    @property
    def mismatches(self) -> tuple[Mismatch, ...]:
        """Where the body, once it is read, differs from its schema: all that ``strict_responses`` would not let pass."""
        found: list[Mismatch] = []
        with suppress(DecodeError):  # which is for `parse` to raise
            self._decode(self.response, found)
        return tuple(found)


class RawResponse(_Response[T_co]):
    """The response to a call, whose body is there (``client.raw``) or on its way (``client.streamed``).

    What reads the body raises :class:`TransportError` where the connection is lost.
    """

    @property
    def content(self) -> bytes:
        """The whole body."""
        with self._transfer():
            return self.response.read()

    def parse(self) -> T_co:
        """What the call itself would give. Raises :class:`DecodeError`."""
        with self._transfer():
            self.response.read()
        return self._decode(self.response, [])

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The body piece by piece."""
        with self._transfer():
            yield from self.response.iter_bytes(chunk_size)

    def stream_to_file(self, path: str | PathLike[str], *, progress: Progress | None = None) -> None:
        """Writes the body to a file, which takes the place of another one when it is whole, and not before."""
        with _whole(path) as file:
            for chunk in self.iter_bytes():
                file.write(chunk)
                self._report(progress)


class AsyncRawResponse(_Response[T_co]):
    """The async twin of :class:`RawResponse`, for a body that is on its way."""

    async def read(self) -> bytes:
        """The whole body."""
        with self._transfer():
            return await self.response.aread()

    async def parse(self) -> T_co:
        """What the call itself would give. Raises :class:`DecodeError`."""
        await self.read()
        return self._decode(self.response, [])

    async def iter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """The body piece by piece."""
        with self._transfer():
            async for chunk in self.response.aiter_bytes(chunk_size):
                yield chunk

    async def stream_to_file(self, path: str | PathLike[str], *, progress: Progress | None = None) -> None:
        """Writes the body to a file, which takes the place of another one when it is whole, and not before."""
        with _whole(path) as file:
            async for chunk in self.iter_bytes():
                file.write(chunk)  # into the system's cache, in less time than another thread takes to be asked
                self._report(progress)


@contextmanager
def _whole(path: str | PathLike[str]) -> Generator[IO[bytes]]:
    """A file beside ``path`` that takes its place at the end of the ``with``, unless that raises."""
    target = Path(path)
    part = target.with_name(f".{uuid4().hex}.part")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
