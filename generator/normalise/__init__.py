"""Bundle -> Canonical: one plain OpenAPI 3.1 document, whatever dialect came in."""

from __future__ import annotations

from collections.abc import Container, Mapping
from types import MappingProxyType

from generator.bundle import Bundle
from generator.errors import SpecloomError, error
from generator.tree import JsonObject, is_array, is_object

from . import v30, v31
from .canonical import Canonical
from .paths import PathReader, text
from .repairs import repair
from .schemas import SchemaReader
from .values import Tally

__all__ = ["DIALECTS", "Canonical", "normalise", "repair"]

DIALECTS = (v30, v31)
"""What can be read. A dialect has a ``NAME``, ``matches(tree)`` and ``upconvert(schema)``."""


def normalise(
    bundle: Bundle,
    *,
    class_names: Mapping[str, str],
    field_names: Mapping[str, str] = MappingProxyType({}),
    chosen: Container[tuple[str, str]] | None = None,
) -> Canonical:
    """The repaired bundle in its canonical form.

    ``class_names`` renames components and inline schemas, ``field_names`` their properties, by ``Schema.property``.

    ``chosen`` holds the (path, method) of each operation to read, None for all.

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
    tally = Tally()
    schemas = SchemaReader(tree, provenance, upconvert=dialect.upconvert, renames=class_names, tally=tally)
    schemas.read_components()
    paths = PathReader(tree, provenance, schemas, chosen=chosen, tally=tally)
    info: JsonObject = tree["info"]
    read_paths = paths.read()
    if schemas.errors or paths.errors:
        raise SpecloomError(dict.fromkeys([*schemas.errors, *paths.errors]))
    canonical: JsonObject = {
        "openapi": "3.1.0",
        "info": {key: text(info.get(key)) for key in ("title", "version", "description")},
        "servers": [{"url": _server(tree)}],
        "tags": tree.get("tags", []),
        "paths": read_paths,
        "components": {"schemas": schemas.schemas, "securitySchemes": _schemes(tree)},
    }
    return Canonical(
        tree=canonical,
        field_names=schemas.field_names(field_names),
        provenance=provenance.moved({**schemas.moved, **paths.moved}),
        warnings=(*bundle.warnings, *tally.warnings(provenance)),
    )


def _server(tree: JsonObject) -> str:
    """The URL of the first server with its variables' defaults in place (OpenAPI 3.1.0, sections 4.8.5 and 4.8.6)."""
    servers = tree.get("servers")
    if not is_array(servers) or not servers or not is_object(servers[0]):
        return ""
    url = str(servers[0].get("url", ""))
    for name, variable in servers[0].get("variables", {}).items():
        url = url.replace("{" + name + "}", str(variable.get("default", "")))
    return url if "://" in url else ""


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
