"""``specloom serve``: uvicorn with the example app, which follows its document where that is asked for."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

import uvicorn

from generator.findings import Found

from .app import Changing, Tell, example_app
from .cache import Slot
from .package import Authenticate

Stamp: TypeAlias = tuple[tuple[str, int, int, int], ...]

_PAUSE = 0.3


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told: ``line`` by line, what was ``found`` in a document, and what ``went_wrong`` with it."""

    line: Tell
    found: Callable[[Found], None]
    went_wrong: Callable[[Exception], None]


def listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections, so that who calls waits rather than fails. Raises ``OSError`` with the address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as problem:
        raise OSError(problem.errno, os.strerror(problem.errno or 0), f"{host}:{port}") from problem


def run(
    slot: Slot, listener: socket.socket, *, authenticate: Authenticate | None, reload: bool, audience: Audience
) -> None:
    """Serves until the process is told to end. ``slot`` is filled; requests wait in ``listener`` from now on."""
    app = Changing(example_app(slot.folder, authenticate=authenticate), audience.line)
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    ended = threading.Event()
    if reload:
        follow = _Follower(slot, app, authenticate, audience)
        threading.Thread(target=follow.until, args=(ended,), daemon=True).start()
    host, port = listener.getsockname()[:2]
    audience.line(f"serving {slot.job.name} at http://{f'[{host}]' if ':' in host else host}:{port} (Ctrl-C ends it)")
    try:
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listener])
    finally:
        ended.set()


class _Follower:
    """Puts a new app in the place of the old one when an input changes. A document that cannot be used changes nothing."""

    def __init__(self, slot: Slot, app: Changing, authenticate: Authenticate | None, audience: Audience) -> None:
        self._slot = slot
        self._app = app
        self._authenticate = authenticate
        self._audience = audience

    def until(self, ended: threading.Event) -> None:
        """Looks at the inputs a few times a second."""
        seen = self._stamp()
        while not ended.wait(_PAUSE):
            found = self._stamp()
            if found != seen:
                seen = found
                self._follow()

    def _follow(self) -> None:
        started = time.perf_counter()
        try:
            found = self._slot.fill()
            if found is None:
                return
            self._audience.found(found)
            self._app.current = example_app(self._slot.folder, authenticate=self._authenticate)
        except Exception as problem:  # told like any other; the old app goes on
            self._audience.went_wrong(problem)
            self._audience.line("the last document that could be used goes on being served")
        else:
            self._audience.line(f"serving {self._slot.job.name} as it is now ({time.perf_counter() - started:.1f} s)")

    def _stamp(self) -> Stamp:
        """What tells that an input, or what stands beside one, has changed: a file that was missing may have come."""
        files = self._slot.inputs()
        found: list[tuple[str, int, int, int]] = []
        for path in sorted({str(path) for file in files for path in (file, file.parent)}):
            with suppress(OSError):
                entry = os.stat(path)
                found.append((path, entry.st_mtime_ns, entry.st_size, entry.st_ino))
        return tuple(found)
