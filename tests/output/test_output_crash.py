"""Killed at any moment, the old or the new tree is whole."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generator import atomic
from tests.output import crash_writer

WRITER = Path(crash_writer.__file__)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks and kills")


def run_steps(mode: str, folder: Path) -> list[list[str]]:
    done = subprocess.run([sys.executable, WRITER, mode, folder, "steps"], capture_output=True, text=True, check=True)
    return [line.split("|") for line in done.stdout.splitlines()]


@pytest.mark.parametrize("mode", ["exchange", "renames", "copy"])
def test_dying_at_every_step_leaves_one_whole_tree(mode: str, tmp_path: Path) -> None:
    """Every death is followed by a next run, which finds or restores one of the two trees and cleans up.

    Where the platform can exchange folders, readers find one of the two even before that.
    """
    deaths = run_steps(mode, tmp_path / "api")
    assert len(deaths) > 50
    assert deaths[-1] == ["0", "B", "B", "clean"]
    assert {recovered for _, _, recovered, _ in deaths} == {"A", "B"}
    assert {leftover for *_, leftover in deaths} == {"clean"}
    if mode == "exchange" and can_exchange(tmp_path):
        assert {found for _, found, _, _ in deaths} == {"A", "B"}


@pytest.mark.parametrize("mode", ["exchange", "renames", "copy"])
def test_sigkill_at_random_moments(mode: str, tmp_path: Path) -> None:
    folder = tmp_path / "api"
    crash_writer.prepare(folder)
    moments = random.Random(mode)
    for _ in range(8):
        with subprocess.Popen(
            [sys.executable, WRITER, mode, folder, "forever"], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            time.sleep(moments.uniform(0, 0.08))
            writer.send_signal(signal.SIGKILL)
        if mode == "exchange" and can_exchange(tmp_path):
            assert crash_writer.state(folder) in ("A", "B")
        with atomic.workspace(folder):
            assert crash_writer.state(folder) in ("A", "B")
        assert not atomic.work_folder(folder).exists()


def test_two_runs_at_once_wait_for_each_other(tmp_path: Path) -> None:
    folder = tmp_path / "api"
    crash_writer.prepare(folder)
    writers = [
        subprocess.Popen(
            [sys.executable, WRITER, "exchange", folder, "forever"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    time.sleep(1)
    alive = [writer.poll() for writer in writers]
    for writer in writers:
        writer.kill()
    errors = [writer.communicate()[1] for writer in writers]
    assert alive == [None] * 3, errors
    with atomic.workspace(folder):
        assert crash_writer.state(folder) in ("A", "B")


def test_an_error_while_staging_leaves_the_old_tree_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "api"
    crash_writer.prepare(folder)

    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(atomic, "write_file", full)
    with pytest.raises(OSError, match="No space left"):
        crash_writer.write(folder, "B")
    assert crash_writer.state(folder) == "A"
    assert [path.name for path in tmp_path.iterdir()] == ["api"]


def can_exchange(tmp_path: Path) -> bool:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir(exist_ok=True)
    second.mkdir(exist_ok=True)
    return atomic._exchange(first, second)  # pyright: ignore[reportPrivateUsage]
