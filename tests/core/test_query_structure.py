"""What a refused query lacks is told with its place, whatever the text."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from core.errors import QuerySyntaxError
from core.evaluation import execute
from core.query_structure import find_fault
from tests.growth import assert_linear

# The place of the error is marked by ¦, and part of what is said.
FAULTS = [
    ("SELECT * { ?a ?b ?c¦", "} is missing here: the { of line 1, column 10"),
    ("SELECT *\nWHERE {\n  OPTIONAL { ?a ?b ?c¦\n", "} is missing here: the { of line 3, column 12"),
    ("SELECT * { ?a ?b ?c FILTER(?c > 3 ¦} # )", ") is missing here: the ( of line 1, column 27"),
    ("SELECT * { ?a ?b ?c FILTER(?c IN (1, 2) ¦} ", ") is missing here: the ( of line 1, column 27"),
    ("SELECT * { ?a ?b [ <p> 1 ¦}", "] is missing here"),
    ("SELECT * { ?a ?b ?c } ¦}", "nothing is open that this } could close"),
    ("SELECT * { ?a ?b '{' ¦) }", "nothing is open that this ) could close"),
    ("SELECT * { ?a ?b ¦'c }", "' is missing"),
    ('SELECT * { ?a ?b ¦"c\\" }', '" is missing'),
    ('SELECT * { ?a ?b ¦"""c" }', '""" is missing'),
    ("SELECT * { ?a <http://example.org/p¦ ?c }", "> is missing here: the < of line 1, column 15"),
    ("PREFIX a: <urn:a> SELECT * { ?a a:b _:c ; ¦b:c ?c }", "the prefix b: is not declared"),
    ("SELECT * { ?a ?b ?c ¦?d ?e ?f }", "missing in front of ?d"),
    ("SELECT * { ?a a <c> ¦<d> 1 }", "missing in front of <d>"),
    ("SELECT * { ?a ^<p>/(<q>|<r>)* ?b ¦?c <d> 1.5 }", "missing in front of ?c"),
    ("SELECT * { ?a <p> [ <q> 1.5 ¦<r> 4 ] }", "missing in front of <r>"),
    ("SELECT * { ?a <p> 'x'@en, 'y'^^<z> ; <q> (1 2 3 4) ¦?b <p> 4 }", "missing in front of ?b"),
]
# What is wrong is something else: nothing is known to be missing.
OTHERS = [
    "{ SELECT ?a ?b ?c ?d { ?a ?b ?c , 1.5 ; ?b ?d } GROUP BY ?a ?b ?c ?d } ?a ?b ?c",
    "VALUES ?c { 1 2 3 4 5 } VALUES (?d ?e) { (1 2) (3 4) (5 6) } BIND(1 + 2 AS ?x)",
    "FILTER regex(str(?a), 'b', 'c') FILTER NOT EXISTS { ?a ?b ?c } GRAPH ?g { ?a ?b ?c } ?a ?b ?c",
    "(1 2 3 4) <p> [ <q> 1 ] . [ <p> 1 ; <q> 2 ] ?a 'b'@en . # } ' ?a ?b ?c ?d",
    "?a <p>/<q>|^<r>/!(<a>|<b>) ?c . ?a a <http://example.org/(> , -1.5e3 ; <p>? true",
]


@pytest.mark.parametrize(("query", "said"), FAULTS)
def test_what_is_missing_is_told(query: str, said: str) -> None:
    before, _, after = query.partition("¦")
    with pytest.raises(QuerySyntaxError) as raised:
        execute(ox.Store(), before + after)
    assert said in raised.value.reason
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    assert (raised.value.line, raised.value.column) == (line, column)


@pytest.mark.parametrize("pattern", OTHERS)
def test_nothing_is_found_where_nothing_is_missing(pattern: str) -> None:
    query = f"SELECT * {{ {pattern}\n}}"
    assert find_fault(query, ()) is None
    assert execute(ox.Store(), query, base_iri="http://example.org/")


def test_of_many_tokens_that_were_expected_a_few_are_told() -> None:
    with pytest.raises(QuerySyntaxError) as raised:
        execute(ox.Store(), "SELECT * { FILTER(?a = ) }")
    assert "more" in raised.value.reason
    assert len(raised.value.reason) < 120


def test_a_prefix_that_is_known_need_not_be_declared() -> None:
    assert find_fault("SELECT * { ?a b:c ?d }", ["b"]) is None
    assert find_fault("SELECT * { ?a b:c ?d }") is None


@pytest.mark.parametrize(
    "part", ["{", "(", "<<(", "[", "}", "'", '"""', '"\\', "?a ?b ?c ?d ", "<p>/", "1.5 ", "<a:", "a:b "]
)
def test_any_text_is_looked_through_once(part: str) -> None:
    assert_linear(
        lambda text: find_fault(text, ()), lambda length: "SELECT * { " + part * (length // len(part)), 16_000
    )
