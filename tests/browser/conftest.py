"""Chromium on a running server with the project's own release; every page is held to what holds for all."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.conftest import PATIENCE, ROOT
from tests.server.conftest import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize

    Visit = Callable[..., AbstractContextManager[Page]]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}
MILLISECONDS = 1000 * PATIENCE
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
# WCAG 2.2 up to AA, and what axe-core recommends besides
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def site(releases: Path) -> Iterator[str]:
    """The address of a server, without a final slash."""
    with serving(releases) as service:
        yield service.url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"no browser is at hand: install one of {', '.join(BROWSERS)}")
    expect.set_options(timeout=MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def visit(browser: Browser, site: str) -> Visit:
    """Opens a window, and sees to it that its pages have no error and ask nobody else.

    path: the address of the page; refused: statuses that are meant to come; options: those of a browser context, as
    `viewport` or `java_script_enabled`.
    """

    @contextmanager
    def open_page(path: str, refused: tuple[int, ...] = (), **options: Any) -> Iterator[Page]:
        context = browser.new_context(base_url=site, **{"viewport": WIDE, "locale": "en-GB", **options})
        context.set_default_timeout(MILLISECONDS)
        page = context.new_page()
        faults: list[str] = []
        page.on("console", lambda message: faults.extend(_complaints(message)))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: faults.extend(_elsewhere(request.url, site)))
        page.goto(path)
        yield page
        context.close()
        expected = tuple(f"Failed to load resource: the server responded with a status of {code}" for code in refused)
        assert [fault for fault in faults if not (expected and fault.startswith(expected))] == []

    return open_page


def _complaints(message: ConsoleMessage) -> list[str]:
    return [message.text] if message.type in {"error", "warning"} else []


def _elsewhere(url: str, site: str) -> list[str]:
    return [] if url.startswith((f"{site}/", "data:", "blob:")) else [f"asks {url}"]


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe-core finds wrong with the page as it is now, by these of its rules or by all."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))  # by the debugger's way, which the page's policy leaves open
    asked = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
    found = page.evaluate("asked => axe.run(document, {runOnly: asked, resultTypes: ['violations']})", asked)
    return [
        f"{violation['id']}: {node['html'][:200]} ({node['failureSummary']})"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
