"""The shape of OpenAPI documents: which object stands where (OpenAPI 3.0.4, 3.1.1 and 3.2.0; Swagger 2.0).

Stages that look for references or schemas walk by this table and so never mistake data for structure: examples,
defaults, enums and ``x-`` extensions are not walked, and a property named ``$ref`` is no reference.

A kind is a name of ``SHAPES``, ``"{kind}"`` for a mapping of free keys to that kind, ``"[kind]"`` for a list of it,
or ``"text"``, where a string stands (and, in documents that bend the rules, a ``$ref`` to one).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from typing import Final, TypeAlias, TypeGuard

from generator.tree import Json, JsonObject, Pointer, is_array, is_object

Kind: TypeAlias = str

META_SCHEMA: Final = re.compile(
    r"https?://json-schema\.org/(draft-0[4-7]|draft/20(19-09|20-12))/(schema|meta/[a-z-]+)#?"
)
"""A reference to one of the documents that define JSON Schema itself: every validator knows them."""

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")

_SCHEMA: Final[Mapping[str, Kind]] = {
    # JSON Schema 2020-12, Core section 10 and 8.2.4 (applicators and $defs), and Validation 8 (contentSchema).
    "$defs": "{schema}",
    "allOf": "[schema]",
    "anyOf": "[schema]",
    "oneOf": "[schema]",
    "not": "schema",
    "if": "schema",
    "then": "schema",
    "else": "schema",
    "dependentSchemas": "{schema}",
    "prefixItems": "[schema]",
    "items": "schema",
    "contains": "schema",
    "properties": "{schema}",
    "patternProperties": "{schema}",
    "additionalProperties": "schema",
    "propertyNames": "schema",
    "unevaluatedItems": "schema",
    "unevaluatedProperties": "schema",
    "contentSchema": "schema",
    # Older drafts, which documents still use.
    "additionalItems": "schema",
    "definitions": "{schema}",
    "dependencies": "{schema}",
    "discriminator": "discriminator",
    "externalDocs": "externalDocs",
}

_PARAMETER: Final[Mapping[str, Kind]] = {
    "schema": "schema",
    "content": "{mediaType}",
    "examples": "{example}",
    "items": "schema",
}

SHAPES: Final[Mapping[Kind, Mapping[str, Kind]]] = {
    "document": {
        "info": "info",
        "servers": "[server]",
        "paths": "paths",
        "webhooks": "{pathItem}",
        "components": "components",
        "tags": "[tag]",
        "externalDocs": "externalDocs",
        # Swagger 2.0
        "definitions": "{schema}",
        "parameters": "{parameter}",
        "responses": "{response}",
        "securityDefinitions": "{securityScheme}",
    },
    "info": {"contact": "contact", "license": "license"},
    "contact": {},
    "license": {},
    "externalDocs": {},
    "server": {"variables": "{serverVariable}"},
    "serverVariable": {},
    "tag": {"externalDocs": "externalDocs"},
    "components": {
        "schemas": "{schema}",
        "responses": "{response}",
        "parameters": "{parameter}",
        "examples": "{example}",
        "requestBodies": "{requestBody}",
        "headers": "{header}",
        "securitySchemes": "{securityScheme}",
        "links": "{link}",
        "callbacks": "{callback}",
        "pathItems": "{pathItem}",
        "mediaTypes": "{mediaType}",
    },
    # The two mappings that have fields of their own besides their free keys: x- extensions.
    "paths": {},
    "responses": {},
    "callback": {},
    "pathItem": {
        **dict.fromkeys(METHODS, "operation"),
        "additionalOperations": "{operation}",
        "servers": "[server]",
        "parameters": "[parameter]",
    },
    "operation": {
        "externalDocs": "externalDocs",
        "parameters": "[parameter]",
        "requestBody": "requestBody",
        "responses": "responses",
        "callbacks": "{callback}",
        "servers": "[server]",
    },
    "parameter": _PARAMETER,
    "header": _PARAMETER,
    "requestBody": {"content": "{mediaType}"},
    "mediaType": {
        "schema": "schema",
        "itemSchema": "schema",
        "examples": "{example}",
        "encoding": "{encoding}",
        "prefixEncoding": "[encoding]",
        "itemEncoding": "encoding",
    },
    "encoding": {
        "headers": "{header}",
        "encoding": "{encoding}",
        "prefixEncoding": "[encoding]",
        "itemEncoding": "encoding",
    },
    "response": {
        "headers": "{header}",
        "content": "{mediaType}",
        "links": "{link}",
        "schema": "schema",
    },
    "example": {},
    "link": {"server": "server"},
    "schema": _SCHEMA,
    "discriminator": {},
    "securityScheme": {"flows": "flows"},
    "flows": {},
}

FREE: Final[Mapping[Kind, Kind]] = {
    "paths": "pathItem",
    "responses": "response",
    "callback": "pathItem",
}

COMPONENT_SECTION: Final[Mapping[Kind, str]] = {
    "schema": "schemas",
    "response": "responses",
    "parameter": "parameters",
    "example": "examples",
    "requestBody": "requestBodies",
    "header": "headers",
    "securityScheme": "securitySchemes",
    "link": "links",
    "callback": "callbacks",
    "pathItem": "pathItems",
}
"""Where the Components Object keeps what may be shared, by kind. ``mediaTypes`` is left to OpenAPI 3.2."""

SWAGGER_SECTION: Final[Mapping[Kind, str]] = {
    "schema": "definitions",
    "response": "responses",
    "parameter": "parameters",
    "securityScheme": "securityDefinitions",
}
"""The same for Swagger 2.0, whose sections stand in the root."""


def section_of(kind: Kind, *, swagger: bool) -> Pointer | None:
    """The pointer to where a document keeps shared nodes of this kind, ``None`` where it has no such place."""
    if swagger:
        return (SWAGGER_SECTION[kind],) if kind in SWAGGER_SECTION else None
    return ("components", COMPONENT_SECTION[kind]) if kind in COMPONENT_SECTION else None


def kind_of_component(pointer: Pointer, *, swagger: bool) -> Kind | None:
    """The kind of the shared object that stands right at this pointer, ``None`` where none does."""
    kinds = SWAGGER_SECTION if swagger else COMPONENT_SECTION
    return next((kind for kind in kinds if pointer[:-1] == section_of(kind, swagger=swagger)), None)


_TEXT: Final = ("description", "summary")


def children(kind: Kind, node: Json, pointer: Pointer = ()) -> Iterator[tuple[Kind, Json, Pointer]]:
    """The nodes directly inside ``node`` that have a kind, with their pointers, in the order of the document.

    Values of the wrong JSON type come along as they are (a boolean schema, a list of ``items`` comes as ``[schema]``);
    strings are left out: a ``text`` child is always something other than the string that belongs there.
    """
    if kind[0] == "[":
        if is_array(node):
            for index, value in enumerate(node):
                yield kind[1:-1], value, (*pointer, index)
        return
    if not is_object(node):
        return
    if kind[0] == "{":
        for key, value in node.items():
            yield kind[1:-1], value, (*pointer, key)
        return
    shape, free = SHAPES.get(kind, {}), FREE.get(kind)
    for key, value in node.items():
        child = shape.get(key)
        if child is None:
            if kind == "pathItem" and shape.get(key.lower()) == "operation":
                child = "operation"  # `GET`, which is read as `get`
            elif key in _TEXT and kind not in FREE:
                child = "text"
            elif free and not key.startswith("x-"):
                child = free
            else:
                continue
        if isinstance(value, str):
            continue
        if child == "schema" and key == "items" and is_array(value):
            child = "[schema]"
        yield child, value, (*pointer, key)


def is_method(key: str | int) -> bool:
    """Whether a key of a path item is, in whatever case, a method with a field of its own."""
    return str(key).lower() in METHODS


def path_of(key: str, paths: Container[str]) -> str:
    """The path that a key of ``paths`` means: one with a slash in front (OpenAPI 3.1.1, section 4.8.8).

    A URL is none, nor is one of two that are alike.
    """
    return key if key.startswith(("/", "x-")) or "://" in key or f"/{key}" in paths else f"/{key}"


def operations(path_item: JsonObject) -> Iterator[tuple[str, Json, Pointer]]:
    """The operations of a path item by method, each with its pointer in the item (OpenAPI 3.2.0, section 4.9).

    Methods with a field of their own come as that field, however it is written (``GET``); others, of
    ``additionalOperations``, in capitals, the only way in which servers and clients send them.
    """
    keys = sorted((key for key in path_item if is_method(key)), key=lambda key: key in METHODS)
    written = {key.lower(): key for key in keys}
    for method in METHODS:
        if method in written:
            yield method, path_item[written[method]], (written[method],)
    additional = path_item.get("additionalOperations")
    for name, operation in additional.items() if is_object(additional) else ():
        method = name.lower() if name.lower() in METHODS else name.upper()
        yield method, operation, ("additionalOperations", name)


def meta_schema(node: Json) -> str | None:
    """The reference to a document that defines JSON Schema itself, if that is what the schema is."""
    reference = node.get("$ref", node.get("$dynamicRef")) if is_object(node) else None
    return reference if isinstance(reference, str) and META_SCHEMA.fullmatch(reference) else None


def has_dynamic_reference(node: Json) -> TypeGuard[JsonObject]:
    """Whether a schema that has no ``$ref`` has a ``$dynamicRef`` (JSON Schema 2020-12 Core, section 8.2.3.2)."""
    return is_object(node) and isinstance(node.get("$dynamicRef"), str) and "$ref" not in node


def is_reference(node: Json) -> TypeGuard[JsonObject]:
    """Whether a node that has a kind refers to another one.

    A mapping with free keys may have an entry named ``$ref``: whatever that holds, it is not a string.
    """
    return is_object(node) and isinstance(node.get("$ref"), str)
