"""The example gateway, called by the official SDK and by a browser, before upstreams that fail, stall and hang up."""

from __future__ import annotations

import base64
import io
import json
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from PIL import Image

from examples.image_gateway.app import create
from examples.image_gateway.settings import Caller, Model, Settings
from tests.serving import serve

EXAMPLE = Path(__file__).parents[2] / "examples" / "image_gateway"
PARTIAL = {"type": "image_generation.partial_image", "b64_json": "aGFsZg==", "partial_image_index": 0}
COMPLETED = {"type": "image_generation.completed", "b64_json": "d2hvbGU=", "usage": {"total_tokens": 3}}


class Exchange(BaseHTTPRequestHandler):
    """One request to the upstream, answered as the behaviour of its model says."""

    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.upstream.asked.append((self.path, self.headers["authorization"], body))
        self.server.upstream.behaviours[body["model"]](self)

    def answer(self, status: int, value: object) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()

    def send_event(self, event: Mapping[str, object]) -> None:
        self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())

    def log_message(self, format: str, *args: object) -> None:
        """The tests say what they need."""


@dataclass
class Upstream:
    """An OpenAI-compatible API: what was asked of it, and how its models behave."""

    url: str
    behaviours: dict[str, Callable[[Exchange], None]]
    asked: list[tuple[str, str | None, dict[str, Any]]] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    timeout: float = 0.5

    def models(self) -> dict[str, Model]:
        return {name: Model(name, f"{self.url}/v1", "UPSTREAM_KEY", self.timeout) for name in self.behaviours}


class Server(ThreadingHTTPServer):
    upstream: Upstream


@contextmanager
def upstream(**behaviours: Callable[[Exchange], None]) -> Iterator[Upstream]:
    server = Server(("127.0.0.1", 0), Exchange)
    server.upstream = Upstream(f"http://127.0.0.1:{server.server_port}", behaviours)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.upstream
    finally:
        server.upstream.go_on.set()
        server.shutdown()
        server.server_close()


def good(exchange: Exchange) -> None:
    exchange.answer(200, {"created": 1, "data": [{"url": "https://example.com/a.png"}], "extra": [1]})


def broken(exchange: Exchange) -> None:
    exchange.answer(500, {"error": {"message": "out of order"}})


def strict(exchange: Exchange) -> None:
    error = {"message": "not that prompt", "type": "invalid_request_error", "param": "prompt", "code": "policy"}
    exchange.answer(400, {"error": error})


def stalling(exchange: Exchange) -> None:
    exchange.server.upstream.go_on.wait(10)


