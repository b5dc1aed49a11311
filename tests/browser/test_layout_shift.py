"""How far what is read moves while a page loads and is scrolled: Cumulative Layout Shift (https://web.dev/cls)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import NARROW, WIDE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize

LIMIT = 0.1  # "good"
STEP = 500  # pixels
WATCH = """
window.shift = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({type: 'layout-shift', buffered: true});
"""
PATHS = {
    "home": "/",
    "network": "/network",
    "saved-network": "/query/park-partners",
    "saved-timeline": "/query/timeline",
    "saved-map": "/query/map",
    "entity-with-a-map": "/doc/place/chengdu",
    "entity-with-dates": "/doc/event/global-science-city-dialogue",
    "vocabulary": "/ontology",
}


@pytest.mark.parametrize("window", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())
def test_what_is_read_stays_where_it_is(browser: Browser, site: str, path: str, window: ViewportSize) -> None:
    context = browser.new_context(base_url=site, viewport=window)
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(path)
    for _ in range(0, min(page.evaluate("document.documentElement.scrollHeight"), 12_000), STEP):
        page.mouse.wheel(0, STEP)
        page.evaluate("() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))")
    page.wait_for_load_state("networkidle")
    page.evaluate("() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))")
    shift = page.evaluate("window.shift")
    context.close()
    assert shift < LIMIT
