"""What the first page costs on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.test_every_page import drawn

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LIMIT = 150_000  # bytes: every request of the page, headers included, with all that is drawn


def test_the_first_page_is_light(browser: Browser, site: str) -> None:
    page = browser.new_context(base_url=site, viewport={"width": 1280, "height": 900}).new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto("/", wait_until="networkidle")
    drawn(page)
    page.wait_for_load_state("networkidle")
    page.context.close()
    assert len(sizes) >= 5
    assert sum(sizes) < LIMIT
