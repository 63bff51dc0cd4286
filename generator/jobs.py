"""What a command line asks for: the integrations, where their settings are and where their packages go.

Nothing is read here but names of folders: settings are read by :meth:`Job.load`, when a run is really needed.
"""

from __future__ import annotations

import keyword
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.layout import TARGETS, output_folder, path_below, settings_files
from generator.unchanged import Asked

if TYPE_CHECKING:
    from generator.config import Integration


@dataclass(frozen=True, slots=True)
class Job:
    """One integration to generate or check: what is asked for, the folder of the package, how to read the settings."""

    asked: Asked
    folder: Path
    read: Callable[[], Integration]

    @property
    def name(self) -> str:
        """The name of the integration and of its package."""
        return self.asked.name

    def load(self) -> Integration:
        """The settings. Raises ``SpecloomError`` when they are wrong."""
        from generator import report

        with report.files_of(self.asked.root):
            return self.read()


def of_project(project: Path, names: Sequence[str], *, lenient: bool = False) -> list[Job]:
    """The integrations of the project that are named, all for no name. Raises ``click.UsageError`` for unknown ones."""
    folders = {path.parent.name: path.parent for path in settings_files(project)}
    for name in names:
        if name not in folders:
            known = ", ".join(folders) or "none"
            raise click.UsageError(f"There is no integration {name!r} in {project / 'spec'}; there are: {known}.")
    if not folders:
        raise click.UsageError(f"No integration in {project / 'spec'}; `specloom new NAME --from FILE` makes one.")
    return [_of_folder(project, folders[name], lenient) for name in dict.fromkeys(names or folders)]


def _of_folder(project: Path, folder: Path, lenient: bool) -> Job:
    def read() -> Integration:
        from generator import config

        return replace(config.load_integration(folder), lenient_overlays=lenient)

    return Job(Asked(folder.name, folder, lenient=lenient), output_folder(project, folder.name), read)


def of_document(
    source: Path,
    folder: Path,
    targets: str | None,
    *,
    root: Path | None = None,
    overlays: Sequence[Path] = (),
    lenient: bool = False,
) -> Job:
    """The document ``source``, which has no settings and may refer to what is below ``root``, by default its folder.

    Raises ``click.UsageError`` for what cannot be asked.
    """
    folder = folder if folder.name not in ("", "..") else Path(os.path.abspath(folder))
    name = folder.name
    if not name.isidentifier() or keyword.iskeyword(name):
        raise click.UsageError(f"--output names the package to be made, which cannot be called {name!r}.")
    chosen = tuple(item.strip() for item in targets.split(",")) if targets is not None else TARGETS
    if unknown := [item for item in chosen if item not in TARGETS]:
        raise click.UsageError(f"--targets does not know {unknown[0]!r}; there are {', '.join(TARGETS)}.")

    def read() -> Integration:
        from generator import config

        found = config.from_input(source, name=name, targets=chosen, root=root, overlays=overlays)
        return replace(found, lenient_overlays=lenient)

    within = root or source.parent
    path, *others = (_below(within, file) for file in (source, *overlays))
    return Job(Asked(name, within, path, chosen, tuple(others), lenient), folder, read)


def _below(root: Path, file: Path) -> str:
    path = path_below(root, file)
    if path is None:
        raise click.UsageError(
            f"{file.as_posix()} is not below {root.as_posix()}: name a folder that holds all the files with --root."
        )
    return path


def find_project(chosen: Path | None, *, or_here: bool = False) -> Path:
    """The project's folder, relative to the current one: ``chosen``, or the nearest above that has a ``spec`` folder."""
    if chosen is not None:
        return chosen
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "spec").is_dir():
            return Path(os.path.relpath(folder))
    if or_here:
        return Path()
    raise click.UsageError("No folder spec/ here or above. Name the project with --project.")


def source(
    spec: str, project: Path | None, root: Path | None, overlays: Sequence[Path] = (), *, lenient: bool = False
) -> Job:
    """What ``bundle`` and ``inspect`` read: a file, or an integration by its name.

    Raises ``click.UsageError`` for what is neither, and for ``root`` and ``overlays`` beside settings, which say them.
    """
    path = Path(spec)
    if path.is_file():
        return of_document(path, Path("api"), None, root=root, overlays=overlays, lenient=lenient)
    if root is not None:
        raise click.UsageError("--root goes with a file: an integration reads what is in its own folder.")
    if overlays:
        raise click.UsageError("Overlays go with a file: an integration names its own in its integration.yaml.")
    if not spec.isidentifier():
        raise click.UsageError(f"There is no file {spec!r}.")
    return of_project(find_project(project), [spec], lenient=lenient)[0]