def cutting(exchange: Exchange) -> None:
    exchange.wfile.write(b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"crea')
    exchange.close_connection = True


def streaming(exchange: Exchange) -> None:
    exchange.begin_stream()
    exchange.send_event(PARTIAL)
    exchange.send_event(COMPLETED)


def streaming_slowly(exchange: Exchange) -> None:
    exchange.begin_stream()
    exchange.send_event({**PARTIAL, "b64_json": base64.b64encode(png("red")).decode()})
    exchange.server.upstream.go_on.wait(10)
    exchange.send_event({**COMPLETED, "b64_json": base64.b64encode(png("green")).decode()})


def streaming_half(exchange: Exchange) -> None:
    exchange.begin_stream()
    exchange.send_event(PARTIAL)


def streaming_until_left(exchange: Exchange) -> None:
    exchange.begin_stream()
    exchange.send_event(PARTIAL)
    exchange.connection.settimeout(10)
    if exchange.connection.recv(1) == b"":
        exchange.server.upstream.go_on.set()


def png(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(file, "png")
    return file.getvalue()


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.setenv("UPSTREAM_KEY", "sk-upstream")
    monkeypatch.delenv("GATEWAY", raising=False)


@contextmanager
def gateway(api: Upstream | None = None, *callers: Caller) -> Iterator[str]:
    models = {"local": Model("local"), **(api.models() if api else {})}
    settings = Settings(models, callers) if callers else Settings(models)
    with serve(create(settings)) as url:
        yield url


def patient(api: Upstream) -> Upstream:
    """The upstream for a gateway that waits for as long as a browser, or a busy machine, may take."""
    api.timeout = 20
    return api


def sdk(url: str, key: str = "local") -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/openai/v1", api_key=key, max_retries=0)


def test_the_embedded_model_needs_nothing() -> None:
    with gateway() as url:
        images = sdk(url).images
        first = images.generate(model="local", prompt="a lighthouse", size="256x256", n=2, response_format="b64_json")
        again = images.generate(model="local", prompt="a lighthouse", size="256x256", n=2, response_format="b64_json")
        linked = images.generate(model="local", prompt="a lighthouse", size="256x256")
    assert first.data and again.data and linked.data and linked.data[0].url
    assert [image.b64_json for image in first.data] == [image.b64_json for image in again.data]
    assert first.data[0].b64_json != first.data[1].b64_json
    assert linked.data[0].url == f"data:image/png;base64,{first.data[0].b64_json}"
    assert Image.open(io.BytesIO(base64.b64decode(first.data[0].b64_json or ""))).size == (256, 256)


async def test_a_stream_becomes_clear_in_stages() -> None:
    with gateway() as url:
        client = openai.AsyncOpenAI(base_url=f"{url}/openai/v1", api_key="local")
        async with client:
            stream = await client.images.generate(model="local", prompt="a", size="256x256", stream=True)
            events = [event async for event in stream]
    assert [event.type.rpartition(".")[2] for event in events] == ["partial_image", "partial_image", "completed"]
    assert all(Image.open(io.BytesIO(base64.b64decode(event.b64_json))).size == (256, 256) for event in events)


def test_azure_callers_name_the_model_in_the_path() -> None:
    with gateway() as url:
        azure = openai.AzureOpenAI(
            base_url=f"{url}/openai/openai/deployments/local", api_key="unused", api_version="2024-10-21",
            default_headers={"x-api-key": "local"},
        )  # fmt: skip
        answer = azure.images.generate(prompt="a", size="256x256", model="anything")
    assert answer.data and answer.data[0].url


def test_an_upstream_hears_what_the_caller_said_and_nothing_else() -> None:
    with upstream(good=good) as api, gateway(api) as url:
        answer = sdk(url).images.generate(model="good", prompt="a", quality="hd", extra_body={"fallbacks": ["local"]})
    assert answer.data and answer.data[0].url == "https://example.com/a.png"
    asked = {"model": "good", "prompt": "a", "quality": "hd"}
    assert api.asked == [("/v1/images/generations", "Bearer sk-upstream", asked)]


@pytest.mark.parametrize("bad", [broken, stalling, cutting])
def test_fallbacks_are_tried_in_order(bad: Callable[[Exchange], None]) -> None:
    with upstream(bad=bad, worse=broken, good=good) as api, gateway(api) as url:
        fallbacks = {"fallbacks": ["worse", "good", "local"]}
        answer = sdk(url).images.generate(model="bad", prompt="a", extra_body=fallbacks)
    assert answer.data and answer.data[0].url == "https://example.com/a.png"
    assert list(dict.fromkeys(body["model"] for _, _, body in api.asked)) == ["bad", "worse", "good"]


@pytest.mark.parametrize("bad", [broken, stalling, cutting])
def test_a_stream_falls_back_until_its_first_event(bad: Callable[[Exchange], None]) -> None:
    with upstream(bad=bad, good=streaming) as api, gateway(api) as url:
        stream = sdk(url).images.generate(model="bad", prompt="a", stream=True, extra_body={"fallbacks": ["good"]})
        assert [event.b64_json for event in stream] == ["aGFsZg==", "d2hvbGU="]


def test_a_stream_that_breaks_after_its_first_event_ends_with_an_error() -> None:
    with upstream(half=streaming_half, good=streaming) as api, gateway(api) as url:
        stream = sdk(url).images.generate(model="half", prompt="a", stream=True, extra_body={"fallbacks": ["good"]})
        assert next(stream).b64_json == "aGFsZg=="
        with pytest.raises(openai.APIError, match="half: "):
            next(stream)
    assert [body["model"] for _, _, body in api.asked] == ["half"]


def test_a_caller_who_leaves_frees_the_upstream() -> None:
    with upstream(endless=streaming_until_left) as api, gateway(patient(api)) as url:
        with sdk(url).images.generate(model="endless", prompt="a", stream=True) as stream:
            next(iter(stream))
        assert api.go_on.wait(5)


def test_when_all_fail_the_caller_hears_why() -> None:
    failing = upstream(bad=broken, slow=stalling)
    with failing as api, gateway(api) as url, pytest.raises(openai.InternalServerError) as told:
        sdk(url).images.generate(model="bad", prompt="a", extra_body={"fallbacks": ["slow"]})
    assert told.value.status_code == 502
    assert "bad: 500: out of order; slow: " in told.value.message


def test_a_mistake_of_the_callers_is_told_at_once() -> None:
    several = upstream(strict=strict, good=good)
    with several as api, gateway(api) as url, pytest.raises(openai.BadRequestError) as told:
        sdk(url).images.generate(model="strict", prompt="a", extra_body={"fallbacks": ["good"]})
    assert (told.value.param, told.value.code) == ("prompt", "policy")
    assert len(api.asked) == 1


def test_a_virtual_key_opens_its_models() -> None:
    callers = (Caller("web", "vk-web", ("local",)), Caller("team", "vk-team"))
    with upstream(good=good) as api, gateway(api, *callers) as url:
        assert sdk(url, "vk-team").images.generate(model="good", prompt="a").data
        with pytest.raises(openai.PermissionDeniedError):
            sdk(url, "vk-web").images.generate(model="good", prompt="a")
        with pytest.raises(openai.PermissionDeniedError):
            sdk(url, "vk-web").images.generate(model="local", prompt="a", extra_body={"fallbacks": ["good"]})
        with pytest.raises(openai.AuthenticationError):
            sdk(url, "vk-nobody").images.generate(model="local", prompt="a")
        with pytest.raises(openai.NotFoundError):
            sdk(url, "vk-team").images.generate(model="unknown", prompt="a")
        request = {"model": "local", "prompt": "a", "size": "256x256"}
        for headers in ({"x-bf-vk": "vk-web"}, {"x-api-key": "vk-web"}):
            answer = httpx2.post(f"{url}/openai/images/generations", json=request, headers=headers)
            assert answer.status_code == 200
        answer = httpx2.post(f"{url}/openai/images/generations", json=request, auth=("anybody", "vk-web"))
        assert answer.status_code == 200


def test_settings_are_read_from_the_file_that_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.read(EXAMPLE / "gateway.toml")
    assert settings.models["draft"].name == "dall-e-2"
    assert [caller.may_use("gpt-image-1") for caller in settings.callers] == [False, True]
    monkeypatch.setenv("GATEWAY", str(EXAMPLE / "gateway.toml"))
    with serve(create()) as url, pytest.raises(openai.PermissionDeniedError):
        sdk(url).images.generate(model="gpt-image-1", prompt="a")


def test_the_example_stays_short() -> None:
    assert sum(len(file.read_text("utf-8").splitlines()) for file in EXAMPLE.glob("*.py")) < 300


def test_a_page_shows_the_image_as_it_arrives() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium")
    from playwright.sync_api import expect, sync_playwright

    streaming = upstream(slow=streaming_slowly)
    with streaming as api, gateway(patient(api)) as url, sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto(url)
        page.get_by_label("Model").fill("slow")
        page.get_by_role("button").click()
        expect(page.get_by_role("status")).to_have_text("image_generation.partial_image", timeout=20_000)
        partial = page.locator("img").get_attribute("src")
        api.go_on.set()
        expect(page.get_by_role("status")).to_have_text("image_generation.completed", timeout=20_000)
        completed = page.locator("img").get_attribute("src")
        assert page.locator("img").evaluate("image => image.naturalWidth") == 8
        page.get_by_label("Model").fill("unknown")
        page.get_by_role("button").click()
        expect(page.get_by_role("status")).to_have_text("there is no model 'unknown'")
        browser.close()
    assert partial != completed
    assert base64.b64decode((partial or "").partition(",")[2]) == png("red")
    assert all(request.startswith((url, "data:")) for request in requests)
