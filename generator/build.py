"""Canonical -> ir.Api: the only reader of OpenAPI keywords after normalise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from generator import ir, names
from generator.errors import Diagnostic, SpecloomError, error
from generator.normalise.canonical import Canonical
from generator.tree import Json, JsonObject, Pointer, is_object, parse_pointer

_SCALARS: dict[tuple[str, str], ir.ScalarKind] = {
    ("string", "date-time"): "datetime",
    ("string", "date"): "date",
    ("string", "uuid"): "uuid",
    ("string", ""): "string",
    ("integer", ""): "integer",
    ("number", ""): "number",
    ("boolean", ""): "boolean",
}
_CONSTRAINTS = frozenset(
    ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern"]
    + ["minItems", "maxItems"]
)
_FINAL_WORDS = ("completed", "failed", "incomplete", "cancelled", "canceled")
_IGNORED_HEADERS = ("accept", "content-type", "authorization")


@dataclass(frozen=True, slots=True)
class Naming:
    """Names that a user chose: method by operation, namespace by tag, argument by ``operationId.name``."""

    operations: Mapping[str, str]
    tags: Mapping[str, str]
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])


def build(canonical: Canonical, *, naming: Naming, narrowed: bool = False) -> tuple[ir.Api, tuple[Diagnostic, ...]]:
    """The API that the document describes, and warnings about what was read as meant.

    ``narrowed`` says that operations were chosen: schemas that none of them reaches are left out.

    Raises :class:`SpecloomError` with every construct that no output exists for.
    """
    builder = _Builder(canonical, naming)
    tree = canonical.tree
    operations = builder.operations()
    if builder.errors:
        raise SpecloomError(builder.errors)
    groups = builder.groups(operations)
    api = ir.Api(
        title=tree["info"]["title"],
        version=tree["info"]["version"],
        description=tree["info"]["description"],
        server=tree["servers"][0]["url"],
        groups=groups,
        operations=operations,
        schemas=builder.schemas(operations, narrowed=narrowed),
        security_schemes=builder.security_schemes(operations),
    )
    if builder.errors:
        raise SpecloomError(builder.errors)
    return api, tuple(builder.warnings)


def read_type(schema: JsonObject) -> ir.Type:
    """The type that a canonical schema stands for."""
    if "$ref" in schema:
        return ir.Ref(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return ir.LiteralOf(tuple(schema["enum"]))
    if "anyOf" in schema:
        solid = [read_type(member) for member in schema["anyOf"] if member.get("type") != "null"]
        inner = solid[0] if len(solid) == 1 else ir.UnionOf(tuple(solid))
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
    return ir.Scalar(_SCALARS[kind, schema.get("format", "")])


def _constraints(schema: JsonObject) -> tuple[tuple[str, Json], ...]:
    """The assertions on the value itself; beside a null they are those of the other member."""
    members = [member for member in schema.get("anyOf", []) if member.get("type") != "null"]
    node = members[0] if len(members) == 1 else schema
    return tuple(sorted((key, node[key]) for key in _CONSTRAINTS & node.keys()))


class _Builder:
    def __init__(self, canonical: Canonical, naming: Naming) -> None:
        self._canonical = canonical
        self._naming = naming
        self._group_titles: dict[str, str] = {}
        self.errors: list[Diagnostic] = []
        self.warnings: list[Diagnostic] = []

    # -- operations -------------------------------------------------------------------------------------------------

    def operations(self) -> tuple[ir.Operation, ...]:
        paths: JsonObject = self._canonical.tree["paths"]
        routes: dict[str, list[str]] = {}
        for path, item in paths.items():
            target = str(parse_pointer(item["$ref"].removeprefix("#"))[1]) if "$ref" in item else path
            routes.setdefault(target, []).append(path)
        found: list[ir.Operation] = []
        for path, also in routes.items():
            for method, node in paths[path].items():
                try:
                    found.append(self._operation(node, ("paths", path, method), tuple(also)))
                except SpecloomError as problem:
                    self.errors += problem.diagnostics
        self._refuse_repeats(found)
        return tuple(found)

    def _refuse_repeats(self, operations: list[ir.Operation]) -> None:
        first: dict[str, ir.Operation] = {}
        twins = {f"{o.name}_stream": o for o in operations if o.stream is not None and o.success is not None}
        for operation in operations:
            other = twins.get(operation.name) or first.setdefault(operation.name, operation)
            if other is operation:
                continue
            same_id = other.id == operation.id
            key = f"{operation.method} {operation.paths[0]}"
            message = (
                f"operationId {operation.id!r} is used twice"
                if same_id
                else f"operationIds {other.id!r} and {operation.id!r} both become the method `{operation.name}`"
            )
            self.errors.append(
                Diagnostic(
                    "error", "duplicate-operation-id", message, operation.where,
                    f"give one of them another operationId, or a name under `names: operations:` as `{key}: another_name`",
                    (("the first use is here", other.where),),
                )
            )  # fmt: skip

    def _method_name(self, identity: str, key: str) -> str:
        """The user's name for the operation, by method and path or by operationId, or the one that its id makes."""
        chosen = self._naming.operations
        return chosen.get(key) or chosen.get(identity) or names.method_name(identity)

    def _argument_name(self, identity: str, key: str, name: str) -> str:
        """The user's name for a parameter of an operation, or the one that its own makes."""
        chosen = self._naming.parameters
        return chosen.get(f"{key}.{name}") or chosen.get(f"{identity}.{name}") or names.argument_name(name)

    def _operation(self, node: JsonObject, at: Pointer, paths: tuple[str, ...]) -> ir.Operation:
        identity = node["operationId"]
        tag = node["tags"][0] if node["tags"] else names.topic(paths[0])
        group = self._naming.tags.get(tag) or names.group_name(tag)
        self._group_titles.setdefault(group, tag)
        body = self._body(node, at)
        success, stream = self._answers(node, at)
        if stream is not None and stream.chosen_by == "field" and (body is None or not self._switch(body)):
            stream = replace(stream, chosen_by="accept", field="") if success is not None else stream
        where_key = "operationId" if node["operationId"] else "responses"
        return ir.Operation(
            id=identity,
            name=self._method_name(identity, f"{str(at[-1]).upper()} {paths[0]}"),
            group=group,
            method=str(at[-1]).upper(),
            paths=paths,
            tags=tuple(node["tags"]),
            summary=node["summary"],
            description=node["description"],
            deprecated=node["deprecated"],
            parameters=self._parameters(node, at, body, paths),
            body=body,
            success=success,
            stream=stream,
            errors=self._errors(node),
            security=self._security(node, at),
            where=self._canonical.locate(*at, where_key),
        )

    def _parameters(
        self, node: JsonObject, at: Pointer, body: ir.Body | None, paths: tuple[str, ...]
    ) -> tuple[ir.Parameter, ...]:
        taken = {field.py_name for field in self._fields_of(body)} | {"request_options", "self", "body"}
        read: list[ir.Parameter] = []
        for index, entry in enumerate(node["parameters"]):
            where: Pointer = (*at, "parameters", index)
            if entry["in"] == "header" and entry["name"].lower() in _IGNORED_HEADERS:
                continue  # OpenAPI 3.1.0, section 4.8.12.2: such a definition SHALL be ignored
            type_ = read_type(entry["schema"])
            self._check_parameter(entry, type_, where, paths)
            wanted = self._argument_name(node["operationId"], f"{str(at[-1]).upper()} {paths[0]}", entry["name"])
            name = next(n for n in (wanted, f"{entry['in']}_{wanted}", f"{wanted}_") if n not in taken)
            taken.add(name)
            read.append(
                ir.Parameter(
                    name=entry["name"], py_name=name, place=entry["in"], type=type_,
                    required=entry["required"] or entry["in"] == "path", constraints=_constraints(entry["schema"]),
                    doc=entry["description"], where=self._canonical.locate(*where),
                )
            )  # fmt: skip
        declared = {parameter.name for parameter in read if parameter.place == "path"}
        for path in paths:
            for placeholder in names.placeholders(path):
                if placeholder not in declared:
                    raise error(
                        "undeclared-path-parameter", f"`{{{placeholder}}}` in {path} is not declared as a parameter",
                        self._canonical.locate(*at), f"add a parameter `name: {placeholder}` with `in: path`",
                    )  # fmt: skip
        return tuple(read)

    def _check_parameter(self, entry: JsonObject, type_: ir.Type, at: Pointer, paths: tuple[str, ...]) -> None:
        place = entry["in"]
        if place not in ("path", "query", "header", "cookie"):
            raise self._unsupported(f"a parameter in {place!r}", (*at, "in"))
        if not entry["name"]:
            raise error("missing-name", "this parameter has no name", self._canonical.locate(*at))
        if place == "path" and not all(entry["name"] in names.placeholders(path) for path in paths):
            raise error(
                "unused-path-parameter", f"no `{{{entry['name']}}}` stands in the path", self._canonical.locate(*at),
                "write the placeholder into the path, or declare the parameter in another place",
            )  # fmt: skip
        style = entry.get("style", "form" if place in ("query", "cookie") else "simple")
        exploded = entry.get("explode", style == "form")
        listed = not _is_scalar(self._bare(type_))
        if entry.get("content") or style not in ("form", "simple"):
            raise self._unsupported(f"a parameter with {entry.get('content') or 'style ' + style}", at)
        if listed and not (place == "query" and exploded and isinstance(self._bare(type_), ir.ListOf)):
            raise self._unsupported(f"a {place} parameter that is no scalar", at)

    def _bare(self, type_: ir.Type) -> ir.Type:
        """The type without null and behind its names."""
        match type_:
            case ir.Nullable(inner):
                return self._bare(inner)
            case ir.Ref(name) if "properties" not in self._canonical.schemas[name]:
                return self._bare(read_type(self._canonical.schemas[name]))
            case ir.UnionOf(members) if all(_is_scalar(self._bare(member)) for member in members):
                return ir.Scalar("string")
            case _:
                return type_

    # -- bodies and answers -----------------------------------------------------------------------------------------

    def _body(self, node: JsonObject, at: Pointer) -> ir.Body | None:
        if "requestBody" not in node:
            return None
        where: Pointer = (*at, "requestBody")
        content: JsonObject = node["requestBody"]["content"]
        chosen = next((media_type for media_type in content if _is_json(media_type)), None)
        if chosen is None:
            if not content:
                return None
            raise self._unsupported(f"a request body of {', '.join(content)}", (*where, "content"))
        self._warn_left_out([m for m in content if m != chosen], "request body", (*where, "content"))
        type_ = read_type(content[chosen]["schema"])
        body = ir.Body(type_, node["requestBody"]["required"] is True, False, self._canonical.locate(*where))
        fields = self._fields_of(body)
        needed = [field.name for field in fields if field.required]
        if needed and node["requestBody"]["required"] is None:
            # False by default (OpenAPI 3.1.0, section 4.8.13), which few documents mean that leave it out.
            message = f"`required` is not said: the body is read as required, since it needs `{needed[0]}`"
            hint = "say `required: true`, or `required: false` if calls without a body are meant"
            self.warnings.append(Diagnostic("warning", "body-required", message, body.where, hint))
            body = ir.Body(type_, True, False, body.where)
        fits = bool(fields) and not any(field.py_name in ("self", "request_options") for field in fields)
        # An optional body is expanded as well when it asks for nothing: no argument, no body.
        expanded = fits and (body.required or not needed)
        return ir.Body(type_, body.required, expanded, body.where)

    def _fields_of(self, body: ir.Body | None) -> tuple[ir.Field, ...]:
        if body is None or not isinstance(body.type, ir.Ref):
            return ()
        schema = self._canonical.schemas[body.type.name]
        return self._fields(body.type.name, schema) if "properties" in schema else ()

    def _switch(self, body: ir.Body) -> bool:
        """Whether the body has the boolean field that asks for a stream."""
        return any(field.name == "stream" and self._is_boolean(field.type) for field in self._fields_of(body))

    def _is_boolean(self, type_: ir.Type) -> bool:
        bare = self._bare(type_)
        return bare == ir.Scalar("boolean") or (isinstance(bare, ir.LiteralOf) and set(bare.values) <= {True, False})

    def _answers(self, node: JsonObject, at: Pointer) -> tuple[ir.Success | None, ir.EventStream | None]:
        """What a good call gives, as a value and as a stream of events."""
        responses: JsonObject = node["responses"]
        good = sorted(status for status in responses if status.upper().startswith("2"))
        if not good:
            return ir.Success(200, "json", "application/json", ir.Anything(), ""), None
        success: ir.Success | None = None
        stream: ir.EventStream | None = None
        for status in good:
            number = 200 if status.upper() == "2XX" else int(status)
            if number in (204, 205):  # RFC 9110, 15.3.5 and 15.3.6: these have no content
                success = success or ir.Success(number, "none", "", ir.Null(), responses[status]["description"])
                continue
            where: Pointer = (*at, "responses", status, "content")
            content: JsonObject = responses[status]["content"]
            events = content.get("text/event-stream")
            if events is not None and stream is None:
                type_ = read_type(events["schema"])
                stream = ir.EventStream(number, type_, "field", "stream", self._final(type_))
            plain = [media_type for media_type in content if media_type != "text/event-stream"]
            if success is None and (plain or events is None):
                success = self._success(number, content, plain, responses[status]["description"], where)
            elif plain:
                self._warn_left_out(plain, f"{status} response", where)
        if stream is not None and success is None:
            stream = ir.EventStream(stream.status, stream.type, "always", "", stream.final)
        return success, stream

    def _success(self, status: int, content: JsonObject, media_types: list[str], doc: str, at: Pointer) -> ir.Success:
        if not media_types:
            return ir.Success(status, "none", "", ir.Null(), doc)
        chosen = next((media_type for media_type in media_types if _is_json(media_type)), media_types[0])
        self._warn_left_out([m for m in media_types if m != chosen], f"{status} response", at)
        if _is_json(chosen):
            return ir.Success(status, "json", chosen, read_type(content[chosen]["schema"]), doc)
        if "json" in chosen:
            raise self._unsupported(f"a response of {chosen}", (*at, chosen))
        media: ir.Media = "text" if chosen.startswith("text/") else "binary"
        return ir.Success(status, media, chosen, ir.Scalar("string"), doc)

    def _final(self, type_: ir.Type) -> tuple[str, ...]:
        """The values of the events' ``type`` that end a conversation, where the schema lists its values."""
        if not isinstance(type_, ir.Ref):
            members = type_.members if isinstance(type_, ir.UnionOf) else ()
            return tuple(value for member in members for value in self._final(member))
        schema = self._canonical.schemas[type_.name]
        if "properties" not in schema:
            inner = read_type(schema)
            return () if inner == type_ else self._final(inner)
        tag = self._bare(read_type(schema["properties"].get("type", {})))
        values = tag.values if isinstance(tag, ir.LiteralOf) else ()
        return tuple(v for v in values if isinstance(v, str) and v.rpartition(".")[2] in _FINAL_WORDS)

    def _errors(self, node: JsonObject) -> tuple[ir.ErrorResponse, ...]:
        declared: list[ir.ErrorResponse] = []
        for status, response in node["responses"].items():
            if status.upper().startswith("2"):
                continue
            content = response["content"]
            chosen = next((media_type for media_type in content if _is_json(media_type)), None)
            type_ = read_type(content[chosen]["schema"]) if chosen else None
            code = int(status) if status.isdecimal() else status.upper() if status != "default" else status
            declared.append(ir.ErrorResponse(code, type_, response["description"]))
        return tuple(declared)

    # -- security ---------------------------------------------------------------------------------------------------

    def _security(self, node: JsonObject, at: Pointer) -> tuple[ir.Requirement, ...]:
        schemes = self._canonical.tree["components"]["securitySchemes"]
        found: list[ir.Requirement] = []
        for index, requirement in enumerate(node["security"]):
            wanted = tuple(name for name in requirement if not name.startswith("x-"))
            for name in wanted:
                if name not in schemes:
                    place = (*at, "security", index, name)
                    raise error(
                        "unknown-security-scheme", f"no security scheme is called {name!r}",
                        self._canonical.locate(*place), "declare it under `components: securitySchemes:`",
                    )  # fmt: skip
            found.append(ir.Requirement(wanted))
        return tuple(dict.fromkeys(found))

    def security_schemes(self, operations: Iterable[ir.Operation]) -> tuple[ir.SecurityScheme, ...]:
        """The schemes that an operation asks for. One that none asks for has no output, so it may be of any kind."""
        used = {name for operation in operations for need in operation.security for name in need.schemes}
        declared: JsonObject = self._canonical.tree["components"]["securitySchemes"]
        wanted = [name for name in declared if name in used]
        py_names = names.unique(names.setting_name(name) for name in wanted)
        found: list[ir.SecurityScheme] = []
        for name, py_name in zip(wanted, py_names, strict=True):
            scheme, at = declared[name], ("components", "securitySchemes", name)
            kind = scheme.get("in") if scheme["type"] == "apiKey" else scheme.get("scheme")
            if kind not in ("bearer", "basic", "header", "query", "cookie"):
                what = " ".join(str(scheme[key]) for key in ("type", "scheme", "in") if key in scheme)
                self.errors += self._unsupported(f"a security scheme of {what}", at).diagnostics
                continue
            found.append(
                ir.SecurityScheme(
                    name, py_name, kind, scheme.get("name") or "", scheme["description"], self._canonical.locate(*at)
                )
            )
        return tuple(found)

    # -- schemas and groups -----------------------------------------------------------------------------------------

    def schemas(self, operations: Iterable[ir.Operation], *, narrowed: bool) -> tuple[ir.Schema, ...]:
        """Every component, each in the module of the one group that reaches it, or in ``shared``."""
        components = self._canonical.schemas
        read = {name: self._schema(name, schema) for name, schema in components.items()}
        reached_by: dict[str, set[str]] = {name: set() for name in read}
        for operation in operations:
            for name in _closure(_references(operation), read):
                reached_by[name].add(operation.group)
        if narrowed:
            read = {name: schema for name, schema in read.items() if reached_by[name]}
            reached_by = {name: reached_by[name] for name in read}
        # What no operation reaches stands in `shared` with all that it reaches: `shared` imports no other module.
        for name in _closure([name for name, groups in reached_by.items() if not groups], read):
            reached_by[name].add(ir.SHARED)
        modules = {name: groups.pop() if len(groups) == 1 else ir.SHARED for name, groups in reached_by.items()}
        return tuple(replace(schema, module=modules[name]) for name, schema in read.items())

    def _schema(self, name: str, schema: JsonObject) -> ir.Schema:
        where = self._canonical.locate("components", "schemas", name)
        doc = _doc(schema)
        if "properties" in schema:
            is_open = schema.get("additionalProperties") is not False
            return ir.ObjectSchema(name, "", self._fields(name, schema), is_open, doc, where)
        return ir.AliasSchema(name, "", read_type(schema), _constraints(schema), doc, where)

    def _fields(self, name: str, schema: JsonObject) -> tuple[ir.Field, ...]:
        attributes = self._canonical.field_names.get(name, {})
        required = schema.get("required", [])
        return tuple(
            ir.Field(
                name=key,
                py_name=attributes.get(key, key),
                type=read_type(value),
                required=key in required,
                constraints=_constraints(value),
                doc=_doc(value),
                where=self._canonical.locate("components", "schemas", name, "properties", key),
            )
            for key, value in schema["properties"].items()
        )

    def groups(self, operations: Iterable[ir.Operation]) -> tuple[ir.Group, ...]:
        """The namespaces in use, in the order of their first operation."""
        docs = {tag["name"]: _doc(tag) for tag in self._canonical.tree["tags"] if is_object(tag) and "name" in tag}
        used = dict.fromkeys(operation.group for operation in operations)
        return tuple(
            ir.Group(
                name=name,
                class_name=names.class_name(name),
                title=self._group_titles[name],
                doc=docs.get(self._group_titles[name], ""),
            )
            for name in used
        )

    # -- messages ---------------------------------------------------------------------------------------------------

    def _unsupported(self, what: str, at: Pointer) -> SpecloomError:
        return error(
            "unsupported", f"{what} cannot be generated yet", self._canonical.locate(*at),
            "leave the operation out: name it under `skip:` with a reason",
        )  # fmt: skip

    def _warn_left_out(self, media_types: list[str], what: str, at: Pointer) -> None:
        for media_type in media_types:
            message = f"{media_type} of this {what} is left out: another media type of it is generated"
            where = self._canonical.locate(*at, media_type)
            self.warnings.append(Diagnostic("warning", "media-type-left-out", message, where))


