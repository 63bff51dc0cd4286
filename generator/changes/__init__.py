"""What a comparison found, told: for people, for machines, for pull requests. Everything here gives a string."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .report import Report
from .text import as_text

__all__ = ["FORMATS", "Report", "as_text"]

FORMATS: Mapping[str, Callable[[Report], str]] = {"text": as_text}
"""The formats by name. ``text`` has options of its own."""
