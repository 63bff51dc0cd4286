"""Canonical -> ir.Api: the only reader of OpenAPI keywords after normalise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from generator import ir, names
from generator.errors import Diagnostic, SpecloomError
from generator.normalise.canonical import Canonical
from generator.tree import JsonObject

from .answers import read_answers
from .notes import Notes
from .operations import Naming, OperationReader
from .pages import PageReader, PagingChoices
from .types import read_schemas, read_type

__all__ = ["Naming", "PagingChoices", "build", "read_type"]

MAX_GROUPS = 1_000
"""How many tags may be in use: the Protocols of all are one union in the server."""


def build(
    canonical: Canonical, *, name: str, naming: Naming, paging: PagingChoices, narrowed: bool = False
) -> tuple[ir.Api, tuple[Diagnostic, ...]]:
    """The API that the document describes, and warnings about what was read as meant.

    ``name`` is what the user calls it; ``narrowed`` says that operations were chosen: schemas that none of them reaches are left out.

    Raises :class:`SpecloomError` with every construct that no output exists for.
    """
    notes = Notes(canonical)
    reader = OperationReader(canonical, notes, naming)
    tree = canonical.tree
    pages = PageReader(canonical, paging)
    operations, webhooks = pages.read(reader.read("paths")), reader.read("webhooks")
    everything = (*operations, *webhooks)
    schemes, refused = _security_schemes(canonical, notes, everything)
    groups = reader.groups(operations)
    if len(groups) > MAX_GROUPS:
        hint = "give several operations one tag, or choose some with `include`"
        message = f"the operations have {len(groups):,} different tags, more than the {MAX_GROUPS:,} that a client can have"
        # About the document as a whole: it is not mended by leaving one operation out.
        refused.append(Diagnostic("error", "too-many-tags", message, replace(canonical.locate("paths"), bundled=None), hint))
    refused += pages.errors
    if reader.errors or refused:
        raise SpecloomError([*reader.errors, *refused])
    api = ir.Api(
        name=name,
        title=tree["info"]["title"],
        version=tree["info"]["version"],
        description=tree["info"]["description"],
        server=tree["servers"][0]["url"],
        groups=groups,
        operations=operations,
        webhooks=webhooks,
        schemas=read_schemas(canonical, everything, narrowed=narrowed),
        security_schemes=schemes,
        exact=canonical.exact,
        answers=read_answers(canonical, operations),
    )
    return api, tuple(notes.warnings)


def _security_schemes(
    canonical: Canonical, notes: Notes, operations: Iterable[ir.Operation]
) -> tuple[tuple[ir.SecurityScheme, ...], list[Diagnostic]]:
    """The schemes that an operation asks for. One that none asks for has no output, so it may be of any kind."""
    used = {name for operation in operations for need in operation.security for name in need.schemes}
    declared: JsonObject = canonical.tree["components"]["securitySchemes"]
    wanted = [name for name in declared if name in used]
    py_names = names.unique(names.setting_name(name) for name in wanted)
    found: list[ir.SecurityScheme] = []
    refused: list[Diagnostic] = []
    for name, py_name in zip(wanted, py_names, strict=True):
        scheme, at = declared[name], ("components", "securitySchemes", name)
        kind, key = _scheme_kind(scheme)
        if kind is None or (kind in ("header", "query", "cookie") and not key):
            what = " ".join(str(scheme[word]) for word in ("type", "scheme", "in", "name") if scheme.get(word))
            refused += notes.unsupported(f"a security scheme of {what}", at).diagnostics
        else:
            found.append(ir.SecurityScheme(name, py_name, kind, key, scheme["description"], at))
    return tuple(found), refused


def _scheme_kind(scheme: JsonObject) -> tuple[ir.SchemeKind | None, str]:
    """What a caller presents, and under which name."""
    match scheme:
        case {"type": "apiKey", "in": "header" | "query" | "cookie" as place, "name": str(name)}:
            return place, name
        case {"type": "http", "scheme": "bearer" | "basic" as kind}:
            return kind, ""
        case {"type": "http", "scheme": str(kind)} if kind:
            return "authorization", kind
        case _:
            return None, ""
