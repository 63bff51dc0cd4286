"""``watch``: integrations generated anew whenever what they are made from changes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from generator import jobs
from generator.layout import SETTINGS
from generator.manifest import TEMPLATES
from generator.options import in_project
from generator.report import count, printable

from .console import FINE


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@in_project
def watch(names: tuple[str, ...], project: Path | None) -> int:
    """Generate integrations anew when their specs, overlays or settings change, or a template does, until Ctrl-C.

    Prints a line for each change and what came of it. What cannot be generated is told as `generate` tells it, and the
    package stays as it was.
    """
    try:
        from watchfiles import watch as changes
    except ImportError as missing:
        raise click.UsageError("watchfiles is not installed: pip install 'specloom[watch]'.") from missing
    root = jobs.find_project(project)
    watched = [job.name for job in jobs.of_project(root, names)]
    _generate(root, watched)
    click.echo(f"watching {', '.join(watched)} (Ctrl-C ends it)")
    for found in changes(root / "spec", TEMPLATES, raise_interrupt=False):
        paths = sorted({Path(path) for _, path in found})
        moved = [name for name in _known(root, watched, names) if _concerns(root, name, paths)]
        if moved:
            more = f" and {count(len(paths) - 1, 'file')} more" if len(paths) > 1 else ""
            click.echo(printable(f"{_shown(paths[0], root)}{more} changed"))
            _generate(root, moved)
    return FINE


def _known(root: Path, watched: list[str], names: tuple[str, ...]) -> list[str]:
    """What is watched and still there; with no names given, what has come since as well."""
    there = [path.parent.name for path in sorted((root / "spec").glob(f"*/{SETTINGS}"))]
    return [name for name in there if not names or name in watched]


def _concerns(root: Path, name: str, paths: Iterable[Path]) -> bool:
    folder = (root / "spec" / name).resolve()
    return any(path.resolve().is_relative_to(folder) or path.is_relative_to(TEMPLATES) for path in paths)


def _shown(path: Path, root: Path) -> str:
    whole = root.resolve()
    return path.relative_to(whole).as_posix() if path.is_relative_to(whole) else path.as_posix()


def _generate(root: Path, names: list[str]) -> None:
    """As a process of its own: a template, or specloom itself, is read as it is now."""
    sys.stdout.flush()
    command = [sys.executable, "-m", "generator", "generate", "--project", str(root), *names]
    subprocess.run(command, check=False)
