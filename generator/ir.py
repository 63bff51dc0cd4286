"""The API as every target, diff and document sees it: frozen values, no OpenAPI keywords, no Python source.

Every ``where`` is a pointer into the canonical document; ``Canonical.locate`` finds its line when a message needs it.

``examples`` are the author's, and nobody has checked that they fit; they are no part of what an API promises, so two that
differ in them alone are equal.

Identifiers are final: ``names.py`` chose them, and nothing after ``build.py`` invents one. Types are a closed
union: match on them and end with ``assert_never``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from generator.tree import Json, JsonObject, Pointer

SHARED = "shared"
"""The models module of what several groups reach, or none."""

ScalarKind: TypeAlias = Literal["string", "integer", "number", "boolean", "datetime", "date", "uuid", "file"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A JSON scalar, or a string whose format has a Python type of its own.

    A ``file`` is what a part of a multipart body uploads; in JSON the same schema is a string. ``bits`` says how wide an
    integer is at most, its sign included; 0 for any.
    """

    kind: ScalarKind
    bits: Literal[0, 32, 64] = 0


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
    """Any of several types (``anyOf`` and ``oneOf``), at least two, none of them null.

    ``tag`` is the wire name of the property that tells them apart, where every member is a class that has it with
    literal values of its own; empty otherwise.
    """

    members: tuple[Type, ...]
    tag: str = ""


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


@dataclass(frozen=True, slots=True)
class Nothing:
    """No value at all: what the schema ``false`` says."""


Type: TypeAlias = Scalar | LiteralOf | ListOf | MapOf | UnionOf | Nullable | Ref | Null | Anything | Nothing


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
        case Scalar() | LiteralOf() | Null() | Anything() | Nothing():
            pass


@dataclass(frozen=True, slots=True)
class Default:
    """What a schema says that an absent value means; null is a value as well."""

    value: Json


