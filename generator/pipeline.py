"""The order of the stages. ``generate`` is a pure function of the integration's files and settings."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from generator import bundle as bundling
from generator import diff, entries, ir
from generator.build import Naming, PagingChoices, build
from generator.bundle import Bundle
from generator.config import Integration
from generator.diff import Finding, Package, Surface
from generator.document import Document
from generator.errors import Diagnostic, SpecloomError, error
from generator.findings import Found, LeftOut
from generator.load import load
from generator.normalise import in_one_form, normalise, repair
from generator.openapi import children
from generator.output import Tree
from generator.provenance import Provenance
from generator.reach import Reach, unit_of
from generator.select import Selection, select
from generator.sources import read_sources
from generator.tree import Json, Pointer, format_pointer, is_object, resolve


@dataclass(frozen=True, slots=True)
class Generated:
    """What a run makes: the files by path, what they were made from (sha256 by path), and what to tell the user."""

    tree: Tree
    inputs: Mapping[str, str]
    found: Found
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
    found: Found


@dataclass(frozen=True, slots=True)
class Understood:
    """A document as far as it is generated: as its author wrote it, and as an API, whose pointers ``provenance`` knows."""

    bundle: Bundle
    api: ir.Api
    provenance: Provenance
    found: Found


def bundle(integration: Integration) -> Bundle:
    """The integration's document, whole and valid: references followed, what is invalid but clear written as meant."""
    return repair(_source(integration), title=integration.name)


def patched(integration: Integration, *, keep_going: bool = False) -> Bundle:
    """The integration's document as its overlays leave it, not repaired; with ``keep_going`` whatever its references are."""
    return _source(integration, keep_going=keep_going)


def describe(integration: Integration, *, keep_going: bool = False) -> Description:
    """What the document holds, and what of it was read as meant."""
    understood = understand(integration, keep_going=keep_going)
    tree, api = understood.bundle.tree, understood.api
    return Description(
        title=api.title,
        version=api.version,
        dialect=_dialect(tree),
        operations=tuple((o.method, path, o.name, o.tags) for o in api.operations for path in o.paths),
        schemas=tuple(schema.name for schema in api.schemas),
        features=dict(sorted(Counter(_features(tree, api)).items())),
        found=understood.found,
    )


@dataclass(frozen=True, slots=True)
class Comparable:
    """A document as far as it can be compared: on the wire, and what is generated of it, unless there are ``problems``."""

    surface: Surface
    package: Package | None
    problems: tuple[Diagnostic, ...] = ()


def comparable(integration: Integration) -> Comparable:
    """What a comparison reads of a document. What keeps it from being generated does not keep callers from calling.

    Raises :class:`SpecloomError` for a document that cannot be read as one of OpenAPI at all.
    """
    try:
        understood = understand(integration)
    except SpecloomError as problem:
        try:
            selection = _select(integration, _source(integration), ())
            surface = _surface(selection.bundle, integration.name)
        except SpecloomError:
            raise problem from None
        return Comparable(surface, None, problem.diagnostics)
    package = Package(understood.api, understood.provenance.nearest, frozenset(integration.targets))
    return Comparable(_surface(understood.bundle, integration.name), package)


def compare(old: Comparable, new: Comparable) -> tuple[Finding, ...]:
    """What changed between two documents for those who call them, and for code that uses what is generated of them."""
    found = diff.wire(old.surface, new.surface)
    if old.package is None or new.package is None:
        return found
    return diff.in_order((*found, *diff.source(old.package, new.package)))


def _surface(bundle: Bundle, title: str) -> Surface:
    return Surface(*in_one_form(repair(bundle, title=title)))


