"""``specloom serve`` as a process, for as long as a test needs it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

ROOT = Path(__file__).parents[2]
STARTED = re.compile(r"^serving \w+ at (http://\S+)", re.MULTILINE)


class Running:
    """The process, where it listens, and what it has said so far."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log
        found = self.until(STARTED)
        self.url = found[1]
        self.http = httpx2.Client(base_url=self.url, timeout=20, trust_env=False)

    @property
    def said(self) -> str:
        return self._log.read_text("utf-8")

    def until(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Waits for a line."""
        deadline = time.monotonic() + 60
        while (found := pattern.search(self.said)) is None:
            assert self.process.poll() is None and time.monotonic() < deadline, self.said
            time.sleep(0.02)
        return found

    def end(self) -> int:
        """Presses Ctrl-C and gives the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)


@contextmanager
def serving(spec: str | Path, folder: Path, *options: str) -> Iterator[Running]:
    """Serves ``spec`` on a free port; the cache and the log are in ``folder``."""
    with serving_with(["generator", "serve", str(spec), "--port", "0", *options], folder) as running:
        yield running


@contextmanager
def serving_with(module: list[str], folder: Path) -> Iterator[Running]:
    """Runs a module, with its arguments, that serves as ``specloom serve`` does."""
    folder.mkdir(exist_ok=True)
    log = folder / "log.txt"
    command = [sys.executable, "-m", *module]
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPATH": str(ROOT)}
    with log.open("wb") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
    try:
        running = Running(process, log)
        yield running
        running.http.close()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(20)
