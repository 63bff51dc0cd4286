"""``diff`` and ``explain``: what changed between two documents, and what a rule is about."""

from __future__ import annotations

import sys
from pathlib import Path

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