@dataclass(frozen=True, slots=True)
class Field:
    """A property of an object schema. ``name`` is its name on the wire, ``py_name`` the attribute.

    ``constraints`` are JSON Schema assertions (``minimum``, ``maxLength``, ...) sorted by keyword. ``required`` is what
    holds in every direction that the schema is used in: a request does not need what is ``read_only``.
    """

    name: str
    py_name: str
    type: Type
    required: bool
    default: Default | None
    read_only: bool
    write_only: bool
    constraints: tuple[tuple[str, Json], ...]
    doc: str
    where: Pointer
    deprecated: bool = False
    examples: tuple[Json, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class ObjectSchema:
    """A schema that becomes a class. ``module`` is the models module it stands in.

    ``extra`` is the type of properties that are not named: Anything as a rule, Nothing where none may come.
    """

    name: str
    module: str
    fields: tuple[Field, ...]
    extra: Type
    doc: str
    where: Pointer
    examples: tuple[Json, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class AliasSchema:
    """A named type that is not an object with properties: an enum, a union, a list, a map."""

    name: str
    module: str
    type: Type
    constraints: tuple[tuple[str, Json], ...]
    doc: str
    where: Pointer
    examples: tuple[Json, ...] = field(default=(), compare=False)


Schema: TypeAlias = ObjectSchema | AliasSchema


def schema_references(schema: Schema) -> Iterator[str]:
    """The names of the schemas that a schema names directly, in order, repeats included."""
    if isinstance(schema, AliasSchema):
        yield from references(schema.type)
        return
    for field_ in schema.fields:
        yield from references(field_.type)
    yield from references(schema.extra)


Place: TypeAlias = Literal["path", "query", "header", "cookie"]
Style: TypeAlias = Literal[
    "simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited", "deepObject", "json", "text"
]
"""How a value is written (OpenAPI 3.1.0, 4.8.12.3); ``json`` and ``text`` are what ``content`` declares."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter outside the body. ``explode`` writes each item or property by itself."""

    name: str
    py_name: str
    place: Place
    type: Type
    required: bool
    style: Style
    explode: bool
    constraints: tuple[tuple[str, Json], ...]
    doc: str
    where: Pointer
    deprecated: bool = False
    examples: tuple[Json, ...] = field(default=(), compare=False)


BodyKind: TypeAlias = Literal["json", "form", "multipart", "text", "binary", "lines"]


@dataclass(frozen=True, slots=True)
class Part:
    """How a field of a form or multipart body is written where that differs from its type's own way (4.8.15).

    ``notation`` is a media type (``image/png``), or the style of a list: ``comma``, ``space``, ``pipe``, ``brackets``.
    """

    name: str
    notation: str


@dataclass(frozen=True, slots=True)
class Body:
    """A request body in one of its media types. ``type`` is that of an item where the body is ``lines`` of JSON.

    ``expanded`` says that the client takes its fields as keyword arguments. ``exact`` is the key of its schema in
    ``schemas.json`` where that says more than the type does, or empty.
    """

    kind: BodyKind
    media_type: str
    type: Type
    required: bool
    expanded: bool
    parts: tuple[Part, ...]
    where: Pointer
    exact: str = ""
    examples: tuple[Json, ...] = field(default=(), compare=False)


Media: TypeAlias = Literal["json", "text", "binary", "none"]


@dataclass(frozen=True, slots=True)
class Success:
    """What a call gives when all is well: a 2xx response. ``type`` is Null where there is no content."""

    status: int
    media: Media
    media_type: str
    type: Type
    doc: str
    examples: tuple[Json, ...] = field(default=(), compare=False)


StreamFormat: TypeAlias = Literal["sse", "lines", "sequence"]


@dataclass(frozen=True, slots=True)
class EventStream:
    """An answer that comes piece by piece, each of the same type.

    ``format`` is ``sse`` (WHATWG HTML, section 9.2), ``lines`` (a JSON text each: ndjson, JSON Lines) or ``sequence`` (RFC 7464).
    ``chosen_by`` tells how a caller asks for it: a boolean body ``field``, the ``accept`` header, or ``always`` where
    the operation has no other answer; the field may be ``on_by_default``. ``final`` holds the values of the event's ``type`` that end a conversation;
    ``done`` says that the document speaks of ``[DONE]``, as OpenAI's APIs send it after the last event.
    """

    status: int
    format: StreamFormat
    media_type: str
    type: Type
    chosen_by: Literal["field", "accept", "always"]
    field: str
    on_by_default: bool
    final: tuple[str, ...]
    done: bool = False


@dataclass(frozen=True, slots=True)
class Paging:
    """How the pages of an answer follow each other, and ``method``, which walks through their items, of type ``item``.

    ``rule`` is what the runtime goes by, as pairs sorted by key: ``items``, ``more`` and ``from`` are attributes of the
    page, dotted, ``cursor``, ``page`` and ``offset`` query parameters, ``next`` an attribute that has a URL, or ``header``.
    """

    method: str
    item: Type
    rule: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """A declared answer other than 2xx. ``status`` is a code, a range (``4XX``) or ``default``; ``type`` may be None.

    ``media_type`` is what a body of that type is written in, empty where there is none.
    """

    status: int | str
    type: Type | None
    media_type: str
    doc: str
    examples: tuple[Json, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One alternative of an operation's security: every scheme named in it, by its name in the spec (AND)."""

    schemes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation with all the paths that it answers on.

    ``id`` is its operationId (or the one made from method and path), ``name`` the method's name, ``group`` the
    namespace it stands in. ``bodies`` are its body's media types, the one that the client sends first, ``successes``
    its 2xx answers, the usual one first. ``security`` lists alternatives (OR); empty means that none is asked for, an
    alternative without schemes that it may be left out. ``server`` is a URL of its own, or empty. ``paging`` is there
    where the answer is a page of many.
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
    bodies: tuple[Body, ...]
    successes: tuple[Success, ...]
    stream: EventStream | None
    errors: tuple[ErrorResponse, ...]
    security: tuple[Requirement, ...]
    server: str
    where: Pointer
    paging: Paging | None = None

    @property
    def body(self) -> Body | None:
        """The body as the client sends it."""
        return self.bodies[0] if self.bodies else None

    @property
    def success(self) -> Success | None:
        """The usual answer; None where the operation only streams."""
        return self.successes[0] if self.successes else None


@dataclass(frozen=True, slots=True)
class Group:
    """A namespace of operations: a tag, or the first path segment of operations without one.

    ``name`` is the attribute and module (``images``), ``class_name`` its classes' stem (``Images``).
    """

    name: str
    class_name: str
    title: str
    doc: str


SchemeKind: TypeAlias = Literal["bearer", "basic", "authorization", "header", "query", "cookie"]


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """A way to present credentials. ``key`` is the header, query or cookie name of an API key.

    ``authorization`` is an HTTP scheme that neither we nor FastAPI know (``digest``, ``hoba``): ``key`` is its name,
    and what follows it in the header is the caller's to make and the server's to check.
    """

    name: str
    py_name: str
    kind: SchemeKind
    key: str
    doc: str
    where: Pointer


@dataclass(frozen=True, slots=True)
class Api:
    """One API, whole. Tuples keep the order of the document. ``name`` is that of the integration.

    ``exact`` is a JSON Schema 2020-12 document, empty where types say all: in its ``$defs``, by the keys that bodies name,
    are the schemas that bodies are held against. ``answers`` is what examples of answers are made of, empty where nobody
    asked for it: such a document in ``schemas``, and in ``operations`` what stands for each (see ``build.answers``).
    """

    name: str
    title: str
    version: str
    description: str
    server: str
    groups: tuple[Group, ...]
    operations: tuple[Operation, ...]
    webhooks: tuple[Operation, ...]
    schemas: tuple[Schema, ...]
    security_schemes: tuple[SecurityScheme, ...]
    exact: JsonObject
    answers: JsonObject
    _schemas: dict[str, Schema] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_schemas", {schema.name: schema for schema in self.schemas})

    def schema(self, name: str) -> Schema:
        """The schema with that class name. Raises ``KeyError``."""
        return self._schemas[name]
