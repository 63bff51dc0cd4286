"""Calls of one client, one after the other: `calling.py generated|by-hand|openai URL SECONDS` prints calls per second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

PATH = "/openai/v1/images/generations"


def generated(url: str) -> Callable[[], object]:
    """The generated client."""
    from generated.bifrost.client import Client

    create = Client(base_url=url, bearer_auth="secret").images.create_image
    return lambda: create(model="gpt-image-1", prompt="a lighthouse", n=2, size="1024x1024")


def by_hand(url: str) -> Callable[[], object]:
    """What somebody writes who has httpx2 and the models."""
    import httpx2

    from generated.bifrost.models import OpenAIImageGenerationRequest, OpenAIImageGenerationResponse

    http = httpx2.Client(base_url=url, headers={"authorization": "Bearer secret", "content-type": "application/json"})

    def call() -> object:
        body = OpenAIImageGenerationRequest(model="gpt-image-1", prompt="a lighthouse", n=2, size="1024x1024")
        answer = http.post(PATH, content=body.model_dump_json(exclude_unset=True, by_alias=True))
        answer.raise_for_status()
        return OpenAIImageGenerationResponse.model_validate_json(answer.content)

    return call


def sdk(url: str) -> Callable[[], object]:
    """The official SDK."""
    from openai import OpenAI

    create = OpenAI(base_url=f"{url}/openai/v1", api_key="secret").images.generate
    return lambda: create(model="gpt-image-1", prompt="a lighthouse", n=2, size="1024x1024")


CLIENTS = {"generated": generated, "by-hand": by_hand, "openai": sdk}


def main() -> None:
    call = CLIENTS[sys.argv[1]](sys.argv[2])
    for _ in range(50):
        call()
    made, start = 0, time.perf_counter()
    while (took := time.perf_counter() - start) < float(sys.argv[3]):
        call()
        made += 1
    print(made / took)


if __name__ == "__main__":
    main()
