"""Real documents: they are not part of the repository, so the tests that read them are handed a folder."""

from __future__ import annotations

import os
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
