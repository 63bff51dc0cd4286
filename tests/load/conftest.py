"""A generated server as a process of its own, whose memory is watched."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@dataclass
class Server:
    """A running server."""

    port: int
    pid: int

    def memory(self) -> float:
        """Megabytes that the process holds."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024

    @contextmanager
    def growing_less_than(self, megabytes: float) -> Iterator[None]:
        """Fails if at any time in the block the server holds that much more than before."""
        idle, most, over = self.memory(), 0.0, threading.Event()

        def watch() -> None:
            nonlocal most
            while not over.wait(0.02):
                most = max(most, self.memory())

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
        print(f"{most - idle:.1f} MB above {idle:.1f} MB")
        assert most - idle < megabytes


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not Path("/proc/self/status").exists():
        pytest.skip("memory is read from /proc")
    folder = tmp_path_factory.mktemp("load")
    command = ["generate", "--input", str(HERE / "openapi.yaml"), "--output", str(folder / "store")]
    subprocess.run([sys.executable, "-m", "generator", *command], check=True, cwd=HERE.parents[1])
    (folder / "store_app.py").write_text((HERE / "store_app.py").read_text())
    with (folder / "big").open("wb") as big:
        big.truncate(2 * 2**30)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ["uvicorn", "store_app:app", "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen([sys.executable, "-m", *arguments], cwd=folder, env={**os.environ, "PYTHONPATH": "."})
    try:
        deadline = time.monotonic() + 30
        while True:
            assert process.poll() is None and time.monotonic() < deadline
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(20)
