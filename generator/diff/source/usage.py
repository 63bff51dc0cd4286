"""Who has to do with which model: callers or handlers, and whether they make its values or read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from generator import ir
from generator.diff.source.pairs import Use


@dataclass(slots=True)
class Usage:
    """How a model is used, and by which operations."""

    uses: set[Use] = field(default_factory=set[Use])
    operations: set[str] = field(default_factory=set[str])


def operation_name(operation: ir.Operation) -> str:
    """What reports call an operation: ``POST /images``."""
    return f"{operation.method} {operation.paths[0]}"


def webhook_name(operation: ir.Operation) -> str:
    """What reports call a webhook."""
    return f"the webhook `{operation_name(operation)}`"


def usage(api: ir.Api) -> dict[str, Usage]:
    """The usage of each model by its name, directly and through others."""
    links = {schema.name: frozenset(ir.schema_references(schema)) for schema in api.schemas}
    found = {name: Usage() for name in links}
    closures: dict[str, frozenset[str]] = {}

    def note(types: Iterable[ir.Type], name: str, *uses: Use) -> None:
        for start in {reference for type_ in types for reference in ir.references(type_)}:
            if start not in closures:
                closures[start] = _closure(start, links)
            for reached in closures[start]:
                found[reached].uses.update(uses)
                found[reached].operations.add(name)

    for operation in api.operations:
        name = operation_name(operation)
        note(_given(operation), name, "callers make", "handlers read")
        note(_answered(operation), name, "handlers make", "callers read")
        note((error.type for error in operation.errors if error.type is not None), name, "callers read")
    for operation in api.webhooks:
        name = webhook_name(operation)
        note(_given(operation), name, "handlers read")
        note(_answered(operation), name, "handlers make")
    return found


def expanded_models(api: ir.Api) -> frozenset[str]:
    """The models whose fields are keyword arguments of a client's method."""
    bodies = (body for operation in api.operations for body in operation.bodies if body.expanded)
    return frozenset(body.type.name for body in bodies if isinstance(body.type, ir.Ref))


def _given(operation: ir.Operation) -> Iterator[ir.Type]:
    yield from (parameter.type for parameter in operation.parameters)
    yield from (body.type for body in operation.bodies)


def _answered(operation: ir.Operation) -> Iterator[ir.Type]:
    yield from (success.type for success in operation.successes)
    if operation.stream is not None:
        yield operation.stream.type


def _closure(start: str, links: dict[str, frozenset[str]]) -> frozenset[str]:
    pending, seen = [start], {start}
    while pending:
        new = links[pending.pop()] - seen
        seen |= new
        pending += new
    return frozenset(seen)
