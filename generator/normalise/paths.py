"""Path items, operations and what hangs on them: references followed, schemas canonical."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping

from generator import names
from generator.bundle import Provenance
from generator.errors import Diagnostic, SpecloomError, error
from generator.openapi import operations
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

from .answers import AnswerReader
from .exact import ExactSchemas
from .schemas import SchemaReader
from .values import Tally

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_STATUS = re.compile(r"[1-5]([0-9]{2}|[xX]{2})|default")  # OpenAPI 3.1.0, section 4.8.16
_PLACEHOLDER = re.compile(r"{[^{}]+}")
_JSON = re.compile(r"(application|text)/json|.+(?<!/stream)\+json|\*/\*|application/\*")


MAX_PATH = 2_000
"""How long a path may be; servers take request lines of 8,000 characters (RFC 9112, section 3)."""


class PathReader:
    """Reads ``paths`` of a bundled document. ``moved`` maps canonical pointers to pointers in the bundle.

    ``undeclared`` has the security schemes that are asked for and not declared, each with its first place.
    """

    def __init__(
        self,
        tree: JsonObject,
        provenance: Provenance,
        schemas: SchemaReader,
        *,
        exact: ExactSchemas,
        answers: ExactSchemas | None,
        chosen: Container[Pointer] | None,
        tally: Tally,
    ) -> None:
        self._exact = exact
        self._answers = AnswerReader(answers, self._follow) if answers is not None else None
        self._chosen = chosen
        self._tree = tree
        self._provenance = provenance
        self._schemas = schemas
        self.moved: dict[Pointer, Pointer] = {}
        self._tally = tally
        self.undeclared: dict[str, Pointer] = {}
        self._callbacks: list[tuple[str, JsonObject, Pointer]] = []
        self.errors: list[Diagnostic] = []

    def read(self) -> JsonObject:
        """Every path in its order. One whose path item is the same as an earlier one's is a reference to that."""
        paths: JsonObject = {}
        first_path: dict[Pointer, str] = {}
        for path, item in self._tree.get("paths", {}).items():
            if path.startswith("x-"):
                continue
            problem = _path_problem(path)
            shorter, moved = _without_placeholders_in_query(path)
            if moved and shorter not in {**self._tree["paths"], **paths} and not _path_problem(shorter):
                found = self._asked_in_query(path, shorter, moved)
                if found is not None:
                    paths[shorter] = found
                    continue
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
                paths[path] = self._path_item(item, at, ("paths", path), chosen=self._chosen)
        return paths

    def _asked_in_query(self, path: str, shorter: str, moved: Mapping[str, str]) -> JsonObject | None:
        """The path item of ``path`` at the ``shorter`` one, with the parameters that ``moved`` names in the query.

        None where an operation does not declare them all.
        """
        item, at = self._follow(self._tree["paths"][path], ("paths", path))
        read = self._path_item(item, at, ("paths", shorter), chosen=self._chosen)
        for operation in read.values():
            operation["parameters"] = [_in_query(parameter, moved) for parameter in operation["parameters"]]
            if not {entry["name"] for entry in operation["parameters"] if entry["in"] == "query"} >= {*moved.values()}:
                return None
        self.moved["paths", shorter] = ("paths", path)
        self._tally.note("query-in-path", "what the query of a path names is read as query parameters", ("paths", path))
        return read

    def read_webhooks(self) -> JsonObject:
        """What the API calls rather than answers: webhooks by name, and callbacks by operation and name."""
        webhooks: JsonObject = {}
        for name, item in self._tree.get("webhooks", {}).items():
            node, at = self._follow(item, ("webhooks", name))
            webhooks[name] = self._path_item(node, at, ("webhooks", name), chosen=self._chosen)
        for hint, callbacks, where in self._callbacks:
            for name, entry in callbacks.items():
                node, at = self._follow(entry, (*where, name))
                for number, (expression, item) in enumerate(node.items()):
                    if expression.startswith("x-"):
                        continue
                    called = f"{hint} {name}" + (f" {expression}" if number else "")
                    target, item_at = self._follow(item, (*at, expression))
                    webhooks[called] = self._path_item(target, item_at, ("webhooks", called), chosen=None)
        return webhooks

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

    def _path_item(
        self, item: JsonObject, at: Pointer, place: tuple[str, str], *, chosen: Container[Pointer] | None
    ) -> JsonObject:
        """The operations of the path item that stands at ``place`` of the canonical tree, by method."""
        name = place[1]
        shared = self._parameters(item.get("parameters", []), (*at, "parameters"), names.class_name(name))
        read: JsonObject = {}
        for method, node, inside in operations(item):
            if chosen is None or self._provenance.origin((*at, *inside)) in chosen:
                operation, where = self._follow(node, (*at, *inside))
                if len(inside) > 1 and inside[-1] != method:
                    message = f"methods are sent in capitals: `{inside[-1]}` is read as `{method.upper()}`"
                    self._tally.note("method-case", message, (*at, *inside))
                self.moved[(*place, method)] = where
                server = self._server(operation) or self._server(item)
                try:
                    self._check_method(method, where, taken=read)
                    read[method] = self._operation(operation, where, shared, (*place, method))
                    read[method]["server"] = server
                except SpecloomError as problem:
                    self.errors += problem.diagnostics
        return read

    def _check_method(self, method: str, at: Pointer, *, taken: Container[str]) -> None:
        # Where a node stands takes a second reading of the text, so it is asked for only where something is wrong.
        if not _TOKEN.fullmatch(method):
            hint = "a method is a word such as COPY (RFC 9110, section 9.1)"
            raise error("invalid-method", f"{method!r} is no method", self._provenance.locate(at, key=True), hint)
        if method in taken:
            message = f"this path has {method.upper()} already"
            hint = "methods are told apart by capitals: keep one of the two"
            raise error("duplicate-method", message, self._provenance.locate(at, key=True), hint)

    def _operation(
        self, operation: JsonObject, at: Pointer, shared: JsonObject, place: tuple[str, str, str]
    ) -> JsonObject:
        section, path, method = place
        given = operation.get("operationId")
        made = names.operation_id(method, path) if section == "paths" else path
        identity = given.strip() if isinstance(given, str) and given.strip() else made
        hint = names.class_name(identity)
        own = self._parameters(operation.get("parameters", []), (*at, "parameters"), hint)
        if section == "paths" and operation.get("callbacks"):
            self._callbacks.append((identity, operation["callbacks"], (*at, "callbacks")))
        tags = operation.get("tags", [])
        result: JsonObject = {
            "operationId": identity,
            "summary": text(operation.get("summary")),
            "description": text(operation.get("description")),
            "tags": [tag for tag in tags if isinstance(tag, str)] if is_array(tags) else [],
            "deprecated": operation.get("deprecated") is True,
            "parameters": list({**shared, **own}.values()),
            "security": self._security(operation, at),
        }
        if "requestBody" in operation:
            body, where = self._follow(operation["requestBody"], (*at, "requestBody"))
            content = self._content(body, where, _hint(where, hint, "Request"))
            if section == "paths":
                self._add_exact(content, body, where, f"{method.upper()} {path}")
            result["requestBody"] = {"required": body.get("required"), "content": content}
        result["responses"] = self._responses(operation.get("responses", {}), (*at, "responses"), hint)
        if "security" not in operation:
            self.moved[(*place, "security")] = ("security",)
        for index, parameter in enumerate(result["parameters"]):
            self.moved[(*place, "parameters", index)] = parameter["x-at"]
        return result

    def _security(self, operation: JsonObject, at: Pointer) -> Json:
        """What an operation asks for, itself or as all do (OpenAPI 3.1.1, section 4.8.10)."""
        holder, at = (operation, at) if "security" in operation else (self._tree, ())
        required: Json = holder.get("security", [])
        declared: JsonObject = self._tree.get("components", {}).get("securitySchemes", {})
        for index, requirement in enumerate(required):
            for name in requirement:
                if name not in declared and not name.startswith("x-"):
                    place = (*at, "security", index, name)
                    message = f"no security scheme is called `{name}`: it is read as a bearer token"
                    self._tally.note("undeclared-security-scheme", message, place)
                    self.undeclared.setdefault(name, place)
        return required

    def _add_exact(self, content: JsonObject, body: JsonObject, at: Pointer, operation: str) -> None:
        """Names the schema of the JSON body, if it says more than types do, as ``exact``. The first one is what is read."""
        for media_type, media in body.get("content", {}).items():
            plain = plain_media_type(media_type)
            if is_object(media) and _JSON.fullmatch(plain):
                node, where = self._follow(media, (*at, "content", media_type))
                content[plain]["exact"] = self._exact.add(operation, (*where, "schema")) if "schema" in node else ""
                return

    @staticmethod
    def _server(holder: JsonObject) -> str:
        """The URL of the first server of an operation or a path item, empty where it has none of its own."""
        return server_url(holder.get("servers"))

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
            content: JsonObject = node.get("content") or {}
            media_type = next(iter(content), "")
            if media_type:
                schema, schema_at = content[media_type].get("schema", {}), (*where, "content", media_type, "schema")
            if place == "query" and node.get("allowEmptyValue") is True:
                message = "`allowEmptyValue` changes nothing yet: an empty value has to fit the schema"
                self._tally.note("left-out", message, (*where, "allowEmptyValue"))
            found[f"{place} {name}"] = {
                "name": name,
                "in": place,
                "required": node.get("required") is True,
                "description": text(node.get("description")),
                "schema": self._schemas.read(schema, schema_at, hint=_hint(where, hint, names.class_name(name))),
                "style": node.get("style", ""),
                "explode": node.get("explode"),
                "content": plain_media_type(media_type),
                "deprecated": node.get("deprecated") is True,
                "examples": self._examples(node, where)
                or (self._examples(content[media_type], (*where, "content", media_type)) if media_type else []),
                "x-at": where,
            }
        return found

    def _responses(self, responses: JsonObject, at: Pointer, hint: str) -> JsonObject:
        read: JsonObject = {}
        for status, entry in responses.items():
            if status.startswith("x-"):
                continue
            if status.isdecimal() and not _STATUS.fullmatch(status):
                message = f"no answer has the status {status}: this one is left out"
                self._tally.note("unknown-status", message, (*at, status))
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
            content = self._content(node, where, _hint(where, hint, label), answers=self._answers)
            read[status] = {"description": text(node.get("description")), "content": content}
            if self._answers is not None:
                read[status]["headers"] = self._answers.headers(node, where, hint)
        return read

    def _content(
        self, holder: JsonObject, at: Pointer, hint: str, *, answers: AnswerReader | None = None
    ) -> JsonObject:
        """The media types by their plain names, each with ``schema``, ``itemSchema`` where it has one, and ``encoding``."""
        read: JsonObject = {}
        for media_type, media in holder.get("content", {}).items():
            node, where = self._follow(media, (*at, "content", media_type)) if is_object(media) else ({}, at)
            plain = plain_media_type(media_type)
            name = hint.removesuffix("Response") + "Event" if plain == "text/event-stream" else hint
            entry: JsonObject = {"encoding": node.get("encoding", {}), "examples": self._examples(node, where)}
            if "schema" in node or "itemSchema" not in node:
                entry["schema"] = self._schemas.read(node.get("schema", {}), (*where, "schema"), hint=name)
            if "itemSchema" in node:
                entry["itemSchema"] = self._schemas.read(node["itemSchema"], (*where, "itemSchema"), hint=f"{hint}Item")
            if answers is not None:
                entry["answer"] = answers.media(node, where, name)
            read.setdefault(plain, entry)
        return read

    def _examples(self, holder: JsonObject, at: Pointer) -> list[Json]:
        """The values of ``example`` and ``examples`` (OpenAPI 3.1.0, 4.8.12 and 4.8.14), but for those kept elsewhere."""
        listed: list[Json] = [holder["example"]] if "example" in holder else []
        named = holder.get("examples")
        for name, entry in named.items() if is_object(named) else ():
            if is_object(entry):
                example, _ = self._follow(entry, (*at, "examples", name))
                listed += [example[key] for key in ("value", "dataValue") if key in example]
        return listed


