"""Every part of a document is of the JSON type that its place asks for, or the run says where not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

from generator.bundle import Bundle, Provenance
from generator.errors import Diagnostic, SpecloomError
from generator.openapi import FREE, SHAPES, Kind, is_reference
from generator.tree import Json, JsonObject, Pointer, is_array, is_object, parse_pointer, resolve

from .meant import as_meant
from .relink import Relinker, is_outside, put
from .values import Tally

_Check = tuple[Callable[[Json], bool], str]
_WRITTEN_NUMBER = re.compile(r"-?(0|[1-9]\d{0,30})(\.\d{1,30})?")


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_texts(value: Json) -> bool:
    return is_array(value) and all(isinstance(item, str) for item in value)


_TEXT: _Check = (lambda value: isinstance(value, str), "a string")
_REFERENCE: _Check = (lambda value: isinstance(value, str), "a reference")
_TEXTS: _Check = (_is_texts, "an array of strings")
_LIST: _Check = (is_array, "an array")
_NUMBER: _Check = (_is_number, "a number")
_BOUND: _Check = (lambda value: _is_number(value) or isinstance(value, bool), "a number")
_FLAG: _Check = (lambda value: isinstance(value, bool), "a boolean")
_VALUES: dict[str, dict[str, _Check]] = {
    "schema": {
        "$ref": _REFERENCE,
        "type": (lambda value: isinstance(value, str) or _is_texts(value), "a type or an array of types"),
        "enum": (is_array, "an array of values"),
        "required": (_is_texts, "an array of property names"),
        "pattern": _TEXT,
        "multipleOf": _NUMBER,
        **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _BOUND),
        **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _NUMBER),
        **dict.fromkeys(("nullable", "x-nullable", "readOnly", "writeOnly", "deprecated", "uniqueItems"), _FLAG),
    },
    "operation": {
        "deprecated": _FLAG,
        **dict.fromkeys(("consumes", "produces", "schemes"), _TEXTS),
        "operationId": _TEXT,
        "tags": _LIST,
        "security": (lambda value: is_array(value) and all(is_object(item) for item in value), "an array of objects"),
    },
    "document": {
        **dict.fromkeys(("consumes", "produces", "schemes"), _TEXTS),
        **dict.fromkeys(("host", "basePath"), _TEXT),
        "security": (lambda value: is_array(value) and all(is_object(item) for item in value), "an array of objects"),
    },
    "securityScheme": {"name": _TEXT, "in": _TEXT, "scheme": _TEXT},
    "parameter": {"name": _TEXT, "in": _TEXT, "required": _FLAG, "explode": _FLAG},
    "requestBody": {"required": _FLAG},
    "tag": {"name": _TEXT},
}
"""What stands at keys that hold no object of their own: JSON Schema 2020-12 Validation, 6; OpenAPI 3.1.0, 4.8."""


_MAY_BE_EMPTY = ("schema", "mediaType", "response", "pathItem", "header")


def check_shapes(bundle: Bundle, *, swagger: bool) -> Bundle:
    """The bundle with what is invalid but clear written as meant, object by object, with a warning for each kind.

    Nulls where nothing may be null are left out. ``swagger`` says that its schemas are those of Swagger 2.0.
    Raises :class:`SpecloomError` with each part that is of the wrong JSON type.
    """
    checker = _Checker(bundle, swagger=swagger)
    tree = checker.read_all(bundle.tree)
    provenance = checker.provenance()
    if checker.errors:
        raise SpecloomError(checker.errors)
    if checker.relinker.moved:
        tree, lost = checker.relinker.relinked(tree)
    else:
        lost = [at for _, at, target in checker.targets if not _leads_somewhere(tree, target)]
    if lost:
        message = "this reference leads into a part that was left out, since nothing of its kind can stand there"
        hint = "correct the pointer, or what it leads to"
        raise SpecloomError(Diagnostic("error", "lost-reference", message, provenance.locate(at), hint) for at in lost)
    warnings = (*bundle.warnings, *checker.tally.warnings(provenance))
    return replace(bundle, tree=tree, provenance=provenance, warnings=warnings)


def _leads_somewhere(tree: JsonObject, target: Pointer) -> bool:
    try:
        resolve(tree, target)
    except KeyError:
        return False
    return True


class _Checker:
    def __init__(self, bundle: Bundle, *, swagger: bool) -> None:
        self._bundle = bundle
        self._swagger = swagger
        self.tally = Tally()
        self.relinker = Relinker()
        self.errors: list[Diagnostic] = []
        self.targets: list[tuple[Kind, Pointer, Pointer]] = []

    def provenance(self) -> Provenance:
        """That of the tree that was read."""
        moved = self.relinker.moved
        return self._bundle.provenance.moved(moved) if moved else self._bundle.provenance

    def warn(self, code: str, message: str, at: Pointer) -> None:
        self.tally.note(code, message, at)

    def move(self, new: Pointer, old: Pointer, *kinds: Kind) -> None:
        # What is around it may have moved as well: the old pointer that is given is that of its new place.
        self.relinker.note(new, self.relinker.origin(old), *(kinds or SHAPES))

    def read_all(self, tree: JsonObject) -> JsonObject:
        """The document, and what is referred to outside of the known shape, such as ``#/x-shared/Error``."""
        tree = self.read("document", tree, ())
        done: set[tuple[Kind, Pointer]] = set()
        for kind, _, target in self.targets:  # grows on the way
            if is_outside(target) and (kind, target) not in done and not self.errors:
                done.add((kind, target))
                put(tree, target, self.read(kind, resolve(tree, target), target))
        return tree

    def read(self, kind: Kind, node: Json, at: Pointer) -> Json:
        """The node, which is to be of that kind, as it is meant and without the nulls in it."""
        if kind == "text" or (kind == "schema" and isinstance(node, bool)):
            return node
        if kind.startswith("["):
            if node == {}:
                return self._empty(at, "an array", [])
            if not is_array(node):
                return self._wrong(node, at, "an array")
            return [self.read(kind[1:-1], item, (*at, index)) for index, item in enumerate(node)]
        if kind == "schema" and is_array(node) and at[-1] == "items":
            return self.read("[schema]", node, at)  # a tuple, in older drafts
        if node == []:
            return self._empty(at, "an object", {})
        if not is_object(node):
            return self._wrong(node, at, "an object")
        if is_reference(node):
            self.targets.append((kind, (*at, "$ref"), parse_pointer(node["$ref"].removeprefix("#"))))
            if kind in FREE:
                return node
        if not kind.startswith("{"):
            node = as_meant(kind, node, at, swagger=self._swagger, notes=self)
        if kind.startswith("{") or kind in FREE:
            return self._entries(FREE.get(kind, kind[1:-1]), node, at, extensible=kind in FREE)
        return self._fields(kind, node, at)

    def _entries(self, kind: Kind, node: JsonObject, at: Pointer, *, extensible: bool) -> JsonObject:
        """A mapping with free keys. Who writes a key with nothing behind it names something that has no details."""
        read: JsonObject = {}
        for key, value in node.items():
            where = (*at, key)
            if key.startswith("x-") and (extensible or not isinstance(value, dict | bool)):
                # In a section of components it is only an extension when it is no object that is named like one.
                if extensible:
                    read[key] = value
            elif value is None and kind in _MAY_BE_EMPTY:
                self.warn("null-value", "nothing stands at this key: it is read as an empty object", where)
                read[key] = {}
            elif kind == "schema" and at[-1] == "properties" and isinstance(value, str | list):
                message = f"`{key}` stands among the properties and is no schema: it is left out"
                self.warn("misplaced-keyword", message, where)
            elif not self._is_left_out(value, where):
                read[key] = self.read(kind, value, where)
        return read

    def _fields(self, kind: str, node: JsonObject, at: Pointer) -> JsonObject:
        shape, values = SHAPES.get(kind, {}), _VALUES.get(kind, {})
        read: JsonObject = {}
        for key, value in node.items():
            where = (*at, key)
            if key not in shape and key not in values:
                read[key] = value
            elif self._is_left_out(value, where):
                continue
            elif key == "required" and isinstance(value, bool) and kind == "schema":
                message = "`required` here is a word of the parent in this version: it is left out"
                self.warn("old-required", message, where)
            elif key in values and not values[key][0](value):
                read[key] = self._value(value, where, values[key])
            elif key == "dependencies" or (self._swagger and key == "discriminator" and isinstance(value, str)):
                read[key] = value
            elif key in shape:
                read[key] = self.read(shape[key], value, where)
            else:
                read[key] = value
        return read

    def _value(self, value: Json, at: Pointer, check: _Check) -> Json:
        """A value of the wrong JSON type that is of the right one once its quotes are there, or gone."""
        fits, wanted = check
        meant: Json = None
        if check is _TEXT and isinstance(value, bool | int | float):
            meant = json.dumps(value)
        elif isinstance(value, str) and value.strip().lower() in ("true", "false"):
            meant = value.strip().lower() == "true"
        elif isinstance(value, str) and _WRITTEN_NUMBER.fullmatch(value.strip()):
            meant = json.loads(value)
        if meant is None or not fits(meant):
            return self._wrong(value, at, wanted)
        self.warn("value-type", f"`{at[-1]}` must be {wanted}: {json.dumps(value)} is read as {json.dumps(meant)}", at)
        return meant

    def _is_left_out(self, value: Json, at: Pointer) -> bool:
        if value is None:
            self.warn("null-value", f"`{at[-1]}` is null: it is read as left out", at)
        return value is None

    def _empty(self, at: Pointer, wanted: str, value: Json) -> Json:
        self.warn("empty-value", f"`{at[-1]}` must be {wanted}: as it is empty, it is read as one", at)
        return value

    def _wrong(self, value: Json, at: Pointer, wanted: str) -> Json:
        kinds = ((dict, "an object"), (list, "an array"), (str, "a string"), (bool, "a boolean"), (type(None), "null"))
        found = next((name for kind, name in kinds if isinstance(value, kind)), "a number")
        what = f"`{at[-1]}`" if at else "the document"
        message = f"{what} must be {wanted}, this is {found}" if wanted != found else f"{what} must be {wanted}"
        location = self.provenance().locate(at)
        self.errors.append(Diagnostic("error", "wrong-type", message, location, f"write {wanted} here"))
        return {}
