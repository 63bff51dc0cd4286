"""Python that shows how a package is used: values of models, calls, handlers; laid out as black leaves it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from generator import ir
from generator.examples import fits
from generator.tree import Json, is_array, is_object

from .python import Import, import_block

WIDTH = 110


@dataclass(frozen=True, slots=True)
class Group:
    """Something in brackets: on one line where that has room, else with a line for each part."""

    opening: str
    parts: tuple[tuple[str, Code], ...]
    closing: str


Code: TypeAlias = str | Group
"""An expression, or the head of a statement."""


def laid_out(code: Code, *, indent: int = 0, before: str = "", after: str = "", width: int = WIDTH) -> str:
    """The source of ``code``, ``indent`` columns in, with what stands ``before`` and ``after`` it on its lines."""
    flat = f"{before}{_flat(code)}{after}"
    if isinstance(code, str) or not code.parts or indent + len(flat) <= width:
        return " " * indent + flat
    pad = " " * indent
    parts = [laid_out(part, indent=indent + 4, before=name, after=",", width=width) for name, part in code.parts]
    return "\n".join([f"{pad}{before}{code.opening}", *parts, f"{pad}{code.closing}{after}"])


def imported(imports: Iterable[Import]) -> str:
    """The import statements, a long one with a line for each name."""
    lines: list[str] = []
    for line in import_block(imports).split("\n"):
        start, _, names = line.partition(" import ")
        parts = tuple(("", name) for name in names.split(", "))
        lines.append(line if len(line) <= WIDTH else laid_out(Group(f"{start} import (", parts, ")")))
    return "\n".join(lines)


def _flat(code: Code) -> str:
    if isinstance(code, str):
        return code
    return f"{code.opening}{', '.join(name + _flat(part) for name, part in code.parts)}{code.closing}"


def literal(value: Json) -> Code:
    """A JSON value as Python says it."""
    if is_array(value):
        return Group("[", tuple(("", literal(item)) for item in value), "]")
    if is_object(value):
        return Group("{", tuple((f"{quoted(key)}: ", literal(item)) for key, item in value.items()), "}")
    return quoted(value) if isinstance(value, str) else repr(value)


def quoted(text: str) -> str:
    """A string in the quotes that black prefers. Whatever it holds, it is one line and nothing but a string."""
    source = repr(text)
    return source if '"' in source else f'"{source[1:-1]}"'


class Values:
    """Spells values of an API's types, and gathers in ``imports`` what their module has to import.

    ``package`` is the path of the models, ``aliases`` tells under what name the module imports a class.
    """

    def __init__(self, api: ir.Api, *, package: str, aliases: dict[str, str]) -> None:
        self._api = api
        self._package = package
        self._aliases = aliases
        self.imports: set[Import] = set()

    def spelled(self, type_: ir.Type, value: Json) -> Code:
        """A value that fits the type."""
        match type_:
            case ir.Scalar("datetime" | "date" | "uuid" as kind):
                return self._made(kind, value)
            case ir.Scalar("file"):
                source = repr(str(value).encode("utf-8", "backslashreplace"))
                return source if '"' in source else f'b"{source[2:-1]}"'
            case ir.ListOf(item):
                return Group("[", tuple(("", self.spelled(item, inner)) for inner in value), "]")
            case ir.MapOf(item):
                pairs = tuple((f"{quoted(key)}: ", self.spelled(item, inner)) for key, inner in value.items())
                return Group("{", pairs, "}")
            case ir.UnionOf(members):
                return self.spelled(next(member for member in members if fits(self._api, member, value)), value)
            case ir.Nullable(inner):
                return "None" if value is None else self.spelled(inner, value)
            case ir.Ref(name):
                schema = self._api.schema(name)
                return (
                    self.model(schema, value)
                    if isinstance(schema, ir.ObjectSchema)
                    else self.spelled(schema.type, value)
                )
            case ir.Scalar() | ir.LiteralOf() | ir.Null() | ir.Anything() | ir.Nothing():
                return literal(value)
            case _:
                assert_never(type_)

    def model(self, schema: ir.ObjectSchema, value: dict[str, Json]) -> Code:
        """An instance of a class, of the fields that it declares."""
        alias = self._aliases.get(schema.name, "")
        self.imports.add(Import(self._package, schema.name, alias))
        return Group(f"{alias or schema.name}(", tuple(self.keywords(schema.fields, value)), ")")

    def keywords(self, fields: Iterable[ir.Field], value: dict[str, Json]) -> list[tuple[str, Code]]:
        """The fields that the object has, as keyword arguments."""
        return [(f"{f.py_name}=", self.spelled(f.type, value[f.name])) for f in fields if f.name in value]

    def _made(self, kind: str, value: Json) -> Code:
        if kind == "uuid":
            self.imports.add(Import("uuid", "UUID"))
            return f"UUID({quoted(value)})"
        self.imports.add(Import("datetime", kind))
        return f"{kind}.fromisoformat({quoted(value)})"
