"""In go rules, out comes whether they follow links from one resource, so that articles can be evaluated together."""

from __future__ import annotations

import pytest

from mapping import rule_scope
from mapping.context import Context
from mapping.derivation import Rules
from tests.conftest import ROOT

OF_RECORDS = frozenset(f"urn:{name}" for name in "abcdef")
TOGETHER = [
    "?x :a ?y . ?y :b ?z",
    "?x :a/:b+ ?y",
    "?x :a|:b ?y",
    "?x ^:a ?y",
    "?x :a|(^:b/:c) ?y . ?y :d ?e",
    "?x ?p ?y . ?p :voc ?q . ?q :voc ?p",
    "?x ?p ?y . ?q ^:voc ?p",
    "?x :a ?y OPTIONAL { ?y :b ?z }",
    "?x :a ?y FILTER NOT EXISTS { ?y :b ?z }",
    "?x :a ?y MINUS { ?x :b ?z }",
    "{ ?x :a ?y } UNION { ?y :b ?x }",
    "{ SELECT ?x (COUNT(?z) AS ?y) { ?x :a ?z } GROUP BY ?x }",
    "VALUES ?y { :k } ?x :a ?y BIND(STR(?x) AS ?z)",
    "?x :a ?u OPTIONAL { ?x :b ?y } OPTIONAL { ?y :voc ?z ; :c ?w }",
]
ALONE = [
    "?x :a ?v . ?y :a ?v",  # two resources with one value
    "?x a ?v . ?y a ?v",
    "?x :a ?u . ?y :b ?v",
    "?x ?p ?u . ?y ?p ?v",
    "?x :a/^:b ?y",
    "?x (:a/^:b)+ ?y",
    "?x (^:a)+ ?y",
    "?x !:a ?y",
    "{ ?x :a ?v } UNION { ?v :b ?w } ?x :c ?y",  # in the second branch nothing leads to ?v
    "OPTIONAL { ?x :a ?v } ?x :c ?y . ?v :b ?w",
    "OPTIONAL { ?x :a ?y }",  # whether there is any
    "?x :a ?v FILTER NOT EXISTS { ?y :b ?v }",
    "?x :a ?v MINUS { ?y :b ?v }",
    "?x :a ?v BIND(EXISTS { ?z :b ?v } AS ?y)",
    "{ SELECT ?y (COUNT(?z) AS ?x) { ?z :a ?y } GROUP BY ?y }",
    "{ SELECT (COUNT(?z) AS ?x) { ?z :a ?y } }",
    "{ SELECT ?x { ?x :a ?v } } ?v :b ?y",  # another ?v
    "{ SELECT ?x ?y { ?x :a ?y } LIMIT 1 }",
    "?x :a ?y OPTIONAL { ?x :b ?v } ?v :c ?w",
    "GRAPH ?g { ?x :a ?y }",
    "?x :a ?y FILTER(<< ?x :a ?y >> = ?y)",  # of SPARQL 1.2, which rdflib does not read
]


def scope(pattern: str) -> frozenset[str] | None:
    found = rule_scope.scope((f"PREFIX : <urn:> CONSTRUCT {{ ?x :a ?y }} WHERE {{ {pattern} }}",), OF_RECORDS)
    return None if found is None else found.vocabulary


@pytest.mark.parametrize("pattern", TOGETHER)
def test_a_rule_that_follows_links_from_one_resource(pattern: str) -> None:
    assert scope(pattern) == ({"urn:voc"} if ":voc" in pattern else frozenset())


@pytest.mark.parametrize("pattern", ALONE)
def test_a_rule_that_may_match_two_resources(pattern: str) -> None:
    assert scope(pattern) is None


def test_the_rules_of_this_project_are_evaluated_together() -> None:
    """Only what tells the terms of the vocabulary from data is left to it: so the answer holds for articles."""
    of_records = frozenset(term.iri for term in Context.read(ROOT / "mapping/context.jsonld").terms.values())
    found = rule_scope.scope(tuple(text for _, text in Rules.read(ROOT / "mapping/rules").queries), of_records)
    assert found is not None
    assert sorted(iri.rpartition("#")[2] for iri in found.vocabulary) == [
        "inverseOf",
        "isDefinedBy",
        "subClassOf",
        "subPropertyOf",
        "wording",
    ]


@pytest.mark.parametrize(
    ("pattern", "joined", "followed"),
    [
        ("?x :a ?y", "", ""),
        ("?x :a|^:b ?y", "", ""),
        ("?x :a ?y . ?x :b ?z", "ab", ""),
        ("?x :a ?y . ?y :b ?z", "ab", "b"),
        ("?x :a+ ?y", "a", "a"),
        ("?x ?p ?y . ?p a :S", "", ""),
        ("{ SELECT ?x (COUNT(?z) AS ?y) { ?x :a ?z } GROUP BY ?x }", "a", ""),
        ("?x :a ?y FILTER NOT EXISTS { ?y :b ?z }", "ab", "b"),
    ],
)
def test_predicates_that_are_matched_with_others(pattern: str, joined: str, followed: str) -> None:
    """Those of triples that are matched together, and those of what a link leads to."""
    found = rule_scope.scope((f"PREFIX : <urn:> CONSTRUCT {{ ?x :a ?y }} WHERE {{ {pattern} }}",), OF_RECORDS)
    assert found is not None
    assert found.joined == frozenset(f"urn:{name}" for name in joined)
    assert found.followed == frozenset(f"urn:{name}" for name in followed)
