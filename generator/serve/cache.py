"""Where what is served is generated: a folder for each document in the user's cache, made anew when anything moves."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from dataclasses import dataclass, replace
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING

from generator import manifest, unchanged
from generator.errors import Location, SpecloomError, error
from generator.jobs import Job

if TYPE_CHECKING:
    from generator.findings import Found

_TARGETS = ("models", "server", "answers")


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one document, or of one integration, in the cache."""

    job: Job
    folder: Path
    keep_going: bool

    def is_current(self) -> bool:
        """Whether what is there is what would be generated now."""
        spec = self.job.asked.spec
        return unchanged.is_unchanged(replace(self.job.asked, targets=_TARGETS if spec else ()), self.folder)

    def fill(self) -> Found | None:
        """Generates the package if anything moved since it was; gives what was found in the document then.

        Raises :class:`SpecloomError` for a document that cannot be used, ``OSError`` when the disk says no. What was
        there before stays until all is well.
        """
        if self.is_current():
            return None
        from generator import check, output, pipeline, report  # a tenth of the time of a start that needs none of them

        integration = replace(self.job.load(), targets=_TARGETS, formatter="none")
        with report.files_of(integration.root):
            generated = pipeline.generate(integration, keep_going=self.keep_going)
        owner = check.manifest_of(integration, generated)
        try:
            plan = output.write(self.folder, generated.tree, owner)
        except SpecloomError:  # Nobody's work is lost here: the folder is ours alone.
            shutil.rmtree(self.folder)
            plan = output.write(self.folder, generated.tree, owner)
        for path in plan.written:
            # Python tells an old .pyc by the second and the size of its source, which two runs may share.
            Path(cache_from_source(str(self.folder / path))).unlink(missing_ok=True)
        return report.found_at(integration.root, generated.found)

    def inputs(self) -> list[Path]:
        """The files that the package was made from, as far as it is known."""
        last = manifest.load(self.folder)
        return [self.job.asked.root / path for path in (last.inputs if last is not None else ())]


def slot_of(job: Job, *, keep_going: bool) -> Slot:
    """The slot for what a command line asks for. Raises ``OSError`` when the cache cannot be written, and
    :class:`SpecloomError` when it is somebody else's: what is in it will be run.
    """
    asked = job.asked
    parts = (os.path.abspath(asked.root), asked.spec, keep_going, *asked.overlays, asked.lenient)
    place = "\0".join(map(str, parts)).encode(errors="surrogateescape")
    folder = _cache() / hashlib.sha256(place).hexdigest()[:32]
    folder.mkdir(mode=0o700, exist_ok=True)
    return Slot(job, folder / asked.name, keep_going)


def _cache() -> Path:
    """The folder of all slots, which nobody else may read or write (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(home, "specloom", "serve")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    theirs = hasattr(os, "getuid") and found.st_uid != os.getuid()
    if theirs or not stat.S_ISDIR(found.st_mode):
        raise error(
            "cache-not-ours", "this folder belongs to somebody else, and what is in it would be run",
            Location(folder.as_posix()), "remove it, or name another cache with XDG_CACHE_HOME",
        )  # fmt: skip
    folder.chmod(0o700)
    return folder
