"""Entries of the settings that name something of the document: each must name something, and get what it asks for.

An entry that does neither is out of date or mistaken, and is refused at its line: nothing is left as it was in silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches

from generator import ir, names
from generator.config import Integration
from generator.errors import Diagnostic
from generator.openapi import section_of
from generator.select import Candidate, Selection
from generator.tree import JsonObject, is_object, resolve

_RESERVED: Mapping[str, Collection[str]] = {
    "operations": names.RESERVED_METHODS,
    "tags": names.RESERVED_GROUPS,
    "schemas": names.RESERVED_CLASSES,
    "fields": names.RESERVED_FIELDS,
    "parameters": names.RESERVED_ARGUMENTS,
}
"""What generated code says already in the place where such a name would stand."""


def reserved_names(integration: Integration) -> Iterator[Diagnostic]:
    """The entries of ``names`` that ask for what cannot be had in any document."""
    for kind in _RESERVED:
        chosen: Mapping[str, str] = getattr(integration.names, kind)
        for key, name in chosen.items():
            if _is_reserved(kind, name):
                yield _taken(integration, kind, key, "reserved")


def _is_reserved(kind: str, name: str) -> bool:
    # A field that starts with an underscore is private in pydantic.
    return name in _RESERVED[kind] or (kind == "fields" and name.startswith("_"))


def unused_choices(integration: Integration, every: Collection[Candidate]) -> Iterator[Diagnostic]:
    """The entries of ``include``, ``skip`` and ``pagination`` that no operation of the document answers to."""
    by_name = {name for candidate in every for name in candidate.names}
    known = {
        "tags": {tag for candidate in every for tag in candidate.tags},
        "paths": {path for candidate in every for path in candidate.paths},
        "operations": by_name,
    }
    for key, what in (("tags", "has the tag"), ("paths", "has the path"), ("operations", "is called")):
        entries: tuple[str, ...] = getattr(integration.include, key)
        for name in entries:
            if name not in known[key]:
                where = integration.locate_item(("include", key), name)
                message = f"no operation of the document {what} {name!r}"
                yield Diagnostic("error", "unused-entry", message, where, _near(name, known[key]))
    for setting in ("skip", "pagination"):
        named: Mapping[str, object] = getattr(integration, setting)
        for name in named:
            if name not in by_name:
                where = integration.locate((setting, name), key=True)
                message = f"no operation of the document is called {name!r}"
                yield Diagnostic("error", "unused-entry", message, where, _near(name, by_name))


def unmet_names(integration: Integration, tree: JsonObject, selection: Selection, api: ir.Api) -> Iterator[Diagnostic]:
    """The entries of ``names`` that name nothing of the document ``tree``, or whose name something else has already."""
    outcomes = {
        "operations": _operations(selection, api),
        "tags": _tags(selection, api),
        "schemas": _schemas(tree, integration.names.schemas, api),
        "fields": _fields(tree, integration.names.schemas, api),
        "parameters": _parameters(selection, api),
    }
    for kind, given in outcomes.items():
        chosen: Mapping[str, str] = getattr(integration.names, kind)
        for key, name in chosen.items():
            if key not in given:
                where = integration.locate(("names", kind, key), key=True)
                message = f"the document has none of its {kind} called {key!r}"
                yield Diagnostic("error", "unused-entry", message, where, _near(key, given))
            elif given[key] and name not in given[key] and not _is_reserved(kind, name):
                yield _taken(integration, kind, key, "taken by something else")


# What may be named, and the names that it got in the output: none where it is not generated.


def _operations(selection: Selection, api: ir.Api) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {name: set() for candidate in selection.every for name in candidate.names}
    ids = {key: candidate.id for candidate in selection.every for key in candidate.keys}
    for operation in _all(api):
        keys = [f"{operation.method} {path}" for path in operation.paths]
        for name in {*keys, *(ids.get(key) or operation.id for key in keys)}:
            found.setdefault(name, set()).add(operation.name)
    return found


def _all(api: ir.Api) -> tuple[ir.Operation, ...]:
    """The operations that the API answers, and those that it calls: webhooks and callbacks."""
    return (*api.operations, *api.webhooks)


def _tags(selection: Selection, api: ir.Api) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {tag: set() for candidate in selection.every for tag in candidate.tags}
    found |= {names.topic(c.paths[0]): set() for c in selection.every if c.paths and not c.tags}
    for operation in api.operations:
        tag = operation.tags[0] if operation.tags else names.topic(operation.paths[0])
        found.setdefault(tag, set()).add(operation.group)
    for operation in api.webhooks:
        found.setdefault(operation.tags[0] if operation.tags else names.WEBHOOK_TOPIC, set()).add(operation.group)
    return found


def _schemas(tree: JsonObject, chosen: Mapping[str, str], api: ir.Api) -> dict[str, set[str]]:
    """Components, and the classes that inline schemas become."""
    classes = {schema.name for schema in api.schemas}
    keys = _components(tree)
    wanted = Counter(chosen.get(key, names.class_name(key)) for key in {**keys, **chosen})
    named = {chosen.get(key, names.class_name(key)) for key in keys}
    found: dict[str, set[str]] = {name: set() for name in (*keys, *(classes - named))}
    for key, name in chosen.items():
        if wanted[name] > 1:
            found[key] = {names.class_name(key)}
        elif key not in keys and name in classes:
            found[key] = {name}
    return found


def _fields(tree: JsonObject, chosen: Mapping[str, str], api: ir.Api) -> dict[str, set[str]]:
    components = _components(tree)
    keys = {chosen.get(key, names.class_name(key)): key for key in components}
    found: dict[str, set[str]] = {}
    for key, schema in components.items():
        properties = schema.get("properties") if is_object(schema) else None
        found |= {f"{key}.{name}": set() for name in (properties if is_object(properties) else ())}
    for schema in api.schemas:
        for field in schema.fields if isinstance(schema, ir.ObjectSchema) else ():
            for name in {schema.name, keys.get(schema.name, schema.name)}:
                found.setdefault(f"{name}.{field.name}", set()).add(field.py_name)
    return found


def _parameters(selection: Selection, api: ir.Api) -> dict[str, set[str]]:
    named = {key: candidate.names for candidate in selection.every for key in candidate.keys}
    found: dict[str, set[str]] = {}
    for operation in _all(api):
        key = f"{operation.method} {operation.paths[0]}"
        for parameter in operation.parameters:
            for name in named.get(key, frozenset([key])) | {operation.id}:
                found.setdefault(f"{name}.{parameter.name}", set()).add(parameter.py_name)
    return found


def _components(tree: JsonObject) -> JsonObject:
    try:
        node = resolve(tree, section_of("schema", swagger="swagger" in tree) or ())
    except KeyError:
        return {}
    return node if is_object(node) else {}


def _taken(integration: Integration, kind: str, key: str, why: str) -> Diagnostic:
    name: str = getattr(integration.names, kind)[key]
    where = integration.locate(("names", kind, key))
    return Diagnostic("error", "name-taken", f"the name `{name}` is {why}", where, f"choose another name for {key!r}")


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1)
    return f"did you mean {near[0]!r}?" if near else "name it as the document does, or take the entry out"
