"""The README.md of a generated package: its code does what it says, and it is short enough to be read."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from generator.config import from_input
from generator.pipeline import generate
from generator.targets import readme
from templates._runtime import errors
from tests.round_trip import InProcess

ROOT = Path(__file__).parents[1]
NAMES = sorted(path.parent.name for path in ROOT.glob("generated/*/manifest.json"))
CASES = sorted(path.parent for path in Path(__file__).parent.glob("cases/generate/*/openapi.yaml"))


def blocks(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)


def readme_of(name: str) -> str:
    return (ROOT / "generated" / name / "README.md").read_text("utf-8")


def run(text: str, monkeypatch: pytest.MonkeyPatch) -> list[httpx2.Response]:
    """The answers to what a README's client code asks of its server code, which stands where the API is said to be."""
    client, server = blocks(text)
    made: dict[str, Any] = {"__name__": "readme"}
    exec(compile(server, "server", "exec"), made)
    answers: list[httpx2.Response] = []
    (base,) = re.findall(r"^Both call `\w+://[^/`]*([^`]*)`", text, re.M)

    def handle(_: object, request: httpx2.Request) -> httpx2.Response:
        url = request.url.copy_with(raw_path=request.url.raw_path.decode().removeprefix(base).encode())
        asked = httpx2.Request(request.method, url, headers=request.headers, content=request.read())
        answers.append(InProcess(made["app"]).handle_request(asked))
        return answers[-1]

    with monkeypatch.context() as patched:
        patched.setattr(httpx2.HTTPTransport, "handle_request", handle)
        exec(compile(client, "client", "exec"), {"__name__": "readme"})
    return answers


@pytest.mark.parametrize("name", NAMES)
def test_client_code_calls_server_code(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client, _ = blocks(readme_of(name))
    answers = run(readme_of(name), monkeypatch)
    assert [answer.status_code for answer in answers] == [200] * client.count("client.images.")
    printed = capsys.readouterr().out
    assert len(printed.splitlines()) == client.count("print(")
    assert "url='url'" in printed
    if name == "bifrost":
        assert "type='image_generation.completed'" in printed


@pytest.mark.parametrize("name", NAMES)
def test_server_code_refuses_another_secret(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = blocks(readme_of(name))
    with pytest.raises(Exception, match="401") as refused:
        run(readme_of(name).replace(client, client.replace('"secret"', '"guess"')), monkeypatch)
    assert type(refused.value).__name__ == "AuthenticationError"


def test_code_is_typed_and_formatted(tmp_path: Path) -> None:
    for name in NAMES:
        for part, code in zip(("client", "server"), blocks(readme_of(name)), strict=True):
            (tmp_path / f"{name}_{part}.py").write_text(code, encoding="utf-8")
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "extraPaths": [str(ROOT)]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    python = Path(sys.executable)
    for command in (
        [str(python.with_name("pyright")), "--pythonpath", sys.executable, "-p", str(tmp_path)],
        [str(python.with_name("black")), "--check", "--line-length=110", "--target-version=py311", str(tmp_path)],
        [
            str(python.with_name("ruff")),
            "check",
            "--isolated",
            "--extend-select=I,F,E",
            "--line-length=110",
            str(tmp_path),
        ],
    ):
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_short_enough_to_be_read(name: str) -> None:
    assert len(readme_of(name).splitlines()) < 120


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_code_of_every_case_runs(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"readme_{folder.name}"
    made = generate(from_input(folder / "openapi.yaml", name=name, targets=("models", "server", "client")))
    for path, data in made.tree.items():
        (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name / path).write_bytes(data)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    answers = run((tmp_path / name / "README.md").read_text("utf-8"), monkeypatch)
    assert answers
    assert all(answer.status_code < 300 for answer in answers)


@pytest.mark.parametrize("target", ["client", "server", "models"])
def test_it_speaks_of_what_is_there(target: str) -> None:
    folder = ROOT / "spec" / "bifrost"
    made = generate(from_input(folder / "openapi.yaml", name="api", targets=("models", target)))
    text = next(data for path, data in made.tree.items() if path.name == "README.md").decode()
    assert ("## Client" in text) == ("Client |" in text) == ("api.client" in text) == (target == "client")
    assert ("## Server" in text) == ("Handler |" in text) == ("Problem(" in text) == (target == "server")
    assert len(blocks(text)) == (target != "models")


def test_many_operations_have_a_table_for_each_group(tmp_path: Path) -> None:
    def operation(number: int) -> dict[str, Any]:
        return {"get": {"tags": [f"group {number % 20}"], "responses": {"204": {"description": ""}}}}

    paths = {f"/a/{number}": operation(number) for number in range(600)}
    document = {"openapi": "3.1.0", "info": {"title": "Many", "version": "1"}, "paths": paths}
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    made = generate(from_input(tmp_path / "openapi.json", name="many", targets=("models", "server", "client")))
    text = next(data for path, data in made.tree.items() if path.name == "README.md").decode()
    assert text.count("\n### ") == 20
    assert text.count("\n| `GET /a/") == 600
    headings = {line[4:].replace(":", "").replace(" ", "-") for line in text.splitlines() if line.startswith("### ")}
    assert {link.replace("\\", "") for link in re.findall(r"\]\(#([^)]+)\)", text)} == {
        heading.replace("\\", "") for heading in headings
    }


def test_names_of_errors_are_those_of_the_runtime() -> None:
    known = {status: kind.__name__ for status, kind in errors._BY_STATUS.items()}  # pyright: ignore[reportPrivateUsage]
    assert known == readme.RAISED
