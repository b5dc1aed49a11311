"""Forms of saved queries, names in place of IRIs, empty answers, and answers for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import date, datetime
from html import unescape
from typing import TYPE_CHECKING, Any

import openpyxl
import pyoxigraph as ox
import pytest
from csvw import CSVW

from release.writer import build
from tests.server.conftest import BASE, TERMS, in_process, silent, source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from release.reader import Release

PAGE = {"Accept": "text/html"}
DATA = f"""
@prefix li: <{TERMS}> . @prefix id: <{BASE}id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
id:colours a skos:ConceptScheme .
id:colour-red a skos:Concept ; skos:inScheme id:colours ; skos:prefLabel "red"@en , "rot"@de .
id:colour-green a skos:Concept ; skos:inScheme id:colours ; skos:prefLabel "green"@en , "grün"@de .
id:taste-red a skos:Concept ; skos:prefLabel "red"@en .
<{BASE}id/port/a> a li:Port ; rdfs:label "Norden"@de , "North Port"@en ; li:colour id:colour-red ;
  li:depth 12.5 ; li:since "1901-05-31"^^xsd:date ; li:built "1899"^^xsd:gYear ; li:open true ; li:note "=1+1" .
<{BASE}id/port/b> a li:Port ; rdfs:label "Norden"@de , "South Port"@en ; li:colour id:colour-green ;
  li:depth -3 ; li:built "1750"^^xsd:gYear ; li:since "1750-01-01"^^xsd:date ; li:note "-1"@en .
<{BASE}id/ship/mary> a li:Ship ; rdfs:label "Mary" ; li:colour id:colour-red .
{"".join(f'<{BASE}id/buoy/{number:02}> a li:Buoy ; rdfs:label "Buoy {number:02}"@en .' for number in range(60))}
<{BASE}id/buoy/x> a li:Buoy ; rdfs:label "North Port"@en .
"""
QUERIES = {
    "ports": """# title: Ports
# title@de: Häfen
# description: With their colours.
# param which: iri(li:Port)? — A port.
# param hue: iri(id/colours)? — Its colour.
# param since: gYear? — Built in this year or later.
# param from: date? — A day.
# column port: The port
# column port@de: Der Hafen
PREFIX li: <http://lights.example/terms#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?port ?portLabel ?colour ?depth ?day ?built ?open ?note WHERE {
  ?port a li:Port ; li:colour ?colour ; li:depth ?depth ; li:built ?built ; li:since ?day ; li:note ?note .
  OPTIONAL { ?port li:open ?open }
  FILTER(COALESCE(?which, ?port) = ?port && COALESCE(?hue, ?colour) = ?colour)
  FILTER(COALESCE(STR(?since) <= STR(?built), true) && COALESCE(?from <= ?day, true))
} ORDER BY ?port""",
    "buoys": """# title: One buoy
# param buoy: iri(li:Buoy) = id/buoy/07 — A buoy.
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?name { ?buoy rdfs:label ?name }""",
    "about": """# title: About anything
# param thing: iri — A thing.
# example thing: id/ship/mary
SELECT ?property ?value { ?thing ?property ?value } ORDER BY ?property ?value""",
    "is-red": """# title: Is it red?
# param thing: iri — A thing.
# example thing: id/ship/mary
ASK { ?thing <http://lights.example/terms#colour> <id/colour-red> }""",
}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    quads = list(ox.parse(DATA.encode(), format=ox.RdfFormat.TURTLE))
    queries = {name: text.encode() for name, text in QUERIES.items()}
    return build(replace(source(*quads), queries=queries), tmp_path_factory.mktemp("ports"), silent)


@pytest.fixture(scope="module")
def ports(release: Release) -> Iterator[FlaskClient]:
    with in_process(release.path.parent, query_result=8) as client:
        yield client


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path, headers=PAGE)
    assert response.status_code == status, response.text
    return unescape(response.text)


def workbook(client: FlaskClient, path: str) -> Any:
    response = client.get(path)
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return openpyxl.load_workbook(io.BytesIO(response.data))


