"""A server on loopback whose answers each test decides."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Asked(BaseHTTPRequestHandler):
    """One request. ``answers`` has what each path does with it."""

    answers: dict[str, Callable[[Asked], None]]
    log: list[tuple[str, dict[str, str]]]

    def do_GET(self) -> None:
        self.log.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        answer = self.answers.get(self.path.partition("?")[0])
        if answer is None:
            self.say(404, b"no such page", "text/plain")
        else:
            answer(self)

    def say(self, status: int, body: bytes = b"", kind: str = "application/yaml", **fields: str) -> None:
        """An answer whose fields have underscores for dashes in their names here."""
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(body)), **named}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_: object) -> None:
        del format


class Site:
    """The server's address, what it answers, and what it was asked."""

    def __init__(self, url: str, handler: type[Asked]) -> None:
        self.url = url
        self.answers = handler.answers
        self.log = handler.log

    def serves(self, path: str, body: str, **fields: str) -> None:
        """Answers ``path`` with a document, and with 304 whoever has it."""

        def answer(asked: Asked) -> None:
            if "etag" in fields and asked.headers.get("if-none-match") == fields["etag"]:
                asked.say(304, **fields)
            else:
                asked.say(200, body.encode(), **fields)

        self.answers[path] = answer


@contextmanager
def site() -> Generator[Site]:
    """A server for as long as the block runs."""
    handler = type("Handler", (Asked,), {"answers": {}, "log": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Site(f"http://127.0.0.1:{server.server_address[1]}", handler)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
