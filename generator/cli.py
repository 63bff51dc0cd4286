"""The commands. The only module that prints or exits.

Exit codes: 0 fine; 1 differences found; 2 it could not be done. What was asked for goes to stdout, everything about the
run to stderr. Each command imports what it needs when it runs: ``--help`` and a clean ``check`` stay quick.
"""

from __future__ import annotations

import io
import keyword
import os
import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO, TypeAlias

import click

from generator.errors import Diagnostic, Location, SpecloomError

if TYPE_CHECKING:
    from generator import output as writing
    from generator.check import Drift
    from generator.config import Integration
    from generator.pipeline import Description, Generated

FINE, DIFFERENT, FAILED, INTERRUPTED = 0, 1, 2, 130
FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SOURCE_HELP = "SPEC is a file, or the name of an integration."

Format: TypeAlias = Literal["text", "json", "github"]

in_project = click.option(
    "--project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder that holds spec/ and generated/. Default: found upwards from here.",
)

rooted = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder that a document's references may reach. Default: the document's own.",
)


@dataclass(frozen=True, slots=True)
class Job:
    """One integration to generate or check: how to read its settings, the folder of its files, and of those it makes."""

    read: Callable[[], Integration]
    root: Path
    folder: Path

    def load(self) -> Integration:
        """The settings. Raises ``SpecloomError`` when they are wrong."""
        from generator import report

        with report.files_of(self.root):
            return self.read()


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
        _report(_explained(problem))
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


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="specloom", message="%(prog)s %(version)s")
def cli() -> None:
    """OpenAPI documents in; pydantic models, FastAPI server stubs and httpx2 clients out.

    Integrations live in spec/NAME/integration.yaml; what they generate in generated/NAME/.
    Exit codes: 0 fine, 1 differences found, 2 it could not be done.
    """


@cli.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--input", "source", type=FILE, metavar="SPEC", help="A document, without any configuration.")
@click.option("--output", "folder", type=FOLDER, metavar="DIR", help="Where the package for --input goes.")
@click.option("--targets", metavar="LIST", help="With --input: some of models,server,client.")
@rooted
@in_project
def generate(
    names: tuple[str, ...],
    source: Path | None,
    folder: Path | None,
    targets: str | None,
    root: Path | None,
    project: Path | None,
) -> int:
    """Write what the specs say; every integration when none is named.

    Prints the files that changed. Never touches a file that it did not generate.
    """
    if source is None and folder is None and targets is None and root is None:
        jobs = _jobs(_project(project), names)
    elif source is None or folder is None:
        raise click.UsageError("--input and --output go together.")
    elif names:
        raise click.UsageError("--input takes no names: it is for a document without configuration.")
    else:
        jobs = [_single_job(source, folder, targets, root=root)]
    return _generate(jobs)


@cli.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
)
@in_project
def check(names: tuple[str, ...], style: Format, project: Path | None) -> int:
    """Say what `generate` would change, and why. Writes nothing.

    Tells files that are missing, changed by hand, stale because the spec or the tool moved, orphaned or foreign.
    Exits with 1 when there are any.
    """
    from generator import check as checking
    from generator import report

    root = _project(project)
    jobs = _jobs(root, names)
    drifts: list[Drift] = []
    problems: list[Diagnostic] = []
    for job in jobs:
        with _collecting(problems), _progress(f"checking {job.folder.name}"):
            drifts += checking.check(job.load(), job.folder, generate=_generated)
    if not names:
        with _collecting(problems):
            drifts += checking.orphans(root / "generated", [job.folder.name for job in jobs])
    if style == "json":
        click.echo(report.as_json(drifts, problems), nl=False)
    elif style == "github":
        click.echo(report.as_github(drifts, problems), nl=False)
    else:
        click.echo(report.drift(drifts, colour=_colours(sys.stdout)), nl=False)
        _report(problems)
        if not drifts and not problems:
            _remark(f"{report.count(len(jobs), 'integration')} in step")
    if problems:
        return FAILED
    return DIFFERENT if drifts else FINE


