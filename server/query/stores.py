"""The stores that answer the queries over a release: which one a query is evaluated on, is decided here.

The catalog is no part of the dataset, so no `GRAPH ?g` finds it: a second store has it beside the data, for the
queries that name it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from core.query_graphs import names_graph

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pyoxigraph as ox

    from release.reader import Release


class Stores:
    """The stores of one release; the one with the catalog is opened for the first query that names it."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self.data: ox.Store = release.open_store()

    @cached_property
    def _with_catalog(self) -> ox.Store:
        return self._release.open_catalog_store()

    def of(
        self, query: str, base: str, graphs: Collection[str] | None = None, prefixes: Mapping[str, str] | None = None
    ) -> ox.Store:
        """The store for a query: the one with the catalog if the query names it.

        base, prefixes: for relative IRIs and prefixes that the query does not declare itself. graphs: those of the
        protocol request, which replace what the query says of its dataset; None if there are none.
        """
        catalog = self._release.manifest.catalog_graph
        named = names_graph(query, catalog, base, prefixes or {}) if graphs is None else catalog in graphs
        return self._with_catalog if named else self.data
