"""The pages of the vocabulary: every term has its place and its page, with what the shapes demand of it."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
import rdflib

from core.namespaces import OWL, RDF, RDFS, SKOS
from release.writer import build
from server.app import create_app
from server.model import constraints
from server.pages.class_diagram import draw
from server.settings import Settings
from tests.server.conftest import GRAPHS, LIGHTS, TERMS, silent, source

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


SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <urn:x:> .
:S sh:targetClass :A ; sh:property :two , :one .
:one sh:path :p ; sh:order 1 ; sh:minCount 1 ; sh:maxCount 1 ; sh:or ( [ sh:class :A ] [ sh:datatype xsd:date ] ) .
:two sh:path :q ; sh:order 2 ; sh:in ( :x "y" ) ; sh:minInclusive 3 ; sh:maxCount 2 ; sh:node :In .
:In sh:property [ sh:path :scheme ; sh:hasValue :list ] .
:Broken sh:targetClass :B ; sh:property [ sh:path :r ; sh:minCount "many" ; sh:in :endless ] .
:endless <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> :endless .
"""


def test_shapes_are_read() -> None:
    store, graph = ox.Store(), ox.NamedNode("urn:x:graph")
    store.load(SHAPES.encode(), format=ox.RdfFormat.TURTLE, to_graph=graph)
    broken, shape = constraints.read(store, graph.value)
    assert (shape.targets, broken.targets) == (("urn:x:A",), ("urn:x:B",))
    one, two = shape.rules
    assert (one.path, one.cardinality) == ("urn:x:p", "1")
    assert set(one.kinds) == {"urn:x:A", "http://www.w3.org/2001/XMLSchema#date"}
    assert (two.cardinality, two.bounds, two.within) == ("0..2", ("≥ 3",), (ox.NamedNode("urn:x:list"),))
    assert [value.value for value in two.values] == ["urn:x:x", "y"]
    assert broken.rules[0].cardinality == "0..*"
    assert constraints.read(store, None) == []


def test_a_drawing_leads_from_left_to_right() -> None:
    links = [("a", "p", "b"), ("b", "q", "c"), ("a", "r", "c"), ("c", "s", "c"), ("a", "t", "elsewhere")]
    drawing = draw(["c", "b", "a", "alone"], links)
    boxes = {box.class_: box for box in drawing.boxes}
    assert boxes.keys() == {"a", "b", "c"}
    assert boxes["a"].x < boxes["b"].x < boxes["c"].x
    assert {(arrow.source, arrow.property, arrow.target) for arrow in drawing.arrows} == set(links[:3])
    assert boxes["c"].lines == {"s": ["c"]}
    assert drawing == draw(["c", "b", "a", "alone"], list(reversed(links)))


def test_boxes_of_a_drawing_lie_apart() -> None:
    classes = [f"c{number}" for number in range(30)]
    links = [(a, f"p{n % 3}", classes[(n * 7 + k) % 30]) for n, a in enumerate(classes) for k in range(3)]
    drawing = draw(classes, links)
    assert len(drawing.boxes) == 30
    places = sorted((box.x, box.y, box.height) for box in drawing.boxes)
    for (x, y, height), (other_x, other_y, _) in pairwise(places):
        assert x < other_x or y + height <= other_y
    assert all(box.y >= 0 and box.y + box.height <= drawing.height for box in drawing.boxes)


def test_properties_that_most_classes_share_are_told_once() -> None:
    classes = [f"c{number}" for number in range(8)]
    drawing = draw(classes, [*((class_, "source", "c0") for class_ in classes), ("c1", "p", "c2")])
    assert drawing.common == [("source", ["c0"])]
    assert [arrow.property for arrow in drawing.arrows] == ["p"]
