"""Overlays as people meet them: in settings, on command lines, in drift checks, and as documents of their own."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from generator.cli import main
from tests.output.small import SPEC, Ran, add
from tests.serve.running import serving

Run: TypeAlias = Callable[..., Ran]

PATCH = """\
overlay: 1.1.0
info: {title: What the vendor forgot, version: "1"}
actions:
  - target: $.components.schemas.Request.properties
    update:
      size: {type: string, enum: [small, large]}
"""
STALE = PATCH.replace("Request", "Requests")


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def ran(*arguments: object) -> Ran:
        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return Ran(code, out, err)

    return ran


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the integration ``images`` and an overlay of it; the current folder."""
    folder = add(tmp_path, "images", SPEC)
    (folder / "integration.yaml").write_text("spec: openapi.yaml\noverlays: [patch.overlay.yaml]\n")
    (folder / "patch.overlay.yaml").write_text(PATCH)
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- settings ---------------------------------------------------------------------------------------------------------


def test_what_an_overlay_adds_is_generated_and_its_changes_are_drift(project: Path, run: Run) -> None:
    assert run("generate").code == 0
    assert "size" in (project / "generated/images/models/images.py").read_text()
    inputs = json.loads((project / "generated/images/manifest.json").read_text())["inputs"]
    assert sorted(inputs) == ["integration.yaml", "openapi.yaml", "patch.overlay.yaml"]
    assert run("check") == run("generate") == Ran(0, "", "")
    overlay = project / "spec/images/patch.overlay.yaml"
    overlay.write_text(PATCH.replace("large", "huge"))
    checked = run("check")
    assert checked.code == 1
    assert "patch.overlay.yaml changed" in checked.out


def test_overlays_are_applied_in_their_order(project: Path, run: Run) -> None:
    folder = project / "spec/images"
    (folder / "integration.yaml").write_text("spec: openapi.yaml\noverlays: [b.overlay.yaml, patch.overlay.yaml]\n")
    rename = "  - target: $.components.schemas.Request.properties.size\n    update: {type: integer}\n"
    (folder / "b.overlay.yaml").write_text(PATCH[: PATCH.index("  - ")] + rename)
    failed = run("bundle", "images")
    assert failed.code == 2
    assert "spec/images/b.overlay.yaml:4:13" in failed.err
    (folder / "integration.yaml").write_text("spec: openapi.yaml\noverlays: [patch.overlay.yaml, b.overlay.yaml]\n")
    done = json.loads(run("bundle", "images").out)
    assert done["components"]["schemas"]["Request"]["properties"]["size"]["type"] == "integer"


def test_a_target_out_of_date_is_refused_and_a_lenient_run_stays_marked(project: Path, run: Run) -> None:
    (project / "spec/images/patch.overlay.yaml").write_text(STALE)
    failed = run("generate")
    assert failed.code == 2
    assert "error[overlay-target]: this target matches nothing" in failed.err
    assert "--> spec/images/patch.overlay.yaml:4:13" in failed.err
    assert "did you mean $.components.schemas.Request.properties?" in failed.err
    assert not (project / "generated").exists()
    lenient = run("generate", "--lenient-overlays")
    assert lenient.code == 0
    assert "warning[overlay-unmatched]" in lenient.err
    assert run("check", "--lenient-overlays").code == 0
    assert run("check").code == 2


def test_leniency_that_was_not_needed_changes_nothing(project: Path, run: Run) -> None:
    assert run("generate", "--lenient-overlays").code == 0
    assert run("check") == run("check", "--lenient-overlays") == Ran(0, "", "")


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ("overlays: [gone.yaml]", "integration.yaml:2:12"),
        ("overlays: [../other.yaml]", "integration.yaml:2:12"),
        ("overlays: patch.overlay.yaml", "integration.yaml:2:11"),
        ("overlays: [patch.overlay.yaml, openapi.yaml]", "openapi.yaml:1:1"),
    ],
)
def test_overlays_that_are_none_are_refused(project: Path, run: Run, settings: str, place: str) -> None:
    (project / "spec/images/integration.yaml").write_text(f"spec: openapi.yaml\n{settings}\n")
    done = run("generate")
    assert done.code == 2
    assert f"--> spec/images/{place}" in done.err


# --- command lines ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["bundle", "inspect", "docs"])
def test_commands_take_overlays_with_a_file(project: Path, run: Run, command: str) -> None:
    spec, overlay = "spec/images/openapi.yaml", "spec/images/patch.overlay.yaml"
    (project / overlay).write_text(PATCH + "  - {target: $.info, update: {title: Pictures}}\n")
    done = run(command, spec, "--overlay", overlay)
    assert (done.code, "Pictures" in done.out, done.err) == (0, True, "")
    assert run(command, "images", "--overlay", overlay).code == 2
    outside = project / "outside.yaml"
    outside.write_text(PATCH)
    refused = run(command, spec, "--overlay", outside)
    assert refused.code == 2 and "--root" in refused.err
    assert run(command, spec, "--overlay", outside, "--root", ".").code == 0


