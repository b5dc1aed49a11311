"""Which queries ask another endpoint, and which only have the word."""

from __future__ import annotations

import pytest

from server.guard import asks_elsewhere

ASKING = [
    "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }",
    "select * { service silent ?where { ?s ?p ?o } }",
    "ASK { { SELECT ?s { OPTIONAL { SeRvIcE <http://x/> { ?s ?p ?o } } } } }",
    "SELECT * { \\u0053ERVICE <http://x/> { ?s ?p ?o } }",
    "SELECT * { FILTER NOT EXISTS { SERVICE <http://x/> { ?s ?p ?o } } }",
    "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE # <\n <http://x/> { ?s ?p ?o } }",
    "PREFIX e: <http://x/> SELECT * { ?a ?b ?c MINUS { SERVICE e:x { ?s ?p ?o } } }",
    'SELECT * { ?s ?p "}" . SERVICE <http://x/> { ?s ?p ?o } }',
]
INNOCENT = [
    "SELECT * { ?s ?p ?o }",
    "SELECT * { ?s ?p 'SERVICE <http://x/> { ?s ?p ?o }' }",
    "SELECT * { ?s ?p ?o } # SERVICE <http://x/> { ?s ?p ?o }",
    "PREFIX service: <http://x/service#> SELECT * { ?s service:service ?service }",
    'SELECT * { ?s ?p """ { SERVICE <http://x/> { } } """ }',
    "SELECT * { ?s <http://x/SERVICE> ?o }",
    "SELECT * { ?s ?p '\\u0053ERVICE' }",
    "SELECT * { this is no SPARQL 'service' ",
]


def test_all_cases_are_there() -> None:
    assert (len(ASKING), len(INNOCENT)) == (8, 8)


@pytest.mark.parametrize("query", ASKING)
def test_asking(query: str) -> None:
    assert asks_elsewhere(query)


@pytest.mark.parametrize("query", INNOCENT)
def test_innocent(query: str) -> None:
    assert not asks_elsewhere(query)


def test_deep_nesting_is_no_danger() -> None:
    depth = 2000
    assert asks_elsewhere("SELECT * " + "{" * depth + "SERVICE <http://x/> { }" + "}" * depth)
