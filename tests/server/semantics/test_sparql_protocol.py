"""The SPARQL Protocol to the letter: methods, parameters, decoding, preflight; and how a format is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

import pytest

from core.formats import RDF_FORMATS, RESULT_FORMATS
from server.app import create_app
from server.semantics.negotiation import by_name
from server.settings import Settings
from tests.server.conftest import BASE, TERMS

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from release.reader import Release

QUERY = "application/sparql-query"
FORM = "application/x-www-form-urlencoded"
ECHO = "SELECT (STR(?x) AS ?h) {{ VALUES ?x {{ {0} }} }}"
BAD = [  # method, address after /sparql, body, content type, status
    ("GET", "query=ASK%7B%7D%23%FF", None, None, 400),
    ("GET", "query=ASK%7B%7D%23%ED%A0%80", None, None, 400),  # half of a surrogate pair
    ("GET", "query=ASK%7B%7D%23%C0%AF", None, None, 400),  # longer than it has to be
    ("GET", "query=ASK%7B%7D&x=%FF", None, None, 400),
    ("GET", f"default-graph-uri={quote(BASE)}", None, None, 400),
    ("GET", "query=ASK%7B%7D&timeout=0", None, None, 400),
    ("GET", "query=ASK%7B%7D&timeout=-1", None, None, 400),
    ("GET", "query=ASK%7B%7D&timeout=nan", None, None, 400),
    ("GET", "query=ASK%7B%7D&timeout=1&timeout=1", None, None, 400),
    ("GET", "&".join(["query=ASK%7B%7D"] + ["x=1"] * 1000), None, None, 400),
    ("GET", "query=" + "a" * 60_000, None, None, 414),
    ("POST", "", b"query=ASK{}%23" + b"%" * 1001, FORM, 400),
    ("GET", "query=ASK%7B%7D&update=", None, None, 403),
    ("POST", "update=CLEAR%20ALL", b"ASK {}", QUERY, 403),
    ("POST", "", b"ASK {}", "", 415),
    ("POST", "query=ASK%7B%7D", b"", FORM, 400),
    ("POST", "", b"query=ASK%7B%7D&query=ASK%7B%7D", FORM, 400),
    ("POST", "", "ASK { 'ü' }".encode("latin-1"), QUERY, 400),
    ("QUERY", "", b"ASK {}", "text/plain", 415),
    ("QUERY", "", b"update=CLEAR%20ALL", FORM, 403),
    ("QUERY", "", b"ASK {", QUERY, 400),
    ("DELETE", "query=ASK%7B%7D", None, None, 405),
    ("PATCH", "", b"CLEAR ALL", "application/sparql-update", 405),
]
NAMES = {
    "turtle": "ttl",
    "Turtle": "ttl",
    "ntriples": "nt",
    "n-triples": "nt",
    "nquads": "nq",
    "json-ld": "jsonld",
    "application/ld+json": "jsonld",
    "application/ld json": "jsonld",  # a plus that was not escaped
    "rdf/xml": "rdf",
    "rdfxml": "rdf",
    "rdf+xml": "rdf",
    "trig": "trig",
}


def echo(client: FlaskClient, address: str) -> str:
    response = client.get("/sparql?query=" + address)
    assert response.status_code == 200, response.text
    value: str = response.get_json(force=True)["results"]["bindings"][0]["h"]["value"]
    return value


@pytest.mark.parametrize(("method", "address", "body", "content_type", "status"), BAD)
def test_refusals(
    client: FlaskClient, method: str, address: str, body: bytes | None, content_type: str | None, status: int
) -> None:
    response = client.open("/sparql?" + address, method=method, data=body, content_type=content_type)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    if status == 405:
        assert response.allow.as_set() == {"get", "head", "options", "post", "query"}


def test_percent_encoding_is_undone_once(client: FlaskClient) -> None:
    assert echo(client, quote(ECHO.format("'a%20b+c%252B'"))) == "a%20b+c%252B"
    assert echo(client, quote(ECHO.format("'a b'")).replace("%20", "+")) == "a b"
    direct = client.post("/sparql", data=ECHO.format("'a%20b+c'"), content_type=QUERY)
    assert direct.get_json(force=True)["results"]["bindings"][0]["h"]["value"] == "a%20b+c"
    assert echo(client, quote(ECHO.format("'中文 ü 𝄞'"))) == "中文 ü 𝄞"


def test_paths_are_decoded_once(client: FlaskClient) -> None:
    """`%2520` is a percent sign and `20`, not a space."""
    assert client.get("/doc/a%2520b").get_json()["detail"].endswith("id/a%2520b>.")
    assert client.get("/id/tower/r%C3%B6hr").status_code in {303, 404}


@pytest.mark.parametrize("content_type", [QUERY, FORM])
def test_the_query_method(client: FlaskClient, content_type: str) -> None:
    data = "ASK {}" if content_type == QUERY else urlencode({"query": "ASK {}"})
    response = client.open("/sparql", method="QUERY", data=data, content_type=content_type)
    assert response.get_json(force=True)["boolean"] is True
    assert client.get("/sparql").headers["Accept-Query"] == f"{QUERY}, {FORM}"


def test_a_preflight_is_answered(client: FlaskClient) -> None:
    asked = {"Origin": "https://x.example", "Access-Control-Request-Method": "QUERY"}
    for path, methods in (
        ("/sparql", {"GET", "HEAD", "OPTIONS", "POST", "QUERY"}),
        ("/store", {"GET", "HEAD", "OPTIONS"}),
    ):
        response = client.options(path, headers=asked)
        assert response.status_code == 200
        assert set(response.headers["Access-Control-Allow-Methods"].split(", ")) == methods
        assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]
        assert response.data == b""


def test_a_compressed_query_is_not_taken(client: FlaskClient) -> None:
    response = client.post("/sparql", data=b"ASK {}", content_type=QUERY, headers={"Content-Encoding": "gzip"})
    assert response.status_code == 415


def test_half_a_query_is_none(client: FlaskClient) -> None:
    """The application server hands over what came before the client left."""
    cut = {"CONTENT_LENGTH": "50", "wsgi.input_terminated": True}
    response = client.post("/sparql", data=b"ASK {}", content_type=QUERY, environ_overrides=cut)
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    assert "Content-Length" in response.get_json()["detail"]


def test_a_syntax_error_says_what_was_expected(client: FlaskClient) -> None:
    body = client.get("/sparql?query=SELECT%0A").get_json()
    assert (body["line"], body["column"]) == (2, 1)
    assert "line 2, column 1: expected one of" in body["detail"]
    assert "[" not in body["detail"]  # no classes of characters
    assert '"*"' in body["detail"]


@pytest.mark.parametrize(
    ("language", "said"), [("en", "} is missing here"), ("de", "Hier fehlt }"), ("zh", "此处缺少 }")]
)
def test_a_missing_bracket_is_said_with_its_places(client: FlaskClient, language: str, said: str) -> None:
    query = "SELECT *\n{ ?s ?p ?o"
    asked = urlencode({"query": query})
    refused = client.get(f"/sparql?{asked}", headers={"Accept-Language": language, "Accept": "application/json"})
    body = refused.get_json()
    assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")
    assert (body["line"], body["column"], body["opened"]) == (2, 11, {"line": 2, "column": 1})
    assert body["missing"] == "}"
    assert said in body["detail"]
    page = client.get(f"/sparql?{asked}", headers={"Accept-Language": language, "Accept": "text/html"})
    assert said in page.text


@pytest.mark.parametrize("part", ["{ ", "( ", "[ ", '"""', "'", "}"])
def test_hundred_thousand_brackets_are_refused_as_others(client: FlaskClient, part: str) -> None:
    refused = client.post("/sparql", data={"query": "SELECT * { ?s ?p " + part * 100_000})
    assert refused.status_code in {400, 503}
    assert len(refused.data) < 2000


