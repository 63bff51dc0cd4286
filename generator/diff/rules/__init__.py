"""Every rule, area by area."""

from __future__ import annotations

from generator.diff.findings import Rule

from . import operations, properties

RULES: tuple[Rule, ...] = (*operations.RULES, *properties.RULES)
"""All rules, in the order in which they are documented."""
