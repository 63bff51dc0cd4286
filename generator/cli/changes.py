"""``diff``, ``explain`` and ``compare``: what changed between two documents, and how several differ."""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import get_terminal_size

import click

from generator.options import FILE, in_project, rooted

from .console import DIFFERENT, FAILED, FINE, Findings, colours, progress, tell

FORMATS = ("text", "json", "markdown", "github", "sarif", "junit")


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
    from generator import changes, pipeline, report, versions

    findings = Findings()
    with findings.collecting():
        before = versions.version(old, project, root) if new else versions.last_generated(old, project)
        after = versions.version(new or old, project, root)
        with progress(f"comparing {before.label} with {after.label}"):
            found = pipeline.compare(before.understood(), after.understood())
        entries = changes.read_ignored(ignoring) if ignoring else ()
        told = changes.Report.of(found, before, after, entries)
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
    from generator.changes import matrix

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
            click.echo(matrix.as_html(found), nl=False)
        elif style == "markdown":
            click.echo(matrix.as_markdown(found, everything=everything), nl=False)
        else:
            paint = report.painter(colours(sys.stdout))
            width = get_terminal_size((120, 40)).columns
            click.echo(matrix.as_text(found, everything=everything, width=width, paint=paint), nl=False)
        return FINE
    tell(findings.all, "text")
    return FAILED
