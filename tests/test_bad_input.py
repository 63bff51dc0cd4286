"""What a user gets for bad input: where it is, what to do, exit 2 and nothing written; or a correct output."""

from __future__ import annotations

import compileall
import re
from pathlib import Path

import pytest

from generator.cli import main

HEAD = 'openapi: 3.1.0\ninfo: {title: T, version: "1"}\n'
OPERATION = "{operationId: %s, responses: {'200': {description: ok}}}"
PATHS = "paths: {/a: {get: %s}}\n" % (OPERATION % "a")


def bomb() -> str:
    """Ten megabytes of aliases that would stand for more nodes than there are atoms."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    filler = "".join(f"f{n}: *a0\n" for n in range(900_000))
    return HEAD + "\n".join(lines) + "\n" + filler + PATHS


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "malformed yaml": ({"openapi.yaml": HEAD + "paths: {/a: {get: [}}\n"}, r"openapi\.yaml:3:"),
    "a tab in yaml": ({"openapi.yaml": HEAD + "paths:\n\t/a: {}\n"}, r"openapi\.yaml:4:1\b.*(?s:.*)tab"),
    "duplicate keys": ({"openapi.yaml": HEAD + PATHS + "paths: {}\n"}, r"openapi\.yaml:4:1\b.*(?s:.*)`?paths"),
    "dangling reference": (
        {"openapi.yaml": HEAD + "paths: {/a: {$ref: 'other.yaml#/nowhere'}}\n", "other.yaml": "somewhere: {}\n"},
        r"openapi\.yaml:3:",
    ),
    "cyclic references": (
        {
            "openapi.yaml": HEAD + "paths: {/a: {$ref: 'b.yaml#/b'}}\n",
            "b.yaml": "b: {$ref: 'c.yaml#/c'}\n",
            "c.yaml": "c: {$ref: 'b.yaml#/b'}\n",
        },
        r"[abc]\.yaml:1:|openapi\.yaml:3:",
    ),
    "a reference out of the root": (
        {"openapi.yaml": HEAD + "paths: {/a: {$ref: '../../x.yaml#/a'}}\n"},
        r"openapi\.yaml:3:",
    ),
    "an absolute reference": ({"openapi.yaml": HEAD + "paths: {/a: {$ref: '/etc/passwd'}}\n"}, r"openapi\.yaml:3:"),
    "a network reference": (
        {"openapi.yaml": HEAD + "paths: {/a: {$ref: 'https://example.com/a'}}\n"},
        r"openapi\.yaml:3:",
    ),
    "a missing referenced file": (
        {"openapi.yaml": HEAD + "paths: {/a: {$ref: 'gone.yaml'}}\n"},
        r"openapi\.yaml:3:.*(?s:.*)gone\.yaml",
    ),
    "a missing file": ({}, r"no file openapi\.yaml(?s:.*)integration\.yaml:1:"),
    "an empty file": ({"openapi.yaml": ""}, r"openapi\.yaml"),
    "not utf-8": ({"openapi.yaml": "\udcff\udcfe broken"}, r"openapi\.yaml"),
    "not openapi": ({"openapi.yaml": "a: 1\n"}, r"openapi\.yaml"),
    "swagger 1.2": (
        {"openapi.yaml": "swagger: '1.2'\ninfo: {title: T, version: '1'}\npaths: {}\n"},
        r"openapi\.yaml:1:.*(?s:.*)1\.2",
    ),
    "an unknown config key": (
        {"openapi.yaml": HEAD + PATHS, "integration.yaml": "spec: openapi.yaml\nformater: black\n"},
        r"integration\.yaml:2:1\b.*(?s:.*)formatter",
    ),
    "an unused skip": (
        {"openapi.yaml": HEAD + PATHS, "integration.yaml": "spec: openapi.yaml\nskip: {gone: not needed}\n"},
        r"integration\.yaml:2:.*(?s:.*)gone",
    ),
    "a security scheme that nobody knows": (
        {
            "openapi.yaml": HEAD
            + "components: {securitySchemes: {k: {type: apiKey, in: fragment, name: k}}}\nsecurity: [{k: []}]\n"
            + PATHS
        },
        r"openapi\.yaml:3:.*(?s:.*)fragment",
    ),
    "a parameter in a place that nobody knows": (
        {"openapi.yaml": HEAD + "paths: {/a: {get: {parameters: [{name: b, in: wallet}], responses: {}}}}\n"},
        r"openapi\.yaml:3:.*(?s:.*)wallet(?s:.*)skip",
    ),
    "a path that is a URL": (
        {"openapi.yaml": HEAD + "paths: {'https://a.example/b': {get: {operationId: a, responses: {}}}}\n"},
        r"openapi\.yaml:3:",
    ),
    "responses that are a list": (
        {"openapi.yaml": HEAD + "paths: {/a: {get: {operationId: a, responses: [200]}}}\n"},
        r"openapi\.yaml:3:",
    ),
    "a status that is none": (
        {"openapi.yaml": HEAD + "paths: {/a: {get: {operationId: a, responses: {20x: {description: d}}}}}\n"},
        r"openapi\.yaml:3:",
    ),
    "a fence that never closes": (
        {"page.md": "# T\n\n```yaml\n" + HEAD + PATHS, "integration.yaml": "spec: page.md\n"},
        r"never closed(?s:.*)page\.md:3:1",
    ),
    "an error inside a fence": (
        {
            "page.md": "# T\n\n````yaml\n" + HEAD + "paths: {/a: {$ref: '#/nowhere'}}\n````\n",
            "integration.yaml": "spec: page.md\n",
        },
        r"page\.md:6:",
    ),
    "a page without a document": (
        {"page.md": "# T\n\n```yaml\na: 1\n```\n", "integration.yaml": "spec: page.md\n"},
        r"page\.md",
    ),
    "an alias bomb": ({"openapi.yaml": bomb()}, r"openapi\.yaml:\d+:"),
}

CORRECT: dict[str, str] = {
    "a python keyword": HEAD
    + "paths: {/a: {get: {operationId: class, tags: [import], responses: {'200': {description: ok}}}}}\n",
    "hostile description": HEAD
    + 'paths: {/a: {get: {operationId: a, description: "\\"\\"\\" \\\\ \' {{ 7*7 }} {% raw %}\\n import os", responses: {\'200\': {description: ok}}}}}\n',
    "an operationId that is a path": HEAD + "paths: {/a: {get: %s}}\n" % (OPERATION % "../../x"),
    "dates and booleans of yaml 1.1": HEAD
    + "paths: {/on: {get: %s}}\ncomponents: {schemas: {A: {enum: [on, no, 2026-01-01, 1_000, 12:30]}}}\n"
    % (OPERATION % "no"),
}


def project(tmp_path: Path, files: dict[str, str]) -> Path:
    folder = tmp_path / "spec" / "subject"
    folder.mkdir(parents=True)
    for name, text in {"integration.yaml": "spec: openapi.yaml\n", **files}.items():
        (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    return tmp_path


@pytest.mark.parametrize("command", ["generate", "check"])
@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_refused_at_its_place(
    name: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files, pattern = REFUSED[name]
    monkeypatch.chdir(project(tmp_path, files))
    before = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert main([command]) == 2
    told = capsys.readouterr()
    assert re.search(pattern, told.err), told.err
    assert "Traceback" not in told.out + told.err
    assert "internal" not in told.err
    assert "help: " in told.err
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == before


@pytest.mark.parametrize("name", CORRECT)
def test_odd_input_gives_a_correct_output(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project(tmp_path, {"openapi.yaml": CORRECT[name]}))
    assert main(["generate"]) == 0, capsys.readouterr().err
    outside = [p for p in tmp_path.rglob("*.py") if not p.is_relative_to(tmp_path / "generated" / "subject")]
    assert not outside
    assert compileall.compile_dir(str(tmp_path / "generated"), quiet=2)
    assert main(["check"]) == 0


def test_all_errors_of_a_run_are_told_not_only_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    body = "parameters: [{name: b, in: wallet}]"
    text = HEAD + f"paths:\n  /a: {{post: {{{body}, responses: {{}}}}}}\n  /b: {{post: {{{body}, responses: {{}}}}}}\n"
    monkeypatch.chdir(project(tmp_path, {"openapi.yaml": text}))
    assert main(["generate"]) == 2
    told = capsys.readouterr().err
    assert "openapi.yaml:4:" in told
    assert "openapi.yaml:5:" in told
    assert "2 errors" in told


def test_skip_leaves_out_what_cannot_be_generated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAD + "paths:\n  /a: {post: {parameters: [{name: b, in: wallet}], responses: {}}}\n  /b: {get: %s}\n" % (
        OPERATION % "b"
    )
    files = {"openapi.yaml": text, "integration.yaml": "spec: openapi.yaml\nskip:\n  POST /a: pays\n"}
    monkeypatch.chdir(project(tmp_path, files))
    assert main(["generate"]) == 0
    handlers = (tmp_path / "generated" / "subject" / "server" / "handlers.py").read_text("utf-8")
    assert "GET /b" in handlers
    assert "POST /a" not in handlers


def test_include_takes_what_it_names_and_the_schemas_that_this_reaches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = "{'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/%s'}}}}}"
    text = (
        HEAD
        + "paths:\n"
        + f"  /a: {{get: {{operationId: a, tags: [A], responses: {answer % 'A'}}}}}\n"
        + f"  /b: {{get: {{operationId: b, tags: [B], responses: {answer % 'B'}}}}}\n"
        + "components: {schemas: {A: {type: object, properties: {x: {type: string}}}, B: {type: object, properties: {y: {type: string}}}}}\n"
    )
    files = {"openapi.yaml": text, "integration.yaml": "spec: openapi.yaml\ninclude: {tags: [A]}\n"}
    monkeypatch.chdir(project(tmp_path, files))
    assert main(["generate"]) == 0
    made = "".join(p.read_text("utf-8") for p in (tmp_path / "generated" / "subject" / "models").glob("*.py"))
    assert "class A(" in made
    assert "class B(" not in made
