"""Reads which named graphs hold data under a licence of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from core.namespaces import CC, DCTERMS, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Container

_STATED = f"""SELECT DISTINCT ?graph ?licence {{
  ?graph <{DCTERMS}license>|<{SCHEMA}license>|<{CC}license> ?licence
  FILTER(isIRI(?graph) && isIRI(?licence))
}}"""
_REPEATING = """SELECT DISTINCT ?graph ?other {
  GRAPH ?graph { ?subject ?property ?value FILTER(isLiteral(?value)) }
  GRAPH ?other { ?subject ?another ?value FILTER(isIRI(?other) && ?other != ?graph) }
}"""


def read(store: ox.Store, graphs: Container[str], own: str | None) -> dict[str, list[str]]:
    """Named graph → licences, of the graphs for which the data state others than the dataset's own.

    A graph that repeats values of such a graph for the same resources, as one of derived triples does, holds data
    under that licence too.
    """
    licences_of: dict[str, set[str]] = {}
    for row in cast("ox.QuerySolutions", store.query(_STATED)):
        graph, licence = row["graph"].value, row["licence"].value
        if graph in graphs and licence != own:
            licences_of.setdefault(graph, set()).add(licence)
    found = {graph: set(licences) for graph, licences in licences_of.items()}
    for graph, licences in licences_of.items():
        rows = store.query(_REPEATING, substitutions={ox.Variable("graph"): ox.NamedNode(graph)})
        for row in cast("ox.QuerySolutions", rows):
            if (other := row["other"].value) not in licences_of:
                found.setdefault(other, {own} if own else set()).update(licences)
    return {graph: sorted(of, key=lambda licence: (licence != own, licence)) for graph, of in sorted(found.items())}
