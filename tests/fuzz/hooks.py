"""What schemathesis loads: it leaves out what ``exclusions`` argue away, and counts that; and it reads lines of JSON."""

from __future__ import annotations

import atexit
import json
import os
from collections import Counter
from pathlib import Path

import schemathesis
from schemathesis.core.failures import Failure

from generator.tree import Json
from tests.fuzz.exclusions import exclusion_of

_DOCUMENT = os.environ["SPECLOOM_FUZZ_DOCUMENT"]
_EXCLUDED: Counter[str] = Counter()


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext, failure: Failure, case: schemathesis.Case, response: schemathesis.Response
) -> bool:
    name = exclusion_of(_DOCUMENT, failure, case, response)
    if name is not None:
        _EXCLUDED[name] += 1
    return name is None


@schemathesis.deserializer("application/x-ndjson")
def last_line(_context: schemathesis.DeserializationContext, response: schemathesis.Response) -> Json:
    """The schema of such an answer speaks of a line. One value is compared with it: the last; the others are JSON."""
    return [json.loads(line) for line in response.content.splitlines()][-1]


@atexit.register
def tell() -> None:
    Path(os.environ["SPECLOOM_FUZZ_TALLY"]).write_text(json.dumps(_EXCLUDED))
