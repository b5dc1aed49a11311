"""The query editor does real work: it completes, runs, draws, links, downloads, and says what is wrong."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import expect

from core.formats import RDF_FORMATS
from core.wording import LANGUAGES, date_in_words
from tests.browser.conftest import NARROW, violations
from tests.core.test_wording import DATES, NO_DATES

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page, Route

    from tests.browser.conftest import Visit

PREFIXES = """PREFIX pg: <https://w3id.org/parkgraph/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX wgs84: <http://www.w3.org/2003/01/geo/wgs84_pos#>
"""
DEALS = PREFIXES + "SELECT ?deal ?date { ?deal a pg:Agreement ; pg:earliest ?date } ORDER BY ?date"
PLACES = (
    PREFIXES
    + "SELECT ?place ?placeLabel ?lat ?long { ?place rdfs:label ?placeLabel ; wgs84:lat ?lat ; wgs84:long ?long "
    "FILTER(LANG(?placeLabel) = 'en') }"
)
COUNTS = PREFIXES + "SELECT ?class (COUNT(?thing) AS ?things) { ?thing a ?class } GROUP BY ?class"


def linked(query: str, view: str = "table") -> str:
    return "/query#" + urlencode({"query": query, "view": view})


def text_box(page: Page) -> Locator:
    return page.locator("#query-form").get_by_role("textbox")


def write(page: Page, query: str) -> None:
    """Empties the editor and types."""
    text_box(page).focus()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.type(query)


def status(page: Page) -> Locator:
    return page.locator("#results").get_by_role("status").first


def hints(page: Page) -> Locator:
    return page.get_by_role("listbox").get_by_role("option")


def test_a_class_and_a_resource_are_completed_by_what_they_are_called(visit: Visit) -> None:
    with visit("/query") as page:
        write(page, "SELECT ?deal WHERE { ?deal a agree")
        expect(hints(page).first).to_contain_text("pg:Agreement")
        page.keyboard.press("Enter")
        expect(text_box(page)).to_contain_text("?deal a pg:Agreement")
        expect(text_box(page)).to_contain_text("PREFIX pg: <https://w3id.org/parkgraph/ontology#>")
        page.keyboard.type(" ; ?any <sophia anti")
        expect(hints(page).filter(has_text="Sophia Antipolis").first).to_be_visible()
        hints(page).filter(has_text="<id/park/sophia-antipolis>").first.click()
        expect(text_box(page)).to_contain_text("/id/park/sophia-antipolis>")
        text_box(page).focus()  # which the editor takes back itself, a moment after the click
        page.keyboard.type(" }")
        expect(hints(page)).to_have_count(0)
        page.keyboard.press("Control+Enter")
        expect(status(page)).to_contain_text("1 row in")
        expect(page.locator("a[title$='/id/agreement/cdht-sophia-sister-parks-2016']")).to_be_visible()


def test_a_property_is_completed_where_one_belongs(visit: Visit) -> None:
    with visit("/query") as page:
        write(page, "PREFIX pg: <https://w3id.org/parkgraph/ontology#> SELECT * { ?deal a pg:Agreement ; pg:par")
        expect(hints(page).filter(has_text="pg:party")).to_contain_text("property")
        expect(hints(page).filter(has_text="· class")).to_have_count(0)


def test_prefixes_are_folded_until_they_are_wanted(visit: Visit) -> None:
    with visit("/query") as page:
        expect(text_box(page)).to_contain_text("SELECT ?chinese")  # a saved query of the home page
        expect(text_box(page)).not_to_contain_text("PREFIX rdfs:")
        assert violations(page) == []
        page.locator(".CodeMirror-foldmarker").click()
        expect(text_box(page)).to_contain_text("PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>")
        page.get_by_role("navigation", name="Saved queries").get_by_role("link", name="Who is tied to whom").click()
        expect(status(page)).to_contain_text("rows in")
        expect(page.locator(".CodeMirror-foldmarker")).to_be_visible()
    with visit(linked("SELECT * { ?s ?p ?o } LIMIT 1")) as page:
        expect(status(page)).to_contain_text("1 row in")
        expect(page.locator(".CodeMirror-foldmarker")).to_have_count(0)


def suggested(page: Page, query: str) -> list[str]:
    """Types a query and asks for suggestions; the first word of each."""
    write(page, query)
    page.keyboard.press("Control+Space")
    expect(hints(page).first).to_be_visible()
    return [text.split(" ")[0] for text in hints(page).all_inner_texts()]


def test_completion_knows_what_stands_before_the_cursor(visit: Visit) -> None:
    prefix = PREFIXES + "SELECT * { ?deal a pg:Agreement "
    with visit("/query") as page:
        of_deals = suggested(page, prefix + ". ?deal ")
        assert {"pg:party", "pg:kind", "rdf:type"} <= set(of_deals)
        assert not {"wgs84:lat", "pg:quotation"} & set(of_deals)  # of other classes
        assert set(suggested(page, prefix + "; pg:kind pg:")) == {
            "pg:agreementSet",
            "pg:cooperationAgreement",
            "pg:declaration",
            "pg:sisterPark",
        }
        assert "schema:containsPlace" in suggested(page, prefix + "; pg:party ?park . ?park ")
        assert "schema:about" in suggested(page, PREFIXES + "SELECT * { ?park a pg:Park ; ^")
    with visit("/query?lang=de") as page:
        assert suggested(page, PREFIXES + "SELECT * { ?deal a Vereinb")[0] == "pg:Agreement"


def test_a_query_is_typed_with_completion_and_its_program_is_run(visit: Visit) -> None:
    with visit("/query") as page:
        write(page, "SELECT ?deal ?partner WHERE { ?deal a ")
        for typed, taken in (
            ("agreem", "pg:Agreement"),
            (" ; kin", "pg:kind"),
            (" sister", "pg:sisterPark"),
            (" ; par", "pg:party"),
        ):
            page.keyboard.type(typed)
            expect(hints(page).first).to_contain_text(taken)
            page.keyboard.press("Enter")
            expect(text_box(page)).to_contain_text(taken)
        page.keyboard.type(" ?partner }")
        page.keyboard.press("Control+Enter")
        expect(status(page)).to_contain_text("2 rows in")
        expect(page.get_by_role("tabpanel").locator("tbody")).to_contain_text("Sophia Antipolis")
        page.get_by_role("link", name="Use it").click()
        program = page.locator(".snippet").filter(has_text="SPARQLWrapper").locator("code").inner_text()
    counted = f"{program}\nprint(len(answer['results']['bindings']))"
    done = subprocess.run([sys.executable, "-c", counted], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2"]


def test_a_query_that_is_typed_slowly_stays_as_it_is_typed(visit: Visit) -> None:
    lines = [
        "prefix pg: <https://w3id.org/parkgraph/ontology#>",
        "PREFIX wgs84:<http://www.w3.org/2003/01/geo/wgs84_pos#>",
        "base <http://www.w3.org/2003/01/geo/>",
        "select",
        "?park",
        "?parks",
        "where",
        "{",
        "?park",
        "a",
        "pg:Park;",
        "wgs84:lat",
        "?parks .",
        'filter(?parks > 1 || "park" = "park"@en',
        "&& ?parks<30)",
        "optional",
        "{",
    ]
    with visit("/query") as page:
        write(page, "")
        for line in lines:
            page.keyboard.type(line)
            page.wait_for_timeout(350)  # longer than it takes until suggestions are made
            page.keyboard.press("Enter")
        typed = page.evaluate("document.querySelector('.CodeMirror').CodeMirror.getValue()")
    closing = " })>"  # which the editor adds itself
    assert [line.strip(closing) for line in typed.splitlines() if line.strip(closing)] == [
        line.strip(closing) for line in lines
    ]


def test_the_namespace_of_a_prefix_is_completed(visit: Visit) -> None:
    with visit("/query") as page:
        write(page, "PREFIX wgs84: <http://www")
        expect(hints(page).first).to_contain_text("wgs84_pos#")
        page.keyboard.press("Enter")
        page.keyboard.type(" ASK { ?a wgs84:lat ?b }")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("tabpanel")).to_contain_text("Yes: true")


def test_a_name_that_is_typed_whole_has_its_prefix_declared(visit: Visit) -> None:
    with visit("/query") as page:
        write(page, "SELECT * { ?deal a pg:Agreement")
        expect(hints(page).first).to_contain_text("pg:Agreement")
        page.keyboard.press("Enter")
        expect(text_box(page)).to_contain_text("PREFIX pg: <https://w3id.org/parkgraph/ontology#>")


def test_suggestions_that_come_late_are_not_shown(visit: Visit) -> None:
    held: list[Route] = []
    with visit("/query") as page:
        page.route(re.compile("q=sophia"), lambda route: held.append(route))  # noqa: PLW0108 -- Playwright marks what it is given
        with page.expect_request(re.compile("q=sophia")):
            write(page, "SELECT * { ?a ?b <sophia")
        page.get_by_role("button", name="Run").focus()
        with page.expect_response(re.compile("q=sophia")):
            held[0].continue_()
        page.wait_for_timeout(200)  # longer than it takes until suggestions are drawn
        expect(hints(page)).to_have_count(0)


def test_variables_are_completed_on_demand(visit: Visit) -> None:
    with visit("/query") as page:
        write(page, "SELECT ?something WHERE { ?some")
        page.keyboard.press("Control+Space")
        expect(hints(page)).to_have_text(["?something"])


@pytest.mark.parametrize(
    ("query", "tab", "shape"),
    [(COUNTS, "Chart", ".bar"), (PLACES, "Map", "circle.mark"), (DEALS, "Timeline", ".bar")],
    ids=["chart", "map", "timeline"],
)
def test_results_are_drawn_where_their_columns_allow(visit: Visit, query: str, tab: str, shape: str) -> None:
    with visit(linked(query)) as page:
        page.get_by_role("tab", name=tab).click()
        panel = page.get_by_role("tabpanel", name=tab)
        expect(panel.locator(shape).first).to_be_visible()
        assert panel.locator(shape).count() >= 4
        assert violations(page) == []


def test_dates_of_edtf_and_ties_without_names_are_drawn(visit: Visit) -> None:
    dated = PREFIXES + "SELECT ?deal ?when { ?deal a pg:Agreement ; pg:date ?when }"
    tied = PREFIXES + "SELECT ?a ?b { ?deal pg:party ?a, ?b FILTER(STR(?a) < STR(?b)) }"
    graph = PREFIXES + "CONSTRUCT { ?deal pg:party ?a } WHERE { ?deal pg:party ?a }"
    shapes = {"Timeline": ".bar", "Network": ".node"}
    for query, tab in ((dated, "Timeline"), (tied, "Network"), (graph, "Network")):
        with visit(linked(query, tab.lower())) as page:
            panel = page.get_by_role("tabpanel", name=tab)
            expect(panel.locator(shapes[tab]).first).to_be_visible()


def test_rows_are_sorted_by_a_heading(visit: Visit) -> None:
    asked = "SELECT ?n ?place { VALUES (?n ?place) { (10 <id/place/chengdu>) (9 <id/place/beijing>) (100 UNDEF) } }"
    with visit(linked(asked)) as page:
        cells = page.get_by_role("tabpanel").locator("tbody td:first-child")
        expect(cells).to_have_text(["10", "9", "100"])
        heading = page.get_by_role("columnheader", name="n", exact=True)
        heading.get_by_role("button").focus()
        page.keyboard.press("Enter")
        expect(heading).to_have_attribute("aria-sort", "ascending")
        expect(cells).to_have_text(["9", "10", "100"])
        page.keyboard.press("Enter")
        expect(cells).to_have_text(["100", "10", "9"])
        expect(page.get_by_text("Chengdu", exact=True)).to_be_visible()
        page.get_by_role("columnheader", name="place").get_by_role("button").click()
        expect(cells).to_have_text(["9", "10", "100"])
        expect(heading).not_to_have_attribute("aria-sort", re.compile("."))
        assert violations(page) == []


def test_equal_names_are_told_apart(visit: Visit) -> None:
    with visit(linked(COUNTS)) as page:
        cells = page.get_by_role("tabpanel").locator("tbody td:first-child")
        expect(cells.get_by_text("claim (pg)")).to_be_visible()
        expect(cells.get_by_text("claim (schema)")).to_be_visible()
        names = cells.all_inner_texts()
        assert len(names) == len(set(names))


def test_a_chart_is_offered_only_where_it_fits(visit: Visit) -> None:
    with visit(linked("SELECT ?name { ?thing <http://www.w3.org/2000/01/rdf-schema#label> ?name } LIMIT 3")) as page:
        expect(page.get_by_role("tab")).to_have_text(["Table", "Raw"])


def test_more_rows_are_offered_only_where_there_are_more(visit: Visit) -> None:
    more = "button.more"
    with visit(linked("SELECT * { ?s ?p ?o } LIMIT 200")) as page:
        expect(page.get_by_role("tabpanel").locator("tbody tr")).to_have_count(200)
        expect(page.locator(more)).to_be_hidden()
    with visit(linked("SELECT * { ?s ?p ?o } LIMIT 203")) as page:
        expect(page.locator(more)).to_have_text("Show 3 more")
        page.locator(more).click()
        expect(page.get_by_role("tabpanel").locator("tbody tr")).to_have_count(203)
        expect(page.locator(more)).to_be_hidden()


def test_a_table_has_names_or_the_terms_as_they_stand(visit: Visit) -> None:
    asked = """SELECT ?place ?number ?day { VALUES (?place ?number ?day) {
      (<id/place/beijing> 12345.5 "2023-05-30"^^<http://www.w3.org/2001/XMLSchema#date>) } }"""
    with visit(linked(asked)) as page:
        cells = page.get_by_role("tabpanel").locator("tbody td")
        expect(cells).to_have_text(["Beijing", "12,345.5", "30 May 2023"])
        expect(cells.locator("a")).to_have_attribute("title", re.compile("^https?:.*/id/place/beijing$"))
        expect(cells.locator("data")).to_have_attribute("value", "12345.5")
        expect(cells.locator("time")).to_have_attribute("datetime", "2023-05-30")
        assert violations(page) == []
        page.get_by_role("button", name="Show IRIs and raw values").click()
        expect(cells).to_have_text(["<id/place/beijing>", "12345.5", "2023-05-30"])
        page.get_by_role("button", name="Show names").click()
        expect(cells).to_have_text(["Beijing", "12,345.5", "30 May 2023"])
    with visit(linked(asked).replace("#", "?lang=zh#")) as page:
        expect(page.get_by_role("tabpanel").locator("tbody td")).to_have_text(["北京", "12,345.5", "2023年5月30日"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates_are_in_the_words_of_the_other_pages(visit: Visit, language: str) -> None:
    texts = [row[0] for row in DATES] + [text for text in NO_DATES if text]
    values = " ".join(f'"{text}"^^<http://id.loc.gov/datatypes/edtf/EDTF>' for text in texts)
    with visit(linked(f"SELECT ?date {{ VALUES ?date {{ {values} }} }}").replace("#", f"?lang={language}#")) as page:
        cells = page.get_by_role("tabpanel").locator("tbody td")
        expect(cells).to_have_text([date_in_words(text, language) for text in texts])


def test_a_link_opens_the_query_its_result_and_its_chart(visit: Visit) -> None:
    with visit("/query") as page:
        write(page, COUNTS.replace("\n", " "))
        page.keyboard.press("Control+Enter")
        page.get_by_role("tab", name="Chart").click()
        page.wait_for_url("**view=chart")
        address = page.url
    with visit(address) as page:
        expect(page.get_by_role("tab", name="Chart")).to_have_attribute("aria-selected", "true")
        expect(page.get_by_role("tabpanel").locator(".bar").first).to_be_visible()
        expect(text_box(page)).to_contain_text("COUNT(?thing)")


def test_back_leads_to_the_query_before(visit: Visit) -> None:
    with visit(linked("ASK { ?a ?b ?c }")) as page:
        expect(page.get_by_text("Yes: true")).to_be_visible()
        write(page, "ASK { ?a <urn:none> ?c }")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("No: false")).to_be_visible()
        page.go_back()
        expect(page.get_by_text("Yes: true")).to_be_visible()


def test_downloads_in_every_format(visit: Visit, tmp_path: Path) -> None:
    with visit(linked(COUNTS)) as page:
        links = page.locator("#results .formats a")
        expect(links).to_have_text(["JSON", "XML", "CSV", "TSV", "Excel"])
        rows = page.get_by_role("tabpanel").locator("tbody tr").count()
        for name in ("JSON", "CSV"):
            with page.expect_download() as begun:
                links.filter(has_text=name).click()
            begun.value.save_as(tmp_path / name)
        read = json.loads((tmp_path / "JSON").read_text(encoding="utf-8"))
        assert len(read["results"]["bindings"]) == rows
        with (tmp_path / "CSV").open(newline="", encoding="utf-8") as file:
            assert len(list(csv.DictReader(file))) == rows


def test_a_query_is_explained(visit: Visit) -> None:
    with visit(linked(COUNTS)) as page:
        page.get_by_role("link", name="Explain").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Explanation")
        expect(page.locator("dl.facts")).to_contain_text("Evaluating")


def test_a_long_query_is_downloaded_too(visit: Visit, tmp_path: Path) -> None:
    with visit(linked(COUNTS + "\n#" + "x" * 7000)) as page:
        button = page.locator("#results .formats").get_by_role("button", name="CSV")
        with page.expect_download() as begun:
            button.click()
        begun.value.save_as(tmp_path / "csv")
        assert (tmp_path / "csv").read_text(encoding="utf-8").startswith("class,things")


def test_a_graph_is_shown_as_triples_and_as_turtle(visit: Visit) -> None:
    construct = 'CONSTRUCT { <urn:x> <urn:p> "a \\"b\\"\\n\\u706F"@zh, 3 } WHERE {}'
    with visit(linked(construct)) as page:
        expect(status(page)).to_contain_text("2 triples")
        expect(page.get_by_role("tabpanel").locator("tbody td").filter(has_text="灯")).to_have_text('a "b"\n灯 zh')
        page.get_by_role("tab", name="Raw").click()
        panel = page.get_by_role("tabpanel", name="Raw")
        expect(panel.locator("code")).to_contain_text("<urn:x> <urn:p>")
        panel.get_by_label("Format").select_option("jsonld")
        expect(panel.locator("code")).to_contain_text('"@id"')
        expect(page.locator("#results .formats a")).to_have_count(len(RDF_FORMATS))


def test_what_is_wrong_is_said_and_shown(visit: Visit) -> None:
    with visit(linked("SELECT *\nWHERE {\n  ?s ?p FILTER }"), refused=(400,)) as page:
        fault = page.locator("#results").get_by_role("alert")
        expect(fault).to_contain_text("Bad Request")
        expect(page.locator(".error-line")).to_have_count(1)
        assert violations(page) == []
        fault.get_by_role("button", name="Line 3").click()
        expect(text_box(page)).to_be_focused()
        write(page, "SELECT * WHERE { ?s ?p ?o } LIMIT 2")
        page.keyboard.press("Control+Enter")
        expect(status(page)).to_contain_text("rows in")
        expect(page.locator(".error-line")).to_have_count(0)


def test_a_missing_bracket_is_said_and_put_in(visit: Visit) -> None:
    with visit(linked("SELECT * {\n  ?s ?p 1\n"), refused=(400,)) as page:
        fault = page.locator("#results").get_by_role("alert")
        expect(fault).to_contain_text("} is missing here: the { of line 1, column 10 is not closed")
        expect(page.locator(".error-mark").first).to_be_visible()
        fault.get_by_role("button", name="Insert }").click()
        expect(status(page)).to_contain_text("rows in")
        expect(page.locator(".error-mark")).to_have_count(0)
    with visit("/query?lang=zh" + linked("SELECT * { ?s ?p ").removeprefix("/query"), refused=(400,)) as page:
        expect(page.locator("#results").get_by_role("alert")).to_contain_text("此处缺少 }")


def test_a_prefix_is_declared_and_a_property_corrected_by_a_button(visit: Visit) -> None:
    with visit(linked("SELECT ?deal { ?deal a pg:Agrement ; pg:partyy ?park }"), refused=(400,)) as page:
        page.get_by_role("button", name="Declare pg:").click()
        expect(status(page)).to_contain_text("0 rows")
        assert violations(page) == []
        page.get_by_role("button", name="Use pg:Agreement").click()
        page.get_by_role("button", name="Use pg:party").click()
        expect(status(page)).to_contain_text("4 rows")
        expect(page.locator(".warnings li")).to_have_count(0)


def test_editor_and_button_are_on_the_first_screen_of_a_phone(visit: Visit) -> None:
    with visit("/query", viewport=NARROW) as page:
        expect(page.get_by_role("button", name="Run")).to_be_in_viewport()
        expect(text_box(page)).to_be_in_viewport()


def test_a_query_that_takes_long_can_be_cancelled(visit: Visit) -> None:
    heavy = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with visit("/query") as page:
        write(page, heavy)
        page.get_by_role("button", name="Run").click()
        page.get_by_role("button", name="Cancel").click()
        expect(status(page)).to_have_text("The query was cancelled.")
        expect(page.get_by_role("button", name="Run")).to_be_visible()


def test_saved_queries_stand_beside_the_editor(visit: Visit) -> None:
    with visit("/query") as page:
        page.get_by_role("navigation", name="Saved queries").get_by_role("link", name="Who is tied to whom").click()
        expect(status(page)).to_contain_text("rows in")
        page.get_by_role("tab", name="Network").click()
        expect(page.locator("svg.network .node").first).to_be_visible()


def test_the_keyboard_goes_through_and_is_not_trapped(visit: Visit) -> None:
    with visit("/query") as page:
        text_box(page).focus()
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Run")).to_be_focused()
        page.keyboard.press("Enter")
        tab = page.get_by_role("tab", name="Table")
        expect(tab).to_be_visible()
        tab.focus()
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name="Raw")).to_be_focused()
        expect(page.get_by_role("tabpanel", name="Raw")).to_be_visible()


def test_without_scripts_the_form_asks(visit: Visit) -> None:
    with visit("/query?" + urlencode({"query": "ASK { ?a ?b ?c }"}), java_script_enabled=False) as page:
        page.get_by_role("button", name="Run").click()
        assert "/sparql?" in page.url
        expect(page.locator("main")).to_contain_text("Yes: true")


def test_the_editor_speaks_the_readers_language(visit: Visit) -> None:
    with visit("/query?lang=zh" + linked(COUNTS).removeprefix("/query")) as page:
        expect(page.get_by_role("tab", name="图表")).to_be_visible()
        expect(page.get_by_role("button", name="运行")).to_be_visible()


def test_another_language_keeps_the_query(visit: Visit) -> None:
    with visit("/query?lang=en") as page:
        write(page, COUNTS)
        page.get_by_role("button", name="Run").click()
        page.get_by_role("tab", name="Chart").click()
        page.wait_for_url("**view=chart")
        before = urlsplit(page.url).fragment
        page.get_by_role("navigation", name="Language").get_by_role("link", name="中文").click()
        expect(page.get_by_role("tab", name="图表")).to_have_attribute("aria-selected", "true")
        assert (urlsplit(page.url).query, urlsplit(page.url).fragment) == ("lang=zh", before)


def test_a_network_of_an_answer_has_classes_and_is_downloaded(visit: Visit) -> None:
    with visit(linked(PREFIXES + "SELECT ?deal ?party { ?deal a pg:Agreement ; pg:party ?party }")) as page:
        page.get_by_role("tab", name="Network").click()
        panel = page.get_by_role("tabpanel", name="Network")
        for name in ("agreement", "park", "organisation"):
            expect(panel.get_by_role("checkbox", name=re.compile(name))).to_be_visible()
        with page.expect_download() as download:
            panel.get_by_role("button", name="SVG").click()
        picture = download.value.path().read_text(encoding="utf-8")
        assert "Sophia Antipolis" in picture
        assert "/release/" in picture
        assert violations(page) == []
