"""Real documents: they are not part of the repository, so the tests that read them are handed a folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest


def document(name: str) -> Path:
    """A file of the folder that ``SPECLOOM_CORPUS`` names. Skips the test when it is not there."""
    folder = os.environ.get("SPECLOOM_CORPUS")
    if folder is None:
        pytest.skip("SPECLOOM_CORPUS names no folder of real documents")
    path = Path(folder) / name
    if not path.is_file():
        pytest.skip(f"SPECLOOM_CORPUS has no {name}")
    return path


def documents(*, bytes_at_most: int) -> list[Path]:
    """The small documents of the folder that refer to no other file. Skips the test when there are none."""
    folder = os.environ.get("SPECLOOM_CORPUS")
    if folder is None:
        pytest.skip("SPECLOOM_CORPUS names no folder of real documents")
    files = (path for path in sorted(Path(folder).rglob("*")) if path.suffix in (".json", ".yaml", ".yml"))
    found = [path for path in files if path.stat().st_size <= bytes_at_most and is_whole(path.read_bytes())]
    if not found:
        pytest.skip("SPECLOOM_CORPUS has no document small enough")
    return found


def is_whole(text: bytes) -> bool:
    """Whether it looks like a document, all of whose references stay in it."""
    root = re.search(rb"^\s*\"?(openapi|swagger)\"?\s*:", text, re.MULTILINE)
    return root is not None and not re.search(rb"\$ref\"?\s*:\s*[\"']?[^\"'#\s]", text)
