"""Documents of plain RDF, as they are served: whole, as it was published, and in pages where they are long."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, TypeAlias, cast
from urllib.parse import quote

import pyoxigraph as ox
import pytest

from core.namespaces import HYDRA, RDF
from release.build import publish_rdf
from release.reader import QUADS
from server.model.describe import Describer
from server.model.description import REIFICATION
from tests.about_documents import described
from tests.server.conftest import in_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from core.rdf import Node
    from release.reader import Release

BASE = "http://data.example/"
MOST_LINKED, SAMPLE = 100, 7  # resources with the most links, and each how many of the others are asked for
LONG, DEEP = 1_200, 50  # members of a list, blank nodes within each other
# Each of two nodes leads to the next two, so that there are 2^25 ways.
DIAMONDS = " ".join(f'_:{x}{n} ex:label "{x}{n}" ; ex:to _:d{n + 1}, _:e{n + 1} .' for n in range(25) for x in "de")
DATA = f"""
BASE <{BASE}>
PREFIX ex: <{BASE}id/>
PREFIX onto: <{BASE}onto#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdf: <{RDF}>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

ex:forms rdfs:label "Forms", "01"^^xsd:integer ; ex:p 1, 01, "1"^^xsd:byte, 1.0, 1.00, "300"^^xsd:byte, true,
  "1"^^xsd:boolean, "24:00:00"^^xsd:time, 1e0, "P12M"^^xsd:duration ; ex:near ex:labelled .
ex:labelled rdfs:label "007"^^xsd:int .

ex:short ex:members ( {" ".join(f'"m{n}"' for n in range(10))} ) .
ex:long ex:members ( {" ".join(f'"m{n:04}"' for n in range(LONG))} ) .
ex:empty ex:members () .
ex:mixed ex:members ( ex:short [ ex:p ( 01 02 ) ] ( ) ) .
ex:deep {" ".join(f"ex:within [ ex:number {n} ;" for n in range(DEEP))} ex:p 01 {"] " * DEEP} .
ex:circle ex:to _:one . _:one ex:to _:two ; ex:p 1 . _:two ex:to _:one, [ ex:to _:two ] .
ex:diamond ex:to _:d0, _:e0 . {DIAMONDS}
ex:lone ex:members [ rdf:first 1 ; rdf:rest [ rdf:first 2 ; rdf:rest _:round ; ex:p 1 ] ] .
_:round rdf:first 3 ; rdf:rest _:round .

<onto> a owl:Ontology ; rdfs:label "Onto"@en .
onto:Park a owl:Class ; rdfs:label "Park"@en ;
  owl:unionOf ( onto:A [ a owl:Class ; owl:unionOf ( onto:B [ owl:complementOf onto:C ] ) ] ) .
onto:hasName a owl:DatatypeProperty ; rdfs:domain onto:Park .
<card#me> rdfs:label "Me" ; ex:near ex:short .
<ontology#Tree> rdfs:label "Tree" .
<ontology/Bush> rdfs:label "Bush" .
<dumps/leaf> rdfs:label "Leaf" .
<sparql> rdfs:label "Endpoint" .
<sparql#part> rdfs:label "Part" .
ex:short ex:only ex:long ; <words#only> 01, 1 ; <http://else.example/only> ex:long .

ex:a ex:knows ex:b ~ ex:claim {{| ex:since 02020 ; ex:by [ ex:p 01 ] |}} .
ex:b ex:p 7 {{| ex:sure 0.50 |}} .
_:s a rdf:Statement ; rdf:subject ex:a ; rdf:predicate ex:knows ; rdf:object ex:b ; ex:note [ ex:p 03 ] .
ex:a ex:inGraph 01 .
ex:graph {{ ex:a ex:inGraph 01 . }}
"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("documents")
    (folder / "data.trig").write_text(DATA, encoding="utf-8")
    return publish_rdf([folder / "data.trig"], folder / "releases", base=BASE).release


@pytest.fixture(scope="module")
def client(release: Release) -> Iterator[FlaskClient]:
    with in_process(release.path.parent) as client:
        yield client


@pytest.fixture(scope="module")
def published(release: Release) -> dict[Node, set[ox.Triple]]:
    """Subject → its triples in the default graph, from the lines of the release."""
    found: dict[Node, set[ox.Triple]] = {}
    for quad in quads((release.path / QUADS).read_bytes(), ox.RdfFormat.N_QUADS):
        if quad.graph_name == ox.DefaultGraph():
            found.setdefault(cast("Node", quad.subject), set()).add(quad.triple)
    return found


Published: TypeAlias = "dict[Node, set[ox.Triple]]"


def quads(data: bytes, format_: ox.RdfFormat) -> list[ox.Quad]:
    return cast("list[ox.Quad]", list(ox.parse(data, format_)))


def triples(data: bytes) -> set[ox.Triple]:
    return {*described(quad.triple for quad in quads(data, ox.RdfFormat.TURTLE))}


