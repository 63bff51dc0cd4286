"""Bundle -> Canonical: one plain OpenAPI 3.1 document, whatever dialect came in."""

from __future__ import annotations

from collections.abc import Mapping

from generator.bundle import Bundle
from generator.errors import Diagnostic, error
from generator.tree import JsonObject

from . import v30, v31
from .canonical import Canonical
from .paths import PathReader
from .repairs import collector, repair_info, repair_schemes, repair_servers
from .schemas import SchemaReader

__all__ = ["DIALECTS", "Canonical", "normalise"]

DIALECTS = (v30, v31)
"""What can be read. A dialect has a ``NAME``, ``matches(tree)`` and ``upconvert(schema)``."""


def normalise(bundle: Bundle, *, class_names: Mapping[str, str]) -> Canonical:
    """The bundled document in its canonical form. ``class_names`` renames components.

    Raises :class:`SpecloomError` for a dialect that is not read, and for schemas that have no meaning.
    """
    tree, provenance = bundle.tree, bundle.provenance
    dialect = next((dialect for dialect in DIALECTS if dialect.matches(tree)), None)
    if dialect is None:
        keyword = "openapi" if "openapi" in tree else "swagger"
        raise error(
            "unsupported-version",
            f"{keyword} {tree.get(keyword)} cannot be read",
            provenance.locate((keyword,) if keyword in tree else ()),
            f"versions that can: {', '.join(dialect.NAME for dialect in DIALECTS)}",
        )
    warnings: list[Diagnostic] = list(bundle.warnings)
    warn = collector(warnings, provenance)
    schemas = SchemaReader(tree, provenance, upconvert=dialect.upconvert, renames=class_names)
    schemas.read_components()
    paths = PathReader(tree, provenance, schemas)
    info = repair_info(tree, warn)
    server = repair_servers(tree, warn)
    canonical: JsonObject = {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": server}],
        "tags": tree.get("tags", []),
        "paths": paths.read(),
        "components": {"schemas": schemas.schemas, "securitySchemes": repair_schemes(tree, warn)},
    }
    return Canonical(
        tree=canonical,
        field_names=schemas.field_names(),
        provenance=provenance.moved({**schemas.moved, **paths.moved}),
        warnings=(*warnings, *schemas.warnings),
    )
