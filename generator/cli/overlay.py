"""``specloom overlay``: overlays as documents of their own, made and applied."""

from __future__ import annotations

from pathlib import Path

import click

from generator import jobs
from generator.options import FILE, NEW_FILE, SOURCE_HELP, Format, in_project, lenient, reporting, rooted
from generator.tree import JsonObject

from .console import FAILED, FINE, Findings, remark, tell
from .reading import print_document


@click.group()
def overlay() -> None:
    """Apply OpenAPI Overlays (1.0 and 1.1), and make one out of two documents."""


@overlay.command(epilog=SOURCE_HELP)
@click.argument("spec")
@click.argument("overlays", nargs=-1, required=True, type=FILE, metavar="OVERLAY...")
@lenient
@reporting
@rooted
@in_project
def apply(
    spec: str,
    overlays: tuple[Path, ...],
    lenient: bool,
    root: Path | None,
    style: Format,
    verbose: bool,
    project: Path | None,
) -> int:
    """Print what the OVERLAYs make of SPEC, in their order, as one JSON document. `bundle` repairs it as well."""
    from generator import pipeline

    return print_document(
        lambda: jobs.source(spec, project, root, overlays, lenient=lenient).load(), pipeline.patched, style, verbose
    )


@overlay.command(epilog="OLD and NEW are files, or names of integrations.")
@click.argument("old")
@click.argument("new")
@click.option("--output", "file", type=NEW_FILE, metavar="FILE", help="Where the overlay goes. Default: stdout.")
@reporting
@rooted
@in_project
def compare(
    old: str, new: str, file: Path | None, root: Path | None, style: Format, verbose: bool, project: Path | None
) -> int:
    """Print the overlay that turns OLD into NEW."""
    from generator import atomic, pipeline, report
    from generator.overlay.compare import compare as compared
    from generator.plain_yaml import as_yaml

    findings = Findings()
    with findings.collecting():
        trees: list[JsonObject] = []
        for spec in (old, new):
            integration = jobs.source(spec, project, root).load()
            with report.files_of(integration.root):
                trees.append(pipeline.patched(integration, keep_going=True).tree)
        found = compared(trees[0], trees[1])
        if found is None:
            remark("the documents are equal: no overlay is needed")
        elif file is None:
            click.echo(as_yaml(found).encode(), nl=False)
        else:
            atomic.replace_file(file, as_yaml(found).encode())
    tell(findings.all, style, verbose)
    return FAILED if findings.failed else FINE
