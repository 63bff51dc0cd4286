"""The commands. The only package that prints or exits.

Exit codes: 0 fine; 1 differences found, or something left out; 2 it could not be done. What was asked for goes to stdout,
everything about the run to stderr. Each command imports what it needs when it runs: ``--help``, and a run that has nothing to
do, stay as quick as an import of click.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

import click

from generator import manifest
from generator.errors import explained

from .changes import compare, diff, explain, report
from .console import FAILED, FINE, INTERRUPTED, tell
from .generating import check, generate
from .overlay import overlay
from .reading import bundle, docs, inspect
from .starting import new, serve
from .updating import update
from .watching import watch


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and gives its exit code. Bad input never ends in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(arguments, prog_name="specloom", standalone_mode=False)
        sys.stdout.flush()
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as problem:
        problem.show()
        return FAILED
    except BrokenPipeError:
        return _unread()
    except Exception as problem:
        if "SPECLOOM_DEBUG" in os.environ:
            raise
        tell(explained(problem), "text")
        return FAILED
    return code if isinstance(code, int) else FINE


class _Commands(click.Group):
    """The group, with our answer to a closed pipe in the place of click's, which would be the code for differences."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return _unread()


def _unread() -> int:
    """Ends without a word when whoever read our output has seen enough."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"specloom {manifest.version('specloom')}")
        context.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_show_version, help="Show the version."
)
def cli() -> None:
    """OpenAPI documents in; pydantic models, FastAPI server stubs and httpx2 clients out.

    Integrations live in spec/NAME/integration.yaml; what they generate in generated/NAME/.
    Exit codes: 0 fine, 1 differences found or something left out, 2 it could not be done.
    """


COMMANDS = (generate, check, update, diff, explain, compare, overlay, report, bundle, inspect, docs, new, serve, watch)
for command in COMMANDS:
    cli.add_command(command)
