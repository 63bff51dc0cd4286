"""``specloom new``: a folder, a first generation and a skeleton that runs; or nothing at all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from generator import output, scaffold
from tests.output.small import DANGLING, SPEC, Ran

Run: TypeAlias = Callable[..., Ran]

REPOSITORY = Path(__file__).parents[2]
SECURED = SPEC.replace("paths:", "security: [{key: []}, {login: []}]\npaths:", 1) + (
    "  securitySchemes:\n"
    "    key: {type: apiKey, in: header, name: x-key}\n"
    "    login: {type: http, scheme: basic}\n"
)
CALL = """\
from starlette.testclient import TestClient
from pictures_app import app
for headers in ({}, {"x-key": "wrong"}, {"x-key": "change-me"}):
    print(TestClient(app).post("/images", json={"prompt": "a"}, headers=headers).status_code)
print(TestClient(app).post("/images", json={"prompt": "a"}, auth=("me", "change-me")).status_code)
"""


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project beside a folder that holds the document."""
    (tmp_path / "downloads").mkdir()
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def call(project: Path, **environment: str) -> list[str]:
    """What the skeleton answers: without credentials, with wrong ones, with a key, with a password."""
    done = subprocess.run(
        [sys.executable, "-c", CALL],
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": f"{project}", **environment},
    )
    return done.stdout.split()


def contents(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_new_makes_everything_and_says_how_to_run_it(empty: Path, run: Run) -> None:
    (empty / "../downloads/api.yaml").write_text(SPEC)
    done = run("new", "pictures", "--from", "../downloads/api.yaml")
    assert done.code == 0
    assert contents(empty / "spec") == [
        "pictures",
        "pictures/api.yaml",
        "pictures/integration.yaml",
    ]
    assert "wrote pictures_app.py\n" in done.out
    assert "    uvicorn pictures_app:app --port 8000\n" in done.out
    assert run("generate") == Ran(0, "", "")
    assert run("check") == Ran(0, "", "")


def test_the_skeleton_runs_and_answers_501(empty: Path, run: Run) -> None:
    (empty / "api.yaml").write_text(SPEC)
    run("new", "pictures", "--from", "api.yaml")
    assert call(empty) == ["501"] * 4


def test_the_skeleton_lets_in_who_knows_the_secret(empty: Path, run: Run) -> None:
    (empty / "api.yaml").write_text(SECURED)
    run("new", "pictures", "--from", "api.yaml")
    assert call(empty, PICTURES_SECRET="change-me") == ["401", "401", "501", "501"]
    assert call(empty) == ["401"] * 4, "without a secret nobody gets in"


def test_a_spec_of_several_files_is_copied_as_it_is_laid_out(empty: Path, run: Run) -> None:
    downloads = empty.parent / "downloads"
    (downloads / "schemas").mkdir()
    (downloads / "schemas/image.yaml").write_text("Image: {type: object, properties: {url: {type: string}}}\n")
    (downloads / "unrelated.yaml").write_text("secret: 1\n")
    (downloads / "api.yaml").write_text(SPEC.replace("#/components/schemas/Image", "schemas/image.yaml#/Image"))
    assert run("new", "pictures", "--from", downloads / "api.yaml").code == 0
    assert contents(empty / "spec/pictures") == [
        "api.yaml",
        "integration.yaml",
        "schemas",
        "schemas/image.yaml",
    ]


def test_a_markdown_page_is_copied_as_the_page_it_is(empty: Path, run: Run) -> None:
    page = f"# Images\n\n```yaml\n{SPEC}```\n"
    (empty / "page.md").write_text(page)
    assert run("new", "pictures", "--from", "page.md").code == 0
    assert (empty / "spec/pictures/page.md").read_text() == page


@pytest.mark.parametrize("there", ["spec/pictures", "generated/pictures", "pictures_app.py"])
def test_what_is_there_is_never_overwritten(empty: Path, run: Run, there: str) -> None:
    (empty / "api.yaml").write_text(SPEC)
    (empty / there).parent.mkdir(exist_ok=True)
    (empty / there).write_text("mine")
    before = contents(empty)
    done = run("new", "pictures", "--from", "api.yaml")
    assert (done.code, done.out) == (2, "")
    assert there in done.err
    assert contents(empty) == before


@pytest.mark.parametrize("name", ["class", "my-api", "../up", "1st", ""])
def test_a_name_that_cannot_be_a_package_is_refused(empty: Path, run: Run, name: str) -> None:
    (empty / "api.yaml").write_text(SPEC)
    done = run("new", name, "--from", "api.yaml")
    assert done.code == 2
    assert contents(empty) == ["api.yaml"]
    assert contents(empty.parent / "downloads") == []


def test_a_bad_document_leaves_nothing_behind_and_is_shown_where_it_is(empty: Path, run: Run) -> None:
    (empty / "../downloads/api.yaml").write_text(DANGLING)
    done = run("new", "pictures", "--from", "../downloads/api.yaml")
    assert done.code == 2
    assert "../downloads/api.yaml:24:" in done.err
    assert contents(empty) == []


@pytest.mark.parametrize("step", ["render", "write", "rename"])
def test_a_failure_half_way_leaves_nothing_behind(
    empty: Path, run: Run, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    (empty / "api.yaml").write_text(SPEC)
    if step == "render":
        monkeypatch.setattr(scaffold, "render", fail)
    elif step == "write":
        monkeypatch.setattr(output, "write", fail)
    else:
        rename = Path.rename
        monkeypatch.setattr(
            Path,
            "rename",
            lambda self, to: fail() if to == Path("spec/pictures") else rename(self, to),
        )
    done = run("new", "pictures", "--from", "api.yaml")
    assert done.code == 2
    assert "No space left" in done.err
    assert contents(empty) == ["api.yaml"]


def test_the_skeleton_keeps_hostile_text_as_text(empty: Path, run: Run) -> None:
    evil = '\\"\\"\\" + __import__(\'os\').abort() + {{ 7*7 }} {% raw %}'
    spec = SPEC.replace("title: Images", f'title: "{evil}"').replace(
        "operationId:", f'summary: "{evil}"\n      operationId:'
    )
    (empty / "api.yaml").write_text(spec)
    assert run("new", "pictures", "--from", "api.yaml").code == 0
    assert call(empty) == ["501"] * 4
    assert "{{ 7*7 }}" in (empty / "pictures_app.py").read_text()
