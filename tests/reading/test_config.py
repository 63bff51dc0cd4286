"""The settings of an integration."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.config import Include, Names, find_integrations, from_input, load_integration
from generator.errors import SpecloomError


def folder(root: Path, text: str, name: str = "api") -> Path:
    path = root / "spec" / name
    path.mkdir(parents=True)
    (path / "integration.yaml").write_text(text)
    return path


def told(path: Path) -> list[str]:
    with pytest.raises(SpecloomError) as raised:
        load_integration(path)
    return [f"{item.location} {item.code}: {item.message} | {item.hint}" for item in raised.value.diagnostics]


def test_a_path_is_all_that_has_to_be_said(tmp_path: Path) -> None:
    found = load_integration(folder(tmp_path, "spec: docs/openapi.yaml\n"))
    assert (found.name, found.spec, found.formatter) == ("api", ("docs/openapi.yaml",), "black")
    assert found.targets == ("models", "server", "client")
    assert (found.include, found.names, found.skip) == (Include(), Names(), {})


def test_every_setting_is_read(tmp_path: Path) -> None:
    text = """\
spec: openapi.yaml
targets: [models, client]
include:
  tags: [Images]
  paths: [/v1/images]
  operations: [createImage]
names:
  operations: {createImage: create_image}
  tags: {Images/OpenAI: images}
  schemas: {image-data: ImageData}
skip:
  deleteImage: it is not for us
pagination:
  listImages: {items: data, cursor: after, from: meta.next, more: has_more}
  listSizes: {page: page, first: 0}
  listUsers: false
