"""What holds of a comparison whatever the documents are."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.diff import wire
from generator.tree import JsonObject

from .schemas import SCHEMAS, WITH_UNIONS, changed, document, refused, surface

QUICK = settings(max_examples=400, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck])


def severities(old: JsonObject, new: JsonObject) -> dict[str, set[str]]:
    """How grave the findings are, by direction."""
    found: dict[str, set[str]] = {"request": set(), "response": set()}
    for finding in wire(surface(document(old)), surface(document(new))):
        found[finding.direction].add(finding.severity)
    return found


@QUICK
@given(data=st.data())
def test_breaking_is_what_breaks(data: st.DataObject) -> None:
    old = data.draw(SCHEMAS)
    new = data.draw(changed(old))
    found = severities(old, new)
    for direction, sent, taken in (("request", old, new), ("response", new, old)):
        witness = refused(sent, taken)
        assert ("breaking" in found[direction]) == bool(witness), (direction, witness, old, new, found)
