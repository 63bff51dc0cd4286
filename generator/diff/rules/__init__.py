"""Every rule, area by area."""

from __future__ import annotations

from generator.diff.findings import Rule

from . import bodies, document, operations, parameters, properties, responses, security, streams, webhooks

RULES: tuple[Rule, ...] = (
    *operations.RULES,
    *parameters.RULES,
    *bodies.RULES,
    *properties.RULES,
    *responses.RULES,
    *streams.RULES,
    *security.RULES,
    *webhooks.RULES,
    *document.RULES,
)
"""All rules, in the order in which they are documented."""
