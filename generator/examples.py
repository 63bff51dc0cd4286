"""Values that show what an API takes and gives: the author's examples where they fit, else made from defaults and types."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import cache
from math import isfinite
from typing import Literal, TypeAlias, assert_never
from uuid import UUID

from jsonschema_rs import Draft202012Validator, FancyRegexOptions, Registry
from pydantic_core import SchemaValidator, ValidationError, core_schema

from generator import ir
from generator.tree import Json, JsonObject, encode_reference, is_array, is_object

Amount: TypeAlias = Literal["few", "many"]
"""How much of an object is shown: what it has to have, or two of its fields where that is nothing; or all that there is
room for.
"""

_ROOM = 60
"""So many values are shown before what may be left out is left out."""
_STEPS = 5_000
_DEEPEST = 40
_SHORT = 80
_TEXTS = (
    "a",
    "A",
    "1",
    "abc",
    "ABC",
    "123",
    "a1",
    "A1",
    "a@example.com",
    "https://example.com",
    "2026-01-02",
    "en",
    "US",
)
_DATES: dict[ir.ScalarKind, str] = {
    "datetime": "2026-01-02T03:04:05Z",
    "date": "2026-01-02",
    "uuid": "0f0f0f0f-0000-4000-8000-000000000000",
}

Constraints: TypeAlias = tuple[tuple[str, Json], ...]


class NoExampleError(Exception):
    """No value was found: what it has to hold is recursive, or no value that comes to mind fits."""


class Examples:
    """Makes values for an API, of ``sent`` or of received data. Equal questions have equal answers."""

    def __init__(self, api: ir.Api, *, sent: bool, amount: Amount) -> None:
        self._api = api
        self._sent = sent
        self._amount = amount
        self._steps = self._shown = 0

    def value(
        self, type_: ir.Type, *, examples: Sequence[Json] = (), constraints: Constraints = (), name: str = "text"
    ) -> Json:
        """A value that fits the type: the first of ``examples`` that does, or one that is made.

        Text that nobody gave an example of is ``name``. Raises :class:`NoExampleError` where no value was found.
        """
        self._steps = self._shown = 0
        return self._value(type_, examples, constraints, name[:_SHORT], ())

    def fields(self, schema: ir.ObjectSchema, *, without: str = "") -> JsonObject:
        """The fields that a value of the class has to have, by their names on the wire, but for the one ``without``.

        Raises :class:`NoExampleError` where no value was found for one of them.
        """
        self._steps = self._shown = 0
        needed = [field for field in self._usable(schema) if field.required and field.name != without]
        return {field.name: self._of_field(field, (schema.name,)) for field in needed}

    def _value(
        self, type_: ir.Type, examples: Sequence[Json], constraints: Constraints, name: str, within: tuple[str, ...]
    ) -> Json:
        self._steps += 1
        if self._steps > _STEPS or len(within) > _DEEPEST:
            raise NoExampleError
        for example in examples:
            if self._is_welcome(example) and fits(self._api, type_, example, constraints):
                self._shown += 1
                return example
        for made in self._made(type_, constraints, name, within):
            if fits(self._api, type_, made, constraints):
                self._shown += 1
                return made
        raise NoExampleError

    def _is_welcome(self, example: Json) -> bool:
        """Whether there is room for it: a few lines of code are not there to show a long text."""
        return self._amount == "many" or len(str(example)) <= _SHORT

    def _made(self, type_: ir.Type, constraints: Constraints, name: str, within: tuple[str, ...]) -> Iterator[Json]:
        match type_:
            case ir.Scalar("integer" | "number"):
                yield from _numbers(dict(constraints))
            case ir.Scalar("string" | "file"):
                yield from _texts(name, dict(constraints))
            case ir.Scalar("boolean"):
                yield True
            case ir.Scalar(kind):
                yield _DATES[kind]
            case ir.LiteralOf(values):
                yield from values
            case ir.ListOf(item):
                yield from self._lists(item, dict(constraints), name, within)
            case ir.MapOf(value):
                yield from self._if_any(lambda: {"key": self._value(value, (), (), name, within)})
                yield {}
            case ir.UnionOf(members):
                for member in members:
                    yield from self._if_any(lambda member=member: self._value(member, (), constraints, name, within))
            case ir.Nullable(inner):
                yield from self._if_any(lambda: self._value(inner, (), constraints, name, within))
                yield None
            case ir.Ref(schema_name):
                if schema_name not in within:
                    yield self._of_schema(self._api.schema(schema_name), name, (*within, schema_name))
            case ir.Null():
                yield None
            case ir.Anything():
                yield {}
            case ir.Nothing():
                pass
            case _:
                assert_never(type_)

    @staticmethod
    def _if_any(make: Callable[[], Json]) -> Iterator[Json]:
        try:
            yield make()
        except NoExampleError:
            return

    def _lists(self, item: ir.Type, limits: JsonObject, name: str, within: tuple[str, ...]) -> Iterator[Json]:
        wanted = max(1, limits.get("minItems", 0))
        if wanted <= _ROOM:
            yield from self._if_any(lambda: [self._value(item, (), (), name, within)] * wanted)
        yield []

    # -- objects ----------------------------------------------------------------------------------------------------

    def _of_schema(self, schema: ir.Schema, name: str, within: tuple[str, ...]) -> Json:
        if isinstance(schema, ir.AliasSchema):
            return self._value(schema.type, schema.examples, schema.constraints, name, within)
        for example in schema.examples:
            if (
                self._is_welcome(example)
                and self._goes_this_way(schema, example)
                and fits(self._api, ir.Ref(schema.name), example)
            ):
                return example
        fields = self._usable(schema)
        optional = {field.name for field in fields if not field.required}
        chosen = fields if self._amount == "many" else [field for field in fields if field.required] or fields[:2]
        found: JsonObject = {}
        for field in chosen:
            try:
                if field.name not in optional or self._shown < _ROOM:
                    found[field.name] = self._of_field(field, within)
            except NoExampleError:
                if field.name not in optional:
                    raise
        return found

    def _of_field(self, field: ir.Field, within: tuple[str, ...]) -> Json:
        default = [field.default.value] if field.default is not None else []
        return self._value(field.type, [*field.examples, *default], field.constraints, field.name[:_SHORT], within)

    def _usable(self, schema: ir.ObjectSchema) -> list[ir.Field]:
        """The fields that go in the direction that is shown."""
        return [field for field in schema.fields if not (field.read_only if self._sent else field.write_only)]

    def _goes_this_way(self, schema: ir.ObjectSchema, example: Json) -> bool:
        usable = {field.name for field in self._usable(schema)}
        return is_object(example) and not ({field.name for field in schema.fields} - usable) & example.keys()


def fits(api: ir.Api, type_: ir.Type, value: Json, constraints: Constraints = ()) -> bool:
    """Whether a JSON value is one of the type within the limits, as a generated server would have it."""
    while True:
        match type_:
            case ir.Ref(name):
                schema = api.schema(name)
                if isinstance(schema, ir.ObjectSchema):
                    return is_object(value) and _fits_class(api, schema, value)
                if not _is_within(value, constraints):
                    return False
                type_, constraints = schema.type, schema.constraints
            case ir.Nullable(inner):
                if value is None:
                    return True
                type_ = inner
            case _:
                return _is_within(value, constraints) and _fits_plain(api, type_, value)


def fits_exactly(api: ir.Api, body: ir.Body, value: Json) -> bool:
    """Whether a value keeps to what the schema of a body says beyond its type, as the generated server checks it."""
    if not body.exact:
        return True
    validator = Draft202012Validator(
        {"$ref": f"{api.exact['$id']}{encode_reference(('$defs', body.exact))}"},
        registry=Registry([(api.exact["$id"], api.exact)]),
        pattern_options=FancyRegexOptions(backtrack_limit=100_000),
        validate_formats=False,
        offline=True,
    )
    return validator.is_valid(value)


def _fits_plain(api: ir.Api, type_: ir.Type, value: Json) -> bool:
    match type_:
        case ir.Scalar(kind):
            return _is_scalar(kind, value)
        case ir.LiteralOf(values):
            return any(type(value) is type(other) and value == other for other in values)
        case ir.ListOf(item):
            return is_array(value) and all(fits(api, item, inner) for inner in value)
        case ir.MapOf(inner):
            return is_object(value) and all(fits(api, inner, item) for item in value.values())
        case ir.UnionOf(members):
            return any(fits(api, member, value) for member in members)
        case ir.Null():
            return value is None
        case ir.Anything():
            return _is_json(value)
        case _:
            return False


def _fits_class(api: ir.Api, schema: ir.ObjectSchema, value: JsonObject) -> bool:
    known = {field.name: field for field in schema.fields}
    return all(field.name in value for field in schema.fields if field.required) and all(
        fits(api, known[key].type, item, known[key].constraints) if key in known else fits(api, schema.extra, item)
        for key, item in value.items()
    )


def _is_scalar(kind: ir.ScalarKind, value: Json) -> bool:
    match kind:
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return (isinstance(value, int) and not isinstance(value, bool)) or (
                isinstance(value, float) and isfinite(value)
            )
        case "boolean":
            return isinstance(value, bool)
        case "string" | "file":
            return isinstance(value, str)
        case "datetime" | "date" | "uuid":
            try:
                return isinstance(value, str) and bool(_parsed(kind, value))
            except ValueError:
                return False


def _parsed(kind: Literal["datetime", "date", "uuid"], text: str) -> object:
    if kind == "uuid":
        return UUID(text)
    return date.fromisoformat(text) if kind == "date" else datetime.fromisoformat(text).tzinfo


def _is_within(value: Json, constraints: Constraints) -> bool:
    """Whether a value keeps the limits of JSON Schema that speak of its kind."""
    limits = dict(constraints)
    if isinstance(value, str) or is_array(value):
        what = "Length" if isinstance(value, str) else "Items"
        if not limits.get(f"min{what}", 0) <= len(value) <= limits.get(f"max{what}", len(value)):
            return False
    if isinstance(value, str):
        return "pattern" not in limits or _matches(limits["pattern"], value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return True
    return (
        limits.get("minimum", value) <= value <= limits.get("maximum", value)
        and ("exclusiveMinimum" not in limits or value > limits["exclusiveMinimum"])
        and ("exclusiveMaximum" not in limits or value < limits["exclusiveMaximum"])
        and ("multipleOf" not in limits or _is_multiple(value, limits["multipleOf"]))
    )


def _is_multiple(value: float, step: float) -> bool:
    try:
        return value % step == 0
    except (OverflowError, ZeroDivisionError):
        return False


def _matches(pattern: str, text: str) -> bool:
    """By the engine that models have, which is linear in time."""
    try:
        _matcher(pattern).validate_python(text)
    except ValidationError:
        return False
    return True


@cache
def _matcher(pattern: str) -> SchemaValidator:
    return SchemaValidator(core_schema.str_schema(pattern=pattern))


def _numbers(limits: JsonObject) -> Iterator[Json]:
    yield from (1, 0)
    for keyword in ("minimum", "maximum", "multipleOf"):
        if keyword in limits:
            yield limits[keyword]
    for keyword, step in (("exclusiveMinimum", 1), ("exclusiveMaximum", -1)):
        if keyword in limits:
            yield from (limits[keyword] + step, limits[keyword] + step / 2)


def _texts(name: str, limits: JsonObject) -> Iterator[Json]:
    least = limits.get("minLength", 0)
    if least <= _SHORT:
        for text in (name, *(_TEXTS if "pattern" in limits else ())):
            long = text if len(text) >= least or not text else (text * (least // len(text) + 1))[:least]
            yield long[: limits.get("maxLength", len(long))]


def _is_json(value: Json) -> bool:
    """Whether JSON can say it: YAML has numbers that JSON has not."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True
