"""How a route reads what a handler is given: FastAPI's own markers, and our dependencies for what these cannot say."""

from __future__ import annotations

from collections.abc import Iterator

from generator import ir

from .python import CONSTRAINTS, Import, ModelNames, notation, opened, tuple_of
from .signatures import body_annotation, content_annotation, needs_body, or_none

_MARKERS: dict[ir.Place, str] = {"path": "Path", "query": "Query", "header": "Header", "cookie": "Cookie"}
_NUMBERS = frozenset(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"])
_TEXTS = frozenset(["minLength", "maxLength", "pattern"])
_LISTS = frozenset(["minItems", "maxItems"])


class Reader:
    """Spells the arguments of one operation's route, and tells what they import."""

    def __init__(self, api: ir.Api, names: ModelNames, operation: ir.Operation) -> None:
        self._api = api
        self._names = names
        self._operation = operation
        self.imports: set[Import] = set()

    # -- bodies -----------------------------------------------------------------------------------------------------

    def body(self) -> str:
        """The argument ``body``."""
        contents = ", ".join(self._content(body) for body in self._operation.bodies)
        required = "" if needs_body(self._operation) else ", required=False"
        self._import("typing", "Annotated")
        self._import("fastapi", "Depends")
        self._import(".._runtime.bodies", "reads")
        annotation = body_annotation(self._names, self._operation)
        return f"body: Annotated[{annotation}, Depends(reads({contents}{required}))]"

    def _content(self, body: ir.Body) -> str:
        """The call that makes the reader of a body in one media type."""
        annotation, media_type = content_annotation(self._names, body), repr(body.media_type)
        call, module = f"{body.kind}_body", ".._runtime.bodies"
        match body.kind:
            case "json":
                usual = body.media_type in ("application/json", "*/*", "application/*")
                given = [annotation] if usual else [annotation, media_type]
                if body.exact:
                    self._import(".._runtime.exact", "exact")
                    given.append(f"check=exact({body.exact!r})")
            case "form" | "multipart":
                module = ".._runtime.forms"
                given = [annotation]
                if body.parts:
                    given.append(repr({part.name: part.notation for part in body.parts}))
                if body.kind == "multipart" and body.media_type not in ("multipart/form-data", "multipart/*"):
                    given.append(f"media_type={media_type}")
            case "text":
                given = [media_type]
            case "binary":
                call, given = "bytes_body", [media_type]
            case "lines":
                call = "sequence_body" if body.media_type.endswith("json-seq") else "lines_body"
                given = [self._names.annotate(body.type), media_type]
        self._import(module, call)
        return f"{call}({', '.join(given)})"

    # -- parameters -------------------------------------------------------------------------------------------------

    def parameter(self, parameter: ir.Parameter) -> str:
        """The argument for a parameter, without a default."""
        annotation = self._names.annotate(parameter.type)
        given = annotation if parameter.required else or_none(annotation)
        if not self.is_plain(parameter):
            return f"{parameter.py_name}: Annotated[{given}, Depends({self._styled(parameter, annotation)})]"
        marker = self._marker(parameter)
        return f"{parameter.py_name}: Annotated[{given}, {marker}]" if marker else f"{parameter.py_name}: {given}"

    def is_plain(self, parameter: ir.Parameter) -> bool:
        """Whether FastAPI reads a parameter as the document means it."""
        if notation(self._api, parameter) or not parameter.py_name.isascii():
            return False
        type_ = parameter.type
        while isinstance(type_, ir.Nullable):
            type_ = type_.inner
        # FastAPI sees a list only where the annotation says one, not behind a name.
        if isinstance(type_, ir.ListOf):
            return parameter.place == "query" and self._is_text(type_.item)
        return self._is_text(type_)

    def _is_text(self, type_: ir.Type) -> bool:
        """Whether pydantic makes the right value of text: numbers do not fit ``Literal``, nor win against ``str``."""
        match opened(self._api, type_):
            case ir.Scalar() | ir.Anything():
                return True
            case ir.LiteralOf(values):
                return all(isinstance(value, str) for value in values)
            case ir.UnionOf(members):
                return all(self._is_text(m) and _is_string(opened(self._api, m)) for m in members)
            case _:
                return False

    def _marker(self, parameter: ir.Parameter) -> str:
        """FastAPI's word for a parameter that its annotation alone does not describe."""
        given = self._limits(parameter)
        if parameter.place != "path" and (parameter.py_name != parameter.name or parameter.place == "header"):
            given.insert(0, f"alias={parameter.name!r}")
        if opened(self._api, parameter.type) == ir.Scalar("number"):
            given.append("allow_inf_nan=False")
        is_list = isinstance(opened(self._api, parameter.type), ir.ListOf)
        if not (given or is_list or parameter.place in ("header", "cookie")):
            return ""
        self._import("typing", "Annotated")
        self._import("fastapi", _MARKERS[parameter.place])
        return f"{_MARKERS[parameter.place]}({', '.join(given)})"

    def _styled(self, parameter: ir.Parameter, annotation: str) -> str:
        """The call that makes the reader of any other parameter."""
        limits = self._limits(parameter)
        if limits:
            self._import("pydantic", "Field")
            annotation = f"Annotated[{annotation}, Field({', '.join(limits)})]"
        given = [repr(parameter.name), annotation, f"place={parameter.place!r}"]
        style = notation(self._api, parameter)
        if style:
            given.append(f"style={style!r}")
        if not parameter.required:
            given.append("required=False")
        key = path_key(self._operation, parameter)
        if parameter.place == "path" and key != parameter.name:
            given.append(f"key={key!r}")
        if style == "form*" and isinstance(opened(self._api, parameter.type), ir.MapOf):
            others = [p.name for p in self._operation.parameters if p.place == parameter.place and p != parameter]
            given += [f"others={tuple_of(map(repr, others))}"] if others else []
        self._import("typing", "Annotated")
        self._import("fastapi", "Depends")
        self._import(".._runtime.parameters", "styled")
        return f"styled({', '.join(given)})"

    def _limits(self, parameter: ir.Parameter) -> list[str]:
        """The constraints that say something of the type's values, as pydantic's arguments."""
        meant = self._constrained(parameter.type)
        return [f"{CONSTRAINTS[keyword]}={value!r}" for keyword, value in parameter.constraints if keyword in meant]

    def _constrained(self, type_: ir.Type) -> frozenset[str]:
        match opened(self._api, type_):
            case ir.Scalar("integer" | "number"):
                return _NUMBERS
            case ir.Scalar("string"):
                return _TEXTS
            case ir.ListOf():
                return _LISTS
            case ir.UnionOf(members):
                return frozenset[str].intersection(*map(self._constrained, members))
            case _:
                return frozenset()

    def _import(self, module: str, name: str) -> None:
        self.imports.add(Import(module, name))


def _is_string(type_: ir.Type) -> bool:
    if isinstance(type_, ir.Scalar):
        return type_.kind not in ("integer", "number", "boolean")
    return isinstance(type_, ir.LiteralOf)


def path_key(operation: ir.Operation, parameter: ir.Parameter) -> str:
    """The name of a path parameter in a route's path, where Starlette takes ASCII letters only."""
    if parameter.py_name.isascii():
        return parameter.py_name
    return f"p{operation.parameters.index(parameter) + 1}"


def parameter_arguments(reader: Reader, parameters: list[ir.Parameter]) -> Iterator[str]:
    """The arguments in an order that Python takes: those with a default come last."""
    read = [(reader.parameter(p), reader.is_plain(p) and not p.required) for p in parameters]
    yield from (text for text, optional in read if not optional)
    yield from (f"{text} = None" for text, optional in read if optional)
