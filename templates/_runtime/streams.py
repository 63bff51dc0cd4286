"""Server-sent events and lines of JSON: their decoding, and the streams of typed events that callers iterate."""

from __future__ import annotations

import codecs
import re
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Generic, Self, TypeVar, cast

import httpx2
from pydantic_core import from_json

from .errors import DecodeError, StreamError, StreamInterruptedError
from .model import Mismatch, read_json

E = TypeVar("E")

_LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event as the wire had it. ``id`` is the last one seen, ``retry`` (milliseconds) this event's own."""

    event: str = "message"
    data: str = ""
    id: str = ""
    retry: int | None = None


class SSEDecoder:
    """Bytes in, events out: push chunks, cut anywhere, into ``feed``; ``flush`` when there are no more.

    The rules are those of the WHATWG HTML standard, section 9.2.6 ("Interpreting an event stream"). An event is given
    as soon as its blank line has been seen, also when that line ends in CR and the LF of a CRLF is still on its way.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._after_cr = False
        self._at_start = True
        self._event = ""
        self._data: list[str] = []
        self._id = ""
        self._retry: int | None = None

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """The events that ``chunk`` completes."""
        if not chunk:
            return []
        if self._after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
        self._after_cr = chunk.endswith(b"\r")
        *lines, rest = _LINE_END.split(chunk)
        events: list[ServerSentEvent] = []
        for line in lines:
            # Only the new bytes are searched for line ends: an image is one line of megabytes in many chunks.
            self._pieces.append(line)
            event = self._take_line(b"".join(self._pieces))
            self._pieces.clear()
            if event is not None:
                events.append(event)
        self._pieces.append(rest)
        return events

    def flush(self) -> ServerSentEvent | None:
        """The event that the end of the bytes left without its blank line, if there is one.

        The standard drops it. It is given here so that the caller can tell a server which forgets the blank line
        from a connection that was cut.
        """
        last = b"".join(self._pieces)
        self._pieces.clear()
        if last:
            self._take_line(last)
        return self._dispatch()

    def _take_line(self, raw: bytes) -> ServerSentEvent | None:
        if self._at_start:
            self._at_start = False
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if not raw:
            return self._dispatch()
        name, _, value = raw.decode("utf-8", errors="replace").partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self._retry = int(value)
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        event = None
        if self._data:
            event = ServerSentEvent(
                event=self._event or "message",
                data="\n".join(self._data),
                id=self._id,
                retry=self._retry,
            )
        self._event, self._data, self._retry = "", [], None
        return event


class TextDecoder:
    """The same for JSON texts one after another, each an event's data.

    They end at ``end``: in lines of JSON a line feed; in a JSON text sequence (RFC 7464) the record separator before
    the next one, so there a text is also given when a line feed makes it whole.
    """

    def __init__(self, end: bytes) -> None:
        self._end = end
        self._pieces: list[bytes] = []

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """The texts that ``chunk`` completes."""
        *ended, rest = chunk.split(self._end)
        events: list[ServerSentEvent] = []
        for piece in ended:
            self._pieces.append(piece)
            events += self._take()
        self._pieces.append(rest)
        if rest.endswith(b"\n") and _is_json(b"".join(self._pieces)):
            events += self._take()
        return events

    def flush(self) -> ServerSentEvent | None:
        """The text that the end of the bytes completes, if there is one."""
        return next(iter(self._take()), None)

    def _take(self) -> list[ServerSentEvent]:
        data = b"".join(self._pieces).removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="replace")
        self._pieces.clear()
        return [ServerSentEvent(data=data)] if data.strip() else []


def _is_json(text: bytes) -> bool:
    try:
        from_json(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class EventShape:
    """What the events of a stream are: their annotation, the ``type`` values that end it, how strictly to read, and
    the media type that they come in.
    """

    annotation: object
    final: frozenset[str] = frozenset()
    strict: bool = False
    media_type: str = "text/event-stream"

    def decoder(self) -> SSEDecoder | TextDecoder:
        """What takes the events out of the bytes."""
        if self.media_type == "text/event-stream":
            return SSEDecoder()
        return TextDecoder(b"\x1e" if self.media_type.endswith("json-seq") else b"\n")


class EventReader(Generic[E]):
    """Reads typed events out of a response's bytes, without doing any I/O.

    Events without data are skipped, ``[DONE]`` sets ``done``. Raises :class:`StreamError` at an error event (named
    ``error``, or with a top-level ``error``, or of type ``error``), :class:`DecodeError` at data that is not JSON
    and, when reading strictly, at JSON that is not the declared event.
    """

    def __init__(self, response: httpx2.Response, shape: EventShape) -> None:
        self.done = False
        self._response = response
        self._shape = shape
        self._decoder = shape.decoder()
        self._ended = not shape.final

    def feed(self, chunk: bytes) -> Iterator[E]:
        """The events that ``chunk`` completes, one at a time: those before an error arrive before it raises."""
        for event in self._decoder.feed(chunk):
            yield from self._read(event)
            if self.done:
                return

    def end(self) -> Iterator[E]:
        """What the end of the bytes completes. Raises :class:`StreamInterruptedError` if it came too early."""
        last = self._decoder.flush()
        if last is not None:
            try:
                yield from self._read(last)
            except DecodeError as error:
                raise StreamInterruptedError("the stream ended within an event") from error
        if not (self.done or self._ended):
            expected = " or ".join(sorted(self._shape.final))
            raise StreamInterruptedError(f"the stream ended before its last event ({expected})")

    def _read(self, event: ServerSentEvent) -> Iterator[E]:
        data = event.data.strip()
        if data == "[DONE]" or event.event == "done":
            self.done = True
        elif data or event.event == "error":
            yield self._typed(event)

    def _typed(self, event: ServerSentEvent) -> E:
        content = event.data.encode()
        try:
            tree: object = from_json(content)
        except ValueError as error:
            if event.event == "error":
                raise StreamError(event=event.data) from None
            raise self._undecodable("an event is not JSON", content) from error
        failed, kind = _error_and_type(tree)
        if failed or event.event == "error":
            raise StreamError(event=tree)
        self._ended = self._ended or kind in self._shape.final
        mismatches: list[Mismatch] = []
        try:
            return cast(E, read_json(self._shape.annotation, content, strict=self._shape.strict, mismatches=mismatches))
        except ValueError as error:
            raise self._undecodable(f"an event {error}", content, mismatches) from error.__cause__

    def _undecodable(self, message: str, content: bytes, mismatches: Sequence[Mismatch] = ()) -> DecodeError:
        return DecodeError(message, response=self._response, content=content, mismatches=mismatches)


class Stream(Generic[E]):
    """The events of an open stream: iterate it, best inside ``with``, which closes the connection in any case.

    Raises :class:`StreamError` and :class:`DecodeError` as :class:`EventReader` does, and
    :class:`StreamInterruptedError` when the connection is lost. The connection is closed at the end and on error, and
    at the latest when nothing refers to the stream any more.
    """

    def __init__(self, response: httpx2.Response, shape: EventShape) -> None:
        self.response = response
        self._events: Iterator[E] = _read_all(response, EventReader(response, shape))
        weakref.finalize(self, response.close).atexit = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> E:
        return next(self._events)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection. What was not read is lost; iterating further ends at once."""
        self._events = iter(())
        self.response.close()


