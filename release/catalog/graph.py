"""Collects what the catalogue says, triple by triple."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.namespaces import (
    ADMS,
    DCAT,
    DCATAP,
    DCTERMS,
    FOAF,
    PROV,
    RDF_TYPE,
    RDFS,
    SCHEMA,
    SD,
    SH,
    SKOS,
    SPDX,
    VCARD,
    VOID,
    XSD,
)
from core.rdf import serialize

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PREFIXES = {
    "adms": ADMS,
    "dcat": DCAT,
    "dcatap": DCATAP,
    "dcterms": DCTERMS,
    "foaf": FOAF,
    "prov": PROV,
    "rdfs": RDFS,
    "schema": SCHEMA,
    "sd": SD,
    "sh": SH,
    "skos": SKOS,
    "spdx": SPDX,
    "vcard": VCARD,
    "void": VOID,
    "xsd": XSD,
}


class Graph:
    """The triples, each once: by subject, in the order in which they are first spoken of."""

    def __init__(self) -> None:
        self._subjects: dict[str, dict[ox.Triple, None]] = {}

    def say(self, subject: str, predicate: str, *values: ox.NamedNode | ox.Literal) -> None:
        if values:
            said = self._subjects.setdefault(subject, {})
            for value in values:
                said[ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), value)] = None

    def types(self, subject: str, *classes: str) -> None:
        self.say(subject, RDF_TYPE, *map(ox.NamedNode, classes))

    def link(self, subject: str, predicate: str, *objects: str) -> None:
        self.say(subject, predicate, *map(ox.NamedNode, objects))

    @property
    def triples(self) -> list[ox.Triple]:
        return [triple for said in self._subjects.values() for triple in said]

    def turtle(self) -> bytes:
        return serialize(self.triples, ox.RdfFormat.TURTLE, PREFIXES)


def integer(value: int) -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(XSD + "integer"))


def size(value: int) -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(XSD + "nonNegativeInteger"))


def time(value: str) -> ox.Literal:
    return ox.Literal(value, datatype=ox.NamedNode(XSD + "dateTime"))


def texts(of: Mapping[str, str]) -> Iterable[ox.Literal]:
    """Language → text as literals; the language may be empty."""
    for language, text in sorted(of.items()):
        yield ox.Literal(text, language=language) if language else ox.Literal(text)


def english(text: str) -> ox.Literal:
    return ox.Literal(text, language="en")
