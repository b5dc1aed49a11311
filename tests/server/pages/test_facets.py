"""Columns of lists that the shapes declare, what lists leave out, values that no member has, and workbooks of lists."""

from __future__ import annotations

import csv
import io
from html import unescape
from typing import TYPE_CHECKING, Any

import openpyxl
import pyoxigraph as ox
import pytest

from release.writer import build
from tests.server.conftest import BASE, GRAPHS, TERMS, in_process, silent, source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

PAGE = {"Accept": "text/html"}
PREFIXES = f"""
@prefix li: <{TERMS}> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix gn: <http://www.geonames.org/ontology#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ui: <https://w3id.org/parkgraph/ui#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
"""
SHAPES = """
li:DockShape sh:targetClass li:Dock ; ui:facet li:facet-land ;
  ui:column li:dock-length, li:dock-opened, li:dock-owner, li:dock-above, li:dock-ships, li:facet-land .
li:facet-land sh:path ( li:in gn:countryCode ) ; sh:order 9 ; sh:name "country"@en, "Land"@de .
li:dock-length sh:path li:length ; sh:order 1 ; sh:name "length"@en, "Länge"@de .
li:dock-opened sh:path li:opened ; sh:order 2 .
li:dock-owner sh:path [ sh:alternativePath ( li:owner li:tenant ) ] ; sh:order 3 ; sh:name "who"@en .
li:dock-above sh:path ( [ sh:zeroOrMorePath li:in ] skos:prefLabel ) ; sh:order 4 ; sh:name "above"@en .
li:dock-ships sh:path ( [ sh:inversePath li:liesAt ] rdfs:label ) ; sh:order 5 ; sh:name "ships"@en .
li:PastShape sh:targetClass li:Past ; ui:aside true .
"""
DATA = f"""
<{BASE}id/dock/1> a li:Dock ; rdfs:label "First" ; li:length 1234.5 ; li:opened "1901-05-31"^^xsd:date ;
  li:owner <{BASE}id/firm/a> ; li:tenant <{BASE}id/firm/b> ; li:in <{BASE}id/sea/1> .
<{BASE}id/dock/2> a li:Dock ; rdfs:label "Second" ; li:length 90 ; li:opened "1900"^^xsd:gYear .
<{BASE}id/firm/a> rdfs:label "Firm A" . <{BASE}id/firm/b> rdfs:label "Firm B" .
<{BASE}id/sea/1> li:in <{BASE}id/sea/2> ; gn:countryCode "DE" ; skos:prefLabel "Bight" .
<{BASE}id/sea/2> li:in <{BASE}id/sea/1> ; skos:prefLabel "Sea" .
<{BASE}id/ship/mary> rdfs:label "Mary" ; li:liesAt <{BASE}id/dock/1> .
<{BASE}id/past/1> a li:Past ; rdfs:label "Past one" . <{BASE}id/past/2> a li:Past ; rdfs:label "Past two" .
<{BASE}id/concept/own> a skos:Concept ; skos:prefLabel "own" .
"""
VOCABULARY = "li:term a skos:Concept ; skos:prefLabel 'a term' . li:Extra a owl:Class ; rdfs:label 'Extra' ."


def quads(text: str, *graphs: ox.NamedNode | ox.DefaultGraph) -> list[ox.Quad]:
    triples = list(ox.parse(input=PREFIXES + text, format=ox.RdfFormat.TURTLE))
    return [ox.Quad(t.subject, t.predicate, t.object, graph) for graph in graphs for t in triples]


@pytest.fixture(scope="module")
def docks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    more = quads(DATA, ox.DefaultGraph()) + quads(SHAPES, ox.NamedNode(GRAPHS["shapes"]))
    more += quads(VOCABULARY, ox.DefaultGraph(), ox.NamedNode(GRAPHS["vocabulary"]))
    release = build(source(*more), tmp_path_factory.mktemp("docks"), silent)
    with in_process(release.path.parent) as client:
        yield client


def members(client: FlaskClient, **parameters: str) -> dict[str, Any]:
    answer = client.get("/list", query_string={"format": "json", **parameters})
    assert answer.status_code == 200
    body: dict[str, Any] = answer.get_json()
    return body


