"""One small document, the integration that it makes, and what a command gave."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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


def add(project: Path, name: str, spec: str) -> Path:
    """Adds an integration; gives its folder."""
    folder = project / "spec" / name
    folder.mkdir(parents=True)
    (folder / "integration.yaml").write_text("spec: openapi.yaml\n")
    (folder / "openapi.yaml").write_text(spec)
    return folder
