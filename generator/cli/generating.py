"""``generate`` and ``check``: what is written, and what would be."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator import jobs, unchanged
from generator.jobs import Job
from generator.options import FILE, FOLDER, Format, going_on, in_project, reporting, rooted

from .console import DIFFERENT, FAILED, FINE, Findings, colours, progress, remark, tell, tell_done, tell_left_out

if TYPE_CHECKING:
    from generator.check import Drift
    from generator.config import Integration
    from generator.pipeline import Generated
    from generator.report import Done


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--input", "source", type=FILE, metavar="SPEC", help="A document, without any configuration.")
@click.option("--output", "folder", type=FOLDER, metavar="DIR", help="Where the package for --input goes.")
@click.option("--targets", metavar="LIST", help="With --input: some of models,server,client.")
@going_on
@reporting
@rooted
@in_project
def generate(
    names: tuple[str, ...],
    source: Path | None,
    folder: Path | None,
    targets: str | None,
    root: Path | None,
    keep_going: bool,
    style: Format,
    verbose: bool,
    project: Path | None,
) -> int:
    """Write what the specs say; every integration when none is named.

    Prints a line for each package that changed. Never touches a file that it did not generate.
    """
    if source is None and folder is None and targets is None and root is None:
        asked = jobs.of_project(jobs.find_project(project), names)
    elif source is None or folder is None:
        raise click.UsageError("--input and --output go together.")
    elif names:
        raise click.UsageError("--input takes no names: it is for a document without configuration.")
    else:
        asked = [jobs.of_document(source, folder, targets, root=root)]
    return _generate(asked, keep_going, style, verbose)


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@going_on
@reporting
@in_project
def check(names: tuple[str, ...], keep_going: bool, style: Format, verbose: bool, project: Path | None) -> int:
    """Say what `generate` would change, and why. Writes nothing.

    Tells files that are missing, changed by hand, stale because the spec or the tool moved, orphaned or foreign.
    Exits with 1 when there are any. What `generate --keep-going` wrote is checked as it was written.
    """
    root = jobs.find_project(project)
    asked = jobs.of_project(root, names)
    findings = Findings()
    drifts: list[Drift] = []
    for job in asked:
        with findings.collecting():
            if not unchanged.is_unchanged(job.asked, job.folder):
                drifts += _check(job, keep_going, findings)
    if not names and unchanged.has_others(root, {job.name for job in asked}):
        from generator import check as checking

        with findings.collecting():
            drifts += checking.orphans(root / "generated", [job.name for job in asked])
    if style != "text" or drifts or findings.all:
        from generator import machine, report

        if style == "json":
            click.echo(machine.as_json(findings.all, drift=drifts), nl=False)
        elif style == "github":
            click.echo(machine.as_github(findings.all, drifts), nl=False)
        else:
            click.echo(report.drift(drifts, colour=colours(sys.stdout)), nl=False)
            tell(findings.all, style, verbose)
    if not findings.failed and not drifts:
        remark(f"in step: {', '.join(job.name for job in asked)}")
    return FAILED if findings.failed else DIFFERENT if drifts else FINE


def _generate(asked: Iterable[Job], keep_going: bool, style: Format, verbose: bool) -> int:
    """Every job, whatever becomes of the others."""
    findings = Findings()
    done: list[Done] = []
    for job in asked:
        with findings.collecting():
            if unchanged.is_unchanged(job.asked, job.folder):
                remark(f"{job.name}: unchanged")
                continue
            done.append(_write(job, keep_going, findings))
            if style == "text":
                tell_done(done[-1], verbose)
    if style != "text":
        from generator import machine

        text = machine.as_json(findings.all, left_out=findings.left_out, done=done)
        click.echo(text if style == "json" else machine.as_github(findings.all), nl=False)
    else:
        tell(findings.all, style, verbose)
        tell_left_out(findings.left_out)
    return FAILED if findings.failed else DIFFERENT if findings.left_out else FINE


def _write(job: Job, keep_going: bool, findings: Findings) -> Done:
    """Generates and writes one package; what is to be told of its document is added to ``findings``."""
    from generator import check as checking
    from generator import output, report

    integration = job.load()
    with progress(f"generating {job.name}"):
        generated = _generated(integration, keep_going)
    findings.add(report.found_at(integration.root, generated.found))
    plan = output.write(job.folder, generated.tree, checking.manifest_of(integration, generated))
    return report.Done(job.name, job.folder, plan)


def _check(job: Job, keep_going: bool, findings: Findings) -> Sequence[Drift]:
    """How one package differs, and the operations that it goes without."""
    from generator import check as checking
    from generator import report

    integration = job.load()
    remembered = checking.left_out(job.folder)
    with progress(f"checking {job.name}"):
        generated = _generated(integration, keep_going or bool(remembered))
    found = report.found_at(integration.root, generated.found)
    if found.left_out and remembered == frozenset(item.name for item in found.left_out):
        findings.all.append(report.accepted(job.folder, found))
    else:
        findings.all += found.errors
    return checking.compare(job.folder, generated.tree, checking.manifest_of(integration, generated))


def _generated(integration: Integration, keep_going: bool) -> Generated:
    from generator import pipeline, report

    with report.files_of(integration.root):
        return pipeline.generate(integration, keep_going=keep_going)
