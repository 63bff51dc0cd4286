"""What the commands have in common to say. Findings go to stderr, whatever was asked for to stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

import click

from generator.errors import Diagnostic, explained
from generator.options import Format

if TYPE_CHECKING:
    from generator.findings import Found, LeftOut
    from generator.report import Done

FINE, DIFFERENT, FAILED, INTERRUPTED = 0, 1, 2, 130
"""Exit codes."""


class Findings:
    """What a run has to tell, over all its integrations. ``failed`` says that one of them could not be done."""

    def __init__(self) -> None:
        self.all: list[Diagnostic] = []
        self.left_out: list[LeftOut] = []
        self.failed = False

    def add(self, found: Found) -> None:
        """What was found in a document that could be read."""
        self.all += [*found.errors, *found.warnings]
        self.left_out += found.left_out

    @contextmanager
    def collecting(self) -> Generator[None]:
        """Keeps what goes wrong inside for the report at the end, so that the next integration has its turn."""
        try:
            yield
        except (BrokenPipeError, click.ClickException):
            raise
        except Exception as problem:
            if "SPECLOOM_DEBUG" in os.environ:
                raise
            self.failed = True
            self.all += explained(problem)


def tell(found: Sequence[Diagnostic], style: Format, verbose: bool = False) -> None:
    """Tells findings on stderr."""
    if not found:
        return
    from generator import machine, report

    if style == "json":
        text = machine.as_json(found)
    elif style == "github":
        text = machine.as_github(found)
    else:
        text = report.diagnostics(found, colour=colours(sys.stderr), verbose=verbose)
    click.echo(text, nl=False, err=True)


def tell_left_out(left_out: Sequence[LeftOut]) -> None:
    if left_out:
        from generator import report

        click.echo(report.left_out(left_out), nl=False, err=True)


def tell_done(done: Done, verbose: bool) -> None:
    """A line for a package that changed; at a terminal for one that did not as well."""
    if done.plan.is_empty:
        remark(done.summary)
        return
    click.echo(done.summary)
    if verbose:
        for line in done.files:
            click.echo(line)


def remark(text: str) -> None:
    """Something that only a person at a terminal wants to know."""
    if sys.stderr.isatty():
        click.echo(text, err=True)


@contextmanager
def progress(text: str) -> Generator[None]:
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


def colours(stream: TextIO) -> bool:
    """Whether people who look at ``stream`` want colours (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