def _read_all(response: httpx2.Response, reader: EventReader[E]) -> Iterator[E]:
    try:
        for chunk in response.iter_bytes():
            yield from reader.feed(chunk)
            if reader.done:
                return
        yield from reader.end()
    except httpx2.RequestError as error:
        raise StreamInterruptedError(_lost(error)) from error
    finally:
        response.close()


class AsyncStream(Generic[E]):
    """The async twin of :class:`Stream`. The request is sent by ``async with`` or by the first ``anext``, which raise
    what sending raises.

    Closing takes an ``await``: a stream that is neither entered nor read to its end is closed by ``aclose()``, or by the
    event loop soon after nothing refers to it any more. Any task may call it, and ends the iteration of another one.
    """

    def __init__(self, send: Callable[[], Awaitable[httpx2.Response]], shape: EventShape) -> None:
        self._opening = _Opening(send)
        self._closed = False
        self._reading = False
        self._events = _read_all_async(self._opening, lambda response: EventReader[E](response, shape))

    @property
    def response(self) -> httpx2.Response:
        """The response behind the stream. Raises ``RuntimeError`` while the request has not been sent."""
        if self._opening.response is None:
            raise RuntimeError("the stream is not open yet: enter it or take its first event")
        return self._opening.response

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> E:
        if self._closed:
            raise StopAsyncIteration
        self._reading = True
        try:
            return await anext(self._events)
        except Exception:
            if self._closed:  # by another task, which took the connection away
                raise StopAsyncIteration from None
            raise
        finally:
            self._reading = False

    async def __aenter__(self) -> Self:
        await self._opening()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the connection. What was not read is lost; iterating further ends at once."""
        self._closed = True
        if not self._reading:
            await self._events.aclose()
        if self._opening.response is not None:
            await self._opening.response.aclose()


class _Opening:
    """The request of a stream, which is sent once. It does not know the stream: a circle would be closed too late."""

    def __init__(self, send: Callable[[], Awaitable[httpx2.Response]]) -> None:
        self._send = send
        self.response: httpx2.Response | None = None

    async def __call__(self) -> httpx2.Response:
        if self.response is None:
            self.response = await self._send()
        return self.response


async def _read_all_async(
    opening: _Opening, reads: Callable[[httpx2.Response], EventReader[E]]
) -> AsyncGenerator[E, None]:
    response = await opening()
    reader = reads(response)
    try:
        async with aclosing(response.aiter_bytes()) as chunks:
            async for chunk in chunks:
                for event in reader.feed(chunk):
                    yield event
                if reader.done:
                    return
        for event in reader.end():
            yield event
    except httpx2.RequestError as error:
        raise StreamInterruptedError(_lost(error)) from error
    finally:
        await response.aclose()


def _lost(error: Exception) -> str:
    return f"the connection was lost in mid-stream: {error or type(error).__name__}"


def _error_and_type(tree: object) -> tuple[bool, str | None]:
    """Whether an event's JSON reports an error, and its ``type``."""
    if not isinstance(tree, dict):
        return False, None
    fields = cast("dict[str, object]", tree)
    error, kind = fields.get("error"), fields.get("type")
    failed = kind == "error" or (isinstance(error, dict | str) and error not in ({}, ""))
    return failed, kind if isinstance(kind, str) else None
