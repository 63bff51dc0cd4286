"""``specloom update`` against a server on loopback that behaves, and one that does not."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from generator.cli import main
from generator.upstream import fetch
from generator.upstream.addresses import is_public
from tests.upstream.site import Asked, Site, site

DOCUMENT = """\
openapi: 3.1.0
info: {title: Kites, version: "1"}
paths:
  /kites:
    get:
      operationId: listKites
      responses: {"200": {description: The kites.}}
"""
CHANGED = DOCUMENT.replace("listKites", "allKites")
ALLOWED = ("--allow-http", "--allow-private")


@pytest.fixture
def server() -> Generator[Site]:
    with site() as found:
        yield found


@pytest.fixture
def project(tmp_path: Path, server: Site) -> Path:
    """A project whose one integration is at a URL."""
    folder = tmp_path / "spec" / "kites"
    folder.mkdir(parents=True)
    (folder / "integration.yaml").write_text(f"spec: {server.url}/openapi.yaml\n")
    return tmp_path


def run(project: Path, *arguments: str) -> int:
    return main([*arguments, "--project", str(project)])


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def lock(project: Path) -> list[dict[str, str]]:
    return json.loads((project / "spec/kites/upstream/lock.json").read_bytes())["sources"]


# -- what goes well ---------------------------------------------------------------------------------------------------


def test_a_document_is_fetched_locked_and_generated_from(
    project: Path, server: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    server.serves("/openapi.yaml", DOCUMENT, etag='"1"', last_modified="Mon, 01 Jan 2024 00:00:00 GMT")
    assert run(project, "generate") == 2
    assert "upstream-missing" in capsys.readouterr().err
    assert run(project, "update", *ALLOWED) == 0
    assert capsys.readouterr().out == f"kites: {server.url}/openapi.yaml is new\n"
    assert (project / "spec/kites/upstream/openapi.yaml").read_text() == DOCUMENT
    assert lock(project) == [
        {
            "etag": '"1"',
            "file": "openapi.yaml",
            "last_modified": "Mon, 01 Jan 2024 00:00:00 GMT",
            "sha256": hashlib.sha256(DOCUMENT.encode()).hexdigest(),
            "url": f"{server.url}/openapi.yaml",
        }
    ]
    asked = len(server.log)
    assert run(project, "generate") == 0
    assert run(project, "check") == 0
    assert len(server.log) == asked  # these two never ask the network
    before = content(project)
    assert run(project, "update", *ALLOWED) == 0
    assert content(project) == before
    assert server.log[-1][1]["if-none-match"] == '"1"'


def test_what_moved_is_told_and_written_by_update_alone(
    project: Path, server: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    server.serves("/openapi.yaml", DOCUMENT, etag='"1"')
    assert run(project, "update", *ALLOWED) == 0
    assert run(project, "generate") == 0
    assert run(project, "update", "--check", *ALLOWED) == 0
    server.serves("/openapi.yaml", CHANGED, etag='"2"')
    before = content(project)
    assert run(project, "update", "--check", *ALLOWED) == 1
    assert content(project) == before
    assert run(project, "update", *ALLOWED) == 0
    capsys.readouterr()
    assert run(project, "check") == 1
    assert "upstream/openapi.yaml changed" in capsys.readouterr().out


def test_a_copy_that_is_not_the_locked_one_is_refused(
    project: Path, server: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    server.serves("/openapi.yaml", DOCUMENT, etag='"1"')
    assert run(project, "update", *ALLOWED) == 0
    assert run(project, "generate") == 0
    copy = project / "spec/kites/upstream/openapi.yaml"
    copy.write_text(CHANGED)
    for command in ("generate", "check"):
        capsys.readouterr()
        assert run(project, command) == 2
        told = capsys.readouterr()
        assert "upstream-changed" in told.err + told.out
        assert "integration.yaml:1:7" in told.err + told.out
    assert run(project, "update", *ALLOWED) == 0  # the copy is not what the tag stands for: it is asked for anew
    assert "if-none-match" not in server.log[-1][1]
    assert copy.read_text() == DOCUMENT


def test_the_pages_of_an_index_are_fetched(project: Path, server: Site) -> None:
    page = "# List\n\n````yaml /openapi.json get /kites\n" + DOCUMENT + "````\n"
    other = "# Make\n\n```yaml\n" + DOCUMENT.replace("get:", "post:").replace("listKites", "makeKite") + "```\n"
    server.serves(
        "/docs/llms.txt",
        f"""# Kites

