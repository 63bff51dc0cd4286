"""What a run tells, for machines: JSON, and the annotations of a pull request on GitHub."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from generator.errors import Diagnostic, Location
from generator.findings import LeftOut
from generator.report import Done, help_for, in_order, printable, what
from generator.tree import JsonObject

if TYPE_CHECKING:
    from generator.check import Drift
    from generator.pipeline import Description


def as_json(
    found: Iterable[Diagnostic],
    *,
    left_out: Iterable[LeftOut] = (),
    drift: Sequence[Drift] | None = None,
    done: Sequence[Done] | None = None,
    described: Sequence[Description] = (),
) -> str:
    """One object, keys sorted: ``diagnostics`` and ``left_out``, and what the command has besides.

    That is ``drift`` (check), ``integrations`` (generate), or ``document`` (inspect).
    """
    content: JsonObject = {
        "diagnostics": [_diagnostic(item) for item in in_order(found)],
        "left_out": [_left_out(item) for item in left_out],
    }
    if drift is not None:
        content["drift"] = [_drift(item) for item in drift]
    if done is not None:
        content["integrations"] = [_done(item) for item in done]
    for item in described:
        content["document"] = _description(item)
    return json.dumps(content, indent=2, sort_keys=True) + "\n"


def as_github(found: Iterable[Diagnostic], drift: Iterable[Drift] = ()) -> str:
    """Workflow commands that annotate the files of a pull request.

    Escapes as GitHub's toolkit does (actions/toolkit, packages/core/src/command.ts).
    """
    lines = [
        command("error", item.path, item.line, 0, "\n".join([what(item), *map(printable, item.diff)])) for item in drift
    ]
    for item in in_order(found):
        where = item.location
        text = "\n".join(printable(part) for part in (f"{item.message} [{item.code}]", help_for(item)))
        level = "notice" if item.level == "note" else item.level
        lines.append(command(level, where.file, where.line, where.column, text))
    return "".join(line + "\n" for line in lines)


# --- objects ----------------------------------------------------------------------------------------------------------


def _diagnostic(item: Diagnostic) -> JsonObject:
    return {
        "level": item.level,
        "code": item.code,
        "message": item.message,
        "hint": help_for(item),
        **location(item.location),
        "excerpt": [{"line": number, "text": text} for number, text in item.location.excerpt],
        "related": [{"label": label, **location(place)} for label, place in item.related],
    }


def location(where: Location) -> JsonObject:
    """A place in a file."""
    return {"file": where.file, "line": where.line, "column": where.column, "pointer": where.pointer}


def _left_out(item: LeftOut) -> JsonObject:
    because = [{"code": error.code, "message": error.message, **location(error.location)} for error in item.because]
    return {"name": item.name, **location(item.location), "because": because}


def _drift(item: Drift) -> JsonObject:
    return {
        "path": item.path,
        "states": list(item.states),
        "moved": list(item.moved),
        "line": item.line,
        "diff": list(item.diff),
    }


def _done(item: Done) -> JsonObject:
    return {
        "name": item.name,
        "folder": item.folder.as_posix(),
        "written": [str(path) for path in item.plan.written],
        "removed": [str(path) for path in item.plan.removed],
        "unchanged": len(item.plan.unchanged),
    }


def _description(described: Description) -> JsonObject:
    operations = [
        {"method": method, "path": path, "name": name, "tags": list(tags)}
        for method, path, name, tags in described.operations
    ]
    return {
        "title": described.title,
        "version": described.version,
        "dialect": described.dialect,
        "operations": operations,
        "schemas": list(described.schemas),
        "features": dict(described.features),
    }


# --- workflow commands ------------------------------------------------------------------------------------------------


def command(level: str, file: str, line: int, column: int, text: str) -> str:
    """An annotation of a file: ``level`` is ``error``, ``warning`` or ``notice``, line and column are left out if 0."""
    properties = {"file": printable(file), "line": line, "col": column, "title": "specloom"}
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value)
    return f"::{level} {listed}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
