"""The page of a project in a browser: nothing leaves it, it is searched, painted dark, and used without a mouse.

Screenshots at two widths are written beside the page; with ``--update-goldens`` the wide one goes into the README.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from generator.cli import main

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")

WIDE, PHONE = {"width": 1200, "height": 900}, {"width": 390, "height": 844}


@dataclass
class Visit:
    """An open page, and what it did that it should not."""

    page: Any
    noticed: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the three integrations, of which one's document has moved since it was generated."""
    project = tmp_path_factory.mktemp("project")
    for folder in ("spec", "generated"):
        shutil.copytree(ROOT / folder, project / folder)
    document = project / "spec/bifrost/schemas/integrations/openai/images.yaml"
    text = document.read_text("utf-8")
    assert "    - prompt\n" in text
    document.write_text(text.replace("    - prompt\n", "    - prompt\n    - size\n", 1), "utf-8")
    page = project / "report.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        assert main(["report", "--output", page.name]) == 0
    return page


@pytest.fixture
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Any, report: Path) -> Iterator[Visit]:
    page = browser.new_page(viewport=WIDE, color_scheme="light")
    found = Visit(page)
    page.on("console", lambda message: found.noticed.append(f"console: {message.text}"))
    page.on("pageerror", lambda problem: found.noticed.append(f"error: {problem}"))
    page.on("request", lambda asked: asked.url == report.as_uri() or found.noticed.append(f"request: {asked.url}"))
    page.goto(report.as_uri())
    yield found
    assert found.noticed == []


def test_it_tells_what_changed_with_both_excerpts(visit: Visit) -> None:
    page = visit.page
    assert page.locator("#integrations details").count() == 3
    assert page.locator("#integrations details", has_text="stale: the spec").count() == 1
    finding = page.locator("#changes details", has_text="`size` of").first
    finding.locator("summary").click()
    before, now = (figure.inner_text() for figure in finding.locator("figure").all())
    assert "size" in before and "size" in now
    assert page.locator("#comparison table").count() == 1


def test_search_theme_and_keys(visit: Visit) -> None:
    page = visit.page
    page.keyboard.press("/")
    page.keyboard.type("fallbacks")
    assert page.locator("tr[data-entry]:visible").count() >= 1
    assert not page.locator("#integrations").is_visible()
    assert "found" in page.locator("#found").inner_text()
    page.keyboard.press("Escape")
    assert page.locator("#integrations").is_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    first = page.locator("[data-entry]").first
    assert page.evaluate("document.activeElement.closest('[data-entry]') === document.querySelector('[data-entry]')")
    assert first.is_visible()
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("#theme").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert page.locator("#theme").get_attribute("aria-pressed") == "true"


def test_it_follows_the_system_and_fits_a_phone(
    visit: Visit, report: Path, browser: Any, request: pytest.FixtureRequest
) -> None:
    wide = report.with_name("wide.png")
    visit.page.locator("#changes summary").first.click()
    visit.page.screenshot(path=wide)
    phone = browser.new_page(viewport=PHONE, color_scheme="dark")
    phone.goto(report.as_uri())
    assert phone.evaluate("document.documentElement.dataset.theme") == "dark"
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    phone.screenshot(path=report.with_name("phone.png"))
    assert wide.stat().st_size > 10_000 and report.with_name("phone.png").stat().st_size > 10_000
    if request.config.getoption("--update-goldens"):
        visit.page.locator("#changes").scroll_into_view_if_needed()
        visit.page.screenshot(path=ROOT / "docs/report.png")


def test_nothing_of_a_document_is_markup(browser: Any, tmp_path: Path) -> None:
    hostile = "</script><img src=x onerror=console.log(1)>"
    for name, paths in (("old", "{}"), ("new", '{"/a' + hostile.replace("/", "-") + '": {"get": {"responses": {}}}}')):
        text = f'{{"openapi": "3.1.0", "info": {{"title": "{hostile}", "version": "{hostile}"}}, "paths": {paths}}}'
        (tmp_path / f"{name}.json").write_text(text)
    page = tmp_path / "page.html"
    with pytest.MonkeyPatch.context() as patch:
        written: list[str] = []
        patch.setattr("click.echo", lambda text, **_: written.append(text))
        assert main(["diff", str(tmp_path / "old.json"), str(tmp_path / "new.json"), "--format", "html"]) == 0
    page.write_text("".join(written))
    noticed: list[str] = []
    opened = browser.new_page()
    opened.on("console", lambda message: noticed.append(message.text))
    opened.on("request", lambda asked: asked.url == page.as_uri() or noticed.append(asked.url))
    opened.goto(page.as_uri())
    assert noticed == [] and opened.locator("img").count() == 0
