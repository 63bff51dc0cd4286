"""Each folder of ``cases/schemas`` holds a spec, and in ``expected.json`` its components in their canonical form.

What reading them warns about is in ``expected-warnings.txt``, where there is such a file.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from generator.bundle import bundle
from generator.config import from_input, load_integration
from generator.errors import SpecloomError
from generator.load import load
from generator.normalise import Canonical, normalise, repair
from generator.tree import Json, JsonObject
from tests.reading.canonical_form import problems
from tests.reading.random_schemas import components

TESTS = Path(__file__).parents[1]
CASES = sorted(path.parent for path in (TESTS / "cases" / "schemas").glob("*/openapi.yaml"))
GENERATED = sorted((TESTS / "cases" / "generate").glob("*/openapi.yaml"))
SHIPPED = sorted((TESTS.parent / "spec").glob("*/integration.yaml"))


def read(spec: Path) -> Canonical:
    shipped = (spec.parent / "integration.yaml").exists()
    integration = load_integration(spec.parent) if shipped else from_input(spec, name="case", targets=())
    document = load(integration.read(integration.spec[0]), name=integration.spec[0])
    return normalise(repair(bundle(document, read=integration.read), title="case"), class_names={})


def canonical(schemas: JsonObject, *, version: str = "3.1.0") -> Canonical:
    tree: Json = {"openapi": version, "info": {"title": "T", "version": "1"}, "components": {"schemas": schemas}}
    document = load(json.dumps(tree).encode(), name="openapi.json")
    return normalise(repair(bundle(document, read=lambda path: b""), title="T"), class_names={})


def link(name: str) -> JsonObject:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_schemas_come_out_plain(folder: Path, request: pytest.FixtureRequest) -> None:
    found = read(folder / "openapi.yaml")
    warnings = "".join(f"{w.location}: {w.code}: {w.message}\n" for w in found.warnings)
    expected, told = folder / "expected.json", folder / "expected-warnings.txt"
    if request.config.getoption("--update-goldens"):
        expected.write_text(json.dumps(found.schemas, indent=2, ensure_ascii=False) + "\n")
        if warnings:
            told.write_text(warnings)
        else:
            told.unlink(missing_ok=True)
    assert problems(found) == []
    assert json.dumps(found.schemas, indent=2) == json.dumps(json.loads(expected.read_text()), indent=2)
    assert warnings == (told.read_text() if told.exists() else "")


@pytest.mark.parametrize("spec", [*GENERATED, *SHIPPED], ids=lambda path: path.parent.name)
def test_every_spec_here_takes_the_promised_form(spec: Path) -> None:
    assert problems(read(spec)) == []


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_thrown_at_it_takes_the_promised_form(seed: int) -> None:
    source = random.Random(seed)
    found = canonical(components(source), version=source.choice(["3.0.3", "3.1.0"]))
    assert problems(found) == []


def test_nothing_depends_on_the_order_of_components() -> None:
    schemas: JsonObject = {
        "Cat": {"allOf": [link("Animal"), {"properties": {"paws": {"type": "integer"}}}]},
        "Animal": {
            "properties": {
                "home": {"type": "object", "properties": {"street": {"type": "string"}}},
                "size": {**link("Size"), "default": "tiny"},
                "other": {**link("Size"), "default": "big"},
            }
        },
        "Size": {"enum": ["small", "big"]},
        "Pets": {"type": "array", "items": {"oneOf": [link("Cat"), link("Animal/properties/home")]}},
    }
    one, other = canonical(schemas).schemas, canonical(dict(reversed(schemas.items()))).schemas
    assert one == other
    assert one["Cat"]["properties"]["home"] == one["Animal"]["properties"]["home"] == link("AnimalHome")
    assert "default" not in one["Animal"]["properties"]["size"]
    assert one["Animal"]["properties"]["other"]["default"] == "big"


def test_names_stay_when_something_else_changes() -> None:
    schemas: JsonObject = {
        "Event": {
            "oneOf": [
                {"title": "Started", "type": "object", "properties": {"at": {"type": "string"}}},
                {"type": "object", "properties": {"reason": {"type": "object", "properties": {"code": {}}}}},
            ]
        }
    }
    before = canonical(schemas).schemas
    after = canonical({"Started": {"type": "string"}, "Reason": {"type": "object", "properties": {"a": {}}}, **schemas})
    assert before == {name: after.schemas[name] for name in before}
    assert list(before) == ["Event", "EventStarted", "EventWithReason", "EventWithReasonReason"]


def test_a_class_whose_attributes_differ_has_no_discriminator() -> None:
    def tagged(value: str, **others: Json) -> JsonObject:
        return {"type": "object", "required": ["a-b"], "properties": {"a-b": {"const": value}, **others}}

    alike = canonical({"A": tagged("a"), "B": tagged("b"), "U": {"oneOf": [link("A"), link("B")]}})
    assert alike.schemas["U"]["discriminator"] == "a-b"
    assert alike.field_names["A"] == {"a-b": "a_b"}
    torn = canonical({"A": tagged("a", a_b={}), "B": tagged("b"), "U": {"oneOf": [link("A"), link("B")]}})
    assert torn.field_names["A"]["a-b"] != "a_b"
    assert "discriminator" not in torn.schemas["U"]


def test_long_names_are_shortened_and_stay_apart() -> None:
    deep: JsonObject = {"type": "string", "enum": ["x"]}
    for index in range(60):
        deep = {"type": "object", "properties": {f"levelNumber{index}": deep}}
    names = list(canonical({"Deep": deep}).schemas)
    assert len(set(names)) == 60
    assert max(map(len, names)) <= 80
    assert names[1] == "DeepLevelNumber59"


def test_bodies_in_several_media_types_are_told_apart_by_them() -> None:
    inline: JsonObject = {"schema": {"type": "object", "properties": {"x": {"type": "string"}}}}
    tree: Json = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {
            "/a": {
                "post": {
                    "operationId": "add",
                    "requestBody": {"content": {"application/json": inline, "multipart/form-data": inline}},
                    "responses": {},
                }
            }
        },
    }
    document = load(json.dumps(tree).encode(), name="openapi.json")
    found = normalise(repair(bundle(document, read=lambda path: b""), title="T"), class_names={})
    assert list(found.schemas) == ["AddRequest", "AddRequestFormData"]


def test_schemas_that_go_too_deep_are_refused_where_they_do() -> None:
    nested: JsonObject = {"type": "string"}
    for _ in range(150):
        nested = {"type": "array", "items": nested}
    chain: JsonObject = {f"S{index}": {"allOf": [link(f"S{index + 1}"), {"required": ["a"]}]} for index in range(300)}
    documents: list[JsonObject] = [{"A": nested}, {**chain, "S300": {"type": "object", "properties": {"a": {}}}}]
    for schemas in documents:
        with pytest.raises(SpecloomError) as raised:
            canonical(schemas)
        assert {(item.code, item.location.line) for item in raised.value.diagnostics} == {("too-deep", 1)}


def test_a_word_that_is_no_type_is_refused_at_its_line() -> None:
    with pytest.raises(SpecloomError) as raised:
        canonical({"A": {"type": "object", "properties": {"a": {"type": "strng"}}}})
    (problem,) = raised.value.diagnostics
    assert (problem.code, problem.location.pointer) == ("unknown-type", "#/components/schemas/A/properties/a/type")
