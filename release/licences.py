"""Reads which named graphs hold data under a licence of their own."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from core.namespaces import CC, DCTERMS, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Container

_STATED = f"""SELECT DISTINCT ?graph ?licence {{
  ?graph <{DCTERMS}license>|<{SCHEMA}license>|<{CC}license> ?licence
  FILTER(isIRI(?graph) && isIRI(?licence))
}}"""


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
        for other in _repeating(store, ox.NamedNode(graph)) - licences_of.keys():
            found.setdefault(other, {own} if own else set()).update(licences)
    return {graph: sorted(of, key=lambda licence: (licence != own, licence)) for graph, of in sorted(found.items())}


def _repeating(store: ox.Store, graph: ox.NamedNode) -> set[str]:
    """The other named graphs that have a literal of the graph for the same resource.

    Each subject is looked up once: joined in a query, the engine reads all quads.
    """
    found: set[str] = set()
    for subject, quads in groupby(store.quads_for_pattern(None, None, None, graph), attrgetter("subject")):
        literals = {quad.object for quad in quads if isinstance(quad.object, ox.Literal)}
        if literals:
            others = (quad for quad in store.quads_for_pattern(subject, None, None) if quad.object in literals)
            found.update(quad.graph_name.value for quad in others if isinstance(quad.graph_name, ox.NamedNode))
    return found
