"""Swagger 2.0, moved as a whole into the form of OpenAPI 3.0 (Swagger 2.0 and OpenAPI 3.0.4 specifications).

What moves is recorded, so that every message still points at the line that the author wrote, and every reference is
led to where its target stands now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from generator.bundle import Bundle
from generator.errors import Diagnostic, SpecloomError
from generator.openapi import METHODS, SHAPES, Kind, is_reference
from generator.tree import (
    Json,
    JsonObject,
    Pointer,
    is_object,
    parse_pointer,
    resolve,
)

from . import swagger, v30
from .relink import Relinker
from .shapes import check_shapes
from .values import Tally

NAME = "2.0"

_MOVED_KEYS = frozenset(
    ["swagger", "host", "basePath", "schemes", "consumes", "produces", "components"]
    + ["definitions", "parameters", "responses", "securityDefinitions", "paths"]
)
_WITH_BODY = ("post", "put", "patch")
_SECTIONS: dict[Kind, tuple[str, str]] = {
    "schema": ("definitions", "schemas"),
    "parameter": ("parameters", "parameters"),
    "requestBody": ("parameters", "requestBodies"),
    "response": ("responses", "responses"),
    "securityScheme": ("securityDefinitions", "securitySchemes"),
}
"""Where Swagger keeps the shared objects of a kind, and where in ``components`` OpenAPI 3.0 does."""


def matches(tree: JsonObject) -> bool:
    """Whether the document says that it is Swagger 2.0, be it as a number."""
    return str(tree.get("swagger", "")).split(".")[0] == "2"


def convert(bundle: Bundle) -> Bundle:
    """The document in the form of OpenAPI 3.0; its schemas are left to ``upconvert``.

    Raises :class:`SpecloomError` for operations with two bodies and for references into parts that are gone.
    """
    return check_shapes(_Converter(bundle).convert(), swagger=True)


def upconvert(schema: JsonObject) -> JsonObject:
    """The schema in 3.1 words: ``type: file``, ``x-nullable`` and a discriminator's name, then what 3.0 changes."""
    is_nullable = schema.get("x-nullable") is True
    if "$ref" in schema:
        return {**v30.upconvert(schema), **({"x-nullable": True} if is_nullable else {})}
    converted = {key: value for key, value in schema.items() if key != "x-nullable"}
    if is_nullable:
        converted["nullable"] = True
    if schema.get("type") == "file":
        converted |= {"type": "string", "format": "binary"}
    if isinstance(schema.get("discriminator"), str):
        converted["discriminator"] = {"propertyName": schema["discriminator"]}
    return v30.upconvert(converted)


@dataclass(frozen=True, slots=True)
class _Given:
    """An entry of a ``parameters`` list: the ``node`` in the list, and the parameter that it is or refers to."""

    node: JsonObject
    parameter: JsonObject
    entry_at: Pointer
    at: Pointer

    @property
    def place(self) -> str:
        return str(self.parameter.get("in", ""))

    @property
    def name(self) -> str:
        return str(self.parameter.get("name", ""))