- [List](/docs/api/list.md): all
- [Make]({server.url}/docs/api/make.md)
- [Welcome](welcome.md)
- [Elsewhere](https://elsewhere.example.com/page.md)
""",
    )
    server.serves("/docs/api/list.md", page)
    server.serves("/docs/api/make.md", other)
    server.serves("/docs/welcome.md", "# Welcome\n")
    (project / "spec/kites/integration.yaml").write_text(f"spec: {server.url}/docs/llms.txt\n")
    assert run(project, "update", *ALLOWED) == 0
    files = sorted(content(project / "spec/kites/upstream"))
    assert files == ["docs/api/list.md", "docs/api/make.md", "docs/llms.txt", "lock.json"]
    assert run(project, "generate") == 0
    tree = json.loads((project / "generated/kites/openapi.json").read_bytes())
    assert sorted(tree["paths"]["/kites"]) == ["get", "post"]
    assert run(project, "update", "--check", *ALLOWED) == 0


def test_no_secret_is_written(project: Path, server: Site, capsys: pytest.CaptureFixture[str]) -> None:
    server.serves("/openapi.yaml", DOCUMENT)
    url = f"{server.url}/openapi.yaml?version=2&access_token=hunter2"
    (project / "spec/kites/integration.yaml").write_text(f"spec: {url}\n")
    assert run(project, "update", *ALLOWED) == 0
    assert server.log[-1][0].endswith("access_token=hunter2")
    assert run(project, "generate") == 0
    told = capsys.readouterr()
    assert "hunter2" not in told.out + told.err
    assert all(b"hunter2" not in data for data in content(project / "spec/kites/upstream").values())
    assert "version=2" in lock(project)[0]["url"]


def test_a_broken_download_goes_on_where_it_broke(project: Path, server: Site) -> None:
    body = DOCUMENT.encode()

    def half(asked: Asked) -> None:
        if "range" in asked.headers:
            start = int(asked.headers["range"].removeprefix("bytes=").removesuffix("-"))
            assert asked.headers["if-range"] == '"1"'
            rest = body[start:]
            asked.say(206, rest, etag='"1"', content_range=f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            asked.say(200, body[:40], etag='"1"', content_length=str(len(body)))

    server.answers["/openapi.yaml"] = half
    assert run(project, "update", *ALLOWED) == 2
    assert not (project / "spec/kites/upstream").exists()
    assert run(project, "update", *ALLOWED) == 0
    assert server.log[-1][1]["range"] == "bytes=40-"
    assert sorted(content(project / "spec/kites")) == [
        "integration.yaml",
        "upstream/lock.json",
        "upstream/openapi.yaml",
    ]


# -- what goes wrong --------------------------------------------------------------------------------------------------


def in_circles(asked: Asked) -> None:
    asked.say(302, location="/openapi.yaml")


def slowly(asked: Asked) -> None:
    asked.say(200, content_length="1000")
    for _ in range(50):
        time.sleep(0.1)
        try:
            asked.wfile.write(b"#")
            asked.wfile.flush()
        except OSError:
            return


def too_large(asked: Asked) -> None:
    asked.say(200, b"#" * 200)


def too_large_and_unannounced(asked: Asked) -> None:
    asked.send_response(200)
    asked.end_headers()
    asked.wfile.write(b"#" * 200)


def truncated(asked: Asked) -> None:
    asked.say(200, b"openapi: 3.1.0\n", content_length="1000")


def page(asked: Asked) -> None:
    asked.say(200, b"<!doctype html><title>Log in</title>", "text/html; charset=utf-8")


def page_in_disguise(asked: Asked) -> None:
    asked.say(200, b"\n<!DOCTYPE html><title>Log in</title>", "application/yaml")


def compressed(asked: Asked) -> None:
    asked.say(200, b"\x1f\x8b", content_encoding="gzip")


def same_tag(asked: Asked) -> None:
    asked.say(200, CHANGED.encode(), etag='"1"')


def to_a_file(asked: Asked) -> None:
    asked.say(302, location="file:///etc/passwd")


def with_a_password(asked: Asked) -> None:
    asked.say(302, location="http://me:pw@127.0.0.1/")


def fails(asked: Asked) -> None:
    asked.say(500, b"sorry", "text/plain")


def hangs_up(asked: Asked) -> None:
    asked.connection.close()


def answering(body: bytes, kind: str = "application/yaml") -> Callable[[Asked], None]:
    return lambda asked: asked.say(200, body, kind)


BAD: dict[str, tuple[Callable[[Asked], None], str, str]] = {
    "redirects in a circle": (in_circles, "upstream-redirects", "redirects more than 5 times"),
    "slow": (slowly, "upstream-slow", "did not arrive within 0.5 seconds"),
    "too large": (too_large, "upstream-large", "larger than"),
    "too large, unannounced": (too_large_and_unannounced, "upstream-large", "larger than"),
    "truncated": (truncated, "upstream-broken", "the connection broke"),
    "a web page": (page, "upstream-type", "a web page"),
    "a web page in disguise": (page_in_disguise, "upstream-type", "a web page"),
    "compressed": (compressed, "upstream-type", "comes as gzip"),
    "changed under the same tag": (same_tag, "upstream-same-tag", 'still has the entity tag "1"'),
    "redirects to a file": (to_a_file, "upstream-refused", "no URL of http"),
    "redirects with a password": (with_a_password, "upstream-refused", "a user or a password"),
    "an error of the server": (fails, "upstream-status", "answers 500"),
    "hangs up": (hangs_up, "upstream-broken", ""),
    "no document": (answering(b"a: 1\n"), "upstream-type", "no OpenAPI document"),
    "no YAML": (answering(b"openapi: 3.1.0\ninfo: a: b\n"), "upstream-type", "cannot be read (line 2)"),
    "nothing": (answering(b""), "upstream-type", "cannot be read"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_goes_wrong_is_told_and_leaves_the_copy_alone(
    name: str, project: Path, server: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, code, message = BAD[name]
    server.serves("/openapi.yaml", DOCUMENT, etag='"1"')
    assert run(project, "update", *ALLOWED) == 0
    before = content(project / "spec")
    server.answers["/openapi.yaml"] = answer
    if code == "upstream-large":
        monkeypatch.setattr(fetch.Limits, "__init__", limited(fetch.Limits.__init__, max_bytes=150))
    for check in ((), ("--check",)):
        capsys.readouterr()
        assert run(project, "update", "--timeout", "0.5", *ALLOWED, *check) == 2
        told = capsys.readouterr().err
        assert f"error[{code}]" in told
        assert message in told
        assert "integration.yaml:1:7" in told
        assert {name: data for name, data in content(project / "spec").items() if ".part/" not in name} == before
    assert run(project, "generate") == 0


def limited(init: Callable[..., None], *, max_bytes: int) -> Callable[..., None]:
    def smaller(self: object, **given: object) -> None:
        init(self, **{**given, "max_bytes": max_bytes})

    return smaller


def test_a_missing_page_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(project, "update", *ALLOWED) == 2
    assert "answers 404" in capsys.readouterr().err
    assert not (project / "spec/kites/upstream").exists()


@pytest.mark.parametrize(
    ("allowed", "message"),
    [((), "only https is asked"), (("--allow-http",), "an address that is not public")],
)
def test_http_and_private_addresses_have_to_be_allowed(
    project: Path, server: Site, allowed: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "update", *allowed) == 2
    assert message in capsys.readouterr().err
    assert server.log == []


def test_a_redirect_to_a_private_address_is_refused(
    project: Path, server: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second address is checked as the first was."""
    allowed: Iterator[bool] = iter([True, False])
    monkeypatch.setattr("generator.upstream.addresses.is_public", lambda _: next(allowed))
    server.answers["/openapi.yaml"] = lambda asked: asked.say(
        302, location=f"http://localhost:{server.url[-5:].strip(':')}/b"
    )
    assert run(project, "update", "--allow-http") == 2
    assert "localhost is 127.0.0.1, an address that is not public" in capsys.readouterr().err
    assert [path for path, _ in server.log] == ["/openapi.yaml"]


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_a_document_beside_a_fetched_one_is_not_fetched(
    project: Path, server: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = DOCUMENT.replace("{description: The kites.}", "{$ref: 'answers.yaml#/Kites'}")
    server.serves("/openapi.yaml", reference)
    assert run(project, "update", *ALLOWED) == 0
    assert run(project, "generate") == 2
    assert "network-reference" in capsys.readouterr().err


def test_a_broken_lock_is_told(project: Path, server: Site, capsys: pytest.CaptureFixture[str]) -> None:
    server.serves("/openapi.yaml", DOCUMENT)
    assert run(project, "update", *ALLOWED) == 0
    path = project / "spec/kites/upstream/lock.json"
    for text in (
        "{",
        "[]",
        '{"sources": [{"url": "a", "sha256": "b"}]}',
        path.read_text().replace('openapi.yaml",\n      "sha', '../a",\n      "sha'),
    ):
        path.write_text(text)
        for command in (("generate",), ("update", *ALLOWED)):
            assert run(project, *command) == 2
            assert "broken-lock" in capsys.readouterr().err