def generate(integration: Integration, *, keep_going: bool = False) -> Generated:
    """Every file of the integration's package but its manifest.

    Raises :class:`SpecloomError` with everything that is wrong. With ``keep_going`` the operations that cannot be generated
    are left out instead, as long as any are left.
    """
    from generator.format import format_tree
    from generator.render import render
    from generator.targets import TARGETS, readme

    understood = understand(integration, keep_going=keep_going)
    files: dict[PurePosixPath, bytes] = {
        PurePosixPath("openapi.json"): _document(understood.bundle.tree),
        PurePosixPath("py.typed"): b"",
        PurePosixPath("__init__.py"): render("package.py.jinja", understood.api).encode(),
    }
    for name, make in TARGETS:
        if name in integration.targets:
            made = make(understood.api)
            files |= {artifact.path: artifact.text.encode() for artifact in made}
    for artifact in readme.make(understood.api, targets=integration.targets, package=integration.package):
        files[artifact.path] = artifact.text.encode()
    documents = [*understood.bundle.documents, *([integration.document] if integration.document else [])]
    inputs = {document.name: document.sha256 for document in documents}
    tree = format_tree(files, formatter=integration.formatter)
    return Generated({**tree, **_runtime(tree)}, inputs, understood.found, understood.api)


def understand(integration: Integration, *, keep_going: bool = False) -> Understood:
    """The API that the integration's document describes, as far as it is chosen.

    What is wrong in one place is left out and the rest is read again, until nothing more is wrong: so all errors come
    together, whichever stage finds them. Raises them as :class:`SpecloomError`, with ``keep_going`` only where an error
    belongs to no operation or leaves none.
    """
    bundled = _source(integration, keep_going=True)
    selection = _select(integration, bundled, ())
    mistaken = [*entries.reserved_names(integration), *entries.unused_choices(integration, selection.every)]
    errors, broken = _standing(bundled, selection)
    while True:
        if broken:
            selection = _select(integration, bundled, broken)
        try:
            api, provenance, warnings = _read(integration, selection)
            break
        except SpecloomError as problem:
            errors += problem.diagnostics
            found = {item.location.bundled for item in problem.diagnostics if item.level == "error"}
            places = {place for place in found if place is not None and unit_of(place) is not None}
            if places < found or places <= broken:
                raise SpecloomError([*mistaken, *errors]) from problem
            broken |= places
    mistaken += entries.unmet_names(integration, bundled.tree, selection, api)
    if errors and keep_going and selection.every and not selection.chosen:
        message = "no operation is left without those that errors take away"
        where = bundled.provenance.locate(())
        mistaken.append(Diagnostic("error", "nothing-left", message, where, "mend one of the errors"))
    if mistaken or (errors and not keep_going):
        raise SpecloomError([*errors, *mistaken])
    left_out = tuple(_left_out(bundled, selection, broken, errors))
    return Understood(selection.bundle, api, provenance, Found(warnings, tuple(dict.fromkeys(errors)), left_out))


def _left_out(
    bundled: Bundle, selection: Selection, broken: Iterable[Pointer], errors: Iterable[Diagnostic]
) -> Iterator[LeftOut]:
    """What errors took away: operations, each with the errors in what it needs, then what no operation needs."""
    by_unit: dict[Pointer | None, list[Diagnostic]] = {}
    for item in errors:
        by_unit.setdefault(unit_of(item.location.bundled or ()), []).append(item)
    reach = Reach(bundled.tree)
    rest = {unit for unit in map(unit_of, broken) if unit is not None}
    for operation in selection.left_out:
        needed = reach.closure([operation.unit])
        rest -= needed
        because = tuple(item for unit in sorted(needed, key=str) for item in by_unit.get(unit, ()))
        where = bundled.provenance.locate(operation.at, key=True)
        yield from (LeftOut(key, where, because) for key in operation.keys)
    for unit in sorted(rest, key=str):
        name = str(unit[1]) if unit[0] == "paths" else format_pointer(unit)
        yield LeftOut(name, bundled.provenance.locate(unit, key=True), tuple(by_unit.get(unit, ())))


def _standing(bundled: Bundle, selection: Selection) -> tuple[list[Diagnostic], set[Pointer]]:
    """What is wrong with the references of what was selected, and where.

    Raises :class:`SpecloomError` when it takes everything away.
    """
    places = {place for place in bundled.broken if _holds(selection.bundle.tree, place)}
    if any(unit_of(place) is None for place in places):
        raise SpecloomError(bundled.errors)
    return (list(bundled.errors), places) if places else ([], places)


def _holds(tree: Json, pointer: Pointer) -> bool:
    try:
        resolve(tree, pointer)
    except KeyError:
        return False
    return True


