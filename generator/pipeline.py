"""The order of the stages. ``generate`` is a pure function of the integration's files and settings."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from generator import bundle as bundling
from generator import ir
from generator.build import Naming, build
from generator.bundle import Bundle
from generator.config import Integration
from generator.errors import Diagnostic, SpecloomError, error
from generator.load import load
from generator.normalise import Canonical, normalise, repair
from generator.openapi import children
from generator.output import Tree
from generator.select import Selection, select
from generator.tree import Json, is_object


@dataclass(frozen=True, slots=True)
class Generated:
    """What a run makes: the files by path, what they were made from (sha256 by path), and what to tell the user."""

    tree: Tree
    inputs: Mapping[str, str]
    warnings: tuple[Diagnostic, ...]
    api: ir.Api


@dataclass(frozen=True, slots=True)
class Description:
    """What ``inspect`` tells of a document: operations as (method, path, name, tags), features by how often they occur."""

    title: str
    version: str
    dialect: str
    operations: tuple[tuple[str, str, str, tuple[str, ...]], ...]
    schemas: tuple[str, ...]
    features: Mapping[str, int]
    warnings: tuple[Diagnostic, ...]


def bundle(integration: Integration) -> Bundle:
    """The integration's document, whole and valid: references followed, what is invalid but clear written as meant."""
    return repair(_source(integration), title=integration.name)


def describe(integration: Integration) -> Description:
    """What the document holds, and what of it was read as meant."""
    bundled = _source(integration)
    _, api, warnings = _understand(integration, bundled)
    return Description(
        title=api.title,
        version=api.version,
        dialect=_dialect(bundled.tree),
        operations=tuple((o.method, path, o.name, o.tags) for o in api.operations for path in o.paths),
        schemas=tuple(schema.name for schema in api.schemas),
        features=dict(sorted(Counter(_features(bundled, api)).items())),
        warnings=warnings,
    )


def understand(integration: Integration) -> ir.Api:
    """The API that the integration's document describes."""
    return _understand(integration, _source(integration))[1]


def generate(integration: Integration) -> Generated:
    """Every file of the integration's package but its manifest. Raises :class:`SpecloomError`."""
    from generator.format import format_tree
    from generator.targets import TARGETS

    bundled = _source(integration)
    canonical, api, warnings = _understand(integration, bundled)
    files: dict[PurePosixPath, bytes] = {
        PurePosixPath("openapi.json"): _document(bundled.tree),
        PurePosixPath("py.typed"): b"",
    }
    for name, make in TARGETS:
        if name in integration.targets:
            files |= {artifact.path: artifact.text.encode() for artifact in make(api, canonical)}
    files |= _shared_files(api, files)
    documents = [*bundled.documents, *([integration.document] if integration.document else [])]
    inputs = {document.name: document.sha256 for document in documents}
    return Generated(format_tree(files, formatter=integration.formatter), inputs, warnings, api)


def _source(integration: Integration) -> Bundle:
    try:
        data = integration.read(integration.spec)
    except FileNotFoundError as missing:
        raise error(
            "file-missing", f"there is no file {integration.spec}", integration.locate(("spec",)),
            "name the document by its path from the folder of these settings",
        ) from missing  # fmt: skip
    entry = load(data, name=integration.spec)
    return bundling.bundle(entry, read=integration.read)


def _understand(integration: Integration, bundled: Bundle) -> tuple[Canonical, ir.Api, tuple[Diagnostic, ...]]:
    repaired = repair(bundled, title=integration.name)
    selection = _select(integration, repaired)
    canonical = normalise(repaired, class_names=integration.names.schemas, chosen=selection.chosen)
    naming = Naming(integration.names.operations, integration.names.tags)
    api, warnings = build(canonical, naming=naming, narrowed=selection.narrowed)
    return canonical, api, (*canonical.warnings, *warnings)


def _select(integration: Integration, bundled: Bundle) -> Selection:
    """What the settings choose. Raises :class:`SpecloomError` for entries that name nothing: they are out of date."""
    include = {key: getattr(integration.include, key) for key in ("tags", "paths", "operations")}
    selection = select(bundled.tree, include=include, skip=integration.skip)
    if selection.unused:
        raise SpecloomError(
            Diagnostic(
                "error", "unused-entry", f"no operation of the document is called {name!r}",
                integration.locate(("skip", name) if key == "skip" else ("include", key), key=True),
                "name it as the document does, by operationId or as `POST /path`, or take the entry out",
            )
            for key, name in selection.unused
        )  # fmt: skip
    return selection


def _dialect(tree: Json) -> str:
    return f"Swagger {tree['swagger']}" if "swagger" in tree else f"OpenAPI {tree['openapi']}"


def _document(tree: Json) -> bytes:
    return json.dumps(tree, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _shared_files(api: ir.Api, files: Mapping[PurePosixPath, bytes]) -> dict[PurePosixPath, bytes]:
    """The package itself and the runtime modules that ``files`` import, directly or through each other."""
    from generator.manifest import TEMPLATES
    from generator.render import render

    package = PurePosixPath("__init__.py")
    shared = {package: render("package.py.jinja", api).encode()}
    named = {name for text in files.values() for name in re.findall(rb"^from \.{2,}_runtime\.(\w+) import", text, re.M)}
    pending = [b"__init__", *sorted(named)]
    while pending:
        path = PurePosixPath(f"_runtime/{pending.pop().decode()}.py")
        if path not in shared:
            shared[path] = (TEMPLATES / path).read_bytes()
            pending += re.findall(rb"^from \.(\w+) import", shared[path], re.M)
    return shared


def _features(bundled: Bundle, api: ir.Api) -> Iterator[str]:
    """The names of what makes a document hard, each as often as it occurs."""
    for operation in api.operations:
        if operation.stream is not None:
            yield "server-sent events"
        if len(operation.paths) > 1:
            yield "operations on several paths"
        if operation.deprecated:
            yield "deprecated operations"
        if len(operation.security) > 1:
            yield "alternative security schemes"
    pending: list[tuple[str, Json]] = [("document", bundled.tree)]
    while pending:
        kind, node = pending.pop()
        if kind == "schema" and is_object(node):
            yield from (f"`{keyword}`" for keyword in ("allOf", "anyOf", "oneOf", "discriminator") if keyword in node)
        pending += [(child_kind, child) for child_kind, child, _ in children(kind, node, ())]
