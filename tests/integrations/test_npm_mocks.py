"""The generated clients against servers that nobody here wrote: steady and prism, on `specloom bundle` output.

They come from npm, at the versions in tests/mocks/package.json. Without npm these tests are skipped; with CI set they
fail instead.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from filelock import FileLock

from generated.apifox.client import AsyncClient as AsyncApifox
from generated.apifox.client import Client as Apifox
from generated.bifrost.client import ApiError, StatusError
from generated.bifrost.client import AsyncClient as AsyncBifrost
from generated.bifrost.client import Client as Bifrost
from generated.bifrost.models import OpenAIImageGenerationResponse, OpenAIImageStreamResponse
from generated.openai.client import AsyncClient as AsyncOpenAI
from generated.openai.client import Client as OpenAI

ROOT = Path(__file__).parents[2]
MOCKS = ROOT / "tests" / "mocks"
MOCK_NAMES = ("steady", "prism")


@pytest.fixture(scope="session")
def binaries() -> Path:
    """The folder of the mock servers' programs, installed when they are not there yet."""
    folder = MOCKS / "node_modules" / ".bin"
    if shutil.which("npm") is None:
        if os.environ.get("CI"):
            pytest.fail("npm is not installed")
        pytest.skip("npm is not installed: the mock servers come from there")
    with FileLock(MOCKS / ".install.lock"):
        if not all((folder / name).exists() for name in MOCK_NAMES):
            subprocess.run(
                ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund"],
                cwd=MOCKS, check=True, capture_output=True, timeout=300,
            )  # fmt: skip
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mock(binaries: Path, name: str, document: Path) -> Iterator[str]:
    """The base URL of a mock of ``document``, ended by its own process when the block ends."""
    port = free_port()
    program = str(binaries / name)
    arguments = {
        "steady": [program, "--host", "127.0.0.1", "--port", str(port), str(document)],
        "prism": [program, "mock", "--errors", "-h", "127.0.0.1", "-p", str(port), str(document)],
    }[name]
    log = document.with_suffix(f".{name}.log")
    with log.open("wb") as output:
        process = subprocess.Popen(arguments, stdout=output, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + 60
            while True:
                assert process.poll() is None, f"{name} ended: {log.read_text()}"
                assert time.monotonic() < deadline, f"{name} does not listen: {log.read_text()}"
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def bundled(name: str, folder: Path) -> Path:
    """The file that `specloom bundle NAME` prints."""
    result = subprocess.run(
        [sys.executable, "-m", "generator", "bundle", name], cwd=ROOT, check=True, capture_output=True, timeout=60
    )
    path = folder / f"{name}.json"
    path.write_bytes(result.stdout)
    return path


@pytest.fixture(scope="module", params=MOCK_NAMES)
def mock_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def bifrost_url(binaries: Path, mock_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mock(binaries, mock_name, bundled("bifrost", tmp_path_factory.mktemp("bifrost"))) as url:
        yield url


@pytest.fixture(scope="module")
def openai_url(binaries: Path, mock_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mock(binaries, mock_name, bundled("openai", tmp_path_factory.mktemp("openai"))) as url:
        yield url


@pytest.fixture(scope="module")
def apifox_url(binaries: Path, mock_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mock(binaries, mock_name, bundled("apifox", tmp_path_factory.mktemp("apifox"))) as url:
        yield url


def judged(response: httpx2.Response) -> None:
    """steady says in a header how often the request departs from the document; prism refuses such a request."""
    assert response.headers.get("x-steady-error-count", "0") == "0"


def test_bifrost_call(bifrost_url: str) -> None:
    with Bifrost(base_url=bifrost_url, bearer_auth="t", max_retries=0) as client:
        result = client.raw(
            client.images.create_image, model="m", prompt="p", n=2, size="1024x1024", fallbacks=["a"], quality="hd"
        )
        azure = client.raw(
            client.images.create_azure_image, deployment_id="a b", api_version="1", model="m", prompt="p", style="vivid"
        )
    for raw in (result, azure):
        judged(raw.response)
        assert isinstance(raw.parse(), OpenAIImageGenerationResponse)
        assert json.loads(raw.parse().model_dump_json(exclude_unset=True)) == raw.response.json()


async def test_bifrost_call_async(bifrost_url: str) -> None:
    async with AsyncBifrost(base_url=bifrost_url, virtual_key_auth="t", max_retries=0) as client:
        result = await client.raw(client.images.create_image, model="m", prompt="p", user="u")
        azure = await client.raw(client.images.create_azure_image, deployment_id="d", model="m", prompt="p")
    for raw in (result, azure):
        judged(raw.response)
        assert json.loads(raw.parse().model_dump_json(exclude_unset=True)) == raw.response.json()


def test_bifrost_stream(bifrost_url: str, mock_name: str) -> None:
    """steady streams events of the schema; prism answers with text that is no event stream's."""
    with Bifrost(base_url=bifrost_url, bearer_auth="t", max_retries=0) as client:
        if mock_name == "prism":
            with pytest.raises(ApiError), client.images.create_image_stream(model="m", prompt="p") as stream:
                list(stream)
            return
        with client.images.create_image_stream(model="m", prompt="p") as stream:
            judged(stream.response)
            events = list(stream)
    assert len(events) == 5
    assert all(isinstance(event, OpenAIImageStreamResponse) for event in events)


async def test_bifrost_stream_async(bifrost_url: str, mock_name: str) -> None:
    if mock_name == "prism":
        pytest.skip("prism does not stream")
    async with (
        AsyncBifrost(base_url=bifrost_url, bearer_auth="t", max_retries=0) as client,
        client.images.create_azure_image_stream(deployment_id="d", model="m", prompt="p") as stream,
    ):
        assert len([event async for event in stream]) == 5


def test_mock_refuses_what_the_document_forbids(bifrost_url: str) -> None:
    """The mock is a judge: a wrong body does not pass it."""
    with Bifrost(base_url=bifrost_url, bearer_auth="t", max_retries=0) as client, pytest.raises(StatusError):
        client.images.create_image(model="m", prompt="p", request_options={"body": {"prompt": 5}})


def test_openai_call(openai_url: str) -> None:
    with OpenAI(base_url=openai_url, api_key="t", max_retries=0) as client:
        raw = client.raw(client.images.generate_image, prompt="p", n=1, size="256x256", user="u")
    judged(raw.response)
    assert json.loads(raw.parse().model_dump_json(exclude_unset=True)) == raw.response.json()


async def test_openai_call_async(openai_url: str) -> None:
    async with AsyncOpenAI(base_url=openai_url, api_key="t", max_retries=0) as client:
        raw = await client.raw(client.images.generate_image, prompt="p", response_format="b64_json")
    judged(raw.response)
    assert json.loads(raw.parse().model_dump_json(exclude_unset=True)) == raw.response.json()


def test_apifox_call(apifox_url: str) -> None:
    with Apifox(base_url=apifox_url, bearer_auth="t", max_retries=0) as client:
        raw = client.raw(client.images.create_image, prompt="p", n=1, quality="hd", style="natural")
    judged(raw.response)
    assert json.loads(raw.parse().model_dump_json(exclude_unset=True)) == raw.response.json()


async def test_apifox_call_async(apifox_url: str) -> None:
    async with AsyncApifox(base_url=apifox_url, bearer_auth="t", max_retries=0) as client:
        raw = await client.raw(client.images.create_image, prompt="p", model="dall-e-3")
    judged(raw.response)
    assert json.loads(raw.parse().model_dump_json(exclude_unset=True)) == raw.response.json()
