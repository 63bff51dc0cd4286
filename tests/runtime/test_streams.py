from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
from _runtime.errors import DecodeError, StreamError, StreamInterruptedError
from _runtime.streams import AsyncStream, EventShape, ServerSentEvent, SSEDecoder, Stream, TextDecoder

from tests.runtime.shapes import Completed, Event, Partial

WIRE = (
    "\ufeffevent: partial\n: a comment"
    "\ndata: {a}\nid: 7\n\n"
    "data:one\rdata: two\r\r"
    "retry: 250\r\nretry: x\r\ndata:  spaced é 🎨\r\n\r\n"
    "event: dataless\n\n"
    "id: no\0nul\ndata\nfield-nobody-knows: x\n\n"
    "data: last\n\n"
).encode()
EVENTS = [
    ServerSentEvent("partial", "{a}", "7"),
    ServerSentEvent("message", "one\ntwo", "7"),
    ServerSentEvent("message", " spaced é 🎨", "7", 250),
    ServerSentEvent("message", "", "7"),
    ServerSentEvent("message", "last", "7"),
]

PARTIAL = b'data: {"type":"partial","index":0}\n\n'
COMPLETED = b'data: {"type":"completed"}\n\n'
SHAPE = EventShape(Event, frozenset({"completed"}))


