"""A small project on the disk, and the commands run in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from generator.cli import main
from tests.output.small import SPEC, Ran, add


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the command line in this process. Never shows a traceback, whatever it is given."""

    def ran(*arguments: object) -> Ran:
        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return Ran(code, out, err)

    return ran


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the integration ``images``; the current folder."""
    add(tmp_path, "images", SPEC)
    monkeypatch.chdir(tmp_path)
    return tmp_path
