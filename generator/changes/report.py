"""The findings of one comparison, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, Self, TypeAlias

from generator.diff import Finding
from generator.diff.findings import SEVERITIES, Severity
from generator.pipeline import Comparable, compare
from generator.versions import Version

from .ignored import Entry, without_ignored

Bump: TypeAlias = Literal["major", "minor", "patch", "none"]


@dataclass(frozen=True, slots=True)
class Report:
    """What was compared, by the names that people know, what was found, what of it was to be ignored, and why.

    ``notes`` say what was not compared.
    """

    old: str
    new: str
    findings: tuple[Finding, ...]
    ignored: tuple[tuple[Finding, str], ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, old: Version, new: Version, ignoring: Iterable[Entry] = ()) -> Self:
        """Compares the two; files are named as people find them.

        Raises ``SpecloomError`` for a document that cannot be read, and for an entry that is not needed.
        """
        before, after = old.comparable(), new.comparable()
        placed = [
            replace(found, old=found.old and old.place(found.old), new=found.new and new.place(found.new))
            for found in compare(before, after)
        ]
        notes = [_note(version, it) for version, it in ((old, before), (new, after)) if it.package is None]
        return cls(old.label, new.label, *without_ignored(placed, ignoring), tuple(notes))

    @property
    def counts(self) -> dict[Severity, int]:
        """How many findings there are of each severity."""
        return {severity: self.count(severity) for severity in SEVERITIES}

    def count(self, severity: str) -> int:
        """How many findings are of this severity."""
        return sum(finding.severity == severity for finding in self.findings)

    def is_at_least(self, severity: str) -> bool:
        """Whether a finding is as grave as that, ``any`` being as grave as anything."""
        worst = SEVERITIES[-1] if severity == "any" else severity
        return any(SEVERITIES.index(found.severity) <= SEVERITIES.index(worst) for found in self.findings)

    @property
    def bump(self) -> Bump:
        """Which part of the version has to be counted up (semver.org): what may break is not taken for harmless."""
        if self.count("breaking") or self.count("warning"):
            return "major" if self.count("breaking") else "minor"
        return "minor" if self.findings else "none"


def _note(version: Version, comparable: Comparable) -> str:
    """That generated code was not compared, and why."""
    first, *others = comparable.problems
    more = f" and {len(others)} more" if others else ""
    why = f"{version.place(first.location)}: {first.message} [{first.code}]{more}"
    return f"{version.label} cannot be generated, so changes in generated code are not looked for ({why})"
