"""Each folder of ``cases/pages`` is an integration of several documents, or of a page, and what they make together.

``expected.json`` is the tree, with what is warned about in ``expected-warnings.txt``; ``expected-error.txt`` holds the errors
instead. What comes out must be the same in whatever order the pages are named.
"""

from __future__ import annotations

import json
import random
import subprocess
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from generator import pipeline
from generator.config import Integration, load_integration
from generator.errors import SpecloomError
from tests.reading.test_reading_cases import written

CASES = Path(__file__).parents[1] / "cases" / "pages"
FOLDERS = sorted(path.parent for path in CASES.glob("*/integration.yaml"))


def read(integration: Integration) -> dict[str, str]:
    """What comes out: the tree and the warnings, or the errors, by the name of the file that expects it."""
    try:
        bundled = pipeline.patched(integration)
    except SpecloomError as problem:
        return {"expected-error.txt": written(problem.diagnostics)}
    tree = json.dumps(bundled.tree, indent=2, ensure_ascii=False) + "\n"
    told = written(bundled.warnings)
    return {"expected.json": tree, **({"expected-warnings.txt": told} if told else {})}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_pages_become_one_document(folder: Path, request: pytest.FixtureRequest) -> None:
    made = read(load_integration(folder))
    if request.config.getoption("--update-goldens"):
        for old in folder.glob("expected*"):
            old.unlink()
        for name, text in made.items():
            (folder / name).write_text(text, "utf-8")
    assert made == {path.name: path.read_text("utf-8") for path in folder.glob("expected*")}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_order_of_the_pages_says_nothing(folder: Path) -> None:
    integration = load_integration(folder)
    turned = replace(integration, spec=integration.spec[::-1])
    made, others = read(integration), read(turned)
    assert made.keys() == others.keys()
    if "error[dangling" not in made.get("expected-error.txt", ""):  # told page by page
        assert made == others


def ten_pages(folder: Path) -> list[str]:
    """Ten pages in three dialects: five operations, three of them documented more than once, with shared components."""
    names: list[str] = []
    for number in range(10):
        document = f"""\
openapi: 3.0.{number % 3}
info: {{title: Page {number}, version: 1.{number}.0}}
servers: [{{url: "https://{"api" if number % 4 else "other"}.example.com"}}]
paths:
  /v1/things{number % 5}/{{id}}:
    parameters:
      - {{name: id, in: path, required: true, schema: {{type: string}}}}
    post:
      summary: Thing {number}
      tags: [things, "group{number % 2}"]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [model]
              properties:
                model: {{type: string, enum: [model-{number}]}}
                shared: {{$ref: "#/components/schemas/Shared"}}
                own: {{$ref: "#/components/schemas/Own{number}"}}
      responses:
        "200": {{description: "{number}", content: {{application/json: {{schema: {{$ref: "#/components/schemas/Shared"}}}}}}}}
        "40{number}": {{$ref: "#/components/responses/Bad"}}
components:
  schemas:
    Shared: {{description: "{"long " * number}words", type: object, properties: {{a: {{type: integer}}}}}}
    Own{number}: {{type: string, enum: ["{number}"]}}
  responses:
    Bad: {{description: No.}}
"""
        marks = ("```", "````", "~~~")[number % 3]
        text = f"# Page {number}\n\n{marks}yaml /openapi.json post /v1\n{document}{marks}\n"
        names.append(f"page{number}.md")
        (folder / names[-1]).write_text(text)
    return names


def test_ten_pages_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    folder = tmp_path / "things"
    folder.mkdir()
    names = ten_pages(folder)
    made: set[tuple[tuple[str, bytes], ...]] = set()
    for seed in range(5):
        random.Random(seed).shuffle(names)
        (folder / "integration.yaml").write_text(f"spec: [{', '.join(names)}]\n")
        generated = pipeline.generate(load_integration(folder))
        assert len(generated.api.operations) == 5
        made.add(tuple(sorted((str(path), data) for path, data in generated.tree.items())))
    assert len(made) == 1


def test_an_error_after_the_merge_points_at_the_line_of_the_page(tmp_path: Path) -> None:
    folder = tmp_path / "things"
    folder.mkdir()
    names = ten_pages(folder)
    page = folder / names[7]
    page.write_text(page.read_text().replace("type: string, enum: [model-7]", "type: strong"))
    (folder / "integration.yaml").write_text(f"spec: [{', '.join(names)}]\n")
    with pytest.raises(SpecloomError) as raised:
        pipeline.generate(load_integration(folder))
    (found,) = raised.value.diagnostics
    line = page.read_text().splitlines().index("                model: {type: strong}") + 1
    assert (found.code, found.location.file, found.location.line) == ("unknown-type", "page7.md", line)


def test_every_page_of_an_index_is_an_input() -> None:
    """One that holds no document today may hold one tomorrow."""
    found = pipeline.generate(load_integration(CASES / "index")).inputs
    assert {"docs/llms.txt", "docs/welcome.md", "docs/api/make.md", "docs/api/list.md"} < found.keys()


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_a_document_is_read_at_a_revision_with_what_it_refers_to(tmp_path: Path) -> None:
    folder = tmp_path / "spec" / "kites"
    (folder / "docs").mkdir(parents=True)
    text = (
        'openapi: 3.1.0\ninfo: {title: T, version: "1"}\npaths: {}\n'
        "components: {schemas: {A: {$ref: 'parts.yaml#/A'}}}\n"
    )
    (folder / "docs" / "openapi.yaml").write_text(text)
    (folder / "docs" / "parts.yaml").write_text("A: {type: string}\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    (folder / "docs" / "parts.yaml").write_text("A: {type: integer}\n")
    git(tmp_path, "commit", "-qam", "second")
    (folder / "integration.yaml").write_text("spec: HEAD~1:docs/openapi.yaml\n")
    generated = pipeline.generate(load_integration(folder))
    assert b'"type": "string"' in generated.tree[PurePosixPath("openapi.json")]
    assert sorted(generated.inputs) == ["HEAD~1:./docs/openapi.yaml", "HEAD~1:./docs/parts.yaml", "integration.yaml"]


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("nowhere:openapi.yaml", "integration.yaml:1:7 no-revision: git knows no revision 'nowhere' here"),
        ("HEAD:openapi.yaml", "integration.yaml:1:7 file-missing: there is no file openapi.yaml at HEAD"),
        ("HEAD:out.yaml", "HEAD:./out.yaml:3:20 outside-root: 'secret.yaml' leads out of the folder of the spec"),
    ],
)
def test_what_git_does_not_have_is_told(tmp_path: Path, spec: str, told: str) -> None:
    folder = tmp_path / "kites"
    folder.mkdir()
    (folder / "out.yaml").write_text(
        'openapi: 3.1.0\ninfo: {title: T, version: "1"}\npaths: {/a: {$ref: "../secret.yaml"}}\n'
    )
    (folder / "secret.yaml").write_text("get: {}\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    (folder / "integration.yaml").write_text(f"spec: {spec}\n")
    with pytest.raises(SpecloomError) as raised:
        pipeline.bundle(load_integration(folder))
    (found,) = raised.value.diagnostics
    assert f"{found.location} {found.code}: {found.message}" == told
