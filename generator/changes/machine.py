"""For machines: JSON of our own, annotations on GitHub, SARIF and JUnit."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from generator.diff import RULES, Finding, Rule
from generator.errors import Location
from generator.machine import command, location
from generator.manifest import version
from generator.report import printable
from generator.tree import JsonObject

from .report import Report

_SARIF_LEVELS = {"breaking": "error", "warning": "warning", "info": "note"}
_GITHUB_LEVELS = {"breaking": "error", "warning": "warning", "info": "notice"}


def as_json(report: Report) -> str:
    """One object: what was compared, how grave it is, and every finding with both places."""
    content: JsonObject = {
        "old": report.old,
        "new": report.new,
        "bump": report.bump,
        "counts": report.counts,
        "notes": list(report.notes),
        "findings": [_finding(found) for found in report.findings],
        "ignored": [{**_finding(found), "reason": reason} for found, reason in report.ignored],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def as_github(report: Report) -> str:
    """Workflow commands that annotate the lines of the new document in a pull request; what is gone, those of none."""
    lines: list[str] = []
    for found in report.findings:
        where = found.new or Location("")
        text = f"{printable(found.message)} [{found.rule}]"
        lines.append(command(_GITHUB_LEVELS[found.severity], where.file, where.line, where.column, text))
    return "".join(f"{line}\n" for line in lines)


def as_sarif(report: Report) -> str:
    """SARIF 2.1.0 (OASIS), for code scanning: the rules that found something, and where."""
    used = {found.rule for found in report.findings}
    rules = [rule for rule in RULES if rule.id in used]
    places = {rule.id: index for index, rule in enumerate(rules)}
    run: JsonObject = {
        "tool": {
            "driver": {
                "name": "specloom",
                "semanticVersion": version("specloom"),
                "rules": [_sarif_rule(rule) for rule in rules],
            }
        },
        "results": [_sarif_result(found, places[found.rule]) for found in report.findings],
        "columnKind": "unicodeCodePoints",
    }
    schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def as_junit(report: Report) -> str:
    """JUnit's XML: a test case for each finding, failed where it is breaking, and one that passes where there is none."""
    suite = ElementTree.Element(
        "testsuite",
        name=_xml(f"specloom diff {report.old} {report.new}"),
        tests=str(len(report.findings) or 1),
        failures=str(report.count("breaking")),
    )
    if not report.findings:
        ElementTree.SubElement(suite, "testcase", name="no changes", classname="specloom.diff")
    for found in report.findings:
        where = found.new or found.old
        case = ElementTree.SubElement(
            suite, "testcase", name=_xml(found.message), classname=f"specloom.diff.{found.rule}"
        )
        text = f"{found.severity}: {found.message}\n{where or ''}"
        if found.severity == "breaking":
            ElementTree.SubElement(case, "failure", message=_xml(found.message), type=found.rule).text = _xml(text)
        else:
            ElementTree.SubElement(case, "system-out").text = _xml(text)
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _finding(found: Finding) -> JsonObject:
    return {
        "rule": found.rule,
        "severity": found.severity,
        "kind": found.kind,
        "direction": found.direction or None,
        "message": found.message,
        "operations": list(found.operations),
        "old": location(found.old) if found.old else None,
        "new": location(found.new) if found.new else None,
    }


def _sarif_rule(rule: Rule) -> JsonObject:
    summary, _, rest = rule.doc.partition("\n\n")
    return {
        "id": rule.id,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": " ".join(rest.split())},
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.severity]},
        "properties": {"kind": rule.kind},
    }


def _sarif_result(found: Finding, index: int) -> JsonObject:
    where = found.new or found.old
    result: JsonObject = {
        "ruleId": found.rule,
        "ruleIndex": index,
        "level": _SARIF_LEVELS[found.severity],
        "message": {"text": found.message},
        "locations": [_sarif_place(where)] if where else [],
    }
    if found.new and found.old:
        result["relatedLocations"] = [{**_sarif_place(found.old), "message": {"text": "before"}}]
    return result


def _sarif_place(where: Location) -> JsonObject:
    place: JsonObject = {"artifactLocation": {"uri": where.file}}
    if where.line:
        place["region"] = {"startLine": where.line, "startColumn": max(where.column, 1)}
    return {"physicalLocation": place}


def _xml(text: str) -> str:
    """Text without the characters that XML 1.0 has no way to write."""
    return printable(text)