formatter: ruff
"""
    found = load_integration(folder(tmp_path, text))
    assert (found.targets, found.formatter) == (("models", "client"), "ruff")
    assert found.include == Include(("Images",), ("/v1/images",), ("createImage",))
    assert found.names.operations == {"createImage": "create_image"}
    assert found.names.tags == {"Images/OpenAI": "images"}
    assert found.names.schemas == {"image-data": "ImageData"}
    assert found.skip == {"deleteImage": "it is not for us"}
    assert found.pagination == {
        "listImages": {"items": "data", "cursor": "after", "from": "meta.next", "more": "has_more"},
        "listSizes": {"items": "", "page": "page", "first": "0"},
        "listUsers": None,
    }
    assert str(found.locate(("skip", "deleteImage"), key=True)) == "integration.yaml:12:3"
    assert found.document is not None
    assert len(found.document.sha256) == 64


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "spec: a.yaml\ntarget: [models]\n",
            "integration.yaml:2:1 config-key: there is no setting 'target' | did you mean 'targets'?",
        ),
        (
            "spec: a.yaml\nmiddleware: [a.yaml]\n",
            "integration.yaml:2:1 config-key: there is no setting 'middleware' | there are: 'spec', 'overlays', 'targets', "
            "'include', 'names', 'skip', 'pagination', 'formatter'",
        ),
        (
            "spec: a.yaml\noverlays: [../b.yaml]\n",
            "integration.yaml:2:12 config-value: '../b.yaml' is not a path below this folder, written with '/' | "
            "keep the overlays in this folder",
        ),
        (
            "spec: a.yaml\nnames:\n  operation: {a: b}\n",
            "integration.yaml:3:3 config-key: there is no setting 'operation' in 'names' | did you mean 'operations'?",
        ),
        (
            "targets: [models]\n",
            "integration.yaml:1:1 config-key: the key 'spec' is missing | add a line such as 'spec: openapi.yaml'",
        ),
        (
            "spec: [a.md, b.md, a.md]\n",
            "integration.yaml:1:20 config-value: 'a.md' is named twice | take one out",
        ),
        ("spec: []\n", "integration.yaml:1:7 config-value: this list is empty | name a document"),
        (
            "spec: https://me:secret@example.com/a.yaml\n",
            "integration.yaml:1:7 config-value: a URL with a user or a password in it would be in everybody's copy of "
            "these settings | keep the documents in this folder, or name their URL",
        ),
        (
            "spec: --help:a.yaml\n",
            "integration.yaml:1:7 config-value: '--help:a.yaml' names no revision: it is written as 'HEAD~1:openapi.yaml' "
            "| keep the documents in this folder, or name their URL",
        ),
        ("spec: 12\n", "integration.yaml:1:7 config-type: 'spec' is a number, not a string | quote it"),
        (
            "spec: ../a.yaml\n",
            "integration.yaml:1:7 config-value: '../a.yaml' is not a path below this folder, written with '/' | "
            "keep the documents in this folder, or name their URL",
        ),
        (
            "spec: a.yaml\ntargets: [models, cleint]\n",
            "integration.yaml:2:19 config-value: 'cleint' is not one of 'models', 'server', 'client' | "
            "did you mean 'client'?",
        ),
        (
            "spec: a.yaml\ntargets: []\n",
            "integration.yaml:2:10 config-value: this list is empty | name some of: 'models', 'server', 'client'",
        ),
        (
            "spec: a.yaml\ninclude:\n  tags: Images\n",
            "integration.yaml:3:9 config-type: 'tags' is a string, not a list | write a list",
        ),
        (
            "spec: a.yaml\ninclude:\n  tags: [a, 1]\n",
            "integration.yaml:3:13 config-type: this is a number, not a string | quote it",
        ),
        (
            "spec: a.yaml\nnames:\n  operations: {a: class}\n",
            "integration.yaml:3:19 config-value: 'class' cannot be a name in Python | use letters, digits and "
            "underscores, no digit in front, and no word of Python's",
        ),
        (
            "spec: a.yaml\nskip: {a: ' '}\n",
            "integration.yaml:2:11 config-value: the reason is empty | say why it is left out",
        ),
        (
            "spec: a.yaml\npagination: {a: true}\n",
            "integration.yaml:2:17 config-type: 'a' is a boolean, not a mapping, or false | write a mapping, or false",
        ),
        (
            "spec: a.yaml\npagination: {a: {items: data}}\n",
            "integration.yaml:2:17 config-value: this does not say, in one way, how the next page is asked for | "
            "say one of 'cursor', 'page', 'offset', 'next'",
        ),
        (
            "spec: a.yaml\npagination: {a: {cursor: after}}\n",
            "integration.yaml:2:17 config-key: 'from' belongs to 'cursor', and this has only one of both | "
            "say both, or none: from, cursor",
        ),
        (
            "spec: a.yaml\npagination: {a: {page: p, first: 2}}\n",
            "integration.yaml:2:34 config-value: '2' is not one of '0', '1' | there are: '0', '1'",
        ),
        (
            "spec: a.yaml\nformatter: yapf\n",
            "integration.yaml:2:12 config-value: 'yapf' is not one of 'black', 'ruff' | there are: 'black', 'ruff'",
        ),
    ],
)
def test_a_wrong_setting_is_told_at_its_line(tmp_path: Path, text: str, expected: str) -> None:
    assert told(folder(tmp_path, text)) == [expected]


@pytest.mark.parametrize("name", ["my-api", "1st", "class", "None"])
def test_the_folder_must_be_named_like_a_package(tmp_path: Path, name: str) -> None:
    (found,) = told(folder(tmp_path, "spec: a.yaml\n", name))
    assert f"'{name}' cannot be the name of a Python package" in found


def test_all_that_is_wrong_is_told(tmp_path: Path) -> None:
    found = told(folder(tmp_path, "sepc: a.yaml\nskip: []\nformatter: 1\n", "a-b"))
    assert [line.split(": ")[0].split()[-1] for line in found] == [
        "config-name",
        "config-key",
        "config-key",
        "config-type",
        "config-type",
    ]


def test_integrations_are_found_by_name_and_their_errors_by_path(tmp_path: Path) -> None:
    folder(tmp_path, "spec: a.yaml\n", "zeta")
    folder(tmp_path, "spec: a.yaml\n", "alpha")
    (tmp_path / "spec" / "shared").mkdir()
    assert [found.name for found in find_integrations(tmp_path)] == ["alpha", "zeta"]
    folder(tmp_path, "spec: 1\n", "bad")
    folder(tmp_path, "a: b: c\n", "worse")
    with pytest.raises(SpecloomError) as raised:
        find_integrations(tmp_path)
    assert [str(item.location) for item in raised.value.diagnostics] == [
        "spec/bad/integration.yaml:1:7",
        "spec/worse/integration.yaml:1:5",
    ]


def test_a_folder_without_settings_is_told(tmp_path: Path) -> None:
    (found,) = told(tmp_path)
    assert "file-missing" in found


def test_nothing_outside_the_root_is_read(tmp_path: Path) -> None:
    root = folder(tmp_path, "spec: openapi.yaml\n")
    (tmp_path / "secret.yaml").write_text("a: 1")
    (root / "inside.yaml").write_text("b: 2")
    (root / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (root / "alias.yaml").symlink_to(root / "inside.yaml")
    found = load_integration(root)
    assert found.read("inside.yaml") == found.read("alias.yaml") == b"b: 2"
    for path in ("../../secret.yaml", "link.yaml", str(tmp_path / "secret.yaml")):
        with pytest.raises(SpecloomError) as raised:
            found.read(path)
        assert raised.value.diagnostics[0].code == "outside-root"
    with pytest.raises(FileNotFoundError):
        found.read("nowhere.yaml")


def test_a_document_alone_is_an_integration(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text("a: 1")
    found = from_input(tmp_path / "api.yaml", name="api", targets=["models"])
    assert (found.root, found.spec, found.targets) == (tmp_path, ("api.yaml",), ("models",))
    assert found.read(found.spec[0]) == b"a: 1"
    assert str(found.locate(("targets",))) == "api.yaml"
    with pytest.raises(SpecloomError):
        from_input(tmp_path / "api.yaml", name="my-api", targets=[])
