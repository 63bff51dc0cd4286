"""A running server holds requests against what types cannot say, and refuses them in the API's own shape."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx2
import pytest

from generator.config import from_input
from generator.pipeline import Generated, generate
from generator.tree import Json
from tests.serving import serve

CASES = Path(__file__).parents[1] / "cases" / "generate"
ORDER: dict[str, Json] = {"kind": "letter", "reference": "a1"}


def written(case: str, folder: Path) -> Generated:
    """The package of a case, written into ``folder`` under the name ``exact_`` and the case's."""
    generated = generate(from_input(CASES / case / "openapi.yaml", name=case, targets=("models", "server")))
    for path, data in generated.tree.items():
        target = folder / f"exact_{case}" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return generated


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    folder = tmp_path_factory.mktemp("exact")
    written("exactness", folder)
    sys.path.insert(0, str(folder))
    server = importlib.import_module("exact_exactness.server")

    async def same(body: object) -> object:
        return body

    async def nothing(_: object) -> None: ...

    handlers = SimpleNamespace(create_order=same, set_route=nothing, add_note=nothing)
    with serve(server.create_app(handlers)) as url, httpx2.Client(base_url=url) as client:
        yield client
    sys.path.remove(str(folder))


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"insured": True, "value": 3, "weight": 0.5},
        {"kind": "parcel", "weight": 2},
        {"tags": ["t1", "x", "t2"]},
        {"labels": {"x-a": 1}, "parts": [{"size": 2}]},
        {"reference": "a" * 50_000},
    ],
    ids=str,
)
def test_valid_request_passes(http: httpx2.Client, more: dict[str, Json]) -> None:
    answer = http.post("/orders", json={**ORDER, **more})
    assert (answer.status_code, answer.json()) == (200, {**ORDER, **more})


@pytest.mark.parametrize(
    ("more", "field"),
    [
        pytest.param({"weight": 0}, "weight", id="not"),
        pytest.param({"kind": "parcel"}, "weight", id="if, then"),
        pytest.param({"insured": True}, "value", id="dependentRequired"),
        pytest.param({"tags": ["x"]}, "tags", id="contains"),
        pytest.param({"tags": ["t1", "t2", "t3"]}, "tags", id="maxContains"),
        pytest.param({"tags": ["t1", "t1"]}, "tags", id="uniqueItems"),
        pytest.param({"labels": {"x-much-too-long": 1}}, "labels.x-much-too-long", id="propertyNames"),
        pytest.param({"labels": {"x-a": "1"}}, "labels.x-a", id="patternProperties"),
        pytest.param({"parts": [{"size": 1}, {}]}, "parts.1", id="minProperties"),
        pytest.param({"colour": "red"}, None, id="unevaluatedProperties"),
        pytest.param({"reference": "tmp1"}, "reference", id="pattern that looks ahead"),
        pytest.param({"reference": 5}, "reference", id="a number for a text"),
        pytest.param({"value": "5"}, "value", id="a text for a number"),
    ],
)
def test_violation_is_told_in_the_declared_shape(http: httpx2.Client, more: dict[str, Json], field: str | None) -> None:
    answer = http.post("/orders", json={**ORDER, **more})
    told = answer.json()
    assert answer.status_code == 422
    assert told.pop("message")
    assert told == ({"field": field} if field else {})


def test_tuples_are_checked_in_any_media_type_of_json(http: httpx2.Client) -> None:
    def put(value: Json) -> int:
        kind = {"content-type": "application/vnd.route+json"}
        return http.put("/route", content=json.dumps(value), headers=kind).status_code

    assert [put(value) for value in ([], ["a", "b"], ["a", "a"], ["a", "b", "c"])] == [204, 204, 400, 400]


def test_large_request_is_refused_in_time(http: httpx2.Client) -> None:
    started = time.perf_counter()
    answer = http.post(
        "/orders", json={**ORDER, "labels": {f"x-{n}": 1 for n in range(20_000)}, "tags": ["x"] * 20_000}
    )
    assert answer.status_code == 422
    assert time.perf_counter() - started < 5


def test_package_whose_types_say_all_does_without_a_validator(tmp_path: Path) -> None:
    generated = written("twins", tmp_path)
    paths = {str(path) for path in generated.tree}
    assert "schemas.json" not in paths and "_runtime/exact.py" not in paths
    code = "import sys; sys.modules['jsonschema_rs'] = None; import exact_twins.server.app"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


def test_package_that_needs_a_validator_says_so(tmp_path: Path) -> None:
    written("exactness", tmp_path)
    code = "import sys; sys.modules['jsonschema_rs'] = None; import exact_exactness.server.app"
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False, capture_output=True, text=True)
    assert result.returncode == 1
    assert "pip install jsonschema-rs" in result.stderr