def cells(sheet: Any) -> list[list[Any]]:
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_fields_of_the_form(ports: FlaskClient) -> None:
    german = page(ports, "/query/ports?lang=de&hue=id/colour-red")
    assert '<option value="id/colour-red" lang="de" selected>rot</option>' in german
    assert re.search(r'<option value="id/colour-green" lang="de">grün</option>\s*<option[^>]* selected>rot', german)
    assert "taste" not in german  # of no scheme
    assert german.count(">Norden</option>") == 2  # of a class with few members
    assert '<input id="parameter-since" name="since" type="number"' in german
    assert '<input id="parameter-from" name="from" type="date"' in german
    many = page(ports, "/query/buoys")
    field = re.search(r"<input[^>]*data-suggest[^>]*>", many)
    assert field is not None
    assert 'value="Buoy 07"' in field[0]
    assert 'data-value="id/buoy/07"' in field[0]
    assert 'data-suggest="/search?class=http://lights.example/terms%23Buoy"' in field[0]
    assert 'placeholder="Mary"' in page(ports, "/query/about")


def test_a_field_shows_the_iri_where_the_name_leads_elsewhere(ports: FlaskClient) -> None:
    assert 'value="North Port"' not in page(ports, "/query/about?thing=id/port/a")  # a buoy has that name too
    assert 'value="id/port/a"' in page(ports, "/query/about?thing=id/port/a")
    assert 'value="North Port"' in page(ports, "/query/buoys?buoy=id/buoy/x")


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ("about?thing=Mary", "about?thing=id%2Fship%2Fmary"),
        ("about?thing=mary&lang=de&timeout=3", "about?thing=id%2Fship%2Fmary&lang=de&timeout=3"),
        ("about.csv?thing=MARY", "about.csv?thing=id%2Fship%2Fmary"),
        ("about?format=json&thing=mary", "about?format=json&thing=id%2Fship%2Fmary"),
        ("ports?which=North+Port", "ports?which=id%2Fport%2Fa"),  # the buoy is no port
        ("ports?hue=rot&since=1800", "ports?hue=id%2Fcolour-red&since=1800"),  # of the scheme
        ("buoys.bib?buoy=buoy+3", None),
    ],
)
def test_a_name_in_place_of_an_iri(ports: FlaskClient, asked: str, location: str | None) -> None:
    response = ports.get(f"/query/{asked}")
    assert (response.status_code, response.headers.get("Location")) == (
        303 if location else 404,
        location and f"/query/{location}",
    )


def test_a_name_of_several_things(ports: FlaskClient) -> None:
    asked = page(ports, "/query/about?thing=North+Port&lang=de", 404)
    assert "Mehreres heißt „North Port“. Was ist gemeint?" in asked
    assert 'href="/query/about?thing=id%2Fport%2Fa&lang=de"' in asked
    assert 'href="/query/about?thing=id%2Fbuoy%2Fx&lang=de"' in asked
    for path in ("about.csv", "about.xlsx", "about.bib", "about"):
        problem = ports.get(f"/query/{path}?thing=North+Port")
        assert (problem.status_code, problem.mimetype) == (404, "application/problem+json"), path
        body = problem.get_json()
        assert body["parameter"] == "thing"
        assert {found["iri"] for found in body["suggestions"]} == {f"{BASE}id/port/a", f"{BASE}id/buoy/x"}


def test_a_name_of_nothing(ports: FlaskClient) -> None:
    nothing = page(ports, "/query/about?thing=Mery", 404)
    assert "Nothing is called “Mery”." in nothing
    assert 'href="/query/about?thing=id%2Fship%2Fmary"' in nothing
    assert 'value="Mery"' in nothing
    port = page(ports, "/query/ports?which=Mary", 404)
    assert "is called “Mary”" in port
    assert ports.get("/query/about.csv?thing=Mery").get_json()["suggestions"][0]["iri"] == f"{BASE}id/ship/mary"
    path = page(ports, "/query/about?thing=id/ship/marry", 404)
    assert f"do not mention <{BASE}id/ship/marry>" in path
    assert 'href="/query/about?thing=id%2Fship%2Fmary"' in path


