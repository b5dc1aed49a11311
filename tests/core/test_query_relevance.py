"""Queries and random edits of small data: where a result changes, a triple that came or went concerns the stars."""

from __future__ import annotations

import random

import pyoxigraph as ox
import pytest

from core.evaluation import execute
from core.query_relevance import read_stars
from core.stars import concerns

TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
NODES = [f"<urn:n{number}>" for number in range(5)]
PROPERTIES = ["<urn:p>", "<urn:q>", "<urn:r>", TYPE]
VALUES = [*NODES, '"1"', '"a"@en', '"01"^^<http://www.w3.org/2001/XMLSchema#integer>', "<urn:A>", "<urn:B>"]

QUERIES = {
    "joined": "?this <urn:p> ?x ; <urn:q> ?y . ?y a <urn:A>",
    "values": "VALUES ?c { <urn:A> <urn:B> } VALUES ?r { <urn:p> <urn:q> } ?this a ?c ; ?r ?x",
    "optional": "?this <urn:p> ?x OPTIONAL { ?x <urn:q> ?y ; <urn:r> ?z }",
    "optional that undoes a join": "{ ?this <urn:p> ?x OPTIONAL { ?this <urn:q> ?y } } ?y <urn:r> ?z",
    "optional with a condition": "?this <urn:p> ?x OPTIONAL { ?x <urn:q> ?y FILTER EXISTS { ?this <urn:r> ?y } }",
    "exists": "?this a <urn:A> FILTER NOT EXISTS { ?this <urn:p> ?y . ?y <urn:q> ?z }",
    "exists about what is optional": "?this <urn:p> ?x OPTIONAL { ?this <urn:q> ?y } FILTER EXISTS { ?y <urn:r> ?z }",
    "exists in BIND": "?this <urn:p> ?x BIND(EXISTS { ?x <urn:q> ?this } AS ?y)",
    "minus": "?this <urn:p> ?x MINUS { ?this <urn:q> ?x ; a <urn:A> }",
    "minus before a join": "{ ?this <urn:p> ?x MINUS { ?x <urn:q> ?y } } ?this <urn:r> ?z",
    "union": "{ ?this <urn:p> ?x } UNION { ?this <urn:q> ?x ; <urn:r> ?y } ?this a <urn:A>",
    "any property": "?this ?r ?x . ?x a <urn:A>",
    "same names within": "?this <urn:p> ?x { SELECT ?this WHERE { ?this <urn:q> ?y . ?x a <urn:B> } }",
    "groups": "{ SELECT ?this (COUNT(?x) AS ?y) WHERE { ?this <urn:p> ?x } GROUP BY ?this } ?this a <urn:A>",
    "having": "{ SELECT ?x (MIN(?any) AS ?this) WHERE { ?any <urn:p> ?x } GROUP BY ?x HAVING (COUNT(*) > 1) }",
    "paths": "?this <urn:p>|^<urn:q> ?x . ?x <urn:r>/<urn:p> ?y",
    "repeated path": "?this <urn:p>+ ?x . ?x a <urn:A>",
    "other properties": "?this !(<urn:p>|^<urn:q>) ?x . ?this a <urn:A>",
    "constants": "<urn:n1> <urn:p> ?x . ?this <urn:q> <urn:n1> , 1",
    "literal": '?this <urn:p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> ; <urn:q> ?x',
    "first": "{ SELECT ?this WHERE { ?this <urn:p> ?x } ORDER BY ?this LIMIT 2 } ?this a <urn:A>",
    "values of some": "VALUES (?this ?c) { (UNDEF <urn:A>) (<urn:n1> UNDEF) } ?this a ?c",
}


def rows(store: ox.Store, query: str) -> list[str]:
    found = execute(store, query)
    assert isinstance(found, ox.QuerySolutions)
    return sorted(map(str, found))


def triple(line: tuple[str, str, str]) -> ox.Quad:
    quad: ox.Quad = next(iter(ox.parse(f"{' '.join(line)} .".encode(), ox.RdfFormat.N_TRIPLES)))
    return quad


@pytest.mark.parametrize("name", QUERIES)
def test_what_changes_a_result_concerns_the_query(name: str) -> None:
    query = f"SELECT ?this ?x ?y ?z WHERE {{ {QUERIES[name]} }}"
    stars = read_stars(query)
    assert stars is not None
    randomly = random.Random(name)  # noqa: S311 - edits, not secrets
    changes = unconcerned = 0
    for _ in range(400):
        drawn = [
            (randomly.choice(NODES), randomly.choice(PROPERTIES), randomly.choice(VALUES))
            for _ in range(randomly.randrange(4, 16))
        ]
        lines = set(drawn)
        edited = {line for line in dict.fromkeys(drawn) if randomly.random() < 0.8}  # in an order that stays
        edited.add((randomly.choice(NODES), randomly.choice(PROPERTIES), randomly.choice(VALUES)))
        before, after = ox.Store(), ox.Store()
        before.extend(map(triple, lines))
        after.extend(map(triple, edited))
        concerned = any(
            concerns(stars, _encoded(line), [_encoded(other) for other in beside if other[0] == line[0]])
            for one, beside in ((lines - edited, lines), (edited - lines, edited))
            for line in one
        )
        changed = rows(before, query) != rows(after, query)
        assert concerned or not changed, (lines, edited)
        changes += changed
        unconcerned += not concerned
    assert changes
    assert unconcerned or name in {"any property", "first", "groups", "having"}


def _encoded(line: tuple[str, str, str]) -> tuple[bytes, bytes, bytes]:
    subject, predicate, value = (term.encode() for term in line)
    return subject, predicate, value


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * WHERE { ?this <urn:p>* ?x }",
        "SELECT * WHERE { ?this <urn:p> ?x FILTER(?x > NOW()) }",
        "SELECT * WHERE { ?this <urn:p> ?x FILTER(<urn:f>(?x)) }",
        "SELECT * WHERE { GRAPH ?g { ?this <urn:p> ?x } }",
        "SELECT * FROM <urn:g> WHERE { ?this <urn:p> ?x }",
        "SELECT * WHERE { SERVICE <urn:s> { ?this <urn:p> ?x } }",
        "SELECT * WHERE { ?this <urn:p> }",
    ],
)
def test_what_depends_on_something_else_has_no_stars(query: str) -> None:
    assert read_stars(query) is None


def test_a_star_has_the_patterns_of_one_subject() -> None:
    stars = read_stars("SELECT * WHERE { ?this a <urn:A> ; <urn:p> ?x . ?x <urn:q> ?y }")
    assert stars is not None
    node, value, own = b"<urn:n>", b'"1"', (b"<urn:n>", TYPE.encode(), b"<urn:A>")
    assert not concerns(stars, own, [own])
    assert concerns(stars, own, [own, (node, b"<urn:p>", value)])
    assert not concerns(stars, (node, b"<urn:p>", value), [(node, b"<urn:p>", value)])
    assert concerns(stars, (node, b"<urn:q>", value), [])
