"""Files as git has them at a revision."""

from __future__ import annotations

import subprocess
from pathlib import Path, PurePosixPath

from generator.errors import Location, error
from generator.files import MAX_BYTES


def exists(revision: str, *, at: Path) -> bool:
    """Whether the repository around the folder ``at`` has such a revision. Raises what :func:`run` does."""
    named = run(["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"], at=at)
    return not revision.startswith("-") and not named.returncode


def read(revision: str, path: str, *, at: Path, folder: str = ".") -> bytes:
    """The bytes of the file ``path`` in ``folder`` at a revision, where ``folder`` starts at the folder ``at``.

    Raises ``outside-root`` for a path that leaves the folder, ``FileNotFoundError``, and ``file-too-large``.
    """
    where = PurePosixPath(path)
    if where.is_absolute() or ".." in where.parts or revision.startswith("-"):
        message = f"'{path}' leads out of the folder of the spec"
        raise error("outside-root", message, Location(path), "copy the file below the folder of the spec")
    found = run(["cat-file", "blob", f"{revision}:./{PurePosixPath(folder) / where}"], at=at)
    if found.returncode:
        raise FileNotFoundError(2, "no such file at that revision", path)
    if len(found.stdout) > MAX_BYTES:
        message = f"'{path}' is larger than {MAX_BYTES // 1024**2} MB"
        raise error("file-too-large", message, Location(path), "split the description into several files")
    return found.stdout


def run(arguments: list[str], *, at: Path) -> subprocess.CompletedProcess[bytes]:
    """What git says. Raises ``git-missing`` where there is none."""
    try:
        return subprocess.run(["git", *arguments], cwd=at, capture_output=True, check=False)
    except FileNotFoundError as missing:
        message, hint = "git is not installed, so there are no revisions to read", "install git, or name a file"
        raise error("git-missing", message, Location(at.as_posix()), hint) from missing
