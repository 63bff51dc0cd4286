"""Ten thousand calls through a network that breaks: each ends as the caller can understand, and nothing is done twice."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from generated.bifrost.client import ApiError, AsyncClient, Client
from generated.bifrost.models import (
    ImageData,
    OpenAIImageGenerationRequest,
    OpenAIImageGenerationResponse,
    OpenAIImageStreamResponse,
)
from generated.bifrost.server import ImagesHandlers, create_app
from tests.load.chaos import chaos
from tests.serving import serve

pytestmark = pytest.mark.load

CALLS = 10_000
WORKERS = 40
TIMEOUT = httpx2.Timeout(0.5, pool=10.0)
RETRIES = 2
DEADLINE = 10.0
"""Seconds: three attempts whose phases last half a second at most each time something comes, and the waits between."""

Outcomes = Counter[str]


class Images(ImagesHandlers):
    """Notes how often each prompt was drawn, and which streams are being told."""

    def __init__(self) -> None:
        self.drawn = Counter[str]()
        self.telling = 0

    async def create_image(self, body: OpenAIImageGenerationRequest, /) -> OpenAIImageGenerationResponse:
        self.drawn[body.prompt] += 1
        return OpenAIImageGenerationResponse(created=1, data=[ImageData(b64_json="a" * 2_000)])

    async def create_image_stream(
        self, body: OpenAIImageGenerationRequest, /
    ) -> AsyncIterator[OpenAIImageStreamResponse]:
        self.drawn[body.prompt] += 1
        self.telling += 1
        try:
            for _ in range(3):
                yield OpenAIImageStreamResponse(type="image_generation.partial_image", b64_json="a" * 500)
            yield OpenAIImageStreamResponse(type="image_generation.completed", b64_json="a" * 500)
        finally:
            self.telling -= 1


async def _async_call(client: AsyncClient, number: int) -> str:
    if number % 2:
        await client.images.create_image(model="m", prompt=f"p{number}")
        return "answer"
    async with client.images.create_image_stream(model="m", prompt=f"p{number}") as stream:
        events = [event async for event in stream]
    assert events[-1].type == "image_generation.completed"
    return "stream"


def _sync_call(client: Client, number: int) -> str:
    if number % 2:
        client.images.create_image(model="m", prompt=f"p{number}")
        return "answer"
    with client.images.create_image_stream(model="m", prompt=f"p{number}") as stream:
        events = list(stream)
    assert events[-1].type == "image_generation.completed"
    return "stream"


async def _all_async(url: str) -> tuple[Outcomes, float, int]:
    """What came of the calls, the seconds of the longest, and how many connections are still busy."""
    outcomes, longest = Outcomes(), 0.0
    numbers = iter(range(CALLS // 2))
    http = httpx2.AsyncClient(limits=httpx2.Limits(max_connections=WORKERS))

    async def work(client: AsyncClient) -> None:
        nonlocal longest
        for number in numbers:
            start = time.monotonic()
            try:
                outcomes[await _async_call(client, number)] += 1
            except ApiError as error:
                outcomes[type(error).__name__] += 1
            longest = max(longest, time.monotonic() - start)

    async with http:
        client = AsyncClient(base_url=url, bearer_auth="k", http_client=http, timeout=TIMEOUT, max_retries=RETRIES)
        await asyncio.gather(*(work(client) for _ in range(WORKERS)))
        return outcomes, longest, _busy(http)


def _all_sync(url: str) -> tuple[Outcomes, float, int]:
    outcomes, times = Outcomes(), [0.0]

    def work(client: Client, number: int) -> None:
        start = time.monotonic()
        try:
            outcomes[_sync_call(client, number)] += 1
        except ApiError as error:
            outcomes[type(error).__name__] += 1
        times.append(time.monotonic() - start)

    with httpx2.Client(limits=httpx2.Limits(max_connections=WORKERS)) as http:
        client = Client(base_url=url, bearer_auth="k", http_client=http, timeout=TIMEOUT, max_retries=RETRIES)
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(lambda number: work(client, number), range(CALLS // 2, CALLS)))
        return outcomes, max(times), _busy(http)


def _busy(http: Any) -> int:
    """The connections of the client's pool that a call still holds."""
    return sum(not (each.is_idle() or each.is_closed()) for each in http._transport._pool.connections)


def test_every_call_ends_and_nothing_is_done_twice() -> None:
    images = Images()
    with serve(create_app(images, authenticate=lambda _: True)) as url, chaos(url, seed=7) as proxy:
        results = [asyncio.run(_all_async(proxy.url)), _all_sync(proxy.url)]
        until = time.monotonic() + 10
        while (proxy.open or images.telling) and time.monotonic() < until:
            time.sleep(0.05)
        assert (proxy.open, images.telling) == (0, 0)
    print(*results, proxy.faults, sep="\n")
    for outcomes, longest, busy in results:
        assert sum(outcomes.values()) == CALLS // 2
        assert outcomes["answer"] > CALLS // 10
        assert outcomes["stream"] > CALLS // 10
        assert longest < DEADLINE
        assert busy == 0
    assert len(proxy.faults) == 6
    assert sum(proxy.faults.values()) > 1_000
    assert [prompt for prompt, times in images.drawn.items() if times > 1] == []
