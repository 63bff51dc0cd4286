"""The base of all models, JSON on the way out, and a reading of JSON that does not fit its declaration."""

from __future__ import annotations

import functools
import types
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from datetime import date
from typing import (
    Annotated,
    Literal,
    Never,
    TypeAlias,
    TypeGuard,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
)

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    ValidationError,
)
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, SchemaValidator, core_schema, from_json
from typing_extensions import TypeAliasType

T = TypeVar("T")

_AS_IN_JSON = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", allow_inf_nan=False)


class _NullAllowed:
    """The mark that ``Nullable`` leaves, in a field's metadata and in its core schema.

    The schema of a class whose annotations wait for others is made before its ``model_fields`` know theirs.
    """

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        return cast(CoreSchema, {**schema, "metadata": {**schema.get("metadata", {}), _MARK: True}})


_MARK = "null is a value"
_NULL_ALLOWED = _NullAllowed()

Nullable: TypeAlias = Annotated[T | None, _NULL_ALLOWED]
"""An optional field where null is a value of its own: ``code: Nullable[str] = None``."""


class _NoValue:
    """The mark of ``Nothing``: pydantic has no word of its own for a type without values."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._refuse)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"not": {}}

    @staticmethod
    def _refuse(value: object) -> Never:
        raise PydanticCustomError("nothing", "no value is allowed here")


Nothing: TypeAlias = Annotated[Never, _NoValue()]
"""What the schema ``false`` says: a property that may not be there, an array that has no items."""


class _WrittenOut:
    """Refuses digits alone, of which pydantic makes seconds since 1970 (``20230131``)."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        def check(value: object) -> object:
            if isinstance(value, str) and value[4:5] != "-":
                raise PydanticCustomError("iso_8601", "Input should be written as 2023-01-31 is")
            return value

        def read(value: object) -> object:
            """What strict validation takes from a function is a date, no text."""
            check(value)
            return validator.validate_json(to_json(value), strict=True) if isinstance(value, str) else value

        schema = handler(source)
        validator = SchemaValidator(schema)
        return core_schema.lax_or_strict_schema(
            core_schema.no_info_before_validator_function(check, schema),
            core_schema.no_info_before_validator_function(read, schema),
        )


IsoDate: TypeAlias = Annotated[date, _WrittenOut()]
"""What the format ``date`` says: a ``datetime.date``, written as RFC 3339 has it."""

IsoDateTime: TypeAlias = Annotated[AwareDatetime, _WrittenOut()]
"""What the format ``date-time`` says: a ``datetime.datetime`` that knows its offset, written as RFC 3339 has it."""

Int32: TypeAlias = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
"""What the format ``int32`` says (OpenAPI 3.1.0, 4.4)."""

Int64: TypeAlias = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
"""What the format ``int64`` says."""


def _schema_fields(schema: CoreSchema, handler: GetCoreSchemaHandler) -> dict[str, core_schema.ModelField]:
    """The fields inside a model's core schema, whatever definitions stand around it."""
    while schema["type"] != "model-fields":
        if schema["type"] == "definition-ref":
            schema = handler.resolve_ref_schema(schema)
        else:  # "definitions" around "model" around "model-fields"
            schema = cast(core_schema.ModelSchema, schema)["schema"]
    return cast(core_schema.ModelFieldsSchema, schema)["fields"]


def _is_absent_as_none(field: FieldInfo) -> bool:
    return field.default is None and not any(isinstance(mark, _NullAllowed) for mark in field.metadata)


def _is_marked(schema: CoreSchema) -> bool:
    return _MARK in schema.get("metadata", {})


def _is_none(value: object) -> bool:
    return value is None


