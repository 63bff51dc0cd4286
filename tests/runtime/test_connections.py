"""What only a real connection shows: bodies that are cut, files that are large, and connections that come back."""

from __future__ import annotations

import asyncio
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import httpx2
import pytest
from _runtime.calls import Settings
from _runtime.errors import ServerError, StreamInterruptedError, TransportError
from _runtime.operations import Declared, Operation
from _runtime.responses import AsyncRawResponse, RawResponse
from _runtime.streams import AsyncStream, Stream
from _runtime.transport import AsyncTransport, Transport

from tests.runtime.shapes import Answer, Event

DOWNLOAD = Operation[bytes](
    id="download", name="download", method="GET", path="/file", accept="application/octet-stream",
    declared=lambda: Declared(answers={200: bytes}),
)  # fmt: skip
UPLOAD = Operation[Answer](
    id="upload", name="upload", method="POST", path="/file", body="binary",
    declared=lambda: Declared(answers={200: Answer}),
)  # fmt: skip
CREATE = Operation[Answer](
    id="create", name="create", method="POST", path="/things", declared=lambda: Declared(answers={200: Answer})
)
EVENTS = Operation[None, Event](
    id="events", name="events", method="GET", path="/events", declared=lambda: Declared(event=Event)
)
LINES = Operation[None, Event](
    id="lines", name="lines", method="GET", path="/lines", stream_media="application/x-ndjson",
    declared=lambda: Declared(event=Event),
)  # fmt: skip
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\n"
PARTIAL = b'{"type":"partial","index":0}'


class Peer:
    """A server of one connection at a time, which answers requests with the bytes that it is given, in turn.

    An answer that ends in ``CUT`` is followed by the end of the connection, one in ``HANG`` by nothing until the client
    goes away. ``gone`` counts connections that the client has ended.
    """

    CUT, HANG = b"<cut>", b"<hang>"

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.answers: list[bytes] = []
        self.received: list[int] = []
        self.connections = 0
        self.gone = threading.Semaphore(0)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as requests:
            while requests.readline():
                headers = {
                    line.split(b":")[0].lower(): line.split(b":")[1].strip()
                    for line in iter(requests.readline, b"\r\n")
                }
                left = int(headers.get(b"content-length", b"0"))
                self.received.append(left)
                while left:
                    left -= len(requests.read(min(left, 65_536)))
                answer = self.answers.pop(0)
                connection.sendall(answer.removesuffix(self.CUT).removesuffix(self.HANG))
                if answer.endswith(self.CUT):
                    return
                if answer.endswith(self.HANG):
                    break
            while requests.read(1):
                pass
        self.gone.release()


@pytest.fixture
def peer() -> Iterator[Peer]:
    found = Peer()
    yield found
    found.listener.close()


def whole(content: bytes, kind: bytes = b"application/json") -> bytes:
    return HEAD % kind + b"content-length: %d\r\n\r\n" % len(content) + content


