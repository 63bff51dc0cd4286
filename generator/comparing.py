"""The same operation in several APIs, field by field: what each asks for, takes, answers and refuses.

Operations are the same where their paths end alike, or where their bodies do; what stands in front (``/openai/v1``) and
versions are each gateway's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from generator import ir
from generator.tree import Json
from generator.wording import limits, words

ABSENT = "–"
"""What stands where an API has no such thing."""

_VERSION = re.compile(r"v\d+(\.\d+)*(beta|alpha)?\d*", re.IGNORECASE)
_DEEP = 4
_ALIKE = 0.5
"""How many of the fields of two bodies have to be the same, of all that either has."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing in each of the APIs, in words; :data:`ABSENT` where one has it not."""

    name: str
    cells: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the APIs are not of one mind."""
        return len({*self.cells}) > 1

    @property
    def there(self) -> tuple[bool, ...]:
        """Which of the APIs have it."""
        return tuple(cell != ABSENT for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Section:
    """What belongs together: ``Request body``."""

    title: str
    rows: tuple[Row, ...]

    @property
    def telling(self) -> tuple[Row, ...]:
        """The rows that differ, without what is within something that the same APIs have not got at all."""
        there = {row.name: row.there for row in self.rows}
        return tuple(row for row in self.rows if row.differs and not self._is_told(row, there))

    def _is_told(self, row: Row, there: Mapping[str, tuple[bool, ...]]) -> bool:
        holder = row.name.rpartition(".")[0].removesuffix("[]")
        return not all(row.there) and there.get(holder) == row.there


@dataclass(frozen=True, slots=True)
class Matrix:
    """One operation beside its counterparts, by the names of their APIs."""

    title: str
    names: tuple[str, ...]
    sections: tuple[Section, ...]


def compare(apis: Sequence[ir.Api], *, operation: str = "") -> tuple[Matrix, ...]:
    """Each operation of the first API that another has as well, or the one called ``operation`` (``POST /images``).

    APIs without it are left out of its matrix. Empty where no two of them have anything in common.
    """
    matrices: list[Matrix] = []
    for wanted in _wanted(apis, operation):
        found = [(api, counterpart) for api in apis if (counterpart := _counterpart(api, wanted)) is not None]
        if len(found) > 1:
            matrices.append(_matrix(operation or f"{wanted[1].method} {wanted[1].paths[0]}", found))
    return tuple(matrices)


def _wanted(apis: Sequence[ir.Api], operation: str) -> Iterator[tuple[ir.Api, ir.Operation]]:
    if not operation:
        yield from ((apis[0], operation) for operation in apis[0].operations)
        return
    method, _, path = operation.partition(" ")
    for api in apis:
        named = [o for o in api.operations if operation in (o.id, o.name)]
        named += [o for o in api.operations if o.method == method.upper() and any(_ends(p, path) for p in o.paths)]
        if named:
            yield api, min(named, key=lambda o: (len(o.parameters), len(o.paths[0])))
            return


def _counterpart(api: ir.Api, wanted: tuple[ir.Api, ir.Operation]) -> ir.Operation | None:
    """The operation that does the same: itself, else one whose path ends so, else one whose body is alike."""
    origin, operation = wanted
    if api is origin:
        return operation
    same = [o for o in api.operations if o.method == operation.method]
    ending = [o for o in same if any(_ends(a, b) or _ends(b, a) for a in o.paths for b in operation.paths)]
    if ending:
        return min(ending, key=lambda o: (len(o.parameters), len(o.paths[0])))
    fields = _names(origin, operation)
    best = max(same, key=lambda o: _likeness(fields, _names(api, o)), default=None)
    return best if best is not None and _likeness(fields, _names(api, best)) >= _ALIKE else None


def _names(api: ir.Api, operation: ir.Operation) -> frozenset[str]:
    return frozenset(field.name for field in _fields(api, operation.body.type)) if operation.body else frozenset()


def _likeness(some: frozenset[str], others: frozenset[str]) -> float:
    return len(some & others) / len(some | others) if some and others else 0.0


def _segments(path: str) -> list[str]:
    return [s for s in path.strip("/").split("/") if s and "{" not in s and not _VERSION.fullmatch(s)]


def _ends(path: str, ending: str) -> bool:
    """Whether a path ends in what another one says, versions and parameters aside."""
    whole, end = _segments(path), _segments(ending)
    return bool(end) and whole[-len(end) :] == end


# -- one matrix -------------------------------------------------------------------------------------------------------

_Found: TypeAlias = "Sequence[tuple[ir.Api, ir.Operation]]"


def _matrix(title: str, found: _Found) -> Matrix:
    sections = [
        Section("Operation", tuple(_about(found))),
        Section("Parameters", _rows([_parameters(operation) for _, operation in found])),
        Section("Request body", _rows([_sent(api, operation) for api, operation in found])),
        Section("Answer", _rows([_answered(api, operation) for api, operation in found])),
        Section("Stream", _rows([_streamed(api, operation) for api, operation in found])),
        Section("Errors", _rows([_refused(api, operation) for api, operation in found])),
    ]
    told = [s for s in sections if s.rows and (s.title == "Parameters" or any(sum(row.there) > 1 for row in s.rows))]
    return Matrix(title, tuple(api.name for api, _ in found), tuple(told))


def _rows(columns: Sequence[Mapping[str, str]]) -> tuple[Row, ...]:
    """A row for each key that any column has, in the order in which they come."""
    keys = dict.fromkeys(key for column in columns for key in column)
    return tuple(Row(key, tuple(column.get(key, ABSENT) for column in columns)) for key in keys)


def _about(found: _Found) -> Iterator[Row]:
    def row(name: str, say: Callable[[ir.Api, ir.Operation], str]) -> Row:
        return Row(name, tuple(say(api, operation) or ABSENT for api, operation in found))

    yield row("path", lambda _, o: ", ".join(f"{o.method} {path}" for path in o.paths))
    yield row("server", lambda api, o: o.server or api.server)
    yield row("credentials", _credentials)
    yield row("body", lambda _, o: ", ".join(body.media_type for body in o.bodies))
    yield row("answer", lambda _, o: ", ".join(f"{s.status} {s.media_type}".strip() for s in o.successes))
    yield row("stream", _stream)
    yield row("deprecated", lambda _, o: "yes" if o.deprecated else "no")


def _credentials(api: ir.Api, operation: ir.Operation) -> str:
    schemes = {scheme.name: scheme for scheme in api.security_schemes}

    def said(name: str) -> str:
        scheme = schemes[name]
        return (
            f"{scheme.kind} {scheme.key}" if scheme.kind in ("header", "query", "cookie") else scheme.key or scheme.kind
        )

    return " or ".join(" and ".join(map(said, need.schemes)) or "none" for need in operation.security) or "none"


def _stream(_: ir.Api, operation: ir.Operation) -> str:
    stream = operation.stream
    if stream is None:
        return "no"
    asked = {"field": f"if `{stream.field}` is true", "accept": "if Accept asks for it", "always": "always"}
    return f"{stream.media_type}, {asked[stream.chosen_by]}"


def _parameters(operation: ir.Operation) -> dict[str, str]:
    return {
        f"{p.name} ({p.place})": _said(p.type, p.constraints, required=p.required, default=None)
        for p in operation.parameters
    }


def _sent(api: ir.Api, operation: ir.Operation) -> dict[str, str]:
    return dict(_flat(api, operation.body.type, sent=True)) if operation.body else {}


def _answered(api: ir.Api, operation: ir.Operation) -> dict[str, str]:
    return dict(_flat(api, operation.success.type, sent=False)) if operation.success else {}


def _streamed(api: ir.Api, operation: ir.Operation) -> dict[str, str]:
    return dict(_flat(api, operation.stream.type, sent=False)) if operation.stream else {}


def _refused(api: ir.Api, operation: ir.Operation) -> dict[str, str]:
    """The errors by status, each by the names in its body."""
    return {
        str(error.status): (
            ", ".join(field.name for field in _fields(api, error.type)) or "any" if error.type else "no body"
        )
        for error in operation.errors
    }


def _flat(
    api: ir.Api, type_: ir.Type, *, sent: bool, before: str = "", within: tuple[str, ...] = ()
) -> Iterator[tuple[str, str]]:
    """The fields of a type and of what is in them, by dotted names; ``[]`` stands for each item of a list."""
    for field in _fields(api, type_):
        if field.read_only if sent else field.write_only:
            continue
        name = f"{before}{field.name}"
        yield name, _said(_shown(api, field.type), field.constraints, required=field.required, default=field.default)
        inner, mark = _inside(field.type)
        held = [member for member in ir.references(inner) if member not in within]
        if held and len(within) < _DEEP:
            yield from _flat(api, inner, sent=sent, before=f"{name}{mark}.", within=(*within, *held))


def _shown(api: ir.Api, type_: ir.Type) -> ir.Type:
    """The type with names of others than classes replaced by what they mean: a class's name says as little as any."""
    if isinstance(type_, ir.Ref):
        schema = api.schema(type_.name)
        return _shown(api, schema.type) if isinstance(schema, ir.AliasSchema) else type_
    if isinstance(type_, ir.Nullable):
        return ir.Nullable(_shown(api, type_.inner))
    if isinstance(type_, ir.ListOf):
        return ir.ListOf(_shown(api, type_.item))
    return type_