def closure(published: Published, *starts: str) -> set[ox.Triple]:
    """The triples of resources and of the blank nodes that they lead to."""
    waiting: list[object] = [ox.NamedNode(BASE + start) for start in starts]
    found: set[ox.Triple] = set()
    while waiting:
        for triple in published.get(waiting.pop(), set()) - found:  # type: ignore[call-overload]
            found.add(triple)
            terms = [triple.object]
            if isinstance(triple.object, ox.Triple):
                terms = [triple.object.subject, triple.object.object]
            waiting += [term for term in terms if isinstance(term, ox.BlankNode)]
    return found


def get(client: FlaskClient, path: str, accept: str) -> bytes:
    """The body of the answer at a path, after redirects; the status has to be 200."""
    response = client.get(path, headers={"Accept": accept}, follow_redirects=True)
    assert response.status_code == 200, (path, response.text)
    return bytes(response.data)


def turtle(client: FlaskClient, iri: str) -> set[ox.Triple]:
    return triples(get(client, f"/{iri}", "text/turtle"))


def text(client: FlaskClient, path: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", get(client, path, "text/html").decode()))


@pytest.mark.parametrize(
    "name", ["forms", "short", "long", "empty", "mixed", "deep", "circle", "diamond", "lone", "a", "b"]
)
def test_a_document_has_the_closure_over_blank_nodes_as_it_was_published(
    client: FlaskClient, published: Published, name: str
) -> None:
    expected = closure(published, f"id/{name}")
    document = turtle(client, f"id/{name}")
    everything = set().union(*published.values())
    assert document >= expected
    assert document <= everything
    subject = ox.NamedNode(f"{BASE}id/{name}")
    assert {t for t in document if t.subject == subject} == published[subject]
    assert triples(get(client, "/sparql?query=" + quote(f"DESCRIBE <{subject.value}>"), "text/turtle")) == document
    for format_ in (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.JSON_LD, ox.RdfFormat.TRIG, ox.RdfFormat.RDF_XML):
        response = client.get(f"/doc/{name}.{format_.file_extension}")
        if response.status_code == 406:
            assert format_ == ox.RdfFormat.JSON_LD  # which cannot write a triple as a value
            assert any(isinstance(triple.object, ox.Triple) for triple in document)
            continue
        in_default = (q for q in quads(response.data, format_) if q.graph_name == ox.DefaultGraph())
        found = ox.Dataset(
            ox.Quad(t.subject, t.predicate, t.object) for t in described(quad.triple for quad in in_default)
        )
        wanted = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in document)
        for dataset in (found, wanted):
            dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        assert found == wanted


def test_labels_of_others_are_as_published_too(client: FlaskClient) -> None:
    assert b'"007"^^<http://www.w3.org/2001/XMLSchema#int>' in get(client, "/doc/forms.nt", "*/*")


def test_pages_show_all_that_is_nested(client: FlaskClient) -> None:
    assert text(client, "/doc/short.html").index("m0") < text(client, "/doc/short.html").index("m9")
    for name in ("deep", "circle", "diamond", "lone", "mixed"):
        page = get(client, f"/doc/{name}.html", "text/html").decode()
        anchors = re.findall(r'id="(node-[^"]+)"', page)
        assert len(anchors) == len(set(anchors))
        assert set(re.findall(r'href="#(node-[^"]+)"', page)) <= set(anchors)
    assert len(re.findall(r'id="node-', get(client, "/doc/deep.html", "text/html").decode())) == DEEP
    assert text(client, "/doc/diamond.html").count("label") == 2 * 25


