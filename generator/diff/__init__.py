"""(old, new) -> findings: what changed between two documents, and whom it breaks."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Protocol

from generator.errors import Location
from generator.tree import Pointer

from . import source as generated
from .findings import SEVERITIES, Change, Direction, Finding, Rule
from .rules import RULES
from .source import Package
from .surface import Surface
from .walk import Node, walk

__all__ = ["RULES", "Finding", "Package", "Surface", "in_order", "source", "wire"]


def wire(old: Surface, new: Surface) -> tuple[Finding, ...]:
    """What changed for callers, the gravest first, then in the order of the documents.

    What changed in a schema is found once, with all operations that it is part of.
    """
    walked = walk(old, new)
    about = {"request": _by_subject("request"), "response": _by_subject("response"), "": _by_subject()}

    def found(node: Node) -> Iterator[tuple[Rule, Change]]:
        for pair in node.pairs:
            for rule in about[getattr(pair, "direction", "")].get(type(pair), ()):
                for change in rule.check(pair):
                    yield rule, change

    users: dict[Hashable, list[str]] = {}
    for name, node in walked.operations.items():
        for key in walked.reached(node):
            users.setdefault(key, []).append(name)
    findings = chain(
        _findings(found(walked.whole), old, new, ()),
        *(_findings(found(node), old, new, (name,)) for name, node in walked.operations.items()),
        *(_findings(found(node), old, new, users.get(key, ())) for key, node in walked.schemas.items()),
    )
    return in_order(_once(findings))


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """What changed in a part that operations share is one finding about all of them, and its words name none."""
    shared: dict[tuple[str, Location | None, Location | None, str], list[Finding]] = {}
    for finding in findings:
        about = finding.operations[0] if len(finding.operations) == 1 else ""
        words = finding.message.replace(f" of {about}", "") if about else finding.message
        shared.setdefault((finding.rule, finding.old, finding.new, words), []).append(finding)
    for (*_, words), group in shared.items():
        names = {name for finding in group for name in finding.operations}
        yield group[0] if len(names) < 2 else replace(group[0], message=words, operations=tuple(sorted(names)))


def source(old: Package, new: Package) -> tuple[Finding, ...]:
    """What changed for code that uses what is generated of both, in the same order."""
    users = {"", *(old.users & new.users)}
    by_subject = _by_subject()
    return in_order(
        finding
        for pair, operations in generated.walk(old, new)
        for rule in by_subject.get(type(pair), ())
        if rule.users in users
        for finding in _findings(((rule, change) for change in rule.check(pair)), old, new, operations)
    )


def _by_subject(direction: Direction = "") -> dict[type, list[Rule]]:
    """The rules by what they are about: all of them, or those that are asked about pairs of this direction."""
    found: dict[type, list[Rule]] = {}
    for rule in RULES:
        if not direction or rule.direction in (direction, ""):
            found.setdefault(rule.subject, []).append(rule)
    return found


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, the gravest first, then by where it is in the new document (or was in the old one)."""

    def place(finding: Finding) -> tuple[int, str, int, int, str, str]:
        where = finding.new or finding.old or Location("")
        return (
            SEVERITIES.index(finding.severity),
            where.file,
            where.line,
            where.column,
            finding.rule,
            finding.message,
        )

    return tuple(sorted(dict.fromkeys(findings), key=place))


class _Placed(Protocol):
    """One of the two sides, which knows where its author wrote what."""

    @property
    def locate(self) -> Callable[[Pointer], Location]: ...


def _findings(
    found: Iterable[tuple[Rule, Change]], old: _Placed, new: _Placed, operations: Iterable[str]
) -> Iterator[Finding]:
    about = tuple(sorted(operations))
    for rule, change in found:
        was = old.locate(change.old) if change.old is not None else None
        is_ = new.locate(change.new) if change.new is not None else None
        yield Finding(rule.id, rule.severity, rule.kind, rule.direction, change.message, was, is_, about)
