"""Parameters outside the body: their styles, and their names in Python."""

from __future__ import annotations

from collections.abc import Iterable

from generator import ir, names
from generator.normalise.canonical import Canonical
from generator.tree import JsonObject, Pointer

from .notes import Notes
from .types import read_constraints, read_type

_IGNORED_HEADERS = ("accept", "content-type", "authorization")
_STYLES: dict[str, tuple[ir.Style, ...]] = {
    # OpenAPI 3.1.0, 4.8.12.3; the first one is what holds when none is said.
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}


class ParameterReader:
    """Reads the ``parameters`` of canonical operations."""

    def __init__(self, canonical: Canonical, notes: Notes) -> None:
        self._canonical = canonical
        self._notes = notes

    def read(
        self, node: JsonObject, at: Pointer, *, paths: tuple[str, ...], taken: Iterable[str]
    ) -> tuple[ir.Parameter, ...]:
        """The parameters, those of the path that nobody declared among them; ``taken`` are the body's names."""
        used = {*taken, "request_options", "self", "body"}
        read: list[ir.Parameter] = []
        for index, entry in enumerate(node["parameters"]):
            where: Pointer = (*at, "parameters", index)
            if entry["in"] == "header" and entry["name"].lower() in _IGNORED_HEADERS:
                continue  # OpenAPI 3.1.0, section 4.8.12.2: such a definition SHALL be ignored
            if entry["in"] not in _STYLES:
                raise self._notes.unsupported(f"a parameter in {entry['in']!r}", (*where, "in"))
            if not entry["name"]:
                raise self._notes.refuse("missing-name", "this parameter has no name", where, "give it one")
            if entry["in"] == "path" and not all(entry["name"] in names.placeholders(path) for path in paths):
                message = f"no `{{{entry['name']}}}` stands in the path: the parameter is left out"
                hint = "write the placeholder into the path, or declare the parameter in another place"
                self._notes.read_as("unused-path-parameter", message, where, hint)
                continue
            read.append(self._parameter(entry, where, used))
        declared = {parameter.name for parameter in read if parameter.place == "path"}
        for path in paths:
            for name in names.placeholders(path):
                if name not in declared:
                    declared.add(name)
                    read.append(self._undeclared(name, path, at, used))
        return tuple(read)

    def _parameter(self, entry: JsonObject, where: Pointer, used: set[str]) -> ir.Parameter:
        place: ir.Place = entry["in"]
        style, explode = self._style(entry, where)
        return ir.Parameter(
            name=entry["name"],
            py_name=_name(entry["name"], place, used),
            place=place,
            type=read_type(entry["schema"]),
            required=entry["required"] or place == "path",
            style=style,
            explode=explode,
            constraints=read_constraints(entry["schema"]),
            doc=entry["description"],
            where=where,
        )

    def _undeclared(self, name: str, path: str, at: Pointer, used: set[str]) -> ir.Parameter:
        message = f"`{{{name}}}` in {path} is not declared as a parameter: it is read as a string"
        self._notes.read_as(
            "undeclared-path-parameter", message, at, f"add a parameter `name: {name}` with `in: path`"
        )
        return ir.Parameter(
            name, _name(name, "path", used), "path", ir.Scalar("string"), True, "simple", False, (), "", at
        )  # fmt: skip

    def _style(self, entry: JsonObject, where: Pointer) -> tuple[ir.Style, bool]:
        if entry["content"]:
            media_type: str = entry["content"]
            return ("json" if media_type == "application/json" or media_type.endswith("+json") else "text"), False
        known = _STYLES[entry["in"]]
        style = entry["style"] or known[0]
        if style not in known:
            message = f"style {style!r} has no meaning in a {entry['in']}: it is read as {known[0]!r}"
            self._notes.read_as("parameter-style", message, where, f"the styles are {', '.join(known)}")
            style = known[0]
        explode = entry["explode"] if isinstance(entry["explode"], bool) else style == "form"
        return style, explode


def _name(name: str, place: str, used: set[str]) -> str:
    """The keyword argument: its own name, then one that tells where it goes; the last resort is a number."""
    wanted = names.argument_name(name)
    choices = [wanted, f"{place}_{wanted}"]
    free = next((choice for choice in choices if choice not in used), None)
    chosen = free or names.unique([*used, choices[1]])[-1]
    used.add(chosen)
    return chosen
