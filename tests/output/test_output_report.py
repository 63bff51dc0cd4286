"""What people and machines read: plain text, JSON, GitHub annotations."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from generator import machine, report
from generator.check import Drift
from generator.errors import Diagnostic, Location
from generator.findings import LeftOut

DANGLING = Diagnostic(
    "error",
    "dangling-reference",
    "`#/components/schemas/Imge` leads nowhere",
    Location(
        "spec/api/openapi.yaml",
        41,
        9,
        "#/paths/~1images/post",
        ((40, "      schema:"), (41, "        $ref: '#/components/schemas/Imge'"), (42, "")),
        4,
    ),
    "Did you mean `Image`?",
    (("also used here", Location("spec/api/paths.yaml", 3, 1)),),
)
WARNING = Diagnostic("warning", "empty-title", "the title is empty", Location("spec/api/openapi.yaml", 3, 10))
NOTE = Diagnostic("note", "left-out", "`links` here are not generated yet", Location("spec/api/openapi.yaml", 9, 1))
STALE = Drift(
    "generated/api/models/image.py",
    ("edited", "stale-spec"),
    ("images.yaml changed",),
    7,
    ("--- a", "+++ b", "@@ -7 +7 @@", "-x = 100%", "+x = 50%"),
)
MISSING = Drift("generated/api/py.typed", ("missing",))


def with_excerpt(text: str, *, column: int, width: int = 1) -> str:
    where = Location("a.yaml", 1, column, excerpt=((1, text),), width=width)
    return report.diagnostics([Diagnostic("error", "x", "m", where)])


def test_diagnostics_look_like_a_compilers() -> None:
    assert report.diagnostics([DANGLING, WARNING]) == (
        "warning[empty-title]: the title is empty\n"
        " --> spec/api/openapi.yaml:3:10\n"
        "  = help: Write one under `info`.\n"
        "\n"
        "error[dangling-reference]: `#/components/schemas/Imge` leads nowhere\n"
        "  --> spec/api/openapi.yaml:41:9\n"
        "   |\n"
        "40 |       schema:\n"
        "41 |         $ref: '#/components/schemas/Imge'\n"
        "   |         ^^^^\n"
        "42 |\n"
        "   |\n"
        "   = at: #/paths/~1images/post\n"
        "   = also used here: spec/api/paths.yaml:3:1\n"
        "   = help: Did you mean `Image`?\n"
        "\n"
        "1 error, 1 warning\n"
    )


def test_the_same_finding_is_shown_once() -> None:
    assert report.diagnostics([WARNING, WARNING]).count("title is empty") == 1


def test_nothing_found_is_nothing_printed() -> None:
    assert (report.diagnostics([]), report.drift([])) == ("", "")


def test_notes_are_counted_and_shown_when_asked_for() -> None:
    assert report.diagnostics([NOTE]) == "1 note (-v shows them)\n"
    assert report.diagnostics([WARNING, NOTE]).endswith("\n\n1 warning, 1 note (-v shows them)\n")
    shown = report.diagnostics([WARNING, NOTE], verbose=True)
    assert "note[left-out]: `links` here are not generated yet" in shown
    assert shown.endswith("\n\n1 warning, 1 note\n")


def test_warnings_of_one_code_are_shown_three_times_and_counted() -> None:
    places = [Diagnostic("warning", "x", "m", Location("a.yaml", line, 1)) for line in range(1, 6)]
    text = report.diagnostics([*places, WARNING])
    assert text.count("warning[x]: m") == 3
    assert text.endswith("... and 2 more warning[x]\n\n6 warnings (-v shows them)\n")
    assert report.diagnostics(places, verbose=True).count("warning[x]: m") == 5
    errors = [replace(place, level="error") for place in places]
    assert report.diagnostics(errors).count("error[x]: m") == 5


def test_there_is_always_something_to_do() -> None:
    assert "= help: Write one under `info`." in report.diagnostics([WARNING])
    assert json.loads(machine.as_json([WARNING]))["diagnostics"][0]["hint"] == "Write one under `info`."


def test_findings_come_file_by_file() -> None:
    places = [Location("b.yaml", 1, 1), Location("a.yaml", 9, 1), Location("b.yaml", 2, 1), Location("a.yaml", 2, 1)]
    text = report.diagnostics([Diagnostic("error", "x", "m", place) for place in places])
    assert [line.split()[1] for line in text.splitlines() if "-->" in line] == [
        "a.yaml:2:1", "a.yaml:9:1", "b.yaml:1:1", "b.yaml:2:1",
    ]  # fmt: skip


def test_what_was_left_out_is_named_with_its_place_and_reason() -> None:
    left_out = LeftOut("POST /images", Location("spec/api/openapi.yaml", 12, 5), (DANGLING, WARNING))
    assert report.left_out([left_out]) == (
        "\n1 left out:\n  POST /images  spec/api/openapi.yaml:12:5: "
        "`#/components/schemas/Imge` leads nowhere [dangling-reference] (and 1 more)\n"
    )
    (found,) = json.loads(machine.as_json([], left_out=[left_out]))["left_out"]
    assert (found["name"], found["line"]) == ("POST /images", 12)
    assert [reason["code"] for reason in found["because"]] == ["dangling-reference", "empty-title"]


def test_colours_only_add_escape_codes() -> None:
    coloured = report.diagnostics([DANGLING, WARNING], colour=True)
    assert "\x1b[1;31merror" in coloured
    assert coloured.replace("\x1b[0m", "") != coloured


def test_the_caret_stands_under_its_text_after_tabs_and_wide_characters() -> None:
    lines = with_excerpt("\t图片: bad", column=6, width=3).splitlines()
    assert lines[3] == "1 |     图片: bad"
    assert lines[4] == "  |           ^^^"


def test_a_minified_document_is_shown_around_the_place_only() -> None:
    lines = with_excerpt("x" * 5000 + "HERE" + "y" * 5000, column=5001, width=4).splitlines()
    assert all(len(line) < 150 for line in lines)
    assert lines[4].index("^^^^") == lines[3].index("HERE")


def test_an_underline_does_not_leave_its_line() -> None:
    assert with_excerpt("abc", column=2, width=400).splitlines()[4] == "  |  ^^"


def test_hostile_text_reaches_no_terminal() -> None:
    """Escape codes, a faked second finding, bidirectional overrides, a bell, a lone surrogate: all shown as escapes."""
    evil = "\x1b]0;pwned\x07\nerror: fake\r\u202eabc\x9b31m\ud800"
    item = Diagnostic(
        "error",
        "x",
        evil,
        Location(evil, 1, 1, evil, ((1, evil),)),
        evil,
        ((evil, Location(evil)),),
    )
    drift = Drift(evil, ("edited",), (evil,), 1, (evil,))
    for text in (
        report.diagnostics([item]),
        report.left_out([LeftOut(evil, Location(evil), (item,))]),
        machine.as_json([item], left_out=[LeftOut(evil, Location(evil), (item,))]),
        report.drift([drift]),
        machine.as_github([item], [drift]),
        machine.as_json([item], drift=[drift]),
    ):
        assert all(character == "\n" or character.isprintable() for character in text)
        assert not any(line.startswith("error: fake") for line in text.splitlines())


def test_drift_is_shown_with_reason_diff_and_advice() -> None:
    assert report.drift([MISSING, STALE]) == (
        "generated/api/py.typed: missing\n"
        "generated/api/models/image.py: changed by hand and stale: the spec moved (images.yaml changed)\n"
        "--- a\n"
        "+++ b\n"
        "@@ -7 +7 @@\n"
        "-x = 100%\n"
        "+x = 50%\n"
        "\n"
        "2 files out of step.\n"
        "Run `specloom generate` and commit what it writes.\n"
        "Move what was written by hand into a module of your own; delete the edited files, "
        "and `specloom generate` writes them anew.\n"
    )


def test_json_has_everything() -> None:
    content = json.loads(machine.as_json([DANGLING], drift=[STALE]))
    assert content["drift"][0]["states"] == ["edited", "stale-spec"]
    assert content["drift"][0]["line"] == 7
    found = content["diagnostics"][0]
    assert (found["file"], found["line"], found["column"]) == ("spec/api/openapi.yaml", 41, 9)
    assert found["related"][0]["file"] == "spec/api/paths.yaml"


def test_github_annotations_are_escaped() -> None:
    lines = machine.as_github([DANGLING, WARNING, NOTE], [STALE]).splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("::error file=generated/api/models/image.py,line=7,title=specloom::changed by hand")
    assert "-x = 100%25%0A+x = 50%25" in lines[0]
    assert lines[1].startswith("::warning file=spec/api/openapi.yaml,line=3,col=10,title=specloom::")
    assert "%0ADid you mean" in lines[3]
    assert lines[2].startswith("::notice file=spec/api/openapi.yaml,line=9,")


def test_github_properties_cannot_be_forged() -> None:
    line = machine.as_github([], [Drift("a,line=9::x\n::error::y%", ("missing",))])
    assert line == "::error file=a%2Cline=9%3A%3Ax\\n%3A%3Aerror%3A%3Ay%25,title=specloom::missing\n"


def test_findings_are_named_from_where_people_stand() -> None:
    (found,) = report.found_in(Path("spec/api"), [replace(DANGLING, location=Location("paths/x.yaml", 3, 1))])
    assert str(found.location) == "spec/api/paths/x.yaml:3:1"
    assert found.related[0][1].file == "spec/api/spec/api/paths.yaml"
