"""In goes a SPARQL query of a shape, out come the triples that it reads from $this on, or why that is not known.

In: queries of SPARQL constraints. Out: the properties that are read from $this on, forwards and backwards; or why that
is not known, and the properties whose triples the query reads at all.
"""

from __future__ import annotations

import pytest

from core.automaton import Automaton, UnboundedError
from core.query_reach import read_properties, read_query

PREFIXES = {"ex": {"http://e/"}}
# Query, and the properties that are read forwards and backwards; "*" is any property.
KNOWN = [
    ("$this ex:p+ $this", "p", ""),
    ("$this ex:p/^ex:q ?x . ?x !ex:r ?y", "* p", "q"),
    ("$this ex:p ?x ; ex:n ?n . ?y ex:p ?x ; ex:n ?n FILTER(?y != $this)", "n p", "p"),
    ("$this ex:s ?s ; ex:p ?p ; ex:o ?o . FILTER NOT EXISTS { ?s ?p ?o }", "* o p s", ""),
    ("{ ?x ex:q ?y } { $this ex:p ?x }", "p q", ""),
    (
        "$this ex:p ?x . OPTIONAL { ?x ex:q ?y FILTER NOT EXISTS { ?y ex:r ?z FILTER EXISTS { ?z ex:s 1 } } }",
        "p q r s",
        "",
    ),
    ("{ $this ex:p ?x } UNION { $this ex:q ?x } ?x ex:r 1", "p q r", ""),
    ("{ SELECT $this (COUNT(?x) AS ?n) { $this ex:p ?x } GROUP BY $this } FILTER(?n > 2)", "p", ""),
    ("$this ex:p ?x BIND(?x AS ?y) ?y ex:q [ ex:r 1 ]", "p q r", ""),
    ("$this ex:p ?x . ex:settings ex:q ?limit FILTER(?x > ?limit)", "p q", ""),
]
# Query, and words of the reason.
UNKNOWN = [
    ("?x a ex:C . $this ex:p 1", "connects"),
    ("$this ex:p ?x . OPTIONAL { ?x ex:q ?y } ?y ex:r ?z", "connects"),
    ("{ $this ex:p ?x } UNION { $this ex:q ?y } ?x ex:r ?z", "connects"),
    ("OPTIONAL { $this ex:p ?x } FILTER EXISTS { ?x ex:q 1 }", "connects"),
    ("?x ?p $this", "any property"),
    ("$this ^!ex:p ?x", "any property"),
    ("$this ex:p ?x FILTER(ex:f(?x))", "function"),
    ("$this ex:p ?x . GRAPH ?g { ?x ex:q 1 }", "GRAPH"),
    ("BIND(IRI(CONCAT(STR($this), 'x')) AS ?x) ?x ex:p 1", "connects"),
    ("$this ex:q 1 . ex:a ex:p* ?x", "no length"),
]


def properties(automaton: Automaton, focus: int) -> tuple[str, str]:
    states = automaton.reachable(focus)
    forward = {short(predicate) for state in states for predicate in state.forward}
    forward |= {"*" for state in states if state.every}
    return " ".join(sorted(forward)), " ".join(sorted(short(name) for state in states for name in state.inverse))


def short(predicate: bytes) -> str:
    return predicate.decode().removeprefix("<http://e/").rstrip(">")


@pytest.mark.parametrize(("pattern", "forward", "inverse"), KNOWN)
def test_what_is_read_from_the_focus_node_on(pattern: str, forward: str, inverse: str) -> None:
    automaton = Automaton()
    focus = automaton.add()
    read_query(automaton, focus, f"SELECT $this {{ {pattern} }}", PREFIXES, of_literals=frozenset({b"<http://e/n>"}))
    assert properties(automaton, focus) == (forward, inverse)


@pytest.mark.parametrize(("pattern", "reason"), UNKNOWN)
def test_why_it_is_not_known(pattern: str, reason: str) -> None:
    automaton = Automaton()
    with pytest.raises(UnboundedError, match=reason):
        read_query(automaton, automaton.add(), f"SELECT $this {{ {pattern} }}", PREFIXES)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT $this { ?x ex:p/ex:q+ $this FILTER NOT EXISTS { ?x ^ex:r 1 } } LIMIT 1", {"p", "q", "r"}),
        ("SELECT $this { $this ex:p* ?x }", None),
        ("SELECT $this { $this ?p ?x }", None),
        ("SELECT $this { $this ex:p ?x FILTER(ex:f(?x)) }", None),
        ("SELECT $this { $this ex:p", None),
    ],
)
def test_properties_of_any_query(query: str, expected: set[str] | None) -> None:
    found = read_properties(query, PREFIXES)
    assert (found if found is None else {short(name) for name in found}) == expected
