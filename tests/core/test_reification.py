"""rdf:Statements as reifiers: triples in, the same triples with one more for each statement out."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from core.namespaces import RDF
from core.reification import with_reifiers

PREFIXES = f"PREFIX : <urn:> PREFIX rdf: <{RDF}>\n"
PARTS = ":x rdf:subject :s ; rdf:predicate :p ; rdf:object :o"


def triples(text: str) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(PREFIXES + text, format=ox.RdfFormat.TURTLE)]


@pytest.mark.parametrize(
    ("text", "added"),
    [
        (f"{PARTS} .", ":x rdf:reifies <<( :s :p :o )>> ."),
        (f"{PARTS} . :y :is :x .", ":x rdf:reifies <<( :s :p :o )>> ."),
        (':x rdf:object <<( :a :b "c"@en--ltr )>> ; rdf:subject _:s ; rdf:predicate :p .', None),
        (f"{PARTS} ; rdf:reifies <<( :s :p :o )>> .", ""),
        (f"{PARTS} ; rdf:reifies <<( :s :p 1 )>> .", ":x rdf:reifies <<( :s :p :o )>> ."),
        (f"{PARTS}, :other .", ""),
        (":x rdf:subject :s ; rdf:predicate :p .", ""),
        (':x rdf:subject "s" ; rdf:predicate :p ; rdf:object :o .', ""),
        (":x rdf:subject :s ; rdf:predicate _:p ; rdf:object :o .", ""),
        (":x a rdf:Statement .", ""),
        ("", ""),
    ],
)
def test_each_statement_reifies_its_triple(text: str, added: str | None) -> None:
    given = triples(text)
    found = [*with_reifiers(given)]
    new = [triple for triple in found if triple not in given]
    assert [triple for triple in found if triple in given] == given
    if added is None:  # blank nodes, whose names differ
        assert [str(t.subject) for t in new] == ["<urn:x>"]
        assert [t.object.object for t in new if isinstance(t.object, ox.Triple)] == [given[0].object]
    else:
        assert new == triples(added)
