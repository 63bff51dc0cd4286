"""Api -> one HTML page of its operations and schemas, whole in itself: it asks for nothing and runs nothing of the document."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from generator import ir
from generator.examples import Examples, NoExampleError
from generator.manifest import TEMPLATES
from generator.prose import plain
from generator.render import render
from generator.targets.calls import default_url
from generator.targets.signatures import required_first, stream_name
from generator.targets.snippets import Group as Bracketed
from generator.targets.snippets import Values, imported, laid_out, quoted
from generator.targets.usage import LOCAL, call, last_event
from generator.tree import Json, is_array, is_object
from generator.wording import Word, inner, limits, words

_LONG = 4_000
"""An example of more characters is shortened."""
_NARROW = 60
"""The columns that Python has in the margin."""
_TITLE = 80
"""A summary of more characters is no title."""
_MANY = 60
"""In a list of more operations groups are closed."""
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Property:
    """A field or a parameter. ``place`` is where a parameter goes, empty for a field."""

    name: str
    place: str
    type: tuple[Word, ...]
    marks: tuple[str, ...]
    deprecated: bool
    limits: tuple[str, ...]
    doc: str


@dataclass(frozen=True, slots=True)
class Content:
    """A body in one media type, with the properties of its class."""

    media_type: str
    type: tuple[Word, ...]
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its status, what it holds, and what is said of it."""

    status: str
    media_type: str
    type: tuple[Word, ...]
    doc: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A piece of code or data with its title."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class OperationView:
    """An operation on the page."""

    operation: ir.Operation
    title: str
    doc: str
    security: str
    parameters: tuple[Property, ...]
    bodies: tuple[Content, ...]
    answers: tuple[Answer, ...]
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """The operations of a group."""

    group: ir.Group
    operations: tuple[OperationView, ...]


