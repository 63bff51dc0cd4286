"""A small project on the disk, and the commands run in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from generator.cli import main

SPEC = """\
openapi: 3.1.0
info:
  title: Images
  version: "1"
servers:
  - url: https://images.test
paths:
  /images:
    post:
      operationId: createImage
      tags: [images]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Request"
      responses:
        "200":
          description: An image.
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Image"
components:
  schemas:
    Request:
      type: object
      required: [prompt]
      properties:
        prompt: {type: string}
    Image:
      type: object
      required: [url]
      properties:
        url: {type: string}
"""

DANGLING = SPEC.replace("schemas/Image", "schemas/Imgae", 1)


@dataclass(frozen=True)
class Ran:
    """What a command gave."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the command line in this process. Never shows a traceback, whatever it is given."""

    def ran(*arguments: object) -> Ran:
        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return Ran(code, out, err)

    return ran


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the integration ``images``; the current folder."""
    add(tmp_path, "images", SPEC)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def add(project: Path, name: str, spec: str) -> Path:
    """Adds an integration; gives its folder."""
    folder = project / "spec" / name
    folder.mkdir(parents=True)
    (folder / "integration.yaml").write_text("spec: openapi.yaml\n")
    (folder / "openapi.yaml").write_text(spec)
    return folder