def _closure(start: Iterable[str], schemas: Mapping[str, ir.Schema]) -> set[str]:
    """The names in ``start`` and of every schema that they lead to."""
    pending, seen = list(start), set[str]()
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending += _schema_references(schemas[name])
    return seen


def _references(operation: ir.Operation) -> Iterable[str]:
    """The names of the schemas that an operation names directly."""
    types: list[ir.Type | None] = [parameter.type for parameter in operation.parameters]
    types += [operation.body.type if operation.body else None, operation.success.type if operation.success else None]
    types += [operation.stream.type if operation.stream else None, *(failure.type for failure in operation.errors)]
    for type_ in types:
        if type_ is not None:
            yield from ir.references(type_)


def _schema_references(schema: ir.Schema) -> list[str]:
    types = [field.type for field in schema.fields] if isinstance(schema, ir.ObjectSchema) else [schema.type]
    return [name for type_ in types for name in ir.references(type_)]


def _is_scalar(type_: ir.Type) -> bool:
    return isinstance(type_, ir.Scalar | ir.LiteralOf | ir.Anything)


def _is_json(media_type: str) -> bool:
    """RFC 6839, section 3.1: ``application/json``, or any type with the suffix ``+json``."""
    return media_type in ("application/json", "text/json", "*/*") or media_type.endswith("+json")


def _doc(node: JsonObject) -> str:
    text = node.get("description")
    return text.strip() if isinstance(text, str) else ""
