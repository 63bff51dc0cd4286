"""``bundle``, ``inspect`` and ``docs``: what a document says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator import jobs
from generator.options import NEW_FILE, SOURCE_HELP, Format, going_on, in_project, overlaying, reporting, rooted

from .console import DIFFERENT, FAILED, FINE, Findings, progress, tell, tell_left_out

if TYPE_CHECKING:
    from generator.bundle import Bundle
    from generator.config import Integration
    from generator.pipeline import Description


@click.command(epilog=SOURCE_HELP)
@click.argument("spec")
@overlaying
@reporting
@rooted
@in_project
def bundle(
    spec: str,
    overlays: tuple[Path, ...],
    lenient: bool,
    root: Path | None,
    style: Format,
    verbose: bool,
    project: Path | None,
) -> int:
    """Print SPEC as one resolved JSON document. Findings go to stderr, whatever their format."""
    from generator import pipeline

    return print_document(
        lambda: jobs.source(spec, project, root, overlays, lenient=lenient).load(), pipeline.bundle, style, verbose
    )


def print_document(
    load: Callable[[], Integration], read: Callable[[Integration], Bundle], style: Format, verbose: bool
) -> int:
    """Prints what ``read`` makes of an integration's document as JSON, and tells what it finds."""
    import json

    from generator import report

    findings = Findings()
    with findings.collecting():
        integration = load()
        with report.files_of(integration.root):
            made = read(integration)
        findings.all += report.found_in(integration.root, made.warnings)
        click.echo(json.dumps(made.tree, indent=2, ensure_ascii=False).encode())
    tell(findings.all, style, verbose)
    return FAILED if findings.failed else FINE


@click.command(epilog=SOURCE_HELP)
@click.argument("spec")
@overlaying
@going_on
@reporting
@rooted
@in_project
def inspect(
    spec: str,
    overlays: tuple[Path, ...],
    lenient: bool,
    root: Path | None,
    keep_going: bool,
    style: Format,
    verbose: bool,
    project: Path | None,
) -> int:
    """Show the operations, schemas and features of SPEC, and what is odd about it."""
    from generator import machine, pipeline, report

    findings = Findings()
    described: list[Description] = []
    with findings.collecting():
        integration = jobs.source(spec, project, root, overlays, lenient=lenient).load()
        with report.files_of(integration.root):
            described.append(pipeline.describe(integration, keep_going=keep_going))
        findings.add(report.found_at(integration.root, described[0].found))
    if style == "json":
        click.echo(machine.as_json(findings.all, left_out=findings.left_out, described=described), nl=False)
    elif style == "github":
        click.echo(machine.as_github(findings.all), nl=False)
    else:
        click.echo("".join(map(report.description, described)), nl=False)
        tell(findings.all, style, verbose)
        tell_left_out(findings.left_out)
    return FAILED if findings.failed else DIFFERENT if findings.left_out else FINE


@click.command(epilog=SOURCE_HELP)
@click.argument("spec")
@click.option("--output", "file", type=NEW_FILE, metavar="FILE", help="Where the page goes. Default: stdout.")
@overlaying
@going_on
@reporting
@rooted
@in_project
def docs(
    spec: str,
    file: Path | None,
    overlays: tuple[Path, ...],
    lenient: bool,
    root: Path | None,
    keep_going: bool,
    style: Format,
    verbose: bool,
    project: Path | None,
) -> int:
    """Print SPEC as one HTML page to browse and search: operations, schemas, examples, calls in Python.

    The page is whole in itself. It asks for nothing, and shows what the document says as text. Findings go to stderr.
    """
    from generator import atomic, pipeline, report
    from generator import docs as documenting

    findings = Findings()
    with findings.collecting():
        integration = jobs.source(spec, project, root, overlays, lenient=lenient).load()
        with progress(f"reading {integration.name}"), report.files_of(integration.root):
            understood = pipeline.understand(integration, keep_going=keep_going)
        findings.add(report.found_at(integration.root, understood.found))
        page = documenting.page(understood.api, package=integration.package).encode()
        if file is None:
            click.echo(page, nl=False)
        else:
            atomic.replace_file(file, page)
    tell(findings.all, style, verbose)
    tell_left_out(findings.left_out)
    return FAILED if findings.failed else DIFFERENT if findings.left_out else FINE
