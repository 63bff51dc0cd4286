"""``specloom new``: a folder in ``spec/``, a first generation, and a module of handlers that is the user's own."""

from __future__ import annotations

import ast
import keyword
import shutil
from collections.abc import Collection, Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import NoReturn

from generator import check, config, ir, output, pipeline, report
from generator.config import Integration
from generator.errors import Diagnostic, Location, SpecloomError, error
from generator.files import read_file
from generator.format import format_tree
from generator.layout import SETTINGS, TARGETS
from generator.manifest import is_inside
from generator.pipeline import Generated
from generator.plain_yaml import as_yaml
from generator.render import render
from generator.targets.python import Import, import_block
from generator.tree import JsonObject


@dataclass(frozen=True, slots=True)
class Method:
    """A method to fill in. ``head`` is its ``def`` without the body."""

    head: str
    doc: str
    streamed: bool


@dataclass(frozen=True, slots=True)
class Service:
    """A class of handlers to fill in, with the methods of one Protocol."""

    name: str
    doc: str
    methods: tuple[Method, ...]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The view of ``scaffold/app.py.jinja``.

    ``secrets`` are expressions for what credentials hold, none where the API demands no security; ``variable`` is the
    environment variable that they are compared with.
    """

    title: str
    imports: str
    services: tuple[Service, ...]
    secrets: tuple[str, ...]
    variable: str


@dataclass(frozen=True, slots=True)
class Made:
    """What :func:`create` wrote, the three lines that run it, and what the spec is warned about."""

    written: tuple[Path, ...]
    commands: tuple[str, ...]
    warnings: tuple[Diagnostic, ...]


def create(name: str, *, source: Path, project: Path, overlays: Sequence[Path] = ()) -> Made:
    """Starts the integration ``name`` in ``project`` from the document ``source`` and all files that it names.

    ``source`` may be the folder of another integration as well: its settings are taken over, and its documents copied, since
    an integration reads nothing outside of its own folder. ``overlays`` are copied beside them, and applied last.

    Raises ``SpecloomError`` when something of that name is there, or the document cannot be generated from, and
    ``OSError`` when the disk says no. Nothing is left behind then.
    """
    spec, generated, app = (
        project / "spec" / name,
        project / "generated" / name,
        project / f"{name}_app.py",
    )
    _refuse(name, spec, generated, app)
    with ExitStack() as undo:
        undo.enter_context(_made_folder(spec.parent))
        undo.enter_context(_made_folder(generated.parent))
        staged = Path(undo.enter_context(TemporaryDirectory(prefix=".", dir=spec.parent)), name)
        base = config.load_integration(source) if source.is_dir() else None
        _copy(base or config.from_input(source, name=name, targets=TARGETS), staged, overlays)
        integration = config.load_integration(staged)
        with report.files_of(source if base else source.parent):
            made = pipeline.generate(integration)
        skeleton = _skeleton_text(name, made)
        copied = sorted(path.relative_to(staged) for path in staged.rglob("*") if path.is_file())
        plan = output.write(generated, made.tree, check.manifest_of(integration, made))
        with _undone(generated):
            staged.rename(spec)
            with _undone(spec), app.open("x", encoding="utf-8") as file, _undone(app):
                file.write(skeleton)
    return Made(
        written=(
            *(spec / path for path in copied),
            *(generated / path for path in plan.written),
            app,
        ),
        commands=_commands(name, made.api),
        warnings=report.found_in(spec, made.found.warnings),
    )


def skeleton_view(name: str, api: ir.Api, *, handlers: bytes) -> Skeleton:
    """What the skeleton of the integration ``name`` says.

    ``handlers`` is the generated ``server/handlers.py``: its Protocols are the one truth about methods and types.
    """
    module = ast.parse(handlers)
    imports = [node for node in module.body if isinstance(node, ast.ImportFrom)]
    taken = {alias.asname or alias.name for node in imports for alias in node.names} | _OWN_NAMES
    services: list[Service] = []
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            service = _service(node, taken)
            services.append(service)
            taken.add(service.name)
    secured = any(operation.security for operation in api.operations)
    return Skeleton(
        title=api.title,
        imports=_imports(imports, name, secured=secured),
        services=tuple(services),
        secrets=tuple(_secret(scheme) for scheme in api.security_schemes) if secured else (),
        variable=_variable(name),
    )


# --- the skeleton -----------------------------------------------------------------------------------------------------

_OWN_NAMES = frozenset({"Credentials", "app", "authenticate", "create_app", "environ", "matches", "unimplemented"})


def _service(protocol: ast.ClassDef, taken: Collection[str]) -> Service:
    name = protocol.name.removesuffix("Handlers")
    while name in taken:
        name += "Service"
    methods: list[Method] = []
    for node in protocol.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
            streamed = isinstance(node, ast.FunctionDef)
            head = f"def {node.name}({ast.unparse(node.args)}) -> {ast.unparse(node.returns)}:"
            doc = ast.get_docstring(node) or ""
            methods.append(Method(head if streamed else f"async {head}", doc, streamed))
    return Service(name, f"Implements `{protocol.name}`.", tuple(methods))


def _imports(statements: Iterable[ast.ImportFrom], name: str, *, secured: bool) -> str:
    """The imports of the handlers module as a module outside the package writes them."""
    server = f"generated.{name}.server"
    imports = {Import(server, "create_app")}
    if secured:
        imports |= {
            Import(server, "Credentials"),
            Import(server, "matches"),
            Import("os", "environ"),
        }
    for statement in statements:
        module = statement.module or ""
        if module == "_runtime.handlers":
            module = server
        elif statement.level:
            module = f"generated.{name}.{module}"
        imports |= {Import(module, alias.name, alias.asname or "") for alias in statement.names}
    imports.discard(Import("typing", "Protocol"))
    imports.discard(Import("__future__", "annotations"))
    return import_block(imports)


def _secret(scheme: ir.SecurityScheme) -> str:
    """The expression for the secret that a scheme's credentials hold."""
    given = f"credentials.{scheme.py_name}"
    return f"{given} and {given}.password" if scheme.kind == "basic" else given


