"""``update``: the only command that asks the network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator import jobs
from generator.options import Format, in_project, reporting

from .console import DIFFERENT, FAILED, FINE, Findings, progress, remark, tell

if TYPE_CHECKING:
    from generator.jobs import Job
    from generator.upstream.fetch import Limits


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--check", is_flag=True, help="Write nothing, and exit with 1 when a source moved.")
@click.option("--allow-http", is_flag=True, help="Ask http as well, which anybody on the way can change.")
@click.option("--allow-private", is_flag=True, help="Ask loopback and private addresses as well.")
@click.option(
    "--timeout", type=click.FloatRange(0.1, 3600), default=60, show_default=True, help="Seconds for each document."
)
@reporting
@in_project
def update(
    names: tuple[str, ...],
    check: bool,
    allow_http: bool,
    allow_private: bool,
    timeout: float,
    style: Format,
    verbose: bool,
    project: Path | None,
) -> int:
    """Fetch what the specs name by URL into spec/NAME/upstream/, with a lock that tells what it is.

    Nothing else asks the network. What fails leaves the copies as they are.
    """
    try:
        from generator.upstream.fetch import Limits
    except ImportError as missing:
        raise click.UsageError(f"{missing.name} is not installed: pip install 'specloom[update]'.") from missing

    limits = Limits(allow_http=allow_http, allow_private=allow_private, seconds=timeout)
    findings = Findings()
    moved = False
    for job in jobs.of_project(jobs.find_project(project), names):
        with findings.collecting():
            moved |= _update(job, limits, check=check)
    tell(findings.all, style, verbose)
    return FAILED if findings.failed else DIFFERENT if check and moved else FINE


def _update(job: Job, limits: Limits, *, check: bool) -> bool:
    """Fetches the sources of one integration; whether any of them moved."""
    import asyncio

    from generator import report
    from generator.upstream import update as upstream

    integration = job.load()
    if not upstream.has_sources(integration):
        remark(f"{job.name}: no URLs")
        return False
    with report.files_of(integration.root), progress(f"asking for {job.name}"):
        found = asyncio.run(upstream.ask(integration, limits))
        if not check:
            upstream.write(integration, found)
    for item in found.moved:
        click.echo(f"{job.name}: {item.url} {'is ' if item.how != 'changed' else ''}{item.how}")
    if not found.moved:
        remark(f"{job.name}: unchanged")
    return bool(found.moved)
