"""One change is told once, wherever in a document it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.diff.test_rules import findings

HEAD = """
openapi: 3.1.0
info: {title: Images, version: "1"}
"""
SHARED = """
paths:
  /images:
    get:
      parameters: [{$ref: "#/components/parameters/N"}]
      responses: {"204": {description: done}}
    delete:
      parameters: [{$ref: "#/components/parameters/N"}]
      responses: {"204": {description: done}}
components:
  parameters:
    N: {name: n, in: query, schema: {type: string}}
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
"""
ITEM = """
paths:
  /images/{id}:
    get:
      operationId: one
      security: [{key: []}]
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: said, content: {application/json: {schema: {type: string}}}}
        "404": {description: said}
        "4XX": {description: said}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
"""


def told(tmp_path: Path, old: str, new: str) -> list[str]:
    for name, text in (("old", old), ("new", new)):
        (tmp_path / f"{name}.yaml").write_text(HEAD + text, "utf-8")
    return [
        f"{f.rule}: {f.message}" for f in findings(tmp_path / "old.yaml", tmp_path / "new.yaml") if f.kind == "wire"
    ]


@pytest.mark.parametrize(
    ("document", "was", "is_", "expected"),
    [
        (SHARED, "in: query,", "in: query, required: true,", ["parameter-became-required: the query parameter `n` has to be sent now"]),
        (SHARED, "components:", "security: [{key: []}]\ncomponents:", ["security-required: a call needs `key` now, needed nothing"]),
        (SHARED, "    delete:\n", "    put:\n", ["operation-removed: DELETE /images is gone", "operation-added: PUT /images is new"]),
        (ITEM, "id", "image", ["path-parameter-renamed: the path parameter `image` of GET /images/{image} was called `id`"]),
        (ITEM, "/images/", "/v2/images/", ["operation-moved: GET /images/{id} is GET /v2/images/{id} now"]),
        (ITEM, "key:", "apiKey:", ["security-scheme-renamed: the security scheme `apiKey` was called `key`"]),
        (ITEM, "      security: [{key: []}]\n", "", ["security-lifted: a call of GET /images/{id} needs no credentials any more"]),
        (ITEM, '"200"', '"201"', ["success-status-changed: the 201 answer of GET /images/{id} had the status 200"]),
        (ITEM, '        "404": {description: said}\n', "", ["status-became-range: the 4XX answer of GET /images/{id} takes the place of the 404 one"]),
        (ITEM, "application/json", '"*/*"', ["response-media-type-added: the 200 answer of GET /images/{id} as */* is new"]),
        (ITEM, ", content: {application/json: {schema: {type: string}}}", "", ["response-body-removed: the 200 answer of GET /images/{id} has no body any more"]),
    ],
)  # fmt: skip
def test_one_change_is_told_once(tmp_path: Path, document: str, was: str, is_: str, expected: list[str]) -> None:
    changed = re.sub(rf"\b{was}" if was[0].isalpha() else re.escape(was), is_, document)
    assert changed != document
    assert told(tmp_path, document, changed) == expected


def test_what_is_written_otherwise_is_no_change(tmp_path: Path) -> None:
    """A body that needs fields is needed, whether or not the document says so; a value alone is written in one way."""
    old = """
paths:
  /images:
    post:
      parameters: [{name: n, in: query, schema: {type: integer}}]
      requestBody:
        content: {application/json: {schema: {type: object, required: [prompt], properties: {prompt: {type: string}}}}}
      responses: {"204": {description: done}}
"""
    new = old.replace("requestBody:", "requestBody:\n        required: true").replace(
        "in: query", "in: query, explode: false"
    )
    assert told(tmp_path, old, new) == []


@pytest.mark.parametrize(
    ("was", "is_", "rule"),
    [
        ("not: {enum: [a, b]}", "not: {enum: [a]}", "request-conditions-widened"),
        ("not: {enum: [a]}", "not: {enum: [a, b]}", "request-conditions-narrowed"),
        ("if: {maxLength: 3}, then: {minLength: 1}", "if: {maxLength: 3}, then: {minLength: 2}", "request-conditions-narrowed"),
        ("not: {enum: [a]}", "not: {enum: [b]}", "request-conditions-narrowed"),
        ("if: {maxLength: 3}, then: {$ref: '#/x-then/a'}", "if: {maxLength: 3}, then: {$ref: '#/x-then/b'}", "request-conditions-widened"),
    ],
)  # fmt: skip
def test_conditions_with_a_schema_move_as_it_does(was: str, is_: str, rule: str, tmp_path: Path) -> None:
    """The first of them by its text, the last by what it refers to."""
    operation = """