class Model(BaseModel):
    """The base of the generated models: open to fields that the document does not name.

    An optional field without ``Nullable`` (``size: str | None = None``) says ``None`` for "not there". Python code
    may pass that ``None`` and responses may carry it, but it is never written, and strict validation, which the
    server applies to requests, refuses ``null``.
    """

    model_config = ConfigDict(
        extra="allow",
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        protected_namespaces=(),
        use_attribute_docstrings=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
        allow_inf_nan=False,
    )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        for field in _schema_fields(schema, handler).values():
            if field["schema"]["type"] == "default":
                default = cast(core_schema.WithDefaultSchema, field["schema"])
                inner = default["schema"]
                if default.get("default", ...) is None and inner["type"] == "nullable" and not _is_marked(inner):
                    nullable = cast(core_schema.NullableSchema, inner)
                    default["schema"] = core_schema.lax_or_strict_schema(nullable, nullable["schema"])
                    field["serialization_exclude_if"] = _is_none
        return schema

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The JSON Schema of what strict validation takes: no null where absence is meant."""
        described = handler(schema)
        properties = handler.resolve_ref_schema(described).get("properties", {})
        for name, field in cls.model_fields.items():
            member = properties.get(wire_name(name, field), properties.get(name, {}))
            if "anyOf" in member and _is_absent_as_none(field):
                kept = [choice for choice in member.pop("anyOf") if choice != {"type": "null"}]
                member.pop("default", None)
                member.update(kept[0] if len(kept) == 1 else {"anyOf": kept})
        return described


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The model's fields by Python name, their forward references resolved."""
    model.model_rebuild()  # does nothing to a class that is complete
    return model.model_fields


def wire_name(name: str, field: FieldInfo) -> str:
    """The name that the field called ``name`` in Python has in JSON."""
    return field.alias or name


def takes_null(field: FieldInfo) -> bool:
    """Whether ``None`` in that field means null; it means "not there" otherwise."""
    return field.is_required() or any(isinstance(mark, _NullAllowed) for mark in field.metadata)


def to_json(value: object) -> bytes:
    """Compact JSON of a model, list, dict or scalar: wire names, and of each model only what was set.

    Raises ``pydantic_core.PydanticSerializationError`` for a value that JSON cannot say.
    """
    return _ANYTHING.dump_json(value, by_alias=True, exclude_unset=True, warnings=False)


@functools.cache
def adapter_of(annotation: object) -> TypeAdapter[object]:
    """The one ``TypeAdapter`` of this annotation."""
    target = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    has_its_own = is_dataclass(target) or (isinstance(target, type) and issubclass(target, BaseModel))
    config = None if has_its_own else _AS_IN_JSON
    return TypeAdapter(cast("type[object]", annotation), config=config)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A place where JSON is not as its schema says: a JSON pointer (RFC 6901), and what was expected there."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.pointer or 'the whole'}: {self.message}"


def read_json(annotation: object, content: bytes, *, strict: bool, mismatches: list[Mismatch] | None = None) -> object:
    """The value that JSON text says: of the annotation if it fits, else, unless ``strict``, as far as it goes.

    What does not fit is added to ``mismatches``. Raises ``ValueError`` for what is no JSON, for what does not fit when
    reading strictly, and for what is of another kind than declared: a list or null, say, where an object is expected.
    """
    try:
        return adapter_of(annotation).validate_json(content, by_alias=True, by_name=False)
    except ValidationError as error:
        try:
            tree: object = from_json(content)
        except ValueError:
            raise ValueError("is not JSON") from None
        found: list[Mismatch] = [] if mismatches is None else mismatches
        value = lenient(annotation, tree, found)
        if strict or not isinstance(value, tuple({_kind(member) for member in members_of(annotation)})):
            more = f", and {len(found) - 1} more" if len(found) > 1 else ""
            raise ValueError(f"is not what the API declares ({found[0]}{more})") from error
        return value


def _kind(annotation: object) -> type:
    """What a value of a composed type always is; a scalar may turn out to be anything."""
    if annotation is types.NoneType or get_origin(annotation) in (list, dict):
        return cast("type", get_origin(annotation) or annotation)
    return BaseModel if isinstance(annotation, type) and issubclass(annotation, BaseModel) else object


