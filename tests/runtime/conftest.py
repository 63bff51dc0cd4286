"""Puts ``templates/`` on the path, so that the tests import the runtime as the package ``_runtime``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "templates"))
