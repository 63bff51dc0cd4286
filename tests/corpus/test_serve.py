"""Every operation of real documents is answered with an example that its schema and its type take."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from generator import jobs
from generator.serve.answers import handlers
from generator.serve.cache import slot_of
from generator.serve.package import Package
from generator.serve.schemas import Schemas
from tests.corpus.documents import document

pytestmark = pytest.mark.corpus


@pytest.mark.parametrize(
    "name",
    ["bifrost/openapi.yaml", "museum/openapi.yaml", "petstore3/openapi.yaml", "train-travel/openapi.yaml"]
    + ["ollama/openapi.yaml", "redocly-cafe/cafe.yaml", "figma/openapi.yaml", "openai/openapi.yaml"],
)
def test_every_operation_is_answered(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    slot = slot_of(jobs.source(str(document(name)), None, None), keep_going=False)
    slot.fill()
    package = Package(slot.folder)
    schemas, examples = Schemas(package.plan["schemas"]), handlers(package)
    assert package.plan["operations"]
    for method, plan in package.plan["operations"].items():
        if plan["answer"] is not None:
            given = asyncio.run(getattr(examples, method)())
            value = getattr(given, "value", given) if plan["answer"]["headers"] else given
            if plan["answer"]["media"] == "json":
                sent = package.to_json(value)
                package.reader(method).validate_json(sent, by_alias=True, by_name=False)
                assert schemas.fits(schemas.named(plan["answer"]["schema"]), json.loads(sent)), method
        if plan["stream"] is not None:
            stream = method if plan["answer"] is None else f"{method}_stream"
            assert asyncio.run(_count(getattr(examples, stream)())) > 0, stream


async def _count(events: object) -> int:
    return len([event async for event in cast("AsyncIterator[object]", events)])
