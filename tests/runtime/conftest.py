"""Puts ``templates/`` on the path, so that the tests import the runtime as the package ``_runtime``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "templates"))

from tests.runtime import apps
from tests.runtime.calling import Caller


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is served in process is served in both ways."""
    if getattr(metafunc.module, "build", None) is apps.build:
        metafunc.fixturenames.append("_way")
        metafunc.parametrize("_way", apps.WAYS, indirect=True)


@pytest.fixture
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apps, "way", request.param)


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def caller(request: pytest.FixtureRequest) -> Caller:
    return Caller(is_async=request.param)
