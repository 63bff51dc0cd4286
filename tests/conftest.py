"""Options of the suite."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="write what comes out of the cases as expected")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of load run when they are asked for."""
    if "load" not in str(config.getoption("-m")):
        for item in items:
            if item.get_closest_marker("load"):
                item.add_marker(pytest.mark.skip(reason="run by name: pytest -m load -n 0"))
