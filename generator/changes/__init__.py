"""What a comparison found, told: for people, for machines, for pull requests. Everything here gives a string."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .ignored import read_ignored
from .machine import as_github, as_json, as_junit, as_sarif
from .markdown import as_markdown
from .report import Report
from .rules import about, as_page, near
from .text import as_text

__all__ = ["FORMATS", "Report", "about", "as_page", "as_text", "near", "read_ignored"]

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
    "github": as_github,
    "sarif": as_sarif,
    "junit": as_junit,
}
"""The formats by name."""
