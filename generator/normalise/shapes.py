"""Every part of a document is of the JSON type that its place asks for, or the run says where not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from generator.bundle import Bundle
from generator.errors import Diagnostic, SpecloomError
from generator.openapi import FREE, SHAPES
from generator.tree import Json, JsonObject, Pointer, is_array, is_object

_Check = tuple[Callable[[Json], bool], str]


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_texts(value: Json) -> bool:
    return is_array(value) and all(isinstance(item, str) for item in value)


_TEXT: _Check = (lambda value: isinstance(value, str), "a string")
_LIST: _Check = (is_array, "an array")
_NUMBER: _Check = (_is_number, "a number")
_BOUND: _Check = (lambda value: _is_number(value) or isinstance(value, bool), "a number")
_VALUES: dict[str, dict[str, _Check]] = {
    "schema": {
        "$ref": _TEXT,
        "type": (lambda value: isinstance(value, str) or _is_texts(value), "a type or an array of types"),
        "enum": (is_array, "an array of values"),
        "required": (_is_texts, "an array of property names"),
        "pattern": _TEXT,
        "multipleOf": _NUMBER,
        **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _BOUND),
        **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _NUMBER),
    },
    "operation": {
        "operationId": _TEXT,
        "tags": _LIST,
        "security": (lambda value: is_array(value) and all(is_object(item) for item in value), "an array of objects"),
    },
    "document": {
        "security": (lambda value: is_array(value) and all(is_object(item) for item in value), "an array of objects")
    },
    "securityScheme": {"name": _TEXT, "in": _TEXT, "scheme": _TEXT},
    "parameter": {"name": _TEXT, "in": _TEXT},
    "tag": {"name": _TEXT},
}
"""What stands at keys that hold no object of their own: JSON Schema 2020-12 Validation, 6; OpenAPI 3.1.0, 4.8."""


def check_shapes(bundle: Bundle) -> Bundle:
    """The bundle with nulls where nothing may be null left out, with a warning for each.

    Everything else stays where it was. Raises :class:`SpecloomError` with each part that is of the wrong JSON type.
    """
    checker = _Checker(bundle)
    tree = checker.read("document", bundle.tree, ())
    if checker.errors:
        raise SpecloomError(checker.errors)
    return replace(bundle, tree=tree, warnings=(*bundle.warnings, *checker.warnings))


class _Checker:
    def __init__(self, bundle: Bundle) -> None:
        self._locate = bundle.provenance.locate
        self.errors: list[Diagnostic] = []
        self.warnings: list[Diagnostic] = []

    def read(self, kind: str, node: Json, at: Pointer) -> Json:
        """The node, which is to be of that kind, without the nulls in it."""
        kind = f"{{{FREE[kind]}}}" if kind in FREE else kind
        if kind == "text" or (kind == "schema" and isinstance(node, bool)):
            return node
        if kind.startswith("["):
            if not is_array(node):
                return self._wrong(node, at, "an array")
            return [self.read(kind[1:-1], item, (*at, index)) for index, item in enumerate(node)]
        if not is_object(node):
            if kind == "schema" and is_array(node) and at[-1] == "items":  # a tuple, in older drafts
                return self.read("[schema]", node, at)
            return self._wrong(node, at, "an object")
        if kind.startswith("{"):
            return {
                key: value if key.startswith("x-") else self.read(kind[1:-1], value, (*at, key))
                for key, value in node.items()
                if not self._is_left_out(value, (*at, key), may_be_null=key.startswith("x-"))
            }
        return self._fields(kind, node, at)

    def _fields(self, kind: str, node: JsonObject, at: Pointer) -> JsonObject:
        shape, values = SHAPES.get(kind, {}), _VALUES.get(kind, {})
        read: JsonObject = {}
        for key, value in node.items():
            where = (*at, key)
            if key == "type" and kind == "schema":
                value = self._with_null_type(value, where)
            if key not in shape and key not in values:
                read[key] = value
            elif self._is_left_out(value, where, may_be_null=False):
                continue
            elif key == "required" and isinstance(value, bool) and kind == "schema":
                self._warn(
                    "old-required", "`required` here is a word of the parent in this version: it is left out", where
                )
            elif key in values and not values[key][0](value):
                self._wrong(value, where, values[key][1])
            elif key in shape and not (kind == "schema" and key == "dependencies"):
                read[key] = self.read(shape[key], value, where)
            else:
                read[key] = value
        return read

    def _with_null_type(self, value: Json, at: Pointer) -> Json:
        """The type or types, with the name of null where null itself stands: in YAML, that takes but two quotes less."""
        kinds = value if is_array(value) else [value]
        if None not in kinds:
            return value
        message = "null stands where the name of a type belongs: it is read as `'null'`"
        self._warn("null-type", message, at, "write `'null'`, in quotes")
        named = ["null" if kind is None else kind for kind in kinds]
        return named if is_array(value) else named[0]

    def _is_left_out(self, value: Json, at: Pointer, *, may_be_null: bool) -> bool:
        if value is not None or may_be_null:
            return False
        self._warn("null-value", f"`{at[-1]}` is null: it is read as left out", at)
        return True

    def _warn(self, code: str, message: str, at: Pointer, hint: str = "take the key out") -> None:
        self.warnings.append(Diagnostic("warning", code, message, self._locate(at, key=True), hint))

    def _wrong(self, value: Json, at: Pointer, wanted: str) -> Json:
        kinds = ((dict, "an object"), (list, "an array"), (str, "a string"), (bool, "a boolean"), (type(None), "null"))
        found = next((name for kind, name in kinds if isinstance(value, kind)), "a number")
        what = f"`{at[-1]}`" if at else "the document"
        message = f"{what} must be {wanted}, this is {found}" if wanted != found else f"{what} must be {wanted}"
        self.errors.append(Diagnostic("error", "wrong-type", message, self._locate(at), f"write {wanted} here"))
        return {}