class Chunks(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A response body in given chunks, the last of which may be an exception; knows whether it was closed."""

    def __init__(self, *chunks: bytes | Exception) -> None:
        self.chunks = chunks
        self.read = 0
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            self.read += 1
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


def response(body: Chunks) -> httpx2.Response:
    return httpx2.Response(
        200,
        headers={"content-type": "text/event-stream"},
        stream=body,
        request=httpx2.Request("POST", "http://test/"),
    )


def take(body: Chunks, shape: EventShape, *, is_async: bool) -> tuple[list[object], Exception | None]:
    """The events of the body and the exception that ended them."""
    taken: list[object] = []

    async def take_async() -> None:
        async def opened() -> httpx2.Response:
            return response(body)

        async for event in AsyncStream[object](opened, shape):
            taken.append(event)

    try:
        if is_async:
            asyncio.run(take_async())
        else:
            for event in Stream[object](response(body), shape):
                taken.append(event)
    except Exception as error:
        return taken, error
    return taken, None


both = pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])


def test_decoding_does_not_depend_on_where_the_bytes_are_cut() -> None:
    for cut in range(len(WIRE) + 1):
        decoder = SSEDecoder()
        events = decoder.feed(WIRE[:cut]) + decoder.feed(b"") + decoder.feed(WIRE[cut:])
        assert events == EVENTS, f"cut at byte {cut}"
        assert decoder.flush() is None


@pytest.mark.parametrize("ending", ["\n", "\r", "\r\n"])
def test_decoding_byte_by_byte_with_any_line_end(ending: str) -> None:
    wire = WIRE.decode().replace("\r\n", "\n").replace("\r", "\n").replace("\n", ending).encode()
    decoder = SSEDecoder()
    assert [event for byte in wire for event in decoder.feed(bytes([byte]))] == EVENTS


def test_an_event_is_given_with_its_blank_line_and_does_not_wait_for_more() -> None:
    decoder = SSEDecoder()
    assert decoder.feed(b"data: x\r\r") == [ServerSentEvent(data="x")]
    assert decoder.feed(b"\n") == []
    assert decoder.feed(b"data: y\r\n\r") == [ServerSentEvent(data="y")]


def test_the_end_gives_back_an_event_without_its_blank_line() -> None:
    decoder = SSEDecoder()
    assert decoder.feed(b"data: x\ndata: y") == []
    assert decoder.flush() == ServerSentEvent(data="x\ny")
    assert decoder.flush() is None


@both
def test_events_are_typed_and_the_connection_is_closed(is_async: bool) -> None:
    body = Chunks(b": hello\n\nevent: ping\ndata:\n\n", PARTIAL[:9], PARTIAL[9:] + COMPLETED)
    events, error = take(body, SHAPE, is_async=is_async)
    assert events == [Partial(type="partial", index=0), Completed(type="completed")]
    assert error is None
    assert body.closed


@both
def test_done_ends_the_stream_at_once(is_async: bool) -> None:
    body = Chunks(PARTIAL + b"data: [DONE]\n\n" + PARTIAL, PARTIAL)
    events, error = take(body, SHAPE, is_async=is_async)
    assert len(events) == 1
    assert error is None
    assert (body.read, body.closed) == (1, True)


@both
@pytest.mark.parametrize(
    ("data", "message", "code"),
    [
        (b'data: {"error":{"message":"no","code":42,"param":"p"}}\n\n', "no", "42"),
        (b'data: {"type":"error","message":"flat","code":"c"}\n\n', "flat", "c"),
        (b'data: {"error":"only text"}\n\n', "only text", None),
        (b"event: error\ndata: not json\n\n", "not json", None),
        (b'event: error\ndata: {"detail":"d"}\n\n', "d", None),
        (b"event: error\ndata:\n\n", "the server reported an error in mid-stream", None),
    ],
)
def test_error_events_raise_after_the_events_before_them(
    data: bytes, message: str, code: str | None, is_async: bool
) -> None:
    body = Chunks(PARTIAL + data + COMPLETED)
    events, error = take(body, SHAPE, is_async=is_async)
    assert len(events) == 1
    assert type(error) is StreamError
    assert (error.message, error.code) == (message, code)
    assert body.closed


def test_an_error_field_of_null_or_without_content_is_no_error() -> None:
    body = Chunks(b'data: {"type":"completed","error":null}\n\ndata: {"type":"completed","error":{}}\n\n')
    assert take(body, SHAPE, is_async=False)[1] is None


@both
def test_a_stream_that_ends_before_its_final_event_raises(is_async: bool) -> None:
    body = Chunks(PARTIAL)
    events, error = take(body, SHAPE, is_async=is_async)
    assert len(events) == 1
    assert isinstance(error, StreamInterruptedError)
    assert "completed" in str(error)
    assert body.closed
    assert take(Chunks(PARTIAL), EventShape(Event), is_async=is_async)[1] is None


@both
def test_a_lost_connection_raises_with_its_cause(is_async: bool) -> None:
    lost = httpx2.ReadError("reset by peer")
    body = Chunks(PARTIAL, lost)
    events, error = take(body, SHAPE, is_async=is_async)
    assert len(events) == 1
    assert isinstance(error, StreamInterruptedError)
    assert error.__cause__ is lost
    assert body.closed


@both
def test_a_last_event_without_its_blank_line_is_delivered_if_it_is_whole(is_async: bool) -> None:
    events, error = take(Chunks(PARTIAL, COMPLETED.rstrip()), SHAPE, is_async=is_async)
    assert (len(events), error) == (2, None)
    events, error = take(Chunks(PARTIAL, COMPLETED[:-6]), SHAPE, is_async=is_async)
    assert len(events) == 1
    assert isinstance(error, StreamInterruptedError)


def test_events_that_do_not_fit_are_read_leniently_or_refused() -> None:
    wire = b'data: {"type":"partial","index":"first","new":1}\n\n'
    events, error = take(Chunks(wire), EventShape(Event), is_async=False)
    assert error is None
    assert isinstance(events[0], Partial)
    assert (events[0].index, events[0].model_extra) == ("first", {"new": 1})
    _, error = take(Chunks(wire), EventShape(Event, strict=True), is_async=False)
    assert isinstance(error, DecodeError)
    assert json.loads(error.content)["index"] == "first"


def test_data_that_is_not_json_raises_decode_error() -> None:
    _, error = take(Chunks(b"data: <html>\n\n"), EventShape(Event), is_async=False)
    assert isinstance(error, DecodeError)
    assert error.content == b"<html>"


TEXTS = b'\xef\xbb\xbf{"type":"partial",\r\n "index":0}\n\x1e\n\x1e{"type":"completed","usage":{"url":"\xc3\xa9"}}\n'
SEQUENCE = EventShape(Event, frozenset({"completed"}), media_type="application/json-seq")
LINES = EventShape(Event, frozenset({"completed"}), media_type="application/x-ndjson")


def test_a_sequence_of_texts_does_not_depend_on_where_it_is_cut() -> None:
    for cut in range(len(TEXTS) + 1):
        events, error = take(Chunks(TEXTS[:cut], TEXTS[cut:]), SEQUENCE, is_async=False)
        assert error is None
        assert [getattr(event, "type", None) for event in events] == ["partial", "completed"], f"cut at byte {cut}"


def test_a_text_is_given_when_it_is_whole() -> None:
    decoder = TextDecoder(b"\x1e")
    assert decoder.feed(b'\x1e{"a":\n') == []
    assert decoder.feed(b"1}\n") == [ServerSentEvent(data='{"a":\n1}\n')]
    assert decoder.feed(b"\x1e2") == []
    assert decoder.flush() == ServerSentEvent(data="2")


@both
def test_lines_are_events(is_async: bool) -> None:
    body = Chunks(b'{"type":"partial","ind', b'ex":0}\r\n\n  \n{"type":"completed"}\n')
    assert take(body, LINES, is_async=is_async) == (
        [Partial(type="partial", index=0), Completed(type="completed")],
        None,
    )
    _, error = take(Chunks(b'{"type":"partial","index":0}\n{"error":"overloaded"}\n'), LINES, is_async=is_async)
    assert isinstance(error, StreamError)
    assert error.message == "overloaded"
    _, error = take(Chunks(b'{"type":"partial","index":0}\n{"type":'), LINES, is_async=is_async)
    assert isinstance(error, StreamInterruptedError)


def test_a_stream_that_nobody_keeps_is_closed() -> None:
    body = Chunks(PARTIAL, COMPLETED)
    stream = Stream[object](response(body), SHAPE)
    del stream
    assert body.closed
    body = Chunks(PARTIAL, COMPLETED)
    for _ in Stream[object](response(body), SHAPE):
        break
    assert (body.closed, body.read) == (True, 1)


def test_leaving_the_with_block_closes_the_connection() -> None:
    body = Chunks(PARTIAL, PARTIAL)
    with Stream[object](response(body), SHAPE) as events:
        next(events)
    assert (body.closed, body.read) == (True, 1)
    assert list(events) == []


def test_leaving_the_async_with_block_closes_the_connection() -> None:
    async def main() -> None:
        body = Chunks(PARTIAL, PARTIAL)

        async def opened() -> httpx2.Response:
            return response(body)

        stream = AsyncStream[object](opened, SHAPE)
        with pytest.raises(RuntimeError, match="not open"):
            _ = stream.response
        async with stream as events:
            assert events.response.status_code == 200
            await anext(events)
        assert (body.closed, body.read) == (True, 1)
        assert [event async for event in events] == []

    asyncio.run(main())
