"""The options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

import click

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
SOURCE_HELP = "SPEC is a file, or the name of an integration."

Format: TypeAlias = Literal["text", "json", "github"]
"""How findings are told."""

_Command = TypeVar("_Command", bound=Callable[..., int])

in_project = click.option(
    "--project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder that holds spec/ and generated/. Default: found upwards from here.",
)
going_on = click.option(
    "--keep-going", is_flag=True, help="Leave out the operations that cannot be done, say why, and exit with 1."
)
rooted = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder that a document's references may reach. Default: the document's own.",
)
lenient = click.option(
    "--lenient-overlays", "lenient", is_flag=True, help="Warn of a target in an overlay that matches nothing."
)


def overlaying(command: _Command) -> _Command:
    """The options that apply overlays to a document."""
    overlays = click.option(
        "--overlay",
        "overlays",
        type=FILE,
        multiple=True,
        metavar="FILE",
        help="An overlay to apply to the document; may be given several times, in order.",
    )
    return overlays(lenient(command))


def reporting(command: _Command) -> _Command:
    """The options that say how findings are told."""
    style = click.option(
        "--format",
        "style",
        type=click.Choice(["text", "json", "github"]),
        default="text",
        show_default=True,
        help="How findings are told: for people, as JSON, or beside the lines of a pull request.",
    )
    verbose = click.option(
        "-v", "--verbose", is_flag=True, help="Tell notes and all warnings, and name the files written."
    )
    return style(verbose(command))
