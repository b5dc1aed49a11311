"""The canonical text of queries: in go pairs of queries, out comes whether they are one; and the names of variables."""

from __future__ import annotations

import pytest

from core.canonical_query import canonical, first_constant
from tests.growth import assert_linear

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
TYPED = f"SELECT DISTINCT ?c {{ ?s <{RDF}type> ?c }}"
SAME = [
    (COUNT, "select(count( * )as?x)where{\n?a ?b ?c.}"),
    (COUNT, "# how many?\nSELECT (Count(*) AS $n) # {\r\nWHERE { $s $p $o . } # ?"),
    (COUNT, "PREFIX a: <http://a/#> prefix : <http://b/> SELECT (COUNT(*) AS ?p) { ?n ?s ?o }"),
    (TYPED, f"PREFIX rdf: <{RDF}> SELECT DISTINCT ?class WHERE {{ ?thing rdf:type ?class }}"),
    (TYPED, f"PREFIX r: <http://other/> PREFIX r:<{RDF}> SELECT DISTINCT ?class {{ ?thing r:type ?class }}"),
    (TYPED, f"PREFIX a.b: <{RDF}ty> SELECT DISTINCT ?class {{ ?thing a.b:pe ?class }}"),
    ("SELECT * { ?a ?b ?c } LIMIT 10", "select * where { $a $b $c . }\nlimit 10"),
    ("ASK { ?s ?p ?o FILTER(?o >= 1.5e3 && true) }", "ask{?s?p?o filter ( ?o>=1.5E3&&TRUE ).}"),
    ("CONSTRUCT WHERE { ?s ?p ?o }", "construct where { ?a ?b ?c . }"),
    ("ASK { VALUES ?x { <a> } }", "ask where {values $y {<a>}}"),
    ("ASK { _:a ?p [ ] }", "ASK{_:a ?q[]}"),
    ("SELECT ?a { { SELECT * { ?a ?b ?c } } }", "SELECT ?x { { SELECT * { ?x ?y ?z } } }"),
]
DIFFERENT = [
    (COUNT, "SELECT (COUNT(?s) AS ?n) { ?s ?p ?o }"),
    (COUNT, "SELECT (COUNT(*) AS ?n) { ?s ?p ?s }"),
    (COUNT, "SELECT (COUNT(*) AS ?s) { ?s ?p ?o }"),
    (COUNT, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } LIMIT 1"),
    (COUNT, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . . }"),
    (COUNT, "SELECT (COUNT(*) AS ?n) WHERE WHERE { ?s ?p ?o }"),
    (COUNT, "SELECT (COUNT(*) AS ?n) WHERE { WHERE { ?s ?p ?o } }"),
    (COUNT, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o # }"),
    (COUNT, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }}"),
    ("SELECT DISTINCT ?c { ?s a ?c }", "SELECT DISTINCT ?c { ?s A ?c }"),
    ("SELECT DISTINCT ?c { ?s a ?c }", "SELECT.DISTINCT ?c { ?s a ?c }"),
    ("SELECT ?a ?b { ?a ?p ?b }", "SELECT ?b ?a { ?a ?p ?b }"),
    ("SELECT * { ?a ?b ?c }", "SELECT * { ?c ?b ?a }"),
    ("SELECT DISTINCT * { ?a ?b ?c }", "SELECT DISTINCT * { ?x ?b ?c }"),
    ("ASK { ?s ?p 1.5 }", "ASK { ?s ?p 1 . 5 }"),
    ("ASK { ?s ?p 15 }", "ASK { ?s ?p 1 5 }"),
    ("ASK { ?s ?p 1e5 }", "ASK { ?s ?p 1 e5 }"),
    ('ASK { ?s ?p "x" }', "ASK { ?s ?p 'x' }"),
    ('ASK { ?s ?p "X" }', 'ASK { ?s ?p "x" }'),
    ('ASK { ?s ?p "# x" }', 'ASK { ?s ?p "" # x"\n }'),
    ('ASK { ?s ?p "x y" }', 'ASK { ?s ?p "x\ny" }'),
    ("ASK { <http://x/a> ?p ?o }", "ASK { <http://x/A> ?p ?o }"),
    ("CONSTRUCT WHERE { ?s ?p ?o }", "CONSTRUCT { ?s ?p ?o }"),
    ("ASK { VALUES ?x { <a> } }", "ASK { VALUES ?x { <a> . } }"),
    ("ASK { FILTER(?a < ?b) }", "ASK { FILTER(?a <= ?b) }"),
    ("ASK {}", "PREFIX x <http://x/> ASK {}"),
    ("ASK {}", "ASK {}\x0b"),
    ("ASK { { ?s ?p ?o } }", "ASK { ?s ?p ?o }"),
]
WITHOUT = [
    "BASE <http://x/> ASK {}",
    'VERSION "1.2" ASK {}',
    "ASK FROM <http://x/> {}",
    "SELECT * FROM NAMED <http://x/> { GRAPH ?g {} }",
    "DESCRIBE ?s { ?s ?p ?o }",
    "ASK { SERVICE <http://x/> {} }",
    "SELECT (now() AS ?now) {}",
    "SELECT (STRUUID() AS ?x) {}",
    "SELECT (BNODE() AS ?x) {}",
    "ASK { ?s x:unknown ?o }",
    "PREFIX x: <http://x/> ASK { ?s x:a\\-b ?o }",
    "PREFIX x: <http://x/> ASK { ?s x:%41 ?o }",
    "PREFIX x: <relative> ASK {}",
    "PREFIX x: <http://[> ASK {}",
    "PREFIX:<http://x/> ASK {}",
    "ASK { ?s ?p '\\u0041' }",
    "ASK { ?s ?p '''a\nb''' }",
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spelling_does_not_matter(one: str, other: str) -> None:
    texts = [found and found.text for found in map(canonical, (one, other))]
    assert texts[0]
    assert texts[0] == texts[1]
    assert canonical(other, {first_constant(texts[0])}) == canonical(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_everything_else_does(one: str, other: str) -> None:
    found, another = canonical(one), canonical(other)
    assert found
    assert another is None or found.text != another.text


@pytest.mark.parametrize("query", WITHOUT)
def test_what_the_text_does_not_tell_alone_has_none(query: str) -> None:
    assert canonical(query) is None


def test_variables_are_told_by_their_names() -> None:
    found = canonical("SELECT ?p (COUNT(*) AS $n) { ?s ?p ?o }")
    assert found
    assert found.names == {"0": "p", "1": "n", "2": "s", "3": "o"}
    found = canonical("SELECT * { ?b ?a ?c }")
    assert found
    assert found.names == {name: name for name in "bac"}


def test_a_query_with_another_constant_is_not_read_to_its_end() -> None:
    query = "PREFIX x: <http://x/> SELECT ?p { # <http://y/>\n ?p ?o 'x:c', x:a.b. <http://y/> ?p ?o }"
    assert canonical(query, {"<http://x/a.b>"}) is not None
    assert canonical(query, {"", "<http://y/>", "<http://x/c>"}) is None


@pytest.mark.parametrize(
    "part", ["?s a . ", "{. ", "}.", "PREFIX a: <b> ", "PREFIX ", "x:", "_:", "a:b.-", "1a", "<", "<a", "- ", "-", '"a']
)
def test_hostile_texts_are_read_in_linear_time(part: str) -> None:
    assert_linear(canonical, lambda length: part * (length // len(part)), 200_000)
