"""Graph Store reads, DESCRIBE and the description of the service: what they say is what the release holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic

from core.formats import RDF_FORMATS, Format
from core.namespaces import SD, VOID
from server.model.describe import describe_to_selects
from tests.about_documents import described
from tests.server.conftest import BASE, GRAPHS, QUERY_SECONDS, TERMS

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from release.reader import Release

N_TRIPLES = {"Accept": "application/n-triples"}
TOWERS = [f"{BASE}id/tower/roter-sand", f"{BASE}id/tower/v1.2"]  # the second has several pages
DESCRIPTIONS = [
    "DESCRIBE <{0}>",
    "BASE <{0}> DESCRIBE <>",
    "describe ?x where {{ VALUES ?x {{ <{0}> }} }}",
    "DESCRIBE * {{ BIND(<{0}> AS ?x) }} LIMIT 1",
    "PREFIX a: <http://a/>\n# a comment\nDESCRIBE # another\n ?x a:nothing WHERE {{ BIND(<{0}> AS ?x) }}",
    "DESCRIBE ?x {{}} VALUES ?x {{ <{0}> 'text' }}",
]


def triples(data: bytes) -> set[ox.Triple]:
    return {cast("ox.Quad", quad).triple for quad in ox.parse(data, format=ox.RdfFormat.N_TRIPLES)}


def get(client: FlaskClient, path: str, /, **parameters: str) -> bytes:
    response = client.get(f"{path}?{urlencode(parameters)}", headers=N_TRIPLES)
    assert response.status_code == 200, response.text
    return bytes(response.data)


def graph(release: Release, name: str | None) -> set[ox.Triple]:
    node = ox.NamedNode(name) if name else ox.DefaultGraph()
    return {quad.triple for quad in release.open_store().quads_for_pattern(None, None, None, node)}


def test_every_graph_is_in_the_store(client: FlaskClient, lights: Release) -> None:
    assert triples(get(client, "/store", default="")) == graph(lights, None)
    assert len(lights.manifest.counts.graphs) == 3
    for name in lights.manifest.counts.graphs:
        assert triples(get(client, "/store", graph=name)) == graph(lights, name)


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda f: str(f.extension))
def test_the_catalog_is_found_by_its_name(client: FlaskClient, lights: Release, format_: Format) -> None:
    parameters = {"graph": lights.manifest.catalog_graph, "format": format_.extension}
    response = client.get("/store?" + urlencode(parameters))
    assert (response.status_code, response.mimetype) == (200, format_.media_type)
    found = {cast("ox.Quad", quad).triple for quad in ox.parse(response.data, format=format_.rdf)}
    assert found == set(lights.catalog())
    page = client.get("/store?" + urlencode({"graph": parameters["graph"]}), headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["Location"]) == (303, "/catalog")


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda f: str(f.extension))
def test_a_graph_in_every_format(client: FlaskClient, lights: Release, format_: Format) -> None:
    name = GRAPHS["vocabulary"]
    response = client.get("/store?" + urlencode({"graph": name, "format": format_.extension}))
    assert (response.status_code, response.mimetype) == (200, format_.media_type)
    quads = [quad for quad in ox.parse(response.data, format=format_.rdf) if isinstance(quad, ox.Quad)]
    assert {quad.triple for quad in quads} == graph(lights, name)
    by_accept = client.get("/store?" + urlencode({"graph": name}), headers={"Accept": format_.media_type})
    assert by_accept.data == response.data
    tag = {"If-None-Match": response.headers["ETag"]}
    assert (
        client.get("/store?" + urlencode({"graph": name, "format": format_.extension}), headers=tag).status_code == 304
    )


@pytest.mark.parametrize(
    ("method", "parameters", "status"),
    [
        ("GET", "", 400),
        ("GET", "default&graph=http://x/", 400),
        ("GET", "graph=http://x/&graph=http://y/", 400),
        ("GET", "graph=%FF", 400),
        ("GET", "graph=http://x/", 404),
        ("GET", "graph=", 404),
        ("GET", "graph=file:///etc/passwd", 404),
        ("GET", "default&format=exe", 406),
        ("PUT", "default", 405),
        ("POST", "default", 405),
        ("DELETE", "default", 405),
        ("PATCH", "default", 405),
    ],
)
def test_store_refusals(client: FlaskClient, method: str, parameters: str, status: int) -> None:
    response = client.open("/store?" + parameters, method=method)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")


def test_head_and_page_of_a_graph(client: FlaskClient) -> None:
    head, whole = client.head("/store?default"), client.get("/store?default")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", whole.headers["ETag"])
    assert int(head.headers["Content-Length"]) == len(whole.data)
    page = client.get("/store?" + urlencode({"graph": GRAPHS["shapes"]}), headers={"Accept": "text/html"})
    assert page.text.count("<tr>") > 10


def test_every_named_graph_dereferences(client: FlaskClient, lights: Release) -> None:
    for name in (*lights.manifest.counts.graphs, lights.manifest.catalog_graph):
        response = client.get("/" + name.removeprefix(BASE), headers=N_TRIPLES, follow_redirects=True)
        assert response.status_code == 200
        assert triples(response.data)
    bare = client.get("/id/graph/survey")  # nothing speaks of it
    assert (bare.status_code, bare.headers["Location"]) == (303, "/store?" + urlencode({"graph": GRAPHS["data"]}))
    links = ", ".join(client.get("/doc?" + urlencode({"iri": GRAPHS["vocabulary"]})).headers.getlist("Link"))
    assert f'</store?{urlencode({"graph": GRAPHS["vocabulary"]})}>; rel="related"' in links


@pytest.mark.parametrize("query", DESCRIPTIONS)
@pytest.mark.parametrize("iri", TOWERS)
def test_describe_gives_the_document(client: FlaskClient, query: str, iri: str) -> None:
    document = {*described(triples(get(client, "/doc", iri=iri)))}
    assert len(document) > 20
    assert triples(get(client, "/sparql", query=query.format(iri))) == document


def test_describe_several(client: FlaskClient) -> None:
    documents = [{*described(triples(get(client, "/doc", iri=iri)))} for iri in TOWERS]
    both = get(client, "/sparql", query=f"DESCRIBE <{TOWERS[0]}> <{TOWERS[1]}>")
    assert triples(both) == documents[0] | documents[1]
    assert get(client, "/sparql", query="DESCRIBE <urn:nothing>") == b""
    some = get(client, "/sparql", query=f"DESCRIBE ?t {{ ?t <{TERMS}height> ?h }}")
    assert documents[0] <= triples(some)


def test_describe_within_a_dataset(client: FlaskClient, lights: Release) -> None:
    """DESCRIBE with a dataset of its own gives the triples of that dataset."""
    name, query = GRAPHS["data"], f"DESCRIBE <{TOWERS[0]}>"
    own = {triple for triple in graph(lights, name) if triple.subject == ox.NamedNode(TOWERS[0])}
    assert own
    assert triples(get(client, "/sparql", query=f"{query} FROM <{name}>")) == own
    assert triples(get(client, "/sparql", query=query, **{"default-graph-uri": name})) == own


@pytest.mark.parametrize(
    "query",
    [
        "CONSTRUCT { ?s ?p 'describe' } WHERE { ?s ?p ?o }",
        "SELECT ?describe { ?describe ?p ?o }",
        "DESCRIBE <a> FROM <b>",
        "DESCRIBE ?x FROM NAMED <b> { ?x ?p ?o }",
        "PREFIX describe: <http://x/> ASK { describe:a ?p ?o }",
        "# DESCRIBE <a>\nSELECT * { ?s ?p ?o }",
    ],
)
def test_not_to_be_taken_apart(query: str) -> None:
    assert describe_to_selects(query) is None


def test_taken_apart() -> None:
    prologue = "BASE <http://x/> PREFIX e.f: <y#> # DESCRIBE\n"
    assert describe_to_selects(f"{prologue}describe e.f:a <b> ?v # of all\n {{ ?v ?p ?o }} LIMIT 2") == [
        f"{prologue}SELECT (e.f:a AS ?d0) (<b> AS ?d1) {{}}",
        f"{prologue}SELECT ?v  # of all\n {{ ?v ?p ?o }} LIMIT 2",
    ]
    assert describe_to_selects("DESCRIBE * { ?v ?p ?o }") == ["SELECT *  { ?v ?p ?o }"]
    assert describe_to_selects("DESCRIBE \\u003Chttp://x/a>") == ["SELECT (<http://x/a> AS ?d0) {}"]


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda f: str(f.extension))
def test_the_service_is_described_in_every_format(client: FlaskClient, format_: Format) -> None:
    response = client.get("/sparql", headers={"Accept": format_.media_type})
    assert (response.status_code, response.mimetype) == (200, format_.media_type)
    assert client.get(f"/sparql?format={format_.extension}").data == response.data
    quads = [quad for quad in ox.parse(response.data, format=format_.rdf) if isinstance(quad, ox.Quad)]
    reference = rdflib.Graph().parse(data=client.get("/sparql?format=ttl").data, format="turtle")
    text = ox.serialize((quad.triple for quad in quads), format=ox.RdfFormat.N_TRIPLES)
    assert isomorphic(rdflib.Graph().parse(data=text or b"", format="nt"), reference)


def test_the_service_is_described_as_it_is(client: FlaskClient, lights: Release) -> None:
    data = client.get("/sparql", headers={"Accept": "text/turtle"}).data
    graph = rdflib.Graph().parse(data=data, format="turtle")
    sd, endpoint = rdflib.Namespace(SD), rdflib.URIRef(BASE + "sparql")
    assert graph.value(endpoint, sd.endpoint) == endpoint
    assert len(set(graph.objects(endpoint, sd.resultFormat))) == 10
    assert len(set(graph.objects(endpoint, sd.extensionFunction))) == 10
    dataset = graph.value(endpoint, sd.defaultDataset)
    triples = rdflib.URIRef(VOID + "triples")
    default = graph.value(dataset, sd.defaultGraph)
    assert int(cast("rdflib.Literal", graph.value(default, triples))) == lights.manifest.counts.triples
    counts = {
        str(graph.value(named, sd.name)): int(
            cast("rdflib.Literal", graph.value(graph.value(named, sd.graph), triples))
        )
        for named in graph.objects(dataset, sd.namedGraph)
    }
    assert counts == lights.manifest.counts.graphs
    page = client.get("/sparql", headers={"Accept": "text/html"}).text
    for expected in ("SPARQL 1.1", f"{QUERY_SECONDS:g} seconds", "N-Quads", GRAPHS["shapes"], "Default graph"):
        assert expected in page
