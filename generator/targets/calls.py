"""The calls of a client's namespace: for each operation, and each way to send its body, a constant and its methods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator import ir

from .python import Import, annotate, describe, imports_of, notation

_RUNTIME = ".._runtime"
_PLACES: dict[ir.Place, str] = {"path": "path", "query": "query", "header": "headers", "cookie": "cookies"}
_PLAIN: dict[ir.Place, str] = {"path": "simple", "query": "form*", "header": "simple", "cookie": "form"}
_USUAL: dict[ir.BodyKind, str] = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data",
    "text": "text/plain",
    "binary": "application/octet-stream",
    "lines": "application/x-ndjson",
}


@dataclass(frozen=True, slots=True)
class Argument:
    """A keyword argument of a method, as its sync and its async form take it; ``default`` is empty where it must be
    given.
    """

    name: str
    annotation: str
    default: str = ""
    async_annotation: str = ""


@dataclass(frozen=True, slots=True)
class Params:
    """A TypedDict: the fields of a request body as keyword arguments, each with its annotation."""

    name: str
    model: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a namespace, in its sync and async form. ``call`` is what it hands to the transport.

    ``event`` is the type of what comes one by one: the events of a stream or, where ``page`` is the type of a page, items.
    """

    name: str
    constant: str
    arguments: tuple[Argument, ...]
    params: str
    result: str
    event: str
    doc: str
    brief_doc: str
    call: tuple[tuple[str, str], ...]
    page: str = ""


@dataclass(frozen=True, slots=True)
class Constant:
    """A module's description of an operation for the transport."""

    name: str
    type_arguments: str
    arguments: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Spelled:
    """An operation with one of its bodies."""

    operation: ir.Operation
    body: ir.Body | None
    constant: Constant
    params: Params | None
    methods: tuple[Method, ...]


def variable_of(api: ir.Api, scheme: ir.SecurityScheme) -> str:
    """The environment variable that has a credential which callers do not give."""
    return f"{api.name}_{scheme.py_name}".upper()


def default_url(api: ir.Api) -> str:
    """The URL that clients call by default, empty where callers have to give one.

    A relative URL says where the API is from where its document was found, which a client does not know.
    """
    return api.server if api.server.startswith(("http://", "https://")) else ""


