"""The API as every target, diff and document sees it: frozen values, no OpenAPI keywords, no Python source.

Identifiers are final: ``names.py`` chose them, and nothing after ``build.py`` invents one. Types are a closed
union: match on them and end with ``assert_never``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from generator.errors import Location
from generator.tree import Json

SHARED = "shared"
"""The models module of what several groups reach, or none."""

ScalarKind: TypeAlias = Literal["string", "integer", "number", "boolean", "datetime", "date", "uuid"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A JSON scalar, or a string whose format has a Python type of its own."""

    kind: ScalarKind


@dataclass(frozen=True, slots=True)
class LiteralOf:
    """One of a few values: an ``enum`` or a ``const``, without null."""

    values: tuple[str | int | bool, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """An array whose items are alike."""

    item: Type


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object with free keys."""

    value: Type


@dataclass(frozen=True, slots=True)
class UnionOf:
    """Any of several types (``anyOf`` and ``oneOf``), at least two, none of them null."""

    members: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Nullable:
    """A type, or null."""

    inner: Type


@dataclass(frozen=True, slots=True)
class Ref:
    """A named schema: the class name of an entry of :attr:`Api.schemas`."""

    name: str


@dataclass(frozen=True, slots=True)
class Null:
    """Null and nothing else."""


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value: what an empty schema says."""


Type: TypeAlias = Scalar | LiteralOf | ListOf | MapOf | UnionOf | Nullable | Ref | Null | Anything


def references(type_: Type) -> Iterator[str]:
    """The names of the schemas that ``type_`` names directly, in order, repeats included."""
    match type_:
        case Ref(name):
            yield name
        case ListOf(inner) | MapOf(inner) | Nullable(inner):
            yield from references(inner)
        case UnionOf(members):
            for member in members:
                yield from references(member)
        case Scalar() | LiteralOf() | Null() | Anything():
            pass


@dataclass(frozen=True, slots=True)
class Field:
    """A property of an object schema. ``name`` is its name on the wire, ``py_name`` the attribute.

    ``constraints`` are JSON Schema assertions (``minimum``, ``maxLength``, ...) sorted by keyword.
    """

    name: str
    py_name: str
    type: Type
    required: bool
    constraints: tuple[tuple[str, Json], ...]
    doc: str
    where: Location


@dataclass(frozen=True, slots=True)
class ObjectSchema:
    """A schema that becomes a class. ``module`` is the models module it stands in."""

    name: str
    module: str
    fields: tuple[Field, ...]
    open: bool
    doc: str
    where: Location


@dataclass(frozen=True, slots=True)
class AliasSchema:
    """A named type that is not an object with properties: an enum, a union, a list, a map."""

    name: str
    module: str
    type: Type
    constraints: tuple[tuple[str, Json], ...]
    doc: str
    where: Location


Schema: TypeAlias = ObjectSchema | AliasSchema

Place: TypeAlias = Literal["path", "query", "header", "cookie"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter outside the body."""

    name: str
    py_name: str
    place: Place
    type: Type
    required: bool
    constraints: tuple[tuple[str, Json], ...]
    doc: str
    where: Location


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON request body. ``expanded`` says that the client takes its fields as keyword arguments."""

    type: Type
    required: bool
    expanded: bool
    where: Location


Media: TypeAlias = Literal["json", "text", "binary", "none"]


@dataclass(frozen=True, slots=True)
class Success:
    """What a call gives when all is well: the first 2xx response. ``type`` is Null where there is no content."""

    status: int
    media: Media
    media_type: str
    type: Type
    doc: str


@dataclass(frozen=True, slots=True)
class EventStream:
    """A ``text/event-stream`` answer (WHATWG HTML, section 9.2).

    ``chosen_by`` tells how a caller asks for it: a boolean body ``field``, the ``accept`` header, or ``always`` where
    the operation has no other answer. ``final`` holds the values of the event's ``type`` that end a conversation.
    """

    status: int
    type: Type
    chosen_by: Literal["field", "accept", "always"]
    field: str
    final: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """A declared answer other than 2xx. ``status`` is a code, a range (``4XX``) or ``default``; ``type`` may be None."""

    status: int | str
    type: Type | None
    doc: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """One alternative of an operation's security: every scheme named in it, by its name in the spec (AND)."""

    schemes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation with all the paths that it answers on.

    ``id`` is its operationId (or the one made from method and path), ``name`` the method's name, ``group`` the
    namespace it stands in. ``security`` lists alternatives (OR); empty means that none is asked for, an alternative
    without schemes that it may be left out.
    """

    id: str
    name: str
    group: str
    method: str
    paths: tuple[str, ...]
    tags: tuple[str, ...]
    summary: str
    description: str
    deprecated: bool
    parameters: tuple[Parameter, ...]
    body: Body | None
    success: Success | None
    stream: EventStream | None
    errors: tuple[ErrorResponse, ...]
    security: tuple[Requirement, ...]
    where: Location


@dataclass(frozen=True, slots=True)
class Group:
    """A namespace of operations: a tag, or the first path segment of operations without one.

    ``name`` is the attribute and module (``images``), ``class_name`` its classes' stem (``Images``).
    """

    name: str
    class_name: str
    title: str
    doc: str


SchemeKind: TypeAlias = Literal["bearer", "basic", "header", "query", "cookie"]


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """A way to present credentials. ``key`` is the header, query or cookie name of an API key."""

    name: str
    py_name: str
    kind: SchemeKind
    key: str
    doc: str
    where: Location


@dataclass(frozen=True, slots=True)
class Api:
    """One API, whole. Tuples keep the order of the document."""

    title: str
    version: str
    description: str
    server: str
    groups: tuple[Group, ...]
    operations: tuple[Operation, ...]
    schemas: tuple[Schema, ...]
    security_schemes: tuple[SecurityScheme, ...]

    def schema(self, name: str) -> Schema:
        """The schema with that class name. Raises ``KeyError``."""
        for schema in self.schemas:
            if schema.name == name:
                return schema
        raise KeyError(name)
