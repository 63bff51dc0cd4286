"""The objects of Swagger 2.0 that OpenAPI 3.0 says in other words: values, styles, media types, servers, security."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from generator.tree import Json, JsonObject, is_array, is_object

FORM_TYPES: Final = ("multipart/form-data", "application/x-www-form-urlencoded")
JSON: Final = "application/json"
BINARY: Final = "application/octet-stream"

VALUE_KEYS: Final = frozenset(
    ["type", "format", "items", "default", "enum", "multipleOf", "pattern", "uniqueItems", "x-nullable", "properties"]
    + ["maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "additionalProperties", "allOf"]
    + ["maxLength", "minLength", "maxItems", "minItems"]
)
"""What says in a parameter, header or form field which values it takes."""
_STYLES: Final = {"ssv": "spaceDelimited", "pipes": "pipeDelimited"}
_OPAQUE: Final = re.compile(
    r"(image|audio|video|font|model)/|text/(plain|html|markdown)|.*(octet-stream|[/-]tar|zip|pdf|(?<!event)-stream)$"
)
_FLOWS: Final = {"application": "clientCredentials", "accessCode": "authorizationCode"}
_SCHEME_ORDER: Final = ("https", "http", "wss", "ws")


def value_schema(node: JsonObject) -> JsonObject:
    """The schema of a parameter, header or form field, whose keywords stand in the object itself (Swagger 2.0,

    Parameter Object). A ``schema`` in it, which belongs to body parameters alone, is taken along.
    """
    own = {key: value for key, value in node.items() if key in VALUE_KEYS}
    given = node.get("schema")
    return {**given, **own} if is_object(given) else own


def style(node: JsonObject) -> JsonObject:
    """How a list is written: ``collectionFormat`` as style and explode; nothing for other values.

    ``tsv`` has no style in OpenAPI 3; it keeps its name, which the later stages refuse where it is used.
    """
    if node.get("type") != "array":
        return {}
    separator, place = str(node.get("collectionFormat", "csv")), node.get("in")
    if separator == "multi":
        return {"style": "form", "explode": True}
    plain = "form" if place in ("query", "formData") else "simple"
    return {"style": _STYLES.get(separator, plain if separator == "csv" else separator), "explode": False}


def parameter(node: JsonObject) -> JsonObject:
    """A parameter that is neither body nor form field, as OpenAPI 3.0 has it."""
    kept = {
        key: value for key, value in node.items() if key not in VALUE_KEYS and key not in ("schema", "collectionFormat")
    }
    return {**kept, **style(node), "schema": value_schema(node)}


def header(node: JsonObject) -> JsonObject:
    """A response header as OpenAPI 3.0 has it."""
    return {**({"description": node["description"]} if "description" in node else {}), "schema": value_schema(node)}


def can_carry(media_type: str) -> bool:
    """Whether an object can be written in the media type, as far as its name tells."""
    return not _OPAQUE.match(media_type.partition(";")[0].strip().lower())


def is_json(media_type: str) -> bool:
    """Whether the media type is JSON (RFC 6839, section 3.1)."""
    plain = media_type.partition(";")[0].strip().lower()
    return plain == JSON or plain.endswith("+json")


def servers(tree: JsonObject) -> Iterator[JsonObject]:
    """``host``, ``basePath`` and ``schemes`` as Server Objects, the safest scheme first; https where none is said."""
    host, base = tree.get("host", ""), tree.get("basePath", "").strip("/")
    path = f"/{base}" if base else ""
    if not host:
        if path:
            yield {"url": path}
        return
    host = re.sub(r"^[a-z]+://", "", host.strip()).rstrip("/")
    for scheme in ordered_schemes(tree.get("schemes", [])) or ["https"]:
        yield {"url": f"{scheme}://{host}{path}"}


def ordered_schemes(schemes: Json) -> list[str]:
    """The schemes of the list that Swagger 2.0 knows, the safest one first."""
    return [scheme for scheme in _SCHEME_ORDER if is_array(schemes) and scheme in schemes]


def security_scheme(node: JsonObject) -> JsonObject:
    """A Security Scheme Object of Swagger 2.0 as OpenAPI 3.0 has it; one of another version stays as it is."""
    match node.get("type"):
        case "basic":
            kept = {key: value for key, value in node.items() if key in ("description",)}
            return {**kept, "type": "http", "scheme": "basic"}
        case "oauth2" if "flows" not in node:
            of_flow = ("authorizationUrl", "tokenUrl", "scopes")
            flow: JsonObject = {"scopes": {}, **{key: node[key] for key in of_flow if key in node}}
            name = str(node.get("flow", ""))
            kept = {key: value for key, value in node.items() if key not in (*of_flow, "flow")}
            return {**kept, "flows": {_FLOWS.get(name, name): flow} if name else {}}
        case _:
            return node
