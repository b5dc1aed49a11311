"""Types of RDF terms, the serialization of quads and triples, and the base IRI of a dataset."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Node: TypeAlias = ox.NamedNode | ox.BlankNode
Subject: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Triple
Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

_BASE = re.compile(r"https?://[^\s<>\"{}|\\^`?#]+")


def notation(term: Term) -> str:
    """A term in N-Triples, for people and for lines of one; the engine's own text leaves out what encloses a triple."""
    if isinstance(term, ox.Triple):
        return f"<<( {notation(term.subject)} {notation(term.predicate)} {notation(term.object)} )>>"
    return str(term)


def parse_base(value: str) -> str:
    """The base IRI of a dataset, with a final slash; InputError if it is none."""
    if not _BASE.fullmatch(value):
        raise InputError("give an absolute http or https IRI without query or fragment, such as https://example.org/")
    return value if value.endswith("/") else f"{value}/"


def parse_iri(value: str) -> str:
    """An absolute IRI; InputError if it is none."""
    try:
        return ox.NamedNode(value).value
    except ValueError as error:
        raise InputError(f"{value!r} is not an absolute IRI, such as https://example.org/merged") from error


def blank_nodes_in(term: Term) -> Iterator[ox.BlankNode]:
    """The term, if it is a blank node, or those of a triple, from its subject on."""
    if isinstance(term, ox.BlankNode):
        yield term
    elif isinstance(term, ox.Triple):
        yield from blank_nodes_in(term.subject)
        yield from blank_nodes_in(term.object)


def serialize(
    data: Iterable[ox.Quad] | Iterable[ox.Triple], rdf_format: ox.RdfFormat, prefixes: dict[str, str] | None = None
) -> bytes:
    """The quads or triples in an RDF format, in the order given; prefixes: prefix → namespace."""
    written = ox.serialize(data, format=rdf_format, prefixes=prefixes)
    return b"" if written is None else written


def nquads(quads: Iterable[ox.Quad]) -> bytes:
    """Canonical N-Quads, one line for each quad, in the order given."""
    return serialize(quads, ox.RdfFormat.N_QUADS)


def parse_term(text: str) -> Term:
    """The term that the text is in the syntax of N-Triples."""
    term: Term = next(iter(ox.parse(f"<urn:s> <urn:p> {text} .", ox.RdfFormat.N_TRIPLES))).object
    return term
