"""Bundle -> Canonical: one plain OpenAPI 3.1 document, whatever dialect came in."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from types import MappingProxyType
from typing import Protocol

from generator.bundle import Bundle
from generator.errors import SpecloomError, error
from generator.tree import JsonObject, Pointer

from . import v20, v30, v31, v32
from .canonical import Canonical
from .exact import ExactSchemas
from .letter import by_the_letter
from .paths import PathReader, server_url, text
from .repairs import repair
from .schemas import SchemaReader
from .values import Tally

__all__ = ["DIALECTS", "Canonical", "dialect_of", "in_one_form", "normalise", "repair"]


class Dialect(Protocol):
    """What a version of the specification asks for, as a module."""

    @property
    def NAME(self) -> str:  # noqa: N802 - a constant of the module
        """What the version is called."""
        ...

    @staticmethod
    def matches(tree: JsonObject, /) -> bool:
        """Whether a document is of this version."""
        ...

    @staticmethod
    def convert(bundle: Bundle, /) -> Bundle:
        """The document in the form of OpenAPI 3: what stands elsewhere in this version moves, its schemas stay."""
        ...

    @staticmethod
    def upconvert(schema: JsonObject, /) -> JsonObject:
        """A schema of this version in the words of 3.1, without the ones that it holds."""
        ...


DIALECTS: tuple[Dialect, ...] = (v20, v30, v31, v32)
"""The versions that can be read."""


def normalise(
    bundle: Bundle,
    *,
    class_names: Mapping[str, str],
    field_names: Mapping[str, str] = MappingProxyType({}),
    chosen: Container[Pointer] | None = None,
    answers: bool = False,
) -> Canonical:
    """The repaired bundle in its canonical form.

    ``class_names`` renames components and inline schemas, ``field_names`` their properties, by ``Schema.property``.
    ``chosen`` holds where in the bundle each operation to read stands, None for all. With ``answers`` it says what
    examples of answers are made of.

    Raises :class:`SpecloomError` for a dialect that is not read, and for schemas that have no meaning.
    """
    dialect = dialect_of(bundle)
    bundle = dialect.convert(bundle)
    tree, provenance = bundle.tree, bundle.provenance
    tree = by_the_letter(bundle).tree
    tally = Tally()
    schemas = SchemaReader(
        tree, provenance, upconvert=dialect.upconvert, renames=class_names, attributes=field_names, tally=tally
    )
    schemas.read_components()
    exact = ExactSchemas(bundle, upconvert=dialect.upconvert, tally=tally)
    shown = ExactSchemas(bundle, upconvert=dialect.upconvert, tally=Tally(), of_answers=True) if answers else None
    paths = PathReader(tree, provenance, schemas, exact=exact, answers=shown, chosen=chosen, tally=tally)
    info: JsonObject = tree["info"]
    read_paths, webhooks = paths.read(), paths.read_webhooks()
    schemas.settle()
    if schemas.errors or paths.errors:
        raise SpecloomError(dict.fromkeys([*schemas.errors, *paths.errors]))
    canonical: JsonObject = {
        "openapi": "3.1.0",
        "info": {key: text(info.get(key)) for key in ("title", "version", "description")},
        "servers": [{"url": server_url(tree.get("servers"))}],
        "tags": tree.get("tags", []),
        "paths": read_paths,
        "webhooks": webhooks,
        "components": {"schemas": schemas.schemas, "securitySchemes": _schemes(tree) | _undeclared(paths.undeclared)},
    }
    schemes = {("components", "securitySchemes", name): place for name, place in paths.undeclared.items()}
    return Canonical(
        tree=canonical,
        field_names=schemas.field_names(),
        provenance=provenance.moved({**schemas.moved, **paths.moved, **schemes}),
        warnings=(*bundle.warnings, *tally.warnings(provenance)),
        exact=exact.document(),
        answers=shown.document() if shown is not None else {},
    )


def _undeclared(names: Iterable[str]) -> JsonObject:
    """Schemes that nobody declared: bearer tokens, which leaves no route open, and is what most APIs take."""
    return {name: {"type": "http", "scheme": "bearer", "description": ""} for name in names}


def in_one_form(bundle: Bundle) -> tuple[Bundle, Callable[[JsonObject], JsonObject]]:
    """The repaired bundle in the form of OpenAPI 3, and what says one of its schemas in the words of 3.1.

    Raises :class:`SpecloomError` for a dialect that is not read, and for what has no place in that form.
    """
    dialect = dialect_of(bundle)
    return dialect.convert(bundle), dialect.upconvert


def dialect_of(bundle: Bundle) -> Dialect:
    """The version that the document says it is. Raises ``unsupported-version``."""
    tree, locate = bundle.tree, bundle.provenance.locate
    known = f"versions that can be read: {', '.join(dialect.NAME for dialect in DIALECTS)}"
    keyword = next((key for key in ("openapi", "swagger") if key in tree), None)
    if keyword is None:
        raise error("unsupported-version", "the document does not say its version", locate(()), known)
    for dialect in DIALECTS:
        if dialect.matches(tree):
            return dialect
    message = f"{keyword} {tree[keyword]} cannot be read"
    raise error("unsupported-version", message, locate((keyword,)), known)


def _schemes(tree: JsonObject) -> JsonObject:
    """The security schemes, each as what a caller presents.

    Kinds that carry a token in the ``Authorization`` header in the end (``oauth2``, ``openIdConnect``: OpenAPI 3.1.0,
    section 4.8.27) are bearer tokens.
    """
    schemes: JsonObject = {}
    for name, scheme in tree.get("components", {}).get("securitySchemes", {}).items():
        kind = scheme.get("type")
        plain: JsonObject = {"type": str(kind), "description": text(scheme.get("description"))}
        if kind in ("oauth2", "openIdConnect"):
            plain |= {"type": "http", "scheme": "bearer"}
        elif kind == "http":
            plain["scheme"] = str(scheme.get("scheme", "")).lower()
        elif kind == "apiKey":
            plain |= {"in": scheme.get("in"), "name": scheme.get("name")}
        schemes[name] = plain
    return schemes