class GroupSpelling:
    """Spells the calls of one namespace, and gathers in ``imports`` what its module has to import.

    Models are spoken of as ``models.Image``, so that the module imports none of them.
    """

    def __init__(self, api: ir.Api, group: ir.Group) -> None:
        self._api = api
        self._operations = [operation for operation in api.operations if operation.group == group.name]
        self._methods = {name for operation in self._operations for name in _method_names(operation)}
        self._params: dict[str, Params] = {}
        self._taken = {group.class_name, f"Async{group.class_name}"}
        # What a class of the module calls `models` hides the package from the annotations of that class.
        inside = self._methods | {
            field.py_name for o in self._operations for b in o.bodies for field in self._fields(b)
        }
        self._models = "_models" if "models" in inside else "models"
        self._aliases = {schema.name: f"{self._models}.{schema.name}" for schema in api.schemas}
        self.imports = {
            Import("__future__", "annotations"),
            Import(f"{_RUNTIME}.clients", "AsyncCalls"),
            Import(f"{_RUNTIME}.clients", "Calls"),
            Import(f"{_RUNTIME}.operations", "Operation"),
            Import(f"{_RUNTIME}.operations", "RequestOptions"),
        }

    def calls(self) -> Iterator[Spelled]:
        """Every operation with its body, then with each body of another type."""
        for operation in self._operations:
            first = operation.body
            yield self._spelled(operation, first, operation.name)
            for body in operation.bodies[1:]:
                if first and body.type == first.type and "lines" not in (body.kind, first.kind):
                    continue
                name = self._free(f"{operation.name}_{body.kind}")
                yield self._spelled(operation, body, name, sent=body.media_type)

    def _free(self, name: str) -> str:
        """The name, or the first one made from it that no method of the namespace has."""
        wanted = [name, f"{name}_body", *(f"{name}_body_{number}" for number in range(2, 2 + len(self._methods)))]
        chosen = next(each for each in wanted if not {each, f"{each}_stream"} & self._methods)
        self._methods |= {chosen, f"{chosen}_stream"}
        return chosen

    def _spelled(self, operation: ir.Operation, body: ir.Body | None, name: str, sent: str = "") -> Spelled:
        params = self._params_of(operation, body) if body is not None and body.expanded else None
        streams = self._streams(operation, body)
        constant = self._constant(operation, body, name)
        methods = tuple(self._methods_of(operation, body, name, params=params, streams=streams, sent=sent))
        return Spelled(operation, body, constant, params, methods)

    def _streams(self, operation: ir.Operation, body: ir.Body | None) -> bool:
        """Whether a call with that body can ask for the stream."""
        stream = operation.stream
        if stream is None or stream.chosen_by != "field":
            return stream is not None
        return body is not None and any(field.name == stream.field for field in self._fields(body))

    # -- types ------------------------------------------------------------------------------------------------------

    def _annotate(self, type_: ir.Type, *, files: bool = False) -> str:
        """The annotation; ``files`` says that files are uploaded here, which everywhere else are strings."""
        for item in imports_of(type_):
            if item.name != "Upload":
                self.imports.add(item)
        if any(True for _ in ir.references(type_)):
            self.imports.add(Import("..", "models", "_models" if self._models == "_models" else ""))
        text = annotate(type_, self._aliases, file="FileContent" if files else "str")
        if "FileContent" in text and files:
            self.imports.add(Import(f"{_RUNTIME}.files", "FileContent"))
        return text

    def _answer(self, success: ir.Success) -> str:
        if success.media == "json":
            return self._annotate(success.type)
        return {"none": "None", "text": "str", "binary": "bytes"}[success.media]

    def _result(self, operation: ir.Operation) -> str:
        answers = list(dict.fromkeys(self._answer(success) for success in operation.successes))
        return "Any" if "Any" in answers else " | ".join(answers) or "None"

    # -- bodies -----------------------------------------------------------------------------------------------------

    def _fields(self, body: ir.Body) -> tuple[ir.Field, ...]:
        schema = self._api.schema(body.type.name) if isinstance(body.type, ir.Ref) else None
        return schema.fields if isinstance(schema, ir.ObjectSchema) else ()

    def _params_of(self, operation: ir.Operation, body: ir.Body) -> Params:
        """The fields that callers give: all but what only answers have and the switch between answer and stream."""
        assert isinstance(body.type, ir.Ref)
        stream = operation.stream
        switch = stream.field if stream is not None else ""
        fields = tuple(
            (field.py_name, f"Required[{annotation}]" if field.required else annotation)
            for field in self._fields(body)
            if not field.read_only and not (switch and field.name == switch)
            for annotation in [self._annotate(field.type, files=body.kind == "multipart")]
        )
        self.imports |= {Import("typing", "TypedDict"), Import("typing", "Unpack")}
        if any(annotation.startswith("Required[") for _, annotation in fields):
            self.imports.add(Import("typing", "Required"))
        model, name = body.type.name, self._params_name(operation, body.type.name)
        wanted = [name, f"{model}{body.kind.capitalize()}Params", f"{name}Arguments", f"{name}OtherArguments"]
        for name in wanted:
            params = Params(name, model, fields)
            if name not in self._taken and self._params.setdefault(name, params) == params:
                return params
        raise AssertionError(f"no name is left for the arguments of {operation.name}")

    def _params_name(self, operation: ir.Operation, model: str) -> str:
        """``<Model>Params``, or ``<Model>StreamableParams`` where others take the same body with its switch."""
        switches = {
            other.stream is not None and other.stream.chosen_by == "field"
            for other in self._operations
            if any(body.type == ir.Ref(model) for body in other.bodies)
        }
        streamable = operation.stream is not None and operation.stream.chosen_by == "field"
        return f"{model}StreamableParams" if streamable and len(switches) > 1 else f"{model}Params"

    def _body_argument(self, body: ir.Body) -> Argument:
        if body.kind == "lines":
            item = self._annotate(body.type)
            self.imports |= {Import("collections.abc", "AsyncIterable"), Import("collections.abc", "Iterable")}
            annotation, also = f"Iterable[{item}]", f" | AsyncIterable[{item}]"
        else:
            annotation, also = self._annotate(body.type, files=body.kind in ("multipart", "binary")), ""
        if body.required:
            return Argument("body", annotation, "", annotation + also)
        return Argument("body", _or_none(annotation), "None", _or_none(annotation + also))

    # -- constants --------------------------------------------------------------------------------------------------

    def _constant(self, operation: ir.Operation, body: ir.Body | None, name: str) -> Constant:
        stream = operation.stream
        written = ((p, notation(self._api, p)) for p in operation.parameters)
        styles = {(p.place, p.name): style for p, style in written if style not in ("", _PLAIN[p.place])}
        given: list[tuple[str, object, object]] = [  # each with what the runtime takes if nothing is said
            ("id", operation.id, None),
            ("name", name, None),
            ("method", operation.method, None),
            ("path", operation.paths[0], None),
            ("server", "" if operation.server == self._api.server else operation.server, ""),
            ("security", tuple(need.schemes for need in operation.security), ()),
        ]
        if body is not None:
            usual = _USUAL[body.kind]
            given += [
                ("body", body.kind, "json"),
                ("body_required", body.required, True),
                ("content_type", usual if "*" in body.media_type else body.media_type, usual),
                ("parts", {part.name: part.notation for part in body.parts}, {}),
            ]
        given += [
            ("styles", styles, {}),
            ("accept", _accept(operation.successes), "application/json"),
        ]
        if stream is not None and self._streams(operation, body):
            given += [
                ("stream_field", stream.field, ""),
                ("stream_by_default", stream.on_by_default, False),
                ("stream_media", stream.media_type, "text/event-stream"),
            ]
        arguments = [(key, repr(value)) for key, value, usual in given if value != usual]
        if operation.paging is not None:
            arguments.append(("pages", repr(dict(operation.paging.rule))))
        if stream is not None and stream.final:
            arguments.append(("final", f"frozenset({{{', '.join(map(repr, stream.final))}}})"))
        declared = self._declared(operation, body)
        if declared:
            self.imports.add(Import(f"{_RUNTIME}.operations", "Declared"))
            arguments.append(("declared", f"lambda: Declared({', '.join(declared)})"))
        streamed = stream.type if stream is not None and self._streams(operation, body) else None
        one = operation.paging.item if operation.paging is not None else streamed
        types = [self._result(operation), *([self._annotate(one)] if one is not None else [])]
        return Constant(f"_{name.upper()}", ", ".join(types), tuple(arguments))

    def _declared(self, operation: ir.Operation, body: ir.Body | None) -> list[str]:
        """The arguments of ``Declared``: the types that the runtime reads and writes by."""
        declared: list[str] = []
        if body is not None and body.expanded:
            declared.append(f"body={self._annotate(body.type)}")
        answers = {s.status: "PlainText" if s.media == "text" else self._answer(s) for s in operation.successes}
        if "PlainText" in answers.values():
            self.imports.add(Import(f"{_RUNTIME}.operations", "PlainText"))
        if any(answer != "None" or not 200 <= status < 300 for status, answer in answers.items()):
            declared.append(f"answers={_display(answers)}")
        errors = {e.status: self._annotate(e.type) for e in operation.errors if e.type is not None}
        if errors:
            declared.append(f"errors={_display(errors)}")
        if operation.stream is not None and self._streams(operation, body):
            declared.append(f"event={self._annotate(operation.stream.type)}")
        return declared

    # -- methods ----------------------------------------------------------------------------------------------------

    def _methods_of(
        self,
        operation: ir.Operation,
        body: ir.Body | None,
        name: str,
        *,
        params: Params | None,
        streams: bool,
        sent: str,
    ) -> Iterator[Method]:
        """The call and its streaming twin, as far as the operation has them."""
        arguments = [self._parameter(parameter) for parameter in operation.parameters]
        call: list[tuple[str, str]] = []
        for place, keyword in _PLACES.items():
            given = [f"{p.name!r}: {p.py_name}" for p in operation.parameters if p.place == place]
            if given:
                call.append((keyword, "{" + ", ".join(given) + "}"))
        if params is not None:
            call.append(("fields", "fields"))
        elif body is not None:
            arguments.insert(0, self._body_argument(body))
            call.append(("body", "body"))
        call.append(("options", "request_options"))
        arguments.sort(key=lambda argument: bool(argument.default))
        common = (f"_{name.upper()}", tuple(arguments), params.name if params else "")
        doc, brief = describe(operation, sent=sent), describe(operation, brief=True, sent=sent)
        if operation.success is not None:
            yield Method(name, *common, self._result(operation), "", doc, brief, tuple(call))
        if operation.paging is not None:
            self.imports |= {Import(f"{_RUNTIME}.paging", "AsyncPager"), Import(f"{_RUNTIME}.paging", "Pager")}
            item, brief = self._annotate(operation.paging.item), describe(operation, paged=True, sent=sent)
            page = self._result(operation)
            yield Method(operation.paging.method, *common, "", item, brief, brief, tuple(call), page)
        if operation.stream is not None and streams:
            self.imports |= {Import(f"{_RUNTIME}.streams", "AsyncStream"), Import(f"{_RUNTIME}.streams", "Stream")}
            event = self._annotate(operation.stream.type)
            brief = describe(operation, streamed=True, sent=sent)
            twin = operation.success is not None
            yield Method(
                f"{name}_stream" if twin else name, *common, "", event, brief if twin else doc, brief, tuple(call)
            )

    def _parameter(self, parameter: ir.Parameter) -> Argument:
        annotation = self._annotate(parameter.type)
        # The runtime makes one for each call that has none.
        if parameter.required and (parameter.place, parameter.name.lower()) != ("header", "idempotency-key"):
            return Argument(parameter.py_name, annotation)
        return Argument(parameter.py_name, _or_none(annotation), "None")


def _method_names(operation: ir.Operation) -> set[str]:
    twin = operation.stream is not None and operation.success is not None
    return {operation.name, f"{operation.name}_stream"} if twin else {operation.name}


def _or_none(annotation: str) -> str:
    return annotation if annotation.endswith("None") or annotation == "Any" else f"{annotation} | None"


def _display(annotations: dict[int, str] | dict[int | str, str]) -> str:
    return "{" + ", ".join(f"{key!r}: {value}" for key, value in annotations.items()) + "}"


def _accept(successes: tuple[ir.Success, ...]) -> str:
    """The media types of the answers; where JSON is none of them, anything else is better than no answer."""
    wanted = [
        "application/json" if success.media == "json" and "*" in success.media_type else success.media_type
        for success in successes
        if success.media != "none"
    ]
    if wanted and not {"application/json", "*/*"} & {*wanted}:
        wanted.append("*/*;q=0.5")
    return ", ".join(dict.fromkeys(wanted)) or "application/json"
