"""What readers come for, from page to page."""

from __future__ import annotations

import csv
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pyoxigraph as ox
from bibtexparser.entrypoint import parse_string
from playwright.sync_api import expect

from tests.browser.pages import MISSING, ONTOLOGY
from tests.browser.test_editor import hints, status, text_box, write
from tests.conftest import PATIENCE

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


def test_which_chinese_parks_have_deals_with_european_ones_and_where_it_stands(visit: Visit) -> None:
    with visit("/") as page:
        page.get_by_role("link", name="Which Chinese parks have deals with European parks?").first.click()
        deal = page.get_by_role("row").filter(has_text="2016")
        expect(deal).to_contain_text("Chengdu Hi-Tech Industrial Development Zone")
        expect(deal).to_contain_text("Sophia Antipolis")
        deal.get_by_role("link", name="Sister-park deal of Chengdu Hi-Tech Zone and Sophia Antipolis").click()
        page.wait_for_url("**/doc/agreement/cdht-sophia-sister-parks-2016")
        page.get_by_role("link", name="Source 1", exact=True).first.press("Enter")
        passage = page.locator("#source-1")
        expect(passage).to_be_in_viewport()
        passage.get_by_role("link", name="Chengdu building a global Technology Park partnership").first.click()
        page.wait_for_url("**/doc/article/002*")


def test_all_figures_as_csv(visit: Visit) -> None:
    with visit("/queries") as page:
        page.get_by_role("link", name="All figures, with their quotation").first.click()
        with page.expect_download() as download:
            page.get_by_role("link", name=re.compile("CSV")).first.click()
        with download.value.path().open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    assert len({row["figure"] for row in rows}) == 22
    revenue = next(row for row in rows if "001-zhongguancun-revenue" in row["figure"])
    assert revenue["number"] == "8700000000000"
    assert "yuan" in revenue["unitLabel"]


def test_a_query_by_completion_and_its_answer_in_python(visit: Visit) -> None:
    with visit("/query") as page:
        write(page, "SELECT ?deal ?party WHERE { ?deal a agree")
        expect(hints(page).first).to_contain_text("pg:Agreement")
        page.keyboard.press("Enter")
        page.keyboard.type(" ; part")
        hints(page).filter(has_text="pg:party").first.click()
        text_box(page).focus()
        page.keyboard.type(" ?party }")
        expect(hints(page)).to_have_count(0)
        page.keyboard.press("Control+Enter")
        expect(status(page)).to_contain_text("4 rows")
        page.get_by_role("link", name="Use it").click()
        code = page.locator(".snippet").filter(has_text="SPARQLWrapper").locator("code").inner_text()
    program = code + '\nprint(sorted(row["party"]["value"] for row in answer["results"]["bindings"]))\n'
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=PATIENCE)
    assert "/id/park/sophia-antipolis'" in told.stdout


def test_a_citation_for_a_bibliography(visit: Visit) -> None:
    with visit("/search?q=sophia+antipolis") as page:
        page.locator("main").get_by_role("link", name="Sophia Antipolis", exact=True).first.click()
        page.get_by_text("Cite", exact=True).click()
        figure = page.locator(".snippet").filter(has_text="BibTeX")
        (entry,) = parse_string(figure.locator("code").inner_text()).entries
        assert entry["title"] == "{Sophia Antipolis}"
        assert page.request.get(urlsplit(entry["url"]).path).ok  # within the release, which never changes


def test_the_turtle_into_a_store_of_ones_own(visit: Visit, tmp_path: Path) -> None:
    with visit("/") as page:
        page.get_by_role("navigation", name="Site").get_by_role("link", name="Downloads").click()
        page.get_by_text("Into a store of your own", exact=True).click()
        lines = page.locator(".snippet").filter(has_text="Oxigraph").locator("code").inner_text().splitlines()
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for line in lines:
        if not line.startswith("oxigraph serve"):
            subprocess.run(
                shlex.split(line), check=True, cwd=tmp_path, timeout=PATIENCE, env={**os.environ, "PATH": programs}
            )
    store = ox.Store.read_only(str(tmp_path / "store"))
    assert ox.NamedNode("http://localhost:8000/id/park/sophia-antipolis") in {
        quad.subject for quad in store.quads_for_pattern(None, None, ox.NamedNode(ONTOLOGY + "Park"))
    }


def test_a_chinese_name_leads_to_the_page_of_the_park(visit: Visit) -> None:
    with visit("/?lang=zh") as page:
        page.get_by_role("combobox").first.focus()
        page.keyboard.insert_text("西安")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?**")
        page.locator("main").get_by_role("link", name="西安高新技术产业开发区").first.click()
        page.wait_for_url("**/doc/park/xian-high-tech-zone*")
        expect(page.get_by_role("heading", level=1)).to_have_text("西安高新技术产业开发区")


def test_everything_without_scripts(visit: Visit) -> None:
    with visit("/", java_script_enabled=False) as page:
        page.get_by_role("searchbox").fill("sofia antipolls")
        page.get_by_role("button", name="Find").click()
        page.locator("main").get_by_role("link", name="Sophia Antipolis", exact=True).first.click()
        page.locator("main").get_by_role("link", name=re.compile("Sister-park deal")).first.click()
        page.get_by_role("link", name="Source 1", exact=True).first.click()
        expect(page.locator("#source-1")).to_be_visible()
        page.get_by_role("navigation", name="Site").get_by_role("link", name="Lists").click()
        page.locator("main").get_by_role("link", name=re.compile("^park$", re.IGNORECASE)).first.click()
        expect(page.locator("main").get_by_role("link", name="Sophia Antipolis", exact=True)).to_be_visible()
        page.get_by_role("navigation", name="Site").get_by_role("link", name="Network").click()
        expect(page.locator("main table").first).to_be_visible()
        page.get_by_role("navigation", name="Site").get_by_role("link", name="Query").click()
        page.locator("main textarea").fill("SELECT ?x { ?x a <" + ONTOLOGY + "Park> }")
        page.get_by_role("button", name="Run").click()
        expect(page.locator("main tbody tr")).to_have_count(21)
