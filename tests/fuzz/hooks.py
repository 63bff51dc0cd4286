"""What schemathesis loads: it leaves out what ``exclusions`` argue away, and counts that."""

from __future__ import annotations

import atexit
import json
import os
from collections import Counter
from pathlib import Path

import schemathesis
from schemathesis.core.failures import Failure

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


@atexit.register
def tell() -> None:
    Path(os.environ["SPECLOOM_FUZZ_TALLY"]).write_text(json.dumps(_EXCLUDED))
