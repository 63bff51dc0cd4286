"""What can be said of schemas only once all of them are read: names that go in circles, tags, defaults that do not fit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from generator.tree import JsonObject, Pointer

from .classes import COMPONENTS
from .tags import Tags
from .values import KEPT, NULL, Tally, fits, joined, kind_of, without_notes

_TELLING = ("type", "kind", "object")
"""Where several properties tell the members of a union apart, those that people would name, the best one first."""


def settle(
    schemas: JsonObject,
    *,
    used: Sequence[tuple[Pointer, JsonObject]],
    moved: Mapping[Pointer, Pointer],
    tags: Tags,
    attributes: Mapping[str, Mapping[str, str]],
    tally: Tally,
) -> None:
    """Finishes the components ``schemas`` and the schemas ``used`` elsewhere, each with its place, in place.

    ``moved`` says where components and their properties come from, and ``attributes`` what properties are called in Python
    where that differs.
    """
    for name, schema in unrolled(schemas).items():
        if schema == {}:
            message = "this schema refers to itself and to nothing else: it is read as anything"
            tally.note("alias-of-itself", message, moved[(*COMPONENTS, name)])
        _become(schemas[name], schema)
    _Tagger(schemas, tags, attributes).tag([*schemas.values(), *(schema for _, schema in used)])
    for pointer, schema in [*_components(schemas, moved), *used]:
        if "default" in schema and not fits(schema["default"], schema, schemas):
            message = f"the default `{json.dumps(schema['default'], ensure_ascii=False)[:60]}` does not fit its schema"
            tally.note("unfit-default", message, (*pointer, "default"))
            del schema["default"]


def _components(schemas: JsonObject, moved: Mapping[Pointer, Pointer]) -> Iterator[tuple[Pointer, JsonObject]]:
    """The components and the properties of classes, each with its place in the document."""
    for name, schema in schemas.items():
        yield moved[(*COMPONENTS, name)], schema
        for key, value in schema.get("properties", {}).items():
            yield moved[(*COMPONENTS, name, "properties", key)], value


def unrolled(schemas: JsonObject) -> JsonObject:
    """The aliases that lead back to themselves with nothing in between, as what is left without the way back.

    ``U = V | str`` and ``V = U | int`` are both ``str | int``; a name of itself is ``{}``.
    """
    ways = {name: list(_direct(schema)) for name, schema in schemas.items() if "properties" not in schema}

    def reached(start: str) -> set[str]:
        seen, pending = set[str](), list(ways[start])
        while pending:
            name = pending.pop()
            if name not in seen:
                seen.add(name)
                pending += ways.get(name, ())
        return seen

    circular = {name for name, direct in ways.items() if direct and name in reached(name)}
    found: JsonObject = {}
    for name in circular:
        ring = [name, *sorted(reached(name) & circular - {name})]
        members = [member for other in ring for member in _solid(schemas[other], circular)]
        found[name] = joined(members) if members else {}
    return {name: found[name] for name in ways if name in found}


def _become(schema: JsonObject, other: JsonObject) -> None:
    """Makes the schema another one, in place, with its own notes."""
    notes = {key: note for key, note in schema.items() if key in KEPT}
    schema.clear()
    schema.update({**other, **notes})


def _rank(key: str) -> int:
    return _TELLING.index(key) if key in _TELLING else len(_TELLING)


def _direct(schema: JsonObject) -> Iterator[str]:
    for member in schema.get("anyOf", [schema]):
        if "$ref" in member:
            yield _name(member)


def _solid(schema: JsonObject, circular: set[str]) -> list[JsonObject]:
    members = schema.get("anyOf", [without_notes(schema)])
    return [member for member in members if "$ref" not in member or _name(member) not in circular]


def _name(schema: JsonObject) -> str:
    return schema["$ref"].rpartition("/")[2]


class _Tagger:
    """Finds the property that tells the members of a union apart, where there is one."""

    def __init__(self, schemas: JsonObject, tags: Tags, attributes: Mapping[str, Mapping[str, str]]) -> None:
        self._schemas = schemas
        self._attributes = attributes
        self._literals: dict[str, dict[str, list[str | int]]] = {}
        for (name, key), promised in tags.promised.items():
            if len(promised) == 1:
                self._narrow(self._class_of({"$ref": name}), key, next(iter(promised)))

    def tag(self, schemas: Iterable[JsonObject]) -> None:
        """Sets ``discriminator`` in every union below these schemas that can have one."""
        pending = list(schemas)
        while pending:
            schema = pending.pop()
            if "anyOf" in schema:
                self._tag_union(schema)
                pending += schema["anyOf"]
            if "items" in schema:
                pending.append(schema["items"])
            if isinstance(schema.get("additionalProperties"), dict):
                pending.append(schema["additionalProperties"])
            pending += schema.get("properties", {}).values()

    def _narrow(self, name: str | None, key: str, tags: tuple[str, ...]) -> None:
        """Makes the tag property of a class the literals that its discriminator promises, unless it says otherwise."""
        properties: JsonObject = self._schemas[name]["properties"] if name else {}
        if key not in properties:
            return
        schema = self._behind(properties[key])
        if "enum" in schema:
            values = [value for value in schema["enum"] if value in tags]
        else:
            values = list(tags) if schema.get("type") == "string" and "format" not in schema else []
        if values:
            _become(properties[key], {"enum": values})

    def _behind(self, schema: JsonObject) -> JsonObject:
        """What a chain of names leads to."""
        while "$ref" in schema:
            schema = self._schemas[_name(schema)]
        return schema

    def _class_of(self, member: JsonObject) -> str | None:
        """The class that a member is or is another name of."""
        while "$ref" in member:
            name = _name(member)
            member = self._schemas[name]
            if "properties" in member:
                return name
        return None

    def _tag_union(self, schema: JsonObject) -> None:
        declared = schema.pop("discriminator", None)
        classes, null = self._classes(schema)
        if classes is None or len(classes) < 2:
            return
        shared = [key for key in self._tag_values(classes[0]) if all(key in self._tag_values(name) for name in classes)]
        for key in sorted(shared, key=lambda key: (key != declared, _rank(key))):
            if self._tells_apart(classes, key):
                schema["anyOf"] = [{"$ref": f"#/components/schemas/{name}"} for name in classes] + [NULL] * null
                schema["discriminator"] = key
                for name in classes:
                    _become(self._schemas[name]["properties"][key], {"enum": self._tag_values(name)[key]})
                return

    def _classes(self, schema: JsonObject) -> tuple[list[str] | None, bool]:
        """The classes of a union, those of unions that are its members among them, and whether null is a member."""
        found: dict[str, None] = {}
        null = False
        pending, seen = list(reversed(schema["anyOf"])), set[str]()
        while pending:
            member = pending.pop()
            if "$ref" in member and _name(member) in seen:
                continue
            seen |= {_name(member)} if "$ref" in member else set()
            name = self._class_of(member)
            behind = self._behind(member)
            if name is not None:
                found[name] = None
            elif behind == NULL:
                null = True
            elif "anyOf" in behind:
                pending += reversed(behind["anyOf"])
            else:
                return None, null
        return list(found), null

    def _tag_values(self, name: str) -> dict[str, list[str | int]]:
        """The required properties of a class that are literals, with their values."""
        if name not in self._literals:
            schema = self._schemas[name]
            self._literals[name] = {
                key: values
                for key in schema.get("required", ())
                if (values := self._behind(schema["properties"][key]).get("enum"))
                and all(kind_of(value) in ("string", "integer") for value in values)
            }
        return self._literals[name]

    def _tells_apart(self, classes: list[str], key: str) -> bool:
        values = [value for name in classes for value in self._tag_values(name)[key]]
        attributes = {self._attributes.get(name, {}).get(key, key) for name in classes}
        return len(set(values)) == len(values) and len(attributes) == 1
