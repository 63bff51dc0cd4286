"""Invalid but clear: an object that many documents write wrongly, written as meant, with a note at its key.

Each function reads one kind of object before its parts are checked.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final, Protocol

from generator.openapi import SHAPES, Kind, is_method, path_of
from generator.tree import Json, JsonObject, Pointer, is_array, is_object, parse_pointer

from .swagger import JSON, VALUE_KEYS


class Notes(Protocol):
    """Takes down what was not read as it is written."""

    def warn(self, code: str, message: str, at: Pointer) -> None:
        """A finding at a key. Equal messages are told once, with a count."""
        ...

    def move(self, new: Pointer, old: Pointer, *kinds: Kind) -> None:
        """What stood at ``old`` stands at ``new``, and references to it, of these kinds where any are given, go along."""
        ...


_SCHEME_TYPES: Final = {kind.lower(): kind for kind in ("apiKey", "http", "oauth2", "openIdConnect", "mutualTLS")}
_PLACES: Final = {place.lower(): place for place in ("path", "query", "header", "cookie", "body", "formData")}
_PHRASES: Final = {re.sub(r"\W", "", status.phrase).lower(): str(status.value) for status in HTTPStatus}
_STATUS_AND_WORDS: Final = re.compile(r"^([1-5]\d\d)\W*[^\W\d]\D*$")
_SCHEMAS: Final = (("components", "schemas"), ("definitions",))
_PATH_ITEM: Final = frozenset(["$ref", "summary", "description", *SHAPES["pathItem"]])


def as_meant(kind: str, node: JsonObject, at: Pointer, *, swagger: bool, notes: Notes) -> JsonObject:
    """The object of that kind, valid as far as its meaning is clear. ``swagger`` says that its document is Swagger 2.0."""
    match kind:
        case "document":
            return _document(node, at, notes)
        case "paths":
            return _paths(node, at, notes)
        case "pathItem":
            return _path_item(node, at, notes)
        case "operation":
            return _operation(node, at, notes)
        case "parameter":
            return _parameter(node, at, notes, swagger=swagger)
        case "response" | "requestBody" | "mediaType" if "$ref" in node:
            return _schema_for(kind, node, at, notes, swagger=swagger)
        case "responses":
            return _responses(node, at, notes)
        case "schema":
            return _schema(node, at, notes, swagger=swagger)
        case "securityScheme":
            return _security_scheme(node, at, notes)
        case _:
            return node


def _document(node: JsonObject, at: Pointer, notes: Notes) -> JsonObject:
    node = _requirements(_listed(node, ("consumes", "produces", "schemes"), at, notes), at, notes)
    tags = node.get("tags")
    if is_array(tags) and any(isinstance(tag, str) for tag in tags):
        notes.warn("tag-text", "a tag is an object with a `name`: the text is read as its name", (*at, "tags"))
        node = {**node, "tags": [{"name": tag} if isinstance(tag, str) else tag for tag in tags]}
    servers = node.get("servers")
    listed = [servers] if isinstance(servers, str) or (is_object(servers) and servers) else servers
    if is_array(listed) and (listed is not servers or any(isinstance(server, str) for server in listed)):
        notes.warn("server-text", "`servers` are a list of objects with a `url`: it is read as one", (*at, "servers"))
        node = {**node, "servers": [{"url": server} if isinstance(server, str) else server for server in listed]}
    return node


def _operation(node: JsonObject, at: Pointer, notes: Notes) -> JsonObject:
    tags = node.get("tags")
    if is_array(tags) and any(is_array(tag) for tag in tags):
        notes.warn("nested-tags", "a tag is a name: those of a list in the list are read as its own", (*at, "tags"))
        node = {**node, "tags": [name for tag in tags for name in (tag if is_array(tag) else [tag])]}
    return _requirements(_listed(node, ("tags", "consumes", "produces", "schemes"), at, notes), at, notes)


def _listed(node: JsonObject, keys: tuple[str, ...], at: Pointer, notes: Notes) -> JsonObject:
    """The object with a list of one where a text stands instead of a list of texts."""
    for key in keys:
        if isinstance(node.get(key), str):
            notes.warn("text-for-list", f"`{key}` is a list: the text is read as a list of one", (*at, key))
            node = {**node, key: [node[key]]}
    return node


def _requirements(node: JsonObject, at: Pointer, notes: Notes) -> JsonObject:
    """``security`` as a list of alternatives (OpenAPI 3.1.1, section 4.8.30)."""
    security = node.get("security")
    if is_array(security) and any(isinstance(entry, str) for entry in security):
        notes.warn(
            "security-text", "an entry of `security` is an object: the text is read as its key", (*at, "security")
        )
        return {**node, "security": [{entry: []} if isinstance(entry, str) else entry for entry in security]}
    if not is_object(security):
        return node
    notes.warn("security-object", "`security` is a list: the object is read as its only entry", (*at, "security"))
    return {**node, "security": [security] if security else []}


def _paths(node: JsonObject, at: Pointer, notes: Notes) -> JsonObject:
    """The paths with a slash in front."""
    read: JsonObject = {}
    for key, value in node.items():
        path = path_of(key, node)
        if path != key:
            notes.warn("path-slash", f"a path starts with a slash: `{key}` is read as `{path}`", (*at, key))
            notes.move((*at, path), (*at, key))
            key = path
        read[key] = value
    return read


def _path_item(node: JsonObject, at: Pointer, notes: Notes) -> JsonObject:
    """The path item with its methods in lower case (OpenAPI 3.1.1, section 4.8.9)."""
    read: JsonObject = {}
    for key, value in node.items():
        plain = key.lower()
        if key not in _PATH_ITEM and is_method(key) and plain not in node:
            notes.warn("method-case", f"methods are written in lower case: `{key}` is read as `{plain}`", (*at, key))
            notes.move((*at, plain), (*at, key))
            key = plain
        elif key not in _PATH_ITEM and not plain.startswith("x-"):
            notes.warn("unknown-method", f"`{key}` is no method of a path item: it is left out", (*at, key))
            continue
        read[key] = value
    return read


def _parameter(node: JsonObject, at: Pointer, notes: Notes, *, swagger: bool) -> JsonObject:
    """A parameter with its place in the right case and a schema (OpenAPI 3.1.1, section 4.8.12)."""
    place, reference = node.get("in"), node.get("$ref")
    if isinstance(place, str) and _PLACES.get(place.lower(), place) != place:
        notes.warn("parameter-place", f"`in: {place}` is read as `in: {_PLACES[place.lower()]}`", (*at, "in"))
        node = {**node, "in": _PLACES[place.lower()]}
    if isinstance(reference, str):
        if "in" not in node or parse_pointer(reference.removeprefix("#"))[:-1] not in _SCHEMAS:
            return node
        notes.move((*at, "schema"), at, "schema")
        notes.warn(
            "parameter-schema", "this `$ref` leads to a schema: it is read as the parameter's schema", (*at, "$ref")
        )
        return {**{key: value for key, value in node.items() if key != "$ref"}, "schema": {"$ref": reference}}
    if (
        node.get("schema") is not None
        or node.get("content")
        or (swagger and ("type" in node or node.get("in") == "body"))
    ):
        return node
    own = {} if swagger else {key: node[key] for key in node if key in VALUE_KEYS}
    if own.keys() & {"type", "enum", "items"}:
        notes.move((*at, "schema"), at, "schema")
        notes.warn("parameter-schema", "a parameter says its type in `schema`: these keys are read as its schema", at)
        return {**{key: value for key, value in node.items() if key not in own}, "schema": own}
    if "name" in node or "in" in node:
        notes.warn("parameter-schema", "a parameter without a schema is read as text", at)
        return {**node, "type": "string"} if swagger else {**node, "schema": {"type": "string"}}
    return node


def _schema_for(kind: str, node: JsonObject, at: Pointer, notes: Notes, *, swagger: bool) -> JsonObject:
    """What has a reference to a schema in its place: that schema, as JSON."""
    reference = node["$ref"]
    if not isinstance(reference, str) or parse_pointer(reference.removeprefix("#"))[:-1] not in _SCHEMAS:
        return node
    notes.warn("reference-meant", f"this `$ref` leads to a schema: it is read as that of a JSON {kind}", (*at, "$ref"))
    if kind == "mediaType" or swagger:
        notes.move((*at, "schema"), at, "schema")
        return {"description": "", "schema": {"$ref": reference}} if swagger else {"schema": {"$ref": reference}}
    notes.move((*at, "content", JSON, "schema"), at, "schema")
    return {"description": "", "content": {JSON: {"schema": {"$ref": reference}}}}


def _responses(node: JsonObject, at: Pointer, notes: Notes) -> JsonObject:
    """The responses with a status as key where a phrase or another case of ``default`` stands (RFC 9110, section 15)."""
    read: JsonObject = {}
    for key, value in node.items():
        plain = re.sub(r"\W", "", key).lower()
        meant = "default" if plain == "default" else _PHRASES.get(plain) or _STATUS_AND_WORDS.sub(r"\1", key)
        if meant != key and not key.startswith("x-") and meant not in node:
            notes.warn("status-text", f"`{key}` is read as the status `{meant}`", (*at, key))
            notes.move((*at, meant), (*at, key))
            key = meant
        read[key] = value
    return read


def _security_scheme(node: JsonObject, at: Pointer, notes: Notes) -> JsonObject:
    """The scheme with its type and its place in the right case (OpenAPI 3.1.1, section 4.8.27)."""
    for key, known in (("type", _SCHEME_TYPES), ("in", _PLACES)):
        value = node.get(key)
        if isinstance(value, str) and known.get(value.lower(), value) != value:
            meant = known[value.lower()]
            notes.warn("scheme-case", f"`{key}: {value}` is read as `{key}: {meant}`", (*at, key))
            node = {**node, key: meant}
    return node


def _schema(node: JsonObject, at: Pointer, notes: Notes, *, swagger: bool) -> JsonObject:
    if node.get("enum") == []:
        notes.warn("empty-enum", "no value fits an empty `enum`: it is left out", (*at, "enum"))
        node = {key: value for key, value in node.items() if key != "enum"}
    node = _listed(node, ("enum",), at, notes)
    if node.get("additionalProperties") in ("true", "false"):
        message = "`additionalProperties` is a schema or a boolean: the text is read as a boolean"
        notes.warn("value-type", message, (*at, "additionalProperties"))
        node = {**node, "additionalProperties": node["additionalProperties"] == "true"}
    if isinstance(node.get("required"), str) and is_object(node.get("properties")):
        node = _listed(node, ("required",), at, notes)
    if isinstance(node.get("discriminator"), str) and not swagger:
        message = "a discriminator is an object in this version: the text is read as its `propertyName`"
        notes.warn("discriminator-text", message, (*at, "discriminator"))
        node = {**node, "discriminator": {"propertyName": node["discriminator"]}}
    if is_array(node.get("items")) and not node.keys() & {"type", "anyOf", "prefixItems"}:
        message = "a list of `items` that is not said to be an array is read as alternatives (`anyOf`)"
        notes.warn("items-alternatives", message, (*at, "items"))
        notes.move((*at, "anyOf"), (*at, "items"))
        node = {("anyOf" if key == "items" else key): value for key, value in node.items()}
    kinds: Json = node.get("type")
    alone = kinds is None and "type" in node and at[-2:-1] in (("oneOf",), ("anyOf",))
    if alone or (is_array(kinds) and None in kinds):
        notes.warn("null-type", "the type of null is the text `'null'`, in quotes: it is read as that", (*at, "type"))
        listed = kinds if is_array(kinds) else [None]
        named = ["null" if kind is None else kind for kind in listed]
        node = {**node, "type": named[0] if alone else named}
    return node
