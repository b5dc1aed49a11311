"""Texts to take along: folds that a link opens, copied by a button, and as plain text without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bibtexparser.entrypoint import parse_string
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, violations
from tests.browser.test_editor import COUNTS, linked

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

PARK = "/doc/park/sophia-antipolis"


def test_a_citation_is_copied(visit: Visit) -> None:
    with visit(PARK, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.get_by_text("Cite", exact=True).click()
        figure = page.locator(".snippet").filter(has_text="BibTeX")
        assert violations(page) == []
        figure.get_by_role("button", name="Copy").click()
        expect(figure.get_by_role("button", name="Copied")).to_be_visible()
        (entry,) = parse_string(page.evaluate("navigator.clipboard.readText()")).entries
        assert entry["title"] == "{Sophia Antipolis}"
        assert "/release/" in entry["url"]
        expect(figure.get_by_role("button", name="Copy")).to_be_visible()


def test_a_citation_is_read_without_scripts(visit: Visit) -> None:
    with visit(f"{PARK}?lang=de", java_script_enabled=False, viewport=NARROW) as page:
        page.get_by_text("Zitieren", exact=True).click()
        expect(page.locator(".snippet code")).to_have_count(4)
        expect(page.locator(".snippet code").first).to_contain_text("Sophia Antipolis")
        expect(page.locator(".snippet").get_by_role("button")).to_have_count(0)


def test_the_citation_of_a_release_is_one_link_away(visit: Visit) -> None:
    with visit("/releases") as page:
        page.get_by_role("link", name="Cite").first.click()
        expect(page.locator(".snippet code").first).to_be_visible()


def test_the_editor_leads_to_texts_for_programs(visit: Visit) -> None:
    with visit(linked(COUNTS)) as page:
        page.get_by_role("link", name="Use it").click()
        code = page.locator(".snippet").filter(has_text="SPARQLWrapper").locator("code")
        expect(code).to_be_visible()
        expect(code).to_contain_text("SELECT ?class (COUNT(?thing) AS ?things)")
        assert violations(page) == []


def test_long_texts_wrap_on_a_phone(visit: Visit) -> None:
    with visit("/query/sister-parks", viewport=NARROW) as page:
        page.get_by_text("Use it", exact=True).click()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
