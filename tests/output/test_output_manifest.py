"""The manifest: equal inputs give equal bytes, and only what specloom wrote is believed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path, PurePosixPath

import pytest

from generator import manifest
from generator.errors import SpecloomError
from generator.manifest import Manifest, Tool

SAMPLE = Manifest(
    tool=Tool("0.1.0", "ab", {"jinja2": "3.1.6", "black": "26.1.0"}),
    settings="cd",
    inputs={"z.yaml": "2", "a.yaml": "1"},
    outputs={PurePosixPath("server/app.py"): "4", PurePosixPath("__init__.py"): "3"},
)


def changed(**values: object) -> bytes:
    return json.dumps({**json.loads(SAMPLE.render()), **values}).encode()


def test_it_reads_back_what_it_writes() -> None:
    assert manifest.parse(SAMPLE.render(), name="manifest.json") == SAMPLE


def test_its_keys_are_sorted_at_every_level() -> None:
    text = SAMPLE.render().decode()
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "Expecting value"),
        (b"[]", "an object is expected"),
        (b"\xff\xfe", "invalid"),
        (changed(extra=1), "'extra' is unknown"),
        (b"{}", "'inputs' is missing"),
        (changed(left_out={"POST /a": "x"}), "an array is expected"),
        (changed(outputs={"../../etc/passwd": "1"}), "not the path"),
        (changed(outputs={"/etc/passwd": "1"}), "not the path"),
        (changed(outputs={"manifest.json": "1"}), "not the path"),
        (changed(outputs={"a//b": "1"}), "not the path"),
        (changed(outputs=["a"]), "an object is expected"),
        (changed(inputs={"a": 1}), "a string is expected"),
        (changed(tool={"version": "1"}), "'pins' is missing"),
        (b'{"inputs": {}, "inputs": {}}', "there twice"),
    ],
)
def test_anything_else_is_an_error_that_names_the_file(data: bytes, says: str) -> None:
    with pytest.raises(SpecloomError, match=says) as caught:
        manifest.parse(data, name="generated/api/manifest.json")
    (problem,) = caught.value.diagnostics
    assert problem.location.file == "generated/api/manifest.json"
    assert "specloom generate" in problem.hint


def test_conflict_markers_are_shown_where_they_are() -> None:
    data = SAMPLE.render().replace(b'  "settings"', b'<<<<<<< HEAD\n  "settings"')
    with pytest.raises(SpecloomError) as caught:
        manifest.parse(data, name="manifest.json")
    where = caught.value.diagnostics[0].location
    assert dict(where.excerpt)[where.line] == "<<<<<<< HEAD"


def test_no_manifest_is_none(tmp_path: Path) -> None:
    assert manifest.load(tmp_path) is None


def test_the_tool_is_known_by_its_versions_and_code() -> None:
    tool = manifest.current_tool("black")
    assert sorted(tool.pins) == ["black", "jinja2"]
    assert "not installed" not in (tool.version, *tool.pins.values())
    assert manifest.current_tool("no-such-formatter").pins["no-such-formatter"] == "not installed"


def test_a_manifest_of_an_older_version_is_read() -> None:
    """It is stale, not broken: what it says of the tool is the tool's business."""
    old = json.loads(SAMPLE.render())
    del old["left_out"]
    old["tool"] = {"version": "0.0.1", "pins": {}, "templates": "ab"}
    assert manifest.parse(json.dumps(old).encode(), name="manifest.json").tool == Tool("0.0.1", "", {})


def test_the_same_code_has_the_same_digest_wherever_it_runs_from(tmp_path: Path) -> None:
    """A wheel has the templates inside of the package, a checkout beside it."""
    code = "from generator import manifest; print(manifest.current_tool('black').code)"
    root = Path(__file__).parents[2]
    shutil.copytree(root / "generator", tmp_path / "generator")
    shutil.copytree(root / "templates", tmp_path / "generator" / "templates")
    digests = [
        subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, capture_output=True, text=True).stdout
        for folder in (root, tmp_path)
    ]
    assert digests[0] == digests[1]
    (tmp_path / "generator" / "templates" / "package.py.jinja").write_text("")
    changed = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert changed.stdout != digests[0]


def test_versions_are_those_that_importlib_tells() -> None:
    for package in ("black", "click", "jinja2", "jsonschema-rs", "markdown-it-py"):
        assert manifest.version(package) == metadata.version(package)


def test_settings_digest_follows_the_values() -> None:
    digests = {
        manifest.settings_digest("api"),
        manifest.settings_digest("api", spec="a.yaml", targets=["models"]),
        manifest.settings_digest("api", spec="a.yaml", targets=["models", "client"]),
        manifest.settings_digest("other", spec="a.yaml", targets=["models"]),
    }
    assert len(digests) == 4
    assert manifest.settings_digest("api") in digests
