"""The commands as people and scripts meet them: what is printed where, and the exit codes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import TypeAlias

import pytest

from generator import pipeline
from generator.format import InvalidOutput
from tests.output.small import DANGLING, SPEC, Ran, add

Run: TypeAlias = Callable[..., Ran]


def test_generate_says_in_a_line_what_it_did_and_then_is_silent(project: Path, run: Run) -> None:
    first = run("generate")
    assert first.code == 0
    assert re.fullmatch(r"images: \d+ files written, 0 removed, 0 unchanged\n", first.out)
    assert run("generate") == Ran(0, "", "")


def test_generate_writes_only_what_a_spec_edit_moved(project: Path, run: Run) -> None:
    run("generate")
    spec = project / "spec/images/openapi.yaml"
    spec.write_text(spec.read_text().replace("prompt: {type: string}", "prompt: {type: string, maxLength: 9}"))
    first, *files = run("generate", "-v").out.splitlines()
    assert re.fullmatch(r"images: 3 files written, 0 removed, \d+ unchanged", first)
    assert files == [
        "  wrote generated/images/manifest.json",
        "  wrote generated/images/models/images.py",
        "  wrote generated/images/openapi.json",
    ]


def test_the_project_is_found_from_below_and_by_option(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "spec" / "images")
    assert "  wrote ../../generated/images/__init__.py\n" in run("generate", "images", "-v").out
    monkeypatch.chdir("/")
    assert run("check", "--project", project).code == 0


def test_one_bad_integration_does_not_stop_the_others(project: Path, run: Run) -> None:
    add(project, "bad", DANGLING)
    add(project, "worse", "openapi: [\n")
    done = run("generate")
    assert done.code == 2
    assert (project / "generated/images/server/router.py").is_file()
    assert not (project / "generated/bad").exists()
    assert " --> spec/bad/openapi.yaml:24:" in done.err
    assert "spec/worse/openapi.yaml:" in done.err
    assert "Imgae" in done.err
    assert "^" in done.err


def test_only_named_integrations_are_generated(project: Path, run: Run) -> None:
    add(project, "other", SPEC)
    assert run("generate", "other").code == 0
    assert not (project / "generated/images").exists()


def test_an_edited_file_stops_generate_and_names_the_way_out(project: Path, run: Run) -> None:
    run("generate")
    edited = project / "generated/images/server/router.py"
    edited.write_text("# mine\n")
    spec = project / "spec/images/openapi.yaml"
    spec.write_text(spec.read_text().replace("/images:", "/pictures:"))
    done = run("generate")
    assert (done.code, done.out) == (2, "")
    assert "generated/images/server/router.py" in done.err
    assert edited.read_text() == "# mine\n"
    edited.unlink()
    assert run("generate").code == 0
    assert "/pictures" in edited.read_text()


def test_input_and_output_need_no_project(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spec.yaml").write_text(SPEC)
    done = run(
        "generate",
        "--input",
        "spec.yaml",
        "--output",
        "pkg/images_api",
        "--targets",
        "models,client",
    )
    assert done.code == 0
    assert (tmp_path / "pkg/images_api/client/__init__.py").is_file()
    assert not (tmp_path / "pkg/images_api/server").exists()
    again = run("generate", "--input", "spec.yaml", "--output", "pkg/images_api", "--targets", "models", "-v")
    assert "removed pkg/images_api/client/__init__.py\n" in again.out
    assert not (tmp_path / "pkg/images_api/client").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["generate", "nope"],
        ["generate", "--input", "spec/images/openapi.yaml"],
        ["generate", "--output", "x"],
        ["generate", "--targets", "models"],
        ["generate", "images", "--input", "spec/images/openapi.yaml", "--output", "x"],
        ["generate", "--input", "spec/images/openapi.yaml", "--output", "not-a-name"],
        ["generate", "--input", "spec/images/openapi.yaml", "--output", "x", "--targets", "docs"],
        ["generate", "--input", "missing.yaml", "--output", "x"],
        ["check", "--format", "xml"],
        ["check", "--project", "nowhere"],
        ["bundle", "missing.yaml"],
        ["inspect", "nope"],
        ["new", "x"],
        ["frobnicate"],
    ],
)
def test_wrong_usage_is_2_and_writes_nothing(project: Path, run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err
    assert sorted(path.name for path in project.iterdir()) == ["spec"]


def test_settings_that_are_wrong_are_shown_where_they_are(project: Path, run: Run) -> None:
    (project / "spec/images/integration.yaml").write_text("spec: openapi.yaml\ntarget: [models]\n")
    assert " --> spec/images/integration.yaml:2:1\n" in run("generate").err


def test_the_manifest_names_all_inputs_the_settings_among_them(project: Path, run: Run) -> None:
    run("generate")
    content = json.loads((project / "generated/images/manifest.json").read_text())
    assert sorted(content["inputs"]) == ["integration.yaml", "openapi.yaml"]
    assert str(project) not in (project / "generated/images/manifest.json").read_text()


def test_an_integration_that_is_gone_leaves_an_orphan(project: Path, run: Run) -> None:
    add(project, "other", SPEC)
    run("generate")
    shutil.rmtree(project / "spec/images")
    done = run("check")
    assert done.code == 1
    assert done.out.startswith("generated/images: orphaned")


def test_no_project_is_said(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if any((folder / "spec").is_dir() for folder in tmp_path.parents):
        pytest.skip("there is a spec folder above")
    assert "--project" in run("check").err


def test_check_is_silent_and_0_when_in_step(project: Path, run: Run) -> None:
    run("generate")
    assert run("check") == Ran(0, "", "")


def test_check_is_1_with_a_diff(project: Path, run: Run) -> None:
    run("generate")
    path = project / "generated/images/models/images.py"
    path.write_text(path.read_text() + "x = 1\n")
    done = run("check")
    assert (done.code, done.err) == (1, "")
    assert "generated/images/models/images.py: changed by hand\n" in done.out
    assert "\n-x = 1\n" in done.out


def test_check_says_that_the_spec_moved(project: Path, run: Run) -> None:
    run("generate")
    spec = project / "spec/images/openapi.yaml"
    spec.write_text(spec.read_text().replace("url: {", "uri: {").replace("[url]", "[uri]"))
    done = run("check")
    assert done.code == 1
    assert "generated/images/models/images.py: stale: the spec moved (openapi.yaml changed)\n" in done.out


def test_check_json(project: Path, run: Run) -> None:
    run("generate")
    (project / "generated/images/py.typed").unlink()
    add(project, "bad", DANGLING)
    done = run("check", "--format", "json")
    content = json.loads(done.out)
    assert (done.code, done.err) == (2, "")
    assert [(item["path"], item["states"]) for item in content["drift"]] == [("generated/images/py.typed", ["missing"])]
    assert content["diagnostics"][0]["file"] == "spec/bad/openapi.yaml"
    assert content["diagnostics"][0]["line"] == 24


def test_check_github(project: Path, run: Run) -> None:
    run("generate")
    (project / "generated/images/py.typed").unlink()
    add(project, "bad", DANGLING)
    done = run("check", "--format", "github")
    assert done.code == 2
    assert "::error file=generated/images/py.typed,title=specloom::missing\n" in done.out
    assert "::error file=spec/bad/openapi.yaml,line=24," in done.out


def test_check_survives_a_broken_manifest(project: Path, run: Run) -> None:
    run("generate")
    (project / "generated/images/manifest.json").write_text("<<<<<<< HEAD\n")
    done = run("check")
    assert done.code == 2
    assert "generated/images/manifest.json:1:1" in done.err


UNFIT = SPEC.replace("url: {type: string}", "url: {type: string, default: 3}").replace(
    "description: An image.", "description: An image.\n          headers: {X-Cost: {schema: {type: integer}}}"
)


def test_every_command_tells_findings_in_every_format(project: Path, run: Run) -> None:
    """Warnings as they are, notes by their number; all of them for machines. `bundle` and `check` have none of these."""
    add(project, "odd", UNFIT)
    text = run("generate", "odd")
    assert "warning[unfit-default]" in text.err
    assert "= at: #/components/schemas/Image/properties/url/default" in text.err
    assert text.err.endswith("1 warning, 1 note (-v shows them)\n")
    assert "note[left-out]" in run("inspect", "odd", "-v").err
    shutil.rmtree(project / "generated")
    content = json.loads(run("generate", "odd", "--format", "json").out)
    assert [item["level"] for item in content["diagnostics"]] == ["note", "warning"]
    assert content["diagnostics"][0]["excerpt"][1]["line"] == content["diagnostics"][0]["line"]
    assert content["integrations"][0]["folder"] == "generated/odd"
    assert json.loads(run("generate", "odd", "--format", "json").out)["integrations"] == []
    assert "::notice file=spec/odd/openapi.yaml" in run("inspect", "odd", "--format", "github").out
    content = json.loads(run("inspect", "odd", "--format", "json").out)
    assert content["document"]["operations"][0]["path"] == "/images"
    assert len(content["diagnostics"]) == 2


@pytest.mark.parametrize("command", ["generate", "check", "inspect", "bundle"])
def test_errors_come_in_the_format_that_was_asked_for(project: Path, run: Run, command: str) -> None:
    add(project, "bad", DANGLING)
    for style in ("json", "github"):
        done = run(command, "bad", "--format", style)
        told = done.err if command == "bundle" else done.out
        assert done.code == 2
        if style == "json":
            assert [item["code"] for item in json.loads(told)["diagnostics"]] == ["dangling-reference"]
        else:
            assert told.startswith("::error file=spec/bad/openapi.yaml,line=24,")


def test_bundle_prints_one_json_document(project: Path, run: Run) -> None:
    by_name, by_path = run("bundle", "images"), run("bundle", "spec/images/openapi.yaml")
    assert by_name == by_path
    assert by_name.code == 0
    assert json.loads(by_name.out)["paths"]["/images"]["post"]["operationId"] == "createImage"


def test_inspect_shows_what_is_there(project: Path, run: Run) -> None:
    done = run("inspect", "images")
    assert done.code == 0
    assert "Images 1 (OpenAPI 3.1.0)\n" in done.out
    assert "  POST   /images  create_image  [images]\n" in done.out
    assert "  Request\n" in done.out


def test_a_disk_that_says_no_is_2(project: Path, run: Run) -> None:
    (project / "generated").write_text("a file")
    done = run("generate")
    assert done.code == 2
    assert "error[disk]" in done.err
    assert "generated" in done.err


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        (RuntimeError("boom"), "RuntimeError: boom"),
        (RecursionError("too deep"), "too deep"),
        (
            InvalidOutput(PurePosixPath("server/app.py"), 3, "bad"),
            "generated server/app.py, line 3",
        ),
    ],
)
@pytest.mark.parametrize("command", ["generate", "check"])
def test_a_mistake_of_ours_asks_for_a_report(
    project: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    problem: Exception,
    says: str,
    command: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(pipeline, "generate", fail)
    done = run(command)
    assert done.code == 2
    assert says in done.err
    assert "report it" in done.err


def test_debug_shows_the_traceback(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(pipeline, "generate", fail)
    monkeypatch.setenv("SPECLOOM_DEBUG", "1")
    with pytest.raises(RuntimeError, match="boom"):
        run("generate")


def test_interrupted_is_130(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "generate", interrupt)
    assert run("generate").code == 130
    assert not (project / "generated").exists()


def test_a_reader_that_leaves_is_no_error(project: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "generator", "bundle", "images"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert done.stderr == ""


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["check"], ["check", "--format", "github"], ["generate", "--format", "json"]],
)
def test_what_has_nothing_to_do_imports_nothing_heavy(project: Path, run: Run, arguments: list[str]) -> None:
    """No library that reads a document, none of our stages, and not the slow parts of Python's own."""
    run("generate")
    code = f"import sys; from generator.cli import main; main({arguments}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    heavy = [
        "black",
        "jinja2",
        "markdown_it",
        "pydantic",
        "rich",
        "yaml",
        "importlib.metadata",
    ]
    assert not loaded & {*heavy, "difflib", "generator.config", "generator.pipeline"}


