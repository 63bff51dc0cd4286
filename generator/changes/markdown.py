"""For a comment on a pull request: a table for each severity."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diff import Finding
from generator.diff.findings import SEVERITIES
from generator.report import count, printable

from .report import Report

_TITLES = {"breaking": "Breaking", "warning": "May break", "info": "Harmless"}
_MOST_NAMED = 3


def as_markdown(report: Report) -> str:
    """The findings in Markdown as GitHub and GitLab have it; what is harmless is folded away."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield f"### {_text(report.old)} → {_text(report.new)}"
    yield ""
    for note in report.notes:
        yield f"> {_text(note)}"
        yield ""
    if not report.findings:
        yield "No changes on the wire." if report.notes else "No changes."
        return
    told = [f"{number} {severity}" for severity, number in report.counts.items() if number]
    yield f"{', '.join(told)}. Suggested version bump: **{report.bump}**."
    for severity in SEVERITIES:
        found = [finding for finding in report.findings if finding.severity == severity]
        if not found:
            continue
        folded = severity == "info"
        yield ""
        yield (
            f"<details><summary>{count(len(found), 'change')} without harm</summary>"
            if folded
            else (f"#### {_TITLES[severity]}")
        )
        yield ""
        yield "| what | where | rule |"
        yield "|---|---|---|"
        yield from map(_row, found)
        if folded:
            yield ""
            yield "</details>"


def _row(found: Finding) -> str:
    where = found.new or found.old
    named = ", ".join(found.operations[:_MOST_NAMED])
    more = f" and {len(found.operations) - _MOST_NAMED} more" if len(found.operations) > _MOST_NAMED else ""
    about = f"<br>{_text(named)}{more}" if named and named not in found.message else ""
    place = f"`{_code(str(where))}`{'' if found.new else ' (old)'}" if where else ""
    return f"| {_text(found.message)}{about} | {place} | `{found.rule}` |"


def _text(text: str) -> str:
    """Text that is shown as it is, its code spans kept: nothing in it is HTML, a link, a mention or the end of a cell."""
    pieces = printable(text).split("`")
    if len(pieces) % 2 == 0:  # a backtick of the document's own
        return _plain(printable(text).replace("`", "'"))
    return "".join(f"`{_code(piece)}`" if index % 2 else _plain(piece) for index, piece in enumerate(pieces))


def _code(text: str) -> str:
    return text.replace("`", "'").replace("|", "\\|")


def _plain(text: str) -> str:
    for mark in "\\*_[]~#@":
        text = text.replace(mark, f"\\{mark}")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