def _variable(name: str) -> str:
    return f"{name.upper()}_SECRET"


def _skeleton_text(name: str, made: Generated) -> str:
    handlers = made.tree[PurePosixPath("server/handlers.py")]
    text = render("scaffold/app.py.jinja", skeleton_view(name, made.api, handlers=handlers))
    path = PurePosixPath(f"{name}_app.py")
    return format_tree({path: text.encode()}, formatter="black")[path].decode()


def _commands(name: str, api: ir.Api) -> tuple[str, ...]:
    secured = any(operation.security for operation in api.operations)
    environment = f"{_variable(name)}=change-me " if secured else ""
    forms = any(body.kind in ("form", "multipart") for operation in api.operations for body in operation.bodies)
    return (
        f"pip install 'fastapi>=0.135' 'httpx2>=2.0' 'pydantic>=2.12'{' python-multipart' if forms else ''} uvicorn",
        f"{environment}uvicorn {name}_app:app --port 8000",
        "curl http://127.0.0.1:8000/openapi.json",
    )


# --- the folder in spec/ ----------------------------------------------------------------------------------------------


def _refuse(name: str, spec: Path, generated: Path, app: Path) -> None:
    """Raises ``SpecloomError`` when the name cannot be one, or anything is there already."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise error(
            "integration-name",
            f"{name!r} cannot be the name of an integration",
            Location(spec.parent.as_posix()),
            "It names a Python package: use letters, digits and underscores.",
        )
    there = [path for path in (spec, generated, app) if path.exists() or path.is_symlink()]
    if there:
        where = Location(there[0].as_posix())
        related = tuple(("here", Location(path.as_posix())) for path in there)
        message = f"there is something named {name} already; nothing was written"
        hint = "Choose another name, or move it away."
        raise SpecloomError(Diagnostic("error", "already-there", message, where, hint, related))


def _copy(entry: Integration, staged: Path, overlays: Sequence[Path]) -> None:
    """The documents of ``entry``, laid out as they are, the overlays, and an ``integration.yaml``, in ``staged``."""
    with report.files_of(entry.root):
        documents = pipeline.bundle(entry).documents
    files = {document.name: entry.read(document.name) for document in documents}
    names = [overlay.name for overlay in overlays]
    for name, overlay in zip(names, overlays, strict=True):
        if name in files:
            _refuse_file(name, overlay, staged, "Give it another name.")
        files[name] = read_file(overlay, name=name)
    for name, data in files.items():
        if not is_inside(name) or name == SETTINGS:
            _refuse_file(name, entry.root / name, staged, "Make the folder in spec/ by hand.")
        target = staged / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    settings: JsonObject = {"spec": entry.spec[0]}
    if entry.document is not None:
        settings |= entry.document.root
    if every := [*entry.overlays, *names]:
        settings["overlays"] = every
    text = f"# What specloom generates {staged.name} from.\n{as_yaml(settings)}"
    (staged / SETTINGS).write_text(text, encoding="utf-8")


def _refuse_file(name: str, source: Path, staged: Path, hint: str) -> NoReturn:
    message = f"{name!r} cannot be copied into {staged.name}/"
    raise error("unexpected-file", message, Location(source.as_posix()), hint)


@contextmanager
def _made_folder(folder: Path) -> Generator[None]:
    """Makes ``folder`` if it is missing, and takes it away again when what is done inside fails and leaves it empty."""
    missing = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        if missing and not any(folder.iterdir()):
            folder.rmdir()
        raise


@contextmanager
def _undone(path: Path) -> Generator[None]:
    """Removes ``path``, which was just made, when what is done inside fails."""
    try:
        yield
    except BaseException:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        raise
