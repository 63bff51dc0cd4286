"""The findings of one comparison, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, Self, TypeAlias

from generator.diff import Finding
from generator.diff.findings import SEVERITIES, Severity
from generator.versions import Version

from .ignored import Entry, without_ignored

Bump: TypeAlias = Literal["major", "minor", "patch", "none"]


@dataclass(frozen=True, slots=True)
class Report:
    """What was compared, by the names that people know, what was found, and what of it was to be ignored, and why."""

    old: str
    new: str
    findings: tuple[Finding, ...]
    ignored: tuple[tuple[Finding, str], ...] = ()

    @classmethod
    def of(cls, findings: Iterable[Finding], old: Version, new: Version, ignoring: Iterable[Entry] = ()) -> Self:
        """The findings with the files as people find them. Raises ``SpecloomError`` for an entry that is not needed."""
        placed = [
            replace(found, old=found.old and old.place(found.old), new=found.new and new.place(found.new))
            for found in findings
        ]
        return cls(old.label, new.label, *without_ignored(placed, ignoring))

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
