"""Operations: what hangs on each, and the names of their methods and namespaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from generator import ir, names
from generator.errors import Diagnostic, SpecloomError
from generator.normalise.canonical import Canonical
from generator.tree import JsonObject, Pointer, is_object, parse_pointer

from .content import ContentReader
from .notes import Notes
from .parameters import ParameterReader
from .types import fields_of, read_doc


@dataclass(frozen=True, slots=True)
class Naming:
    """Names that a user chose: method by operation, namespace by tag, argument by ``operationId.name``."""

    operations: Mapping[str, str]
    tags: Mapping[str, str]
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])


class OperationReader:
    """Reads the operations of ``paths`` and ``webhooks``; ``errors`` holds what none can be made of."""

    def __init__(self, canonical: Canonical, notes: Notes, naming: Naming) -> None:
        self._canonical = canonical
        self._notes = notes
        self._naming = naming
        self._content = ContentReader(canonical, notes)
        self._parameters = ParameterReader(canonical, notes, naming.parameters)
        self._titles: dict[str, str] = {}
        self.errors: list[Diagnostic] = []

    def read(self, section: str) -> tuple[ir.Operation, ...]:
        """The operations of ``paths`` or ``webhooks``, each with all the paths that lead to it."""
        items: JsonObject = self._canonical.tree[section]
        routes: dict[str, list[str]] = {}
        for path, item in items.items():
            target = str(parse_pointer(item["$ref"].removeprefix("#"))[1]) if "$ref" in item else path
            routes.setdefault(target, []).append(path)
        found: list[ir.Operation] = []
        for path, also in routes.items():
            for method, node in items[path].items():
                try:
                    found.append(self._operation(node, (section, path, method), tuple(also)))
                except SpecloomError as problem:
                    self.errors += problem.diagnostics
        return self._named(found)

    def groups(self, operations: tuple[ir.Operation, ...]) -> tuple[ir.Group, ...]:
        """The namespaces in use, in the order of their first operation."""
        tags = self._canonical.tree["tags"]
        docs = {tag["name"]: read_doc(tag) for tag in tags if is_object(tag) and "name" in tag}
        used = dict.fromkeys(operation.group for operation in operations)
        return tuple(
            ir.Group(name, names.group_class(name), self._titles[name], docs.get(self._titles[name], ""))
            for name in used
        )

    def _operation(self, node: JsonObject, at: Pointer, paths: tuple[str, ...]) -> ir.Operation:
        tag = node["tags"][0] if node["tags"] else names.topic(paths[0]) if at[0] == "paths" else names.WEBHOOK_TOPIC
        group = self._naming.tags.get(tag) or names.group_name(tag)
        self._titles.setdefault(group, tag)
        bodies = self._content.bodies(node, at)
        successes, stream = self._content.answers(node, at, bodies)
        taken = [field.py_name for body in bodies for field in fields_of(self._canonical, body.type)]
        placeholders = paths if at[0] == "paths" else ()
        return ir.Operation(
            id=node["operationId"],
            name="",
            group=group,
            method=str(at[-1]).upper(),
            paths=paths,
            tags=tuple(node["tags"]),
            summary=node["summary"],
            description=node["description"],
            deprecated=node["deprecated"],
            parameters=self._parameters.read(node, at, paths=placeholders, taken=taken),
            bodies=bodies,
            successes=successes,
            stream=stream,
            errors=self._content.errors(node),
            security=self._security(node),
            server=node["server"],
            where=(*at, "operationId"),
        )

    def _security(self, node: JsonObject) -> tuple[ir.Requirement, ...]:
        schemes = self._canonical.tree["components"]["securitySchemes"]
        found: list[ir.Requirement] = []
        for requirement in node["security"]:
            wanted = (name for name in requirement if not name.startswith("x-"))
            # A client certificate is shown when the connection is made, before there is a request.
            found.append(ir.Requirement(tuple(name for name in wanted if schemes[name]["type"] != "mutualTLS")))
        return tuple(dict.fromkeys(found))

    # -- names of methods -------------------------------------------------------------------------------------------

    def _named(self, operations: list[ir.Operation]) -> tuple[ir.Operation, ...]:
        """The operations with their methods' names, no two alike, streaming twins among them.

        An operationId that is used again, or whose name is, gives way to a name made from method and path; so does a
        name that the user chose, which is refused at its line in the settings.
        """
        named: list[ir.Operation] = []
        used: dict[str, ir.Operation] = {}
        ids: set[str] = set()
        for operation in operations:
            key = f"{operation.method} {operation.paths[0]}"
            chosen = self._naming.operations.get(key) or self._naming.operations.get(operation.id)
            made = names.method_name(names.operation_id(operation.method, operation.paths[0]))
            wanted = [chosen] if chosen else [names.method_name(operation.id)]
            name = next((name for name in [*wanted, made] if not used.keys() & _methods(operation, name)), "")
            name = name or names.unique([*used, made])[-1]
            if name != wanted[0] and not chosen:
                other = next(used[method] for method in _methods(operation, wanted[0]) if method in used)
                self._tell_of_name(operation, other, name)
            final = replace(operation, name=name, id=name if operation.id in ids else operation.id)
            ids.add(final.id)
            used.update(dict.fromkeys(_methods(final, name), final))
            named.append(final)
        return tuple(named)

    def _tell_of_name(self, operation: ir.Operation, other: ir.Operation, name: str) -> None:
        """That an operation is called otherwise than its operationId says, since ``other`` has that name."""
        same = other.id == operation.id
        reason = (
            f"operationId {operation.id!r} is used twice"
            if same
            else f"operationIds {other.id!r} and {operation.id!r} both become the method `{names.method_name(operation.id)}`"
        )
        key = f"{operation.method} {operation.paths[0]}"
        where = self._canonical.locate(*operation.where)
        related = (("the first use is here", self._canonical.locate(*other.where)),)
        message = f"{reason}: this one is called `{name}`"
        hint = f"give one of them another operationId, or a name under `names: operations:` as `{key}: another_name`"
        self._notes.warnings.append(Diagnostic("warning", "duplicate-operation-id", message, where, hint, related))


def _methods(operation: ir.Operation, name: str) -> set[str]:
    """The names of the methods that an operation of that name has."""
    twin = operation.stream is not None and operation.success is not None
    return {name, f"{name}_stream"} if twin else {name}
