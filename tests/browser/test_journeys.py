"""What readers come for, from page to page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.pages import MISSING, ONTOLOGY

if TYPE_CHECKING:
    from tests.browser.conftest import Visit


def test_from_a_park_over_its_evidence_and_agreement_to_the_other_park(visit: Visit) -> None:
    with visit("/doc/park/sophia-antipolis") as page:
        expect(page.get_by_role("heading", level=1)).to_have_text("Sophia Antipolis")
        page.get_by_role("link", name="Source 1", exact=True).first.press("Enter")
        passage = page.locator("#source-1")
        expect(passage).to_be_in_viewport()
        article = passage.get_by_role("link", name="Chengdu building a global Technology Park partnership")
        expect(article.first).to_be_visible()
        expect(passage.locator(".nested")).to_be_hidden()
        passage.locator("summary").press("Enter")
        expect(passage.locator(".nested")).to_be_visible()
        page.get_by_role("link", name="Sister-park deal of Chengdu Hi-Tech Zone and Sophia Antipolis").first.click()
        page.wait_for_url("**/doc/agreement/cdht-sophia-sister-parks-2016")
        page.locator("main").get_by_role("link", name="Chengdu Hi-Tech Industrial Development Zone").first.click()
        page.wait_for_url("**/doc/park/chengdu-hi-tech-zone")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Chengdu Hi-Tech")


def test_from_a_value_to_its_article_in_the_order_of_its_text(visit: Visit) -> None:
    with visit("/doc/agreement/cdht-sophia-sister-parks-2016") as page:
        page.get_by_role("link", name="Source 1", exact=True).first.click()
        page.locator("#source-1").get_by_role(
            "link", name="Chengdu building a global Technology Park partnership"
        ).first.click()
        page.wait_for_url("**/doc/article/002")
        passages = page.locator("#segments li[id]")
        expect(passages).to_have_count(34)
        deal = passages.filter(
            has=page.get_by_role("link", name="Sister-park deal of Chengdu Hi-Tech Zone and Sophia Antipolis")
        )
        deal.first.get_by_role("link", name="evidence").click()
        page.wait_for_url("**/doc/evidence/002-1053-1198")
        expect(
            page.get_by_role("link", name="Sister-park deal of Chengdu Hi-Tech Zone and Sophia Antipolis")
        ).to_be_visible()


def test_search_in_chinese_with_suggestions_by_keyboard(visit: Visit) -> None:
    with visit("/?lang=zh") as page:
        field = page.get_by_role("combobox").first
        field.focus()
        page.keyboard.insert_text("科技")
        options = page.get_by_role("listbox").get_by_role("option")
        expect(options.first).to_contain_text("科技园")
        page.keyboard.press("ArrowDown")
        expect(options.first).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/doc.*lang=zh"))
        expect(page.get_by_role("heading", level=1)).to_have_text("科技园")
        page.locator("main").get_by_role("link", name="索菲亚·安蒂波利斯", exact=True).first.click()
        page.wait_for_url("**/doc/park/sophia-antipolis?lang=zh")


def test_a_misspelt_name_is_found(visit: Visit) -> None:
    with visit("/") as page:
        page.get_by_role("combobox").first.fill("Sofia Antipolls")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?**")
        expect(page.locator("main").get_by_role("link", name="Sophia Antipolis").first).to_be_visible()


def test_a_list_is_narrowed_by_a_facet(visit: Visit) -> None:
    with visit("/list?class=" + ONTOLOGY.replace("#", "%23") + "Agreement") as page:
        members = page.locator("main a[href^='/doc/agreement/']")
        every = members.count()
        assert every > 1
        page.locator("main").get_by_role("link", name=re.compile("sister-park deal")).first.click()
        page.wait_for_load_state()
        assert 0 < members.count() < every


def test_the_language_is_kept_from_page_to_page(visit: Visit) -> None:
    with visit("/") as page:
        page.get_by_role("link", name="Deutsch").or_(page.get_by_role("link", name="de", exact=True)).first.click()
        expect(page.locator("html")).to_have_attribute("lang", "de")
        page.get_by_role("link", name="Herunterladen").or_(page.get_by_role("link", name="Downloads")).first.click()
        expect(page.locator("html")).to_have_attribute("lang", "de")


def test_the_theme_is_kept_from_page_to_page(visit: Visit) -> None:
    with visit("/", color_scheme="light") as page:
        page.get_by_role("button", name="Dark theme").click()
        colour = "getComputedStyle(document.documentElement).backgroundColor"
        dark = page.evaluate(colour)
        page.goto("/queries")
        assert page.evaluate(colour) == dark
        page.get_by_role("button", name="Dark theme").click()
        assert page.evaluate(colour) != dark


def test_an_unknown_address_helps_on(visit: Visit) -> None:
    with visit(MISSING, refused=(404,)) as page:
        page.locator("main").get_by_role("link", name="Sophia Antipolis", exact=True).first.click()
        page.wait_for_url("**/doc/park/sophia-antipolis")
