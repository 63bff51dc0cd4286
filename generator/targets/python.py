"""From the IR to Python source: annotations, imports, signatures. The only place that knows the spelling."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import assert_never

from generator import ir


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file to make: its path below the integration's folder, and its text."""

    path: PurePosixPath
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """``from module import name [as alias]``. Relative modules start with dots."""

    module: str
    name: str
    alias: str = ""


_SCALARS: dict[ir.ScalarKind, tuple[str, Import | None]] = {
    "string": ("str", None),
    "integer": ("int", None),
    "number": ("float", None),
    "boolean": ("bool", None),
    "datetime": ("IsoDateTime", Import(".._runtime.model", "IsoDateTime")),
    "date": ("IsoDate", Import(".._runtime.model", "IsoDate")),
    "uuid": ("UUID", Import("uuid", "UUID")),
    "file": ("Upload", Import(".._runtime.files", "Upload")),
}
CONSTRAINTS = {
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
    "pattern": "pattern",
}
"""JSON Schema's keyword -> the argument of pydantic's ``Field`` and of FastAPI's ``Query`` and the like."""


def annotate(
    type_: ir.Type,
    aliases: Mapping[str, str] | None = None,
    *,
    tagged: Callable[[ir.UnionOf, str], str] | None = None,
    file: str = "Upload",
) -> str:
    """The annotation for ``type_``. ``aliases`` tells under what name a module imports a class.

    ``tagged`` has the last word on a union: it gets the union and what it would be. ``file`` is what stands for a file.
    """

    def part(inner: ir.Type) -> str:
        return annotate(inner, aliases, tagged=tagged, file=file)

    match type_:
        case ir.Scalar("file"):
            return file
        case ir.Scalar("integer", 32 | 64 as bits):
            return f"Int{bits}"
        case ir.Scalar(kind):
            return _SCALARS[kind][0]
        case ir.LiteralOf(values):
            return f"Literal[{', '.join(repr(value) for value in values)}]"
        case ir.ListOf(item):
            return f"list[{part(item)}]"
        case ir.MapOf(value):
            return f"dict[str, {part(value)}]"
        case ir.UnionOf(members, _):
            text = " | ".join(dict.fromkeys(map(part, members)))
            return tagged(type_, text) if tagged else text
        case ir.Nullable(inner):
            text = part(inner)
            return text if isinstance(inner, ir.Anything | ir.Null) else f"{text} | None"
        case ir.Ref(name):
            return (aliases or {}).get(name, name)
        case ir.Null():
            return "None"
        case ir.Anything():
            return "Any"
        case ir.Nothing():
            return "Nothing"
        case _:
            assert_never(type_)


def imports_of(type_: ir.Type) -> Iterator[Import]:
    """What a module has to import to say ``type_``, its classes aside."""
    match type_:
        case ir.Scalar("integer", 32 | 64 as bits):
            yield Import(".._runtime.model", f"Int{bits}")
        case ir.Scalar(kind):
            found = _SCALARS[kind][1]
            if found is not None:
                yield found
        case ir.LiteralOf():
            yield Import("typing", "Literal")
        case ir.ListOf(inner) | ir.MapOf(inner) | ir.Nullable(inner):
            yield from imports_of(inner)
        case ir.UnionOf(members):
            for member in members:
                yield from imports_of(member)
        case ir.Anything():
            yield Import("typing", "Any")
        case ir.Nothing():
            yield Import(".._runtime.model", "Nothing")
        case ir.Ref() | ir.Null():
            pass
        case _:
            assert_never(type_)


class ModelNames:
    """Under what name a module outside ``models`` speaks of each model: its own, unless the module has that name."""

    def __init__(self, api: ir.Api, *, reserved: Iterable[str]) -> None:
        taken = frozenset(reserved)
        self._modules = {schema.name: schema.module for schema in api.schemas}
        self.aliases = {name: f"{name}Model" for name in self._modules if name in taken}

    def imports(self, types: Iterable[ir.Type], *, package: str) -> Iterator[Import]:
        """The imports that an annotation of each of ``types`` needs; ``package`` is the models package's path."""
        for type_ in types:
            yield from imports_of(type_)
            for name in ir.references(type_):
                yield Import(f"{package}.{self._modules[name]}", name, self.aliases.get(name, ""))

    def annotate(self, type_: ir.Type) -> str:
        """The annotation for ``type_`` in such a module."""
        return annotate(type_, self.aliases)


