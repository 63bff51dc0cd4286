"""Where a project keeps things: the names that commands, settings and writing have in common."""

from __future__ import annotations

from pathlib import Path

SETTINGS = "integration.yaml"
"""The settings of an integration, in its folder ``spec/<name>/``."""

ANSWERS = "answers.json"
"""What examples of answers are made of, in a package that ``serve`` runs."""

GENERATED = "generated"
"""The folder of a project's packages."""

TARGETS = ("models", "server", "client")
"""What can be made of a document."""

CACHES = frozenset({"__pycache__"})
"""Folders that Python makes by itself: nobody's work, and no file of ours."""


def settings_files(project: Path) -> list[Path]:
    """The settings of every integration of a project, by its name."""
    return sorted(project.glob(f"spec/*/{SETTINGS}"))


def output_folder(project: Path, name: str) -> Path:
    """Where the package of the integration ``name`` stands."""
    return project / GENERATED / name


def path_below(root: Path, file: Path) -> str | None:
    """The path of ``file`` from ``root`` on, ``None`` where it is not below it. Links of folders are followed."""
    real, top = file.parent.resolve() / file.name, root.resolve()
    return real.relative_to(top).as_posix() if real.is_relative_to(top) else None


def work_folder(folder: Path) -> Path:
    """Where the replacement of the generated ``folder`` is prepared; there only while a run works, or was killed."""
    return folder.with_name(f".{folder.name}.specloom")
