"""The page in a browser: found by searching, used without a mouse, at home on a phone; and nothing leaves it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import SHOP, page_of, with_payload
from tests.hostile.payloads import MARKUP

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")


@dataclass
class Visit:
    """An open page, and what it did that it should not."""

    page: Any
    noticed: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def visit(browser: Any, html: str, folder: Path, **options: Any) -> Visit:
    (folder / "page.html").write_text(html, encoding="utf-8")
    url = (folder / "page.html").as_uri()
    page = browser.new_page(**options)
    found = Visit(page)
    page.on("console", lambda message: found.noticed.append(f"console: {message.text}"))
    page.on("pageerror", lambda problem: found.noticed.append(f"error: {problem}"))
    page.on("dialog", lambda dialog: (found.noticed.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: request.url == url or found.noticed.append(f"request: {request.url}"))
    page.goto(url)
    return found


@pytest.fixture
def shop(browser: Any, tmp_path: Path) -> Iterator[Visit]:
    opened = visit(browser, page_of(SHOP, tmp_path), tmp_path)
    yield opened
    assert opened.noticed == []
    opened.page.close()


def listed(page: Any) -> list[str]:
    return [link.inner_text().split("\n")[-1] for link in page.locator("nav li a").all() if link.is_visible()]


def test_search_finds_names_then_texts(shop: Visit) -> None:
    page = shop.page
    assert listed(page) == ["Add a thing", "Get a thing", "Refusal", "Thing"]
    page.get_by_role("searchbox").fill("ADD thing")
    assert listed(page) == ["Add a thing"]
    assert page.get_by_role("status").inner_text() == "1 found"
    page.get_by_role("searchbox").fill("/things/{id}")
    assert listed(page) == ["Get a thing"]
    page.get_by_role("searchbox").fill("somebody has it")
    assert listed(page) == ["Thing"]
    assert page.get_by_role("status").inner_text() == "1 found in their texts"
    page.get_by_role("searchbox").fill("nothing like that")
    assert listed(page) == []
    assert page.get_by_role("status").inner_text() == "Nothing found"
    page.get_by_role("searchbox").fill("")
    assert len(listed(page)) == 4


def test_it_is_used_without_a_mouse(shop: Visit) -> None:
    page = shop.page

    def focused() -> str:
        return page.evaluate("document.activeElement.getAttribute('href') || document.activeElement.id")

    page.keyboard.press("Tab")
    assert focused() == "#top"
    page.keyboard.press("Enter")
    page.keyboard.press("/")
    assert focused() == "search"
    page.keyboard.type("thing")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert focused() == "#op-get_thing"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert focused() == "search"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.endswith("#op-add_thing"))
    page.keyboard.press("/")
    page.keyboard.type("refusal")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.endswith("#schema-Refusal"))
    page.keyboard.press("Escape")
    assert page.get_by_role("searchbox").input_value() == ""


def test_types_lead_to_their_schemas(shop: Visit) -> None:
    from playwright.sync_api import expect

    page = shop.page
    page.locator("#op-add_thing").get_by_role("link", name="Refusal").click()
    page.wait_for_url(lambda url: url.endswith("#schema-Refusal"))
    expect(page.locator("nav [aria-current]")).to_have_attribute("href", "#schema-Refusal")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_in_either_light(scheme: str, browser: Any, tmp_path: Path) -> None:
    long = {**SHOP, "info": {**SHOP["info"], "title": "W" * 300, "description": f"`{'x' * 500}` {'y' * 500}"}}
    long["paths"] = {"/" + "a" * 400: {"get": {"summary": "z" * 300, "responses": {"204": {"description": "No."}}}}}
    opened = visit(
        browser, page_of(long, tmp_path), tmp_path, viewport={"width": 360, "height": 700}, color_scheme=scheme
    )
    page = opened.page
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    light = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert light == (scheme == "light")
    assert not page.get_by_role("searchbox").is_visible()
    page.get_by_role("button", name="Contents").click()
    assert page.get_by_role("searchbox").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.locator("nav li a").first.click()
    assert not page.get_by_role("searchbox").is_visible()
    assert opened.noticed == []
    page.close()


@pytest.mark.parametrize("payload", MARKUP)
def test_text_that_means_harm_stays_text(payload: str, browser: Any, tmp_path: Path) -> None:
    opened = visit(browser, page_of(with_payload(payload), tmp_path), tmp_path)
    page = opened.page
    page.get_by_role("searchbox").fill(payload)
    page.get_by_role("searchbox").fill("")
    for link in page.locator("main a:not([href^='#'])").all():
        assert link.get_attribute("href").startswith(("http://", "https://", "mailto:"))
    assert page.locator("script").count() == 1
    assert page.locator("img, iframe, object, embed, svg, form, base, link").count() == 0
    assert page.evaluate("window.pwned") is None
    assert opened.noticed == []
    page.close()
