"""Puts ``templates/`` on the path, so that the tests import the runtime as the package ``_runtime``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "templates"))

from tests.runtime.calling import Caller


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def caller(request: pytest.FixtureRequest) -> Caller:
    return Caller(is_async=request.param)
