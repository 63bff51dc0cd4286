"""One edit to one schema of a big document changes only lines that have to do with that schema or its users."""

from __future__ import annotations

import ast
import copy
import dataclasses
import difflib
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest

from generator.config import from_input
from generator.load import load
from generator.names import class_name
from generator.pipeline import generate
from generator.tree import Json
from tests.corpus.documents import document

pytestmark = pytest.mark.corpus

EDITS = 50
PROVENANCE = {PurePosixPath("openapi.json"), PurePosixPath("manifest.json")}


def add_property(schema: Json, source: random.Random) -> bool:
    fields = list(schema["properties"].items())
    fields.insert(source.randrange(len(fields) + 1), ("specloom_was_here", {"type": "integer"}))
    schema["properties"] = dict(fields)
    return True


def add_object(schema: Json, source: random.Random) -> bool:
    inner = {"type": "object", "properties": {"depth": {"type": "number"}}}
    schema["properties"] = {"specloom_was_here": inner, **schema["properties"]}
    return True


def remove_property(schema: Json, source: random.Random) -> bool:
    optional = [name for name in schema["properties"] if name not in schema.get("required", [])]
    if not optional or len(schema["properties"]) < 2:
        return False
    del schema["properties"][source.choice(optional)]
    return True


def retype_property(schema: Json, source: random.Random) -> bool:
    plain = [name for name, field in schema["properties"].items() if field.get("type") in ("string", "integer")]
    plain = [name for name in plain if not schema["properties"][name].keys() & {"enum", "const", "default", "example"}]
    if not plain:
        return False
    schema["properties"][source.choice(plain)]["type"] = "boolean"
    return True


def describe(schema: Json, source: random.Random) -> bool:
    schema["description"] = "Described anew."
    return True


KINDS: list[Callable[[Json, random.Random], bool]] = [
    add_property, add_object, remove_property, retype_property, describe,
]  # fmt: skip


def generated(tree: Json, path: Path) -> dict[PurePosixPath, str]:
    path.write_text(json.dumps(tree))
    integration = from_input(path, name="subject", targets=("models", "server", "client"))
    files = generate(dataclasses.replace(integration, formatter="ruff")).tree
    return {name: data.decode() for name, data in files.items() if name not in PROVENANCE}


class Relations:
    """Which schemas of a document use which."""

    def __init__(self, schemas: Json) -> None:
        self._named = {name: referred(schema) for name, schema in schemas.items()}
        self._made_of = {name: referred(parts(schema)) for name, schema in schemas.items()}
        self._classes = {class_name(name) for name in schemas}

    def users(self, name: str) -> set[str]:
        """The schema, all that are made of it by ``allOf``, ``oneOf`` or ``anyOf``, and all that refer to one of these."""
        made = {name}
        while more := {other for other, parts in self._made_of.items() if parts & made} - made:
            made |= more
        return made | {other for other, named in self._named.items() if named & made}

    def names_any(self, users: set[str], code: str) -> bool:
        """Whether code names the class of a user, or one of a schema that stands in it."""
        wanted = {class_name(user) for user in users}
        return any(
            word in wanted or (word not in self._classes and word.startswith(tuple(wanted)))
            for word in re.findall(r"\b_?([A-Z]\w*)", code)
        )


def parts(schema: Json) -> Json:
    return [{"$ref": schema.get("$ref", "")}, *(schema.get(word, []) for word in ("allOf", "oneOf", "anyOf"))]


def referred(node: Json) -> set[str]:
    return set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(node)))


def changes(old: str, new: str) -> Iterator[tuple[str, str]]:
    """The changed lines, each with the statement that it stands in."""
    before, after = old.splitlines(), new.splitlines()
    for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from stated(before, range(i1, i2))
            yield from stated(after, range(j1, j2))


def stated(lines: list[str], changed: range) -> Iterator[tuple[str, str]]:
    spans = [(node.lineno - 1, node.end_lineno or 0) for node in ast.parse("\n".join(lines)).body]
    for number in changed:
        if lines[number].strip():
            start, end = next(((a, b) for a, b in spans if a <= number < b), (number, number + 1))
            yield lines[number], "\n".join(lines[start:end])


def imports_for(line: str, users: list[str]) -> bool:
    """Whether the line imports a name that these lines use."""
    imported = re.fullmatch(r"from \S+ import (.+)", line)
    return imported is not None and any(
        re.search(rf"\b{name}\b", user) for name in imported[1].split(", ") for user in users
    )


def test_edits_of_one_schema_change_the_lines_of_that_schema_and_its_users(tmp_path: Path) -> None:
    path = document("openai/openapi.yaml")
    tree = load(path.read_bytes(), name=path.name).root
    before = generated(tree, tmp_path / "old.json")
    source = random.Random(20260101)
    schemas = tree["components"]["schemas"]
    relations = Relations(schemas)
    candidates = [name for name, schema in schemas.items() if schema.get("properties")]
    changed = 0
    wrong: list[str] = []
    for number in range(EDITS):
        kind = KINDS[number % len(KINDS)]
        edited = copy.deepcopy(tree)
        while not kind(edited["components"]["schemas"][name := source.choice(candidates)], source):
            pass
        after = generated(edited, tmp_path / "new.json")
        users = relations.users(name)
        for file in sorted({*before, *after}):
            if before.get(file) == after.get(file):
                continue
            found = list(changes(before.get(file, ""), after.get(file, "")))
            related = [line for line, statement in found if relations.names_any(users, statement)]
            strange = [line for line, _ in found if line not in related and not imports_for(line, related)]
            changed += len(found)
            wrong += [f"{kind.__name__} {name}: {file}: {line}" for line in strange]
    assert changed >= EDITS
    assert not wrong, f"{len(wrong)} of {changed} lines:\n" + "\n".join(wrong[:30])