def test_declared_columns(docks: FlaskClient) -> None:
    first, second = members(docks, **{"class": TERMS + "Dock"})["members"]
    assert first["length"] == ["1234.5"]
    assert first["opened"] == ["1901-05-31"]
    assert sorted(first["dock-owner"]) == ["Firm A", "Firm B"]
    assert sorted(first["dock-above"]) == ["Bight", "Sea"]  # the circle ends
    assert first["label"] == "First"  # a column does not hide what every entry has
    assert first["land"] == ["Germany"]
    assert (second["length"], second["land"]) == (["90"], [])
    text = docks.get("/list", query_string={"class": TERMS + "Dock", "format": "csv"}).text
    head, row, _ = csv.reader(io.StringIO(text))
    assert head[5:] == ["length", "opened", "dock-owner", "dock-above", "dock-ships", "land"]
    assert row[5:7] == ["1234.5", "1901-05-31"]
    assert row[9] == "Mary"


def test_a_page_has_columns_in_the_readers_language(docks: FlaskClient) -> None:
    page = unescape(docks.get("/list", query_string={"class": TERMS + "Dock", "lang": "de"}, headers=PAGE).text)
    assert '<th scope="col" class="as-title number">Länge</th>' in page
    assert '<data value="1234.5"><bdi>1.234,5</bdi></data>' in page
    assert '<time datetime="1901-05-31"><bdi>31. Mai 1901</bdi></time>' in page
    filtered = docks.get("/list", query_string={"class": TERMS + "Dock", "land": "DE"}, headers=PAGE).text
    assert "Mary" in filtered


def test_a_workbook_of_a_list(docks: FlaskClient) -> None:
    answer = docks.get("/list", query_string={"class": TERMS + "Dock", "format": "xlsx", "lang": "de"})
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    head, first, _ = book.worksheets[0].iter_rows(values_only=True)
    assert head[:4] == ("Name", "Klasse", "Länge", "Li:opened")
    assert first[0] == "First"
    assert first[2] == 1234.5
    assert first[3].isoformat() == "1901-05-31T00:00:00"
    assert first[-1] == f"{BASE}id/dock/1"
    assert book.sheetnames == ["Ergebnisse", "Über diese Tabelle"]


def test_everything_is_what_the_dataset_is_about(docks: FlaskClient) -> None:
    listed = {member["iri"] for after in [members(docks, limit="1000")] for member in after["members"]}
    assert f"{BASE}id/concept/own" in listed
    assert not {TERMS + "term", TERMS + "Extra", f"{BASE}id/past/1"} & listed
    page = docks.get("/list", headers=PAGE).text
    assert "Not listed here:" in page
    assert f'class={TERMS}Past">'.replace("#", "%23") in page
    concept = "http://www.w3.org/2004/02/skos/core#Concept"
    assert {m["iri"] for m in members(docks, **{"class": concept})["members"]} == {f"{BASE}id/concept/own"}
    assert members(docks, **{"class": TERMS + "Past"})["total"] == 2
    # classes of which the vocabulary alone has members can be listed all the same
    assert TERMS + "Extra" in {
        m["iri"] for m in members(docks, **{"class": "http://www.w3.org/2002/07/owl#Class"})["members"]
    }


def test_the_front_page_counts_as_lists_do(docks: FlaskClient) -> None:
    home = docks.get("/", headers=PAGE).text
    for name in ("Dock", "Past"):
        total = members(docks, **{"class": TERMS + name})["total"]
        assert f'<span class="count">{total}</span>' in home.partition(f"%23{name}")[2].partition("</li>")[0]


def test_a_value_that_no_member_has(docks: FlaskClient) -> None:
    asked = {"class": TERMS + "Dock", "land": "Atlantis"}
    assert members(docks, **asked)["unknown"] == [{"facet": "land", "value": "Atlantis"}]
    page = unescape(docks.get("/list", query_string={**asked, "lang": "de"}, headers=PAGE).text)
    assert "Nichts hier hat „Atlantis“ als Land. Es gibt:" in page
    assert f'href="/list?class={TERMS}Dock&land=DE&lang=de"'.replace("#", "%23") in page
    assert members(docks, **{**asked, "land": "DE"})["unknown"] == []
