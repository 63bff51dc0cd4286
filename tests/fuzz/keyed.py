"""``specloom serve`` for one caller: who shows ``KEY`` may call, nobody else.

The command itself takes any credentials; a judge wants to see others being refused. Run as ``python -m tests.fuzz.keyed SPEC``.
"""

from __future__ import annotations

import base64
import sys
from dataclasses import fields, is_dataclass
from typing import Final

from generator import jobs
from generator.findings import Found
from generator.serve.cache import slot_of
from generator.serve.run import Audience, listening, run

KEY: Final = "sesame"
BEARER: Final = f"Bearer {KEY}"
BASIC: Final = f"Basic {base64.b64encode(f'user:{KEY}'.encode()).decode()}"


def knows(credentials: object) -> bool:
    """Whether one of the schemes has the key: as a token, as an API key or as a password."""
    assert is_dataclass(credentials)
    shown = [getattr(credentials, field.name) for field in fields(credentials)]
    return KEY in [getattr(secret, "password", secret) for secret in shown]


def _fail(problem: Exception) -> None:
    raise problem


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _found(_found: Found) -> None:
    """Warnings about the document are not what is judged here."""


if __name__ == "__main__":
    slot = slot_of(jobs.source(sys.argv[1], None, None), keep_going=False)
    slot.fill()
    with listening("127.0.0.1", 0) as listener:
        run(slot, listener, authenticate=knows, reload=False, audience=Audience(_tell, _found, _fail))
