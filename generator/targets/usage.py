"""A few lines of client code, and of server code, for one operation: what shows a reader how a package is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generator import ir
from generator.examples import Examples, NoExampleError, fits, fits_exactly
from generator.tree import Json, is_object

from .calls import default_url
from .python import Import, ModelNames, opened
from .routes import protocol_name
from .security import is_secured
from .signatures import handler_arguments, result_annotation, signature_imports, stream_name
from .snippets import Code, Group, Values, imported, laid_out, quoted

_OWN_NAMES = frozenset(["AsyncIterator", "Client", "Reply", "UUID", "app", "client", "create_app", "date", "datetime"])
_LOOKED_AT = 50
"""So many operations are tried before there is no code."""
LOCAL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Usage:
    """The code for an operation. The client's goes with the server's: the one can call the other."""

    operation: ir.Operation
    client: str
    server: str


def representative(api: ir.Api, *, package: str) -> Usage | None:
    """The code for the operation that tells most in few lines, None where there is none that example values are found for.

    One with a JSON body and a stream beside its answer goes first, then those that need little.
    """
    plain = (operation for operation in api.operations if _is_plain(operation))
    ranked = sorted(plain, key=lambda operation: _rank(api, operation))
    for operation in ranked[:_LOOKED_AT]:
        try:
            return Usage(operation, _client(api, operation, package), _server(api, operation, package))
        except NoExampleError:
            continue
    return None


def call(api: ir.Api, operation: ir.Operation, method: str, values: Values) -> Group:
    """The call of a client's method with no more than it asks for. Raises :class:`NoExampleError`."""
    made = Examples(api, sent=True, amount="few")
    parts = [
        (
            f"{parameter.py_name}=",
            values.spelled(
                parameter.type,
                made.value(
                    parameter.type,
                    examples=parameter.examples,
                    constraints=parameter.constraints,
                    name=parameter.name,
                ),
            ),
        )
        for parameter in operation.parameters
        if parameter.required
    ]
    body = operation.body
    if body is not None and body.expanded and isinstance(body.type, ir.Ref):
        schema = api.schema(body.type.name)
        assert isinstance(schema, ir.ObjectSchema)
        switch = operation.stream.field if operation.stream is not None else ""
        fields = made.fields(schema, without=switch)
        if not fits_exactly(api, body, fields):
            raise NoExampleError
        parts += values.keywords(schema.fields, fields)
    elif body is not None and body.required:
        given = made.value(body.type, examples=body.examples)
        if not fits_exactly(api, body, given):
            raise NoExampleError
        value = values.spelled(body.type, given)
        parts.append(("body=", Group("[", (("", value),), "]") if body.kind == "lines" else value))
    return Group(f"client.{operation.group}.{method}(", tuple(parts), ")")


def _is_plain(operation: ir.Operation) -> bool:
    return operation.success is None or operation.success.status < 300


def _rank(api: ir.Api, operation: ir.Operation) -> tuple[bool | int, ...]:
    body, success = operation.body, operation.success
    is_json = body is not None and body.kind == "json" and body.expanded
    is_told = success is not None and success.media == "json"
    is_twin = operation.stream is not None and success is not None
    type_ = opened(api, body.type) if body is not None else None
    schema = api.schema(type_.name) if isinstance(type_, ir.Ref) else None
    fields = schema.fields if isinstance(schema, ir.ObjectSchema) else ()
    needed = sum(parameter.required for parameter in operation.parameters) + sum(field.required for field in fields)
    return (not is_json, operation.deprecated, not is_twin, not is_told, needed)


def _schemes(api: ir.Api, operations: Iterable[ir.Operation]) -> list[ir.SecurityScheme]:
    """What the first of the operations that asks for credentials takes: its first alternative."""
    wanted = next((need.schemes for operation in operations for need in operation.security if need.schemes), ())
    return [scheme for scheme in api.security_schemes if scheme.name in wanted]


# -- the client -----------------------------------------------------------------------------------------------------