def test_long_lists_are_whole_in_rdf_and_in_pages_for_people(
    client: FlaskClient, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    path: str | None = "/doc/long.html"
    seen: list[str] = []
    pages = 0
    while path:
        page = get(client, path, "text/html").decode()
        seen += re.findall(r"<bdi>(m[0-9]{4})</bdi>", page)
        following = re.search(r'<a rel="next" href="([^"]+)"', page)
        path = unescape(following[1]) if following else None
        pages += 1
    assert (seen, pages) == ([f"m{n:04}" for n in range(LONG)], 3)
    monkeypatch.setattr("server.http.documents.MOST", 1_000)
    expected, document, path = closure(published, "id/long"), set[ox.Triple](), "/doc/long"
    order = []
    while path:
        response = client.get(path, headers={"Accept": "application/n-triples"})
        page_triples = triples(response.data)
        document |= page_triples
        order.append(path)
        following = re.search(r'<([^>]*)>; rel="next"', ", ".join(response.headers.getlist("Link")))
        path = following[1] if following else None
        said = {t.object.value for t in page_triples if t.predicate.value == HYDRA + "next"}  # type: ignore[union-attr]
        assert said == ({BASE[:-1] + path} if path else set())
    assert document >= expected
    assert order == ["/doc/long", "/doc/long?after=1000", "/doc/long?after=2000"]
    back = client.get(order[2], headers={"Accept": "text/turtle"}).headers.getlist("Link")
    assert '</doc/long?after=1000>; rel="prev"' in ", ".join(back)
    assert client.get("/doc/long?after=3000", headers={"Accept": "text/turtle"}).status_code == 404
    assert client.get("/doc/long?after=" + "9" * 5000, headers={"Accept": "text/turtle"}).status_code == 404


def test_documents_have_all_that_points_to_their_resources(release: Release) -> None:
    store, pointing = release.open_store(), dict[ox.NamedNode | ox.BlankNode, set[ox.Triple]]()
    for quad in store.quads_for_pattern(None, None, None, ox.DefaultGraph()):
        if isinstance(quad.object, ox.NamedNode | ox.BlankNode) and quad.predicate not in REIFICATION:
            pointing.setdefault(quad.object, set()).add(quad.triple)
    assert {type(node) for node in pointing} == {ox.NamedNode, ox.BlankNode}
    describer = Describer(store, release)
    most = sorted(pointing, key=lambda node: (-len(pointing[node]), str(node)))
    for node in (*most[:MOST_LINKED], *most[MOST_LINKED::SAMPLE]):
        assert pointing[node] <= set(describer.documents([node]))


def test_a_document_describes_its_fragments(client: FlaskClient, published: Published) -> None:
    assert turtle(client, "onto") >= closure(published, "onto", "onto#Park", "onto#hasName")
    shown = text(client, "/onto")
    assert all(name in shown for name in ("Onto", "Park", "hasName", "datatype property"))
    assert turtle(client, "card") >= closure(published, "card#me")
    assert "Me" in text(client, "/card")
    own = turtle(client, "doc?iri=" + quote(f"{BASE}onto#Park"))
    assert own >= closure(published, "onto#Park")
    assert ox.NamedNode(BASE + "onto") not in {triple.subject for triple in own}


def test_a_property_has_its_uses(client: FlaskClient, published: Published) -> None:
    short = ox.NamedNode(BASE + "id/short")
    uses = {t for t in published[short] if t.predicate.value == BASE + "id/only"}
    assert uses <= turtle(client, "id/only")
    assert "Uses of this property" in text(client, "/id/only")
    words = {t for t in published[short] if t.predicate.value == BASE + "words#only"}
    assert len(words) == 2
    for iri in ("words", "doc?iri=" + quote(f"{BASE}words#only")):
        assert words <= turtle(client, iri)
        assert text(client, "/" + iri).count("→") == 2
    assert get(client, "/doc?iri=" + quote("http://else.example/only"), "text/html")


def test_every_link_of_a_page_leads_somewhere(client: FlaskClient) -> None:
    for path in ("/doc/a.html", "/doc/short.html", "/doc/forms.html", "/catalog"):
        for href in set(re.findall(r'href="(/doc[^"#]*)"', get(client, path, "text/html").decode())):
            if not re.search(r"doc[^?]*\.\w+(\?|$)", href):  # another format of the same
                get(client, unescape(href), "text/html")


def test_what_the_data_say_at_addresses_of_the_server_is_served(client: FlaskClient, published: Published) -> None:
    assert turtle(client, "ontology") >= published[ox.NamedNode(BASE + "ontology#Tree")]
    assert turtle(client, "ontology/Bush") >= published[ox.NamedNode(BASE + "ontology/Bush")]
    assert turtle(client, "dumps/leaf") >= published[ox.NamedNode(BASE + "dumps/leaf")]
    assert client.get("/dumps/none").status_code == client.get("/ontology/none").status_code == 404
    assert turtle(client, "doc?iri=" + quote(f"{BASE}sparql")) >= published[ox.NamedNode(BASE + "sparql")]


def test_statements_and_reifiers_stand_with_their_triples(client: FlaskClient, published: Published) -> None:
    reifies, since = ox.NamedNode(RDF + "reifies"), ox.NamedNode(BASE + "id/since")
    knows = ox.Triple(*(ox.NamedNode(f"{BASE}id/{name}") for name in ("a", "knows", "b")))
    claim = ox.NamedNode(BASE + "id/claim")
    for name in ("a", "b"):  # where the triple leads from, and to
        document = turtle(client, f"id/{name}")
        assert ox.Triple(claim, reifies, knows) in document
        assert closure(published, "id/claim") <= document
        assert {t.object.value for t in document if t.predicate == since} == {"02020"}  # type: ignore[union-attr]
        shown = text(client, f"/doc/{name}.html")
        assert "since" in shown
        assert "note" in shown
    assert "sure" in text(client, "/doc/b.html")
    assert ox.Literal("0.50", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal")) in {
        triple.object for triple in turtle(client, "id/b")
    }


def test_datasets_have_the_graphs(client: FlaskClient) -> None:
    found = quads(get(client, "/doc/a.trig", "*/*"), ox.RdfFormat.TRIG)
    named = [quad for quad in found if quad.graph_name != ox.DefaultGraph()]
    assert [(str(q.graph_name), q.object) for q in named] == [
        (f"<{BASE}id/graph>", ox.Literal("01", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")))
    ]
