"""Forms of saved queries: boxes that suggest resources, lists of concepts, and names that are typed without scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.conftest import NARROW, violations

if TYPE_CHECKING:
    from tests.browser.conftest import Visit


def test_a_suggestion_is_taken_by_keyboard(visit: Visit) -> None:
    with visit("/query/events-in") as page:
        box = page.get_by_role("combobox", name="place")
        expect(box).to_have_value("Beijing")
        box.fill("cheng")
        options = page.get_by_role("option")
        expect(options.first).to_be_visible()
        assert all(re.search("place|park", text) for text in options.all_inner_texts())
        assert violations(page) == []
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(box).to_have_value("Chengdu")
        expect(options).to_have_count(0)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/query/events-in\?place=id%2Fplace%2Fchengdu"))
        expect(page.get_by_role("combobox", name="place")).to_have_value("Chengdu")


def test_a_form_that_is_not_changed_sends_the_iri(visit: Visit) -> None:
    with visit("/query/events-in?place=id/place/chengdu") as page:
        page.get_by_role("button", name="Run").click()
        page.wait_for_url(re.compile(r"\?place=id%2Fplace%2Fchengdu"))


def test_a_name_that_is_typed(visit: Visit) -> None:
    for scripts in (True, False):
        with visit("/query/figures", refused=(404,), java_script_enabled=scripts) as page:
            page.locator("#parameter-about").fill("chengdu")
            page.keyboard.press("Enter")
            page.wait_for_url(re.compile(r"about=id%2Fplace%2Fchengdu"))
            page.locator("#parameter-about").fill("Chendu")
            page.keyboard.press("Enter")
            expect(page.get_by_text("Nothing is called “Chendu”.")).to_be_visible()
            page.get_by_role("alert").get_by_role("link", name="Chengdu", exact=True).click()
            page.wait_for_url(re.compile(r"about=id%2Fplace%2Fchengdu"))


def test_a_concept_is_chosen_from_a_list(visit: Visit) -> None:
    with visit("/query/agreements?lang=de", viewport=NARROW) as page:
        page.locator("#parameter-only").select_option(label="Parkpartnerschaft")
        page.locator("#parameter-since").fill("2010")
        page.get_by_role("button", name="Ausführen").click()
        page.wait_for_url(re.compile("only=pg%3AsisterPark"))
        expect(page.get_by_role("columnheader", name="Vereinbarung")).to_be_visible()
        page.locator("#parameter-since").fill("2099")
        page.get_by_role("button", name="Ausführen").click()
        expect(page.get_by_text("Nichts in den Daten beantwortet dies.")).to_be_visible()
        page.get_by_role("link", name="Weglassen").first.click()
        expect(page.get_by_role("columnheader", name="Vereinbarung")).to_be_visible()


def test_a_long_text_opens_without_scripts(visit: Visit) -> None:
    with visit("/query/doubts", java_script_enabled=False) as page:
        text = page.locator("td details.whole").first
        closed = text.bounding_box()
        text.locator("summary").click()
        opened = text.bounding_box()
        assert closed is not None
        assert opened is not None
        assert opened["height"] >= closed["height"]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_workbook_is_downloaded(visit: Visit) -> None:
    with visit("/query/all-figures") as page, page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    assert download.value.suggested_filename.endswith(".xlsx")