def test_timeout_lowers_and_never_raises(lights: Release) -> None:
    app = create_app(Settings(releases=lights.path.parent, query_seconds=0.6))
    heavy = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?a) > STR(?i)) }"
    for given, expected in (("0.3", "0.3 seconds"), ("1000", "0.6 seconds")):
        response = app.test_client().get("/sparql?" + urlencode({"query": heavy, "timeout": given}))
        assert response.status_code == 503
        assert expected in response.get_json()["detail"]
        assert int(response.headers["Retry-After"]) > 0
    app.extensions["current"].close()


@pytest.mark.parametrize(("name", "extension"), NAMES.items())
def test_names_of_formats(name: str, extension: str) -> None:
    found = by_name(name, RDF_FORMATS)
    assert found is not None
    assert found.extension == extension


@pytest.mark.parametrize(
    ("formats", "media_type"),
    [
        (["json", "xml"], "application/sparql-results+json"),
        (["unknown", "text/csv"], "text/csv"),
        (["application/x-none,application/sparql-results+xml"], "application/sparql-results+xml"),
        (["turtle", "csv"], "text/csv"),  # SELECT has no Turtle
    ],
)
def test_of_several_formats_the_first_that_fits_counts(
    client: FlaskClient, formats: list[str], media_type: str
) -> None:
    response = client.get("/sparql?" + urlencode({"query": "SELECT * {}", "format": formats}, doseq=True))
    assert (response.status_code, response.mimetype) == (200, media_type)


