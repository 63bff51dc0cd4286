"""Schemas that say which JSON Schema they are written in, and so are to be read by its letter.

Many OpenAPI documents leave ``type: object`` out and mean it, so ``properties`` alone is read as an object. By the letter
such a schema lets every value through that is no object (JSON Schema 2020-12 Validation, 6.5.3 and the like). Who writes
``$schema`` in a schema, or ``jsonSchemaDialect`` in a document (OpenAPI 3.1.0, 4.8.24.5), means the letter.
"""

from __future__ import annotations

from dataclasses import replace

from generator.bundle import Bundle
from generator.openapi import META_SCHEMA, Kind, children
from generator.tree import Json, JsonObject, is_array, is_object

ALL_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_OF_SOME_TYPES = frozenset(
    ["properties", "required", "additionalProperties", "patternProperties", "items", "prefixItems", "minItems"]
    + ["maxItems", "minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]
    + ["multipleOf"]
)
_SHAPING = frozenset(["type", "enum", "const"])


def by_the_letter(bundle: Bundle) -> Bundle:
    """The bundle with all written out that such a schema leaves unsaid. No pointer changes."""
    if not any("json-schema.org" in document.text for document in bundle.documents):
        return bundle
    tree: JsonObject = {**bundle.tree}
    whole = _names_dialect(tree, "jsonSchemaDialect")
    stack: list[tuple[Kind, Json, Json, str | int, bool]] = []

    def push(kind: Kind, copy: Json, strict: bool) -> None:
        for inner, child, at in children(kind, copy):
            stack.append((inner, child, copy, at[-1], strict))

    push("document", tree, whole)
    while stack:
        kind, node, holder, key, strict = stack.pop()
        if not (is_object(node) or is_array(node)):
            continue
        copy: Json = node.copy()
        if kind == "schema" and is_object(copy):
            strict = _names_dialect(copy, "$schema") if "$schema" in copy else strict
            if strict:
                _write_out(copy)
        holder[key] = copy
        push(kind, copy, strict)
    return replace(bundle, tree=tree)


def _write_out(schema: JsonObject) -> None:
    """Says what a schema leaves unsaid: any type, any item after those that are listed, any property that fits no pattern."""
    if _OF_SOME_TYPES & schema.keys() and not _SHAPING & schema.keys():
        schema["type"] = list(ALL_TYPES)
    for listed, rest in (("prefixItems", "items"), ("patternProperties", "additionalProperties")):
        if listed in schema:
            schema.setdefault(rest, {})


def _names_dialect(node: JsonObject, keyword: str) -> bool:
    name = node.get(keyword)
    return isinstance(name, str) and META_SCHEMA.fullmatch(name) is not None