@pytest.mark.parametrize("name", ["<script>", "%00", "a" * 1900, "灯" * 300, "' OR 1=1", '"', "* NEAR(", "AND", "-"])
def test_a_hostile_name(ports: FlaskClient, name: str) -> None:
    response = ports.get("/query/about", query_string={"thing": name}, headers=PAGE)
    assert response.status_code == 404
    assert "<script>" not in response.text.replace("<script>document", "").replace("<script type", "")


def test_an_iri_that_is_not_mentioned(ports: FlaskClient) -> None:
    text = page(ports, f"/query/about?thing={BASE}id/ship/marry")
    assert "Nothing in the data answers this." in text
    assert f"do not mention <{BASE}id/ship/marry>" in text
    assert 'href="/query/about?thing=id%2Fship%2Fmary"' in text
    assert "No: false" in page(ports, f"/query/is-red?thing={BASE}id/ship/marry")
    assert "do not mention" in page(ports, f"/query/is-red?thing={BASE}id/ship/marry")
    assert "do not mention" not in page(ports, "/query/is-red?thing=id/port/b")
    assert ports.get(f"/query/about.csv?thing={BASE}id/ship/marry").data == b"property,value\r\n"  # as SPARQL has it
    assert ports.get("/query/about?thing=http://x/%3E%20%7D").status_code == 400  # neither an IRI nor a name


def test_what_limited_an_empty_answer(ports: FlaskClient) -> None:
    text = page(ports, "/query/ports?since=1990&hue=id/colour-red&lang=de")
    assert "Nichts in den Daten beantwortet dies." in text
    assert "<code>since</code> 1990" in text
    assert "<code>hue</code> rot" in text
    assert 'href="/query/ports?hue=id%2Fcolour-red&lang=de"' in text
    assert "<table" not in text


def test_a_workbook(ports: FlaskClient) -> None:
    book = workbook(ports, "/query/ports.xlsx?lang=de&since=1700")
    assert book.sheetnames == ["Ergebnisse", "Über diese Tabelle"]
    sheet = book["Ergebnisse"]
    head, first, second = cells(sheet)
    columns = ["Der Hafen", "Der Hafen (IRI)", "colour", "colour (IRI)", "depth", "day", "built", "open", "note"]
    assert head == columns
    assert first == [
        *("Norden", f"{BASE}id/port/a", "rot", f"{BASE}id/colour-red", 12.5, datetime(1901, 5, 31), 1899, True, "=1+1"),  # noqa: DTZ001 - spreadsheets have no zones
    ]
    assert second[4:] == [-3, "1750-01-01", 1750, None, "-1"]  # a spreadsheet has no day before 1900
    assert sheet["I2"].data_type == "s"  # no formula
    about = {row[0]: row[1] for row in cells(book["Über diese Tabelle"])}
    assert about["Titel"] == "Häfen"
    assert about["Parameter"] == "since = 1700"
    assert about["Feste Adresse"].startswith(f"{BASE}release/")
    assert about["Spalte"] == "Der Hafen (?port)"
    assert {"Beschreibung", "Veröffentlichung", "Zitieren"} <= about.keys()
    assert book.properties.created.date() == date.fromisoformat(
        re.search(r"\d{4}-\d\d-\d\d", about["Veröffentlichung"])[0]  # type: ignore[index]
    )


