#!/usr/bin/env python3
"""Calls per second of the generated server and the generated client beside their peers, as ratios of one run.

usage: python benchmarks/serving.py [--rounds 5] [--seconds 3] [--work DIR] [--without-steady]

Each server is a process of its own: uvicorn with one worker, uvloop and httptools, or steady (npm) on the same
document. In each round all are measured in turn, so that a machine that slows down slows all of them; a ratio is the
median of those of the rounds. CPU time is that of the server's process, and says more where the machine is shared.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from run import environment

HERE = Path(__file__).parent
ROOT = HERE.parent
CONNECTIONS = 16
Measure = Callable[[], "tuple[float, float]"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], port: int) -> Iterator[int]:
    """The process id of a server that listens at ``port`` until the block ends."""
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}"}
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"does not start: {' '.join(command)}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(10)


def cpu_seconds(pid: int) -> float:
    """What a process and its children have used so far; not a number where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return float("nan")
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_seconds(int(child)) for child in children)


def said(command: list[str]) -> float:
    """The number that a program prints."""
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}"}
    return float(subprocess.run(command, env=environ, check=True, capture_output=True, text=True).stdout)


def loaded(python: Path, what: str, port: int, pid: int, seconds: float) -> tuple[float, float]:
    """What the load says, and the microseconds of CPU that a call took the server."""
    before = cpu_seconds(pid)
    figure = said([str(python), str(HERE / "load.py"), what, str(port), str(seconds), str(CONNECTIONS)])
    used = cpu_seconds(pid) - before
    return figure, used / (figure * seconds) * 1e6 if what == "calls" else float("nan")


def table(title: str, unit: str, rounds: list[dict[str, tuple[float, float]]], *, more_is_better: bool) -> str:
    """Medians in Markdown, and what the first row is beside each other one."""
    lines = [f"\n### {title}\n", f"| | {unit} | CPU, µs a call | the first, beside this |", "|---|---|---|---|"]
    first = next(iter(rounds[0]))
    for name in rounds[0]:
        figures, used = zip(*(measured[name] for measured in rounds), strict=True)
        ratio = statistics.median(measured[first][0] / measured[name][0] for measured in rounds)
        cpu = statistics.median(used)
        shown = "–" if cpu != cpu else f"{cpu:.0f}"
        lines.append(f"| {name} | {statistics.median(figures):,.0f} | {shown} | {ratio:.2f} |")
    lines.append(f"\n{'More' if more_is_better else 'Less'} is better; {len(rounds)} rounds.")
    return "\n".join(lines)


def measured(rounds: int, candidates: dict[str, Measure]) -> list[dict[str, tuple[float, float]]]:
    """Every candidate in turn, as often as there are rounds."""
    return [{name: measure() for name, measure in candidates.items()} for _ in range(rounds)]


def steady(work: Path) -> list[str] | None:
    """The mock server's command, but for its port; None where there is no npm."""
    if shutil.which("npm") is None:
        return None
    shutil.copy(ROOT / "tests/mocks/package.json", work)
    program = work / "node_modules/.bin/steady"
    if not program.exists():
        install = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund"]
        subprocess.run(install, cwd=work, check=True, stdout=subprocess.DEVNULL)
    return [str(program), "--host", "127.0.0.1", str(ROOT / "generated/bifrost/openapi.json")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "specloom-benchmarks")
    parser.add_argument("--without-steady", action="store_true")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    needed = ("fastapi", "httpx2", "openai", "python-multipart", "uvicorn[standard]")
    python = environment(options.work / "serving", needed) / "python"
    # Not the load: one peer that is not there is no reason to measure nothing.
    mock = None if options.without_steady else steady(options.work)

    def uvicorn(app: str, port: int) -> list[str]:
        return [str(python), "-m", "uvicorn", f"served:{app}", "--port", str(port), "--log-level", "warning"]

    with ExitStack() as stack:
        servers: dict[str, tuple[int, int]] = {}
        for app in ("generated", "handwritten", "open_to_all", "starlette", "instant"):
            port = free_port()
            servers[app] = (port, stack.enter_context(running(uvicorn(app, port), port)))
        if mock is not None:
            port = free_port()
            servers["steady"] = (port, stack.enter_context(running([*mock, "--port", str(port)], port)))

        def load(what: str, app: str) -> Measure:
            port, pid = servers[app]
            return lambda: loaded(python, what, port, pid, options.seconds)

        rows = {
            "generated server": load("calls", "generated"),
            "FastAPI by hand": load("calls", "handwritten"),
            "FastAPI by hand, open to all": load("calls", "open_to_all"),
            **({"steady": load("calls", "steady")} if mock is not None else {}),
        }
        print(table("POST /images/generations", "calls/s", measured(options.rounds, rows), more_is_better=True))
        rows = {"generated server": load("events", "generated"), "Starlette by hand": load("events", "starlette")}
        print(table("First event", "µs", measured(options.rounds, rows), more_is_better=False), flush=True)

        url = f"http://127.0.0.1:{servers['instant'][0]}"

        def calling(client: str) -> Measure:
            command = [str(python), str(HERE / "calling.py"), client, url, str(options.seconds)]
            return lambda: (said(command), float("nan"))

        rows = {
            "generated client": calling("generated"),
            "httpx2 and pydantic by hand": calling("by-hand"),
            "openai SDK": calling("openai"),
        }
        print(table("A client's calls", "calls/s", measured(options.rounds, rows), more_is_better=True), flush=True)


if __name__ == "__main__":
    main()
