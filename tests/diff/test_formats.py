"""How findings are told, and what exit codes, ignored findings and revisions of git do."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from generator.changes import as_page
from generator.cli import main
from generator.diff import RULES

CASES = Path(__file__).with_name("rules")
BREAKING = CASES / "request-property-became-required"
HARMLESS = CASES / "server-added"
IN_CODE = "caller-has-to-give-attribute"
PAGE = Path(__file__).parents[2] / "docs/rules.md"


def diff(case: Path, *arguments: str) -> int:
    return main(["diff", str(case / "old.yaml"), str(case / "new.yaml"), *arguments])


@pytest.mark.parametrize(
    ("case", "fail_on", "code"),
    [
        (BREAKING, "breaking", 1),
        (BREAKING, "any", 1),
        (HARMLESS, "breaking", 0),
        (HARMLESS, "warning", 0),
        (HARMLESS, "any", 1),
    ],
)
def test_exit_code(case: Path, fail_on: str, code: int) -> None:
    assert diff(case, "--fail-on", fail_on) == code
    assert diff(case) == 0


def test_a_document_that_does_not_load_is_never_no_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("openapi: 3.1.0\npaths: [")
    for arguments in ([str(broken), str(BREAKING / "new.yaml")], [str(BREAKING / "new.yaml"), str(broken)]):
        assert main(["diff", *arguments]) == 2
        out, err = capsys.readouterr()
        assert out == "" and "broken.yaml:2" in err


def test_json_has_every_finding_with_both_places(capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(BREAKING, "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["bump"] == "major" and told["counts"]["breaking"] == 2 and told["notes"] == []
    (found,) = [found for found in told["findings"] if found["kind"] == "wire"]
    assert found["rule"] == BREAKING.name and found["operations"] == ["POST /images"]
    assert found["old"]["line"] == found["new"]["line"] == 14
    assert found["new"]["file"] == (BREAKING / "new.yaml").as_posix()


def test_sarif_names_rules_and_places(capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(BREAKING, "--format", "sarif") == 0
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    in_code, result = run["results"]
    assert in_code["ruleId"] == IN_CODE
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == BREAKING.name
    assert result["level"] == "error"
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 14


def test_junit_fails_for_what_breaks(capsys: pytest.CaptureFixture[str]) -> None:
    diff(BREAKING, "--format", "junit")
    suite = ElementTree.fromstring(capsys.readouterr().out)
    assert suite.get("failures") == "2" and suite.find("testcase/failure") is not None
    diff(HARMLESS, "--format", "junit")
    suite = ElementTree.fromstring(capsys.readouterr().out)
    assert suite.get("failures") == "0" and suite.find("testcase") is not None


def test_github_annotates_the_line_of_the_new_document(capsys: pytest.CaptureFixture[str]) -> None:
    diff(BREAKING, "--format", "github")
    where = (BREAKING / "new.yaml").as_posix()
    assert capsys.readouterr().out.startswith(f"::error file={where},line=14,col=")


def test_markdown_lets_nothing_of_the_document_be_markup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("old", "new"):
        text = (BREAKING / f"{name}.yaml").read_text().replace("size", '"<img src=x>|@all`"')
        (tmp_path / f"{name}.yaml").write_text(text)
    diff(tmp_path, "--format", "markdown")
    out = capsys.readouterr().out
    assert "<img" not in out and "\\@all" in out and out.count("| what | where | rule |") == 1


def test_ignored_findings_do_not_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ignoring = tmp_path / "ignored.yaml"
    entries = [
        f"- rule: {rule}\n  operation: POST /images\n  reason: nobody calls it yet\n"
        for rule in (BREAKING.name, IN_CODE)
    ]
    ignoring.write_text("ignore:\n" + "".join(entries))
    assert diff(BREAKING, "--fail-on", "breaking", "--ignore", str(ignoring), "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["findings"] == [] and told["ignored"][0]["reason"] == "nobody calls it yet"


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("rule: operation-removed\n  reason: gone", "nothing was found of operation-removed"),
        ("rule: no-such-rule\n  reason: why not", "there is no rule 'no-such-rule'"),
        (f"rule: {BREAKING.name}", "says why"),
        (f"rule: {BREAKING.name}\n  reason: x\n  line: 3", "may have operation and message"),
    ],
)
def test_an_entry_that_hides_nothing_is_an_error(
    entry: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ignoring = tmp_path / "ignored.yaml"
    ignoring.write_text(f"ignore:\n- {entry}\n")
    assert diff(BREAKING, "--ignore", str(ignoring)) == 2
    err = capsys.readouterr().err
    assert told in err and "ignored.yaml:2:" in err


def test_a_revision_of_git_is_a_document_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    git = ["git", "-c", "user.name=nobody", "-c", "user.email=nobody@example.com"]
    (tmp_path / "api").mkdir()
    for name in ("old", "new"):
        document = (BREAKING / f"{name}.yaml").read_text().replace("{type: string}", "{$ref: types.yaml#/text}", 1)
        (tmp_path / "api/openapi.yaml").write_text(document)
        (tmp_path / "api/types.yaml").write_text("text: {type: string}\n")
        if name == "old":
            for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "old"]):
                subprocess.run([*git, *command], check=True)
    assert main(["diff", "HEAD:api/openapi.yaml", "api/openapi.yaml", "--fail-on", "any"]) == 1
    assert "api/openapi.yaml:14:" in (out := capsys.readouterr().out) and "HEAD:api/openapi.yaml:14:" in out
    for wrong in ("HEAD:api/none.yaml", "no-such-revision:api/openapi.yaml", "--help:x"):
        assert main(["diff", "--", wrong, "api/openapi.yaml"]) == 2


def test_an_integration_at_a_revision_has_the_settings_that_it_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "spec/shop"
    folder.mkdir(parents=True)
    git = ["git", "-c", "user.name=nobody", "-c", "user.email=nobody@example.com"]
    for name, settings in (("old", "spec: api.yaml\n"), ("new", "spec: moved.yaml\n")):
        (folder / settings.split()[1]).write_text((BREAKING / f"{name}.yaml").read_text())
        (folder / "integration.yaml").write_text(settings)
        if name == "old":
            for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "old"]):
                subprocess.run([*git, *command], check=True)
    assert main(["diff", "HEAD:shop", "shop", "--fail-on", "breaking"]) == 1
    out = capsys.readouterr().out
    assert "HEAD:spec/shop/api.yaml:14:" in out and "spec/shop/moved.yaml:14:" in out
    assert main(["diff", "HEAD:nothing", "shop"]) == 2


def test_the_page_of_rules_is_made_from_them(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-goldens"):
        PAGE.write_text(as_page(), "utf-8")
    assert PAGE.read_text("utf-8") == as_page()


def test_explain_tells_of_each_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    listed = capsys.readouterr().out
    for rule in RULES:
        assert f" {rule.id} " in listed
    assert main(["explain", BREAKING.name]) == 0
    assert "Requests without it are refused." in capsys.readouterr().out
    assert main(["explain", "request-property-became-require"]) == 2
    assert f"did you mean {BREAKING.name}?" in capsys.readouterr().err


def test_what_cannot_be_generated_is_compared_on_the_wire(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """That a security scheme is of no known kind stops a generator, and nobody who calls the API."""
    for name in ("old", "new"):
        text = (BREAKING / f"{name}.yaml").read_text()
        broken = text.replace("      responses:", "      security: [{spell: []}]\n      responses:", 1)
        (tmp_path / f"{name}.yaml").write_text(broken + "components: {securitySchemes: {spell: {type: magic}}}\n")
    assert diff(tmp_path, "--fail-on", "breaking") == 1
    out = capsys.readouterr().out
    assert f"breaking[{BREAKING.name}]" in out
    assert "cannot be generated" in out and "unsupported" in out
    assert main(["diff", str(tmp_path / "old.yaml"), str(tmp_path / "old.yaml")]) == 0
    assert "no changes on the wire" in capsys.readouterr().out
