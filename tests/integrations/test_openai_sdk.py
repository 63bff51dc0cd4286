"""The official `openai` SDK against each generated server, on a real uvicorn."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator

import openai
import pytest

from generated import apifox, bifrost
from generated import openai as openai_api
from generated.apifox.server import create_app as create_apifox
from generated.bifrost.server import Credentials, matches
from generated.bifrost.server import create_app as create_bifrost
from generated.openai.server import create_app as create_openai
from tests.integrations.handlers import PIXEL, ApifoxImages, BifrostImages, OpenAIImages
from tests.serving import serve

KEY = "sk-test"
BASIC = base64.b64encode(b"admin:secret").decode()
ANONYMOUS = {"Authorization": openai.Omit()}


def knows(credentials: Credentials) -> str | None:
    """Takes one right answer for each scheme."""
    for given in (credentials.bearer_auth, credentials.virtual_key_auth, credentials.api_key_auth):
        if given is not None and matches(given, KEY):
            return "caller"
    basic = credentials.basic_auth
    return "admin" if basic is not None and matches(basic.username + basic.password, "adminsecret") else None


@pytest.fixture(scope="module")
def images() -> BifrostImages:
    return BifrostImages()


@pytest.fixture(scope="module")
def gateway(images: BifrostImages) -> Iterator[str]:
    with serve(create_bifrost(images, authenticate=knows)) as url:
        yield url


@pytest.fixture(scope="module")
def base_urls(gateway: str) -> Iterator[dict[str, str]]:
    """Where the SDK has to point for each generated server. The second one answers without `/v1`."""
    with (
        serve(create_openai(OpenAIImages(), authenticate=lambda given: given.api_key == KEY)) as openai_url,
        serve(create_apifox(ApifoxImages(), authenticate=lambda given: given.bearer_auth == KEY)) as apifox_url,
    ):
        yield {
            "bifrost": f"{gateway}/openai/v1",
            "bifrost without /v1": f"{gateway}/openai",
            "openai": openai_url,
            "apifox": f"{apifox_url}/v1",
        }


SERVERS = ("bifrost", "bifrost without /v1", "openai", "apifox")


def client(url: str, **more: object) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=url, api_key=KEY, max_retries=0, timeout=30, **more
    )  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("server", SERVERS)
def test_generate_returns_parsed_data(base_urls: dict[str, str], server: str) -> None:
    result = client(base_urls[server]).images.generate(model="gpt-image-1", prompt="a lighthouse", n=1)
    assert result.data is not None
    assert result.data[0].b64_json == PIXEL


@pytest.mark.parametrize("server", SERVERS)
async def test_generate_returns_parsed_data_async(base_urls: dict[str, str], server: str) -> None:
    async with openai.AsyncOpenAI(base_url=base_urls[server], api_key=KEY, max_retries=0) as sdk:
        result = await sdk.images.generate(model="gpt-image-1", prompt="a lighthouse")
    assert result.data is not None
    assert result.data[0].b64_json == PIXEL


@pytest.mark.parametrize("server", SERVERS)
def test_bad_size_raises_bad_request_with_param(base_urls: dict[str, str], server: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client(base_urls[server]).images.generate(
            model="gpt-image-1", prompt="x", size="7x7"
        )  # pyright: ignore[reportArgumentType]
    assert caught.value.param == "size"
    assert "size" in caught.value.message


@pytest.mark.parametrize("server", SERVERS)
def test_no_credentials_raise_authentication_error(base_urls: dict[str, str], server: str) -> None:
    with pytest.raises(openai.AuthenticationError) as caught:
        client(base_urls[server]).images.generate(model="m", prompt="x", extra_headers=ANONYMOUS)
    assert "www-authenticate" in caught.value.response.headers


@pytest.mark.parametrize("server", SERVERS)
def test_wrong_credentials_raise_authentication_error(base_urls: dict[str, str], server: str) -> None:
    with pytest.raises(openai.AuthenticationError):
        client(base_urls[server]).with_options(api_key="sk-other").images.generate(model="m", prompt="x")


@pytest.mark.parametrize(
    "header",
    [
        {"Authorization": f"Bearer {KEY}"},
        {"Authorization": f"Basic {BASIC}"},
        {**ANONYMOUS, "x-bf-vk": KEY},
        {**ANONYMOUS, "x-api-key": KEY},
    ],
    ids=["bearer", "basic", "virtual key", "api key"],
)
def test_each_scheme_alone_opens_the_route(base_urls: dict[str, str], header: dict[str, str]) -> None:
    result = client(base_urls["bifrost"]).images.generate(model="m", prompt="x", extra_headers=header)
    assert result.data is not None


def test_stream_yields_events_as_they_are_produced(base_urls: dict[str, str], images: BifrostImages) -> None:
    """The handler waits for the gate, which opens only when its first event is in the caller's hands."""
    images.gate.clear()
    with client(base_urls["bifrost"]).images.generate(model="m", prompt="wait", stream=True) as stream:
        first = next(iter(stream))
        assert first.type == "image_generation.partial_image"
        assert first.b64_json == PIXEL
        images.gate.set()
        last = list(stream)
    assert [event.type for event in last] == ["image_generation.completed"]
    assert last[0].usage.total_tokens == 5


