"""Api -> files. A target is a module with ``make(api) -> [Artifact]`` and a template folder."""

from __future__ import annotations

from collections.abc import Callable

from generator import ir

from . import answers, client, models, readme, server
from .python import Artifact

__all__ = ["TARGETS", "Artifact", "Target", "readme"]

Target = Callable[[ir.Api], list[Artifact]]

TARGETS: tuple[tuple[str, Target], ...] = (
    ("models", models.make),
    ("server", server.make),
    ("client", client.make),
    ("answers", answers.make),
)
"""Every target by its name in ``targets:``, where ``answers`` is for ``serve`` alone. The models are what the others speak of."""
