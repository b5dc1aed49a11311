"""Tables on phones: each row is stacked, with the headings before its cells, and stays a table for those who listen."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, WIDE, violations
from tests.browser.test_every_page import tables_cut_off

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

    from tests.browser.conftest import Visit

ROLES = {"table", "row", "columnheader", "rowheader", "cell", "gridcell"}


def roles(page: Page) -> Counter[str]:
    """The parts of tables that the browser tells assistive technology of."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    return Counter(node["role"]["value"] for node in nodes if not node["ignored"] and node["role"]["value"] in ROLES)


@pytest.mark.parametrize("path", ["/query/chinese-and-european-parks", "/releases", "/list"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_rows_are_stacked_and_stay_rows(visit: Visit, path: str, *, scripts: bool) -> None:
    with visit(path, viewport=WIDE, java_script_enabled=scripts) as page:
        rows = page.locator("table tbody tr")
        labelled = rows.first.locator("td[data-label]:not(:empty)").last
        assert before(labelled) == "none"
        wide = roles(page)
        page.set_viewport_size(NARROW)
        heading = page.locator("table thead th").nth(labelled.evaluate("cell => cell.cellIndex"))
        assert before(labelled).startswith(f'"{heading.text_content()} "')
        assert roles(page) == wide
        assert wide["columnheader"] >= 2
        assert wide["row"] > rows.count()


@pytest.mark.parametrize(
    "path", ["/", "/network", "/query/all-figures", "/query/timeline", "/ontology/shapes", "/dumps/"]
)
@pytest.mark.parametrize("language", ["en", "de"])
def test_no_column_is_cut_off_in_windows_of_middle_width(visit: Visit, path: str, language: str) -> None:
    with visit(f"{path}?lang={language}", viewport={"width": 768, "height": 1024}, java_script_enabled=False) as page:
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        assert tables_cut_off(page) == []
        if path == "/query/all-figures":
            page.set_viewport_size(WIDE)
            assert tables_cut_off(page) == []


def before(cell: object) -> str:
    found: str = cell.evaluate("one => getComputedStyle(one, '::before').content")  # type: ignore[attr-defined]
    return found


def test_results_of_the_editor_are_stacked_and_sorted_on_phones(visit: Visit) -> None:
    with visit("/query", viewport=NARROW) as page:
        page.get_by_role("button", name="Run", exact=True).click()
        table = page.locator("#results table")
        expect(table.locator("tbody tr").first).to_be_visible()
        cell = table.locator("tbody td:not(:empty)").first
        assert before(cell).startswith(f'"{table.locator("thead th").first.inner_text()} ')
        sort = table.locator("thead button").nth(1)
        sort.click()
        expect(table.locator("thead th").nth(1)).to_have_attribute("aria-sort", "ascending")
        assert violations(page) == []
        assert table.evaluate("one => one.parentElement.scrollWidth - one.parentElement.clientWidth") == 0


@pytest.mark.parametrize("window", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_mark_opens_the_fold_with_its_source(visit: Visit, window: ViewportSize, *, scripts: bool) -> None:
    with visit("/doc/place/chengdu", viewport=window, java_script_enabled=scripts) as page:
        source = page.locator("#source-40")
        expect(source).to_be_hidden()
        expect(page.locator("#source-30")).to_be_visible()
        page.locator("a[href='#source-40']").first.click()
        expect(source).to_be_in_viewport()
