"""The pages of the vocabulary: every term has its place and its page, with what the shapes demand of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
import rdflib

from core.namespaces import OWL, RDF, RDFS, SKOS
from release.writer import build
from server.app import create_app
from server.settings import Settings
from tests.server.conftest import GRAPHS, LIGHTS, TERMS, in_process, silent, source

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from release.reader import Release

HTML = {"Accept": "text/html"}
KINDS = (OWL + "Class", OWL + "ObjectProperty", OWL + "DatatypeProperty")


def terms() -> list[str]:
    graph = rdflib.Graph().parse(LIGHTS / "vocabulary.ttl")
    return sorted(str(term) for kind in KINDS for term in graph.subjects(rdflib.RDF.type, rdflib.URIRef(kind)))


def test_there_are_terms() -> None:
    assert len(terms()) >= 8


@pytest.mark.parametrize("iri", terms())
def test_a_term_has_its_place_and_its_page(client: FlaskClient, iri: str) -> None:
    name = iri.removeprefix(TERMS)
    assert f'id="{name}"' in client.get("/ontology", headers=HTML).text
    page = client.get(f"/ontology/{name}", headers=HTML)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert iri in page.text
    assert "Accept" in page.vary


def test_a_class_shows_what_the_shapes_demand(client: FlaskClient, lights: Release) -> None:
    page = client.get("/ontology/Lighthouse?lang=de", headers=HTML).text
    assert "Leuchtturm" in page
    assert "A tower with a light." in page
    assert 'href="/ontology/keptBy?lang=de"' in page
    assert f"{lights.manifest.counts.classes[TERMS + 'Lighthouse']}-mal verwendet" in page
    examples = page[page.index("Beispiele") :].partition("</div>")[0]
    assert examples.count("<li>") == 3


def test_a_property_shows_its_classes_and_examples(client: FlaskClient) -> None:
    page = client.get("/ontology/height", headers=HTML).text
    assert 'href="/ontology/Lighthouse"' in page
    assert "decimal" in page
    assert "52.5" in page


def test_the_shapes_are_shown_class_by_class(client: FlaskClient) -> None:
    page = client.get("/ontology/shapes", headers=HTML).text
    assert 'href="/ontology/Lighthouse"' in page
    properties = rdflib.Graph().parse(LIGHTS / "shapes.ttl").subject_objects(rdflib.SH.property)
    assert page.count('class="cardinality"') == len(list(properties)) > 3


def test_the_page_of_the_vocabulary_is_light(client: FlaskClient) -> None:
    assert len(client.get("/ontology", headers=HTML).data) < 20_000


def iri(text: str) -> ox.NamedNode:
    return ox.NamedNode(text)


def in_vocabulary(subject: str, predicate: str, value: str) -> ox.Quad:
    return ox.Quad(iri(subject), iri(predicate), iri(value), iri(GRAPHS["vocabulary"]))


def test_concepts_relations_and_terms_of_others(tmp_path: Path) -> None:
    """A list of concepts, hierarchies of classes, and two terms of other vocabularies with the same last part."""
    one, other = "http://one.example/v#Thing", "http://other.example/v#Thing"
    more = [
        in_vocabulary(one, RDF + "type", OWL + "Class"),
        in_vocabulary(other, RDF + "type", OWL + "Class"),
        in_vocabulary(TERMS + "Lighthouse", RDFS + "subClassOf", one),
        in_vocabulary(TERMS + "colours", RDF + "type", SKOS + "ConceptScheme"),
        in_vocabulary(TERMS + "red", RDF + "type", SKOS + "Concept"),
        in_vocabulary(TERMS + "red", SKOS + "inScheme", TERMS + "colours"),
        in_vocabulary(TERMS + "signalRed", RDF + "type", SKOS + "Concept"),
        in_vocabulary(TERMS + "signalRed", SKOS + "broader", TERMS + "red"),
    ]
    build(source(*more), tmp_path, silent)
    app = create_app(Settings(releases=tmp_path))
    client = app.test_client()
    page = client.get("/ontology", headers=HTML).text
    anchors = re.findall(r'id="([^"]*)"', page)
    assert len(anchors) == len(set(anchors))
    assert {"Lighthouse", "colours", "red", "signalRed", one, other} <= set(anchors)
    lighthouse = client.get("/ontology/Lighthouse", headers=HTML).text
    assert f'href="/doc?{urlencode({"iri": one})}"' in lighthouse
    assert 'href="/ontology/red"' in client.get("/ontology/colours", headers=HTML).text
    assert 'href="/ontology/red"' in client.get("/ontology/signalRed", headers=HTML).text
    assert 'href="/ontology/signalRed"' in client.get("/ontology/red", headers=HTML).text
    app.extensions["current"].close()


def test_classes_are_a_network_of_the_properties_between_them(client: FlaskClient, tmp_path: Path) -> None:
    assert "data-chart" not in client.get("/ontology", headers=HTML).text  # no property leads to a class
    ranges = {"keptBy": "Page", "height": "Page", "minds": "Mast", "contradicts": "Mast"}
    more = [
        in_vocabulary(TERMS + name, predicate, value)
        for name, class_ in ranges.items()
        for predicate, value in ((RDF + "type", OWL + "ObjectProperty"), (RDFS + "range", TERMS + class_))
    ]
    build(source(*more), tmp_path, silent)
    app = create_app(Settings(releases=tmp_path))
    page = app.test_client().get("/ontology?lang=de", headers=HTML).text
    app.extensions["current"].close()
    table = page[page.index('data-chart="network" data-directed') :].partition("</table>")[0]
    assert re.findall(r'data-column="(\w+)"', table) == ["source", "target", "properties"]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(<td.*)</tr>", table)]
    assert [re.sub("<[^>]*>", "", " | ".join(row)) for row in rows] == [
        "Leuchtturm | li:Page | gehütet von, height",
        "li:Mast | li:Mast | li:contradicts",
        "li:Page | li:Mast | li:minds",
    ]
    assert 'href="/ontology/Lighthouse?lang=de"' in rows[0][0]


def test_versions_lead_to_the_releases_that_have_them(tmp_path: Path) -> None:
    """To the current one, or else to the newest; terms of others are left out of the vocabulary."""
    vocabulary, ids = GRAPHS["vocabulary"], []
    for name, other in (("1.0", "a"), ("1.0", "b"), ("2.0", "c")):
        version = in_vocabulary(vocabulary, OWL + "versionIRI", f"{vocabulary}/{name}")
        foreign = in_vocabulary(f"http://other.example/{other}", RDFS + "isDefinedBy", "http://other.example/")
        ids.append(build(source(version, foreign), tmp_path, silent).id)
    with in_process(tmp_path) as client:
        leads = {name: client.get(f"/ontology/{name}").headers["Location"] for name in ("1.0", "2.0")}
        assert leads == {"1.0": f"/release/{ids[1]}/ontology", "2.0": f"/release/{ids[2]}/ontology"}
        assert client.get(f"/release/{ids[0]}/ontology/1.0").headers["Location"] == f"/release/{ids[0]}/ontology"
        for name in ("3.0", "", "1.0/..%2f", "1" * 5000):
            answer = client.get(f"/ontology/{name}")
            assert answer.status_code == 404
        assert client.get("/ontology/3.0").get_json()["versions"] == ["1.0", "2.0"]
        found = client.get(leads["2.0"], headers={"Accept": "text/turtle"}).text
        assert f"{vocabulary}/2.0" in found
        assert "other.example" not in found
