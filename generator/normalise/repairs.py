"""Invalid but clear: what many documents say wrongly is read as meant, with a warning at its line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from generator.bundle import Bundle
from generator.errors import Diagnostic
from generator.tree import JsonObject, Pointer, is_object

from .shapes import check_shapes

Warn = Callable[[str, str, Pointer, str], None]


def repair(bundle: Bundle, *, title: str) -> Bundle:
    """The bundle with the meaning of its invalid parts written out validly; ``title`` stands in for a missing one.

    Every other node stays where it was, so that pointers and provenance stay true. Raises :class:`SpecloomError` with
    each part that is of the wrong JSON type.
    """
    bundle = check_shapes(bundle, swagger="swagger" in bundle.tree)
    found: list[Diagnostic] = []

    def warn(code: str, message: str, pointer: Pointer, hint: str) -> None:
        found.append(Diagnostic("warning", code, message, bundle.provenance.locate(pointer), hint))

    tree: JsonObject = {**bundle.tree, "info": _info(bundle.tree, warn, title)}
    if tree.get("servers") == []:
        message = "`servers` is empty: callers have to give a base URL"
        warn("empty-servers", message, ("servers",), "leave `servers` out, or name the server that callers use")
        del tree["servers"]
    components = tree.get("components")
    if is_object(components) and is_object(components.get("securitySchemes")):
        schemes = {
            name: _scheme(scheme, ("components", "securitySchemes", name), warn)
            for name, scheme in components["securitySchemes"].items()
        }
        tree["components"] = {**components, "securitySchemes": schemes}
    return replace(bundle, tree=tree, warnings=(*bundle.warnings, *found))


def _info(tree: JsonObject, warn: Warn, title: str) -> JsonObject:
    """``info`` with a title and a version, which OpenAPI 3.1.0 requires in section 4.8.2."""
    info = tree.get("info")
    if not is_object(info):
        warn("missing-info", "the document has no `info`", (), "add `info` with a `title` and a `version`")
        return {"title": title, "version": "0"}
    version = info.get("version")
    if not isinstance(version, str) or not version:
        message = "the version is no text: " + ("it is read as one" if version else "0 stands in for it")
        warn("version", message, ("info", "version") if "version" in info else ("info",), "give `info.version` a text")
        info = {**info, "version": str(version or 0)}
    if isinstance(info.get("title"), str) and info["title"].strip():
        return info
    place: Pointer = ("info", "title") if "title" in info else ("info",)
    warn("empty-title", "the title is empty: the integration's name is used", place, "give `info.title` a text")
    return {**info, "title": title}


def _scheme(scheme: JsonObject, at: Pointer, warn: Warn) -> JsonObject:
    if not is_object(scheme):
        return scheme
    kind = scheme.get("type")
    if kind == "apiKey" and scheme.get("in") == "header" and str(scheme.get("name")).lower() == "authorization":
        message = "an API key in the `Authorization` header is read as a bearer token"
        warn("authorization-api-key", message, (*at, "name"), "declare it as `type: http` with `scheme: bearer`")
        kept = {key: value for key, value in scheme.items() if key not in ("in", "name")}
        return {**kept, "type": "http", "scheme": "bearer"}
    if kind in ("bearer", "basic"):
        message = f"`{kind}` is no type of security scheme: read as `type: http` with `scheme: {kind}`"
        warn("scheme-type", message, (*at, "type"), f"declare it as `type: http` with `scheme: {kind}`")
        return {**scheme, "type": "http", "scheme": kind}
    return scheme
