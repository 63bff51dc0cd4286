"""The manifest: equal inputs give equal bytes, and only what specloom wrote is believed."""

from __future__ import annotations

import json
from dataclasses import dataclass
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


def test_the_tool_is_known_by_its_versions_and_templates() -> None:
    tool = manifest.current_tool("black")
    assert sorted(tool.pins) == ["black", "jinja2"]
    assert "not installed" not in (tool.version, *tool.pins.values())
    assert manifest.current_tool("no-such-formatter").pins["no-such-formatter"] == "not installed"


@dataclass(frozen=True, slots=True)
class Inner:
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    root: Path
    include: Inner
    names: dict[str, str]


def test_settings_digest_follows_the_values_and_nothing_else() -> None:
    one = Settings(Path("/a"), Inner(("x",)), {"a": "1", "b": "2"})
    same_elsewhere = Settings(Path("/b"), Inner(("x",)), {"b": "2", "a": "1"})
    other = Settings(Path("/a"), Inner(("y",)), {"a": "1", "b": "2"})
    digests = [manifest.settings_digest(value, without=["root"]) for value in (one, same_elsewhere, other)]
    assert digests[0] == digests[1] != digests[2]


def test_a_setting_without_one_spelling_is_a_mistake() -> None:
    with pytest.raises(TypeError):
        manifest.settings_digest(Settings(Path(), Inner(()), {"a": object()}))  # type: ignore[dict-item]
