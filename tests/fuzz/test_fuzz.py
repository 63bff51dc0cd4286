"""Schemathesis finds nothing wrong with what is served: whatever is asked, the answer is what the document says of it.

`pytest -m fuzz -n 0 tests/fuzz -s`; ``SPECLOOM_FUZZ_EXAMPLES`` says how many examples an operation gets, 25 where it is not set.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.corpus.documents import document
from tests.fuzz.judge import judge
from tests.fuzz.keyed import BASIC, BEARER, KEY
from tests.serve.running import serving_with

pytestmark = pytest.mark.fuzz

_EXAMPLES = int(os.environ.get("SPECLOOM_FUZZ_EXAMPLES", "25"))
_AUTHORIZATION = {"museum": BASIC}


@pytest.mark.parametrize("name", ["bifrost", "openai", "apifox", "museum", "petstore3", "train-travel", "ollama"])
def test_nothing_is_wrong_with_what_is_served(name: str, tmp_path: Path) -> None:
    pytest.importorskip("schemathesis", reason="schemathesis is not installed: pip install 'specloom[fuzz]'")
    from tests.fuzz.exclusions import exclusions_of  # it speaks of schemathesis

    served = name if name in ("bifrost", "openai", "apifox") else str(document(f"{name}/openapi.yaml"))
    headers = {"Authorization": _AUTHORIZATION.get(name, BEARER)}
    if name == "petstore3":
        headers["api_key"] = KEY
    with serving_with(["tests.fuzz.keyed", served], tmp_path) as server:
        verdict = judge(name, server.url, tmp_path, headers=headers, examples=_EXAMPLES)
        assert "Traceback" not in server.said, server.said
    print(f"{name}: {verdict}")
    assert verdict.sound, verdict.printed
    assert exclusions_of(name) == set(verdict.excluded), "an exclusion that nothing needs"
