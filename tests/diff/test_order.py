"""What is found does not hang on the order in which a document tells of its parts."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from generator.config import from_input
from generator.diff import Finding
from generator.layout import TARGETS
from generator.pipeline import comparable, compare
from generator.tree import Json, is_array, is_object
from generator.yaml12 import parse

OLD = """
openapi: 3.1.0
info: {title: Images, version: "1"}
paths:
  /images:
    get: &list
      parameters:
        - {name: n, in: query, schema: {type: integer}}
        - {name: page, in: query, schema: {type: integer}}
        - {name: X-Trace, in: header, schema: {type: string}}
      responses:
        "200": {$ref: "#/components/responses/Images"}
        "404": {$ref: "#/components/responses/Mistake"}
        "409": {description: not now}
    post: *list
  /images/{id}:
    get:
      operationId: one
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      responses:
        "200": {$ref: "#/components/responses/Images"}
        "404": {$ref: "#/components/responses/Mistake"}
components:
  responses:
    Images:
      description: said
      headers: {X-Left: {schema: {type: integer}}, X-Cost: {schema: {type: integer}}}
      content:
        application/json: {schema: {type: object, properties: {url: {type: string}}}}
        text/plain: {schema: {type: string}}
    Mistake:
      description: said
      content:
        application/json: {schema: {type: object, required: [message], properties: {message: {type: string}}}}
"""
CHANGES = {
    "in: query, schema: {type: integer}": "in: query, required: true, schema: {type: integer}",
    "{name: X-Trace, in: header": "{name: X-Trace, in: cookie",
    '"409"': '"423"',
    "/images/{id}": "/pictures/{image}",
    "name: id": "name: image",
    ", X-Cost: {schema: {type: integer}}": "",
    "text/plain": "text/csv",
    "required: [message], ": "",
}
SHUFFLED = ("paths", "parameters", "responses", "headers", "content", "properties", "components")


def changed() -> str:
    text = OLD
    for was, is_ in CHANGES.items():
        assert was in text
        text = text.replace(was, is_)
    return text


def shuffled(node: Json, dice: random.Random, key: str = "") -> Json:
    """The same document with its parts in another order."""
    if is_array(node):
        items = [shuffled(item, dice) for item in node]
        if key in SHUFFLED:
            dice.shuffle(items)
        return items
    if is_object(node):
        entries = [(name, shuffled(value, dice, name)) for name, value in node.items()]
        if key in SHUFFLED:
            dice.shuffle(entries)
        return dict(entries)
    return node


def found(tmp_path: Path, old: Json, new: Json) -> list[tuple[str, str, tuple[str, ...]]]:
    sides: list[Path] = []
    for name, tree in (("old", old), ("new", new)):
        sides.append(tmp_path / f"{name}.json")
        sides[-1].write_text(json.dumps(tree), "utf-8")
    before, after = (comparable(from_input(path, name="api", targets=TARGETS)) for path in sides)
    return sorted(map(told, compare(before, after)))


def told(finding: Finding) -> tuple[str, str, tuple[str, ...]]:
    """All of it but its lines, which do move."""
    return finding.rule, finding.message, finding.operations


@pytest.mark.parametrize("seed", range(5))
def test_order_changes_nothing(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    old, new = parse(OLD), parse(changed())
    expected = found(tmp_path, old, new)
    assert {rule for rule, _, _ in expected} >= {"parameter-moved", "operation-moved", "error-status-changed"}
    assert found(tmp_path, shuffled(old, dice), shuffled(new, dice)) == expected


def test_another_order_alone_is_no_change(tmp_path: Path) -> None:
    old = parse(OLD)
    assert found(tmp_path, old, shuffled(old, random.Random(1))) == []