@cli.command(epilog=SOURCE_HELP)
@click.argument("spec")
@rooted
@in_project
def bundle(spec: str, root: Path | None, project: Path | None) -> int:
    """Print SPEC as one resolved JSON document."""
    import json

    from generator import pipeline, report

    integration = _source(spec, project, root)
    with report.files_of(integration.root):
        bundled = pipeline.bundle(integration)
    _remark_warnings(report.found_in(integration.root, bundled.warnings))
    click.echo(json.dumps(bundled.tree, indent=2, ensure_ascii=False).encode())
    return FINE


@cli.command(epilog=SOURCE_HELP)
@click.argument("spec")
@rooted
@in_project
def inspect(spec: str, root: Path | None, project: Path | None) -> int:
    """Show the operations, schemas and features of SPEC, and what is odd about it."""
    from generator import pipeline, report

    integration = _source(spec, project, root)
    with report.files_of(integration.root):
        description = pipeline.describe(integration)
    click.echo("\n".join(_described(description)))
    if description.warnings:
        click.echo()
        warnings = report.found_in(integration.root, description.warnings)
        click.echo(report.diagnostics(warnings, colour=_colours(sys.stdout)), nl=False)
    return FINE


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

    made = scaffold.create(name, source=source, project=_project(project, or_here=True))
    _remark_warnings(made.warnings)
    for path in made.written:
        click.echo(f"wrote {path.as_posix()}")
    click.echo("\nRun it:\n")
    for line in made.commands:
        click.echo(f"    {line}")
    return FINE


# --- generate ---------------------------------------------------------------------------------------------------------


def _generate(jobs: Iterable[Job]) -> int:
    """Every job, whatever becomes of the others."""
    from generator import check as checking
    from generator import report

    problems: list[Diagnostic] = []
    warnings: list[Diagnostic] = []
    written = removed = unchanged = 0
    for job in jobs:
        with _collecting(problems):
            integration = job.load()
            if checking.is_current(integration, job.folder):
                continue
            done = _write(integration, job.folder, warnings)
            written, removed = written + len(done.written), removed + len(done.removed)
            unchanged += len(done.unchanged)
            for verb, paths in (("wrote", done.written), ("removed", done.removed)):
                for path in paths:
                    click.echo(f"{verb} {(job.folder / path).as_posix()}")
    _remark_warnings(warnings)
    _report(problems)
    if written or removed:
        _remark(f"{report.count(written, 'file')} written, {removed} removed, {unchanged} unchanged")
    elif not problems:
        _remark("nothing changed")
    return FAILED if problems else FINE


def _write(integration: Integration, folder: Path, warnings: list[Diagnostic]) -> writing.Plan:
    """Generates ``integration`` into ``folder``; what the spec is warned about is added to ``warnings``."""
    from generator import check as checking
    from generator import output, report

    with _progress(f"generating {integration.name}"):
        generated = _generated(integration)
    warnings += report.found_in(integration.root, generated.warnings)
    return output.write(folder, generated.tree, checking.manifest_of(integration, generated))


def _generated(integration: Integration) -> Generated:
    from generator import pipeline, report

    with report.files_of(integration.root):
        return pipeline.generate(integration)


def _single_job(source: Path, folder: Path, targets: str | None, *, root: Path | None) -> Job:
    from generator import config

    folder = folder if folder.name not in ("", "..") else Path(os.path.abspath(folder))
    if not folder.name.isidentifier() or keyword.iskeyword(folder.name):
        raise click.UsageError(f"--output names the package to be made, which cannot be called {folder.name!r}.")
    chosen = tuple(item.strip() for item in targets.split(",")) if targets is not None else config.TARGETS
    if unknown := [item for item in chosen if item not in config.TARGETS]:
        raise click.UsageError(f"--targets does not know {unknown[0]!r}; there are {', '.join(config.TARGETS)}.")
    within = root or source.parent
    return Job(lambda: config.from_input(source, name=folder.name, targets=chosen, root=root), within, folder)


