"""Which parts of the data are under which licence: a graph may have one of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.namespaces import CC, DCTERMS, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

_PROPERTIES = tuple(ox.NamedNode(iri) for iri in (DCTERMS + "license", SCHEMA + "license", CC + "license"))
_DEFAULT = ox.DefaultGraph()


@dataclass(frozen=True)
class Licences:
    """own: that of the dataset, of_graph: graph → those that it holds data under, where these are others.

    of_class: class → others that are beside the dataset's own.
    """

    own: str | None = None
    of_graph: dict[str, tuple[str, ...]] = field(default_factory=dict)
    of_class: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def all(self) -> tuple[str, ...]:
        """Those of the whole dataset, its own first."""
        others = {licence for licences in self.of_graph.values() for licence in licences}
        return self._with_own(others)

    def of(self, graphs: Iterable[str]) -> tuple[str, ...]:
        """Those of the given graphs together."""
        found: set[str] = set()
        plain = False
        for graph in graphs:
            licences = self.of_graph.get(graph, ())
            found.update(licences)
            plain |= not licences
        return self._with_own(found) if plain or self.own in found else tuple(sorted(found))

    def of_instances(self, class_: str) -> tuple[str, ...]:
        return self._with_own(self.of_class.get(class_, ()))

    def _with_own(self, others: Iterable[str]) -> tuple[str, ...]:
        return (*([self.own] if self.own else []), *sorted(set(others) - {self.own or ""}))


def read(store: ox.Store, graphs: Container[str], own: str | None) -> Licences:
    """Read the licences that the data state of their graphs.

    A graph that has the same values for the same resources as one under a licence holds data under that licence too,
    as one of derived triples does; and so do the classes that the resources are of.
    """
    stated = _stated(store, graphs, own)
    of_graph: dict[str, set[str]] = {graph: set(licences) for graph, licences in stated.items()}
    of_class: dict[str, set[str]] = {}
    for graph, licences in stated.items():
        for other in _graphs_with_values_of(store, graph):
            if other not in stated:
                of_graph.setdefault(other, {own} if own else set()).update(licences)
        for class_ in _classes_in(store, graph):
            of_class.setdefault(class_, set()).update(licences)
    return Licences(own, _sorted(of_graph), _sorted(of_class))


def _stated(store: ox.Store, graphs: Container[str], own: str | None) -> dict[str, set[str]]:
    """Graph → licences, of those that have others than the dataset."""
    stated: dict[str, set[str]] = {}
    for name in _PROPERTIES:
        for quad in store.quads_for_pattern(None, name, None, _DEFAULT):
            graph, licence = quad.subject, quad.object
            if not isinstance(graph, ox.NamedNode) or not isinstance(licence, ox.NamedNode):
                continue
            if graph.value in graphs and licence.value != own:
                stated.setdefault(graph.value, set()).add(licence.value)
    return stated


def _graphs_with_values_of(store: ox.Store, graph: str) -> set[str]:
    node = ox.NamedNode(graph)
    found: set[str] = set()
    for quad in store.quads_for_pattern(None, None, None, node):
        if isinstance(quad.object, ox.Literal):
            same = store.quads_for_pattern(quad.subject, None, quad.object, None)
            found.update(other.graph_name.value for other in same if isinstance(other.graph_name, ox.NamedNode))
    return found - {graph}


def _classes_in(store: ox.Store, graph: str) -> set[str]:
    """The classes of the resources that the graph speaks of, itself left out."""
    query = f"""SELECT DISTINCT ?class {{
      {{ SELECT DISTINCT ?it {{ GRAPH <{graph}> {{ ?it ?property ?value }} FILTER(?it != <{graph}>) }} }}
      ?it a ?class
    }}"""
    rows = store.query(query)
    return {row["class"].value for row in rows}  # type: ignore[union-attr]


def _sorted(found: dict[str, set[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(sorted(values)) for key, values in found.items()}
