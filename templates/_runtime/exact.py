"""What types cannot say of a request, held against the schemas of ``schemas.json`` themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, TypeAlias, TypeGuard, cast
from urllib.parse import quote, unquote

from .problems import InvalidRequest, invalid

try:
    from jsonschema_rs import Draft202012Validator, FancyRegexOptions, Registry, ValidationError
except ImportError as missing:
    raise ImportError("requests of this API are checked with jsonschema-rs: pip install jsonschema-rs") from missing

__all__ = ["exact"]

_Object: TypeAlias = dict[str, object]
_Pointer: TypeAlias = tuple[str | int, ...]

_FILE: Final = Path(__file__).parents[1] / "schemas.json"
# The engine takes linear time for all patterns but those that look around; these give up after so many steps.
_PATTERNS: Final = FancyRegexOptions(backtrack_limit=100_000)
_NAMED: Final = "the value"
_APPLICATORS: Final = frozenset(
    ["$ref", "$dynamicRef", "$id", "$dynamicAnchor", "$defs", "definitions", "allOf", "anyOf", "oneOf", "not", "if"]
    + ["then", "else", "dependentSchemas", "prefixItems", "items", "contains", "minContains", "maxContains"]
    + ["properties", "patternProperties", "additionalProperties", "propertyNames"]
    + ["unevaluatedItems", "unevaluatedProperties"]
)
_TOLD: Final = {
    "oneOf": "the value fits several alternatives, and has to fit exactly one",
    "anyOf": "the value fits none of the alternatives",
    "not": "the value is one of those that are not allowed",
    "contains": "the items that the array has to contain are too few or too many",
    "unevaluatedItems": "the array has items that are not allowed",
    "unevaluatedProperties": "the object has properties that are not allowed",
}


def exact(key: str) -> Callable[[object], None]:
    """A check of parsed JSON against the schema that is called ``key``: it raises :class:`InvalidRequest`.

    The validator is made when it is first needed. It follows no reference to anywhere else, takes ``format`` for a
    remark, and its time grows with the value, not with the number of ways to read it.
    """

    def check(value: object) -> None:
        if not _whole(key).is_valid(value):
            raise _problem(("$defs", key), value)

    return check


@cache
def _document() -> _Object:
    return json.loads(_FILE.read_text("utf-8"))


@cache
def _registry() -> Registry:
    document = _document()
    return Registry([(str(document["$id"]), document)])


@cache
def _whole(key: str) -> Draft202012Validator:
    return _made(("$defs", key))


@lru_cache(maxsize=512)
def _validator(pointer: _Pointer) -> Draft202012Validator:
    # Of these there is one for each place where a request has been wrong: some hundred kilobytes where schemas are large.
    return _made(pointer)


def _made(pointer: _Pointer) -> Draft202012Validator:
    steps = "".join("/" + quote(str(token).replace("~", "~0").replace("/", "~1")) for token in pointer)
    return Draft202012Validator(
        {"$ref": f"{_document()['$id']}#{steps}"},
        registry=_registry(),
        pattern_options=_PATTERNS,
        validate_formats=False,
        offline=True,
    )


# -- what is wrong ------------------------------------------------------------------------------------------------------
#
# A validator that tells all errors tells those of every member of every union, which in a union that holds itself are
# more than can be counted. So the way to what is wrong is looked for here, a step at a time.


def _problem(pointer: _Pointer, value: object) -> InvalidRequest:
    """What is wrong with a value that the schema at ``pointer`` refuses, as deep inside of it as it can be told."""
    path: tuple[str, ...] = ()
    passed: set[tuple[_Pointer, tuple[str, ...]]] = set()
    while True:
        passed.add((pointer, path))
        schema = _at(pointer)
        if not _is_object(schema):
            return invalid(".".join(path), "no value is allowed here")
        # A pattern comes last: what bounds its time is the length that stands beside it.
        for validator in (_plain(pointer, "pattern"), _plain(pointer)):
            for error in sorted(validator.iter_errors(value), key=lambda error: error.kind.name != "type"):
                return _told(error, path)
        step = next(_steps(schema, pointer, value), None)
        if step is None or (step[0], path + step[2]) in passed:
            return _told_of_whole(schema, pointer, value, path)
        pointer, value, path = step[0], step[1], path + step[2]


def _told(error: ValidationError, path: tuple[str, ...]) -> InvalidRequest:
    """What one of the keywords that speak of the value alone says."""
    if error.kind.name == "required":
        return invalid(".".join([*path, cast(str, getattr(error.kind, "property"))]), missing=True)  # noqa: B009
    return invalid(".".join(path), error.message)


def _told_of_whole(schema: _Object, pointer: _Pointer, value: object, path: tuple[str, ...]) -> InvalidRequest:
    """What is said of a value whose parts are all right, each for itself."""
    names = schema.get("propertyNames")
    if names is not None and _is_object(value):
        for name in value:
            if not _validator((*pointer, "propertyNames")).is_valid(name):
                return invalid(".".join([*path, name]), "this name of a property is not allowed")
    if "not" in schema and not _validator((*pointer, "not")).is_valid(value):
        schema = {key: kept for key, kept in schema.items() if key != "not"}
    keyword = next((key for key in _TOLD if key in schema), None)
    if keyword == "oneOf" and not any(
        _validator(member).is_valid(value) for member in _members(schema, pointer, "oneOf")
    ):
        keyword = "anyOf"
    return invalid(".".join(path), _TOLD[keyword] if keyword else "the value does not fit its schema")


def _steps(schema: _Object, pointer: _Pointer, value: object) -> Iterator[tuple[_Pointer, object, tuple[str, ...]]]:
    """The schemas that refuse the value or a part of it: where each stands, the part, and the way to it."""
    for keyword, part, name in _parts(schema, value):
        inner = (*pointer, *keyword)
        if not _validator(inner).is_valid(part):
            yield inner, part, (name,)
    for inner in _beside(schema, pointer, value):
        if not _validator(inner).is_valid(value):
            yield inner, value, ()
    for keyword in ("anyOf", "oneOf"):
        members = _members(schema, pointer, keyword)
        if members and not any(_validator(member).is_valid(value) for member in members):
            ranked = sorted(((_likeness(member, value), member) for member in members), reverse=True)
            if len(ranked) == 1 or ranked[0][0] > ranked[1][0]:
                yield ranked[0][1], value, ()


def _members(schema: _Object, pointer: _Pointer, keyword: str) -> list[_Pointer]:
    return [(*pointer, keyword, index) for index in range(len(cast("list[object]", schema.get(keyword, []))))]


def _parts(schema: _Object, value: object) -> Iterator[tuple[_Pointer, object, str]]:
    """The members and items of the value that the schema speaks of: keyword, part, and its key."""
    if _is_object(value):
        properties, patterns = _object(schema, "properties"), _object(schema, "patternProperties")
        for name, member in value.items():
            if name in properties:
                yield ("properties", name), member, name
            matching = [pattern for pattern in patterns if _matches(pattern, name)]
            for pattern in matching:
                yield ("patternProperties", pattern), member, name
            if "additionalProperties" in schema and name not in properties and not matching:
                yield ("additionalProperties",), member, name
    elif isinstance(value, list):
        items = cast("list[object]", value)
        places = len(cast("list[object]", schema.get("prefixItems", [])))
        for index, item in enumerate(items):
            if index < places:
                yield ("prefixItems", index), item, str(index)
            elif "items" in schema:
                yield ("items",), item, str(index)


def _beside(schema: _Object, pointer: _Pointer, value: object) -> Iterator[_Pointer]:
    """The schemas that the value as a whole has to fit as well."""
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith(("#", f"{_document()['$id']}#")):
        yield _parsed(reference)
    yield from _members(schema, pointer, "allOf")
    for name in _object(schema, "dependentSchemas"):
        if _is_object(value) and name in value:
            yield (*pointer, "dependentSchemas", name)
    if "if" in schema:
        branch = "then" if _validator((*pointer, "if")).is_valid(value) else "else"
        if branch in schema:
            yield (*pointer, branch)


def _likeness(pointer: _Pointer, value: object) -> tuple[bool, int, int]:
    """How well a value fits a member of a union at first sight: its type, its literals, and the keys that they share."""
    schema, seen = _at(pointer), set[_Pointer]()
    while _is_object(schema) and schema.keys() == {"$ref"} and pointer not in seen:
        seen.add(pointer)
        pointer = next(_beside(schema, pointer, value), pointer)
        schema = _at(pointer)
    if not _is_object(schema):
        return False, 0, 0
    fits = _plain(pointer).is_valid(value)
    if not _is_object(value):
        return fits, 0, 0
    shared = [name for name in _object(schema, "properties") if name in value]
    literals = 0
    for name in shared:
        member = _at((*pointer, "properties", name))
        if _is_object(member) and ("const" in member or "enum" in member):
            literals += 1 if _plain((*pointer, "properties", name)).is_valid(value[name]) else -1
    return fits, literals, len(shared)


@lru_cache(maxsize=4096)
def _plain(pointer: _Pointer, but: str = "") -> Draft202012Validator:
    """A validator of the keywords that speak of the value alone, none of its parts; ``but`` one of them."""
    schema, left_out = _at(pointer), _APPLICATORS | {but}
    plain = {key: value for key, value in schema.items() if key not in left_out} if _is_object(schema) else {}
    return Draft202012Validator(plain, pattern_options=_PATTERNS, validate_formats=False, offline=True, mask=_NAMED)


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> Draft202012Validator:
    return Draft202012Validator({"pattern": pattern}, pattern_options=_PATTERNS, offline=True)


def _matches(pattern: str, name: str) -> bool:
    return _pattern(pattern).is_valid(name)


def _parsed(reference: str) -> _Pointer:
    """The pointer of a reference into the document, as ``schemas.json`` writes it: array indexes stay texts."""
    tokens = unquote(reference.partition("#")[2]).split("/")[1:]
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in tokens)


def _at(pointer: _Pointer) -> object:
    node: object = _document()
    for token in pointer:
        node = node[str(token)] if _is_object(node) else cast("list[object]", node)[int(token)]
    return node


def _object(schema: _Object, keyword: str) -> _Object:
    return cast("_Object", schema.get(keyword, {}))


def _is_object(value: object) -> TypeGuard[_Object]:
    return isinstance(value, dict)
