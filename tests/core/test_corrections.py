"""Corrections in front of the engine: queries go in; rows, or the error with its place in the query, come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pyoxigraph as ox
import pytest

from core.corrections import correct
from core.errors import QuerySyntaxError
from core.evaluation import evaluate
from tests.growth import assert_linear

if TYPE_CHECKING:
    from collections.abc import Iterable

THINGS = "VALUES ?v { <urn:x> 1 1.5 'a'@en 'b' }"
PAIRS = "VALUES (?g ?v) { (1 <urn:x>) (1 1) (2 <urn:y>) }"
VALUES = [  # a query, and the values of its rows
    (f"SELECT (GROUP_CONCAT(?v) AS ?x) {{ {THINGS} }}", ["urn:x 1 1.5 a b"]),
    (f"SELECT (group_concat ( ?v ; separator = ';)' ) AS ?x) {{ {THINGS} }}", ["urn:x;)1;)1.5;)a;)b"]),
    (f"SELECT (GROUP_CONCAT(DISTINCT(?v); SEPARATOR='') AS ?x) {{ {THINGS} {{}} UNION {{}} }}", ["urn:x11.5ab"]),
    (f"SELECT (GROUP_CONCAT(Distinct?v) AS ?x) {{ {THINGS} {{}} UNION {{}} }}", ["urn:x 1 1.5 a b"]),
    (f"SELECT (GROUP_CONCAT(IF(?v = 1, CONCAT('(', STR(?v), ')'), ?v)) AS ?x) {{ {THINGS} }}", ["urn:x (1) 1.5 a b"]),
    (f"SELECT (CONCAT(GROUP_CONCAT(?v), GROUP_CONCAT(?v)) AS ?x) {{ {PAIRS} }}", ["urn:x 1 urn:yurn:x 1 urn:y"]),
    (f"SELECT (GROUP_CONCAT(?v # ; ) TRUE\n) AS ?x) {{ {PAIRS} }}", ["urn:x 1 urn:y"]),
    (f"SELECT ?g {{ {PAIRS} }} GROUP BY ?g HAVING (STRLEN(GROUP_CONCAT(?v)) > 5)", ["1"]),
    (f"SELECT ?g {{ {PAIRS} }} GROUP BY ?g ORDER BY DESC(GROUP_CONCAT(?v))", ["2", "1"]),
    (
        f"SELECT ?x {{ {{ SELECT ?g (GROUP_CONCAT(?v) AS ?x) {{ {PAIRS} }} GROUP BY ?g ORDER BY ?g }} }}",
        ["urn:x 1", "urn:y"],
    ),
    ("SELECT (LANG(GROUP_CONCAT(?v)) AS ?x) { VALUES ?v { 'a'@en 'b'@en } }", [""]),
    ("SELECT (GROUP_CONCAT(TRUE) AS ?x) {}", ["true"]),
    ("SELECT (True AS ?x) (!FALSE AS ?y) {}", ["true", "true"]),
    ("SELECT ?TRUE { VALUES ?TRUE { tRUE 'FALSE' } } #TRUE", ["true", "FALSE"]),
    (r"SELECT ('\u0022\u005Cn' AS ?x) (<urn:\u00E9> AS ?y) {}", ['"\\n', "urn:é"]),
    (r"VERSION '1.1' SEL\u0045CT ?\u0079 { VALUES ?y { 1 } }", ["1"]),
    (r"VERSION '1.2' VERSION '1.1' SELECT (\u0022a\u0022 AS ?x) {}", ["a"]),
    ("VERSION '1.2-basic' SELECT (1 AS ?x) {}", ["1"]),
    ("SELECT (SUM(IF(EXISTS { SELECT (COUNT(*) AS ?n) {} }, 1, 2)) AS ?x) {}", ["1"]),
    ("SELECT (COUNT(*) + SUM(1) AS ?x) {} HAVING (MAX(1) = 1)", ["2"]),
    ("SELECT (STR(OBJECT(<<( <urn:a> <urn:b> <<( ?s <urn:p> 1 )>> )>>)) AS ?x) {} ORDER BY (1)", [None]),
    ("SELECT (COUNT(*) AS ?x) { ?s ?p (1 <<( 'a' ?q ?o )>>), (<<( <<( ?a ?b ?c )>> ?q ?o )>>) }", ["0"]),
    ("SELECT (COUNT(*) AS ?x) { ?s a (<<( 1 ?q ?o )>>) ; <urn:p> (<<( 1 ?q ?o )>>) }", ["0"]),
]
# a query with a mark before the place that is told, which the engine may see late, and what is said
REFUSED = [
    ("SELECT (COUNT(|COUNT(*)) AS ?x) {}", "an aggregate stands in the argument of another"),
    ("SELECT (SUM(1 + STR((|MAX (?v)))) AS ?x)\n{}", "an aggregate stands in"),
    ("SELECT (1 AS ?x)\n{} ORDER BY MIN(DISTINCT IF(true, |group_concat(1), 2))", "an aggregate stands in"),
    ("SELECT ?x { { SELECT (AVG(<urn:f>(|SAMPLE(?v))) AS ?x) {} } }", "an aggregate stands in"),
    ("SELECT (GROUP_CONCAT(1) AS ?x) (SUM(1) AS ?y) {} HAVING (COUNT(|COUNT(1)) = 1)", "an aggregate stands in"),
    ("SELECT * { BIND(<<( |'a' <urn:p> 1 )>> AS ?x) }", "the subject of a triple term is an IRI or a variable"),
    ("SELECT * { BIND(<<( |<<( ?a ?b ?c )>> <urn:p> 1 )>> AS ?x) }", "the subject of a triple term"),
    ("SELECT * { FILTER(isTRIPLE(<<( ?s <urn:p> <<( |-1.5 ?p 1 )>> )>>)) }", "the subject of a triple term"),
    ("SELECT * { ?s ?p (1) . FILTER <urn:f>(<<( |TRUE ?p 1 )>>) }", "the subject of a triple term"),
    ("SELECT (<<( |1 ?p 1 )>> AS ?x) { ?s ?p (1) }", "the subject of a triple term"),
    ("SELECT * { VALUES ?x { <<( 'a' <urn:p> 1 )>> } }", "not allowed in subject position"),
    ("SELECT * { ?s ?p <<( 'a' <urn:p> 1 )>> }", "never a literal or a triple term"),
    ("ASK { << <<( <urn:s> <urn:p> 1 )>> <urn:p> 1 >> ?p ?o }", "never a literal or a triple term"),
    (r"|\u0041SK {}", "a code point escape stands outside of texts and IRIs"),
    (r"VERSION '1.2' ASK { 'é' <urn:\u00E9> ?|\u0041 }", "a code point escape stands outside"),
    (r"VERSION '1.1' VERSION '1.2' ASK { ?|\u0041 ?b ?c }", "a code point escape stands outside"),
    ("PREFIX a: <urn:a>\nVERSION |'9.9' ASK {}", "known are 1.1, 1.2-basic, 1.2"),
    ("SELECT (GROUP_CONCAT(?v) AS ?x) (TRUE AS ?y)\n{ 'é𝄞' ! }|", "this cannot stand here"),
    ("SELECT (GROUP_CONCAT(?v) AS ?x) { ?v ?p ! |}", "this cannot stand here"),
    ("VERSION '1.1' \\u0053ELECT (GROUP_CONCAT(?v) AS ?x) (1é A|S ?y) {}", "expected one of"),
    ("SELECT (GROUP_CONCAT(?v) AS ?x) (GROUP_CONCAT() AS ?y) {}|", "this cannot stand here"),
    ("SELECT (GROUP_CONCAT(DISTINCT|", ") is missing here"),
    ("GROUP_CONCAT ( ) |} ) ;", "nothing is open that this } could close"),
    (
        "SELECT (COUNT(?v) AS ?n) (?n + 1 AS ?x) { ?v ?p ?o }",
        "an expression of SELECT has a variable that is neither grouped by nor within an aggregate",
    ),
    ("SELECT ?v (COUNT(*) AS ?n) { ?v ?p ?o }", "SELECT has a variable that is neither grouped by nor aggregated"),
    ("SELECT * { ?s ?p ?o } GROUP BY ?s", "SELECT * cannot stand beside GROUP BY or an aggregate"),
    ("ASK { ?s ?p 'a'@en--LTR }", "the only base directions allowed are 'rtl' and 'ltr'"),
]


@pytest.mark.parametrize(("query", "values"), VALUES)
def test_corrected(query: str, values: list[str | None]) -> None:
    rows = cast("ox.QuerySolutions", evaluate(ox.Store(), query))
    found = [term for row in rows for term in row]
    assert [cast("ox.Literal | ox.NamedNode", term).value if term else None for term in found] == values


@pytest.mark.parametrize(("query", "said"), REFUSED)
def test_refused(query: str, said: str) -> None:
    before, mark, after = query.partition("|")
    with pytest.raises(QuerySyntaxError) as raised:
        evaluate(ox.Store(), before + after)
    assert said in str(raised.value)
    if mark:
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        assert (raised.value.line, raised.value.column) == (line, column)


def test_the_request_says_the_version() -> None:
    """SPARQL 1.2 Protocol, 2.1: what the request says goes before what the query declares."""
    query = r"SEL\u0045CT (1 AS ?x) {}"
    assert evaluate(ox.Store(), correct(query, "1.1"))
    assert evaluate(ox.Store(), correct(f"VERSION '1.2' {query}", "1.1"))
    with pytest.raises(QuerySyntaxError):
        correct(f"VERSION '1.1' {query}", "1.2")


@pytest.mark.parametrize(
    "query", ["SELECT * { ?s ?p 'true' }", "ASK { FILTER(?counter < ?sum) }", "", "SELECT (COUNT(*) AS ?n) {}"]
)
def test_what_is_right_stays_as_it_is(query: str) -> None:
    assert correct(query).text == query


def parts() -> Iterable[str]:
    return (
        "GROUP_CONCAT(",
        "GROUP_CONCAT(?v;",
        "(",
        ")",
        "{",
        "}",
        "TRUE ",
        "<<(",
        ";",
        "COUNT(*)",
        r"\u0041",
        r"<\u0041",
        "'",
        "VERSION '1.1' ",
    )


@pytest.mark.parametrize("part", parts())
def test_any_text_is_looked_through_once(part: str) -> None:
    def read(text: str) -> None:
        try:
            correct(text, "1.1")
        except QuerySyntaxError:
            return

    assert_linear(read, lambda length: "SELECT * { " + part * (length // len(part)), 16_000)
