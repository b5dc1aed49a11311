"""What the W3C's tests of the protocol and of the service description ask for, name by name, over this dataset.

The suites say in words what is to be sent (https://www.w3.org/2009/sparql/docs/tests/); updates are refused here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

import pytest
import rdflib

from core.namespaces import SD
from tests.server.conftest import BASE, GRAPHS, TERMS

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from release.reader import Release

FORM, QUERY, UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
TOWER = f"<{BASE}id/tower/roter-sand>"
HEIGHT, CLASS = f"{TOWER} <{TERMS}height> 52.5", f"<{TERMS}Lighthouse> a ?class"
DEFAULT = "default-graph-uri"
NAMED = "named-graph-uri"
DATA, WORDS = GRAPHS["data"], GRAPHS["vocabulary"]
BOTH = f"ASK {{ {HEIGHT} . {CLASS} }}"
IN_NAMED = f"ASK {{ GRAPH <{DATA}> {{ {HEIGHT} }} GRAPH <{WORDS}> {{ {CLASS} }} FILTER NOT EXISTS {{ ?s ?p ?o }} }}"
FULL = f"ASK {{ {HEIGHT} FILTER NOT EXISTS {{ {CLASS} }} GRAPH <{WORDS}> {{ {CLASS} }} }}"
OVER = f"ASK FROM <{WORDS}> {{ {HEIGHT} FILTER NOT EXISTS {{ {CLASS} }} }}"
INSERT = "INSERT DATA { <urn:s> <urn:p> <urn:o> }"
RESULTS = {"application/sparql-results+json", "application/sparql-results+xml"}
ROWS = RESULTS | {"text/csv", "text/tab-separated-values"}
GRAPH = {"text/turtle", "application/rdf+xml", "application/n-triples"}


class Case(NamedTuple):
    """A request, the status of its answer, and of which media types one is expected; true: an ASK that holds."""

    name: str
    method: str
    parameters: dict[str, object]
    body: bytes | None
    content_type: str | None
    status: int
    media_types: set[str] | None = None


def form(**fields: object) -> bytes:
    return urlencode(fields, doseq=True).encode()


CASES = [
    Case("query_post_form", "POST", {}, form(query="ASK {}"), FORM, 200, RESULTS),
    Case("query_dataset_default_graphs_get", "GET", {"query": BOTH, DEFAULT: [DATA, WORDS]}, None, None, 200, RESULTS),
    Case(
        "query_dataset_default_graphs_post",
        "POST",
        {},
        form(**{"query": BOTH, DEFAULT: [DATA, WORDS]}),
        FORM,
        200,
        RESULTS,
    ),
    Case(
        "query_dataset_named_graphs_post",
        "POST",
        {},
        form(**{"query": IN_NAMED, NAMED: [DATA, WORDS]}),
        FORM,
        200,
        RESULTS,
    ),
    Case("query_dataset_named_graphs_get", "GET", {"query": IN_NAMED, NAMED: [DATA, WORDS]}, None, None, 200, RESULTS),
    Case("query_dataset_full", "POST", {}, form(**{"query": FULL, DEFAULT: DATA, NAMED: WORDS}), FORM, 200, RESULTS),
    Case("query_multiple_dataset", "POST", {}, form(**{"query": OVER, DEFAULT: DATA}), FORM, 200, RESULTS),
    Case("query_get", "GET", {"query": "ASK {}"}, None, None, 200, RESULTS),
    Case("query_content_type_select", "GET", {"query": "SELECT (1 AS ?x) {}"}, None, None, 200, ROWS),
    Case("query_content_type_ask", "GET", {"query": "ASK {}"}, None, None, 200, RESULTS),
    Case("query_content_type_describe", "GET", {"query": f"DESCRIBE {TOWER}"}, None, None, 200, GRAPH),
    Case("query_content_type_construct", "GET", {"query": "CONSTRUCT { <urn:s> a 1 } {}"}, None, None, 200, GRAPH),
    Case("update_dataset_default_graph", "POST", {}, form(**{"update": INSERT, "using-graph-uri": DATA}), FORM, 403),
    Case("update_dataset_default_graphs", "POST", {"using-graph-uri": [DATA, WORDS]}, INSERT.encode(), UPDATE, 403),
    Case("update_dataset_named_graphs", "POST", {"using-named-graph-uri": DATA}, INSERT.encode(), UPDATE, 403),
    Case("update_dataset_full", "POST", {"using-graph-uri": DATA}, form(update=INSERT), FORM, 403),
    Case("update_post_form", "POST", {}, form(update=INSERT), FORM, 403),
    Case("update_post_direct", "POST", {}, INSERT.encode(), UPDATE, 403),
    Case("update_base_uri", "POST", {}, b"CLEAR GRAPH <x>", UPDATE, 403),
    Case("query_post_direct", "POST", {}, b"ASK {}", QUERY, 200, RESULTS),
    Case("bad_query_method", "PUT", {"query": "ASK {}"}, None, None, 405),
    Case("bad_multiple_queries", "GET", {"query": ["ASK {}", "SELECT * {}"]}, None, None, 400),
    Case("bad_query_wrong_media_type", "POST", {}, b"ASK {}", "text/plain", 415),
    Case("bad_query_missing_form_type", "POST", {}, form(query="ASK {}"), None, 415),
    Case("bad_query_missing_direct_type", "POST", {}, b"ASK {}", None, 415),
    Case("bad_query_non_utf8", "POST", {}, "ASK {}".encode("utf-16"), f"{QUERY}; charset=UTF-16", 415),
    Case("bad_query_syntax", "GET", {"query": "ASK {"}, None, None, 400),
    Case("bad_update_get", "GET", {"update": "CLEAR ALL"}, None, None, 403),
    Case("bad_multiple_updates", "POST", {}, form(update=["CLEAR ALL", "CLEAR ALL"]), FORM, 403),
    Case("bad_update_wrong_media_type", "POST", {}, b"CLEAR NAMED", "text/plain", 415),
    Case("bad_update_missing_form_type", "POST", {}, form(update="CLEAR NAMED"), None, 415),
    Case("bad_update_non_utf8", "POST", {}, "CLEAR NAMED".encode("utf-16"), f"{UPDATE}; charset=UTF-16", 403),
    Case("bad_update_syntax", "POST", {}, form(update="CLEAR XYZ"), FORM, 403),
    Case(
        "bad_update_dataset_conflict", "POST", {"using-graph-uri": DATA}, b"DELETE {} USING <x> WHERE {}", UPDATE, 403
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_protocol(client: FlaskClient, case: Case) -> None:
    address = f"/sparql?{urlencode(case.parameters, doseq=True)}" if case.parameters else "/sparql"
    response = client.open(address, method=case.method, data=case.body, content_type=case.content_type)
    assert response.status_code == case.status, response.text
    if case.media_types is None:
        assert response.mimetype == "application/problem+json"
        return
    assert response.mimetype in case.media_types
    query = str(case.parameters.get("query", "ASK")) if case.body is None else "ASK"
    if query.startswith("ASK"):
        assert response.get_json(force=True)["boolean"] is True
    else:
        assert response.data


@pytest.mark.parametrize("address", ["/sparql", "http://other.example:8080/sparql"])
def test_the_service_description(client: FlaskClient, address: str) -> None:
    """returns-rdf, has-endpoint-triple and conforms-to-schema, under the name of the base and under another one."""
    asked = address if "://" in address else f"{BASE}sparql"
    response = client.get(asked, headers={"Accept": "text/turtle"})
    graph = rdflib.Graph().parse(data=response.data, format="turtle")
    sd = rdflib.Namespace(SD)
    [service] = graph.subjects(rdflib.RDF.type, sd.Service)
    assert {rdflib.URIRef(f"{BASE}sparql"), rdflib.URIRef(asked)} == set(graph.objects(service, sd.endpoint))
    for predicate, class_ in (
        (sd.defaultDataset, sd.Dataset),
        (sd.extensionFunction, sd.Function),
        (sd.propertyFeature, sd.Feature),
    ):
        for value in graph.objects(service, predicate):
            assert (value, rdflib.RDF.type, class_) in graph
    assert list(graph.objects(service, sd.propertyFeature)) == [rdflib.URIRef("http://jena.apache.org/text#query")]
    for dataset in graph.objects(service, sd.defaultDataset):
        [default] = graph.objects(dataset, sd.defaultGraph)
        assert (default, rdflib.RDF.type, sd.Graph) in graph
        for named in graph.objects(dataset, sd.namedGraph):
            assert (named, rdflib.RDF.type, sd.NamedGraph) in graph
            assert len(list(graph.objects(named, sd.name))) == 1
            assert len(list(graph.objects(named, sd.graph))) == 1
    languages = {sd.SPARQL10Query, sd.SPARQL11Query, sd.SPARQL11Update}
    assert set(graph.objects(service, sd.supportedLanguage)) <= languages
    assert set(graph.objects(service, sd.feature)) <= {
        sd.DereferencesURIs,
        sd.UnionDefaultGraph,
        sd.RequiresDataset,
        sd.EmptyGraphs,
        sd.BasicFederatedQuery,
    }


def test_a_release_at_its_own_address_describes_the_endpoint_there(client: FlaskClient, lights: Release) -> None:
    own = f"{BASE}release/{lights.id}/sparql"
    response = client.get(own, headers={"Accept": "text/turtle"})
    graph = rdflib.Graph().parse(data=response.data, format="turtle")
    assert set(graph.objects(None, rdflib.Namespace(SD).endpoint)) == {rdflib.URIRef(own)}
