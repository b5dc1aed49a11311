"""Lists of classes and concepts: pages of them in every format, and facets whose counts hold for each combination."""

from __future__ import annotations

import csv
import io
import re
from itertools import product
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import RDF, RDFS

from release.writer import build
from tests.server.conftest import BASE, GRAPHS, TERMS, in_process, silent, source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from release.reader import Release

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
HTML = {"Accept": "text/html"}
BUOYS = 137
PREFIXES = f"""
@prefix li: <{TERMS}> . @prefix id: <{BASE}id/> . @prefix gn: <http://www.geonames.org/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ui: <https://w3id.org/parkgraph/ui#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SHAPES = """
li:BuoyShape sh:targetClass li:Buoy ; ui:facet li:facet-colour, li:facet-land, li:facet-laid, li:facet-owner .
li:facet-colour sh:path li:colour ; sh:order 1 ; sh:name "colour"@en, "Farbe"@de .
li:facet-land sh:path ( li:in gn:countryCode ) ; sh:order 2 ; sh:name "country"@en .
li:facet-laid sh:path li:laid ; sh:order 3 ; sh:datatype xsd:gYear .
li:facet-owner sh:path li:owner ; sh:order 4 .
"""


def buoys() -> list[dict[str, Any]]:
    """What the tests compare with: number, colours, country and year of each."""
    return [
        {
            "number": number,
            "colours": ["red", "green"][: number % 3],
            "land": ["DE", "NL", None][number % 5 % 3],
            "year": 1900 + number % 7 if number % 4 else None,
        }
        for number in range(BUOYS)
    ]


def data() -> str:
    parts = ["li:red a skos:Concept ; skos:prefLabel 'red'@en, 'rot'@de . li:green a skos:Concept ."]
    parts += ["id:sea/DE gn:countryCode 'DE' . id:sea/NL gn:countryCode 'NL' ."]
    for buoy in buoys():
        facts = [f"a li:Buoy ; rdfs:label 'Buoy {buoy['number']:03}'@en ; li:owner id:owner/{buoy['number']}"]
        facts += [f"li:colour li:{colour}" for colour in buoy["colours"]]
        facts += [f"li:in id:sea\\/{buoy['land']}"] if buoy["land"] else []
        facts += [f"li:laid '{buoy['year']}-05-01'^^xsd:date"] if buoy["year"] else []
        parts.append(f"id:buoy\\/{buoy['number']} {' ; '.join(facts)} .")
    return "\n".join(parts).replace("id:sea/", "id:sea\\/").replace("id:owner/", "id:owner\\/")


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Release:
    def quads(text: str, graph: ox.NamedNode | ox.DefaultGraph) -> list[ox.Quad]:
        triples = ox.parse(input=PREFIXES + text, format=ox.RdfFormat.TURTLE)
        return [ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples]

    more = quads(data(), ox.DefaultGraph()) + quads(SHAPES, ox.NamedNode(GRAPHS["shapes"]))
    return build(source(*more), tmp_path_factory.mktemp("harbour"), silent)


@pytest.fixture(scope="module")
def port(harbour: Release) -> Iterator[FlaskClient]:
    with in_process(harbour.path.parent) as client:
        yield client


def asked(client: FlaskClient, **parameters: object) -> dict[str, Any]:
    answer = client.get("/list", query_string={"class": TERMS + "Buoy", "format": "json", **parameters})
    assert answer.status_code == 200
    body: dict[str, Any] = answer.get_json()
    return body


def counts(body: dict[str, Any], facet: str) -> dict[str, int]:
    (found,) = [offered for offered in body["facets"] if offered["name"] == facet]
    return {value["value"]: value["count"] for value in found["values"]}


def fits(buoy: dict[str, Any], colour: str | None, land: str | None, year: str | None) -> bool:
    return (
        (colour is None or colour in buoy["colours"])
        and (land is None or buoy["land"] == land)
        and (year is None or str(buoy["year"]) == year)
    )


COMBINATIONS = list(product([None, "red", "green"], [None, "DE", "NL"], [None, "1903", "1906"]))


@pytest.mark.parametrize(("colour", "land", "year"), COMBINATIONS)
def test_counts_hold_for_every_combination(
    port: FlaskClient, colour: str | None, land: str | None, year: str | None
) -> None:
    """A value's count is what the list would have with it, whatever else of its own facet is chosen."""
    chosen = {"colour": colour and TERMS + colour, "land": land, "laid": year}
    body = asked(port, limit=200, **{name: value for name, value in chosen.items() if value})
    expected = [buoy for buoy in buoys() if fits(buoy, colour, land, year)]
    assert body["total"] == len(expected)
    assert [member["iri"] for member in body["members"]] == [f"{BASE}id/buoy/{buoy['number']}" for buoy in expected]
    shown = {offered["name"] for offered in body["facets"]}
    for value in ("red", "green"):
        count = sum(fits(buoy, value, land, year) for buoy in buoys())
        assert ("colour" in shown and counts(body, "colour").get(TERMS + value, 0)) == count
    for value in ("DE", "NL"):
        count = sum(fits(buoy, colour, value, year) for buoy in buoys())
        assert ("land" in shown and counts(body, "land").get(value, 0)) == count
    for number in range(1900, 1907):
        count = sum(fits(buoy, colour, land, str(number)) for buoy in buoys())
        assert ("laid" in shown and counts(body, "laid").get(str(number), 0)) == count


