"""OpenAPI 3.1: what the canonical form is, but for idioms of 3.0 that live on in 3.1 documents."""

from __future__ import annotations

from generator.bundle import Bundle
from generator.tree import JsonObject

from . import v30

NAME = "3.1"


def matches(tree: JsonObject) -> bool:
    """Whether the document says that it is OpenAPI 3.1."""
    return str(tree.get("openapi", "")).startswith("3.1")


def convert(bundle: Bundle) -> Bundle:
    """The document as it is."""
    return bundle


def upconvert(schema: JsonObject) -> JsonObject:
    """The schema in 3.1 words.

    ``nullable`` and bounds that are booleans have no meaning in 3.1 (JSON Schema 2020-12), yet documents that were moved up
    from 3.0 still say them and mean them.
    """
    return v30.listed_example(v30.exclusive_bounds(v30.nullable_as_null(schema)))
