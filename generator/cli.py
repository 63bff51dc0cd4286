"""The commands. The only module that prints or exits.

Exit codes: 0 fine; 1 differences found, or something left out; 2 it could not be done. What was asked for goes to stdout,
everything about the run to stderr. Each command imports what it needs when it runs: ``--help``, and a run that has nothing to
do, stay as quick as an import of click.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from generator import jobs, manifest, unchanged
from generator.errors import Diagnostic, explained
from generator.jobs import Job
from generator.options import FILE, FOLDER, NEW_FILE, SOURCE_HELP, Format, going_on, in_project, reporting, rooted

if TYPE_CHECKING:
    from generator.check import Drift
    from generator.config import Integration
    from generator.findings import Found, LeftOut
    from generator.pipeline import Description, Generated
    from generator.report import Done

FINE, DIFFERENT, FAILED, INTERRUPTED = 0, 1, 2, 130


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
        _tell(explained(problem), "text")
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


@cli.command()
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


@cli.command()
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
    findings = _Findings()
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
            click.echo(report.drift(drifts, colour=_colours(sys.stdout)), nl=False)
            _tell(findings.all, style, verbose)
    if not findings.failed and not drifts:
        _remark(f"in step: {', '.join(job.name for job in asked)}")
    return FAILED if findings.failed else DIFFERENT if drifts else FINE


@cli.command(epilog=SOURCE_HELP)
@click.argument("spec")
@reporting
@rooted
@in_project
def bundle(spec: str, root: Path | None, style: Format, verbose: bool, project: Path | None) -> int:
    """Print SPEC as one resolved JSON document. Findings go to stderr, whatever their format."""
    import json

    from generator import pipeline, report

    findings = _Findings()
    with findings.collecting():
        integration = jobs.source(spec, project, root).load()
        with report.files_of(integration.root):
            bundled = pipeline.bundle(integration)
        findings.all += report.found_in(integration.root, bundled.warnings)
        click.echo(json.dumps(bundled.tree, indent=2, ensure_ascii=False).encode())
    _tell(findings.all, style, verbose)
    return FAILED if findings.failed else FINE


@cli.command(epilog=SOURCE_HELP)
@click.argument("spec")
@going_on
@reporting
@rooted
@in_project
def inspect(spec: str, root: Path | None, keep_going: bool, style: Format, verbose: bool, project: Path | None) -> int:
    """Show the operations, schemas and features of SPEC, and what is odd about it."""
    from generator import machine, pipeline, report

    findings = _Findings()
    described: list[Description] = []
    with findings.collecting():
        integration = jobs.source(spec, project, root).load()
        with report.files_of(integration.root):
            described.append(pipeline.describe(integration, keep_going=keep_going))
        findings.add(report.found_at(integration.root, described[0].found))
    if style == "json":
        click.echo(machine.as_json(findings.all, left_out=findings.left_out, described=described), nl=False)
    elif style == "github":
        click.echo(machine.as_github(findings.all), nl=False)
    else:
        click.echo("".join(map(report.description, described)), nl=False)
        _tell(findings.all, style, verbose)
        _tell_left_out(findings.left_out)
    return FAILED if findings.failed else DIFFERENT if findings.left_out else FINE


@cli.command(epilog=SOURCE_HELP)
@click.argument("spec")
@click.option("--output", "file", type=NEW_FILE, metavar="FILE", help="Where the page goes. Default: stdout.")
@going_on
@reporting
@rooted
@in_project
def docs(
    spec: str,
    file: Path | None,
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

    findings = _Findings()
    with findings.collecting():
        integration = jobs.source(spec, project, root).load()
        with _progress(f"reading {integration.name}"), report.files_of(integration.root):
            understood = pipeline.understand(integration, keep_going=keep_going)
        findings.add(report.found_at(integration.root, understood.found))
        page = documenting.page(understood.api, package=integration.package).encode()
        if file is None:
            click.echo(page, nl=False)
        else:
            atomic.replace_file(file, page)
    _tell(findings.all, style, verbose)
    _tell_left_out(findings.left_out)
    return FAILED if findings.failed else DIFFERENT if findings.left_out else FINE


@cli.command()
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
    _tell(made.warnings, "text")
    for path in made.written:
        click.echo(f"wrote {path.as_posix()}")
    click.echo("\nRun it:\n")
    for line in made.commands:
        click.echo(f"    {line}")
    return FINE


@cli.command(epilog=SOURCE_HELP)
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
        _tell([*found.errors, *found.warnings], "text")
        _tell_left_out(found.left_out)

    audience = run.Audience(
        line=lambda line: click.echo(line, err=True),
        found=tell_found,
        went_wrong=lambda problem: _tell(explained(problem), "text"),
    )
    slot = cache.slot_of(jobs.source(spec, project, root), keep_going=keep_going)
    with run.listening(host, port) as listener:
        with _progress(f"generating {slot.job.name}"):
            found = slot.fill()
        if found is not None:
            tell_found(found)
        run.run(slot, listener, authenticate=None if no_auth else anybody, reload=reload, audience=audience)
    return FINE


# --- generate and check -----------------------------------------------------------------------------------------------


def _generate(asked: Iterable[Job], keep_going: bool, style: Format, verbose: bool) -> int:
    """Every job, whatever becomes of the others."""
    findings = _Findings()
    done: list[Done] = []
    for job in asked:
        with findings.collecting():
            if unchanged.is_unchanged(job.asked, job.folder):
                _remark(f"{job.name}: unchanged")
                continue
            done.append(_write(job, keep_going, findings))
            if style == "text":
                _tell_done(done[-1], verbose)
    if style != "text":
        from generator import machine

        text = machine.as_json(findings.all, left_out=findings.left_out, done=done)
        click.echo(text if style == "json" else machine.as_github(findings.all), nl=False)
    else:
        _tell(findings.all, style, verbose)
        _tell_left_out(findings.left_out)
    return FAILED if findings.failed else DIFFERENT if findings.left_out else FINE


def _write(job: Job, keep_going: bool, findings: _Findings) -> Done:
    """Generates and writes one package; what is to be told of its document is added to ``findings``."""
    from generator import check as checking
    from generator import output, report

    integration = job.load()
    with _progress(f"generating {job.name}"):
        generated = _generated(integration, keep_going)
    findings.add(report.found_at(integration.root, generated.found))
    plan = output.write(job.folder, generated.tree, checking.manifest_of(integration, generated))
    return report.Done(job.name, job.folder, plan)


def _check(job: Job, keep_going: bool, findings: _Findings) -> Sequence[Drift]:
    """How one package differs, and the operations that it goes without."""
    from generator import check as checking
    from generator import report

    integration = job.load()
    remembered = checking.left_out(job.folder)
    with _progress(f"checking {job.name}"):
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


# --- saying it --------------------------------------------------------------------------------------------------------


class _Findings:
    """What a run has to tell, over all its integrations. ``failed`` says that one of them could not be done."""

    def __init__(self) -> None:
        self.all: list[Diagnostic] = []
        self.left_out: list[LeftOut] = []
        self.failed = False

    def add(self, found: Found) -> None:
        """What was found in a document that could be read."""
        self.all += [*found.errors, *found.warnings]
        self.left_out += found.left_out

    @contextmanager
    def collecting(self) -> Generator[None]:
        """Keeps what goes wrong inside for the report at the end, so that the next integration has its turn."""
        try:
            yield
        except (BrokenPipeError, click.ClickException):
            raise
        except Exception as problem:
            if "SPECLOOM_DEBUG" in os.environ:
                raise
            self.failed = True
            self.all += explained(problem)


def _tell(found: Sequence[Diagnostic], style: Format, verbose: bool = False) -> None:
    """Tells findings on stderr."""
    if not found:
        return
    from generator import machine, report

    if style == "json":
        text = machine.as_json(found)
    elif style == "github":
        text = machine.as_github(found)
    else:
        text = report.diagnostics(found, colour=_colours(sys.stderr), verbose=verbose)
    click.echo(text, nl=False, err=True)


def _tell_left_out(left_out: Sequence[LeftOut]) -> None:
    if left_out:
        from generator import report

        click.echo(report.left_out(left_out), nl=False, err=True)


def _tell_done(done: Done, verbose: bool) -> None:
    """A line for a package that changed; at a terminal for one that did not as well."""
    if done.plan.is_empty:
        _remark(done.summary)
        return
    click.echo(done.summary)
    if verbose:
        for line in done.files:
            click.echo(line)


def _remark(text: str) -> None:
    """Something that only a person at a terminal wants to know."""
    if sys.stderr.isatty():
        click.echo(text, err=True)


@contextmanager
def _progress(text: str) -> Generator[None]:
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


def _colours(stream: TextIO) -> bool:
    """Whether people who look at ``stream`` want colours (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
