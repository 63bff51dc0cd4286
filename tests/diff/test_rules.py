"""Each rule by a case of its own: two documents, and what is found between them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from generator.config import from_input
from generator.diff import RULES, Finding
from generator.diff.findings import Rule
from generator.layout import TARGETS
from generator.pipeline import comparable, compare

CASES = Path(__file__).with_name("rules")
BY_ID = {rule.id: rule for rule in RULES}


def findings(old: Path, new: Path, *, targets: Sequence[str] = TARGETS) -> tuple[Finding, ...]:
    before, after = (comparable(from_input(path, name="api", targets=targets)) for path in (old, new))
    return compare(before, after)


def shown(found: Finding) -> str:
    """A line of ``expected.txt``."""
    lines = f"{found.old.line if found.old else '-'} -> {found.new.line if found.new else '-'}"
    about = f" ({', '.join(found.operations)})" if found.operations else ""
    return f"{found.severity}[{found.rule}] {lines}: {found.message}{about}\n"


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_case(case: Path, request: pytest.FixtureRequest) -> None:
    """What is found in ``old.yaml`` and ``new.yaml`` is what the case says, the rule that it is named after among it.

    A case of the wire tells what is found on the wire, one of source what is found in what is generated.
    """
    found = [item for item in findings(case / "old.yaml", case / "new.yaml") if item.kind == BY_ID[case.name].kind]
    text = "".join(map(shown, found))
    expected = case / "expected.txt"
    if request.config.getoption("--update-goldens"):
        expected.write_text(text, "utf-8")
    assert text == expected.read_text("utf-8")
    assert case.name in {item.rule for item in found}


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_mirror(case: Path) -> None:
    """Made backwards, the change is found by the mirror of the rule."""
    mirror = BY_ID[case.name].mirror
    found = {item.rule for item in findings(case / "new.yaml", case / "old.yaml")}
    assert " " in mirror or mirror in found


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.users], ids=lambda rule: rule.id)
def test_code_that_nobody_writes_does_not_break(rule: Rule) -> None:
    """Where only a server is generated there are no callers, and where only a client is there are no handlers."""
    case = CASES / rule.id
    other = "client" if rule.users == "handlers" else "server"
    found = findings(case / "old.yaml", case / "new.yaml", targets=["models", other])
    assert rule.users not in {BY_ID[item.rule].users for item in found}


def test_every_rule_has_a_case_a_mirror_and_a_documentation() -> None:
    cases = {case.name for case in CASES.iterdir()}
    assert {rule.id for rule in RULES} == cases
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert " " in rule.mirror or BY_ID[rule.mirror].mirror == rule.id, f"{rule.id} and {rule.mirror}"
        summary, _, rest = rule.doc.partition("\n\n")
        assert summary.endswith(".") and rest.endswith("."), f"{rule.id}: what changed, then what it means"
        if rule.kind == "source" and rule.id.startswith(("caller-", "handler-")):
            assert rule.id.startswith(rule.users.removesuffix("s"))
