"""Which queries ask another endpoint, and which only have the word."""

from __future__ import annotations

import pytest

from core.lexer import tokenize
from server.query.guard import has_service_pattern

ASKING = [
    "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }",
    "select * { service silent ?where { ?s ?p ?o } }",
    "ASK { { SELECT ?s { OPTIONAL { SeRvIcE <http://x/> { ?s ?p ?o } } } } }",
    "SELECT * { \\u0053ERVICE <http://x/> { ?s ?p ?o } }",
    "SELECT * { FILTER NOT EXISTS { SERVICE <http://x/> { ?s ?p ?o } } }",
    "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE # <\n <http://x/> { ?s ?p ?o } }",
    "PREFIX e: <http://x/> SELECT * { ?a ?b ?c MINUS { SERVICE e:x { ?s ?p ?o } } }",
    'SELECT * { ?s ?p "}" . SERVICE <http://x/> { ?s ?p ?o } }',
    "SELECT * { ?s ?p true.SERVICE<http://x/>{ ?s ?p ?o } }",
    "SELECT * { ?s ?p 1.0.SERVICE?x{ ?s ?p ?o } }",
    "SELECT * { ?s ?p <<( ?a ?b ?c )>> . SERVICE <http://x/> { ?s ?p ?o } }",
    'SELECT * { ?s ?p """a"b""" SERVICE <http://x/> { ?s ?p ?o } }',
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
    "PREFIX a.b: <http://x/> SELECT * { ?s a.b:x.service ?o , 'x'@service , _:service }",
    "SELECT * { ?s ?p ?a FILTER(?a<?service&&?b>?c) }",
]


@pytest.mark.parametrize("query", ASKING)
def test_asking(query: str) -> None:
    assert has_service_pattern(query)


@pytest.mark.parametrize("query", INNOCENT)
def test_innocent(query: str) -> None:
    assert not has_service_pattern(query)


@pytest.mark.parametrize("part", ["a.", "a.a-", '"', "'", '"""', "<", "@a", ":", "x:", "\\", '"\\"', "#\n", "service."])
def test_hostile_texts_are_read_to_their_end(part: str) -> None:
    """Each was chosen to be read again and again by a careless reader, which would not come to the end of this."""
    text = part * 300_000 + " SERVICE"
    ends = [token.end for token in tokenize(text)]
    assert ends == sorted(set(ends))
    assert ends[-1] == len(text)


def test_deep_nesting_is_no_danger() -> None:
    depth = 2000
    assert has_service_pattern("SELECT * " + "{" * depth + "SERVICE <http://x/> { }" + "}" * depth)
