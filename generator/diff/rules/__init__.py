"""Every rule, area by area."""

from __future__ import annotations

from generator.diff.findings import Rule

from . import arrays, notes, numbers, objects, operations, properties, texts, types, unions, values

RULES: tuple[Rule, ...] = (
    *operations.RULES,
    *properties.RULES,
    *types.RULES,
    *values.RULES,
    *numbers.RULES,
    *texts.RULES,
    *arrays.RULES,
    *objects.RULES,
    *unions.RULES,
    *notes.RULES,
)
"""All rules, in the order in which they are documented."""
