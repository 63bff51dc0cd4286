"""The command: credentials, the cache, following a document, and what it says when it cannot."""

from __future__ import annotations

import base64
import re
import socket
import stat
import sys
from pathlib import Path

import httpx2
import openai
import pytest

from generator import cli
from tests.serve.running import serving
from tests.serve.test_answers import png_size

SMALL = """
openapi: 3.1.0
info: {title: Small, version: "1"}
security: [{key: []}]
paths:
  /%s:
    get:
      operationId: small
      responses: {'200': {description: ok, content: {application/json: {schema: {const: answer}}}}}
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
"""


@pytest.mark.parametrize(("name", "base"), [("bifrost", "/openai/v1"), ("openai", ""), ("apifox", "/v1")])
def test_the_official_sdk_gets_images(name: str, base: str, tmp_path: Path) -> None:
    with serving(name, tmp_path) as server:
        with httpx2.Client(trust_env=False) as http:
            sdk = openai.OpenAI(base_url=server.url + base, api_key="any", max_retries=0, http_client=None)
            given: dict[str, object] = {"model": "gpt-image-1", "prompt": "a lighthouse", "size": "512x512"}
            images = sdk.images.generate(**given)  # type: ignore[call-overload]
            picture = images.data[0].b64_json
            assert picture is not None and png_size(base64.b64decode(picture)) == (512, 512)
            assert sdk.images.generate(**given) == images  # type: ignore[call-overload]
            refused = http.post(f"{server.url}{base}/images/generations", json=given)
        assert refused.status_code == 401
        with pytest.raises(openai.BadRequestError):
            sdk.images.generate(model="gpt-image-1", prompt=3)  # type: ignore[call-overload]
        if name == "bifrost":
            events = list(sdk.images.generate(**given, stream=True))  # type: ignore[call-overload]
            assert [event.type for event in events] == ["image_generation.partial_image", "image_generation.completed"]
            assert png_size(base64.b64decode(events[-1].b64_json)) == (512, 512)


def test_no_auth_asks_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL % "here")
    with serving(tmp_path / "small.yaml", tmp_path / "run", "--no-auth") as server:
        assert server.http.get("/here").json() == "answer"
        assert server.end() == 0
        assert "Traceback" not in server.said and "Interrupt" not in server.said


def test_what_was_generated_is_kept_for_its_owner(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL % "here")
    times: list[int] = []
    for _ in range(2):
        with serving(tmp_path / "small.yaml", tmp_path / "run") as server:
            assert server.http.get("/here", headers={"authorization": "Bearer x"}).status_code == 200
            (made,) = (tmp_path / "run" / "cache").glob("specloom/serve/*/api/manifest.json")
            times.append(made.stat().st_mtime_ns)
    assert times[0] == times[1]
    for folder in (made.parents[1], made.parents[2]):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_reload_follows_the_document_and_survives_a_broken_one(tmp_path: Path) -> None:
    spec = tmp_path / "small.yaml"
    spec.write_text(SMALL % "first")
    with serving(spec, tmp_path / "run", "--reload", "--no-auth") as server:
        assert server.http.get("/first").status_code == 200
        spec.write_text(SMALL % "second")
        server.until(re.compile("as it is now"))
        assert (server.http.get("/first").status_code, server.http.get("/second").status_code) == (404, 200)
        spec.write_text("openapi: 3.1.0\npaths: [")
        server.until(re.compile("goes on being served"))
        assert "small.yaml:2" in server.said and "Traceback" not in server.said
        assert server.http.get("/second").status_code == 200
        spec.write_text(SMALL % "third")
        server.until(re.compile("as it is now.*as it is now", re.DOTALL))
        assert server.http.get("/third").status_code == 200


def test_a_port_that_is_taken_and_a_document_that_is_broken_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    spec = tmp_path / "small.yaml"
    spec.write_text(SMALL % "here")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert cli.main(["serve", str(spec), "--port", str(port)]) == 2
    assert f"127.0.0.1:{port}" in capsys.readouterr().err
    spec.write_text("openapi: 3.1.0\npaths: [")
    assert cli.main(["serve", str(spec), "--port", "0"]) == 2
    assert "small.yaml" in capsys.readouterr().err


def test_what_is_not_installed_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("generator.serve")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert cli.main(["serve", "bifrost"]) == 2
    assert "specloom[serve]" in capsys.readouterr().err
