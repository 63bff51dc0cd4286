"""What runs in CI, on a sample repository: the action's steps, the template's script, the hooks, and `watch`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from generator.cli import main

ROOT = Path(__file__).parents[1]
CASE = ROOT / "tests/diff/rules/request-property-became-required"
GIT = ["git", "-c", "user.name=nobody", "-c", "user.email=nobody@example.com"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with one integration, in step and committed, whose document then moves so that callers break."""
    project, programs = tmp_path / "project", tmp_path / "bin"
    folder = project / "spec/shop"
    folder.mkdir(parents=True)
    (folder / "integration.yaml").write_text("spec: api.yaml\n")
    (folder / "api.yaml").write_text((CASE / "old.yaml").read_text())
    assert main(["generate", "--project", str(project)]) == 0
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "before"]):
        subprocess.run([*GIT, *command], cwd=project, check=True)
    (folder / "api.yaml").write_text((CASE / "new.yaml").read_text())
    programs.mkdir()
    program = programs / "specloom"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m generator "$@"\n')
    program.chmod(0o755)
    return project


def run(script: str, project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{project.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environ = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
    command = ["bash", "-c", script]
    return subprocess.run(
        command, cwd=project, env={**environ, "PATH": path, **environment}, capture_output=True, text=True, check=False
    )


def steps() -> dict[str, Mapping[str, Any]]:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    assert action["runs"]["using"] == "composite"
    return {step["name"]: step for step in action["runs"]["steps"]}


@pytest.mark.parametrize(("fail_on", "code"), [("breaking", 1), ("never", 1)])
def test_the_action_tells_of_drift_and_of_what_breaks(project: Path, fail_on: str, code: int) -> None:
    """Drift alone fails, whatever `fail-on` says of changes."""
    summary = project.parent / "summary.md"
    environment = {
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_STEP_SUMMARY": str(summary),
        "SPECLOOM_BASE": "HEAD",
        "SPECLOOM_FAIL_ON": fail_on,
    }
    fetched = run(steps()["Fetch the revision to compare with"]["run"], project, **environment)
    assert fetched.returncode == 0, fetched.stderr
    done = run(steps()["Check"]["run"], project, **environment)
    assert done.returncode == code, done.stderr
    assert re.search(r"^::error file=spec/shop/api\.yaml,line=14,", done.stdout, re.M)
    assert "file=generated/shop/" in done.stdout
    assert "has to be sent now" in summary.read_text()


@pytest.mark.parametrize(("fail_on", "code"), [("breaking", 1), ("never", 0)])
def test_what_breaks_fails_as_configured(project: Path, fail_on: str, code: int) -> None:
    assert main(["generate", "--project", str(project)]) == 0
    done = run(str(ROOT / "ci/specloom.sh"), project, SPECLOOM_BASE="HEAD", SPECLOOM_FAIL_ON=fail_on)
    assert done.returncode == code
    assert "::error file=spec/shop/api.yaml" in done.stdout


def test_a_document_that_cannot_be_read_fails_with_two(project: Path) -> None:
    (project / "spec/shop/api.yaml").write_text("openapi: [")
    assert run(str(ROOT / "ci/specloom.sh"), project, SPECLOOM_BASE="HEAD").returncode == 2


def test_the_template_leaves_a_report_for_each_integration(project: Path) -> None:
    job = yaml.safe_load((ROOT / "ci/gitlab.yml").read_text())["specloom"]
    (project.parent / "project.specloom").symlink_to(ROOT)
    (script,) = job["script"]
    variables = {key: value for key, value in job["variables"].items() if key.startswith("SPECLOOM_")}
    done = run(script, project, CI_PROJECT_DIR=str(project), CI_MERGE_REQUEST_DIFF_BASE_SHA="HEAD", **variables)
    assert done.returncode == 1, done.stderr
    suite = ElementTree.parse(project / "specloom-report/shop.xml").getroot()
    assert suite.get("failures") == "2"


@pytest.mark.parametrize(
    ("path", "concerned"),
    [
        ("spec/shop/api.yaml", True),
        ("spec/shop/upstream/page.md", True),
        ("generated/shop/client/__init__.py", True),
        ("src/shop.py", False),
        ("docs/spec/notes.md", False),
    ],
)
def test_hooks_run_on_relevant_files_alone(path: str, concerned: bool) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert {hook["id"] for hook in hooks} == {"specloom", "specloom-check"}
    for hook in hooks:
        assert bool(re.search(hook["files"], path)) is concerned and hook["pass_filenames"] is False


def test_watch_generates_what_changed_with_a_line_for_each_change(project: Path) -> None:
    pytest.importorskip("watchfiles")
    (project / "spec/other").mkdir()
    (project / "spec/other/integration.yaml").write_text("spec: api.yaml\n")
    (project / "spec/other/api.yaml").write_text((CASE / "old.yaml").read_text())
    log = project.parent / "log"
    command = [sys.executable, "-u", "-m", "generator", "watch", "--project", str(project)]
    with log.open("w") as out:
        process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=out, stderr=out)
    try:
        wait_for(log, "watching other, shop")
        time.sleep(1)  # until the system's watch is there
        document = project / "spec/shop/api.yaml"
        document.write_text(document.read_text().replace("prompt", "motto"))
        told = wait_for(log, "spec/shop/api.yaml changed\nshop: ")
        assert told.count("other: ") == 1
        document.write_text("openapi: [")
        wait_for(log, "error[yaml-syntax]")
        assert "motto" in (project / "generated/shop/openapi.json").read_text()
    finally:
        process.terminate()
        process.wait(10)


def wait_for(log: Path, text: str) -> str:
    deadline = time.monotonic() + 60
    while text not in (told := log.read_text()):
        assert time.monotonic() < deadline, told
        time.sleep(0.05)
    return told
