"""What is to be said of the rules themselves: for ``specloom explain``, and ``docs/rules.md``, which is made from it."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from generator.diff import RULES, Rule
from generator.report import count

_KINDS = {"wire": "Callers on the wire", "source": "Code that uses what is generated"}


def about(identifier: str | None) -> str | None:
    """What a rule finds; all of them, a line each, where none is named; None where there is no such rule."""
    if identifier is None:
        return "".join(f"{rule.severity:<9} {rule.id:<52} {_summary(rule)}\n" for rule in RULES)
    found = next((rule for rule in RULES if rule.id == identifier), None)
    return "\n".join([f"{found.id} ({_class(found)})", "", found.doc, "", _mirror(found), ""]) if found else None


def near(identifier: str) -> str:
    """The rule that somebody may have meant, empty for none."""
    return next(iter(get_close_matches(identifier, [rule.id for rule in RULES], 1)), "")


def as_page() -> str:
    """``docs/rules.md``."""
    return "".join(f"{line}\n" for line in _page())


def _page() -> Iterator[str]:
    yield "# The rules of `specloom diff`"
    yield ""
    yield f"{count(len(RULES), 'rule')}, made from the docstrings of `generator/diff/rules/` (`pytest tests/diff --update-goldens`)."
    yield "`specloom explain ID` prints one of them."
    for kind, title in _KINDS.items():
        yield ""
        yield f"## {title}"
        for rule in RULES:
            if rule.kind == kind:
                yield ""
                yield f"### `{rule.id}`"
                yield ""
                yield f"*{_class(rule)}.* {rule.doc}"
                yield ""
                yield _mirror(rule)


def _class(rule: Rule) -> str:
    return ", ".join(filter(None, [rule.severity, rule.direction]))


def _summary(rule: Rule) -> str:
    return rule.doc.partition("\n")[0]


def _mirror(rule: Rule) -> str:
    return f"No mirror: {rule.mirror}" if " " in rule.mirror else f"Made backwards: `{rule.mirror}`."