async def test_stream_yields_events_as_they_are_produced_async(
    base_urls: dict[str, str], images: BifrostImages
) -> None:
    images.gate.clear()
    async with openai.AsyncOpenAI(base_url=base_urls["bifrost without /v1"], api_key=KEY) as sdk:
        stream = await sdk.images.generate(model="m", prompt="wait", stream=True)
        first = await anext(aiter(stream))
        assert first.type == "image_generation.partial_image"
        images.gate.set()
        assert [event.type async for event in stream] == ["image_generation.completed"]


def test_error_in_mid_stream_reaches_the_caller(base_urls: dict[str, str]) -> None:
    stream = client(base_urls["bifrost"]).images.generate(model="m", prompt="late", stream=True)
    assert next(iter(stream)).type == "image_generation.partial_image"
    with pytest.raises(openai.APIError, match="the provider went away") as caught:
        next(iter(stream))
    assert caught.value.code == "provider_lost"


async def test_error_in_mid_stream_reaches_the_caller_async(base_urls: dict[str, str]) -> None:
    async with openai.AsyncOpenAI(base_url=base_urls["bifrost"], api_key=KEY) as sdk:
        stream = await sdk.images.generate(model="m", prompt="late", stream=True)
        assert (await anext(aiter(stream))).type == "image_generation.partial_image"
        with pytest.raises(openai.APIError, match="the provider went away"):
            await anext(aiter(stream))


def test_error_before_the_first_event_is_a_status(base_urls: dict[str, str]) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client(base_urls["bifrost"]).images.generate(model="m", prompt="fail", stream=True)
    assert (caught.value.param, caught.value.code) == ("prompt", "refused")


def test_declared_error_shape_is_the_bifrost_one(base_urls: dict[str, str]) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client(base_urls["bifrost"]).images.generate(model="m", prompt="fail")
    body = caught.value.response.json()
    assert body["status_code"] == 400
    assert body["error"]["param"] == "prompt"


def test_azure_route_takes_deployment_and_api_version(gateway: str, images: BifrostImages) -> None:
    sdk = client(
        f"{gateway}/openai/openai/deployments/my%20deployment",
        default_query={"api-version": "2025-04-01-preview"},
    )
    assert sdk.images.generate(model="m", prompt="x").data is not None
    name, body, given = images.seen[-1]
    assert (name, body.prompt) == ("create_azure_image", "x")
    assert given == {"deployment_id": "my deployment", "api_version": "2025-04-01-preview"}


def test_many_callers_at_once_get_their_own_answers(base_urls: dict[str, str]) -> None:
    async def ask() -> list[int]:
        async with openai.AsyncOpenAI(base_url=base_urls["bifrost"], api_key=KEY) as sdk:
            results = await asyncio.gather(
                *(sdk.images.generate(model="m", prompt="x", n=1 + i % 10) for i in range(40))
            )
        return [len(result.data or []) for result in results]

    assert asyncio.run(ask()) == [1 + i % 10 for i in range(40)]


@pytest.mark.parametrize(("server", "package"), [("bifrost", bifrost), ("openai", openai_api), ("apifox", apifox)])
def test_server_serves_the_source_document(base_urls: dict[str, str], server: str, package: object) -> None:
    import json
    from pathlib import Path

    import httpx2

    root = httpx2.URL(base_urls[server]).copy_with(path="/openapi.json")
    source = Path(str(package.__file__)).with_name("openapi.json")  # pyright: ignore[reportAttributeAccessIssue]
    assert httpx2.get(root).json() == json.loads(source.read_text("utf-8"))
