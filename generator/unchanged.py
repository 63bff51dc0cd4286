"""Whether anything moved since a folder was generated, from digests alone and in about the time of an import.

Generation is a function of the inputs, of what was asked for and of the tool. The manifest has a digest of each, and of
every output: where all of them hold, a run would change nothing. The settings are an input like any other, so no YAML is
read here, and nothing is imported that could.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from generator import manifest
from generator.layout import CACHES, SETTINGS, work_folder
from generator.manifest import Manifest

_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # a pipe must not make it wait


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is asked for, as far as it is known before any file is read.

    ``root`` is the folder of the inputs. ``spec``, ``targets`` and ``overlays`` are those of a document without settings;
    where there are settings all are empty, for the file says them. ``lenient`` allows overlays that match nothing.
    """

    name: str
    root: Path
    spec: str = ""
    targets: tuple[str, ...] = ()
    overlays: tuple[str, ...] = ()
    lenient: bool = False

    @property
    def digest(self) -> str:
        """What stands for it in the manifest, when no overlay needed leniency."""
        return self._digest(lenient=False)

    @property
    def digests(self) -> tuple[str, ...]:
        """What may stand for it in the manifest: a lenient run may have found nothing to be lenient about."""
        return (self.digest, self._digest(lenient=True)) if self.lenient else (self.digest,)

    def _digest(self, *, lenient: bool) -> str:
        return manifest.settings_digest(
            self.name, spec=self.spec, targets=self.targets, overlays=self.overlays, lenient=lenient
        )


def is_unchanged(asked: Asked, folder: Path) -> bool:
    """Whether generating what is asked for into ``folder`` would change nothing there and find nothing to say.

    The inputs that the last run read are all that a run can read for as long as none of them moves. A run that left
    operations out has errors to tell, so it is never said to be unchanged. Raises ``SpecloomError`` for a manifest that is
    broken; whatever cannot be read is for the run to explain.
    """
    if work_folder(folder).exists():
        return False
    last = manifest.load(folder)
    if last is None or last.left_out or last.settings not in asked.digests:
        return False
    if not asked.spec and SETTINGS not in last.inputs:
        return False
    try:
        return manifest.is_current(last.tool) and _same_inputs(asked.root, last) and _same_outputs(folder, last)
    except OSError:
        return False


def has_others(project: Path, names: Collection[str]) -> bool:
    """Whether ``generated/`` holds folders besides those of the integrations ``names``."""
    try:
        with os.scandir(project / "generated") as entries:
            return any(entry.is_dir() and entry.name not in names for entry in entries)
    except OSError:
        return False


def _same_inputs(root: Path, last: Manifest) -> bool:
    for path, expected in last.inputs.items():
        # The manifest may come from anywhere: it names no file outside, and no device that never ends.
        if path.startswith("/") or ".." in path.split("/"):
            return False
        if not _is_same(f"{root}/{path}", expected):
            return False
    return True


def _same_outputs(folder: Path, last: Manifest) -> bool:
    expected = {str(path): digest for path, digest in last.outputs.items()}
    met = 0
    for path, entry in _files(str(folder), ""):
        if path in expected:
            if entry.is_symlink() or not _is_same(entry.path, expected[path]):
                return False
            met += 1
        elif path != str(manifest.FILE) and not any(part.startswith(".") for part in path.split("/")):
            return False
    return met == len(expected)


def _files(folder: str, at: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Everything below ``folder`` that is no folder, with its path there."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                yield at + entry.name, entry
            elif entry.name not in CACHES:
                yield from _files(entry.path, f"{at}{entry.name}/")


def _is_same(path: str, expected: str) -> bool:
    """Whether ``path`` is a file with that digest. Four calls of the system: a document may be a thousand files."""
    handle = os.open(path, _READ)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return False
        data = os.read(handle, status.st_size + 1)
    finally:
        os.close(handle)
    return hashlib.sha256(data).hexdigest() == expected
