from __future__ import annotations

import json
from pathlib import Path

import pytest
from _runtime import exact as exact_module
from _runtime.exact import exact
from _runtime.problems import InvalidRequest

BASE = "https://specloom.invalid/schemas.json"


def to(name: str) -> dict[str, str]:
    return {"$ref": f"{BASE}#/$defs/{name}"}


def kind(name: str, **properties: object) -> dict[str, object]:
    return {"properties": {"kind": {"const": name}, **properties}, "required": ["kind"]}


SCHEMAS: dict[str, object] = {
    "needs": {"type": "object", "dependentRequired": {"quality": ["size"]}},
    "either": {"not": {"required": ["url", "data"]}},
    "neither": {"type": "object", "not": {"const": 1}, "minProperties": 1},
    "unique": {"type": "array", "uniqueItems": True, "items": to("needs")},
    "pair": {"prefixItems": [{"type": "integer"}, to("unique")], "items": False},
    "one": {"oneOf": [{"multipleOf": 2}, {"multipleOf": 3}]},
    "kinds": {"anyOf": [kind("a", n={"minimum": 5}), to("alias"), False]},
    "alias": to("b"),
    "b": kind("b", n={"maximum": 5}),
    "names": {"propertyNames": {"pattern": "^(?!x-)"}, "type": "object"},
    "words": {
        "properties": {"known": {"const": 1}},
        "patternProperties": {"^s_": {"maxLength": 2}},
        "additionalProperties": {"minimum": 0},
    },
    "when": {
        "if": {"required": ["stream"]},
        "then": {"properties": {"format": {"const": "b64"}}},
        "else": {"required": ["size"]},
    },
    "whole": {"allOf": [to("needs"), to("when")], "unevaluatedProperties": False, "properties": {"size": {}, "a~/b": {"minimum": 1}}},
    "heirs": {"dependentSchemas": {"card": {"required": ["address"]}}},
    "self": {"properties": {"next": to("self"), "n": {"minimum": 0}}, "anyOf": [{"required": ["n"]}, {"required": ["next"]}]},
    "look": {"type": "string", "maxLength": 10, "pattern": "(?=(a+)+$)a"},
    "has": {"contains": {"const": 1}, "maxContains": 2},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _schemas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    file = tmp_path / "schemas.json"
    file.write_text(json.dumps({"$id": BASE, "$defs": SCHEMAS}))
    monkeypatch.setattr(exact_module, "_FILE", file)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("needs", {"quality": "hd", "size": "1x1"}),
        ("unique", [{}, {"a": 1}]),
        ("pair", [1, []]),
        ("one", 2),
        ("kinds", {"kind": "b", "n": 3}),
        ("words", {"known": 1, "s_a": "xx", "other": 1}),
        ("when", {"stream": True}),
        ("self", {"next": {"n": 1}}),
    ],
)
def test_what_fits_passes(key: str, value: object) -> None:
    exact(key)(value)


@pytest.mark.parametrize(
    ("key", "value", "param", "message"),
    [
        ("needs", {"quality": "hd"}, "size", "required"),
        ("either", {"url": "", "data": ""}, None, "not allowed"),
        ("neither", {}, None, "the value"),
        ("unique", [1, 1], None, "non-unique"),
        ("unique", [{"quality": 1}], "0.size", "required"),
        ("pair", ["1"], "0", "integer"),
        ("pair", [1, [], 2], "2", "no value is allowed"),
        ("pair", [1, [{}, {"quality": 1}]], "1.1.size", "required"),
        ("one", 6, None, "fits several"),
        ("one", 7, None, "none of the alternatives"),
        ("kinds", {"kind": "a", "n": 1}, "n", "5"),
        ("kinds", {"kind": "b", "n": 9}, "n", "5"),
        ("kinds", {"kind": "c"}, None, "none of the alternatives"),
        ("names", {"x-a": 1}, "x-a", "name of a property"),
        ("words", {"s_a": "xxx"}, "s_a", "2"),
        ("words", {"b": -1}, "b", "0"),
        ("when", {"stream": 1, "format": "url"}, "format", "b64"),
        ("when", {}, "size", "required"),
        ("whole", {"size": 1, "z": 1}, None, "properties that are not allowed"),
        ("whole", {"size": 1, "a~/b": 0}, "a~/b", "1"),
        ("heirs", {"card": 1}, "address", "required"),
        ("self", {"next": {"next": {"n": -1}}}, "next.next.n", "0"),
        ("self", {"next": {}}, "next", "none of the alternatives"),
        ("look", "a" * 50 + "!", None, "longer than 10"),
        ("look", "b", None, "match"),
        ("has", [], None, "too few"),
        ("has", [1, 1, 1], None, "too many"),
    ],
)
def test_what_does_not_fit_is_told_at_its_place(key: str, value: object, param: str | None, message: str) -> None:
    with pytest.raises(InvalidRequest) as told:
        exact(key)(value)
    assert told.value.param == param
    assert message in told.value.message
