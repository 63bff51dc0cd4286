"""Every rule, area by area."""

from __future__ import annotations

from generator.diff.findings import Rule

from . import operations, properties, source_methods, source_models, source_packages, source_types

SOURCE = (*source_packages.RULES, *source_methods.RULES, *source_models.RULES, *source_types.RULES)

RULES: tuple[Rule, ...] = (*operations.RULES, *properties.RULES, *SOURCE)
"""All rules, in the order in which they are documented."""