class Files:
    """A namespace as the generator writes it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def download(self) -> bytes:
        return self._transport.call(DOWNLOAD)

    def create(self) -> Answer:
        return self._transport.call(CREATE, fields={})


class AsyncFiles:
    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def download(self) -> bytes:
        return await self._transport.call(DOWNLOAD)

    async def create(self) -> Answer:
        return await self._transport.call(CREATE, fields={})


# -- streams --------------------------------------------------------------------------------------------------------

SSE, NDJSON = b"text/event-stream", b"application/x-ndjson"
CUTS = [
    pytest.param(EVENTS, HEAD % SSE + b"content-length: 999\r\n\r\ndata: " + PARTIAL + b"\n\n", id="sse-length"),
    pytest.param(
        EVENTS, HEAD % SSE + b"transfer-encoding: chunked\r\n\r\n24\r\ndata: " + PARTIAL + b"\n\n\r\n", id="sse-chunk"
    ),
    pytest.param(LINES, HEAD % NDJSON + b"content-length: 999\r\n\r\n" + PARTIAL + b"\n", id="lines-length"),
    pytest.param(
        LINES, HEAD % NDJSON + b"transfer-encoding: chunked\r\n\r\n1d\r\n" + PARTIAL + b"\n\r\n", id="lines-chunk"
    ),
    pytest.param(LINES, HEAD % NDJSON + b"connection: close\r\n\r\n" + PARTIAL + b'\n{"type":"par', id="lines-within"),
    pytest.param(
        EVENTS, HEAD % SSE + b"connection: close\r\n\r\ndata: " + PARTIAL + b'\n\ndata: {"ty', id="sse-within"
    ),
]


@pytest.mark.parametrize(("operation", "answer"), CUTS)
def test_a_stream_that_is_cut_gives_what_came_and_raises(
    peer: Peer, operation: Operation[None, Event], answer: bytes
) -> None:
    seen: list[str] = []

    def sync() -> None:
        with closing(Transport(Settings(base_url=peer.url))) as transport:
            for event in transport.stream(operation):
                seen.append(event.type)

    async def twin() -> None:
        transport = AsyncTransport(Settings(base_url=peer.url))
        async for event in transport.stream(operation):
            seen.append(event.type)

    for run in (sync, lambda: asyncio.run(twin())):
        peer.answers = [answer + Peer.CUT]
        with pytest.raises(StreamInterruptedError):
            run()
    assert seen == ["partial", "partial"]
    assert len(peer.received) == 2


OPEN = HEAD % SSE + b"transfer-encoding: chunked\r\n\r\n24\r\ndata: " + PARTIAL + b"\n\n\r\n" + Peer.HANG


def test_a_stream_that_is_left_frees_its_connection(peer: Peer) -> None:
    peer.answers = [OPEN] * 3
    one_connection = httpx2.Client(limits=httpx2.Limits(max_connections=1), timeout=5)
    transport = Transport(Settings(base_url=peer.url, timeout=5), one_connection)

    def left() -> Stream[Event]:
        stream = transport.stream(EVENTS)
        for _ in stream:
            break
        return stream

    left()  # nothing refers to it any more
    assert peer.gone.acquire(timeout=5)
    kept = left()
    kept.close()
    assert peer.gone.acquire(timeout=5)
    with transport.stream(EVENTS) as events:
        next(events)
    assert peer.gone.acquire(timeout=5)


def test_an_async_stream_that_is_left_frees_its_connection(peer: Peer) -> None:
    async def gone() -> None:
        assert await asyncio.to_thread(peer.gone.acquire, timeout=5)

    async def main() -> None:
        peer.answers = [OPEN] * 3
        one_connection = httpx2.AsyncClient(limits=httpx2.Limits(max_connections=1), timeout=5)
        transport = AsyncTransport(Settings(base_url=peer.url, timeout=5), one_connection)

        async def left(stream: AsyncStream[Event]) -> None:
            async for _ in stream:
                break

        await left(transport.stream(EVENTS))  # nothing refers to it any more
        await gone()
        async with transport.stream(EVENTS) as events:
            await anext(events)
        await gone()
        seen = asyncio.Event()

        async def wait() -> None:
            async with transport.stream(EVENTS) as events:
                async for _ in events:
                    seen.set()

        task = asyncio.create_task(wait())
        await asyncio.wait_for(seen.wait(), 5)
        task.cancel()
        await gone()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())


def test_a_call_that_is_cancelled_frees_its_connection(peer: Peer) -> None:
    async def main() -> None:
        for answer in (Peer.HANG, HEAD % b"application/json" + b"content-length: 99\r\n\r\n{" + Peer.HANG):
            peer.answers = [answer, whole(b'{"created":1,"data":[]}')]
            one_connection = httpx2.AsyncClient(limits=httpx2.Limits(max_connections=1), timeout=5)
            transport = AsyncTransport(Settings(base_url=peer.url, timeout=5), one_connection)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(transport.call(CREATE, fields={}), 0.2)
            assert await asyncio.to_thread(peer.gone.acquire, timeout=5)
            assert (await transport.call(CREATE, fields={})).created == 1

    asyncio.run(main())


# -- answers that are cut -------------------------------------------------------------------------------------------


def test_an_answer_that_is_cut_is_asked_for_again_only_where_nothing_is_done_twice(peer: Peer) -> None:
    cut = HEAD % b"application/json" + b'content-length: 99\r\n\r\n{"created"' + Peer.CUT
    transport = Transport(Settings(base_url=peer.url), sleep=lambda _: None)
    peer.answers = [cut, whole(b"abc")]
    assert transport.call(DOWNLOAD) == b"abc"
    peer.answers = [cut]
    with pytest.raises(TransportError, match="POST /things"):
        transport.call(CREATE, fields={})
    peer.answers = [cut, whole(b'{"created":1,"data":[]}')]
    assert transport.call(CREATE, fields={}, headers={"Idempotency-Key": None}).created == 1
    peer.answers = [Peer.CUT, whole(b"abc")]
    assert transport.call(DOWNLOAD) == b"abc"
    peer.answers = [Peer.CUT]  # the request may have arrived, though nothing was heard of it
    with pytest.raises(TransportError, match="POST /things"):
        transport.call(CREATE, fields={})


# -- files ----------------------------------------------------------------------------------------------------------

SIZE = 24 * 2**20


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(SIZE)
    return path


def peak(run: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_file_is_sent_without_being_loaded(peer: Peer, large: Path) -> None:
    async def twin(body: object) -> None:
        await AsyncTransport(Settings(base_url=peer.url)).call(UPLOAD, body=body)

    with closing(Transport(Settings(base_url=peer.url))) as transport, large.open("rb") as handle:
        runs: list[Callable[[], object]] = [
            lambda: transport.call(UPLOAD, body=large),
            lambda: transport.call(UPLOAD, body=handle),
            lambda: asyncio.run(twin(large)),
        ]
        for run in runs:
            peer.answers = [whole(b'{"created":1,"data":[]}')]
            assert peak(run) < SIZE / 4
    assert peer.received == [SIZE] * 3


def test_an_answer_goes_to_a_file_without_being_loaded(peer: Peer, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    target = tmp_path / "got.bin"

    def sync() -> None:
        with (
            closing(Transport(Settings(base_url=peer.url))) as transport,
            transport.streamed(Files(transport).download) as response,
        ):
            assert (response.status_code, response.headers["content-length"]) == (200, str(SIZE))
            response.stream_to_file(target, progress=lambda done, total: seen.append((done, total)))

    async def twin() -> None:
        transport = AsyncTransport(Settings(base_url=peer.url))
        async with transport.streamed(AsyncFiles(transport).download) as response:
            await response.stream_to_file(str(target), progress=lambda done, total: seen.append((done, total)))

    for run in (sync, lambda: asyncio.run(twin())):
        seen.clear()
        peer.answers = [whole(bytes(SIZE), b"application/octet-stream")]
        assert peak(run) < SIZE / 4 + SIZE  # the peer's own copy
        assert (target.stat().st_size, seen[-1], len(seen) > 2) == (SIZE, (SIZE, SIZE), True)
        assert [path.name for path in tmp_path.iterdir()] == ["got.bin"]


def test_a_download_that_is_cut_leaves_the_file_as_it_was(peer: Peer, tmp_path: Path) -> None:
    target = tmp_path / "got.bin"
    target.write_bytes(b"old")
    cut = HEAD % b"application/octet-stream" + b"content-length: 999\r\n\r\nnew" + Peer.CUT

    def sync() -> None:
        with (
            closing(Transport(Settings(base_url=peer.url))) as transport,
            transport.streamed(Files(transport).download) as response,
        ):
            response.stream_to_file(target)

    async def twin() -> None:
        transport = AsyncTransport(Settings(base_url=peer.url))
        async with transport.streamed(AsyncFiles(transport).download) as response:
            await response.stream_to_file(target)

    for run in (sync, lambda: asyncio.run(twin())):
        peer.answers = [cut]
        with pytest.raises(TransportError, match="GET /file"):
            run()
        assert target.read_bytes() == b"old"
        assert [path.name for path in tmp_path.iterdir()] == ["got.bin"]


def test_a_streamed_answer_can_be_read_and_parsed_and_is_closed(peer: Peer) -> None:
    body = b'{"created":"soon","data":[]}'
    peer.answers = [whole(body)] * 3

    with closing(Transport(Settings(base_url=peer.url))) as transport:
        with transport.streamed(Files(transport).create) as response:
            assert isinstance(response, RawResponse)
            assert cast("object", response.parse().created) == "soon"
            assert [item.pointer for item in response.mismatches] == ["/created"]
            assert response.content == body
        with transport.streamed(Files(transport).create) as response:
            pass
        assert response.response.is_closed

    async def twin() -> None:
        transport = AsyncTransport(Settings(base_url=peer.url))
        async with transport.streamed(AsyncFiles(transport).create) as response:
            assert isinstance(response, AsyncRawResponse)
            assert b"".join([chunk async for chunk in response.iter_bytes()]) == body
        assert response.response.is_closed

    asyncio.run(twin())


def test_an_error_is_raised_before_a_streamed_answer_is_given(peer: Peer) -> None:
    peer.answers = [b'HTTP/1.1 500 No\r\ncontent-length: 29\r\n\r\n{"error":{"message":"paint"}}']
    with (
        closing(Transport(Settings(base_url=peer.url, max_retries=0))) as transport,
        pytest.raises(ServerError, match="500: paint"),
        transport.streamed(Files(transport).download),
    ):
        pytest.fail("entered an answer that was none")
