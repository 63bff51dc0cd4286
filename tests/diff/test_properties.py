"""What holds of a comparison whatever the documents are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from generator.config import Integration, find_integrations, from_input
from generator.diff import RULES, Finding, wire
from generator.errors import SpecloomError
from generator.pipeline import comparable, compare
from generator.tree import Json, JsonObject
from tests.corpus.documents import documents

from .schemas import (
    KINDS,
    NAMES,
    SCALARS,
    SCHEMAS,
    WITH_UNIONS,
    changed,
    document,
    fitting,
    has_overlaps,
    refused,
    respelt,
    surface,
    told,
)

T = TypeVar("T")
INTEGRATIONS = find_integrations(Path(__file__).parents[2])
MIRRORS = {rule.id: rule.mirror for rule in RULES}
ADDED = {"request-optional-property-added", "request-required-property-added"}
ADDED |= {"response-optional-property-added", "response-required-property-added"}


def examples(number: int) -> Callable[[T], T]:
    """So many examples, the same in each run."""
    return settings(
        max_examples=number, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck]
    )


def found(old: JsonObject, new: JsonObject) -> tuple[Finding, ...]:
    return wire(surface(document(old)), surface(document(new)))


def severities(old: JsonObject, new: JsonObject) -> dict[str, set[str]]:
    """How grave the findings are, by direction."""
    graded: dict[str, set[str]] = {"request": set(), "response": set()}
    for finding in found(old, new):
        graded[finding.direction].add(finding.severity)
    return graded


def rules(findings: tuple[Finding, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return sorted((finding.rule, finding.operations) for finding in findings)


@pytest.mark.parametrize("kind", [*KINDS, "any"])
@examples(150)
@given(data=st.data())
def test_breaking_is_what_breaks(kind: str, data: st.DataObject) -> None:
    """A change breaks requests if there is one that fits the old schema and not the new one; answers the other way round."""
    old = data.draw(KINDS.get(kind, SCHEMAS))
    new = data.draw(changed(old, inside=kind == "any"))
    graded = severities(old, new)
    for direction, sent, taken in (("request", old, new), ("response", new, old)):
        assert ("breaking" in graded[direction]) == bool(refused(sent, taken)), direction


@examples(150)
@given(data=st.data())
def test_what_breaks_is_not_passed_over(data: st.DataObject) -> None:
    """The same of unions, and of two schemas that have nothing to do with each other, as far as it can be decided."""
    old = data.draw(WITH_UNIONS)
    new = data.draw(changed(old) | WITH_UNIONS)
    graded = severities(old, new)
    for direction, sent, taken in (("request", old, new), ("response", new, old)):
        if refused(sent, taken):
            assert not graded[direction].isdisjoint(("breaking", "warning")), direction


@examples(60)
@given(data=st.data())
def test_no_alarm_about_unions_of_unlike_members(data: st.DataObject) -> None:
    old = data.draw(WITH_UNIONS.filter(lambda schema: not has_overlaps(schema)))
    new = data.draw(changed(old).filter(lambda schema: not has_overlaps(schema)))
    graded = severities(old, new)
    for direction, sent, taken in (("request", old, new), ("response", new, old)):
        assert refused(sent, taken) or "breaking" not in graded[direction], direction


@examples(150)
@given(data=st.data())
def test_what_is_drawn_from_a_schema_is_let_through_unless_a_finding_says_not(data: st.DataObject) -> None:
    """The judges of the tests above look at edges; this one asks at random."""
    old = data.draw(WITH_UNIONS)
    new = data.draw(changed(old))
    graded = severities(old, new)
    for direction, sent, taken in (("request", old, new), ("response", new, old)):
        if graded[direction].isdisjoint(("breaking", "warning")):
            value = data.draw(fitting(sent).filter(Draft202012Validator(told(sent)).is_valid))
            assert Draft202012Validator(taken).is_valid(value), direction


@examples(60)
@given(schema=WITH_UNIONS)
def test_what_did_not_change_is_not_found(schema: JsonObject) -> None:
    assert found(schema, schema) == ()


@examples(200)
@given(data=st.data())
def test_the_same_in_other_words_is_no_change(data: st.DataObject) -> None:
    old = data.draw(WITH_UNIONS)
    new = data.draw(respelt(old))
    assert found(old, new) == ()
    assert found(new, old) == ()


@examples(60)
@given(data=st.data())
def test_the_order_of_names_is_nothing(data: st.DataObject) -> None:
    """Properties, required names, values, components and paths in another order: nothing changed, nor does what changed."""
    old = data.draw(WITH_UNIONS)
    new = data.draw(changed(old))
    shuffled = _reversed(document(new))
    assert wire(surface(document(new)), surface(shuffled)) == ()
    assert rules(wire(surface(document(old)), surface(shuffled))) == rules(found(old, new))


def _reversed(node: Json, key: str = "") -> Json:
    if isinstance(node, dict):
        return {name: _reversed(node[name], name) for name in reversed(node)}
    if isinstance(node, list):
        items = [_reversed(item) for item in node]
        return items[::-1] if key in ("required", "enum") else items
    return node


@examples(60)
@given(data=st.data())
def test_what_is_taken_away_and_put_back_is_found_both_times(data: st.DataObject) -> None:
    """A property in each direction, by the rule and by its mirror, and nothing beside it."""
    properties = data.draw(st.dictionaries(st.sampled_from(NAMES), SCALARS, min_size=1))
    name = data.draw(st.sampled_from(sorted(properties)))
    required = data.draw(st.booleans())
    whole = {"type": "object", "properties": properties, "required": [name] if required else []}
    less = {**whole, "properties": {key: value for key, value in properties.items() if key != name}, "required": []}
    put_back = {finding.rule for finding in found(less, whole)}
    assert put_back == {rule for rule in ADDED if ("required" in rule) == required}
    assert {finding.rule for finding in found(whole, less)} == {MIRRORS[rule] for rule in put_back}


def test_a_property_that_is_asked_for_and_not_described_is_one() -> None:
    asking = {"type": "object", "required": ["a"]}
    put_back = {finding.rule for finding in found({"type": "object"}, asking)}
    assert put_back == {"request-required-property-added", "response-required-property-added"}


def test_an_operation_is_taken_away_and_put_back() -> None:
    whole = document({"type": "string"})
    less = {**whole, "paths": {}}
    assert [finding.rule for finding in wire(surface(whole), surface(less))] == ["operation-removed"]
    assert [finding.rule for finding in wire(surface(less), surface(whole))] == ["operation-added"]


@pytest.mark.parametrize("integration", INTEGRATIONS, ids=lambda integration: integration.name)
def test_an_integration_is_what_it_is(integration: Integration) -> None:
    assert compare(comparable(integration), comparable(integration)) == ()


@pytest.mark.corpus
def test_a_real_document_is_what_it_is() -> None:
    compared = 0
    for path in documents(bytes_at_most=200_000):
        try:
            document = comparable(from_input(path, name="api", targets=()))
        except SpecloomError:
            continue
        assert compare(document, document) == (), path.name
        compared += 1
    assert compared
