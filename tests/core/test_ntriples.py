"""Terms of N-Triples as bytes, against the library that writes them."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from core.namespaces import XSD
from core.ntriples import STRING, LiteralParts, decode_iri, decode_literal, is_iri, is_literal, is_triple, split
from core.rdf import serialize

S, P, G = ox.NamedNode("http://example.org/s"), ox.NamedNode("http://example.org/p"), ox.NamedNode("http://g.org/#1")
TERMS = (
    ox.NamedNode("http://example.org/ä"),
    ox.BlankNode("b1"),
    ox.Literal("plain"),
    ox.Literal(""),
    ox.Literal('a "quote" <http://example.org/> _:b .'),
    ox.Literal("line\nfeed\ttab\\back\rreturn\x00\x7f", language="de-AT"),
    ox.Literal("1990", datatype=ox.NamedNode(XSD + "gYear")),
    ox.Literal("שלום", language="he", direction=ox.BaseDirection.RTL),
    ox.Triple(S, P, ox.Literal('in "side"', language="en")),
)


@pytest.mark.parametrize("term", TERMS, ids=str)
@pytest.mark.parametrize("graph", [ox.DefaultGraph(), G, ox.BlankNode("g")], ids=str)
def test_lines_are_split(term: ox.NamedNode, graph: ox.NamedNode) -> None:
    line = serialize([ox.Quad(S, P, term, graph)], ox.RdfFormat.N_QUADS)
    subject, predicate, value, name = split(line)
    assert (decode_iri(subject), decode_iri(predicate)) == (S.value, P.value)
    assert (name is None) == isinstance(graph, ox.DefaultGraph)
    assert name is None or name.decode() == str(graph)
    again = b"%s %s %s .\n" % (subject, predicate, value)
    assert list(ox.parse(again, format=ox.RdfFormat.N_TRIPLES)) == [ox.Quad(S, P, term)]
    assert (is_iri(value), is_literal(value), is_triple(value)) == tuple(
        isinstance(term, kind) for kind in (ox.NamedNode, ox.Literal, ox.Triple)
    )


@pytest.mark.parametrize("term", [term for term in TERMS if isinstance(term, ox.Literal)], ids=str)
def test_literals_are_read(term: ox.Literal) -> None:
    line = serialize([ox.Triple(S, P, term)], ox.RdfFormat.N_TRIPLES)
    tag = f"{term.language}--rtl" if term.direction else term.language
    assert decode_literal(split(line)[2]) == LiteralParts(term.value, "" if tag else term.datatype.value, tag)


def test_escapes_of_other_writers_are_read() -> None:
    assert decode_literal(rb'"\u00e4\U0001F600\b\f\'"') == LiteralParts("ä😀\b\f'", STRING, None)
    assert decode_iri(rb"<http://example.org/\u00e4>") == "http://example.org/ä"
