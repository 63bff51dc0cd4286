"""For people: the gravest first, each with its places, no more than a screen of it unless all is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.diff import Finding
from generator.diff.findings import SEVERITIES
from generator.report import Paint, count, printable

from .report import Report

A_SCREEN = 40
"""How many lines are shown by default."""

_STYLES = {"breaking": "bold red", "warning": "bold yellow", "info": "bold cyan"}
_MOST_NAMED = 3


def as_text(report: Report, *, everything: bool = False, paint: Paint = lambda text, _: text) -> str:
    """The findings by rule, as many of each as fit, and a line of totals. Says so where there are none."""
    groups = _groups(report.findings)
    lines: list[str] = []
    for most in [len(report.findings)] if everything else [len(report.findings), 3, 1, 0]:
        lines = [line for group in groups for line in _group(group, most, paint)]
        if len(lines) <= A_SCREEN - 4:
            break
    else:
        if not everything:
            hidden = len(lines) - (A_SCREEN - 5)
            lines = [*lines[: A_SCREEN - 5], f"... and {count(hidden, 'rule')} more"] if hidden > 0 else lines
    shortened = not everything and any("more" in line for line in lines)
    return "".join(f"{line}\n" for line in [*lines, *([""] if lines else []), *_totals(report, shortened, paint)])


def _groups(findings: Sequence[Finding]) -> list[list[Finding]]:
    """The findings of each rule, in the order in which the first of each comes."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.rule, []).append(finding)
    return sorted(groups.values(), key=lambda group: SEVERITIES.index(group[0].severity))


def _group(group: Sequence[Finding], most: int, paint: Paint) -> Iterator[str]:
    head = f"{paint(group[0].severity, _STYLES[group[0].severity])}[{group[0].rule}]"
    if most == 0:
        others = f" and {len(group) - 1} more" if len(group) > 1 else ""
        yield f"{head}: {printable(group[0].message)}{others}"
        return
    for finding in group[:most]:
        yield f"{head}: {paint(printable(finding.message), 'bold')}"
        yield printable(f"    {_places(finding)}{_about(finding)}")
    if len(group) > most:
        yield f"    ... and {len(group) - most} more of {group[0].rule}"


def _places(finding: Finding) -> str:
    if finding.old is None or finding.new is None:
        where = finding.new or finding.old
        return f"{where}{'' if finding.new else ' (old)'}" if where else ""
    return f"{finding.new}, was {finding.old}" if finding.old.file != finding.new.file else str(finding.new)


def _about(finding: Finding) -> str:
    """The operations that it is about, unless the message names the only one."""
    names = [name for name in finding.operations if name not in finding.message]
    if not names:
        return ""
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"  in {', '.join(names[:_MOST_NAMED])}{more}"


def _totals(report: Report, shortened: bool, paint: Paint) -> Iterator[str]:
    told = ", ".join(f"{report.count(severity)} {severity}" for severity in SEVERITIES if report.count(severity))
    for note in report.notes:
        yield f"{paint('note', 'bold')}: {printable(note)}"
    if not told:
        where = " on the wire" if report.notes else ""
        yield f"no changes{where} from {printable(report.old)} to {printable(report.new)}"
        return
    yield f"{printable(report.old)} -> {printable(report.new)}: {paint(told, 'bold')}; suggested version bump: {report.bump}"
    if shortened:
        yield "`--all` shows every one."
