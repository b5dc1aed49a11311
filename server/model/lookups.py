"""Single facts of a release, for pages that tell something of many resources."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from core.namespaces import RDF, RDF_TYPE
from server.model.description import asserted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.rdf import Node, Term
    from release.published import PublishedQuads
    from server.model.description import Subject

Graph: TypeAlias = ox.NamedNode | ox.BlankNode | ox.DefaultGraph

_DEFAULT = ox.DefaultGraph()
_KEPT = 50_000  # resources whose classes are remembered
_TYPE = ox.NamedNode(RDF_TYPE)
_STATEMENT = RDF + "Statement"


class Lookups:
    """Looks facts up in the default graph; literals are as they were published."""

    def __init__(self, store: ox.Store, published: PublishedQuads) -> None:
        self._store, self._published = store, published
        self._types: dict[Subject, frozenset[str]] = {}

    def facts(self, node: Subject) -> list[ox.Triple]:
        """The triples with the resource as subject."""
        return list(self._published.about(node))

    def types(self, node: Subject) -> frozenset[str]:
        """The classes that the default graph says the resource to be of."""
        known = self._types.get(node)
        if known is None:
            quads = self._store.quads_for_pattern(node, _TYPE, None, _DEFAULT)
            known = frozenset(quad.object.value for quad in quads if isinstance(quad.object, ox.NamedNode))
            if len(self._types) >= _KEPT:
                self._types.clear()
            self._types[node] = known
        return known

    def objects(self, node: Subject, predicate: ox.NamedNode) -> list[Term]:
        """The values that the default graph gives a property of the resource, as they were published."""
        triples = (quad.triple for quad in self._store.quads_for_pattern(node, predicate, None, _DEFAULT))
        return [triple.object for triple in self._published.as_published(triples)]

    def subjects(self, predicate: ox.NamedNode, value: Term, most: int) -> list[Node]:
        """What has the value as one of the property in the default graph: at most so many, in no order."""
        quads = islice(self._store.quads_for_pattern(None, predicate, value, _DEFAULT), most)
        return [quad.subject for quad in quads if isinstance(quad.subject, ox.NamedNode | ox.BlankNode)]

    def states(self, triple: ox.Triple) -> bool:
        """Whether the default graph has the triple."""
        return ox.Quad(triple.subject, triple.predicate, triple.object, _DEFAULT) in self._store

    def stated(self, node: Subject) -> ox.Triple | None:
        """The triple that an rdf:Statement is about; None for anything else."""
        if _STATEMENT not in self.types(node):
            return None
        triples = (quad.triple for quad in self._store.quads_for_pattern(node, None, None, _DEFAULT))
        return next(asserted(self._published.as_published(triples)), None)

    def stated_with(self, node: Subject, predicates: Iterable[ox.NamedNode]) -> set[ox.NamedNode]:
        """The properties that the resource has in the named graphs in which it has one of these.

        All of its properties where it has these in none.
        """
        find = self._store.quads_for_pattern
        graphs = self._graphs_with(node, predicates)
        return {quad.predicate for graph in graphs for quad in find(node, None, None, graph)}

    def segments_stating(self, triple: ox.Triple, predicates: Iterable[ox.NamedNode]) -> list[Term]:
        """The values of these properties of the subject, if one of the graphs that have them has the triple; else none.

        They are as they were published.
        """
        find = self._store.quads_for_pattern
        found = [quad for predicate in predicates for quad in find(triple.subject, predicate, None, None)]
        graphs: set[Graph] = {quad.graph_name for quad in found}
        graphs = graphs - {_DEFAULT} or graphs
        if not any(ox.Quad(triple.subject, triple.predicate, triple.object, graph) in self._store for graph in graphs):
            return []
        values = (quad.triple for quad in found if quad.graph_name == _DEFAULT)
        return [triple.object for triple in self._published.as_published(values)]

    def _graphs_with(self, node: Subject, predicates: Iterable[ox.NamedNode]) -> set[Graph]:
        """The named graphs in which a resource has one of the properties; the default graph if there are none."""
        find = self._store.quads_for_pattern
        graphs: set[Graph] = {quad.graph_name for predicate in predicates for quad in find(node, predicate, None, None)}
        return graphs - {_DEFAULT} or graphs
