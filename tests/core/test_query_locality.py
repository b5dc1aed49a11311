"""Queries and random edits of small data: what a query that found nothing finds is about the subjects that came."""

from __future__ import annotations

import random

import pyoxigraph as ox
import pytest

from core.query_locality import read_exclusions
from tests.core.test_query_relevance import NODES, PROPERTIES, TYPE, VALUES, rows, triple

LOCAL = {
    "one pattern": "?this <urn:p> ?x",
    "star": "?this <urn:p> ?x ; a <urn:A>",
    "values": "VALUES ?r { <urn:p> <urn:q> } ?this ?r ?x ; a <urn:A>",
    "minus": "?this <urn:p> ?x MINUS { ?this a <urn:A> }",
    "minus of others": "?this <urn:p> ?x MINUS { SELECT DISTINCT ?x WHERE { ?y <urn:q> ?x ; a <urn:A> } }",
    "not exists": "?this <urn:p> ?x FILTER NOT EXISTS { ?x <urn:q>|a ?y } FILTER(?x != 1)",
    "not exists over a path": "?this <urn:p> ?x FILTER NOT EXISTS { ?x <urn:q>/<urn:r> ?y }",
    "union": "{ ?this <urn:p> ?x } UNION { ?x <urn:q> ?this } MINUS { ?this a ?z }",
    "groups": "{ SELECT ?x (SAMPLE(?any) AS ?this) { ?any <urn:p> ?x } GROUP BY ?x } FILTER NOT EXISTS { ?x a ?y }",
    "terms": "{ SELECT ?x { { ?y ?x ?z } UNION { ?y a ?x } } GROUP BY ?x } MINUS { ?z a ?x } FILTER(?x != <urn:r>)",
    "languages": "?this <urn:p> ?x BIND(LANG(?x) AS ?y) MINUS { ?z <urn:q> ?o BIND(LANG(?o) AS ?y) }",
    "same names within": "{ SELECT ?this WHERE { ?this <urn:p> ?x } } MINUS { ?x <urn:q> ?this }",
}
NOT_LOCAL = {
    "two subjects": "?this <urn:p> ?x . ?x <urn:q> ?y",
    "joined queries": "{ SELECT ?x { ?this <urn:p> ?x } } { SELECT ?x ?this { ?this <urn:q> ?x } }",
    "subject and its like": "<urn:n1> <urn:p> ?x . ?this <urn:p> ?y",
    "path": "?this <urn:p>/<urn:q> ?x",
    "repeated path": "?this <urn:p>+ ?x",
    "inverse path": "?this <urn:p>|^<urn:q> ?x",
    "optional": "?this <urn:p> ?x OPTIONAL { ?this <urn:q> ?y }",
    "having": "{ SELECT ?x (SAMPLE(?any) AS ?this) { ?any <urn:p> ?x } GROUP BY ?x HAVING (COUNT(*) > 1) }",
    "counted": "{ SELECT ?this (COUNT(?any) AS ?x) { ?any <urn:p> ?this } GROUP BY ?this } FILTER(?x > 1)",
    "counted and bound": "{ SELECT (MIN(?o) AS ?x) { ?s <urn:p> ?o } GROUP BY ?s } BIND(?x AS ?y) FILTER(?y = 1)",
    "sample taken away": "{ SELECT (SAMPLE(?s) AS ?this) { ?s <urn:p> ?o } GROUP BY ?o } MINUS { ?this a <urn:A> }",
    "all in one group": "{ SELECT (COUNT(?o) AS ?x) { ?s <urn:p> ?o } }",
    "first": "{ SELECT ?this { ?this <urn:p> ?x } LIMIT 1 } MINUS { ?this a <urn:A> }",
    "exists": "?this <urn:p> ?x FILTER EXISTS { ?x <urn:q> ?y }",
    "not exists or": "?this <urn:p> ?x FILTER(?x = 1 || NOT EXISTS { ?x <urn:q> ?y })",
    "exists in BIND": "?this <urn:p> ?x BIND(EXISTS { ?x <urn:q> ?this } AS ?y)",
    "taken away but": "?this <urn:p> ?x MINUS { ?this a ?y MINUS { ?y a <urn:A> } }",
    "taken away unless": "?this <urn:p> ?x MINUS { ?this a ?y FILTER NOT EXISTS { ?y a <urn:A> } }",
    "any triple taken away": "?this <urn:p> ?x MINUS { ?y ?z ?x }",
    "graph": "GRAPH ?g { ?this <urn:p> ?x }",
    "now": "?this <urn:p> ?x FILTER(?x < NOW())",
}


def select(pattern: str) -> str:
    return f"SELECT ?this ?x ?y WHERE {{ {pattern} }}"


@pytest.mark.parametrize("name", LOCAL)
def test_what_a_local_query_finds_is_about_the_subjects_that_came(name: str) -> None:
    query = select(LOCAL[name])
    exclusions = read_exclusions(query)
    assert exclusions is not None
    randomly = random.Random(name)  # noqa: S311 - edits, not secrets
    tried = found = nothing = 0
    while tried < 150:
        drawn = dict.fromkeys(_line(randomly) for _ in range(randomly.randrange(12)))  # in an order that stays
        lines = set(drawn)
        edited = {line for line in drawn if randomly.random() < 0.9} | {_line(randomly) for _ in range(2)}
        if rows(_store(lines), query):
            continue
        gone = [(subject.encode(), predicate.encode(), value.encode()) for subject, predicate, value in lines - edited]
        if any(pattern.matches(row) for row in gone for pattern in exclusions):
            continue
        tried += 1
        come = {subject for subject, _, _ in edited - lines}
        nearby = {
            line
            for line in edited
            for subject, predicate, value in [tuple(term.encode() for term in line)]
            if line[0] in come or any(pattern.matches((subject, predicate, value)) for pattern in exclusions)
        }
        near, everywhere = rows(_store(nearby), query), rows(_store(edited), query)
        assert bool(near) == bool(everywhere), (lines, edited)
        found += bool(near)
        nothing += not near
    assert found
    assert nothing, found


@pytest.mark.parametrize("name", NOT_LOCAL)
def test_what_is_not_local(name: str) -> None:
    assert read_exclusions(select(NOT_LOCAL[name])) is None


def _line(randomly: random.Random) -> tuple[str, str, str]:
    return randomly.choice(NODES), randomly.choice([*PROPERTIES, TYPE]), randomly.choice(VALUES)


def _store(lines: set[tuple[str, str, str]]) -> ox.Store:
    store = ox.Store()
    store.extend(map(triple, lines))
    return store
