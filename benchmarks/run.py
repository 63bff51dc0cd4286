#!/usr/bin/env python3
"""Wall time and peak memory of specloom against its peers, as ratios measured in one run.

usage: python benchmarks/run.py [--document NAME=PATH ...] [--runs 3] [--timeout 300] [--work DIR]

The three integrations of this repository are measured as they are; `--document openai=PATH` adds a document of yours.
Each tool is installed from PyPI into an environment of its own below DIR. Commands for one document run in turn
(A B C A B C ...), so that a machine that slows down slows all of them; the median of the runs is printed, and its
ratio to specloom's. A tool that fails is printed with its exit code, since what it did until then is no measure.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATAMODEL, CLIENT, FASTAPI = "datamodel-code-generator", "openapi-python-client", "fastapi-code-generator"
PEERS = {
    DATAMODEL: ("datamodel-code-generator==0.89.0", "ruff==0.17.5"),
    CLIENT: ("openapi-python-client==0.29.1",),
    FASTAPI: ("fastapi-code-generator==0.8.1",),
}
OURS = "specloom"


@dataclass(frozen=True)
class Run:
    """One finished process: seconds of wall time, peak memory in MB, exit code."""

    seconds: float
    megabytes: float
    code: int


@dataclass(frozen=True)
class Candidate:
    """A row of the table: what it is called, its command, and what has to be there (or gone) before each run."""

    label: str
    command: list[str]
    prepare: Callable[[], object]


def measure(command: list[str], timeout: float) -> Run:
    """Runs the command and reads its own resource usage, whatever else this process has started."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        seconds = time.perf_counter() - start
        if pid:
            scale = 1024 if sys.platform == "linux" else 1024 * 1024
            return Run(seconds, usage.ru_maxrss / scale, os.waitstatus_to_exitcode(status))
        if seconds > timeout:
            process.kill()
            os.waitpid(process.pid, 0)
            return Run(seconds, 0.0, -9)
        time.sleep(0.002)


def environment(folder: Path, requirements: Iterable[str]) -> Path:
    """The `bin` folder of a virtual environment with these requirements, made when it is not there yet."""
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", *requirements], check=True)
        (folder / "ready").touch()
    return folder / "bin"


def gone(path: Path) -> Callable[[], object]:
    """Takes the output of the run before away."""
    return lambda: shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def nothing() -> None:
    """What an unchanged run needs: the output of the run before."""


def candidates(document: Path, tools: dict[str, Path], out: Path) -> list[Candidate]:
    """Every command that is measured on one document; the first one is what the others are compared with."""
    ours, dmcg = tools[OURS] / "specloom", tools[DATAMODEL] / "datamodel-codegen"
    fresh, kept, models = out / "fresh", out / "kept", out / "models.py"
    make = [str(ours), "generate", "--input", str(document), "--output"]
    subprocess.run([*make, str(kept)], check=False, capture_output=True)
    models_only = [str(dmcg), "--input", str(document), "--input-file-type", "openapi", "--output", str(models)]
    preset = ["--output-model-type", "pydantic_v2.BaseModel", "--target-python-version", "3.11"]
    client = [str(tools[CLIENT] / "openapi-python-client"), "generate", "--overwrite", "--path", str(document)]
    server = [str(tools[FASTAPI] / "fastapi-codegen"), "--input", str(document), "--output", str(out / "fcg")]
    return [
        Candidate("specloom: models, server, clients", [*make, str(fresh)], gone(fresh)),
        Candidate("specloom: nothing changed", [*make, str(kept)], nothing),
        Candidate("datamodel-codegen: models", [*models_only, *preset, "--formatters", "black"], gone(models)),
        Candidate("openapi-python-client: client", [*client, "--output-path", str(out / "opc")], gone(out / "opc")),
        Candidate("fastapi-codegen: server", server, gone(out / "fcg")),
        Candidate("python -c 'import click'", [str(tools[OURS] / "python"), "-c", "import click"], nothing),
    ]


def table(name: str, rows: list[tuple[str, list[Run]]]) -> Iterable[str]:
    """The rows of one document in Markdown, each beside the first."""
    yield f"\n### {name}\n"
    yield "| | wall, s | ratio | peak, MB | exit |"
    yield "|---|---|---|---|---|"
    base = statistics.median(run.seconds for run in rows[0][1])
    for label, runs in rows:
        seconds = statistics.median(run.seconds for run in runs)
        memory = statistics.median(run.megabytes for run in runs)
        codes = ", ".join(sorted({str(run.code) for run in runs}))
        yield f"| {label} | {seconds:.2f} | {seconds / base:.2f} | {memory:.0f} | {codes} |"


def imports(tools: dict[str, Path], package: Path, runs: int, timeout: float) -> Iterable[str]:
    """What importing a generated client costs, beside the official SDK that is written by hand and by a vendor's tool."""
    python = str(tools[OURS] / "python")
    ours = [python, "-c", f"import sys; sys.path.insert(0, {str(package.parent)!r}); import {package.name}.client"]
    rows: list[tuple[str, list[Run]]] = [
        ("import the generated client", []),
        ("import openai", []),
        ("import click", []),
    ]
    for _ in range(runs):
        for (_, found), command in zip(
            rows, [ours, [python, "-c", "import openai"], [python, "-c", "import click"]], strict=True
        ):
            found.append(measure(command, timeout))
    return table(f"imports ({package.parent.name})", rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--document", action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--timeout", type=float, default=300)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "specloom-benchmarks")
    options = parser.parse_args()
    documents = {
        "bifrost": ROOT / "spec/bifrost/openapi.yaml",
        "openai-images": ROOT / "spec/openai/endpoint-reference.txt",
        "apifox": ROOT / "spec/apifox/image-generation.md",
    }
    documents |= {name: Path(path).resolve() for name, _, path in (given.partition("=") for given in options.document)}
    options.work.mkdir(parents=True, exist_ok=True)
    tools = {name: environment(options.work / name, wanted) for name, wanted in PEERS.items()}
    tools[OURS] = environment(options.work / OURS, ["openai"])
    # As it stands now, and installed as users have it.
    subprocess.run([str(tools[OURS] / "pip"), "install", "--quiet", "--upgrade", f"{ROOT}[runtime]"], check=True)
    for name, document in documents.items():
        out = options.work / "out" / name
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        listed = candidates(document, tools, out)
        rows: list[tuple[str, list[Run]]] = [(candidate.label, []) for candidate in listed]
        for _ in range(options.runs):
            for candidate, (_, found) in zip(listed, rows, strict=True):
                candidate.prepare()
                found.append(measure(candidate.command, options.timeout))
        print("\n".join(table(name, rows)), flush=True)
        print("\n".join(imports(tools, out / "kept", options.runs, options.timeout)), flush=True)


if __name__ == "__main__":
    main()
