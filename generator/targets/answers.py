"""The target that ``serve`` asks for beside the server: what examples of answers are made of, as data."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

from generator import ir
from generator.layout import ANSWERS

from .python import Artifact


def make(api: ir.Api) -> list[Artifact]:
    """The one file of this target: :attr:`ir.Api.answers`."""
    return [Artifact(PurePosixPath(ANSWERS), json.dumps(api.answers))]
