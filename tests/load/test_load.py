"""Two gigabytes in and out in less than 100 MB, and a thousand streams at once in one worker."""

from __future__ import annotations

import asyncio
import resource
import socket

import pytest

from tests.load.conftest import Server

pytestmark = pytest.mark.load

SIZE = 2 * 2**30
PIECE = bytes(2**20)


def ask(server: Server, head: str, before: bytes = b"", after: bytes = b"", size: int = 0) -> int:
    """Sends ``size`` zeros between two texts, and gives the size of the answer, or what it says if it is a number."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=300) as connection:
        connection.sendall(head.encode() + b"Host: test\r\nConnection: close\r\n\r\n" + before)
        for _ in range(size // len(PIECE)):
            connection.sendall(PIECE)
        connection.sendall(after)
        received, content = 0, b""
        while chunk := connection.recv(2**20):
            content = content if len(content) > 4096 else content + chunk
            received += len(chunk)
    start, _, body = content.partition(b"\r\n\r\n")
    assert start.startswith(b"HTTP/1.1 200 "), content[:500]
    return int(body) if received < 4096 else received - len(start) - 4


def test_two_gigabytes_in_a_multipart_body(server: Server) -> None:
    before = b'--b\r\nContent-Disposition: form-data; name="file"; filename="big"\r\n\r\n'
    after = b"\r\n--b--\r\n"
    length = len(before) + SIZE + len(after)
    head = f"POST /files HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n"
    with server.growing_less_than(100):
        assert ask(server, head, before, after, SIZE) == SIZE


def test_two_gigabytes_in_a_binary_body(server: Server) -> None:
    head = f"PUT /blob HTTP/1.1\r\nContent-Type: application/octet-stream\r\nContent-Length: {SIZE}\r\n"
    with server.growing_less_than(100):
        assert ask(server, head, size=SIZE) == SIZE


@pytest.mark.parametrize("from_disk", ["true", "false"])
def test_two_gigabytes_in_an_answer(server: Server, from_disk: str) -> None:
    with server.growing_less_than(100):
        assert ask(server, f"GET /blob?from_disk={from_disk} HTTP/1.1\r\n") >= SIZE


def test_a_thousand_streams_at_once(server: Server) -> None:
    """None goes on before all are open, and all come to their end."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    together = 1000

    async def read() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(f"GET /ticks?together={together} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n".encode())
        content = await reader.read()
        writer.close()
        assert content.endswith(b"0\r\n\r\n")
        return content.count(b"event: tick\n")

    async def main() -> list[int]:
        async with asyncio.timeout(60):
            return await asyncio.gather(*(read() for _ in range(together)))

    with server.growing_less_than(100):
        assert asyncio.run(main()) == [5] * together
