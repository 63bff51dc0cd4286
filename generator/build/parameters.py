"""Parameters outside the body: their styles, and their names in Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from generator import ir, names
from generator.normalise.canonical import Canonical
from generator.tree import JsonObject, Pointer

from .notes import Notes
from .types import read_constraints, read_examples, read_type

_IGNORED_HEADERS = ("accept", "content-type", "authorization")
_STYLES: dict[str, tuple[ir.Style, ...]] = {
    # OpenAPI 3.1.0, 4.8.12.3; the first one is what holds when none is said.
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}


class ParameterReader:
    """Reads the ``parameters`` of canonical operations. ``chosen`` are the user's names, by ``operationId.name``."""

    def __init__(self, canonical: Canonical, notes: Notes, chosen: Mapping[str, str]) -> None:
        self._canonical = canonical
        self._notes = notes
        self._chosen = chosen

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
            wanted = self._wanted(entry["name"], node["operationId"], at)
            read.append(self._parameter(entry, where, _free(wanted, entry["in"], used)))
        declared = {parameter.name for parameter in read if parameter.place == "path"}
        for path in paths:
            for name in names.placeholders(path):
                if name not in declared:
                    declared.add(name)
                    wanted = self._wanted(name, node["operationId"], at)
                    read.append(self._undeclared(name, path, at, _free(wanted, "path", used)))
        return tuple(read)

    def _wanted(self, name: str, identity: str, at: Pointer) -> str:
        """The user's name for a parameter of the operation at ``at``, or the one that its own makes."""
        key = f"{str(at[-1]).upper()} {at[-2]}"
        return self._chosen.get(f"{key}.{name}") or self._chosen.get(f"{identity}.{name}") or names.argument_name(name)

    def _parameter(self, entry: JsonObject, where: Pointer, py_name: str) -> ir.Parameter:
        place: ir.Place = entry["in"]
        style, explode = self._style(entry, where)
        return ir.Parameter(
            name=entry["name"],
            py_name=py_name,
            place=place,
            type=read_type(entry["schema"]),
            required=entry["required"] or place == "path",
            style=style,
            explode=explode,
            constraints=read_constraints(entry["schema"]),
            doc=entry["description"],
            where=where,
            deprecated=entry["deprecated"] or entry["schema"].get("deprecated") is True,
            examples=(*entry["examples"], *read_examples(entry["schema"])),
        )

    def _undeclared(self, name: str, path: str, at: Pointer, py_name: str) -> ir.Parameter:
        message = f"`{{{name}}}` in {path} is not declared as a parameter: it is read as a string"
        self._notes.read_as("undeclared-path-parameter", message, at, f"add a parameter `name: {name}` with `in: path`")
        return ir.Parameter(name, py_name, "path", ir.Scalar("string"), True, "simple", False, (), "", at)

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


def _free(wanted: str, place: str, used: set[str]) -> str:
    """The keyword argument: the wanted name, then one that tells where it goes; the last resort is a number."""
    choices = [wanted, f"{place}_{wanted}"]
    free = next((choice for choice in choices if choice not in used), None)
    chosen = free or names.unique([*used, choices[1]])[-1]
    used.add(chosen)
    return chosen