def test_workbooks_by_accept_and_without_names(ports: FlaskClient) -> None:
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answered = ports.get("/query/ports", headers={"Accept": media_type, "Accept-Language": "de"})
    assert answered.mimetype == media_type
    assert {"Accept", "Accept-Language"} <= {field.strip() for field in answered.headers["Vary"].split(",")}
    raw = cells(workbook(ports, "/query/ports.xlsx?names=false").worksheets[0])
    assert raw[0][:3] == ["The port", "portLabel", "colour"]
    assert raw[1][0] == f"{BASE}id/port/a"
    assert cells(workbook(ports, f"/query/is-red.xlsx?thing={BASE}id/ship/mary").worksheets[0])[1] == [True]
    again = ports.get("/query/ports.xlsx", headers={"If-None-Match": ports.get("/query/ports.xlsx").headers["ETag"]})
    assert again.status_code == 304
    german, english = (ports.get(f"/query/ports.xlsx?lang={tag}").headers["ETag"] for tag in ("de", "en"))
    assert german != english
    assert ports.get("/query/ports.xlsx").data == ports.get("/query/ports.xlsx").data


def test_a_workbook_of_the_endpoint(ports: FlaskClient) -> None:
    query = 'SELECT ?s ?n { VALUES (?s ?n) { (<http://x.example/> 7) ("@x" 2.5) } }'
    book = workbook(ports, f"/sparql?format=xlsx&query={query.replace(' ', '+')}")
    assert cells(book.worksheets[0]) == [["s", "n"], ["http://x.example/", 7], ["@x", 2.5]]
    assert ["Query", query] in cells(book["About"])
    assert ports.get("/sparql?format=xlsx&query=CONSTRUCT+{?s+?p+?o}+{?s+?p+?o}").status_code == 406


def test_a_workbook_that_would_be_too_large(ports: FlaskClient) -> None:
    query = "SELECT+*+{?a+?b+?c+.+?d+?e+?f+.+?g+?h+?i}+LIMIT+40000"
    response = ports.get(f"/sparql?format=xlsx&query={query}")
    assert response.status_code in {400, 413, 503}
    assert "ask for CSV" in response.get_json()["detail"]


def test_csv_with_names(ports: FlaskClient) -> None:
    response = ports.get("/query/ports.csv?names=true&lang=de")
    assert response.data.startswith(b"\xef\xbb\xbf")
    head, first, second = csv.reader(io.StringIO(response.data.decode("utf-8-sig")))
    assert head[:5] == ["Der Hafen", "Der Hafen (IRI)", "colour", "colour (IRI)", "depth"]
    assert first == ["Norden", f"{BASE}id/port/a", "rot", f"{BASE}id/colour-red", "12.5", *first[5:]]
    assert first[5:] == ["1901-05-31", "1899", "true", "'=1+1"]
    assert second[4] == "-3"  # a number is no formula
    assert second[-1] == "'-1"
    plain = ports.get("/query/ports.csv")
    assert plain.data.startswith(b"port,portLabel,colour,")
    assert b"\r\n=1+1" not in plain.data
    assert plain.data == ports.get("/query/ports.csv?names=false").data
    assert "/query/ports.csv?names=true" in page(ports, "/query/ports")


def test_csv_on_the_web(ports: FlaskClient, tmp_path: Path) -> None:
    plain = ports.get("/query/ports.csv?since=1700")
    link = next(link for link in plain.headers.getlist("Link") if 'rel="describedby"' in link)
    assert link == '</query/ports.csv-metadata.json?since=1700>; rel="describedby"; type="application/csvm+json"'
    described = ports.get("/query/ports.csv-metadata.json?since=1700")
    assert described.mimetype == "application/csvm+json"
    document = described.get_json(force=True)
    assert document["url"] == f"{BASE}query/ports.csv?since=1700"
    types = {column["name"]: column["datatype"] for column in document["tableSchema"]["columns"]}
    assert types["port"] == "anyURI"
    assert (types["day"], types["built"], types["open"], types["note"]) == ("date", "gYear", "boolean", "string")
    (tmp_path / "ports.csv").write_bytes(plain.data)
    (tmp_path / "ports.csv-metadata.json").write_text(json.dumps({**document, "url": "ports.csv"}), encoding="utf-8")
    read = CSVW(str(tmp_path / "ports.csv-metadata.json"))
    assert read.is_valid
    assert ports.get("/query/is-red.csv-metadata.json").status_code == 404
