"""Path items, operations and what hangs on them: references followed, schemas canonical."""

from __future__ import annotations

import re
from collections.abc import Container

from generator import names
from generator.bundle import Provenance
from generator.errors import Diagnostic, SpecloomError, error
from generator.tree import (
    Json,
    JsonObject,
    Pointer,
    encode_reference,
    is_array,
    is_object,
    parse_pointer,
    resolve,
)

from .schemas import SchemaReader
from .values import Tally

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


_STATUS = re.compile(r"[1-5]([0-9]{2}|[xX]{2})|default")  # OpenAPI 3.1.0, section 4.8.16


class PathReader:
    """Reads ``paths`` of a bundled document. ``moved`` maps canonical pointers to pointers in the bundle."""

    def __init__(
        self,
        tree: JsonObject,
        provenance: Provenance,
        schemas: SchemaReader,
        *,
        chosen: Container[tuple[str, str]] | None,
        tally: Tally,
    ) -> None:
        self._chosen = chosen
        self._tree = tree
        self._provenance = provenance
        self._schemas = schemas
        self.moved: dict[Pointer, Pointer] = {}
        self._tally = tally
        self.errors: list[Diagnostic] = []

    def read(self) -> JsonObject:
        """Every path in its order. One whose path item is the same as an earlier one's is a reference to that."""
        self._note_left_out(self._tree, (), "webhooks")
        paths: JsonObject = {}
        first_path: dict[Pointer, str] = {}
        for path, item in self._tree.get("paths", {}).items():
            if path.startswith("x-"):
                continue
            problem = _path_problem(path)
            if problem:
                where = self._provenance.locate(("paths", path), key=True)
                hint = "write it as `/a/{name}`: query parameters are declared as parameters"
                self.errors.append(Diagnostic("error", "invalid-path", f"{path!r} is no path: {problem}", where, hint))
                continue
            item, at = self._follow(item, ("paths", path))
            if at in first_path:
                paths[path] = {"$ref": encode_reference(("paths", first_path[at]))}
            else:
                first_path[at] = path
                paths[path] = self._path_item(item, at, path)
        return paths

    def _follow(self, node: Json, at: Pointer) -> tuple[JsonObject, Pointer]:
        """The object that ``node`` is or leads to, and where it stands."""
        seen = {at}
        while is_object(node) and isinstance(node.get("$ref"), str):
            tokens = parse_pointer(node["$ref"].removeprefix("#"))
            target = tuple(tokens)
            if target in seen:
                raise error(
                    "reference-cycle",
                    f"{node['$ref']} leads back to itself",
                    self._provenance.locate((*at, "$ref")),
                )
            seen.add(target)
            node, at = resolve(self._tree, target), target
        if not is_object(node):
            raise error("wrong-type", "an object must stand here", self._provenance.locate(at))
        return node, at

    def _path_item(self, item: JsonObject, at: Pointer, path: str) -> JsonObject:
        self._note_left_out(item, at, "servers")
        shared = self._parameters(item.get("parameters", []), (*at, "parameters"), names.class_name(path))
        operations: JsonObject = {}
        for method in METHODS:
            if method in item and (self._chosen is None or (path, method) in self._chosen):
                operation, where = self._follow(item[method], (*at, method))
                self.moved[("paths", path, method)] = where
                try:
                    operations[method] = self._operation(operation, where, shared, (path, method))
                except SpecloomError as problem:
                    self.errors += problem.diagnostics
        return operations

    def _operation(self, operation: JsonObject, at: Pointer, shared: JsonObject, place: tuple[str, str]) -> JsonObject:
        path, method = place
        given = operation.get("operationId")
        identity = given.strip() if isinstance(given, str) and given.strip() else names.operation_id(method, path)
        hint = names.class_name(identity)
        own = self._parameters(operation.get("parameters", []), (*at, "parameters"), hint)
        self._note_left_out(operation, at, "callbacks", "servers")
        tags = operation.get("tags", [])
        result: JsonObject = {
            "operationId": identity,
            "summary": text(operation.get("summary")),
            "description": text(operation.get("description")),
            "tags": [tag for tag in tags if isinstance(tag, str)] if is_array(tags) else [],
            "deprecated": operation.get("deprecated") is True,
            "parameters": list({**shared, **own}.values()),
            "security": operation.get("security", self._tree.get("security", [])),
        }
        if "requestBody" in operation:
            body, where = self._follow(operation["requestBody"], (*at, "requestBody"))
            content = self._content(body, where, hint + "Request")
            result["requestBody"] = {"required": body.get("required"), "content": content}
        result["responses"] = self._responses(operation.get("responses", {}), (*at, "responses"), hint)
        for index, parameter in enumerate(result["parameters"]):
            self.moved[("paths", path, method, "parameters", index)] = parameter["x-at"]
        return result

    def _note_left_out(self, holder: JsonObject, at: Pointer, *keywords: str) -> None:
        for keyword in keywords:
            if holder.get(keyword):
                self._tally.note("left-out", f"`{keyword}` here are not generated yet", (*at, keyword))

    def _parameters(self, listed: Json, at: Pointer, hint: str) -> JsonObject:
        """The parameters by place and name: what an operation says of one goes before what its path says of it."""
        found: JsonObject = {}
        for index, entry in enumerate(listed):
            node, where = self._follow(entry, (*at, index))
            name, place = str(node.get("name", "")), str(node.get("in", ""))
            schema, schema_at = node.get("schema", {}), (*where, "schema")
            content = node.get("content", {})
            if content:
                media_type = next(iter(content))
                schema, schema_at = content[media_type].get("schema", {}), (
                    *where,
                    "content",
                    media_type,
                    "schema",
                )
            found[f"{place} {name}"] = {
                "name": name,
                "in": place,
                "required": node.get("required") is True,
                "description": text(node.get("description")),
                "schema": self._schemas.read(schema, schema_at, hint=hint + names.class_name(name)),
                **({"style": node["style"]} if "style" in node else {}),
                **({"explode": node["explode"]} if "explode" in node else {}),
                **({"content": next(iter(content))} if content else {}),
                "x-at": where,
            }
        return found

    def _responses(self, responses: JsonObject, at: Pointer, hint: str) -> JsonObject:
        read: JsonObject = {}
        for status, entry in responses.items():
            if status.startswith("x-"):
                continue
            if not _STATUS.fullmatch(status):
                raise error(
                    "invalid-status", f"{status!r} is no status code", self._provenance.locate((*at, status), key=True),
                    "write a code such as 200, a range such as 4XX, or default",
                )  # fmt: skip
            node, where = self._follow(entry, (*at, status))
            label = (
                "Response" if status.startswith("2") else f"{names.class_name(status).removeprefix('Schema')}Response"
            )
            self._note_left_out(node, where, "headers", "links")
            content = self._content(node, where, hint + label)
            read[status] = {"description": text(node.get("description")), "content": content}
        return read

    def _content(self, holder: JsonObject, at: Pointer, hint: str) -> JsonObject:
        read: JsonObject = {}
        for media_type, media in holder.get("content", {}).items():
            where: Pointer = (*at, "content", media_type)
            plain = media_type.partition(";")[0].strip().lower()
            name = hint.removesuffix("Response") + "Event" if plain == "text/event-stream" else hint
            node = media if is_object(media) else {}
            read[plain] = {"schema": self._schemas.read(node.get("schema", {}), (*where, "schema"), hint=name)}
        return read


def _path_problem(path: str) -> str:
    """What makes a path template useless (OpenAPI 3.1.0, sections 4.8.2 and 4.8.8); nothing for a good one."""
    placeholders = names.placeholders(path)
    if not path.startswith("/"):
        return "it does not start with a slash"
    if re.search(r"[?#]", re.sub(r"{[^{}]*}", "", path)):
        return "it has a query or a fragment"
    if re.search(r"[{}]", re.sub(r"{[^{}]+}", "", path)):
        return "its braces do not match"
    return "a name stands in it twice" if len(set(placeholders)) < len(placeholders) else ""


def text(value: Json) -> str:
    """A string without the white space around it; nothing for what is no string."""
    return value.strip() if isinstance(value, str) else ""
