"""Queries that name the catalog find it, all others the dataset alone: in go queries over HTTP, out come their rows.

The rows of the dataset are compared with those of a store that holds the lines of the release and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from core.evaluation import evaluate
from core.namespaces import DCAT
from server.query.local import query_release
from tests.server.conftest import BASE, GRAPHS, TERMS

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from release.reader import Release

CATALOG = f"{BASE}catalog"
DATASET_ALONE = [
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g",
    "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
    "SELECT ?g { GRAPH ?g {} }",
    "SELECT (COUNT(*) AS ?n) { GRAPH ?g { SELECT ?s { ?s ?p ?o } } }",
    "SELECT ?g ?n { GRAPH ?g { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } } }",
    "SELECT ?n { { SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } } }",
    f"SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s a/(^a|!a)* ?o }} FILTER EXISTS {{ GRAPH ?g {{ ?x <{TERMS}height> ?y }} }}}}",
    f"SELECT ?g {{ GRAPH ?g {{}} FILTER NOT EXISTS {{ GRAPH ?g {{ ?x a <{TERMS}Lighthouse> }} }} }}",
    f"SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s <{TERMS}height>? ?s }} }}",
    "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o OPTIONAL { GRAPH ?h { ?s a ?c } } MINUS { ?o a ?x } } }",
    "SELECT ?g ?x { GRAPH ?g { VALUES ?x { 1 2 } } }",
    "SELECT DISTINCT ?p { GRAPH ?g { ?s ?p ?o } }",
    f"SELECT DISTINCT ?g {{ ?s a ?c . GRAPH ?g {{ ?s a ?c }} FILTER(?g != <{CATALOG}>) }}",
    f"ASK {{ GRAPH ?g {{ ?x a <{DCAT}Dataset> }} }}",
]


def rows(data: bytes | ox.QuerySolutions | ox.QueryBoolean) -> list[str]:
    """The rows of an answer as sorted texts, or its boolean."""
    if isinstance(data, bytes):
        data = ox.parse_query_results(data, ox.QueryResultsFormat.JSON)
    if isinstance(data, ox.QueryBoolean):
        return [str(bool(data))]
    return sorted(str([str(term) for term in row]) for row in data)


def ask(client: FlaskClient, query: str, **more: object) -> list[str]:
    response = client.get("/sparql?" + urlencode({"query": query, "format": "srj", **more}, doseq=True))
    assert response.status_code == 200, response.text
    return rows(response.data)


@pytest.fixture(scope="module")
def alone(lights: Release) -> ox.Store:
    """The dataset without anything else."""
    store = ox.Store()
    store.bulk_load(b"".join(lights.lines()), ox.RdfFormat.N_QUADS)
    return store


@pytest.mark.parametrize("query", DATASET_ALONE)
def test_the_catalog_is_no_graph_of_the_dataset(
    client: FlaskClient, lights: Release, alone: ox.Store, query: str
) -> None:
    expected = rows(cast("ox.QuerySolutions", evaluate(alone, query)))
    assert ask(client, query) == expected
    assert rows(cast("ox.QuerySolutions", query_release(lights, query))) == expected
    assert expected


COUNT_CATALOG = "SELECT (COUNT(*) AS ?n) { GRAPH <catalog> { ?s ?p ?o } }"
COUNT_NAMED = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
DATA = GRAPHS["data"]
WITH_CATALOG: list[tuple[str, dict[str, object], list[str]]] = [  # query, parameters, and what it counts
    ("SELECT (COUNT(*) AS ?n) FROM <catalog> { ?s ?p ?o }", {}, ["catalog"]),
    ("SELECT (COUNT(*) AS ?n) FROM <http://lights.example/catalog> { ?s ?p ?o }", {}, ["catalog"]),
    ("SELECT (COUNT(*) AS ?n) FROM NAMED <catalog> { GRAPH ?g { ?s ?p ?o } }", {}, ["catalog"]),
    (COUNT_CATALOG, {}, ["catalog"]),
    ("PREFIX b: <> SELECT (COUNT(*) AS ?n) { { SELECT ?s { GRAPH b:catalog { ?s ?p ?o } } } }", {}, ["catalog"]),
    (COUNT, {"default-graph-uri": CATALOG}, ["catalog"]),
    (COUNT_NAMED, {"named-graph-uri": CATALOG}, ["catalog"]),
    ("SELECT (COUNT(*) AS ?n) FROM <urn:x> { ?s ?p ?o }", {"default-graph-uri": [CATALOG]}, ["catalog"]),
    (COUNT_NAMED, {"named-graph-uri": [CATALOG, DATA]}, ["catalog", "data"]),
    ("SELECT (COUNT(*) AS ?n) FROM <catalog> FROM <id/graph/survey> { ?s ?p ?o }", {}, ["catalog", "data"]),
    ("SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH <catalog> { ?s ?p ?o } } }", {}, ["catalog", "all"]),
    ("SELECT (COUNT(*) AS ?n) FROM <catalog> { ?s ?p ?o }", {"default-graph-uri": DATA}, ["data"]),
    (COUNT_CATALOG, {"named-graph-uri": DATA}, []),
]


@pytest.mark.parametrize(("query", "parameters", "parts"), WITH_CATALOG)
def test_what_names_the_catalog_finds_it(
    client: FlaskClient, lights: Release, query: str, parameters: dict[str, object], parts: list[str]
) -> None:
    numbers = {"catalog": len(lights.catalog()), "all": lights.manifest.stored.triples}
    numbers["data"] = lights.manifest.counts.graphs[DATA]
    expected = sum(numbers[part] for part in parts)
    (row,) = ask(client, query, **parameters)
    assert f'"{expected}"' in row
    if not parameters:
        (row,) = rows(cast("ox.QuerySolutions", query_release(lights, query)))
        assert f'"{expected}"' in row


def test_what_the_catalog_describes_can_be_described(client: FlaskClient) -> None:
    query = f"DESCRIBE ?x FROM <{CATALOG}> {{ ?x a <{DCAT}Dataset> }}"
    response = client.get("/sparql?" + urlencode({"query": query, "format": "nt"}))
    assert b"<http://purl.org/dc/terms/title>" in response.data
    selected = f"DESCRIBE ?c {{ GRAPH <{BASE}schema-card> {{ ?p <http://rdfs.org/ns/void#class> ?c }} }}"
    response = client.get("/sparql?" + urlencode({"query": selected, "format": "nt"}))
    assert f"<{TERMS}Lighthouse>".encode() in response.data
