"""Overlays applied to trees, without any file."""

from __future__ import annotations

import json

from generator.bundle import Bundle, Provenance
from generator.document import Document, Source
from generator.load import load
from generator.overlay import apply, read
from generator.tree import Json, JsonObject


def bundle_of(tree: JsonObject) -> Bundle:
    text = json.dumps(tree)
    document = Document(Source("openapi.json", text, text), tree, "", True)
    return Bundle(tree, Provenance({(): (document, ())}), (document,), ())


def applied(tree: JsonObject, overlay: str | JsonObject, *, lenient: bool = False) -> Json:
    """What an overlay, as text or as a tree, makes of a document."""
    text = overlay if isinstance(overlay, str) else json.dumps(overlay)
    patched, _ = apply(bundle_of(tree), [read(load(text.encode(), name="patch.overlay.yaml"))], lenient=lenient)
    return patched.root
