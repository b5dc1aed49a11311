"""The search field as a combobox, by keyboard and pointer (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.conftest import NARROW, violations
from tests.browser.pages import ONTOLOGY

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Visit

PARKS = "/list?class=" + ONTOLOGY.replace("#", "%23") + "Park"


def field(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Search").first


def suggested(page: Page, text: str) -> Locator:
    field(page).focus()
    page.keyboard.insert_text(text)
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    return options


def test_arrow_keys_go_round_and_escape_closes(visit: Visit) -> None:
    with visit("/catalog") as page:
        options = suggested(page, "chengdu")
        expect(field(page)).to_have_attribute("aria-expanded", "true")
        expect(page.get_by_role("option", selected=True)).to_have_count(0)
        page.keyboard.press("ArrowDown")
        expect(options.first).to_have_attribute("aria-selected", "true")
        identifier = options.first.get_attribute("id") or ""
        expect(field(page)).to_have_attribute("aria-activedescendant", identifier)
        page.keyboard.press("ArrowUp")
        expect(page.get_by_role("option", selected=True)).to_have_count(0)  # back in the field
        page.keyboard.press("ArrowUp")
        expect(options.last).to_have_attribute("aria-selected", "true")
        assert violations(page) == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("listbox")).to_have_count(0)
        expect(field(page)).to_have_value("chengdu")
        expect(field(page)).to_have_attribute("aria-expanded", "false")


def test_enter_in_the_field_searches_and_on_a_suggestion_opens_it(visit: Visit) -> None:
    with visit("/catalog") as page:
        suggested(page, "sophia antip")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=sophia+antip")
        suggested(page, "sophia antipolis")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/doc/"))


def test_a_suggestion_is_opened_by_pointer(visit: Visit) -> None:
    with visit("/catalog", viewport=NARROW) as page:
        options = suggested(page, "sophia antipolis")
        options.first.click()
        page.wait_for_url("**/doc/park/sophia-antipolis")


def test_suggestions_follow_what_is_typed_last(visit: Visit) -> None:
    with visit("/catalog") as page:
        suggested(page, "beijing")
        field(page).fill("heidelberg")
        expect(page.get_by_role("option").first).to_contain_text("Heidelberg")
        field(page).fill("")
        expect(page.get_by_role("listbox")).to_have_count(0)


def test_what_an_input_method_shows_meanwhile_is_not_asked_for(visit: Visit) -> None:
    with visit("/catalog") as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        field(page).focus()
        session = page.context.new_cdp_session(page)
        session.send("Input.imeSetComposition", {"text": "gaoxin", "selectionStart": 6, "selectionEnd": 6})
        session.send("Input.insertText", {"text": "高新"})
        expect(page.get_by_role("option").first).to_be_visible()
        assert len([url for url in asked if "/search" in url]) == 1
        assert "gaoxin" not in "".join(asked)


def test_suggestions_are_of_the_class_that_was_chosen(visit: Visit) -> None:
    with visit("/search?q=chengdu&class=" + ONTOLOGY.replace("#", "%23") + "Park") as page:
        box = page.get_by_role("combobox", name="Name, in any language or spelling")
        box.fill("che")
        options = page.get_by_role("option")
        expect(options.first).to_be_visible()
        assert all("park" in text for text in options.all_inner_texts())


def test_facets_narrow_a_list_and_are_taken_away_again(visit: Visit) -> None:
    with visit(PARKS, viewport=NARROW) as page:
        every = page.locator(".members tbody tr").count()
        page.get_by_role("link", name="Filters").click()
        page.get_by_role("link", name="China", exact=True).click()
        page.wait_for_url(re.compile("country=CN"))
        assert 0 < page.locator(".members tbody tr").count() < every
        page.get_by_role("link", name=re.compile("^country China")).click()
        page.wait_for_url(re.compile("Park$"))
        assert page.locator(".members tbody tr").count() == every


def test_the_network_is_filtered_without_scripts(visit: Visit) -> None:
    with visit("/network", java_script_enabled=False) as page:
        every = page.locator("main tbody tr:not([hidden])").count()
        page.get_by_label("sister-park deal").check()
        page.get_by_role("button", name="Filter").click()
        assert 0 < page.locator("main tbody tr:not([hidden])").count() < every
        page.get_by_role("link", name="Show all").click()
        assert page.locator("main tbody tr").count() == every
