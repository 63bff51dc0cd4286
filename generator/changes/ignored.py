"""Findings that somebody has looked at and lives with: an entry for each, with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from generator.diff import RULES, Finding
from generator.errors import Diagnostic, Location, SpecloomError
from generator.files import read_file
from generator.load import load
from generator.tree import Json, is_array, is_object

_KEYS = ("rule", "operation", "message", "reason")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is ignored: a rule's findings, only those of an operation or with these words in their message if it says so."""

    rule: str
    operation: str
    message: str
    reason: str
    where: Location

    def covers(self, found: Finding) -> bool:
        """Whether the finding is one of those."""
        return (
            found.rule == self.rule
            and (not self.operation or self.operation in found.operations)
            and self.message in found.message
        )


def read_ignored(file: Path) -> tuple[Entry, ...]:
    """The entries of a YAML file, a list under ``ignore``.

    Raises :class:`SpecloomError` with everything that is wrong with it, and ``OSError`` where it cannot be read.
    """
    document = load(read_file(file, name=file.as_posix()), name=file.as_posix())
    listed: Json = document.root.get("ignore") if is_object(document.root) else None
    wrong: list[Diagnostic] = []
    entries: list[Entry] = []
    known = {rule.id for rule in RULES}

    def refuse(message: str, hint: str, *pointer: str | int) -> None:
        wrong.append(Diagnostic("error", "ignore-entry", message, document.locate(pointer), hint))

    if not is_array(listed):
        refuse(
            "a file of ignored findings is a mapping with the list `ignore`", "write `ignore:` and the entries below it"
        )
    for index, item in enumerate(listed if is_array(listed) else ()):
        at = ("ignore", index)
        texts = {key: item.get(key, "") for key in _KEYS} if is_object(item) else {}
        if not texts or not all(isinstance(value, str) for value in texts.values()) or {*item} - {*_KEYS}:
            refuse(
                "an entry has the keys rule and reason, and may have operation and message", "all of them are text", *at
            )
        elif texts["rule"] not in known:
            refuse(f"there is no rule {texts['rule']!r}", "`specloom explain` lists them", *at, "rule")
        elif not texts["reason"].strip():
            refuse("an entry says why its findings are ignored", "add `reason`", *at)
        else:
            entries.append(Entry(**texts, where=document.locate(at)))
    if wrong:
        raise SpecloomError(wrong)
    return tuple(entries)


def without_ignored(
    findings: Iterable[Finding], entries: Iterable[Entry]
) -> tuple[tuple[Finding, ...], tuple[tuple[Finding, str], ...]]:
    """The findings that count, and those that do not, with the reason.

    Raises :class:`SpecloomError` for entries that nothing was found for: they would hide what comes later.
    """
    entries = tuple(entries)
    counting: list[Finding] = []
    ignored: list[tuple[Finding, str]] = []
    used: set[Entry] = set()
    for found in findings:
        covering = next((entry for entry in entries if entry.covers(found)), None)
        if covering is None:
            counting.append(found)
        else:
            used.add(covering)
            ignored.append((found, covering.reason))
    unused = [
        Diagnostic("error", "unused-entry", f"nothing was found of {entry.rule} as here", entry.where, "take it out")
        for entry in entries
        if entry not in used
    ]
    if unused:
        raise SpecloomError(unused)
    return tuple(counting), tuple(ignored)
