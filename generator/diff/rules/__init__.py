"""Every rule, area by area."""

from __future__ import annotations

from generator.diff.findings import Rule

from . import (
    arrays,
    bodies,
    conditions,
    document,
    notes,
    numbers,
    objects,
    operations,
    parameters,
    properties,
    responses,
    security,
    source_methods,
    source_models,
    source_packages,
    source_types,
    streams,
    texts,
    types,
    unions,
    values,
    webhooks,
)

WIRE = (
    *operations.RULES,
    *parameters.RULES,
    *bodies.RULES,
    *responses.RULES,
    *properties.RULES,
    *types.RULES,
    *values.RULES,
    *numbers.RULES,
    *texts.RULES,
    *arrays.RULES,
    *objects.RULES,
    *unions.RULES,
    *conditions.RULES,
    *notes.RULES,
    *streams.RULES,
    *security.RULES,
    *webhooks.RULES,
    *document.RULES,
)
SOURCE = (*source_packages.RULES, *source_methods.RULES, *source_models.RULES, *source_types.RULES)

RULES: tuple[Rule, ...] = (*WIRE, *SOURCE)
"""All rules, in the order in which they are documented."""
