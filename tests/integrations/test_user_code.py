"""What users write on generated packages: types that help them, and answers for odd callers."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from generated.bifrost.client import Client
from generated.bifrost.models import OpenAIImageGenerationRequest, OpenAIImageGenerationResponse
from generated.bifrost.server import Credentials, ImagesHandlers, create_app

ROOT = Path(__file__).parents[2]
URL = "/openai/v1/images/generations"
BODY = {"model": "m", "prompt": "p"}

RIGHT = """
from generated.bifrost.client import AsyncClient, Client
from generated.bifrost.models import OpenAIImageGenerationRequest, OpenAIImageGenerationResponse
from generated.bifrost.server import Credentials, ImagesHandlers, create_app

class Some(ImagesHandlers):
    async def create_image(self, body: OpenAIImageGenerationRequest, /) -> OpenAIImageGenerationResponse:
        return OpenAIImageGenerationResponse(created=body.n, usage=None)

async def authenticate(credentials: Credentials) -> str | None:
    return credentials.bearer_auth

app = create_app(Some(), authenticate=authenticate)

def call(client: Client) -> int | None:
    with client.images.create_image_stream(model="m", prompt="p") as events:
        kinds = [event.type for event in events]
    raw = client.raw(client.images.create_image, model="m", prompt="p", size="auto", n=len(kinds))
    with client.streamed(client.images.create_image, model="m", prompt="p") as response:
        response.stream_to_file("answer.json", progress=lambda done, total: print(done, total))
        print([mismatch.pointer for mismatch in response.mismatches], response.parse().data)
    return raw.parse().created

async def call_async(client: AsyncClient) -> list[str | None]:
    async with client.images.create_azure_image_stream(deployment_id="d", model="m", prompt="p") as events:
        return [event.b64_json async for event in events]
"""

WRONG = {
    "a missing argument": 'client.images.create_image(model="m")',
    "a wrong literal": 'client.images.create_image(model="m", prompt="p", size="7x7")',
    "an unknown argument": 'client.images.create_image(model="m", prompt="p", promt="p")',
    "the switch by hand": 'client.images.create_image(model="m", prompt="p", stream=True)',
    "a missing path parameter": 'client.images.create_azure_image(model="m", prompt="p")',
    "no authenticate": "create_app(ImagesHandlers())",
}


def test_types_take_right_programs_and_refuse_wrong_ones(tmp_path: Path) -> None:
    header = (
        "from generated.bifrost.client import Client\nfrom generated.bifrost.server import ImagesHandlers, create_app\n"
    )
    (tmp_path / "right.py").write_text(RIGHT)
    for number, call in enumerate(WRONG.values()):
        (tmp_path / f"wrong{number}.py").write_text(f"{header}client = Client()\n{call}\n")
    (tmp_path / "pyrightconfig.json").write_text(f'{{"typeCheckingMode": "strict", "extraPaths": ["{ROOT}"]}}')
    command = [str(Path(sys.executable).with_name("pyright")), "--pythonpath", sys.executable, "-p", str(tmp_path)]
    told = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120).stdout
    assert "right.py" not in told, told
    assert not [name for number, name in enumerate(WRONG) if f"wrong{number}.py" not in told], told


class Some(ImagesHandlers):
    async def create_image(self, body: OpenAIImageGenerationRequest, /) -> OpenAIImageGenerationResponse:
        if body.prompt == "crash":
            raise RuntimeError("a secret of the server's")
        return OpenAIImageGenerationResponse(created=1)


def knows(credentials: Credentials) -> bool:
    basic = credentials.basic_auth
    return credentials.api_key_auth == "key" or (
        basic is not None and (basic.username, basic.password) == ("ü", "wörd")
    )


@pytest.fixture
def http() -> httpx2.AsyncClient:
    app = create_app(Some(), authenticate=knows)
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://server")


async def test_handler_left_out_by_a_subclass_answers_501(http: httpx2.AsyncClient) -> None:
    path = "/openai/openai/deployments/d/images/generations"
    response = await http.post(path, json=BODY, headers={"x-api-key": "key"})
    assert response.status_code == 501
    assert response.json()["status_code"] == 501


@pytest.mark.parametrize("value", ["Basic !!!", "Basic", "Basic Og", "Negotiate x"])
async def test_malformed_authorization_leaves_the_other_schemes_open(http: httpx2.AsyncClient, value: str) -> None:
    response = await http.post(URL, json=BODY, headers={"Authorization": value, "x-api-key": "key"})
    assert response.status_code == 200
    assert (await http.post(URL, json=BODY, headers={"Authorization": value})).status_code == 401


async def test_basic_credentials_are_utf_8(http: httpx2.AsyncClient) -> None:
    encoded = base64.b64encode("ü:wörd".encode()).decode()
    response = await http.post(URL, json=BODY, headers={"Authorization": f"basic {encoded}"})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [(b"{", "application/json", 400), (b"{}", "text/plain", 415), (b'{"model": 1}', "application/json", 400)],
)
async def test_who_may_not_call_hears_that_before_anything_about_the_body(
    http: httpx2.AsyncClient, content: bytes, media: str, status: int
) -> None:
    headers = {"content-type": media}
    assert (await http.post(URL, content=content, headers=headers)).status_code == 401
    response = await http.post(URL, content=content, headers={**headers, "x-api-key": "key"})
    assert response.status_code == status
    assert response.json()["status_code"] == status


async def test_unexpected_error_is_answered_in_shape_and_closes_the_connection(http: httpx2.AsyncClient) -> None:
    response = await http.post(URL, json={**BODY, "prompt": "crash"}, headers={"x-api-key": "key"})
    assert response.status_code == 500
    assert response.json()["error"]["message"] == "the server failed"
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize("secret", ["", "top\n", " top", "tøp", "to\x00p"])
def test_credential_that_no_header_can_carry_is_refused_without_being_told(secret: str) -> None:
    with pytest.raises(ValueError, match="credential") as caught:
        Client(bearer_auth=secret)
    assert not secret.strip() or secret.strip() not in str(caught.value)
