"""The official test suite of JSON Schema, held against the generated server: `pytest -m suite`.

`SPECLOOM_JSON_SCHEMA_SUITE` names a checkout of github.com/json-schema-org/JSON-Schema-Test-Suite. Of each file of
`tests/draft2020-12` (what is `optional/` stays out), the schemas become components of one OpenAPI 3.1 document, each the
request body of an operation; an instance is judged by sending it to the server, and once more to one that has nothing but
the types. What the suite serves at http://localhost:1234 stands in the document too, under that `$id`.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urljoin

import httpx2
import pytest

from generator import ir
from generator.config import from_input
from generator.errors import SpecloomError
from generator.pipeline import generate
from generator.tree import JsonObject

SUITE = os.environ.get("SPECLOOM_JSON_SCHEMA_SUITE", "")
SERVED_AT = "http://localhost:1234/"
LEAST_EXACT, LEAST_BY_TYPES = 0.97, 0.75
UNCHECKED = """
def exact(key: str):
    return None
"""

Group = tuple[str, JsonObject]
"""The file that a group of tests is from, and the group: a schema and what it is asked about."""


@dataclass
class Score:
    """How many verdicts agree with the suite's, by file."""

    asked: Counter[str]
    exact: Counter[str]
    types: Counter[str]
    odd: list[str]


def groups(path: Path) -> list[Group]:
    return [(path.stem, group) for group in json.loads(path.read_text("utf-8"))]


def served() -> Iterator[JsonObject]:
    """The schemas that the suite refers to over the network, each by the URI that it has there. None is a meta-schema."""
    root = Path(SUITE) / "remotes"
    for path in sorted((root / "draft2020-12").rglob("*.json")):
        schema: JsonObject = json.loads(path.read_text("utf-8"))
        uri = SERVED_AT + path.relative_to(root).as_posix()
        if "$vocabulary" in schema:
            continue
        yield {"$id": uri, **schema}
        if urljoin(uri, schema.get("$id", "")) != uri:
            yield {"$id": uri, "$ref": urljoin(uri, schema["$id"])}


def document(tested: list[Group]) -> JsonObject:
    """The schemas as request bodies. A schema is a resource of its own: `#` in it means its root (Core, 9.3.1)."""
    schemas: JsonObject = {}
    paths: JsonObject = {}
    for number, (name, group) in enumerate(tested):
        schema = group["schema"]
        if isinstance(schema, dict):
            schema = {"$id": f"https://suite.example/{name}/{number}/schema", **schema}
        schemas[f"Schema{number}"] = schema
        body = {"schema": {"$ref": f"#/components/schemas/Schema{number}"}}
        paths[f"/{number}"] = {
            "post": {
                "operationId": f"ask{number}",
                "tags": ["suite"],
                "requestBody": {"required": True, "content": {"application/json": body}},
                "responses": {"204": {"description": "valid"}},
            }
        }
    if SERVED_AT in json.dumps(schemas):
        schemas |= {f"Served{number}": schema for number, schema in enumerate(served())}
    info = {"title": "Suite", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}


def package(name: str, tested: list[Group], folder: Path) -> ir.Api:
    """The generated package, and a twin of it whose server checks nothing but types. Raises :class:`SpecloomError`."""
    (folder / f"{name}.json").write_text(json.dumps(document(tested)), "utf-8")
    generated = generate(from_input(folder / f"{name}.json", name=name, targets=("models", "server")))
    for path, data in generated.tree.items():
        for package_name in (name, f"{name}_types"):
            target = folder / package_name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    unchecked = folder / f"{name}_types" / "_runtime" / "exact.py"
    if unchecked.exists():
        unchecked.write_text(UNCHECKED)
    return generated.api


async def verdicts(name: str, tested: list[Group]) -> list[int]:
    """The status of the server's answer for every instance, in order."""

    async def accept(body: object) -> None:
        """Any value that comes this far is valid."""

    server = importlib.import_module(f"{name}.server")
    handlers = SimpleNamespace(**{f"ask{number}": accept for number in range(len(tested))})
    found: list[int] = []
    transport = httpx2.ASGITransport(server.create_app(handlers), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://suite") as http:
        for number, (_, group) in enumerate(tested):
            for test in group["tests"]:
                answer = await http.post(
                    f"/{number}", content=json.dumps(test["data"]), headers={"content-type": "application/json"}
                )
                found.append(answer.status_code)
    return found


def compare(tested: list[Group], exact: list[int], types: list[int], score: Score) -> None:
    asked = [(name, group["description"], test) for name, group in tested for test in group["tests"]]
    for (name, description, test), status, by_types in zip(asked, exact, types, strict=True):
        score.asked[name] += 1
        score.exact[name] += (status == 204) == test["valid"]
        score.types[name] += (by_types == 204) == test["valid"]
        if status not in (204, 400) or (status == 204) != test["valid"]:
            score.odd.append(f"{name}: {description}: {test['description']}: answered {status}")


@pytest.mark.suite
@pytest.mark.skipif(not SUITE, reason="SPECLOOM_JSON_SCHEMA_SUITE names no checkout of the JSON Schema test suite")
def test_server_judges_as_the_suite_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted((Path(SUITE) / "tests" / "draft2020-12").glob("*.json"))
    assert files, f"{SUITE} has no tests of draft 2020-12"
    sys.path.insert(0, str(tmp_path))
    score, refused = Score(Counter(), Counter(), Counter(), []), list[str]()
    for path in files:
        tested, name = groups(path), "suite_" + path.stem.replace("-", "_")
        try:
            package(name, tested, tmp_path)
        except SpecloomError as error:
            refused += [f"{path.name}: {found.location}: {found.message}" for found in error.diagnostics]
            continue
        by_server, by_types = (asyncio.run(verdicts(each, tested)) for each in (name, f"{name}_types"))
        compare(tested, by_server, by_types, score)
    sys.path.remove(str(tmp_path))
    asked = score.asked.total()
    with capsys.disabled():
        print("", *score.odd, *refused, sep="\n")
        for name in sorted(score.asked):
            print(f"{name:28} {score.asked[name]:5} {score.exact[name]:5} {score.types[name]:5}")
        print(
            f"{'all':28} {asked:5} {score.exact.total() / asked:.1%} {score.types.total() / asked:.1%} by types alone"
        )
    assert refused == []
    assert all(line.endswith(("answered 204", "answered 400")) for line in score.odd)
    assert score.exact.total() >= LEAST_EXACT * asked
    assert score.types.total() >= LEAST_BY_TYPES * asked