@dataclass(frozen=True, slots=True)
class SchemaView:
    """A named schema: a class by its properties, any other by its type. ``others`` is the type of unnamed properties."""

    name: str
    doc: str
    type: tuple[Word, ...]
    limits: tuple[str, ...]
    properties: tuple[Property, ...]
    others: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The view of ``docs/page.html.jinja``. ``policy`` is its content security policy."""

    api: ir.Api
    style: str
    script: str
    policy: str
    setup: str
    groups: tuple[GroupView, ...]
    webhooks: tuple[OperationView, ...]
    schemas: tuple[SchemaView, ...]
    folded: bool


def page(api: ir.Api, *, package: str) -> str:
    """The page; ``package`` is the path by which its Python imports what is generated."""
    style, script = (_asset(name) for name in ("style.css", "page.js"))
    maker = _Maker(api, package)
    view = Page(
        api=api,
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; "
        "base-uri 'none'; form-action 'none'",
        setup=maker.setup(),
        groups=tuple(GroupView(group, maker.in_group(group)) for group in api.groups),
        webhooks=tuple(maker.operation(operation, called=False) for operation in api.webhooks),
        schemas=tuple(
            maker.schema(schema) for schema in sorted(api.schemas, key=lambda s: (s.name.casefold(), s.name))
        ),
        folded=len(api.operations) > _MANY,
    )
    return _UNPRINTABLE.sub("", render("docs/page.html.jinja", view))


def _asset(name: str) -> str:
    return (TEMPLATES / "docs" / name).read_text("utf-8")


def _digest(text: str) -> str:
    """The hash by which a policy allows an inline element (CSP Level 3, section 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


class _Maker:
    """Makes the views of one API."""

    def __init__(self, api: ir.Api, package: str) -> None:
        self._api = api
        self._package = package
        self._arguments = {scheme.name: scheme.py_name for scheme in api.security_schemes}

    def setup(self) -> str:
        """How a client is made."""
        given = [] if default_url(self._api) else [("base_url=", quoted(LOCAL))]
        given += [(f"{scheme.py_name}=", "...") for scheme in self._api.security_schemes[:1]]
        made = laid_out(Bracketed("Client(", tuple(given), ")"), before="client = ")
        return f"from {self._package}.client import Client\n\n{made}"

    def in_group(self, group: ir.Group) -> tuple[OperationView, ...]:
        """The operations of a group."""
        return tuple(self.operation(o) for o in self._api.operations if o.group == group.name)

    def operation(self, operation: ir.Operation, *, called: bool = True) -> OperationView:
        """One operation; ``called`` by the client rather than by the API."""
        summary = plain(operation.summary)
        is_title = 0 < len(summary) <= _TITLE
        told = () if is_title or operation.summary == operation.description else (operation.summary,)
        return OperationView(
            operation=operation,
            title=summary if is_title else operation.name.replace("_", " ").strip().capitalize(),
            doc="\n\n".join(filter(None, [*told, operation.description])),
            security=" or ".join(
                " and ".join(self._arguments[name] for name in need.schemes) or "nothing" for need in operation.security
            ),
            parameters=tuple(_parameter(parameter) for parameter in required_first(operation.parameters)),
            bodies=tuple(self._content(body) for body in operation.bodies),
            answers=tuple(_answers(operation)),
            samples=tuple(self._samples(operation, called=called)),
        )

    def schema(self, schema: ir.Schema) -> SchemaView:
        """One schema."""
        if isinstance(schema, ir.AliasSchema):
            return SchemaView(schema.name, schema.doc, words(schema.type), limits(schema.constraints), (), ())
        others = () if isinstance(schema.extra, ir.Anything) else words(schema.extra)
        return SchemaView(schema.name, schema.doc, (), (), _fields(schema.fields), others)

    def _content(self, body: ir.Body) -> Content:
        schema = self._api.schema(body.type.name) if isinstance(body.type, ir.Ref) else None
        fields = schema.fields if isinstance(schema, ir.ObjectSchema) else ()
        shown = words(body.type)
        if body.kind == "lines":
            shown = (Word("lines of "), *shown)
        sent = (field for field in fields if not field.read_only)
        return Content(body.media_type, shown, _fields(sent))

    # -- samples ----------------------------------------------------------------------------------------------------

    def _samples(self, operation: ir.Operation, *, called: bool) -> Iterable[Sample]:
        if called:
            yield Sample("Python", self._python(operation))
        body, success, stream = operation.body, operation.success, operation.stream
        if body is not None and body.kind in ("json", "lines"):
            yield from self._example("Request", body.type, body.examples, sent=True)
        if success is not None and success.media == "json":
            yield from self._example(f"Answer {success.status}", success.type, success.examples, sent=False)
        if stream is not None:
            try:
                event = json.dumps(last_event(self._api, stream), ensure_ascii=False)
            except NoExampleError:
                return
            yield Sample("Stream", f"data: {event}" if stream.format == "sse" else event)

    def _python(self, operation: ir.Operation) -> str:
        values = Values(self._api, package=f"{self._package}.models", aliases={})
        called: list[str] = []
        if operation.success is not None:
            called.append(laid_out(self._call(operation, operation.name, values), before="answer = ", width=_NARROW))
        if operation.stream is not None:
            opened = self._call(operation, stream_name(operation), values)
            lines = [laid_out(opened, before="with ", after=" as events:", width=_NARROW), "    for event in events:"]
            called.append("\n".join([*lines, "        print(event)"]))
        imports = [imported(values.imports)] if values.imports else []
        return "\n\n".join([*imports, *called])

    def _call(self, operation: ir.Operation, method: str, values: Values) -> Bracketed:
        try:
            return call(self._api, operation, method, values)
        except NoExampleError:
            return Bracketed(f"client.{operation.group}.{method}(", (("", "..."),), ")")

    def _example(self, title: str, type_: ir.Type, examples: Sequence[Json], *, sent: bool) -> Iterable[Sample]:
        made = Examples(self._api, sent=sent, amount="many")
        try:
            value = made.value(type_, examples=examples)
        except NoExampleError:
            return
        text = _as_json(value)
        yield Sample(title, text if len(text) <= _LONG else _as_json(_shortened(value)))


def _as_json(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _shortened(value: Json, room: int = 8) -> Json:
    """The value with the beginnings of its lists, objects and texts."""
    if isinstance(value, str):
        return value if len(value) <= 200 else value[:200] + "…"
    if is_array(value):
        return [_shortened(item, room // 2) for item in value[: min(room, 2)]]
    if is_object(value):
        return {key: _shortened(item, room - 1) for key, item in list(value.items())[: room * 4]}
    return value


def _parameter(parameter: ir.Parameter) -> Property:
    return Property(
        name=parameter.name,
        place=parameter.place,
        type=words(parameter.type),
        marks=("required",) if parameter.required else (),
        deprecated=parameter.deprecated,
        limits=limits(parameter.constraints),
        doc=parameter.doc,
    )


def _fields(fields: Iterable[ir.Field]) -> tuple[Property, ...]:
    """What has to be there first, else in the author's order."""
    return tuple(map(_field, sorted(fields, key=lambda field: not field.required)))


def _field(field: ir.Field) -> Property:
    said = {"required": field.required, "only in answers": field.read_only, "only in requests": field.write_only}
    default = [f"default {json.dumps(field.default.value, ensure_ascii=False)}"] if field.default is not None else []
    return Property(
        name=field.name,
        place="",
        type=words(field.type),
        marks=tuple(mark for mark, holds in said.items() if holds),
        deprecated=field.deprecated,
        limits=(*default, *limits(field.constraints)),
        doc=field.doc,
    )


def _answers(operation: ir.Operation) -> Iterable[Answer]:
    for success in operation.successes:
        shown = () if success.media == "none" else words(success.type)
        yield Answer(str(success.status), success.media_type, shown, success.doc)
    stream = operation.stream
    if stream is not None:
        asked = {
            "field": f'when the body has "{stream.field}": true',
            "accept": "when Accept asks for it",
            "always": "",
        }
        shown = (Word("stream of "), *inner(stream.type))
        yield Answer(str(stream.status), stream.media_type, shown, asked[stream.chosen_by])
    for failure in operation.errors:
        shown = words(failure.type) if failure.type is not None else ()
        yield Answer(str(failure.status), "", shown, failure.doc)