def test_every_format_is_found_by_each_of_its_names() -> None:
    for offers in (RDF_FORMATS, RESULT_FORMATS):
        for offer in offers:
            for name in (offer.extension, offer.name, *offer.media_types):
                assert by_name(name, offers) is offer


def test_results_for_a_browser(client: FlaskClient) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    query = f"SELECT ?t ?h ?none {{ ?t <{TERMS}height> ?h OPTIONAL {{ ?t <urn:none> ?none }} }}"
    page = client.get("/sparql?" + urlencode({"query": query}), headers=browser)
    assert page.mimetype == "text/html"
    for expected in ('<th scope="col">none</th>', "52.5", 'href="/doc/tower/roter-sand"', "format=csv"):
        assert expected in page.text
    assert {"Accept", "Accept-Language"} <= page.vary.as_set(preserve_casing=True)
    german = client.get("/sparql?" + urlencode({"query": query}), headers={**browser, "Accept-Language": "de"})
    assert german.headers["ETag"] != page.headers["ETag"]
    assert "Yes: true" in client.get("/sparql?query=ASK{}&format=html").text
    graph = client.get("/sparql?" + urlencode({"query": "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 3"}), headers=browser)
    assert graph.text.count("<tr>") == 4
    many = client.get("/sparql?" + urlencode({"query": "SELECT * { ?s ?p ?o . ?a ?b ?c }", "format": "html"}))
    assert "The first 1,000 rows; the other formats have all of them." in many.text
    assert many.text.count("<tr>") == 1001


def test_a_page_shows_markup_as_text(client: FlaskClient) -> None:
    query = "SELECT ('<script>' AS ?x) (<javascript:alert(1)> AS ?y) {} #</textarea><script>"
    page = client.get("/sparql?" + urlencode({"query": query, "format": "html"})).text
    assert "<script>" not in page
    assert 'href="javascript:' not in page


@pytest.mark.parametrize(("form", "format_"), [("SELECT ?x", "srx"), ("CONSTRUCT { <urn:s> <urn:p> ?x }", "rdf")])
def test_xml_that_would_not_be_xml_is_not_sent(client: FlaskClient, form: str, format_: str) -> None:
    """The engine writes control characters into XML as they are."""
    query = form + " WHERE { VALUES ?x { 'a\\u0001b' } }"
    response = client.get("/sparql?" + urlencode({"query": query, "format": format_}))
    assert response.status_code == 406
    other = "json" if form.startswith("S") else "nt"
    assert "\\u0001" in json.dumps(client.get("/sparql?" + urlencode({"query": query, "format": other})).text)


@pytest.mark.parametrize(("form", "format_"), [("SELECT ?x", "srx"), ("CONSTRUCT { <urn:s> <urn:p> ?x }", "rdf")])
def test_a_carriage_return_survives_xml(client: FlaskClient, form: str, format_: str) -> None:
    query = form + " WHERE { VALUES ?x { 'a\\r\\nb' } }"
    root = ET.fromstring(client.get("/sparql?" + urlencode({"query": query, "format": format_})).data)
    assert [text for text in root.itertext() if text.strip()] == ["a\r\nb"]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT (<urn:f>(1) AS ?x) (2 AS ?y) {}", [{"y": "2"}]),
        ("SELECT ?y { VALUES ?y { 1 } FILTER(<urn:f>(<urn:g>(?y))) }", []),
        ("SELECT ?y { VALUES ?y { 1 } FILTER(COALESCE(<urn:f>(?y), true)) }", [{"y": "1"}]),
        (r"VERSION '1.1' SEL\u0045CT ?\u0079 { VALUES ?y { 1 } }", [{"y": "1"}]),
        (r"SELECT ?y { VALUES ?y { '\u0022' } }", [{"y": '"'}]),
    ],
)
def test_what_the_engine_leaves_out(client: FlaskClient, query: str, rows: list[dict[str, str]]) -> None:
    """An unknown function is an error of its expression (17.6); escapes stand anywhere in a query of version 1.1."""
    response = client.get("/sparql?" + urlencode({"query": query, "format": "json"}))
    bindings = response.get_json()["results"]["bindings"]
    assert [{name: term["value"] for name, term in row.items()} for row in bindings] == rows