paths:
  /images:
    get:
      parameters: [{name: n, in: query, schema: {type: string, SAID}}]
      responses: {"204": {description: done}}
x-then:
  a: {minLength: 2}
  b: {minLength: 1}
"""
    (found,) = told(tmp_path, operation.replace("SAID", was), operation.replace("SAID", is_))
    assert found.startswith(f"{rule}: ")


@pytest.mark.parametrize(
    ("was", "is_", "rule"),
    [
        ("type: integer", "type: string", "request-type-added"),
        ("type: string", "type: integer", "request-type-removed"),
        ("type: integer", "type: string, format: uuid", "request-type-replaced"),
        ("type: integer", "type: array, items: {type: integer}", "request-type-added"),
        ("type: array, items: {type: integer}", "type: integer", "request-type-removed"),
        ("type: integer", "type: array, items: {type: boolean}", "request-type-replaced"),
    ],
)
def test_a_parameter_that_may_be_any_string_may_be_a_number(was: str, is_: str, rule: str, tmp_path: Path) -> None:
    """In a query all is text: `?n=2` is a string as well, and a list of one."""
    operation = """
paths:
  /images:
    get:
      parameters: [{name: n, in: query, schema: {SAID}}]
      responses: {"204": {description: done}}
"""
    (found,) = told(tmp_path, operation.replace("SAID", was), operation.replace("SAID", is_))
    assert found.startswith(f"{rule}: ")


@pytest.mark.parametrize(
    ("media_type", "rules"),
    [
        ("application/json", ["request-type-replaced", "request-type-replaced"]),
        ("application/x-www-form-urlencoded", ["request-type-added", "request-type-added"]),
        ("application/problem+xml", ["request-type-added", "request-type-added"]),
        ("multipart/form-data", ["request-type-replaced", "request-type-added"]),
    ],
)
def test_forms_and_xml_are_text_and_objects_in_parts_of_a_form_are_not(
    media_type: str, rules: list[str], tmp_path: Path
) -> None:
    operation = f"""
paths:
  /images:
    post:
      requestBody:
        required: true
        content:
          {media_type}:
            schema:
              type: object
              properties:
                n: {{type: integer}}
                size: {{type: object, properties: {{width: {{type: integer}}}}}}
      responses: {{"204": {{description: done}}}}
"""
    found = told(tmp_path, operation, operation.replace("integer", "string"))
    assert [message.partition(":")[0] for message in found] == rules


@pytest.mark.parametrize("said", ["pattern: ''", "pattern: .*"])
def test_a_pattern_that_any_string_fits_says_nothing(said: str, tmp_path: Path) -> None:
    operation = """
paths:
  /images:
    get:
      parameters: [{name: n, in: query, schema: {type: string, SAID}}]
      responses: {"204": {description: done}}
"""
    plain = operation.replace(", SAID", "")
    assert told(tmp_path, plain, operation.replace("SAID", said)) == []
    (found,) = told(tmp_path, operation.replace("SAID", said), operation.replace("SAID", "pattern: ^a"))
    assert found.startswith("request-pattern-added: ")


def test_a_value_that_stands_for_a_schema_of_another_name_is_no_change(tmp_path: Path) -> None:
    """The members hold the union that they are members of, so that whether they are equal cannot be decided."""
    old = """
paths:
  /pets:
    get:
      responses: {"200": {description: a pet, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}}
components:
  schemas:
    Pet:
      type: object
      required: [kind]
      properties: {kind: {type: string}}
      oneOf: [{$ref: "#/components/schemas/Cat"}, {$ref: "#/components/schemas/Dog"}]
      discriminator: {propertyName: kind, mapping: {dog: "#/components/schemas/Dog"}}
    Cat: {type: object, allOf: [{$ref: "#/components/schemas/Pet"}], properties: {lives: {type: integer}}}
    Dog: {type: object, allOf: [{$ref: "#/components/schemas/Pet"}], properties: {name: {type: string}}}
"""
    assert told(tmp_path, old, old.replace("Dog", "Hound")) == []


def test_a_list_of_known_values_beside_a_closed_one_says_nothing(tmp_path: Path) -> None:
    operation = """
paths:
  /images:
    get:
      parameters: [{name: n, in: query, schema: {type: string, enum: [a, b], x-extensible-enum: [a, b]}}]
      responses: {"204": {description: done}}
"""
    (found,) = told(tmp_path, operation, operation.replace("[a, b]", "[a]"))
    assert found.startswith("request-enum-value-removed: ")
