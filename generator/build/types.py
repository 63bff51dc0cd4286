"""From canonical schemas to the types, fields and named schemas of the IR."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal

from generator import ir
from generator.normalise.canonical import Canonical
from generator.tree import Json, JsonObject

_SCALARS: dict[tuple[str, str], ir.ScalarKind] = {
    ("string", "date-time"): "datetime",
    ("string", "date"): "date",
    ("string", "uuid"): "uuid",
    ("string", "binary"): "file",
    ("string", ""): "string",
    ("number", ""): "number",
    ("boolean", ""): "boolean",
}
_BITS: dict[str, Literal[0, 32, 64]] = {"": 0, "int32": 32, "int64": 64}
_CONSTRAINTS = frozenset(
    ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern"]
    + ["minItems", "maxItems"]
)


def read_type(schema: JsonObject) -> ir.Type:
    """The type that a canonical schema stands for."""
    if "$ref" in schema:
        return ir.Ref(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return ir.LiteralOf(tuple(schema["enum"]))
    if "not" in schema:
        return ir.Nothing()
    if "anyOf" in schema:
        solid = [read_type(member) for member in schema["anyOf"] if member.get("type") != "null"]
        inner = solid[0] if len(solid) == 1 else ir.UnionOf(tuple(solid), schema.get("discriminator", ""))
        return ir.Nullable(inner) if len(solid) < len(schema["anyOf"]) else inner
    kind = schema.get("type")
    if kind is None:
        return ir.Anything()
    if kind == "null":
        return ir.Null()
    if kind == "array":
        return ir.ListOf(read_type(schema["items"]))
    if kind == "object":
        return ir.MapOf(read_type(schema["additionalProperties"]))
    if kind == "integer":
        return ir.Scalar("integer", _BITS[schema.get("format", "")])
    return ir.Scalar(_SCALARS[kind, schema.get("format", "")])


def read_constraints(schema: JsonObject) -> tuple[tuple[str, Json], ...]:
    """The assertions on the value itself; beside a null they are those of the other member."""
    members = [member for member in schema.get("anyOf", []) if member.get("type") != "null"]
    node = members[0] if len(members) == 1 else schema
    return tuple(sorted((key, node[key]) for key in _CONSTRAINTS & node.keys()))


def read_doc(node: JsonObject) -> str:
    """The description, without white space around it."""
    text = node.get("description")
    return text.strip() if isinstance(text, str) else ""


def read_examples(node: JsonObject) -> tuple[Json, ...]:
    """What the author gives as examples of a value."""
    return tuple(node.get("examples", ()))


def bare(canonical: Canonical, type_: ir.Type) -> ir.Type:
    """The type without null and behind its names, as far as these are no classes; a union of scalars as a string."""
    match type_:
        case ir.Nullable(inner):
            return bare(canonical, inner)
        case ir.Ref(name) if "properties" not in canonical.schemas[name]:
            return bare(canonical, read_type(canonical.schemas[name]))
        case ir.UnionOf(members) if all(is_scalar(bare(canonical, member)) for member in members):
            return ir.Scalar("string")
        case _:
            return type_


def is_scalar(type_: ir.Type) -> bool:
    """Whether the type, freed from names, is written as one piece of text."""
    return isinstance(type_, ir.Scalar | ir.LiteralOf | ir.Anything)


def fields_of(canonical: Canonical, type_: ir.Type) -> tuple[ir.Field, ...]:
    """The fields of the class that the type names; none if it names no class."""
    if not isinstance(type_, ir.Ref) or "properties" not in canonical.schemas[type_.name]:
        return ()
    schema, attributes = canonical.schemas[type_.name], canonical.field_names.get(type_.name, {})
    required = schema.get("required", [])
    return tuple(
        ir.Field(
            name=key,
            py_name=attributes.get(key, key),
            type=read_type(value),
            required=key in required,
            default=ir.Default(value["default"]) if "default" in value else None,
            read_only=value.get("readOnly") is True,
            write_only=value.get("writeOnly") is True,
            constraints=read_constraints(value),
            doc=read_doc(value),
            where=("components", "schemas", type_.name, "properties", key),
            deprecated=value.get("deprecated") is True,
            examples=read_examples(value),
        )
        for key, value in schema["properties"].items()
    )


def read_schemas(canonical: Canonical, operations: Iterable[ir.Operation], *, narrowed: bool) -> tuple[ir.Schema, ...]:
    """Every component, each in the module of the one group that reaches it, or in ``shared``.

    ``narrowed`` leaves out what no operation reaches.
    """
    read = {name: _schema(canonical, name) for name in canonical.schemas}
    links = {name: tuple(dict.fromkeys(ir.schema_references(schema))) for name, schema in read.items()}
    reached_by: dict[str, set[str]] = {name: set() for name in read}
    in_requests: list[ir.Type] = []
    in_responses: list[ir.Type] = []
    in_forms: list[ir.Type] = []
    of_group: dict[str, list[ir.Type]] = {}
    for operation in operations:
        in_requests += _sent(operation)
        in_responses += _received(operation)
        in_forms += (body.type for body in operation.bodies if body.kind == "multipart")
        of_group.setdefault(operation.group, []).extend([*_sent(operation), *_received(operation)])
    sent, received, uploaded = (reached(types, links) for types in (in_requests, in_responses, in_forms))
    for group, types in of_group.items():
        for name in reached(types, links):
            reached_by[name].add(group)
    if narrowed:
        read = {name: schema for name, schema in read.items() if reached_by[name]}
        reached_by = {name: reached_by[name] for name in read}
    # What no operation reaches stands in `shared` with all that it reaches: `shared` imports no other module.
    for name in reached((ir.Ref(name) for name, groups in reached_by.items() if not groups), links):
        reached_by[name].add(ir.SHARED)
    modules = {name: groups.pop() if len(groups) == 1 else ir.SHARED for name, groups in reached_by.items()}
    placed = (replace(schema, module=modules[name]) for name, schema in read.items())
    return tuple(
        _in_use(schema, sent=schema.name in sent, received=schema.name in received, uploaded=schema.name in uploaded)
        for schema in placed
    )


def _schema(canonical: Canonical, name: str) -> ir.Schema:
    schema, where = canonical.schemas[name], ("components", "schemas", name)
    doc, examples = read_doc(schema), read_examples(schema)
    if "properties" not in schema:
        return ir.AliasSchema(name, "", read_type(schema), read_constraints(schema), doc, where, examples)
    more = schema.get("additionalProperties", True)
    extra = read_type(more) if not isinstance(more, bool) else ir.Anything() if more else ir.Nothing()
    return ir.ObjectSchema(name, "", fields_of(canonical, ir.Ref(name)), extra, doc, where, examples)


def _in_use(schema: ir.Schema, *, sent: bool, received: bool, uploaded: bool) -> ir.Schema:
    """The schema as the directions in which it is used have it.

    A request does not need what is ``readOnly``, nor a response what is ``writeOnly`` (OpenAPI 3.1.0, 4.8.24), and
    only a multipart body uploads files: everywhere else ``format: binary`` is a string.
    """
    if isinstance(schema, ir.AliasSchema):
        return schema if uploaded else replace(schema, type=_without_files(schema.type))
    fields = tuple(
        replace(
            field,
            required=field.required and not (field.read_only and sent) and not (field.write_only and received),
            type=field.type if uploaded else _without_files(field.type),
        )
        for field in schema.fields
    )
    return replace(schema, fields=fields)


def _without_files(type_: ir.Type) -> ir.Type:
    match type_:
        case ir.Scalar("file"):
            return ir.Scalar("string")
        case ir.ListOf(inner):
            return ir.ListOf(_without_files(inner))
        case ir.MapOf(inner):
            return ir.MapOf(_without_files(inner))
        case ir.Nullable(inner):
            return ir.Nullable(_without_files(inner))
        case ir.UnionOf(members, tag):
            return ir.UnionOf(tuple(dict.fromkeys(map(_without_files, members))), tag)
        case _:
            return type_


def reached(start: Iterable[ir.Type], links: Mapping[str, Iterable[str]]) -> set[str]:
    """The names of every schema that the types lead to. ``links`` are the names that each schema names directly."""
    pending, seen = [name for type_ in start for name in ir.references(type_)], set[str]()
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending += links[name]
    return seen


def _sent(operation: ir.Operation) -> Iterator[ir.Type]:
    yield from (parameter.type for parameter in operation.parameters)
    yield from (body.type for body in operation.bodies)


def _received(operation: ir.Operation) -> Iterator[ir.Type]:
    yield from (success.type for success in operation.successes)
    yield from (failure.type for failure in operation.errors if failure.type is not None)
    if operation.stream is not None:
        yield operation.stream.type


def takes(canonical: Canonical, type_: ir.Type, kinds: Container[ir.ScalarKind]) -> bool:
    """Whether the type, its null and names aside, is a scalar of one of these kinds."""
    found = bare(canonical, type_)
    return isinstance(found, ir.Scalar) and found.kind in kinds
