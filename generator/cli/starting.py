"""``new`` and ``serve``: an integration to start from, a server to call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator import jobs
from generator.errors import explained
from generator.options import FILE, SOURCE_HELP, going_on, in_project, rooted

from .console import FINE, progress, tell, tell_left_out

if TYPE_CHECKING:
    from generator.findings import Found


@click.command()
@click.argument("name")
@click.option(
    "--from",
    "source",
    type=FILE,
    metavar="FILE",
    required=True,
    help="The document: .yaml, .json, .md.",
)
@in_project
def new(name: str, source: Path, project: Path | None) -> int:
    """Start the integration NAME from a document.

    Makes spec/NAME/, generates generated/NAME/, and writes NAME_app.py: the handlers, yours to fill in.
    """
    from generator import scaffold

    made = scaffold.create(name, source=source, project=jobs.find_project(project, or_here=True))
    tell(made.warnings, "text")
    for path in made.written:
        click.echo(f"wrote {path.as_posix()}")
    click.echo("\nRun it:\n")
    for line in made.commands:
        click.echo(f"    {line}")
    return FINE


@click.command(epilog=SOURCE_HELP)
@click.argument("spec")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--reload", is_flag=True, help="Follow the document: serve it anew when it changes.")
@click.option("--no-auth", is_flag=True, help="Ask for no credentials. Otherwise any will do where the document asks.")
@going_on
@rooted
@in_project
def serve(
    spec: str,
    host: str,
    port: int,
    reload: bool,
    no_auth: bool,
    keep_going: bool,
    root: Path | None,
    project: Path | None,
) -> int:
    """Run the generated server of SPEC, answering every operation with example data.

    Requests are checked as the document says; each is told on stderr. Equal requests have equal answers.
    """
    try:
        from generator.serve import cache, run
        from generator.serve.package import anybody
    except ImportError as missing:
        raise click.UsageError(f"{missing.name} is not installed: pip install 'specloom[serve]'.") from missing

    def tell_found(found: Found) -> None:
        tell([*found.errors, *found.warnings], "text")
        tell_left_out(found.left_out)

    audience = run.Audience(
        line=lambda line: click.echo(line, err=True),
        found=tell_found,
        went_wrong=lambda problem: tell(explained(problem), "text"),
    )
    slot = cache.slot_of(jobs.source(spec, project, root), keep_going=keep_going)
    with run.listening(host, port) as listener:
        with progress(f"generating {slot.job.name}"):
            found = slot.fill()
        if found is not None:
            tell_found(found)
        run.run(slot, listener, authenticate=None if no_auth else anybody, reload=reload, audience=audience)
    return FINE