def lenient(annotation: object, value: object, mismatches: list[Mismatch] | None = None, at: str = "") -> object:
    """The nearest thing to ``annotation`` that can be built from parsed JSON which does not fit it.

    A model is built with each field read by itself: a field that fits is validated, one that does not is tried
    part by part and kept as it came if it has no parts, a required one that is missing is ``None``, unknown ones
    are kept as extras. Of a union's models the one is taken whose literals (a discriminator, say) and then whose
    keys agree best. What does not fit is added to ``mismatches``, below the pointer ``at``. Never raises
    ``ValidationError``.
    """
    try:
        return adapter_of(annotation).validate_json(to_json(value), by_alias=True, by_name=False)
    except ValidationError as error:
        found: list[Mismatch] = [] if mismatches is None else mismatches
        before = len(found)
        built = _assemble(annotation, value, found, at)
        if len(found) == before:  # no part of it is to blame
            reasons = dict.fromkeys(item["msg"] for item in error.errors(include_url=False, include_input=False))
            found.append(Mismatch(at, ", or: ".join(reasons)))
        return built


def _assemble(annotation: object, value: object, found: list[Mismatch], at: str) -> object:
    members = [*members_of(annotation)]
    if _is_json_object(value):
        models = [item for item in members if isinstance(item, type) and issubclass(item, BaseModel)]
        if models:
            return _construct(max(models, key=lambda model: _fitness(model, value)), value, found, at)
        for member in members:
            if get_origin(member) is dict:
                item_type = get_args(member)[1]
                return {key: lenient(item_type, item, found, _below(at, key)) for key, item in value.items()}
    elif _is_json_array(value):
        for member in members:
            if get_origin(member) is list:
                item_type = get_args(member)[0]
                return [lenient(item_type, item, found, f"{at}/{index}") for index, item in enumerate(value)]
    return value


def _below(at: str, key: str) -> str:
    return f"{at}/{key.replace('~', '~0').replace('/', '~1')}"


def _construct(model: type[BaseModel], value: dict[str, object], found: list[Mismatch], at: str) -> BaseModel:
    extras = dict(value)
    known: dict[str, object] = {}
    missing: dict[str, object] = {}
    for name, field in fields_of(model).items():
        wire = wire_name(name, field)
        if wire in extras:
            limited = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
            known[name] = lenient(limited, extras.pop(wire), found, _below(at, wire))
        elif field.is_required():
            missing[name] = None
            found.append(Mismatch(_below(at, wire), "Field required"))
    if model.model_config.get("extra") == "forbid":
        found += [Mismatch(_below(at, key), "Extra inputs are not permitted") for key in extras]
    built = model.model_construct(set(known))
    # Not as keyword arguments of model_construct: the names in ``extras`` are the sender's choice.
    vars(built).update(missing | known)
    object.__setattr__(built, "__pydantic_extra__", extras)
    built.__pydantic_fields_set__.update(extras)
    return built


def _fitness(model: type[BaseModel], value: dict[str, object]) -> tuple[int, int, int]:
    """How well the object fits the model: by its literals, then by the keys they share and lack."""
    literals = shared = lacking = 0
    for name, field in fields_of(model).items():
        wire = wire_name(name, field)
        if wire not in value:
            lacking += field.is_required()
            continue
        shared += 1
        choices = [item for item in members_of(field.annotation) if get_origin(item) is Literal]
        if choices:
            literals += 1 if any(value[wire] in get_args(item) for item in choices) else -1
    return literals, shared, -lacking


def members_of(annotation: object) -> Iterator[object]:
    """The members of a union, aliases and ``Annotated`` opened; the annotation itself when it is no union."""
    origin = get_origin(annotation)
    if isinstance(annotation, TypeAliasType):
        yield from members_of(annotation.__value__)
    elif origin is Annotated:
        yield from members_of(get_args(annotation)[0])
    elif origin is Union or origin is types.UnionType:
        for member in get_args(annotation):
            yield from members_of(member)
    else:
        yield annotation


def _is_json_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _is_json_array(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


_ANYTHING = adapter_of(object)