class _Converter:
    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._old = bundle.tree
        self._tally = Tally()
        self._errors: list[Diagnostic] = []
        self._relinker = Relinker()
        self._note = self._relinker.note

    def convert(self) -> Bundle:
        old = self._old
        tree: JsonObject = {"openapi": "3.0.4", **{k: v for k, v in old.items() if k not in _MOVED_KEYS}}
        if "components" in old:  # no field of Swagger's, yet what stands there may be referred to
            tree["x-components"] = old["components"]
            self._note(("x-components",), ("components",), *SHAPES)
        if servers := list(swagger.servers(old)):
            tree["servers"] = servers
            self._note(("servers",), ("host",) if "host" in old else ("basePath",))
        tree["components"] = self._components()
        tree["paths"] = {
            path: item if path.startswith("x-") else self._path_item(item, ("paths", path))
            for path, item in old.get("paths", {}).items()
        }
        tree, lost = self._relinker.relinked(tree, convert=self._outside)
        provenance = self._bundle.provenance.moved(self._relinker.moved)
        for at in lost:
            message = "this reference leads into a part that has no place in OpenAPI 3"
            hint = "give what is meant a name in `definitions`, `parameters` or `responses` and refer to that"
            self._errors.append(Diagnostic("error", "lost-reference", message, provenance.locate(at), hint))
        if self._errors:
            raise SpecloomError(self._errors)
        warnings = (*self._bundle.warnings, *self._tally.warnings(self._bundle.provenance))
        return replace(self._bundle, tree=tree, provenance=provenance, warnings=warnings)

    def _outside(self, kind: Kind, node: Json, at: Pointer) -> Json:
        """What stands outside of Swagger's shape and is referred to. Parameters and responses are written out there."""
        return self._path_item(node, at) if kind == "pathItem" and is_object(node) else node

    # -- sections ---------------------------------------------------------------------------------------------------

    def _components(self) -> JsonObject:
        old = self._old
        for kind, (section, name) in _SECTIONS.items():
            self._note(("components", name), (section,), kind)
        parameters: JsonObject = {}
        bodies: JsonObject = {}
        for name, node in self._section("parameters"):
            given = self._given(node, ("parameters", name))
            if given.place == "body":
                to: Pointer = ("components", "requestBodies", name)
                bodies[name] = node if is_reference(node) else self._body(given, self._consumed({}), to=to)
            elif given.place != "formData":
                parameters[name] = self._parameter(given, ("components", "parameters", name))
        responses = {
            name: self._response(node, ("responses", name), to=("components", "responses", name), operation={})
            for name, node in self._section("responses")
        }
        schemes = {
            name: self._scheme(node, ("securityDefinitions", name))
            for name, node in self._section("securityDefinitions")
        }
        return {
            "schemas": old.get("definitions", {}),
            "parameters": parameters,
            "requestBodies": bodies,
            "responses": responses,
            "securitySchemes": schemes,
        }

    def _section(self, name: str) -> list[tuple[str, JsonObject]]:
        """The shared objects of a section, without extensions that hold anything else."""
        return [(key, node) for key, node in self._old.get(name, {}).items() if is_object(node)]

    def _scheme(self, node: JsonObject, at: Pointer) -> JsonObject:
        if node.get("type") == "apiKey" and str(node.get("name")).lower() == "authorization":
            # Swagger has no other way to say bearer; whoever means another scheme says so in words only.
            self._tally.note(
                "authorization-api-key",
                "an API key in the `Authorization` header is read as a bearer token: callers give the token alone",
                (*at, "name"),
            )
            return {**{k: v for k, v in node.items() if k == "description"}, "type": "http", "scheme": "bearer"}
        return swagger.security_scheme(node)

    # -- paths ------------------------------------------------------------------------------------------------------

    def _path_item(self, item: JsonObject, at: Pointer) -> JsonObject:
        """The path item, which stays where it is."""
        if is_reference(item):
            return item
        shared = self._list(item, at)
        converted = {key: value for key, value in item.items() if key != "parameters"}
        if kept := self._parameters(shared, at):
            converted["parameters"] = kept
        for method in METHODS:
            if method in item:
                converted[method] = self._operation(item[method], (*at, method), shared)
        return converted

    def _operation(self, operation: JsonObject, at: Pointer, shared: list[_Given]) -> JsonObject:
        own = self._list(operation, at)
        converted = {
            key: value
            for key, value in operation.items()
            if key not in ("parameters", "consumes", "produces", "schemes")
        }
        if parameters := self._parameters(own, at):
            converted["parameters"] = parameters
        body = self._request_body(own, shared, operation, at)
        if body is not None:
            converted["requestBody"] = body
        if "responses" in operation:
            converted["responses"] = {
                status: (
                    response
                    if status.startswith("x-")
                    else self._response(
                        response, (*at, "responses", status), to=(*at, "responses", status), operation=operation
                    )
                )
                for status, response in operation["responses"].items()
            }
        general = swagger.ordered_schemes(self._old.get("schemes"))
        special = swagger.ordered_schemes(operation.get("schemes"))
        if special and general[:1] != special[:1] and self._old.get("host"):
            converted["servers"] = list(swagger.servers({**self._old, "schemes": special}))
            self._note((*at, "servers"), (*at, "schemes"))
        return converted

    # -- parameters -------------------------------------------------------------------------------------------------

    def _given(self, node: JsonObject, at: Pointer) -> _Given:
        parameter, target = self._follow(node, at)
        return _Given(node, parameter, at, target)

    def _list(self, holder: JsonObject, at: Pointer) -> list[_Given]:
        listed = holder.get("parameters", [])
        return [self._given(node, (*at, "parameters", index)) for index, node in enumerate(listed)]

    def _parameters(self, given: list[_Given], at: Pointer) -> list[JsonObject]:
        """Those of the list that are parameters in OpenAPI 3.0 as well."""
        kept = [entry for entry in given if entry.place not in ("body", "formData")]
        return [self._parameter(entry, (*at, "parameters", index)) for index, entry in enumerate(kept)]

    def _parameter(self, given: _Given, to: Pointer) -> JsonObject:
        self._note(to, given.entry_at, "parameter")
        if is_reference(given.node) and given.at[0] in ("parameters", "paths"):
            return given.node
        self._note((*to, "schema"), given.at, "schema")
        if "schema" in given.parameter:
            self._note((*to, "schema"), (*given.at, "schema"), "schema")
        return swagger.parameter(given.parameter)

    def _request_body(
        self, own: list[_Given], shared: list[_Given], operation: JsonObject, at: Pointer
    ) -> JsonObject | None:
        """What the body and form parameters of an operation and of its path say together."""
        to = (*at, "requestBody")
        # What a path says of bodies is meant for its operations that have one (RFC 9110, section 9.3).
        shared = shared if at[-1] in _WITH_BODY else []
        fields = {given.name: given for given in (*shared, *own) if given.place == "formData"}
        bodies = [given for given in own if given.place == "body"]
        bodies = bodies or [given for given in shared if given.place == "body"]
        if len(bodies) > 1 or (bodies and fields):
            other = bodies[1] if len(bodies) > 1 else next(iter(fields.values()))
            message = "an operation has one body, and this is another"
            hint = "make one schema with a property for each, or declare all of them with `in: formData`"
            where = self._bundle.provenance.locate(other.entry_at)
            self._errors.append(Diagnostic("error", "two-bodies", message, where, hint))
        elif fields:
            return self._form(list(fields.values()), operation, at)
        elif bodies:
            body, consumed = bodies[0], self._consumed(operation)
            is_shared = is_reference(body.node) and body.at[0] == "parameters"
            if is_shared and self._media_types(body, consumed) == self._media_types(body, self._consumed({})):
                self._note(to, body.entry_at)
                return body.node
            if "consumes" in operation:
                self._note((*to, "content"), (*at, "consumes"))
            return self._body(body, consumed, to=to)
        return None

    def _consumed(self, operation: JsonObject) -> list[str]:
        return operation.get("consumes", self._old.get("consumes", [])) or [swagger.JSON]

    def _produced(self, operation: JsonObject) -> list[str]:
        return operation.get("produces", self._old.get("produces", [])) or [swagger.JSON]

    def _media_types(self, body: _Given, consumed: list[str]) -> list[str]:
        return self._carriers(swagger.value_schema(body.parameter), consumed)

    def _body(self, given: _Given, consumed: list[str], *, to: Pointer) -> JsonObject:
        schema = swagger.value_schema(given.parameter)
        self._note(to, given.at)
        at = (*given.at, "schema") if "schema" in given.parameter else given.at
        carriers = self._told_carriers(schema, consumed, at)
        content = self._content(schema, carriers, at, to=(*to, "content"))
        body: JsonObject = {"content": content, "required": given.parameter.get("required") is True}
        kept = {key: value for key, value in given.parameter.items() if key == "description" or key.startswith("x-")}
        return {**kept, **body}

    def _form(self, fields: list[_Given], operation: JsonObject, at: Pointer) -> JsonObject:
        """Form fields as the properties of one object (OpenAPI 3.0.4, section 4.8.14)."""
        to, multipart, urlencoded = (*at, "requestBody"), *swagger.FORM_TYPES
        self._note(to, fields[0].entry_at)
        consumed = [name.partition(";")[0].strip().lower() for name in self._consumed(operation)]
        media_types = [name for name in consumed if name in swagger.FORM_TYPES] or [urlencoded]
        if any(field.parameter.get("type") == "file" for field in fields):
            media_types = [multipart]
        properties: JsonObject = {}
        encoding: JsonObject = {}
        for field in fields:
            schema = swagger.value_schema(field.parameter)
            if "description" in field.parameter:
                schema["description"] = field.parameter["description"]
            properties[field.name] = schema
            if written := swagger.style(field.parameter):
                encoding[field.name] = written
            for media_type in media_types:
                self._note((*to, "content", media_type, "schema", "properties", field.name), field.at)
        required = [field.name for field in fields if field.parameter.get("required") is True]
        form: JsonObject = {"type": "object", "properties": properties, **({"required": required} if required else {})}
        media: JsonObject = {"schema": form, **({"encoding": encoding} if encoding else {})}
        return {"content": dict.fromkeys(media_types, media), "required": bool(required)}

    # -- responses --------------------------------------------------------------------------------------------------

    def _response(self, node: JsonObject, at: Pointer, *, to: Pointer, operation: JsonObject) -> JsonObject:
        produced = self._produced(operation)
        if is_reference(node):
            target, target_at = self._follow(node, at)
            schema = target.get("schema")
            if target_at[0] == "responses":
                carriers = self._told_carriers(schema, produced, (*at, "$ref"))
                if schema is None or carriers == self._carriers(schema, self._produced({})):
                    return node
            elif target_at[0] == "paths":
                return node
            node, at = target, target_at
        if to != at:
            self._note(to, at)
        response = {key: value for key, value in node.items() if key not in ("schema", "examples")}
        if "headers" in node:
            response["headers"] = {
                name: self._header(value, (*at, "headers", name), to=(*to, "headers", name))
                for name, value in node["headers"].items()
            }
        if "schema" in node:
            schema_at = (*at, "schema")
            carriers = self._told_carriers(node["schema"], produced, schema_at)
            content = self._content(node["schema"], carriers, schema_at, to=(*to, "content"))
            examples = node.get("examples")
            for media_type, example in examples.items() if is_object(examples) else ():
                if media_type in content:
                    content[media_type]["example"] = example
            response["content"] = content
            self._note((*to, "content"), (*to[:3], "produces") if "produces" in operation else at)
        return response

    def _header(self, node: JsonObject, at: Pointer, *, to: Pointer) -> JsonObject:
        self._note((*to, "schema"), at, "schema")
        return swagger.header(node)

    # -- content ----------------------------------------------------------------------------------------------------

    def _content(self, schema: Json, media_types: list[str], at: Pointer, *, to: Pointer) -> JsonObject:
        for media_type in media_types:
            self._note((*to, media_type, "schema"), at, "schema")
        return {media_type: {"schema": schema} for media_type in media_types}

    def _carriers(self, schema: Json, media_types: list[str]) -> list[str]:
        """Those of the media types that the schema can be written in.

        A list of ``produces`` is said once for the answer and for all its errors, so it often names types that make
        no sense for one of them: an object is no tape archive, and a file is not JSON.
        """
        kind = self._kind(schema)
        if kind == "file":
            return [name for name in media_types if not swagger.is_json(name)] or [swagger.BINARY]
        if kind != "object":
            return media_types
        return [name for name in media_types if swagger.can_carry(name)] or [swagger.JSON]

    def _told_carriers(self, schema: Json, media_types: list[str], at: Pointer) -> list[str]:
        """The same, with a warning where what is read is not what is written."""
        carriers = self._carriers(schema, media_types)
        if carriers == [swagger.JSON] and not set(media_types) & {*carriers, "*/*"}:
            message = f"an object cannot be written as {', '.join(media_types)}: it is read as {swagger.JSON}"
            self._tally.note("media-type", message, at)
        return carriers

    def _kind(self, schema: Json) -> str:
        """``object`` for objects and lists of them, else the type."""
        seen: set[Pointer] = set()
        while is_object(schema):
            if is_reference(schema):
                schema, at = self._follow(schema, ())
                if at in seen:
                    break
                seen.add(at)
            elif any(key in schema for key in ("properties", "allOf", "additionalProperties")):
                return "object"
            elif schema.get("type") != "array":
                return str(schema.get("type"))
            else:
                schema = schema.get("items")
        return ""

    # -- references -------------------------------------------------------------------------------------------------

    def _follow(self, node: JsonObject, at: Pointer) -> tuple[JsonObject, Pointer]:
        """The object that ``node`` is or leads to, and where it stands. Anything else there reads as an empty one."""
        seen: set[Pointer] = set()
        while is_reference(node):
            at = parse_pointer(node["$ref"].removeprefix("#"))
            if at in seen:
                return {}, at
            seen.add(at)
            node = resolve(self._old, at)
        return (node if is_object(node) else {}), at