def _client(api: ir.Api, operation: ir.Operation, package: str) -> str:
    aliases = ModelNames(api, reserved=_OWN_NAMES).aliases
    values = Values(api, package=f"{package}.models", aliases=aliases)
    given: list[tuple[str, Code]] = [] if default_url(api) else [("base_url=", quoted(LOCAL))]
    for scheme in _schemes(api, [operation]):
        secret = Group("(", (("", quoted("user")), ("", quoted("secret"))), ")")
        given.append((f"{scheme.py_name}=", secret if scheme.kind == "basic" else quoted("secret")))
    lines = [laid_out(Group("Client(", tuple(given), ")"), before="with ", after=" as client:")]
    if operation.success is not None:
        asked = call(api, operation, operation.name, values)
        has_answer = operation.success.media != "none"
        lines.append(laid_out(asked, indent=4, before="answer = " if has_answer else ""))
        lines += ["    print(answer)"] if has_answer else []
    if operation.stream is not None:
        asked = call(api, operation, stream_name(operation), values)
        lines += [laid_out(asked, indent=4, before="with ", after=" as events:")]
        lines += ["        for event in events:", "            print(event)"]
    imports = imported({Import(f"{package}.client", "Client"), *values.imports})
    return "\n".join([imports, "", *lines])


# -- the server -----------------------------------------------------------------------------------------------------


def _server(api: ir.Api, operation: ir.Operation, package: str) -> str:
    group = next(group for group in api.groups if group.name == operation.group)
    protocol, own = protocol_name(group), group.class_name
    spoken = ModelNames(api, reserved=_OWN_NAMES | {protocol, own, "matches"})
    values = Values(api, package=f"{package}.models", aliases=spoken.aliases)
    methods = list(_methods(api, operation, spoken, values))
    schemes = _schemes(api, [operation, *api.operations])
    given: list[tuple[str, Code]] = [("", f"{own}()")]
    imports = {Import(f"{package}.server", protocol), Import(f"{package}.server", "create_app"), *values.imports}
    if is_secured(api.operations):
        given.append(("authenticate=lambda given: ", " and ".join(map(_is_known, schemes))))
        imports.add(Import(f"{package}.server", "matches"))
    imports |= {_outside(item, package) for item in signature_imports(spoken, operation)}
    head = f"class {own}({protocol}):"
    app = laid_out(Group("create_app(", tuple(given), ")"), before="app = ")
    return "\n".join([imported(imports), "", "", head, "\n\n".join(methods), "", "", app])


def _methods(api: ir.Api, operation: ir.Operation, spoken: ModelNames, values: Values) -> Iterator[str]:
    arguments = tuple(("", argument) for argument in ("self", *handler_arguments(spoken, operation)))
    if operation.success is not None:
        head = Group(f"async def {operation.name}(", arguments, f") -> {result_annotation(spoken, operation)}:")
        answer = _answer(api, operation.success, values)
        yield "\n".join([laid_out(head, indent=4), laid_out(answer, indent=8, before="return ")])
    if operation.stream is not None:
        result = f"AsyncIterator[{spoken.annotate(operation.stream.type)}]"
        head = Group(f"async def {stream_name(operation)}(", arguments, f") -> {result}:")
        event = values.spelled(operation.stream.type, last_event(api, operation.stream))
        yield "\n".join([laid_out(head, indent=4), laid_out(event, indent=8, before="yield ")])


def _answer(api: ir.Api, success: ir.Success, values: Values) -> Code:
    match success.media:
        case "none":
            return "None"
        case "text":
            return quoted("text")
        case "binary":
            return 'b"bytes"'
        case "json":
            made = Examples(api, sent=False, amount="few").value(success.type, examples=success.examples)
            return values.spelled(success.type, made)


def last_event(api: ir.Api, stream: ir.EventStream) -> Json:
    """An event that ends a conversation, where the document says what that is; any event elsewhere.

    Raises :class:`NoExampleError`.
    """
    found = opened(api, stream.type)
    for member in found.members if isinstance(found, ir.UnionOf) else (found,):
        value: Json = Examples(api, sent=False, amount="few").value(member)
        for final in stream.final if is_object(value) else ():
            if fits(api, stream.type, {**value, "type": final}) and fits(api, member, {**value, "type": final}):
                return {**value, "type": final}
        if not stream.final:
            return value
    raise NoExampleError


def _is_known(scheme: ir.SecurityScheme) -> str:
    """The expression that tells whether the secret of a scheme is the right one."""
    given = f"given.{scheme.py_name}"
    if scheme.kind == "basic":
        return f'{given} is not None and matches({given}.password, "secret")'
    return f'matches({given} or "", "secret")'


def _outside(item: Import, package: str) -> Import:
    """An import of a module of the package, as a module outside of it writes it."""
    if item.module.startswith("..models"):
        return Import(f"{package}.models", item.name, item.alias)
    if item.name == "Reply":
        return Import(f"{package}.server", "Reply")
    return Import(f"{package}{item.module[1:]}", item.name, item.alias) if item.module.startswith(".") else item
