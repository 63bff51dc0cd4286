"""One operation in several APIs: which operations are the same, and what is told of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import ir, jobs, pipeline
from generator.cli import main
from generator.comparing import ABSENT, Matrix, compare
from generator.config import from_input

ROOT = Path(__file__).parents[2]
SEEDS = ["bifrost", "openai", "apifox"]


@pytest.fixture(scope="module")
def seeds() -> list[ir.Api]:
    return [pipeline.understand(job.load()).api for job in jobs.of_project(ROOT, SEEDS)]


def row(matrix: Matrix, section: str, name: str) -> tuple[str, ...]:
    (found,) = (r.cells for s in matrix.sections if s.title == section for r in s.rows if r.name == name)
    return found


def test_the_seeds_describe_one_endpoint_in_three_dialects(seeds: list[ir.Api]) -> None:
    (matrix,) = compare(seeds, operation="POST /images/generations")
    assert matrix.names == ("bifrost", "openai", "apifox")
    assert row(matrix, "Request body", "prompt") == (
        "required string",
        "required string, at most 1000 characters",
        "required string",
    )
    assert row(matrix, "Request body", "fallbacks") == ("list of string", ABSENT, ABSENT)
    assert row(matrix, "Operation", "credentials")[1:] == ("bearer", "bearer")
    assert row(matrix, "Operation", "stream") == ("text/event-stream, if `stream` is true", "no", "no")
    assert row(matrix, "Answer", "data[].url") == ("string", "string", "string")


def test_without_a_name_each_operation_that_another_has(seeds: list[ir.Api]) -> None:
    plain, azure = compare(seeds)
    assert plain.title == "POST /openai/v1/images/generations"
    assert row(azure, "Parameters", "deployment-id (path)") == ("required string", ABSENT, ABSENT)


def document(folder: Path, name: str, path: str, fields: str) -> ir.Api:
    file = folder / f"{name}.yaml"
    file.write_text(f"""openapi: 3.1.0
info: {{title: {name}, version: "1"}}
paths:
  {path}:
    post:
      requestBody:
        content:
          application/json:
            schema: {{type: object, properties: {{{fields}}}}}
      responses: {{"204": {{description: done}}}}
""")
    return pipeline.understand(from_input(file, name=name, targets=())).api


FIELDS = "prompt: {type: string}, size: {type: string}, n: {type: integer}"


def test_an_operation_is_found_by_its_body_where_paths_differ(tmp_path: Path) -> None:
    ours = document(tmp_path, "a", "/v1/images/generations", FIELDS)
    theirs = document(tmp_path, "b", "/predict", FIELDS + ", seed: {type: integer}")
    other = document(tmp_path, "c", "/pets", "name: {type: string}, tag: {type: string}")
    (matrix,) = compare([ours, theirs, other])
    assert matrix.names == ("a", "b")
    assert row(matrix, "Request body", "seed") == (ABSENT, "integer")
    assert compare([ours, other]) == ()


def test_what_is_within_something_absent_is_not_told_again(seeds: list[ir.Api]) -> None:
    (matrix,) = compare(seeds, operation="POST /images/generations")
    (answer,) = (section for section in matrix.sections if section.title == "Answer")
    told = [row.name for row in answer.telling]
    assert "usage" in told and not any(name.startswith("usage.") for name in told)


def test_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    asked = ["compare", *SEEDS, "--operation", "POST /images/generations"]
    assert main(asked) == 0
    out = capsys.readouterr().out
    assert "fallbacks" in out and "data[].url" not in out
    assert main([*asked, "--all"]) == 0
    assert "data[].url" in capsys.readouterr().out
    assert main(["compare", "bifrost"]) == 2
    assert main(["compare", "bifrost", "openai", "--operation", "GET /nothing"]) == 2
    assert "'GET /nothing' is not in two of them" in capsys.readouterr().err


def test_the_readme_shows_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    main(["compare", *SEEDS, "--operation", "POST /images/generations", "--format", "markdown"])
    table = capsys.readouterr().out.partition("\n\n")[2]
    assert table.strip() in (ROOT / "README.md").read_text("utf-8")