def _select(integration: Integration, bundled: Bundle, broken: Iterable[Pointer]) -> Selection:
    include = {key: getattr(integration.include, key) for key in ("tags", "paths", "operations")}
    return select(bundled, include=include, skip=integration.skip, broken=broken)


def _read(integration: Integration, selection: Selection) -> tuple[ir.Api, Provenance, tuple[Diagnostic, ...]]:
    """What was selected, through the stages that give it a meaning."""
    repaired = repair(selection.bundle, title=integration.name)
    chosen = integration.names
    canonical = normalise(
        repaired, class_names=chosen.schemas, field_names=chosen.fields, chosen=selection.chosen,
        answers="answers" in integration.targets,
    )  # fmt: skip
    naming = Naming(chosen.operations, chosen.tags, chosen.parameters)
    paging = PagingChoices(integration.pagination, integration.locate)
    api, warnings = build(canonical, name=integration.name, naming=naming, paging=paging, narrowed=selection.narrowed)
    return api, canonical.provenance, (*canonical.warnings, *warnings)


def _source(integration: Integration, *, keep_going: bool = False) -> Bundle:
    """The integration's documents, their references followed, made one, and the overlays applied."""
    if not integration.overlays:
        return _merged(integration, keep_going=keep_going)
    from generator.overlay import overlaid, read_all

    overlays = read_all(integration.overlays, load=lambda path: _overlay(integration, path))
    bundled = _merged(integration, keep_going=True)
    lenient = integration.lenient_overlays
    return overlaid(bundled, overlays, read=integration.read, lenient=lenient, keep_going=keep_going)


def _merged(integration: Integration, *, keep_going: bool) -> Bundle:
    """The one document of the integration, or what its several documents make together."""
    found = read_sources(integration)
    bundles: list[Bundle] = []
    wrong: list[Diagnostic] = []
    for entrance in found.entrances:
        try:
            bundles.append(bundling.bundle(entrance.document, read=entrance.read, keep_going=keep_going))
        except SpecloomError as problem:
            wrong += problem.diagnostics
    if wrong:
        raise SpecloomError(wrong)
    if len(bundles) == 1:
        (bundled,) = bundles
        return replace(bundled, documents=(*bundled.documents, *found.extra)) if found.extra else bundled
    from generator.merge import merged

    return merged(bundles, title=integration.name, extra=found.extra)


def _overlay(integration: Integration, path: str) -> Document:
    try:
        data = integration.read(path)
    except FileNotFoundError as missing:
        named = integration.locate_item(("overlays",), path)
        hint = "name the document by its path from the folder of these settings"
        raise error("file-missing", f"there is no file {path}", named, hint) from missing
    return load(data, name=path)


def _dialect(tree: Json) -> str:
    return f"Swagger {tree['swagger']}" if "swagger" in tree else f"OpenAPI {tree['openapi']}"


def _document(tree: Json) -> bytes:
    return json.dumps(tree, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _runtime(files: Mapping[PurePosixPath, bytes]) -> dict[PurePosixPath, bytes]:
    """The runtime modules that ``files`` import, directly or through each other, as they are."""
    from generator.manifest import TEMPLATES

    modules: dict[PurePosixPath, bytes] = {}
    named = {name for text in files.values() for name in re.findall(rb"^from \.{2,}_runtime\.(\w+) import", text, re.M)}
    pending = [b"__init__", *sorted(named)]
    while pending:
        path = PurePosixPath(f"_runtime/{pending.pop().decode()}.py")
        if path not in modules:
            modules[path] = (TEMPLATES / path).read_bytes()
            pending += re.findall(rb"^from \.(\w+) import", modules[path], re.M)
    return modules


def _features(tree: Json, api: ir.Api) -> Iterator[str]:
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
    pending: list[tuple[str, Json]] = [("document", tree)]
    while pending:
        kind, node = pending.pop()
        if kind == "schema" and is_object(node):
            yield from (f"`{keyword}`" for keyword in ("allOf", "anyOf", "oneOf", "discriminator") if keyword in node)
        pending += [(child_kind, child) for child_kind, child, _ in children(kind, node, ())]
