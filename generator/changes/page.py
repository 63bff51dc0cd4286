"""One HTML page of integrations, changes and comparisons: whole in itself, it asks for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator import ir
from generator.comparing import Matrix
from generator.render import asset, page_of, policy

from .report import Report


@dataclass(frozen=True, slots=True)
class Standing:
    """An integration: its API, and a line for each file of its package that is out of step."""

    name: str
    api: ir.Api
    drifts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The view of ``report/page.html.jinja``. ``policy`` is its content security policy."""

    title: str
    integrations: tuple[Standing, ...]
    reports: tuple[Report, ...]
    matrices: tuple[Matrix, ...]
    style: str
    script: str
    policy: str


def as_html(
    title: str,
    *,
    integrations: Sequence[Standing] = (),
    reports: Sequence[Report] = (),
    matrices: Sequence[Matrix] = (),
) -> str:
    """The page of what is given."""
    style, script = asset("report/style.css"), asset("report/page.js")
    view = Page(title, tuple(integrations), tuple(reports), tuple(matrices), style, script, policy(style, script))
    return page_of("report/page.html.jinja", view)


def of_report(report: Report) -> str:
    """The page of one comparison."""
    return as_html("What changed", reports=[report])
