"""``diff``, ``explain`` and ``compare``: what changed between two documents, and how several differ."""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import get_terminal_size

import click

from generator import jobs
from generator.options import FILE, NEW_FILE, in_project, rooted

from .console import DIFFERENT, FAILED, FINE, Findings, colours, progress, tell

FORMATS = ("text", "json", "markdown", "github", "sarif", "junit", "html")


@click.command()
@click.argument("old")
@click.argument("new", required=False)
@click.option(
    "--fail-on",
    type=click.Choice(["breaking", "warning", "any"]),
    help="Exit with 1 when there is a finding at least as grave.",
)
@click.option("--all", "everything", is_flag=True, help="Show every finding, however many there are.")
@click.option("--ignore", "ignoring", type=FILE, metavar="FILE", help="Findings to leave out, each with a reason.")
@click.option("--format", "style", type=click.Choice(FORMATS), default="text", show_default=True)
@rooted
@in_project
def diff(
    old: str,
    new: str | None,
    fail_on: str | None,
    everything: bool,
    ignoring: Path | None,
    style: str,
    root: Path | None,
    project: Path | None,
) -> int:
    """Say what changed from OLD to NEW, and whom it breaks: callers on the wire, or code that uses what is generated.

    OLD and NEW are files, files at a git revision (HEAD~1:spec/openapi.yaml) or integrations. An integration alone is
    compared with what it was last generated from. A document that cannot be read is an error, never "no changes".
    """
    from generator import changes, report, versions

    findings = Findings()
    with findings.collecting():
        before = versions.version(old, project, root) if new else versions.last_generated(old, project)
        after = versions.version(new or old, project, root)
        with progress(f"comparing {before.label} with {after.label}"):
            told = changes.Report.of(before, after, changes.read_ignored(ignoring) if ignoring else ())
        if style == "text":
            text = changes.as_text(told, everything=everything, paint=report.painter(colours(sys.stdout)))
        else:
            text = changes.FORMATS[style](told)
        click.echo(text, nl=False)
        return DIFFERENT if fail_on and told.is_at_least(fail_on) else FINE
    tell(findings.all, "text")
    return FAILED


@click.command()
@click.argument("rule", required=False, metavar="[ID]")
def explain(rule: str | None) -> int:
    """Say what a rule of `diff` finds, whom that hurts and what to do instead; without ID, name all rules."""
    from generator import changes

    text = changes.about(rule)
    if text is None:
        meant = changes.near(rule or "")
        hint = f"did you mean {meant}?" if meant else "`specloom explain` lists them."
        raise click.UsageError(f"There is no rule {rule!r}; {hint}")
    click.echo(text, nl=False)
    return FINE


@click.command()
@click.argument("specs", nargs=-1, required=True, metavar="A B...")
@click.option("--operation", default="", help='One operation, as "POST /images/generations" or by its name.')
@click.option("--all", "everything", is_flag=True, help="Show what is alike as well.")
@click.option("--format", "style", type=click.Choice(["text", "markdown", "html"]), default="text", show_default=True)
@in_project
def compare(specs: tuple[str, ...], operation: str, everything: bool, style: str, project: Path | None) -> int:
    """Show the same operation in several APIs side by side, field by field: what one has and another has not.

    Each is a file, a file at a git revision, or an integration. Operations are the same where their paths end alike, or
    where their bodies do.
    """
    from dataclasses import replace

    from generator import comparing, report, versions
    from generator.changes import matrix, page

    if len(specs) < 2:
        raise click.UsageError("There is nothing to compare with: name two at least.")
    findings = Findings()
    with findings.collecting():
        apis = [
            replace(version.understood().api, name=version.label)
            for version in (versions.version(spec, project) for spec in specs)
        ]
        found = comparing.compare(apis, operation=operation)
        if not found:
            what = f"{operation!r} is not in two of them" if operation else "They have no operation in common"
            raise click.UsageError(f"{what}; `specloom inspect` lists what each has.")
        if style == "html":
            click.echo(page.as_html("How they differ", matrices=found), nl=False)
        elif style == "markdown":
            click.echo(matrix.as_markdown(found, everything=everything), nl=False)
        else:
            paint = report.painter(colours(sys.stdout))
            width = get_terminal_size((120, 40)).columns
            click.echo(matrix.as_text(found, everything=everything, width=width, paint=paint), nl=False)
        return FINE
    tell(findings.all, "text")
    return FAILED


@click.command()
@click.option("--output", "file", type=NEW_FILE, metavar="FILE", help="Where the page goes. Default: stdout.")
@in_project
def report(file: Path | None, project: Path | None) -> int:
    """Print one HTML page of all integrations: operations, drift, what changed since they were generated, how they differ.

    The page is whole in itself and asks for nothing. Exits with 2 when an integration cannot be read.
    """
    from dataclasses import replace

    from generator import atomic, changes, check, comparing, pipeline, versions
    from generator import report as telling
    from generator.changes import page

    findings = Findings()
    with findings.collecting():
        standings: list[page.Standing] = []
        reports: list[changes.Report] = []
        jobs_ = jobs.of_project(jobs.find_project(project), ())
        for job in jobs_:
            with progress(f"reading {job.name}"):
                integration = job.load()
                with telling.files_of(integration.root):
                    generated = pipeline.generate(integration)
                drifts = check.compare(job.folder, generated.tree, check.manifest_of(integration, generated))
                lines = tuple(f"{item.path}: {telling.what(item)}" for item in drifts)
                standings.append(page.Standing(job.name, generated.api, lines))
                if (job.folder / "openapi.json").is_file():
                    before = versions.last_generated(job.name, project)
                    now = versions.version(job.name, project)
                    reports.append(changes.Report.of(before, now))
        apis = [replace(standing.api, name=standing.name) for standing in standings]
        matrices = comparing.compare(apis) if len(apis) > 1 else ()
        text = page.as_html("specloom report", integrations=standings, reports=reports, matrices=matrices)
        if file is None:
            click.echo(text, nl=False)
        else:
            atomic.replace_file(file, text.encode())
        return FINE
    tell(findings.all, "text")
    return FAILED
