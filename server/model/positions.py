"""When and where resources are: the dates and coordinates that charts show of what a page mentions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from core.namespaces import GEO, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

_COORDINATES = ((GEO + "lat", GEO + "long"), (SCHEMA + "latitude", SCHEMA + "longitude"))
_KEPT = 50_000  # resources whose position is remembered
_DEFAULT = ox.DefaultGraph()


class Position(NamedTuple):
    """The first date of a resource, and its coordinates where it has both."""

    date: ox.Literal | None
    place: tuple[ox.Literal, ox.Literal] | None


class Positions:
    """Reads positions from the store of a release. Any thread may ask."""

    def __init__(self, store: ox.Store, dates: Iterable[str], used: Container[str]) -> None:
        """dates: the properties whose values are dates, those first that count first. used: all of the release."""
        self._store = store
        self._dates = [ox.NamedNode(iri) for iri in dates if iri in used]
        self._places = [tuple(map(ox.NamedNode, pair)) for pair in _COORDINATES if pair[0] in used][:1]
        self._known: dict[ox.NamedNode, Position] = {}

    def of(self, node: ox.NamedNode) -> Position:
        """The position of a resource."""
        known = self._known.get(node)
        if known is None:
            date = next(filter(None, (self._literal(node, property_) for property_ in self._dates)), None)
            found = [[self._literal(node, property_) for property_ in pair] for pair in self._places]
            place = next(((lat, long) for lat, long in found if lat and long), None)
            if len(self._known) >= _KEPT:
                self._known.clear()
            known = self._known[node] = Position(date, place)
        return known

    def _literal(self, node: ox.NamedNode, property_: ox.NamedNode) -> ox.Literal | None:
        values = (quad.object for quad in self._store.quads_for_pattern(node, property_, None, _DEFAULT))
        return min((value for value in values if isinstance(value, ox.Literal)), key=str, default=None)
