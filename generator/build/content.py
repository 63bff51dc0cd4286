"""Bodies and answers: which of an operation's media types are written and read, and how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from generator import ir
from generator.normalise.canonical import Canonical
from generator.tree import Json, JsonObject, Pointer, is_array, is_object

from .notes import Notes
from .types import bare, fields_of, is_scalar, read_examples, read_type, takes

_FINAL_WORDS = ("completed", "failed", "incomplete", "cancelled", "canceled")
_LINES = frozenset(
    ["application/x-ndjson", "application/ndjson", "application/jsonl", "application/jsonlines", "application/x-jsonl"]
    + ["application/x-jsonlines", "application/json-lines", "application/stream+json", "application/x-json-stream"]
)
_TEXT_SUFFIXES = ("xml", "yaml", "javascript", "graphql", "sdp", "jwt", "sql", "toml", "csv")

Kind: TypeAlias = Literal["json", "form", "multipart", "text", "binary", "lines", "sequence", "sse"]


def kind_of(media_type: str) -> Kind:
    """How a body of this media type is written."""
    # RFC 6839, section 3.1: the suffix says what is inside.
    if media_type in ("application/json", "text/json", "*/*", "application/*") or media_type.endswith("+json"):
        return "lines" if media_type in _LINES else "json"
    if media_type == "application/x-www-form-urlencoded":
        return "form"
    if media_type.startswith("multipart/"):
        return "multipart"
    if media_type in _LINES:
        return "lines"
    if media_type.endswith("json-seq"):
        return "sequence"
    if media_type == "text/event-stream":
        return "sse"
    return "text" if media_type.startswith("text/") or media_type.endswith(_TEXT_SUFFIXES) else "binary"


class ContentReader:
    """Reads ``requestBody`` and ``responses`` of canonical operations."""

    def __init__(self, canonical: Canonical, notes: Notes) -> None:
        self._canonical = canonical
        self._notes = notes

    # -- request bodies ---------------------------------------------------------------------------------------------

    def bodies(self, node: JsonObject, at: Pointer) -> tuple[ir.Body, ...]:
        """The body in each of its media types, JSON first, then forms, then the rest in the document's order."""
        if "requestBody" not in node:
            return ()
        where: Pointer = (*at, "requestBody")
        content: JsonObject = node["requestBody"]["content"]
        read = [
            self._body(media_type, content[media_type], node["requestBody"]["required"], where)
            for media_type in content
        ]
        order = ("json", "multipart", "form")
        ranked = sorted(read, key=lambda body: order.index(body.kind) if body.kind in order else len(order))
        chosen: list[ir.Body] = []
        for body in ranked:
            if body.kind in (other.kind for other in chosen):
                self._notes.left_out(body.media_type, "request body", (*where, "content", body.media_type))
            else:
                chosen.append(body)
        return tuple(chosen)

    def _body(self, media_type: str, entry: JsonObject, said: bool | None, where: Pointer) -> ir.Body:
        kind = kind_of(media_type)
        type_ = read_type(entry.get("schema", {}))
        if kind in ("lines", "sequence", "sse"):
            item = self._item(entry)
            return ir.Body("lines", media_type, item, said is True, False, (), where, examples=_examples(entry))
        if kind in ("form", "multipart") and not fields_of(self._canonical, bare(self._canonical, type_)):
            # A form of no known fields: what is in it is the caller's, and the handler's, to know.
            type_ = type_ if isinstance(bare(self._canonical, type_), ir.MapOf) else ir.MapOf(ir.Anything())
        if kind in ("text", "binary"):
            type_ = ir.Scalar("string" if kind == "text" else "file")
        fields = fields_of(self._canonical, type_)
        needed = [field.name for field in fields if field.required and not field.read_only]
        required = said is True
        if needed and said is None:
            # False by default (OpenAPI 3.1.0, section 4.8.13), which few documents mean that leave it out.
            self._notes.body_required(needed[0], where)
            required = True
        fits = bool(fields) and not any(field.py_name in ("self", "request_options") for field in fields)
        # An optional body is expanded as well when it asks for nothing: no argument, no body.
        expanded = fits and (required or not needed)
        parts = tuple(self._parts(kind, entry["encoding"], fields)) if kind in ("form", "multipart") else ()
        assert kind != "lines" and kind != "sequence" and kind != "sse"
        return ir.Body(
            kind, media_type, type_, required, expanded, parts, where, entry.get("exact", ""), _examples(entry)
        )

    def _parts(self, kind: Kind, encoding: JsonObject, fields: tuple[ir.Field, ...]) -> Iterator[ir.Part]:
        """The fields that are not written as their types say (OpenAPI 3.1.0, 4.8.15)."""
        for field in fields:
            entry = encoding.get(field.name)
            entry = entry if is_object(entry) else {}
            type_ = bare(self._canonical, field.type)
            content_type, style = str(entry.get("contentType", "")), entry.get("style", "form")
            inner = bare(self._canonical, type_.item) if isinstance(type_, ir.ListOf) else type_
            is_file = takes(self._canonical, inner, ("file",))
            if content_type and not style_said(entry):
                # Several media types are a choice that the caller makes, for a file by its name.
                plain = content_type.partition(",")[0].partition(";")[0].strip().lower()
                fixed = "," not in content_type and "*" not in plain
                own = (
                    "application/octet-stream" if is_file else "text/plain" if is_scalar(inner) else "application/json"
                )
                if fixed and plain != own:
                    yield ir.Part(field.name, plain)
            elif kind == "form" and not is_scalar(type_):
                if style == "deepObject" and isinstance(type_, ir.ListOf):
                    yield ir.Part(field.name, "brackets")
                elif entry.get("explode", style in ("form", "deepObject")) is False:
                    words = {"spaceDelimited": "space", "pipeDelimited": "pipe"}
                    yield ir.Part(field.name, words.get(str(style), "comma"))

    def _item(self, entry: JsonObject) -> ir.Type:
        """What a body of many items has in each place: ``itemSchema`` (OpenAPI 3.2.0, 4.14), or the schema's items."""
        if "itemSchema" in entry:
            return read_type(entry["itemSchema"])
        type_ = read_type(entry["schema"])
        found = bare(self._canonical, type_)
        return found.item if isinstance(found, ir.ListOf) else type_

    # -- answers ----------------------------------------------------------------------------------------------------

    def answers(
        self, node: JsonObject, at: Pointer, bodies: tuple[ir.Body, ...]
    ) -> tuple[tuple[ir.Success, ...], ir.EventStream | None]:
        """What a good call gives, as values and as a stream of events."""
        responses: JsonObject = node["responses"]
        successes: list[ir.Success] = []
        stream: ir.EventStream | None = None
        for status, number in good_statuses(responses):
            doc, content = responses[status]["description"], responses[status]["content"]
            where: Pointer = (*at, "responses", status, "content")
            if number in (204, 205, 304):  # RFC 9110, 15.3.5, 15.3.6 and 15.4.5: these have no content
                successes.append(ir.Success(number, "none", "", ir.Null(), doc))
                continue
            streamed = [m for m in content if self._is_stream(m, content)]
            if streamed and stream is None:
                stream = self._stream(number, streamed[0], content[streamed[0]], bodies)
                told = [node["description"], node.get("requestBody"), content[streamed[0]]]
                stream = replace(stream, done=stream.format == "sse" and self._mentions("[DONE]", told))
            plain = [m for m in content if m not in streamed]
            if plain or not streamed:
                successes.append(self._success(number, content, plain, doc, where))
        if not successes and stream is None:
            successes.append(ir.Success(200, "json", "application/json", ir.Anything(), ""))
        if stream is not None and not successes:
            stream = replace(stream, chosen_by="always", field="", on_by_default=False)
        return tuple(successes), stream

    @staticmethod
    def _is_stream(media_type: str, content: JsonObject) -> bool:
        return kind_of(media_type) in ("sse", "lines", "sequence") or "schema" not in content[media_type]

    def _stream(self, status: int, media_type: str, entry: JsonObject, bodies: tuple[ir.Body, ...]) -> ir.EventStream:
        kind = kind_of(media_type)
        form: ir.StreamFormat = "sse" if kind == "sse" else "sequence" if kind == "sequence" else "lines"
        whole = entry.get("itemSchema", entry.get("schema", {}))
        type_ = read_type(whole) if kind == "sse" else self._item(entry)
        switch = next((f for body in bodies for f in fields_of(self._canonical, body.type) if self._is_switch(f)), None)
        return ir.EventStream(
            status=status,
            format=form,
            media_type=media_type,
            type=type_,
            chosen_by="accept" if switch is None else "field",
            field="" if switch is None else switch.name,
            on_by_default=switch is not None and switch.default == ir.Default(True),
            final=_of_all(self._final(type_, frozenset())),
        )

    def _mentions(self, word: str, nodes: list[Json]) -> bool:
        """Whether a text of the nodes has the word, or one of the schemas that they lead to."""
        pending, seen = nodes, set[str]()
        while pending:
            node = pending.pop()
            if isinstance(node, str) and word in node:
                return True
            if is_object(node):
                name = str(node.get("$ref", "")).rpartition("/")[2]
                pending += [*node.values(), self._canonical.schemas[name] if name and name not in seen else None]
                seen.add(name)
            elif is_array(node):
                pending += node
        return False

    def _is_switch(self, field: ir.Field) -> bool:
        """Whether a body's field is the boolean that asks for a stream."""
        found = bare(self._canonical, field.type)
        listed = isinstance(found, ir.LiteralOf) and set(found.values) <= {True, False}
        return field.name == "stream" and (listed or found == ir.Scalar("boolean"))

    def _success(self, status: int, content: JsonObject, media_types: list[str], doc: str, at: Pointer) -> ir.Success:
        if not media_types:
            return ir.Success(status, "none", "", ir.Null(), doc)
        chosen = next((m for m in media_types if kind_of(m) == "json"), media_types[0])
        for media_type in media_types:
            if media_type != chosen:
                self._notes.left_out(media_type, f"{at[-2]} response", (*at, media_type))
        type_ = read_type(content[chosen]["schema"])
        kind = kind_of(chosen)
        if kind == "json" and not takes(self._canonical, type_, ("file",)):
            return ir.Success(status, "json", chosen, type_, doc, _examples(content[chosen]))
        media: ir.Media = "text" if kind in ("text", "form") else "binary"
        return ir.Success(status, media, chosen, ir.Scalar("string"), doc, _examples(content[chosen]))

    def _final(self, type_: ir.Type, within: frozenset[str]) -> tuple[str, ...]:
        """The values of the events' ``type`` that end a conversation, where the schema lists its values."""
        if not isinstance(type_, ir.Ref):
            members = type_.members if isinstance(type_, ir.UnionOf) else ()
            return tuple(value for member in members for value in self._final(member, within))
        if type_.name in within:
            return ()
        schema = self._canonical.schemas[type_.name]
        if "properties" not in schema:
            return self._final(read_type(schema), within | {type_.name})
        tag = bare(self._canonical, read_type(schema["properties"].get("type", {})))
        values = tag.values if isinstance(tag, ir.LiteralOf) else ()
        return tuple(v for v in values if isinstance(v, str) and v.rpartition(".")[2] in _FINAL_WORDS)

    def errors(self, node: JsonObject) -> tuple[ir.ErrorResponse, ...]:
        """The declared answers that are no success, with the type of their JSON bodies."""
        declared: list[ir.ErrorResponse] = []
        for status, response in node["responses"].items():
            code = int(status) if status.isdecimal() else status.upper() if status != "default" else status
            if str(code)[0] == "2":
                continue
            content = response["content"]
            chosen = next((m for m in content if kind_of(m) == "json" and "schema" in content[m]), None)
            type_ = read_type(content[chosen]["schema"]) if chosen else None
            examples = _examples(content[chosen]) if chosen else ()
            declared.append(ir.ErrorResponse(code, type_, chosen or "", response["description"], examples))
        return tuple(declared)


def _of_all(ends: Sequence[str]) -> tuple[str, ...]:
    """The ends that are those of the whole: the end of a part has a longer name (``response.mcp_call.completed``)."""
    shortest = min((kind.count(".") for kind in ends), default=0)
    return tuple(kind for kind in ends if kind.count(".") == shortest)


def _examples(entry: JsonObject) -> tuple[Json, ...]:
    """What the author gives as examples of a body: those of the media type, then those of its schema."""
    return (*entry["examples"], *read_examples(entry.get("schema", {})))


def style_said(encoding: JsonObject) -> bool:
    """Whether an Encoding Object says a style: then its content type is to be ignored (OpenAPI 3.1.0, 4.8.15.1.2)."""
    return "style" in encoding or "explode" in encoding


def good_statuses(responses: JsonObject) -> list[tuple[str, int]]:
    """The statuses that a good call answers with, as written and as a number.

    Those in 2xx; where there are none the default response; where there is none either what is left that is no error.
    """
    found = sorted((status, 200 if not status.isdecimal() else int(status)) for status in responses if status[0] == "2")
    if found:
        return found
    if "default" in responses:
        return [("default", 200)]
    return sorted((status, int(status)) for status in responses if status.isdecimal() and status[0] in "13")[:1]
