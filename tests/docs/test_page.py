"""The page of `specloom docs`: what it says, how it is written, and what becomes of texts that mean harm."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import pytest

from generator.cli import main
from generator.manifest import TEMPLATES
from generator.prose import plain, prose
from tests.docs.pages import SHOP, Outline, page_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def shop(tmp_path: Path) -> str:
    return page_of(SHOP, tmp_path)


def words(text: str) -> str:
    return " ".join(text.split())


def test_it_says_what_the_document_says(shop: str) -> None:
    text = words(Outline(shop).text)
    for said in (
        "Base URL https://shop.example/v2",
        "token a token in Authorization: Bearer",
        "key a key in the header X-Key A key.",
        "Add a thing POST /things A thing is sold once. Asks for token or key.",
        "Get a thing deprecated GET /things/{id}",
        "id path integer required",
        "name string required at most 20 characters",
        'colour "red" | "green" default "red"',
        "old string deprecated",
        "parts list of Thing",
        "sold boolean only in answers Whether somebody has it.",
        "409 Refusal There is one.",
        'client.things.add_thing(name="lamp")',
        "client.things.get_thing(id=42)",
    ):
        assert said in text, said
    assert "<strong>things</strong>" in shop
    assert '<a href="https://example.com/a" rel="noreferrer">more</a>' in shop


def test_examples_hold_what_goes_that_way(shop: str) -> None:
    samples = dict(re.findall(r"<figcaption>(.*?)</figcaption>\n<pre.*?><code>(.*?)</code>", shop, re.S))
    assert "sold" not in samples["Request"]
    assert "sold" in samples["Answer 201"]


def test_every_link_in_it_leads_somewhere(shop: str) -> None:
    outline = Outline(shop)
    inside = [href[1:] for href in outline.all("href") if href.startswith("#")]
    assert {"op-add_thing", "schema-Thing", "schema-Refusal", "credentials"} <= set(inside)
    assert set(inside) <= set(outline.all("id"))
    assert len(outline.all("id")) == len(set(outline.all("id")))


def test_it_is_whole_and_its_policy_lets_nothing_else_in(shop: str) -> None:
    outline = Outline(shop)
    assert not outline.all("src") and "@import" not in shop and "url(" not in shop
    assert [tag for tag, _ in outline.elements if tag in ("link", "img", "iframe", "object", "base", "form")] == []
    (policy,) = [value for value in outline.all("content") if "default-src" in value]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not outline.all("style")


def test_equal_documents_have_equal_pages(shop: str, tmp_path: Path) -> None:
    assert page_of(SHOP, tmp_path) == shop


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "<p>plain</p>\n"),
        ("a <b>c</b> & d", "<p>a &lt;b&gt;c&lt;/b&gt; &amp; d</p>\n"),
        ("[x](javascript:alert(1))", "<p>x</p>\n"),
        ("[x](JaVaScRiPt:alert(1)) [y](/docs/guide)", "<p>x y</p>\n"),
        ("[x](data:text/html,<b>) <javascript:alert(1)>", "<p>x javascript:alert(1)</p>\n"),
        ("[x](https://a.example/?q=\"'>)", '<p><a href="https://a.example/?q=%22\'%3E" rel="noreferrer">x</a></p>\n'),
        ("<mailto:a@b.example>", '<p><a href="mailto:a@b.example" rel="noreferrer">mailto:a@b.example</a></p>\n'),
        ("![a picture](https://a.example/b.png)", "<p>a picture</p>\n"),
        ("[![a](b)](https://a.example)", '<p><a href="https://a.example" rel="noreferrer">a</a></p>\n'),
        ("# Big", "<h6>Big</h6>\n"),
        ("`</code><script>`", "<p><code>&lt;/code&gt;&lt;script&gt;</code></p>\n"),
        ("```html\" onclick=x\n<a>\n```", '<pre><code class="language-html&quot;">&lt;a&gt;\n</code></pre>\n'),
        ("| a |\n|---|\n| b |", "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>b</td>\n</tr>\n</tbody>\n</table>\n"),
    ],
)  # fmt: skip
def test_markdown_is_text_with_some_marks(text: str, html: str) -> None:
    assert prose(text) == html


def test_words_of_a_title_have_no_marks() -> None:
    assert plain("Creates **a** [thing](/b), `c`.") == "Creates a thing, c."


def test_short_rows_do_not_become_many_cells() -> None:
    wide = "|" + "a|" * 1_000 + "\n|" + "-|" * 1_000 + "\n" + "|\n" * 10_000
    assert len(prose(wide)) < 10 * len(wide)


# -- the command ----------------------------------------------------------------------------------------------------


def test_it_is_printed_or_written(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["docs", "bifrost", "--project", str(ROOT)]) == 0
    printed, told = capfdbinary.readouterr()
    assert printed.startswith(b"<!DOCTYPE html>") and b"from generated.bifrost.client import Client" in printed
    assert told == b""
    file = tmp_path / "bifrost.html"
    file.write_text("old")
    assert main(["docs", "bifrost", "--project", str(ROOT), "--output", str(file)]) == 0
    assert capfdbinary.readouterr() == (b"", b"")
    assert file.read_bytes() == printed
    assert os.listdir(tmp_path) == ["bifrost.html"]
    assert stat.S_IMODE(file.stat().st_mode) & 0o400


def test_what_cannot_be_written_leaves_what_is_there(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "page.html"
    file.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert main(["docs", "bifrost", "--project", str(ROOT), "--output", str(file)]) == 2
    assert "No space left on device" in capfd.readouterr().err
    assert (file.read_text(), os.listdir(tmp_path)) == ("old", ["page.html"])


def test_a_document_that_cannot_be_used_has_no_page(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    broken = SHOP["paths"]["/things"]["post"] | {"parameters": [{"name": "a", "in": "nowhere", "schema": {}}]}
    document = {**SHOP, "paths": {**SHOP["paths"], "/things": {"post": broken}}}
    (tmp_path / "spec.json").write_text(json.dumps(document))
    assert main(["docs", str(tmp_path / "spec.json")]) == 2
    out, err = capfd.readouterr()
    assert out == "" and "nowhere" in err
    assert main(["docs", str(tmp_path / "spec.json"), "--keep-going"]) == 1
    out, err = capfd.readouterr()
    assert "get_thing" in out and "add_thing" not in out and "nowhere" in err


def test_assets_hold_nothing_that_would_end_them() -> None:
    style, script = ((TEMPLATES / "docs" / name).read_text("utf-8") for name in ("style.css", "page.js"))
    assert "</" not in style + script
    assert "<!--" not in script
    assert "innerHTML" not in script
