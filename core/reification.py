"""Statements about triples, in the two vocabularies: that of RDF Schema, and the triple terms of RDF 1.2."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.namespaces import RDF, REIFICATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.rdf import Term

REIFIES = ox.NamedNode(RDF + "reifies")
_PARTS = tuple(ox.NamedNode(iri) for iri in REIFICATION)
_READ = frozenset({*_PARTS, REIFIES})


def with_reifiers(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """The triples, and behind those of each rdf:Statement that it reifies its triple (`rdf:reifies`).

    triples: those of one subject together. A statement has one subject, one predicate and one object; what has several
    of them is about no one triple.
    """
    for node, group in groupby(triples, key=attrgetter("subject")):
        parts: dict[ox.NamedNode, list[Term]] = {}
        for triple in group:
            if (predicate := triple.predicate) in _READ:
                parts.setdefault(predicate, []).append(triple.object)
            yield triple
        statement = _statement(parts)
        if statement is not None and statement not in parts.get(REIFIES, ()):
            yield ox.Triple(node, REIFIES, statement)


def asserted(parts: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """The triples that a statement or reifier with these parts is about: one, if it is well formed."""
    values: dict[ox.NamedNode, list[Term]] = {part: [] for part in _PARTS}
    for triple in parts:
        if triple.predicate == REIFIES and isinstance(triple.object, ox.Triple):
            yield triple.object
        elif triple.predicate in values:
            values[triple.predicate].append(triple.object)
    subjects, predicates, objects = (values[part] for part in _PARTS)
    for subject in subjects:
        for predicate in predicates:
            if isinstance(predicate, ox.NamedNode) and not isinstance(subject, ox.Literal):
                yield from (ox.Triple(subject, predicate, object_) for object_ in objects)


def _statement(parts: dict[ox.NamedNode, list[Term]]) -> ox.Triple | None:
    match [parts.get(part) for part in _PARTS]:
        case [[ox.NamedNode() | ox.BlankNode() as subject], [ox.NamedNode() as predicate], [object_]]:
            return ox.Triple(subject, predicate, object_)
    return None
