"""Clients that leave, do not read, or wait long, on real connections; and a server that is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated

import httpx2
import pytest
from _runtime.bodies import ByteStream, bytes_body, json_body, reads
from _runtime.events import EventStream, LineStream
from _runtime.replies import respond
from _runtime.routes import route_with
from fastapi import APIRouter, Depends

from tests.runtime.apps import build
from tests.runtime.shapes import Partial
from tests.serving import serve

PIECE = b"x" * 65_536
current: ContextVar[str] = ContextVar("current", default="")


class Seen:
    """What handlers say about themselves."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.pieces = 0

    def wait_for(self, event: str, seconds: float = 5) -> bool:
        deadline = time.monotonic() + seconds
        while event not in self.events and time.monotonic() < deadline:
            time.sleep(0.01)
        return event in self.events

    @contextlib.asynccontextmanager
    async def handling(self) -> AsyncIterator[None]:
        """The body of a handler, which cleans up after itself with an ``await``."""
        self.events.append("started")
        try:
            yield
            self.events.append("done")
        except asyncio.CancelledError:
            self.events.append("cancelled")
            raise
        finally:
            await asyncio.sleep(0.01)
            self.events.append("clean")


def attended_router(seen: Seen, keep_alive: float | None = 0.1) -> APIRouter:
    router = APIRouter(route_class=route_with({"keep_alive": keep_alive, "max_upload_bytes": 1_000_000}))

    @router.get("/wait")
    async def wait(seconds: float) -> object:  # pyright: ignore[reportUnusedFunction]
        async with seen.handling():
            await asyncio.sleep(seconds)
            return respond("waited")

    @router.get("/timeout")
    async def timeout() -> object:  # pyright: ignore[reportUnusedFunction]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await asyncio.sleep(20)
        return respond("timed out")

    @router.get("/late")
    async def late() -> object:  # pyright: ignore[reportUnusedFunction]
        async def events() -> AsyncIterator[Partial]:
            async with seen.handling():
                await asyncio.sleep(20)
                yield Partial(type="partial", index=0)

        return EventStream(events())

    @router.get("/events")
    async def events(pause: float, lines: bool = False) -> object:  # pyright: ignore[reportUnusedFunction]
        async def two() -> AsyncIterator[Partial]:
            async with seen.handling(), asyncio.timeout(10):  # which knows the task that entered it
                token = current.set("here")
                yield Partial(type="partial", index=0)
                await asyncio.sleep(pause)
                yield Partial(type="partial", index=1 if current.get() == "here" else -1)
                current.reset(token)

        return LineStream(two(), media_type="application/jsonl") if lines else EventStream(two())

    @router.get("/flood")
    async def flood() -> object:  # pyright: ignore[reportUnusedFunction]
        async def pieces() -> AsyncIterator[bytes]:
            async with seen.handling():
                while True:
                    seen.pieces += 1
                    yield PIECE

        return respond(pieces(), media_type="application/octet-stream")

    @router.get("/threaded")
    async def threaded() -> object:  # pyright: ignore[reportUnusedFunction]
        def pieces() -> Iterator[bytes]:
            try:
                while True:
                    time.sleep(0.01)
                    yield b"x"
            finally:
                seen.events.append("clean")

        return respond(pieces(), media_type="application/octet-stream")

    @router.post("/upload")
    async def upload(
        body: Annotated[ByteStream, Depends(reads(bytes_body("image/png")))],
    ) -> object:  # pyright: ignore[reportUnusedFunction]
        async with seen.handling():
            return respond(sum([len(piece) async for piece in body]))

    @router.post("/json")
    async def json(
        body: Annotated[object, Depends(reads(json_body(object)))],
    ) -> object:  # pyright: ignore[reportUnusedFunction]
        return respond(body)

    return router


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def url(seen: Seen, caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    """A server that has nothing to complain about."""
    with caplog.at_level(logging.WARNING), serve(build(attended_router(seen))) as url:
        yield url
    assert caplog.records == []


def connected(url: str, path: str, method: str = "GET", head: str = "", body: bytes = b"") -> socket.socket:
    """A connection on which the request has been sent."""
    host, port = url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: test\r\n{head}\r\n".encode() + body)
    return connection


def is_alive(url: str) -> bool:
    return httpx2.get(f"{url}/wait?seconds=0").json() == "waited"


def test_a_client_that_leaves_cancels_a_handler(url: str, seen: Seen) -> None:
    with connected(url, "/wait?seconds=20"):
        assert seen.wait_for("started")
    assert seen.wait_for("clean")
    assert seen.events == ["started", "cancelled", "clean"]
    assert is_alive(url)


def test_a_client_that_waits_cancels_nothing(url: str, seen: Seen) -> None:
    assert httpx2.get(f"{url}/wait?seconds=0.4").json() == "waited"
    assert seen.events == ["started", "done", "clean"]
    assert httpx2.get(f"{url}/timeout").json() == "timed out"


def test_a_client_that_leaves_before_the_first_event_cancels_the_stream(url: str, seen: Seen) -> None:
    with connected(url, "/late"):
        assert seen.wait_for("started")
    assert seen.wait_for("clean")
    assert seen.events == ["started", "cancelled", "clean"]
    assert is_alive(url)


def test_a_client_that_leaves_between_two_events_cancels_the_stream(url: str, seen: Seen) -> None:
    with connected(url, "/events?pause=20") as connection:
        assert b'"index":0' in received(connection, b'"index":0')
    assert seen.wait_for("clean")
    assert seen.events == ["started", "cancelled", "clean"]


def received(connection: socket.socket, end: bytes) -> bytes:
    content = b""
    while end not in content:
        chunk = connection.recv(65_536)
        assert chunk, content
        content += chunk
    return content


def test_a_reader_that_does_not_read_stops_the_producer(url: str, seen: Seen) -> None:
    with connected(url, "/flood"):
        assert seen.wait_for("started")
        time.sleep(0.3)
        produced = seen.pieces
        time.sleep(0.5)
        assert seen.pieces == produced
        assert produced * len(PIECE) < 32_000_000  # what the kernel's buffers take
    assert seen.wait_for("clean")


def test_a_generator_that_is_not_async_is_closed_too(url: str, seen: Seen) -> None:
    with connected(url, "/threaded") as connection:
        received(connection, b"x")
    assert seen.wait_for("clean")


def test_a_stream_that_waits_is_kept_open_by_comments_and_stays_in_one_task(url: str, seen: Seen) -> None:
    text = httpx2.get(f"{url}/events?pause=0.55").text
    first, *comments, second, _ = text.split("\n\n")
    assert first == 'event: partial\ndata: {"type":"partial","index":0}'
    assert second == 'event: partial\ndata: {"type":"partial","index":1}'
    assert len(comments) in (3, 4, 5)
    assert set(comments) == {": keep-alive"}
    assert seen.events == ["started", "done", "clean"]


def test_lines_of_json_have_no_comments(url: str) -> None:
    text = httpx2.get(f"{url}/events?pause=0.3&lines=true").text
    assert text == '{"type":"partial","index":0}\n{"type":"partial","index":1}\n'


def test_comments_can_be_left_out(seen: Seen) -> None:
    with serve(build(attended_router(seen, keep_alive=None))) as url:
        assert ": keep-alive" not in httpx2.get(f"{url}/events?pause=0.3").text


# -- bodies ---------------------------------------------------------------------------------------------------------


def test_a_client_that_leaves_in_mid_upload_ends_the_handler(url: str, seen: Seen) -> None:
    head = "Content-Type: image/png\r\nContent-Length: 1000\r\n"
    with connected(url, "/upload", "POST", head, b"x" * 10):
        assert seen.wait_for("started")
        time.sleep(0.3)
        assert seen.events == ["started"]
    assert seen.wait_for("clean")
    assert is_alive(url)


def test_a_client_that_leaves_in_mid_json_is_nobody_to_answer(url: str) -> None:
    with connected(url, "/json", "POST", "Content-Type: application/json\r\nContent-Length: 1000\r\n", b"[1,"):
        time.sleep(0.2)
    assert is_alive(url)


@pytest.mark.parametrize("announced", [True, False])
def test_who_sends_too_much_hears_so_while_sending(url: str, announced: bool) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(400):
            yield PIECE

    content: object = PIECE * 400 if announced else pieces()
    answer = httpx2.post(f"{url}/upload", content=content, headers={"content-type": "image/png"})  # type: ignore[arg-type]
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")


def test_who_asks_before_sending_too_much_is_spared_it(url: str) -> None:
    head = "Content-Type: image/png\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n"
    with connected(url, "/upload", "POST", head) as connection:
        assert received(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 413 ")
    head = "Content-Type: image/png\r\nContent-Length: 3\r\nExpect: 100-continue\r\n"
    with connected(url, "/upload", "POST", head) as connection:
        assert received(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"abc")
        assert received(connection, b"\r\n\r\n3").startswith(b"HTTP/1.1 200 ")


# -- the server as users run it -------------------------------------------------------------------------------------

ROOT = Path(__file__).parents[2]
APP = """
import asyncio, os, sys
from generated.bifrost.models import OpenAIImageGenerationResponse, OpenAIImageStreamResponse
from generated.bifrost.server import ImagesHandlers, create_app

class Images(ImagesHandlers):
    async def create_image(self, body, /):
        return OpenAIImageGenerationResponse(created=os.getpid())
    async def create_image_stream(self, body, /):
        try:
            yield OpenAIImageStreamResponse(type="image_generation.partial_image", b64_json="aGFsZg==")
            await asyncio.sleep(float(body.prompt))
            yield OpenAIImageStreamResponse(type="image_generation.completed", b64_json="d2hvbGU=")
        finally:
            await asyncio.sleep(0.01)
            print("closed", flush=True)

app = create_app(Images(), authenticate=lambda given: given.bearer_auth == "secret")
"""
CALL = {"url": "/openai/v1/images/generations", "headers": {"authorization": "Bearer secret"}}


@contextlib.contextmanager
def uvicorn_of(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``uvicorn shown:app`` as a process of its own, and its base URL."""
    (folder / "shown.py").write_text(APP)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "shown:app", "--port", str(port), *options]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        deadline = time.monotonic() + 30
        while True:
            assert process.poll() is None and time.monotonic() < deadline, "uvicorn does not start"
            with contextlib.suppress(httpx2.TransportError):
                httpx2.get(f"http://127.0.0.1:{port}/openapi.json")
                break
            time.sleep(0.05)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        if process.poll() is None:
            process.kill()


@pytest.mark.parametrize(("seconds", "ends_by_itself"), [("30", False), ("0.8", True)])
def test_streams_end_when_the_server_stops(tmp_path: Path, seconds: str, ends_by_itself: bool) -> None:
    body = {"model": "m", "prompt": seconds, "stream": True}
    with (
        uvicorn_of(tmp_path, "--timeout-graceful-shutdown", "3") as (process, url),
        httpx2.Client(base_url=url, timeout=20) as client,
        client.stream("POST", json=body, **CALL) as answer,
    ):
        texts = answer.iter_text()
        assert "partial_image" in next(texts)
        told = time.monotonic()
        process.send_signal(signal.SIGTERM)
        rest = "".join(texts)
        if ends_by_itself:
            assert rest.startswith("event: image_generation.completed\n")
        else:
            assert rest.startswith("event: error\n")
            assert '"message":"the server is shutting down"' in rest
        process.wait(10)
        assert time.monotonic() - told < 3.9
        assert process.stdout is not None
        log = process.stdout.read()
        assert "closed" in log
        assert "timeout graceful shutdown exceeded" not in log
        assert "Traceback" not in log


def test_several_workers_serve_one_app(tmp_path: Path) -> None:
    body = {"model": "m", "prompt": "p"}
    with uvicorn_of(tmp_path, "--workers", "2") as (process, url):
        found: set[int] = set()

        def ask() -> None:
            with httpx2.Client(base_url=url) as client:
                found.add(client.post(json=body, **CALL).json()["created"])

        deadline = time.monotonic() + 20
        while len(found) < 2 and time.monotonic() < deadline:
            threads = [threading.Thread(target=ask) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert len(found) == 2
        assert process.pid not in found
