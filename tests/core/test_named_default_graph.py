"""Queries to a store that keeps the default graph under a name.

In goes a query with the graphs of its request, out come the text and the graphs to ask for: over such a store they have
the answer that the query has over the dataset itself.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from core.errors import QuerySyntaxError
from core.named_default_graph import NamedDefaultGraph
from core.syntax_errors import SyntaxDetails
from tests.growth import assert_linear

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT = NamedDefaultGraph("http://x.example/merged")
DATA = """
@prefix : <http://x.example/> .
:a :p 1, 2 . :b :p 3 ; :q :a . :only :in :default .
:g1 { :a :p 1 . :b :q :a } :g2 { :a :p 1, 2 } :g3 { :b :p 3 }
"""
ELSE = "@prefix : <http://x.example/> . :of-the-store { :a :p 9 . :b :r 4 }"
PREFIX = "PREFIX : <http://x.example/> "
QUERIES = [
    "SELECT * { ?s ?p ?o }",
    "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }",
    "SELECT ?g { GRAPH ?g {} }",
    "SELECT * WHERE { ?s :q ?x GRAPH ?g { ?x :p ?o } }",
    "SELECT * { ?s :q ?x . GRAPH :g1 { ?x :p ?o } . ?s :p ?v FILTER(?v > ?o) }",
    "SELECT * { GRAPH :of-the-store { ?s ?p ?o } }",
    "SELECT * { GRAPH <http://x.example/merged> { ?s ?p ?o } }",
    "SELECT * { GRAPH <http://x.example/merged/graphs> { ?s ?p ?o } }",
    "SELECT * { ?s :p ?o OPTIONAL { GRAPH ?g { ?s :q ?x } } }",
    "SELECT * { ?s :p ?o MINUS { GRAPH ?g { ?s :q ?x } } }",
    "SELECT * { ?s :p ?o FILTER NOT EXISTS { GRAPH ?g { ?s :r ?x } } }",
    "SELECT ?s (EXISTS { GRAPH :g1 { ?s :q ?x } } AS ?e) (EXISTS { ?s :q ?x } AS ?f) { ?s :p ?o }",
    "SELECT ?s { ?s :p ?o } GROUP BY ?s HAVING(EXISTS { GRAPH ?g { ?s :q ?y } })",
    "SELECT ?s ?n { { SELECT ?s (COUNT(?g) AS ?n) { GRAPH ?g { ?s :p ?o } } GROUP BY ?s } ?s :q ?x }",
    "SELECT * { SELECT ?s ?g { ?s :in :default . GRAPH ?g { :a :p ?o } } }",
    "SELECT * { { GRAPH ?g { ?s :p 1 } } UNION { ?s :p 3 } } VALUES ?s { :a :b }",
    "SELECT * { GRAPH ?g { ?s :p ?o GRAPH ?h { ?s :p ?o } } VALUES (?h) { (:g2) } }",
    "SELECT * { GRAPH ?g{?s :p ?o}} ORDER BY ?o",
    "SELECT ?s { ?s :q/:p ?o . GRAPH ?g { ?s :q|:p ?o } }",
    "ASK { GRAPH ?g { ?s :r ?o } }",
    "CONSTRUCT { ?s :in ?g } WHERE { GRAPH ?g { ?s :p ?o } ?s :q ?x }",
    "CONSTRUCT WHERE { ?s :q ?o }",
    "SELECT * FROM :g1 { ?s ?p ?o }",
    "SELECT * FROM :g1 { GRAPH ?g { ?s ?p ?o } }",
    "SELECT * FROM :g1 FROM NAMED :g2 FROM NAMED <http://x.example/g3> WHERE { ?s ?p ?o GRAPH ?g { ?s :p ?v } }",
    "SELECT * FROM NAMED :g2 { ?s ?p ?o }",
    "select * from named :g2 { graph ?g { ?s ?p ?o } }",
    "SELECT * { GRAPH ?g { ?s :p ?o } # } GRAPH { the end\n FILTER(?o < 3) }",
    "SELECT * { ?s ?p ?o BIND('GRAPH ?g { FROM <x>' AS ?text) ?graph ?from :GRAPH }",
    "SELECT * { ?s :p ?o . \\u0047RAPH ?g { ?s :q ?x } }",
]
ABSENT = ["http://x.example/none"]
G1, G2 = ["http://x.example/g1"], ["http://x.example/g2"]
DATASETS = [(G1, None), (None, G1), (G1, G2), ([*G1, *G2], [*G1, *G2]), (ABSENT, None)]


def store(*texts: str) -> ox.Store:
    made = ox.Store()
    for text in texts:
        made.load(text, ox.RdfFormat.TRIG)
    return made


@pytest.fixture(scope="module")
def whole() -> ox.Store:
    """The dataset itself."""
    return store(DATA)


@pytest.fixture(scope="module")
def other() -> ox.Store:
    """A store with the default graph under its name, and with more than the dataset; its own default graph is wrong."""
    made = store(DATA, ELSE)
    for quad in list(made.quads_for_pattern(None, None, None, ox.DefaultGraph())):
        made.add(ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(DEFAULT.iri)))
    for name in ("g1", "g2", "g3"):
        made.load(
            DEFAULT.listed(f"<http://x.example/{name}>"), ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(DEFAULT.listing)
        )
    made.update("INSERT DATA { <urn:x> <http://x.example/p> 7 }")
    return made


def graphs(names: object) -> list[ox.NamedNode]:
    return [ox.NamedNode(str(name)) for name in names] if isinstance(names, list | tuple) else []


def answer(store: ox.Store, query: str, default: object, named: object) -> object:
    """The boolean, or the bag of rows or triples."""
    given = {"default_graph": graphs(default), "named_graphs": graphs(named)} if default or named else {}
    found = store.query(query, **given)  # type: ignore[arg-type]
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    if isinstance(found, ox.QuerySolutions):
        names = found.variables
        return Counter(frozenset((str(name), str(row[name])) for name in names if row[name]) for row in found)
    return Counter(map(str, found))


@pytest.mark.parametrize("query", QUERIES)
def test_answers_are_those_over_the_dataset(whole: ox.Store, other: ox.Store, query: str) -> None:
    asked = DEFAULT.adapt(PREFIX + query)
    expected = answer(whole, PREFIX + query.replace("\\u0047", "G"), None, None)
    assert answer(other, asked.query.text, asked.default_graphs, asked.named_graphs) == expected


@pytest.mark.parametrize(("default", "named"), DATASETS)
@pytest.mark.parametrize("query", QUERIES[:27])
def test_the_graphs_of_the_request_replace_those_of_the_query(
    whole: ox.Store, other: ox.Store, query: str, default: list[str] | None, named: list[str] | None
) -> None:
    """SPARQL 1.1 Protocol, 2.1.4."""
    asked = DEFAULT.adapt(PREFIX + query, default, named)
    assert "FROM" not in asked.query.text.upper()
    expected = answer(whole, PREFIX + query, default, named)
    assert answer(other, asked.query.text, asked.default_graphs, asked.named_graphs) == expected


def test_a_query_without_graphs_is_sent_as_it_is() -> None:
    for query in ("SELECT * { ?s ?p ?o }", "ASK { ?graph ?from 'GRAPH ?g {' }", "CONSTRUCT WHERE { ?s :graph ?o }"):
        asked = DEFAULT.adapt(query)
        assert (asked.query.text, asked.default_graphs, asked.named_graphs) == (query, (DEFAULT.iri,), ())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "GRAPH",
        "FROM",
        "SELECT * FROM",
        "SELECT * { GRAPH ?g",
        "}}} GRAPH ?g { } {",
        "ASK { GRAPH { } }",
        "FROM NAMED",
    ],
)
def test_what_is_no_query_stays_none(text: str) -> None:
    with pytest.raises(SyntaxError):
        ox.Store().query(DEFAULT.adapt(text).query.text)


def test_an_error_has_its_place_in_the_query() -> None:
    query = "SELECT * {\n  GRAPH ?g { ?s ?p ?o } GRAPH ?h { ?s ?p ?o } }\nORDER BY nothing"
    asked = DEFAULT.adapt(query).query
    line, column = asked.text.count("\n", 0, asked.text.index("nothing")) + 1, 10
    with pytest.raises(QuerySyntaxError) as caught:
        raise asked.placed(SyntaxDetails("no", line, column))
    assert (caught.value.line, caught.value.column) == (3, 10)
    inner = asked.text.index("?h") - asked.text.index("\n")
    with pytest.raises(QuerySyntaxError) as caught:
        raise asked.placed(SyntaxDetails("no", 2, inner))
    assert (caught.value.line, caught.value.column) == (2, query.split("\n")[1].index("?h") + 1)


@pytest.mark.parametrize(
    "text",
    [
        lambda n: "SELECT * {" + "GRAPH ?g { ?s ?p ?o } " * (n // 20) + "}",
        lambda n: "SELECT * " + "{ GRAPH ?g " * (n // 10) + "}" * (n // 10),
        lambda n: "SELECT * " + "FROM <a> " * (n // 9) + "{ GRAPH ?g {} }",
        lambda n: "GRAPH ?g { " * (n // 10),
        lambda n: "GRAPH ?g } " * (n // 10),
    ],
)
def test_it_takes_linear_time(text: Callable[[int], str]) -> None:
    assert_linear(DEFAULT.adapt, text, 100_000)
