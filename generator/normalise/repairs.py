"""Invalid but clear: what many documents say wrongly is read as meant, with a warning at its line."""

from __future__ import annotations

from collections.abc import Callable

from generator.bundle import Provenance
from generator.errors import Diagnostic
from generator.tree import Json, JsonObject, Pointer, is_array, is_object

Warn = Callable[[str, str, Pointer, str], None]


def repair_info(tree: JsonObject, warn: Warn) -> JsonObject:
    """``info`` with a title and a version (both required by OpenAPI 3.1.0, section 4.8.2)."""
    info = tree.get("info")
    if not is_object(info):
        warn(
            "missing-info",
            "the document has no `info`",
            (),
            "add `info` with a `title` and a `version`",
        )
        info = {}
    title = str(info.get("title") or "").strip()
    if not title:
        place: Pointer = ("info", "title") if "title" in info else ("info",)
        warn(
            "empty-title",
            "the title is empty: the integration's name is used",
            place,
            "give `info.title` a text",
        )
    return {
        "title": title,
        "version": str(info.get("version", "")),
        "description": _text(info.get("description")),
    }


def repair_servers(tree: JsonObject, warn: Warn) -> str:
    """The URL of the first server with its variables' defaults in place (OpenAPI 3.1.0, sections 4.8.5 and 4.8.6)."""
    servers = tree.get("servers")
    if servers == []:
        hint = "leave `servers` out, or name the server that callers use"
        warn(
            "empty-servers",
            "`servers` is empty: callers have to give a base URL",
            ("servers",),
            hint,
        )
    if not is_array(servers) or not servers or not is_object(servers[0]):
        return ""
    url = str(servers[0].get("url", ""))
    for name, variable in servers[0].get("variables", {}).items():
        url = url.replace("{" + name + "}", str(variable.get("default", "")))
    return "" if url == "/" else url.rstrip("/")


def repair_schemes(tree: JsonObject, warn: Warn) -> JsonObject:
    """``components.securitySchemes`` as ``{name: {type, scheme|in+name, description}}``, in the spec's terms.

    Kinds that carry a token in the ``Authorization`` header in the end (``oauth2``, ``openIdConnect``: OpenAPI 3.1.0,
    section 4.8.27) are bearer tokens to a caller.
    """
    schemes: JsonObject = {}
    for name, scheme in tree.get("components", {}).get("securitySchemes", {}).items():
        at: Pointer = ("components", "securitySchemes", name)
        schemes[name] = _scheme(scheme, at, warn)
    return schemes


def _scheme(scheme: JsonObject, at: Pointer, warn: Warn) -> JsonObject:
    kind = scheme.get("type")
    notes = {"description": _text(scheme.get("description"))}
    bearer = {"type": "http", "scheme": "bearer", **notes}
    if kind == "apiKey":
        if scheme.get("in") == "header" and str(scheme.get("name", "")).lower() == "authorization":
            hint = "declare it as `type: http` with `scheme: bearer`"
            message = "an API key in the `Authorization` header is read as a bearer token"
            warn("authorization-api-key", message, (*at, "name"), hint)
            return bearer
        return {"type": "apiKey", "in": scheme.get("in"), "name": scheme.get("name"), **notes}
    if kind == "http":
        return {"type": "http", "scheme": str(scheme.get("scheme", "")).lower(), **notes}
    if kind in ("bearer", "basic"):
        hint = f"declare it as `type: http` with `scheme: {kind}`"
        message = f"`{kind}` is no type of security scheme: read as `type: http` with `scheme: {kind}`"
        warn("scheme-type", message, (*at, "type"), hint)
        return {"type": "http", "scheme": kind, **notes}
    if kind in ("oauth2", "openIdConnect"):
        return bearer
    return {"type": str(kind), **notes}


def _text(value: Json) -> str:
    return value.strip() if isinstance(value, str) else ""


def collector(found: list[Diagnostic], provenance: Provenance) -> Warn:
    """A function that adds a warning about a place of the bundled document to ``found``."""

    def warn(code: str, message: str, pointer: Pointer, hint: str) -> None:
        found.append(Diagnostic("warning", code, message, provenance.locate(pointer), hint))

    return warn
