"""Schemathesis, as a process, on a server that runs: every check it has, in all of its phases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.tree import JsonObject
from tests.serve.running import ROOT

_HOOKS = Path(__file__).with_name("hooks.py")
# Answers of a machine that is busy with other things come late, and are right.
_PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a run: its report, what it printed, and what was excluded how often."""

    report: JsonObject
    printed: str
    excluded: Mapping[str, int]

    @property
    def sound(self) -> bool:
        """Whether every operation was judged, to the end, and nothing was found."""
        operations = self.report["operations"]
        whole = self.report["complete"] and operations["tested"] == operations["total"]
        return whole and self.report["exit_code"] == 0 and not self.report["failures"] + self.report["errors"]

    def __str__(self) -> str:
        cases: JsonObject = self.report["test_cases"]
        operations, seconds = self.report["operations"]["tested"], self.report["running_time"]
        excluded = ", ".join(f"{name} {count}" for name, count in self.excluded.items()) or "nothing"
        figures = f"{operations} operations, {cases['generated']} cases in {seconds:.0f} s"
        return f"{figures}; excluded: {excluded}"


def judge(document: str, url: str, folder: Path, *, headers: Mapping[str, str], examples: int) -> Verdict:
    """Asks the server at ``url``, which serves ``document``.

    Without randomness: what is found is found again.
    """
    report, tally = folder / "report.json", folder / "tally.json"
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--url", url, "--no-color"]
    command += ["--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--mode", "all"]
    command += ["--continue-on-failure", "--generation-deterministic", "--max-examples", str(examples)]
    command += ["--request-timeout", str(_PATIENCE), "--max-response-time", str(_PATIENCE)]
    command += ["--suppress-health-check", "all"]
    command += ["--report", "json", "--report-json-path", str(report)]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SCHEMATHESIS_HOOKS": str(_HOOKS),
        "SPECLOOM_FUZZ_DOCUMENT": document,
        "SPECLOOM_FUZZ_TALLY": str(tally),
        "NO_PROXY": "127.0.0.1",
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert report.is_file() and tally.is_file(), done.stdout + done.stderr
    return Verdict(json.loads(report.read_text("utf-8")), done.stdout, json.loads(tally.read_text("utf-8")))
