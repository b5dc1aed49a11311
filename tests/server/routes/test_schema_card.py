"""The schema card over HTTP: equal in every format, a graph for queries that name it, in the service description."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from core.formats import RDF_FORMATS
from core.namespaces import RDFS
from server.pages import schema_card as page_of_card
from server.routes import service_description
from tests.release.test_schema_card import EXAMPLES, PARTITIONS
from tests.server.conftest import html_of

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from core.formats import Format
    from release.reader import Release


def triples(data: bytes, format_: ox.RdfFormat = ox.RdfFormat.N_TRIPLES) -> set[ox.Triple]:
    return {cast("ox.Quad", quad).triple for quad in ox.parse(data, format_)}


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda f: str(f.extension))
@pytest.mark.parametrize(
    "path", ["/schema-card", "/release/{}/schema-card", "/store?graph=http://lights.example/schema-card"]
)
def test_every_format_says_the_same(client: FlaskClient, lights: Release, format_: Format, path: str) -> None:
    response = client.get(path.format(lights.id), headers={"Accept": format_.media_type})
    assert (response.status_code, response.mimetype) == (200, format_.media_type)
    assert triples(response.data, format_.rdf) == set(lights.schema_card())


def test_queries_that_name_it_find_it(client: FlaskClient, lights: Release) -> None:
    pattern = "?q a <http://www.w3.org/ns/shacl#SPARQLExecutable>"
    count = "SELECT (COUNT(*) AS ?n)"
    asked = {
        f"{count} FROM <schema-card> {{ {pattern} }}": len(lights.queries()),
        f"{count} {{ GRAPH <{lights.base}schema-card> {{ {pattern} }} }}": len(lights.queries()),
        f"{count} {{ {pattern} }}": 0,
        f"{count} {{ GRAPH ?g {{ {pattern} }} }}": 0,
        f"{count} FROM <catalog> {{ {pattern} }}": 0,
    }
    for query, expected in asked.items():
        rows = client.get("/sparql", query_string={"query": query, "format": "json"}).get_json()["results"]["bindings"]
        assert [row["n"]["value"] for row in rows] == [str(expected)], query
    protocol = {"query": f"ASK {{ {pattern} }}", "default-graph-uri": f"{lights.base}schema-card", "format": "json"}
    assert client.get("/sparql", query_string=protocol).get_json()["boolean"] is True


def test_the_service_description_repeats_it(
    client: FlaskClient, lights: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIB's editor reads it there; a large one is linked."""
    link = ox.Triple(
        ox.NamedNode(f"{lights.base}sparql"), ox.NamedNode(RDFS + "seeAlso"), ox.NamedNode(f"{lights.base}schema-card")
    )
    whole = triples(client.get("/sparql", headers={"Accept": "application/n-triples"}).data)
    assert {link, *lights.schema_card()} <= whole
    monkeypatch.setattr(service_description, "_CARD", 10)
    linked = triples(client.get(f"/release/{lights.id}/sparql", headers={"Accept": "application/n-triples"}).data)
    assert (link.predicate, link.object) in {(triple.predicate, triple.object) for triple in linked}
    assert not linked & set(lights.schema_card())


def test_sib_tools_find_classes_and_examples_in_the_service_description(client: FlaskClient, lights: Release) -> None:
    """By their queries, over the document alone."""
    store = ox.Store()
    store.load(client.get("/sparql", headers={"Accept": "text/turtle"}).data, ox.RdfFormat.TURTLE)
    found = cast("ox.QuerySolutions", store.query(PARTITIONS))
    assert {row["subjectClass"].value for row in found} == lights.manifest.counts.classes.keys()
    examples = cast("ox.QuerySolutions", store.query(EXAMPLES))
    assert len({row["sq"].value for row in examples}) == len(lights.queries())


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_it_is_only_read(client: FlaskClient, method: str) -> None:
    response = client.open("/schema-card", method=method)
    assert (response.status_code, response.mimetype) == (405, "application/problem+json")


def test_the_page_has_each_class_with_its_properties(
    client: FlaskClient, lights: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few classes at a time; each property with the number of its triples, as the card has it."""
    monkeypatch.setattr(page_of_card, "_ROWS", 10)
    found, path = dict[str, int](), "/schema-card"
    for _ in range(50):
        html = html_of(client, path)
        numbers = re.findall(r'<h2 id="class-\d+">.*?title="([^"]+)".*?(\d+) members?', html)
        found |= {iri: int(number) for iri, number in numbers}
        following = re.search(r'rel="next" href="([^"]+)"', html)
        if following is None:
            break
        path = unescape(following[1])
    assert found == lights.manifest.counts.classes
    assert "Schemakarte" in html_of(client, "/schema-card?lang=de")


@pytest.mark.parametrize("after", ["x", "http://nowhere.example/", "x" * 5_000, "\0", "<>"])
def test_a_page_behind_no_class(client: FlaskClient, after: str) -> None:
    html_of(client, f"/schema-card?{urlencode({'after': after})}", 404)
    assert (
        client.get(f"/schema-card?{urlencode({'after': after})}", headers={"Accept": "text/turtle"}).status_code == 200
    )
