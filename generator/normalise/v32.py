"""OpenAPI 3.2: schemas as in 3.1; what it adds stands around them, and the stages that read it there know it."""

from __future__ import annotations

from generator.bundle import Bundle
from generator.tree import JsonObject

from . import v31

NAME = "3.2"


def matches(tree: JsonObject) -> bool:
    """Whether the document says that it is OpenAPI 3.2."""
    return str(tree.get("openapi", "")).startswith("3.2")


def convert(bundle: Bundle) -> Bundle:
    """The document as it is."""
    return bundle


def upconvert(schema: JsonObject) -> JsonObject:
    """The schema in 3.1 words: both versions take theirs from JSON Schema 2020-12."""
    return v31.upconvert(schema)