def _hint(at: Pointer, user: str, role: str) -> str:
    """What schemas in the object at ``at`` are named after: the component that it is, else who uses it and what for.

    Users share a component, and may be left out: none of them gives it its name.
    """
    if at[0] != "components":
        return user + role
    role = next((word for word in ("Request", "Response") if role.endswith(word)), "Parameter")
    return names.class_name(str(at[-1])).removesuffix(role) + role


def plain_media_type(text: str) -> str:
    """A media type without its parameters, in lower case (RFC 9110, 8.3.1)."""
    return text.partition(";")[0].strip().lower()


def server_url(servers: Json) -> str:
    """The URL of the first server with its variables' defaults in place (OpenAPI 3.1.0, sections 4.8.5 and 4.8.6)."""
    if not is_array(servers) or not servers or not is_object(servers[0]):
        return ""
    url = str(servers[0].get("url", ""))
    for name, variable in servers[0].get("variables", {}).items():
        url = url.replace("{" + name + "}", str(variable.get("default", "")))
    return url if "://" in url else ""


def _path_problem(path: str) -> str:
    """What makes a path template useless (OpenAPI 3.1.0, sections 4.8.2 and 4.8.8); nothing for a good one."""
    if len(path) > MAX_PATH:
        return f"it has more than {MAX_PATH:,} characters"
    placeholders = names.placeholders(path)
    if not path.startswith("/"):
        return "it does not start with a slash"
    if re.search(r"[?#].*{", path):
        return "a placeholder stands in its query or fragment"
    if re.search(r"[{}]", re.sub(r"{[^{}]+}", "", path)):
        return "its braces do not match"
    return "a name stands in it twice" if len(set(placeholders)) < len(placeholders) else ""


def _without_placeholders_in_query(path: str) -> tuple[str, dict[str, str]]:
    """A path without ``name={placeholder}`` in its query, and those names by their placeholders."""
    asked, _, query = path.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&")]
    moved = {value[1:-1]: key for key, _, value in pairs if _PLACEHOLDER.fullmatch(value)}
    rest = "&".join("".join(pair) for pair in pairs if pair[2][1:-1] not in moved)
    return f"{asked}?{rest}" if rest else asked, moved


def _in_query(parameter: JsonObject, moved: Mapping[str, str]) -> JsonObject:
    """A parameter of a path as one of its query, if its placeholder is there."""
    if parameter["in"] != "path" or parameter["name"] not in moved:
        return parameter
    name = moved[parameter["name"]]
    return {**parameter, "in": "query", "name": name, "required": True, "style": "", "explode": None}


def text(value: Json) -> str:
    """A string without the white space around it; nothing for what is no string."""
    return value.strip() if isinstance(value, str) else ""
