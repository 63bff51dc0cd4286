"""Real documents, damaged in thousands of ways: each ends in a whole package or in a refusal at its line."""

from __future__ import annotations

import copy
import json
import os
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.cli import main
from generator.load import load
from generator.tree import Json, Pointer
from tests.corpus.documents import documents

pytestmark = pytest.mark.corpus

MUTATIONS = 5000
PARTS = 50
WRONG: tuple[Json, ...] = (None, 5, -0.5, "text", "", [], {}, True, [None], {"x": None}, {"$ref": "#/components"})
SETTINGS = "spec: openapi.json\nformatter: ruff\n"


def places(node: Json, at: Pointer = ()) -> list[Pointer]:
    """The pointers to all nodes below the root."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [place for key, child in children for place in ((*at, key), *places(child, (*at, key)))]


def drop(holder: Json, key: str | int, source: random.Random) -> None:
    del holder[key]


def retype(holder: Json, key: str | int, source: random.Random) -> None:
    holder[key] = source.choice(WRONG)


def rename(holder: Json, key: str | int, source: random.Random) -> None:
    if isinstance(holder, dict):
        name = source.choice(["x", "", "class", "a/b", "$ref", "{id}", "200", "naïve", str(key).upper()])
        entries = {name if other == key else other: value for other, value in holder.items()}
        holder.clear()
        holder.update(entries)
    else:
        holder.reverse()


def duplicate(holder: Json, key: str | int, source: random.Random) -> None:
    if isinstance(holder, dict):
        holder[f"{key}2"] = copy.deepcopy(holder[key])
    else:
        holder.insert(0, copy.deepcopy(holder[key]))


def nest(holder: Json, key: str | int, source: random.Random) -> None:
    holder[key] = source.choice([[holder[key]], {str(key): holder[key]}, {"allOf": [holder[key]]}])


TREE: list[Callable[[Json, str | int, random.Random], None]] = [drop, retype, rename, duplicate, nest]


def mutated(text: bytes, name: str, source: random.Random) -> bytes:
    """The document with one thing wrong in its tree, or some in its bytes."""
    if source.random() < 0.2:
        start = source.randrange(len(text))
        noise = bytes(source.randrange(256) for _ in range(source.randrange(4)))
        return text[:start] + noise + text[start + source.randrange(8) :]
    tree = load(text, name=name).root
    place = source.choice(places(tree))
    holder = tree
    for key in place[:-1]:
        holder = holder[key]
    source.choice(TREE)(holder, place[-1], source)
    return json.dumps(tree, indent=1).encode()


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file below, told apart from one that was written anew."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


@pytest.mark.parametrize("part", range(PARTS))
def test_what_is_damaged_is_generated_or_refused_at_its_line(
    part: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = random.Random(part)
    originals = documents(bytes_at_most=60_000)
    spec = tmp_path / "spec" / "subject"
    spec.mkdir(parents=True)
    output = tmp_path / "generated" / "subject"
    (spec / "integration.yaml").write_text(SETTINGS)
    monkeypatch.chdir(tmp_path)
    for number in range(MUTATIONS // PARTS):
        original = source.choice(originals)
        text = mutated(original.read_bytes(), original.name, source)
        (spec / "openapi.json").write_bytes(text)
        before = contents(output)
        code = main(["generate"])
        told = capsys.readouterr().err
        what = f"part {part}, number {number}, {original.name}: exit {code}: {told[-3000:]}"
        assert code in (0, 2), what
        assert "Traceback" not in told, what
        assert "error[internal]" not in told, what
        if code == 2:
            assert re.search(r"\bspec/subject/openapi\.json:\d+:\d+\b", told), what
            assert contents(output) == before, what
        else:
            owned = json.loads((output / "manifest.json").read_bytes())["outputs"]
            assert {*owned, "manifest.json"} == contents(output).keys(), what
            assert main(["check"]) == 0, what
            capsys.readouterr()
    assert not [name for name in os.listdir(output.parent) if name != "subject"]