def test_several_values_of_one_facet_mean_any_of_them(port: FlaskClient) -> None:
    both = asked(port, laid=["1901", "1902"])
    one, other = asked(port, laid="1901"), asked(port, laid="1902")
    assert both["total"] == one["total"] + other["total"] > 0
    values = both["facets"][2]["values"]
    assert [value["value"] for value in values] == [str(year) for year in range(1900, 1907)]
    assert {value["value"] for value in values if value["chosen"]} == {"1901", "1902"}


def test_values_go_by_names_in_the_readers_language(port: FlaskClient) -> None:
    def labels(language: str) -> dict[str, list[str]]:
        body = asked(port, lang=language)
        return {offered["label"]: [value["label"] for value in offered["values"]] for offered in body["facets"]}

    assert set(labels("en")["country"]) == {"Germany", "Netherlands"}
    german = labels("de")
    assert set(german["country"]) == {"Deutschland", "Niederlande"}
    assert "rot" in german["Farbe"]
    assert "laid" in german  # a facet without a name goes by the end of its IRI


def test_a_facet_with_very_many_values_offers_the_most_frequent(port: FlaskClient) -> None:
    body = asked(port)
    (owners,) = [offered for offered in body["facets"] if offered["name"] == "owner"]
    assert len(owners["values"]) == BUOYS
    assert owners["isCut"] is False


@pytest.mark.parametrize("limit", [1, 10, 50, 137, 1000])
def test_pages_go_through_all_members_each_once(port: FlaskClient, limit: int) -> None:
    address: str | None = f"/list?class={TERMS.replace('#', '%23')}Buoy&limit={limit}&format=json"
    seen: list[str] = []
    previous: list[str | None] = []
    while address:
        body = port.get(address).get_json()
        assert body["start"] == len(seen)
        seen += [member["iri"] for member in body["members"]]
        previous.append(body.get("previous"))
        address = body.get("next") and f"{body['next']}&format=json"
    assert seen == [f"{BASE}id/buoy/{number}" for number in range(BUOYS)]
    assert previous[0] is None
    assert all(previous[1:])


def test_first_previous_and_last_lead_there(port: FlaskClient) -> None:
    third = asked(port, limit=10, after=f"{BASE}id/buoy/19")
    assert third["start"] == 20
    assert port.get(third["first"] + "&format=json").get_json()["start"] == 0
    assert port.get(third["previous"] + "&format=json").get_json()["start"] == 10
    last = port.get(third["last"] + "&format=json").get_json()
    assert (last["start"], len(last["members"]), last.get("next")) == (130, 7, None)