def import_block(imports: Iterable[Import], *, plain: Iterable[str] = ()) -> str:
    """The import statements, one for each module: standard library, others, then relative ones (isort's order).

    ``plain`` are modules that are imported whole. A module whose names are all given out is imported by ``*``.
    """
    by_module: dict[str, set[Import]] = {}
    for item in imports:
        by_module.setdefault(item.module, set()).add(item)
    sections: dict[int, list[str]] = {}
    for module in plain:
        sections.setdefault(_section(module), []).append(f"import {module}")
    for module in sorted(by_module, key=_module_order):
        lines = sections.setdefault(_section(module), [])
        items = sorted(by_module[module], key=_name_order)
        names = [item.name for item in items if not item.alias]
        if names:
            lines.append(f"from {module} import {', '.join(names)}{'  # noqa: F403' if names == ['*'] else ''}")
        lines += [f"from {module} import {item.name} as {item.alias}" for item in items if item.alias]
    return "\n\n".join("\n".join(sections[section]) for section in sorted(sections))


def _section(module: str) -> int:
    if module == "__future__":
        return 0
    if module.startswith("."):
        return 3
    return 1 if module.partition(".")[0] in sys.stdlib_module_names else 2


def _module_order(module: str) -> tuple[int, int, str]:
    dots = len(module) - len(module.lstrip("."))
    return (_section(module), -dots, module)


def _name_order(item: Import) -> tuple[int, str, str]:
    constant = item.name.isupper() and len(item.name) > 1
    return (0 if constant else 1 if item.name[:1].isupper() else 2, item.name.lower(), item.name)


def opened(api: ir.Api, type_: ir.Type) -> ir.Type:
    """The type without null, behind its names as far as these are no classes."""
    match type_:
        case ir.Nullable(inner):
            return opened(api, inner)
        case ir.Ref(name):
            schema = api.schema(name)
            # An alias of itself, as in `P: array of P`, is a list at its first opening.
            return opened(api, schema.type) if isinstance(schema, ir.AliasSchema) else type_
        case _:
            return type_


def is_flat(api: ir.Api, type_: ir.Type) -> bool:
    """Whether every value of the type is one piece of text when it is a parameter."""
    match opened(api, type_):
        case ir.UnionOf(members, _):
            return all(is_flat(api, member) for member in members)
        case found:
            return isinstance(found, ir.Scalar | ir.LiteralOf | ir.Anything | ir.Null | ir.Nothing)


def notation(api: ir.Api, parameter: ir.Parameter) -> str:
    """How a parameter is written, where that is not how its place writes a scalar, or a query a list.

    A style of OpenAPI, with ``*`` where it explodes (after RFC 6570): ``form``, ``form*``, ``simple*``, ``label``,
    ``deepObject``, ...; or ``json`` or ``text``. Empty for the plain way.
    """
    type_ = opened(api, parameter.type)
    if parameter.style in ("json", "text", "label", "matrix"):
        pass
    elif is_flat(api, type_) or (_repeats(parameter) and isinstance(type_, ir.ListOf) and is_flat(api, type_.item)):
        return ""
    exploded = parameter.explode and parameter.style not in ("json", "text", "deepObject")
    return parameter.style + ("*" if exploded else "")


def _repeats(parameter: ir.Parameter) -> bool:
    return parameter.place == "query" and parameter.style == "form" and parameter.explode


def tuple_of(texts: Iterable[str]) -> str:
    """A tuple display of source texts, with the comma that a single element needs."""
    listed = list(texts)
    return f"({listed[0]},)" if len(listed) == 1 else f"({', '.join(listed)})"


def identity(operation: ir.Operation) -> list[str]:
    """The lines that name an operation in a docstring: ``POST /v1/images`` for each of its paths."""
    return [f"{operation.method} {path}" for path in operation.paths]


def describe(
    operation: ir.Operation, *, streamed: bool = False, paged: bool = False, brief: bool = False, sent: str = ""
) -> str:
    """The docstring of a method: what the spec says of the operation, in a sentence if ``brief``, then where it is.

    ``sent`` is the media type of the body where that tells one method from another.
    """
    summary = operation.summary or operation.description.partition("\n")[0] or operation.id
    asides = [f"sent as {sent}"] if sent else []
    asides += ["as a stream of events"] if streamed else ["item by item through all pages"] if paged else []
    sentence = ", ".join([summary.rstrip("."), *asides]) + "."
    parts = [sentence]
    if operation.description and operation.description != summary and not (brief or streamed or paged):
        parts.append(operation.description)
    if operation.deprecated:
        parts.append("Deprecated.")
    return "\n\n".join([*parts, "\n".join(identity(operation))])