def test_generate_with_an_input_remembers_its_overlays(project: Path, run: Run) -> None:
    command = ("generate", "--input", "spec/images/openapi.yaml", "--output", "out")
    overlay = ("--overlay", "spec/images/patch.overlay.yaml")
    assert "written" in run(*command, *overlay).out
    assert run(*command, *overlay).out == ""
    assert "size" in (project / "out/models/images.py").read_text()
    assert "written" in run(*command).out
    assert "size" not in (project / "out/models/images.py").read_text()
    assert run("generate", *overlay).code == 2


def test_serve_follows_an_overlay(project: Path) -> None:
    overlay = project / "spec/images/patch.overlay.yaml"
    with serving(
        project / "spec/images/openapi.yaml", project / "run", "--overlay", str(overlay), "--reload"
    ) as server:
        body = {"prompt": "a", "size": "huge"}
        assert server.http.post("/images", json=body).status_code == 400
        overlay.write_text(PATCH.replace("large", "huge"))
        server.until(re.compile("as it is now"))
        assert server.http.post("/images", json=body).status_code == 200
        overlay.write_text(STALE)
        server.until(re.compile("goes on being served"))
        assert "patch.overlay.yaml:4" in server.said


# --- documents of their own -------------------------------------------------------------------------------------------


def test_compare_and_apply_turn_one_document_into_the_other(project: Path, run: Run) -> None:
    (project / "new.yaml").write_text(
        SPEC.replace("An image.", "A picture.").replace("  title: Images\n", "  title: I\n")
    )
    (project / "old.yaml").write_text(SPEC)
    written = run("overlay", "compare", "old.yaml", "new.yaml")
    assert (written.code, written.err) == (0, "")
    assert run("overlay", "compare", "old.yaml", "new.yaml", "--output", "patch.yaml") == Ran(0, "", "")
    assert (project / "patch.yaml").read_text() == written.out
    applied = run("overlay", "apply", "old.yaml", "patch.yaml")
    assert applied.code == 0
    assert json.loads(applied.out) == json.loads(run("bundle", "new.yaml").out)
    assert run("overlay", "compare", "old.yaml", "old.yaml") == Ran(0, "", "")


def test_compare_says_what_cannot_be_read(project: Path, run: Run) -> None:
    (project / "bad.yaml").write_text("openapi: [\n")
    done = run("overlay", "compare", "images", "bad.yaml")
    assert (done.code, done.out) == (2, "")
    assert "bad.yaml:" in done.err


# --- new --------------------------------------------------------------------------------------------------------------


def test_new_starts_from_an_integration_and_what_is_different(project: Path, run: Run) -> None:
    (project / "spec/images/integration.yaml").write_text(
        "spec: openapi.yaml\noverlays: [patch.overlay.yaml]\nnames:\n  operations: {createImage: paint}\n"
    )
    (project / "theirs.overlay.yaml").write_text(
        PATCH.replace("properties\n", "properties.size\n").replace(
            "size: {type: string, enum: [small, large]}", "default: small"
        )
    )
    done = run("new", "vendor", "--base", "images", "--overlay", "theirs.overlay.yaml")
    assert (done.code, done.err) == (0, "")
    folder = project / "spec/vendor"
    assert sorted(os.listdir(folder)) == [
        "integration.yaml",
        "openapi.yaml",
        "patch.overlay.yaml",
        "theirs.overlay.yaml",
    ]
    assert (folder / "integration.yaml").read_text() == (
        "# What specloom generates vendor from.\n"
        "spec: openapi.yaml\n"
        "overlays:\n  - patch.overlay.yaml\n  - theirs.overlay.yaml\n"
        "names:\n  operations:\n    createImage: paint\n"
    )
    bundled = json.loads((project / "generated/vendor/openapi.json").read_text())
    assert bundled["components"]["schemas"]["Request"]["properties"]["size"]["default"] == "small"
    assert "def paint" in (project / "vendor_app.py").read_text()
    assert run("check", "vendor").code == 0


def test_new_says_what_it_cannot_start_from(project: Path, run: Run) -> None:
    assert "--base NAME" in run("new", "vendor").err
    assert "there are: images" in run("new", "vendor", "--base", "other").err
    stale = project / "stale.yaml"
    stale.write_text(STALE)
    done = run("new", "vendor", "--base", "images", "--overlay", stale)
    assert done.code == 2 and "overlay-target" in done.err
    taken = project / "openapi.yaml"
    taken.write_text(PATCH)
    assert "Give it another name" in run("new", "vendor", "--base", "images", "--overlay", taken).err
    assert not (project / "spec/vendor").exists()


def test_diff_tells_what_an_overlay_changes(project: Path, run: Run) -> None:
    run("generate")
    assert run("diff", "images", "--fail-on", "any").code == 0
    more = "  - {target: $.components.schemas.Request, update: {required: [size]}}\n"
    (project / "spec/images/patch.overlay.yaml").write_text(PATCH + more)
    assert run("diff", "images", "--fail-on", "breaking").code == 1
