"""The graphs that queries name: in go queries in every way of writing IRIs, out comes whether they name one graph."""

from __future__ import annotations

import pytest

from core.query_graphs import names_graph
from tests.growth import assert_linear

BASE = "http://x.example/"
GRAPH = f"{BASE}catalog"
NAMING = [
    "SELECT * FROM <http://x.example/catalog> { ?s ?p ?o }",
    "select * from named <http://x.example/catalog> where { graph ?g { ?s ?p ?o } }",
    f"ASK {{ GRAPH <{GRAPH}> {{}} }}",
    f"ASK {{GRAPH<{GRAPH}>{{}}}}",
    f"ASK {{ {{ SELECT ?x {{ FILTER NOT EXISTS {{ GRAPH # here\n <{GRAPH}> {{ ?x a ?y }} }} }} }} }}",
    "ASK { GRAPH <catalog> {} }",
    "BASE <http://x.example/a/b> ASK { GRAPH <../catalog> {} }",
    "BASE <http://other.example/> BASE <//x.example/> ASK { GRAPH <catalog> {} }",
    "PREFIX x: <http://x.example/cata> ASK { GRAPH x:log {} }",
    "PREFIX : <> ASK { GRAPH :catalog {} }",
    "PREFIX : <catalog> DESCRIBE ?x FROM : { ?x ?p ?o }",
    "PREFIX a: <http://other.example/> PREFIX a: <http://x.example/> ASK FROM a:b FROM NAMED a:catalog {}",
    "ASK { GRAPH own:catalog {} }",
    "ASK { GRAPH \\u003Ccatalog> {} }",
    "ASK { \\u0047RAPH <c\\u0061talog> {} }",
]
NOT_NAMING = [
    "SELECT * { GRAPH ?g { ?s ?p ?o } }",
    "SELECT * { ?s ?p ?o }",
    f"SELECT * {{ <{GRAPH}> ?p ?o . GRAPH ?g {{ ?s ?p ?o }} }}",
    f"SELECT * {{ VALUES ?g {{ <{GRAPH}> }} GRAPH ?g {{ ?s ?p ?o }} }}",
    f"SELECT * {{ GRAPH ?g {{ ?s ?p 'GRAPH <{GRAPH}>' }} }}",
    "SELECT * { GRAPH ?g { ?s ?p ?o } } # FROM <http://x.example/catalog>",
    f"SELECT * {{ GRAPH <{GRAPH}s> {{}} }}",
    f"PREFIX FROM: <{BASE}> SELECT * {{ ?s FROM:catalog ?o . GRAPH ?g {{ ?s ?p ?o }} }}",
    f"PREFIX x: <{GRAPH}> SELECT * {{ GRAPH ?g {{ ?s a x: }} }}",
    "ASK { GRAPH none:catalog {} }",
    "ASK { GRAPH <//[> {} }",
    "GRAPH",
    "",
]


@pytest.mark.parametrize("query", NAMING)
def test_named(query: str) -> None:
    assert names_graph(query, (GRAPH,), BASE, {"own": BASE})


@pytest.mark.parametrize("query", NOT_NAMING)
def test_not_named(query: str) -> None:
    assert not names_graph(query, (GRAPH,), BASE, {"own": BASE})


@pytest.mark.parametrize("part", ["GRAPH <", "FROM <a> ", "GRAPH a:b ", "PREFIX a: <b> ", "BASE <a/> ", "\\u0047RAPH"])
def test_a_long_query_takes_linear_time(part: str) -> None:
    def query(length: int) -> str:
        prologue = f"BASE <b/> PREFIX a: <{'a' * (length // 2)}> FROM "
        return prologue + part * (length // (2 * len(part)))

    assert_linear(lambda text: names_graph(text, (GRAPH,), BASE, {}), query, 1 << 19)