def _jobs(project: Path, names: Sequence[str]) -> list[Job]:
    """The integrations of the project that are named, all for no name. Their settings are read later, one by one."""
    from generator import config

    folders = {path.parent.name: path.parent for path in sorted(project.glob("spec/*/integration.yaml"))}
    for name in names:
        if name not in folders:
            known = ", ".join(folders) or "none"
            raise click.UsageError(f"There is no integration {name!r} in {project / 'spec'}; there are: {known}.")
    if not folders:
        raise click.UsageError(f"No integration in {project / 'spec'}; `specloom new NAME --from FILE` makes one.")

    def job(folder: Path) -> Job:
        return Job(lambda: config.load_integration(folder), folder, project / "generated" / folder.name)

    return [job(folders[name]) for name in dict.fromkeys(names or folders)]


# --- where things are -------------------------------------------------------------------------------------------------


def _project(chosen: Path | None, *, or_here: bool = False) -> Path:
    """The project's folder, relative to the current one: ``chosen``, or the nearest above that has a ``spec`` folder."""
    if chosen is not None:
        return chosen
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "spec").is_dir():
            return Path(os.path.relpath(folder))
    if or_here:
        return Path()
    raise click.UsageError("No folder spec/ here or above. Name the project with --project.")


def _source(spec: str, project: Path | None, root: Path | None) -> Integration:
    """What ``bundle`` and ``inspect`` read: a file, or an integration by its name."""
    from generator import config

    path = Path(spec)
    if path.is_file():
        return config.from_input(path, name="api", targets=config.TARGETS, root=root)
    if not spec.isidentifier():
        raise click.UsageError(f"There is no file {spec!r}.")
    return _jobs(_project(project), [spec])[0].load()


def _described(description: Description) -> Iterable[str]:
    from generator import report
    from generator.report import printable

    yield printable(f"{description.title} {description.version} ({description.dialect})")
    operations = {(name, tags) for _, _, name, tags in description.operations}
    yield f"\n{report.count(len(operations), 'operation')}"
    width = max((len(path) for _, path, _, _ in description.operations), default=0)
    for method, path, name, tags in description.operations:
        yield printable(f"  {method:<7}{path:<{width}}  {name}  [{', '.join(tags)}]")
    yield f"\n{report.count(len(description.schemas), 'schema')}"
    yield from (f"  {printable(name)}" for name in description.schemas)
    if description.features:
        yield "\nfeatures"
    width = max((len(name) for name in description.features), default=0)
    for name, number in description.features.items():
        yield printable(f"  {name:<{width}}  {number}")


# --- saying it --------------------------------------------------------------------------------------------------------


@contextmanager
def _collecting(problems: list[Diagnostic]) -> Generator[None]:
    """Keeps what goes wrong inside for the report at the end, so that the next integration has its turn."""
    try:
        yield
    except BrokenPipeError:
        raise
    except Exception as problem:
        if "SPECLOOM_DEBUG" in os.environ:
            raise
        problems += _explained(problem)


def _explained(problem: Exception) -> tuple[Diagnostic, ...]:
    """``problem`` as findings: about the spec, about the disk, or about specloom itself."""
    if isinstance(problem, SpecloomError):
        return problem.diagnostics
    if isinstance(problem, OSError):
        place = problem.filename if isinstance(problem.filename, str | Path) else "disk"
        return (Diagnostic("error", "disk", problem.strerror or str(problem), Location(str(place))),)
    return (
        Diagnostic(
            "error",
            "internal",
            f"{type(problem).__name__}: {problem}",
            Location("specloom"),
            "This is a mistake of specloom's. Please report it with the document that shows it; "
            "SPECLOOM_DEBUG=1 in the environment shows where it happened.",
        ),
    )


def _report(problems: Iterable[Diagnostic]) -> None:
    from generator import report

    click.echo(report.diagnostics(problems, colour=_colours(sys.stderr)), nl=False, err=True)


def _remark_warnings(warnings: Iterable[Diagnostic]) -> None:
    from generator import report

    click.echo(report.brief(warnings, colour=_colours(sys.stderr)), nl=False, err=True)


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