def test_a_list_begins_where_names_do(port: FlaskClient) -> None:
    assert asked(port, **{"from": "buoy 1"})["members"][0]["label"] == "Buoy 100"
    assert asked(port, **{"from": "BUOY 136"})["members"][0]["label"] == "Buoy 136"
    assert asked(port, **{"from": "c"})["members"] == []


def test_rdf_is_a_collection_of_hydra(port: FlaskClient) -> None:
    answer = port.get(
        f"/list?class={TERMS.replace('#', '%23')}Buoy&limit=10&after={BASE}id/buoy/9", headers={"Accept": "text/turtle"}
    )
    graph = Graph().parse(data=answer.data, format="turtle")
    collection = URIRef(f"{BASE}list?class={TERMS.replace('#', '%23')}Buoy&limit=10")
    assert (collection, RDF.type, HYDRA.Collection) in graph
    assert int(str(graph.value(collection, HYDRA.totalItems))) == BUOYS
    assert set(graph.objects(collection, HYDRA.member)) == {URIRef(f"{BASE}id/buoy/{n}") for n in range(10, 20)}
    view = graph.value(collection, HYDRA.view)
    assert (view, RDF.type, HYDRA.PartialCollectionView) in graph
    assert str(view).startswith(str(collection).partition("&")[0])
    after = graph.value(view, HYDRA.next)
    assert after is not None
    following = Graph().parse(data=port.get(str(after).removeprefix(BASE[:-1])).data, format="turtle")
    assert (collection, HYDRA.member, URIRef(f"{BASE}id/buoy/20")) in following
    assert graph.value(URIRef(f"{BASE}id/buoy/10"), RDFS.label) is not None
    assert 'rel="next"' in ", ".join(answer.headers.getlist("Link"))


def test_csv_has_a_column_for_each_facet(port: FlaskClient) -> None:
    answer = port.get("/list", query_string={"class": TERMS + "Buoy", "limit": 5}, headers={"Accept": "text/csv"})
    assert answer.content_type == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(rows[0]) == ["iri", "label", "language", "class", "classLabel", "colour", "land", "laid", "owner"]
    assert len(rows) == 5
    assert (rows[2]["label"], rows[2]["colour"], rows[2]["laid"]) == ("Buoy 002", "red | li:green", "1902")


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, "text/turtle; charset=utf-8"),
        ("text/html", "text/html; charset=utf-8"),
        ("application/json", "application/json"),
        ("application/ld+json", "application/ld+json"),
        ("application/n-triples", "application/n-triples"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("text/csv", "text/csv; charset=utf-8"),
    ],
)
def test_lists_come_in_each_format(port: FlaskClient, accept: str | None, content_type: str) -> None:
    answer = port.get("/list", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.content_type) == (200, content_type)
    assert "Accept" in answer.headers["Vary"]
    again = port.get(
        "/list", headers={"If-None-Match": answer.headers["ETag"], **({"Accept": accept} if accept else {})}
    )
    assert again.status_code == 304


def test_a_concept_has_what_refers_to_it_by_class(port: FlaskClient) -> None:
    body = port.get("/list", query_string={"concept": TERMS + "red", "format": "json"}).get_json()
    assert body["total"] == sum("red" in buoy["colours"] for buoy in buoys())
    assert counts(body, "class") == {TERMS + "Buoy": body["total"]}
    both = asked(port, concept=TERMS + "red", colour=TERMS + "green")
    assert both["total"] == sum(buoy["colours"] == ["red", "green"] for buoy in buoys())


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"class": BASE + "none"}, 404),
        ({"concept": TERMS + "Buoy"}, 404),
        ({"class": TERMS + "Buoy", "weight": "3"}, 400),
        ({"colour": TERMS + "red"}, 400),
        ({"limit": "0"}, 400),
        ({"limit": "1001"}, 400),
        ({"limit": "²"}, 400),
        ({"after": BASE + "none"}, 404),
        ({"format": "xls"}, 406),
    ],
)
def test_a_list_that_cannot_be_is_a_problem(port: FlaskClient, query: dict[str, str], status: int) -> None:
    assert port.get("/list", query_string=query).status_code == status


