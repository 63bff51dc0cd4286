#!/usr/bin/env python3
"""Whether ``specloom diff`` and oasdiff call the same changes breaking, by the pairs of documents in oasdiff's own tests.

usage: python benchmarks/agreement.py OASDIFF [-v]

OASDIFF is a checkout of github.com/oasdiff/oasdiff. A pair counts if one of its tests says what the tool as a whole finds:
a finding of the level ERR, or none with all checks on. Tests that ask one check alone say nothing of the others, so that
pairs are left out for which they show no ERR. ``-v`` lists the pairs on which the two differ.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generator.config import from_input
from generator.errors import SpecloomError
from generator.layout import TARGETS
from generator.pipeline import Comparable, comparable, compare

LEVEL = re.compile(r"(\w+Id)\s*,\s*(ERR|WARN|INFO)\b")
CONSTANT = re.compile(r'(\w+)\s*=\s*"(\.\./data/[^"]+)"')
OPENED = re.compile(r'open\((?:"([^"]+)"|(\w+)|getDeprecationFile\("([^"]+)"\))\)')
DENIED = re.compile(r"(?:require|assert)\.(?:False|NotEqual|NotContains)")
NOTHING = re.compile(r"require\.Empty\(t, (?:errs|breakingChanges)\)|Len\(t, errs, 0\)")
OTHERWISE = re.compile(
    r"s[12]\.Spec|\.Spec\.Paths|SetStability|StabilityLevel|With(?:Deprecation|OptionalCheck|Severity)"
)
"""Tests that change a document after it was opened, or how grave its changes are."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a test says of a pair. ``whole`` says that it asks for all that the tool finds."""

    old: Path
    new: Path
    breaks: bool
    whole: bool


def verdicts(folder: Path) -> Iterator[Verdict]:
    """What the tests of the checkers say, one by one."""
    levels = dict(LEVEL.findall((folder / "checker" / "rules.go").read_text("utf-8")))
    for file in sorted((folder / "checker").glob("*_test.go")):
        text = file.read_text("utf-8")
        constants = dict(CONSTANT.findall(text))
        for function in text.split("\nfunc Test")[1:]:
            opened = [
                path or constants.get(name, "") or (deprecated and f"../data/deprecation/{deprecated}")
                for path, name, deprecated in OPENED.findall(function)
            ]
            found = [(folder / "checker" / path).resolve() for path in opened if path.startswith("../data/")]
            said = "\n".join(line for line in function.splitlines() if not DENIED.search(line))
            rules = set(re.findall(r"checker\.(\w+Id)\b", said))
            is_told = (rules or NOTHING.search(said)) and not OTHERWISE.search(function)
            if len(found) == 2 and found[0] != found[1] and is_told:
                breaks = any(levels.get(rule) == "ERR" for rule in rules)
                yield Verdict(found[0], found[1], breaks, "singleCheckConfig" not in function)


def pairs(folder: Path) -> dict[tuple[Path, Path], bool]:
    """Whether the tool calls a pair breaking, for those of which its tests tell."""
    found: dict[tuple[Path, Path], list[Verdict]] = {}
    for verdict in verdicts(folder):
        found.setdefault((verdict.old, verdict.new), []).append(verdict)
    return {
        pair: any(verdict.breaks for verdict in group)
        for pair, group in found.items()
        if any(verdict.breaks or verdict.whole for verdict in group)
    }


def read(path: Path) -> Comparable:
    return comparable(from_input(path, name="api", targets=TARGETS))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="OASDIFF")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    alike = total = 0
    for (old, new), breaks in pairs(options.folder).items():
        total += 1
        try:
            found = [finding for finding in compare(read(old), read(new)) if finding.kind == "wire"]
        except SpecloomError as problem:
            print(f"refused: {old.name}: {problem}")
            continue
        alike += any(finding.severity == "breaking" for finding in found) == breaks
        if options.verbose and any(finding.severity == "breaking" for finding in found) != breaks:
            said = ", ".join(sorted({f"{finding.severity} {finding.rule}" for finding in found})) or "nothing"
            print(f"{old.name} -> {new.name}: {'breaking' if breaks else 'not breaking'} there, here {said}")
    print(f"{alike} of {total} pairs alike ({alike / total:.1%})")


if __name__ == "__main__":
    main()
