"""What holds for every kind of page: accessible, whole without scripts, within its window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import NARROW, WIDE, violations
from tests.browser.pages import PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Visit

# the rules that ask how a page is laid out and coloured; the others hold for every window
LAYOUT = ["color-contrast", "label-content-name-mismatch", "scrollable-region-focusable", "target-size"]

each_page = pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())


def drawn(page: Page) -> None:
    """Opens what is folded, and waits until every chart is drawn."""
    page.evaluate("document.querySelectorAll('details:has(figure[data-chart])').forEach(one => { one.open = true })")
    for figure in page.locator("figure[data-chart]").all():
        figure.scroll_into_view_if_needed()
        page.wait_for_function("figure => figure.dataset.drawn", arg=figure.element_handle())


@each_page
def test_accessible_wide_and_narrow_light_and_dark(visit: Visit, path: str) -> None:
    with visit(path, viewport=WIDE, color_scheme="light") as page:
        drawn(page)
        assert violations(page) == []
        assert overflow(page) == 0
        assert displayed_though_hidden(page) == []
        page.set_viewport_size(NARROW)
        page.emulate_media(color_scheme="dark")
        assert violations(page, LAYOUT) == []
        assert overflow(page) == 0
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        assert tables_cut_off(page) == []


@each_page
def test_without_scripts(visit: Visit, path: str) -> None:
    with visit(path, java_script_enabled=False) as page:
        assert page.locator("main h1").count() == 1
        assert page.locator("main").inner_text().strip()
        assert displayed_though_hidden(page) == []
        for figure in page.locator("figure[data-chart]").all():
            folded = figure.locator("xpath=ancestor::details[not(@open)]").count() > 0
            assert folded or figure.locator("table").is_visible()


def displayed_though_hidden(page: Page) -> list[str]:
    """Elements with the attribute `hidden` that are laid out all the same, as by a style that sets their display."""
    found: list[str] = page.locator("[hidden]").evaluate_all(
        "all => all.filter(one => getComputedStyle(one).display !== 'none').map(one => one.outerHTML.slice(0, 200))"
    )
    return found


def tables_cut_off(page: Page) -> list[str]:
    """Tables, and the regions that they are in, that are wider than what is seen of them."""
    found: list[str] = page.locator("table, .scroll:has(> table)").evaluate_all(
        "all => all.filter(one => one.clientWidth && one.scrollWidth > one.clientWidth)"
        ".map(one => `${one.scrollWidth} > ${one.clientWidth}: ${one.outerHTML.slice(0, 200)}`)"
    )
    return found


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width
