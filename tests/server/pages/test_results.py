"""Pages of results: names or terms as they stand; and what became of a query, by `explain=true`."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest

from core.namespaces import XSD
from tests.server.conftest import BASE, SHIPS, TERMS

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

pytestmark = pytest.mark.quick

SHIPS_OF = f"WHERE {{ ?ship <{TERMS}guards> <{BASE}id/tower/v1.2> }}"
SELECT = f"SELECT ?ship {SHIPS_OF}"
CORRECTED = "SELECT (GROUP_CONCAT(?ship) AS ?ships) (tRUE AS ?yes) " + SHIPS_OF
TIMING = re.compile(r"wait;dur=\d+\.\d\d, evaluate;dur=\d+\.\d\d, write;dur=\d+\.\d\d")


TOWER = BASE + "id/tower/roter-sand"
VALUES = f"""PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
SELECT ?tower ?height ?built ?year {{
  VALUES (?tower ?height ?built ?year) {{ (<{TOWER}> 1234567.5 "1901-05"^^xsd:gYearMonth 2016) }} }}"""
RAW_LINK = re.compile(r'<a href="([^"]*)" rel="nofollow">IRIs und Rohwerte zeigen</a>')
NAMES_LINK = re.compile(r'<a href="([^"]*)" rel="nofollow">Namen zeigen</a>')


def cells(page: TestResponse) -> list[str]:
    assert page.status_code == 200, page.text
    return re.findall(r"<td[^>]*>(.*?)</td>", page.text)


def switched(client: FlaskClient, link: re.Pattern[str], page: TestResponse) -> TestResponse:
    """The page that the switch of this page leads to."""
    found = link.search(page.text)
    assert found is not None
    return client.get(unescape(found[1]))


def test_a_page_speaks_the_readers_language(client: FlaskClient) -> None:
    page = client.get("/sparql?" + urlencode({"query": VALUES, "format": "html", "lang": "de"}))
    assert cells(page) == [
        f'<a href="/doc/tower/roter-sand?lang=de" title="{TOWER}"><bdi lang="de">Roter Sand</bdi></a>',
        '<data value="1234567.5"><bdi>1.234.567,5</bdi></data>',
        '<time datetime="1901-05"><bdi>Mai 1901</bdi></time>',
        "<bdi>2016</bdi>",  # perhaps a year
    ]


@pytest.mark.parametrize(("language", "yes", "no"), [("en", "yes", "no"), ("de", "ja", "nein"), ("zh", "是", "否")])
def test_booleans_are_words(client: FlaskClient, language: str, yes: str, no: str) -> None:
    query = f'SELECT (true AS ?a) ("0"^^<{XSD}boolean> AS ?b) ("true" AS ?c) ("perhaps"^^<{XSD}boolean> AS ?d) {{}}'
    page = client.get("/sparql?" + urlencode({"query": query, "format": "html", "lang": language}))
    texts = [re.sub("<[^>]*>", "", cell) for cell in cells(page)]
    assert texts == [yes, no, "true", "perhaps"]


def test_a_link_leads_to_the_terms_as_they_stand_and_back(client: FlaskClient) -> None:
    named = client.get("/sparql?" + urlencode({"query": VALUES, "format": "html", "lang": "de"}))
    raw = switched(client, RAW_LINK, named)
    assert cells(raw) == [
        f'<a href="/doc/tower/roter-sand?lang=de"><bdi>{TOWER}</bdi></a>',
        "<bdi>1234567.5</bdi>",
        "<bdi>1901-05</bdi>",
        "<bdi>2016</bdi>",
    ]
    assert "names=" not in re.findall(r'<p class="formats">.*?</p>', raw.text, re.DOTALL)[0]
    assert cells(switched(client, NAMES_LINK, raw)) == cells(named)
    assert RAW_LINK.search(client.get("/sparql?query=ASK%7B%7D&format=html&lang=de").text) is None


def test_names_are_true_or_false_and_for_pages(client: FlaskClient) -> None:
    asked = {"query": VALUES, "format": "html"}
    posted = client.post("/sparql", data={**asked, "names": "false"})
    assert cells(posted) == cells(client.get("/sparql?" + urlencode({**asked, "names": "false"})))
    assert client.get("/sparql?" + urlencode({**asked, "names": "no"})).status_code == 400
    table = client.get("/sparql?" + urlencode({"query": VALUES, "format": "csv"})).data
    assert client.get("/sparql?" + urlencode({"query": VALUES, "format": "csv", "names": "false"})).data == table


def test_a_graph_has_the_switch_too(client: FlaskClient) -> None:
    named = client.get("/store?" + urlencode({"graph": BASE + "id/graph/survey", "format": "html", "lang": "de"}))
    raw = switched(client, RAW_LINK, named)
    assert ">Roter Sand</bdi></a>" in named.text
    assert ">Roter Sand</bdi></a>" not in raw.text
    assert f"<bdi>{TOWER}</bdi>" in raw.text
    assert cells(switched(client, NAMES_LINK, raw)) == cells(named)


def test_a_page_looks_up_so_many_names(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.pages.results._NAMED", 1)
    asked = f"SELECT * {{ VALUES ?x {{ <{TOWER}> <{BASE}id/mast/1> <{TOWER}> }} }} # so many"
    page = client.get("/sparql?" + urlencode({"query": asked, "format": "html", "lang": "de"}))
    assert [">Roter Sand<" in cell for cell in cells(page)] == [True, False, True]
    assert f"<bdi>{BASE}id/mast/1</bdi>" in cells(page)[1]


def explain(client: FlaskClient, query: str, accept: str | None = None, /, **parameters: str) -> TestResponse:
    asked = urlencode({"query": query, "explain": "true", **parameters})
    return client.get(f"/sparql?{asked}", headers={"Accept": accept} if accept else {})


@pytest.mark.parametrize(
    ("query", "form", "rows", "media_type"),
    [
        (SELECT, "results", SHIPS, "text/tab-separated-values"),
        ("SELECT * {}", "results", 1, "text/tab-separated-values"),
        ("SELECT ?x { ?x <urn:none> ?y }", "results", 0, "text/tab-separated-values"),
        ('SELECT ("a\\nb" AS ?x) {}', "results", 1, "text/tab-separated-values"),
        ("SELECT * {?a ?b ?c. ?d ?e ?f} LIMIT 8000", "results", 8000, "text/tab-separated-values"),
        ("ASK {}", "boolean", None, "text/tab-separated-values"),
        (f"CONSTRUCT {SHIPS_OF}", "graph", SHIPS, "application/n-triples"),
    ],
)
def test_for_programs(client: FlaskClient, query: str, form: str, rows: int | None, media_type: str) -> None:
    response = explain(client, query)
    assert (response.status_code, response.mimetype) == (200, "application/json"), response.text
    explanation = response.get_json()
    assert (explanation["form"], explanation["rows"], explanation["format"]) == (form, rows, media_type)
    assert explanation["bytes"] == len(client.get(f"/sparql?query={quote(query)}", headers={"Accept": media_type}).data)
    assert (explanation["query"], explanation["evaluated"]) == (query, query)
    assert explanation["milliseconds"].keys() == {"wait", "evaluate", "write"}
    assert all(value >= 0 for value in explanation["milliseconds"].values())


def test_nothing_of_it_is_kept(client: FlaskClient) -> None:
    """No two runs take the same time."""
    for response in (explain(client, SELECT), explain(client, SELECT, "text/html")):
        assert response.headers["Cache-Control"] == "no-store"
        assert "ETag" not in response.headers
        assert TIMING.fullmatch(response.headers["Server-Timing"])
    posted = client.post("/sparql", data={"query": SELECT, "explain": "true"})
    again = client.post("/sparql", data={"query": SELECT, "explain": "true"})
    assert posted.get_json()["rows"] == again.get_json()["rows"] == SHIPS
    assert TIMING.fullmatch(again.headers["Server-Timing"])


def test_what_was_rewritten(client: FlaskClient) -> None:
    explanation = explain(client, CORRECTED).get_json()
    assert explanation["query"] == CORRECTED
    assert "STR(?ship)" in explanation["evaluated"]
    searching = f'PREFIX text: <http://jena.apache.org/text#> SELECT * {{ ?tower text:query "roter" . {SHIPS_OF[7:]}'
    assert f"<{BASE}id/tower/roter-sand>" in explain(client, searching).get_json()["evaluated"]
    page = explain(client, CORRECTED, "text/html").text
    assert "STR(?ship)" in page
    assert "The query as it is." not in page


def test_what_the_release_knows(client: FlaskClient) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    explanation = explain(client, count).get_json()
    assert (explanation["rows"], explanation["evaluated"]) == (1, None)
    assert "this release has the answer already" in explain(client, count, "text/html").text


def test_for_people(client: FlaskClient) -> None:
    page = explain(client, SELECT, "text/html", lang="de")
    assert page.mimetype == "text/html"
    for text in ("Erklärung", "Zeilen", str(SHIPS), "Warten", "Auswerten", "Schreiben", "Die Abfrage, wie sie ist."):
        assert text in page.text, text
    as_json = re.search(r'<p class="formats">.*?href="([^"]+)"', page.text, re.DOTALL)
    assert as_json is not None
    assert client.get(as_json[1].replace("&amp;", "&")).get_json()["query"] == SELECT
    results = client.get(f"/sparql?query={quote(SELECT)}&format=html").text
    link = re.search(r'href="([^"]+)"[^>]*>Explain<', results)
    assert link is not None
    assert client.get(link[1].replace("&amp;", "&"), headers={"Accept": "text/html"}).status_code == 200


def test_faults_are_those_of_the_query(client: FlaskClient) -> None:
    wrong = explain(client, "SELECT * { ?s }")
    assert (wrong.status_code, wrong.get_json()["line"]) == (400, 1)
    assert client.get("/sparql?explain=true").status_code == 400
    for value in ("1", "", "yes", "TRUE"):
        response = client.get(f"/sparql?{urlencode({'query': SELECT, 'explain': value})}")
        assert (response.status_code, "true or false" in response.text) == (400, True), value
    assert client.get(f"/sparql?query={quote(SELECT)}&explain=false").mimetype == "application/sparql-results+json"
    assert explain(client, SELECT, format="csv").status_code == 406
    assert explain(client, SELECT, "text/csv").status_code == 406
    update = client.post("/sparql", data={"update": f"DELETE {SHIPS_OF}", "explain": "true"})
    assert update.status_code == 403


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "text/html", "text/csv"])
def test_every_answer_tells_its_times(client: FlaskClient, accept: str) -> None:
    response = client.get(f"/sparql?query={quote(SELECT)}%23{accept}", headers={"Accept": accept})
    assert TIMING.fullmatch(response.headers["Server-Timing"]), response.headers["Server-Timing"]


def test_a_graph_tells_its_times_too(client: FlaskClient) -> None:
    response = client.get(f"/store?graph={quote(BASE + 'id/graph/survey')}&timeout=599.5")
    assert TIMING.fullmatch(response.headers["Server-Timing"])