def test_one_document_without_settings_is_known_unchanged_too(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["generate", "--input", "spec/images/openapi.yaml", "--output", "made", "--targets"]
    assert run(*arguments, "models").code == 0

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("it ran")

    monkeypatch.setattr(pipeline, "generate", fail)
    assert run(*arguments, "models") == Ran(0, "", "")
    assert run(*arguments, "models,client").code == 2
    (project / "spec/images/openapi.yaml").write_text(SPEC + "# more\n")
    assert run(*arguments, "models").code == 2


def test_version(run: Run) -> None:
    assert run("--version").out.startswith("specloom 0.")


def test_a_document_may_refer_to_what_its_user_lets_it_read(project: Path, run: Run) -> None:
    folder = project / "spec" / "images"
    (folder / "openapi.yaml").write_text(SPEC.replace("url: {type: string}", "url: {$ref: ../shared/url.yaml}"))
    (project / "spec" / "shared").mkdir()
    shared = project / "spec" / "shared" / "url.yaml"
    shared.write_text("type: string\n")
    arguments = ["generate", "--input", "spec/images/openapi.yaml", "--output", "made"]
    refused = run(*arguments)
    assert refused.code == 2
    assert "error[outside-root]" in refused.err
    assert run(*arguments, "--root", "spec").code == 0
    assert run(*arguments, "--root", "spec") == Ran(0, "", "")
    assert list(json.loads((project / "made/manifest.json").read_text())["inputs"]) == [
        "images/openapi.yaml",
        "shared/url.yaml",
    ]
    shared.write_text("type: integer\n")
    assert run(*arguments, "--root", "spec").out == "made: 4 files written, 0 removed, 37 unchanged\n"
    assert run("inspect", "spec/images/openapi.yaml", "--root", "spec").code == 0
    assert "is not below made" in run(*arguments, "--root", "made").err
    assert "--root goes with a file" in run("inspect", "images", "--root", "spec").err