def test_what_a_form_leaves_empty_does_not_count(port: FlaskClient) -> None:
    body = asked(port, concept="", colour="", after="", **{"from": ""})
    assert (body["total"], body["filters"]) == (BUOYS, {})


def test_a_value_that_nothing_has_gives_an_empty_list(port: FlaskClient) -> None:
    body = asked(port, land="FR", laid="1901")
    assert (body["total"], body["members"]) == (0, [])
    page = port.get("/list", query_string={"class": TERMS + "Buoy", "land": "FR"}, headers=HTML)
    assert page.status_code == 200
    assert "Nothing has all of this." in page.text


def test_the_page_offers_each_value_as_a_link_with_its_count(port: FlaskClient) -> None:
    page = port.get("/list", query_string={"class": TERMS + "Buoy", "land": "NL"}, headers=HTML).text
    found = re.findall(
        r'<li><a href="([^"]+)" rel="nofollow"[^>]*><bdi[^>]*>([^<]+)</bdi></a> <span class="count">(\d+)', page
    )
    assert len(found) > 10
    for href, _, count in [row for row in found if "laid=" in row[0] or "land=DE" in row[0]][:6]:
        filtered = port.get(href.replace("&amp;", "&") + "&format=json").get_json()
        others = len(filtered["filters"].get("land", [])) == 2
        assert filtered["total"] >= int(count) if others else filtered["total"] == int(count)
    assert 'aria-current="true"' in page


def test_a_dataset_without_shapes_for_a_class_has_its_list_all_the_same(client: FlaskClient) -> None:
    body = client.get("/list", query_string={"class": TERMS + "Keeper", "format": "json"}).get_json()
    assert [member["iri"] for member in body["members"]] == [BASE + "id/keeper/anna"]
    page = client.get("/list", query_string={"class": TERMS + "Keeper"}, headers=HTML).text
    assert "<script>alert" not in page


@pytest.mark.parametrize(("iri", "kind"), [(TERMS + "Buoy", "class"), (TERMS + "red", "concept")])
def test_the_page_about_a_class_or_concept_leads_to_its_list(port: FlaskClient, iri: str, kind: str) -> None:
    page = port.get("/doc", query_string={"iri": iri}, headers=HTML).text
    assert f'href="/list?{kind}={iri.replace("#", "%23")}"' in page
    other = port.get("/doc", query_string={"iri": BASE + "id/buoy/1"}, headers=HTML).text
    assert f"/list?{kind}=" not in other


def test_statements_are_no_part_of_everything_but_have_a_list(client: FlaskClient) -> None:
    everything = client.get("/list?format=json&limit=1000").get_json()
    assert everything["total"] > 200
    assert not [member for member in everything["members"] if "/statement/" in member["iri"]]
    statement = "http://www.w3.org/1999/02/22-rdf-syntax-ns#Statement"
    assert list(counts(everything, "class").values())[-1] > 0
    body = client.get("/list", query_string={"class": statement, "format": "json"}).get_json()
    assert [member["iri"] for member in body["members"]] == [BASE + "id/statement/1"]


def test_lists_of_an_older_release_stay_in_it(client: FlaskClient, lights: Release) -> None:
    body = client.get(f"/release/{lights.id}/list?limit=2&format=json").get_json()
    assert body["next"].startswith(f"/release/{lights.id}/list?")
    assert client.get(f"{body['next']}&format=json").get_json()["start"] == 2
