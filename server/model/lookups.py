"""Single facts of a release, for pages that tell something of many resources."""

from __future__ import annotations

from functools import lru_cache, partial
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pyoxigraph as ox

from core.namespaces import RDF, RDF_TYPE
from core.reification import asserted
from release.published import quads_in, triples_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.rdf import Node, Subject, Term
    from release.published import PublishedQuads

Graph: TypeAlias = ox.NamedNode | ox.BlankNode | ox.DefaultGraph

_DEFAULT = ox.DefaultGraph()
_KEPT = 500  # resources whose lines are remembered, which many look-ups of one page ask for
_BLOCKS, _LINES = 3, 100  # such lines, 28 KiB in all; of a resource that has more each property is read by itself
_KEPT_TYPES = 50_000  # resources whose classes are remembered
_TYPE = ox.NamedNode(RDF_TYPE)
_STATEMENT = RDF + "Statement"


class _Beginning(NamedTuple):
    """The first lines about a resource.

    is_whole: whether there are no others; then `triples` has those of the default graph in them, by property.
    """

    lines: list[bytes]
    triples: dict[ox.NamedNode, list[ox.Triple]]
    is_whole: bool


class Lookups:
    """Looks facts up in the default graph; literals are as they were published. Any thread may ask."""

    def __init__(self, store: ox.Store, published: PublishedQuads) -> None:
        self._store, self._published = store, published
        self._beginning = lru_cache(_KEPT)(partial(_read, published))
        self._types: dict[Subject, frozenset[str]] = {}

    def facts(self, node: Subject) -> list[ox.Triple]:
        """The triples with the resource as subject."""
        beginning = self._beginning(node)
        whole = chain.from_iterable(beginning.triples.values()) if beginning.is_whole else self._published.about(node)
        return list(whole)

    def beginning(self, node: Subject) -> list[ox.Triple]:
        """The first triples with the resource as subject: all, unless they are very many."""
        return list(triples_in([self._beginning(node).lines]))

    def triples(self, node: Subject, predicate: ox.NamedNode) -> Sequence[ox.Triple]:
        """The triples with the resource as subject and this property."""
        beginning = self._beginning(node)
        if not beginning.is_whole:
            return list(self._published.about(node, predicate))
        return beginning.triples.get(predicate, ())

    def objects(self, node: Subject, predicate: ox.NamedNode) -> list[Term]:
        """The values that a property of the resource has."""
        return [triple.object for triple in self.triples(node, predicate)]

    def types(self, node: Subject) -> frozenset[str]:
        """The classes that the resource is said to be of."""
        known = self._types.get(node)
        if known is None:
            known = frozenset(term.value for term in self.objects(node, _TYPE) if isinstance(term, ox.NamedNode))
            if len(self._types) >= _KEPT_TYPES:
                self._types.clear()
            self._types[node] = known
        return known

    def subjects(self, predicate: ox.NamedNode, value: Term, most: int) -> list[Node]:
        """The resources that have the value as one of the property: at most so many, in no order."""
        quads = islice(self._store.quads_for_pattern(None, predicate, value, _DEFAULT), most)
        return [quad.subject for quad in quads if isinstance(quad.subject, ox.NamedNode | ox.BlankNode)]

    def states(self, triple: ox.Triple) -> bool:
        """Whether the default graph has the triple."""
        return ox.Quad(triple.subject, triple.predicate, triple.object, _DEFAULT) in self._store

    def stated(self, node: Subject) -> ox.Triple | None:
        """The triple that an rdf:Statement is about; None for anything else."""
        return next(asserted(self.facts(node)), None) if _STATEMENT in self.types(node) else None

    def stated_with(self, node: Subject, predicates: Iterable[ox.NamedNode]) -> set[ox.NamedNode]:
        """The properties that the resource has in the named graphs in which it has one of these.

        All of its properties where it has these in none.
        """
        graphs = self._graphs(node, predicates)
        if not graphs:
            return {triple.predicate for triple in self.facts(node)}
        return {quad.predicate for quad in quads_in(self._lines(node)) if quad.graph_name in graphs}

    def segments_stating(self, triple: ox.Triple, predicates: Iterable[ox.NamedNode]) -> list[Term]:
        """The values of these properties of the subject, if one of the graphs that have them has the triple; else none.

        triple: one of the default graph, between two resources.
        """
        if graphs := self._graphs(triple.subject, predicates):
            stating = quads_in(self._lines(triple.subject, triple.predicate))
            if not any(quad.object == triple.object and quad.graph_name in graphs for quad in stating):
                return []
        return [value for predicate in predicates for value in self.objects(triple.subject, predicate)]

    def _graphs(self, node: Subject, predicates: Iterable[ox.NamedNode]) -> set[Graph]:
        """The named graphs in which the resource has one of these properties."""
        lines = [line for predicate in predicates for line in self._lines(node, predicate)]
        return {quad.graph_name for quad in quads_in(lines)} - {_DEFAULT} if lines else set()

    def _lines(self, node: Subject, predicate: ox.NamedNode | None = None) -> Iterable[bytes]:
        """Those of the quads of all graphs with this subject, and this property if one is given."""
        beginning = self._beginning(node)
        if not beginning.is_whole:
            return chain.from_iterable(self._published.blocks_about(node, predicate))
        begin = f"{node} {predicate} ".encode() if predicate else b""
        return [line for line in beginning.lines if line.startswith(begin)]


def _read(published: PublishedQuads, node: Subject) -> _Beginning:
    blocks = published.blocks_about(node)
    lines = list(islice(chain.from_iterable(islice(blocks, _BLOCKS)), _LINES + 1))
    found = _Beginning(lines, {}, len(lines) <= _LINES and next(blocks, None) is None)
    for triple in triples_in([lines]) if found.is_whole else ():
        found.triples.setdefault(triple.predicate, []).append(triple)
    return found