def _inside(type_: ir.Type) -> tuple[ir.Type, str]:
    """What a list or a nullable holds in the end, and how its fields are called."""
    if isinstance(type_, ir.Nullable):
        return _inside(type_.inner)
    if isinstance(type_, ir.ListOf):
        inner, mark = _inside(type_.item)
        return inner, f"[]{mark}"
    return type_, ""


def _fields(api: ir.Api, type_: ir.Type, seen: frozenset[str] = frozenset()) -> Iterator[ir.Field]:
    """The fields of a class, or of every class in a union."""
    match type_:
        case ir.Ref(name) if name not in seen:
            schema = api.schema(name)
            if isinstance(schema, ir.ObjectSchema):
                yield from schema.fields
            else:
                yield from _fields(api, schema.type, seen | {name})
        case ir.UnionOf(members):
            for member in members:
                yield from _fields(api, member, seen)
        case ir.Nullable(inner):
            yield from _fields(api, inner, seen)
        case _:
            return


def _said(
    type_: ir.Type, constraints: tuple[tuple[str, Json], ...], *, required: bool, default: ir.Default | None
) -> str:
    """``required string, at most 1000 characters, default "x"``. A class is an object: its name is its API's own."""
    text = "".join("object" if word.schema else word.text for word in words(type_))
    more = [*limits(constraints)]
    if default is not None:
        more.append(f"default {json.dumps(default.value, ensure_ascii=False)}")
    return ", ".join([f"required {text}" if required else text, *more])
