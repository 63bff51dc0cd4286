"""What ``diff`` compares: a file, a file as git has it at a revision, an integration, or what one was last made from."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from os.path import relpath
from pathlib import Path

import click

from generator import jobs, pipeline, report, revisions
from generator.config import Include, Integration, read_settings
from generator.errors import Location
from generator.layout import SETTINGS
from generator.pipeline import Comparable, Understood
from generator.tree import JsonObject


@dataclass(frozen=True, slots=True)
class Version:
    """A document at one time. ``label`` is what people call it, ``shown`` what stands in front of its files' names."""

    label: str
    integration: Integration
    shown: str

    def understood(self) -> Understood:
        """The document, read. Raises ``SpecloomError`` for what is wrong with it."""
        with report.files_of(Path(self.shown)):
            return pipeline.understand(self.integration)

    def comparable(self) -> Comparable:
        """The document as far as it can be compared. Raises ``SpecloomError`` for one that cannot be read."""
        with report.files_of(Path(self.shown)):
            return pipeline.comparable(self.integration)

    def place(self, location: Location) -> Location:
        """A location with the file as people find it."""
        return replace(location, file=f"{self.shown}/{location.file}".removeprefix("./"))


@dataclass(frozen=True)
class _AtRevision(Integration):
    """An integration whose files git has. ``folder`` is its root from the current one on."""

    revision: str = ""
    folder: str = ""

    def read(self, path: str) -> bytes:
        """The bytes of a file as it was. Raises as :meth:`Integration.read` does."""
        return revisions.read(self.revision, path, at=self.root, folder=self.folder)


def version(text: str, project: Path | None, root: Path | None = None) -> Version:
    """What ``text`` names: a file, an integration, or either as git has it (``REVISION:PATH``, ``REVISION:NAME``).

    Raises ``click.UsageError`` for what is none of them, ``SpecloomError`` for settings that are wrong.
    """
    revision, colon, path = text.partition(":")
    if colon and not Path(text).exists():
        return _at_revision(revision, path, project)
    integration = jobs.source(text, project, root).load()
    return Version(text, integration, integration.root.as_posix())


def last_generated(name: str, project: Path | None) -> Version:
    """What the integration's package was last generated from, read with the settings that it has now.

    Raises ``click.UsageError`` where nothing was generated.
    """
    job = jobs.of_project(jobs.find_project(project), [name])[0]
    document = job.folder / "openapi.json"
    if not document.is_file():
        raise click.UsageError(f"{name} was not generated yet: there is no {document.as_posix()}.")
    # It holds what the settings chose and overlays changed, so nothing is left to choose or to change.
    integration = replace(job.load(), root=job.folder, spec=(document.name,), overlays=(), include=Include(), skip={})
    return Version(f"{name}, last generated", integration, job.folder.as_posix())


def _at_revision(revision: str, named: str, project: Path | None) -> Version:
    if not revisions.exists(revision, at=Path()):
        raise click.UsageError(f"{revision!r} is no revision of a git repository here.")
    at = _AtRevision("api", Path(), (), revision=revision)
    if named.isidentifier():
        return _settled(at, named, jobs.find_project(project))
    path = Path(named)
    folder = path.parent.as_posix()
    found = replace(at, spec=(path.name,), folder=folder)
    try:
        found.read(path.name)
    except FileNotFoundError as missing:
        raise click.UsageError(f"There is no file {path.as_posix()!r} at {revision}.") from missing
    return Version(f"{revision}:{path.as_posix()}", found, f"{revision}:{folder}")


def _settled(at: _AtRevision, name: str, project: Path) -> Version:
    """An integration as its settings said it at that revision."""
    folder = Path(relpath(project / "spec" / name)).as_posix()
    found = replace(at, folder=folder)
    try:
        data = found.read(SETTINGS)
    except FileNotFoundError as missing:
        raise click.UsageError(f"There is no integration {name!r} at {at.revision}.") from missing
    shown = f"{at.revision}:{folder}"
    with report.files_of(Path(shown)):
        settings = read_settings(data, project / "spec" / name)
    said: JsonObject = {field.name: getattr(settings, field.name) for field in fields(settings)}
    # Git is asked from here.
    said["root"] = Path()
    then = _AtRevision(**said, revision=at.revision, folder=found.folder)
    return Version(f"{at.revision}:{name}", then, shown)
