"""When and where resources are: the dates and coordinates that charts show of what a page or a list mentions.

Which properties have dates the shapes say, or else the datatypes of their values. Coordinates are those of WGS84
(http://www.w3.org/2003/01/geo/wgs84_pos), schema.org, GeoRSS (https://www.georss.org/simple.html) and points of
GeoSPARQL (OGC 22-047r1, 8.5.2), of a resource itself or of its geometry.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pyoxigraph as ox

from core.namespaces import DCAT, DCTERMS, FOAF, GEO, PROV, SCHEMA, WGS84, XSD
from core.wording import DATES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from core.rdf import Node
    from server.model.lookups import Lookups

_SCHEMAS = (SCHEMA, SCHEMA.replace("https:", "http:"))
_COORDINATES = ((WGS84 + "lat", WGS84 + "long"), *((schema + "latitude", schema + "longitude") for schema in _SCHEMAS))
_GEORSS = "http://www.georss.org/georss/point"
_LOCN = "http://www.w3.org/ns/locn#"
_WKT = GEO + "wktLiteral"
# What leads to a node that only says where a resource is, and to a place or period that has pages of its own.
_GEOMETRIES = (
    *(schema + "geo" for schema in _SCHEMAS),
    GEO + "hasGeometry",
    GEO + "defaultGeometry",
    _LOCN + "geometry",
)
_PLACES = (
    *(schema + end for schema in _SCHEMAS for end in ("location", "containedInPlace")),
    DCTERMS + "spatial",
    _LOCN + "location",
    WGS84 + "location",
    PROV + "atLocation",
    FOAF + "based_near",
)
_PERIODS = (DCTERMS + "temporal", *(schema + "temporalCoverage" for schema in _SCHEMAS))
_SPANS = {
    DCAT + "startDate": DCAT + "endDate",
    PROV + "startedAtTime": PROV + "endedAtTime",
    **{
        schema + start: schema + end
        for schema in _SCHEMAS
        for start, end in (("startDate", "endDate"), ("foundingDate", "dissolutionDate"), ("birthDate", "deathDate"))
    },
}  # property of a begin → that of the end
# Dates of records, which say nothing of when a thing was.
_OF_RECORDS = {DCTERMS + "created", DCTERMS + "modified", *(schema + "dateModified" for schema in _SCHEMAS)}
_WITHOUT_YEAR = {XSD + "gMonth", XSD + "gMonthDay"}
_NUMBER = r"([+-]?[0-9]{1,3}(?:\.[0-9]{1,30})?)"
_POINT = re.compile(rf"(?:<([^>]*+)>\s*+)?POINT\s*+Z?\s*+\(\s*+{_NUMBER}\s++{_NUMBER}[\s)]", re.IGNORECASE)
_LAT_LONG = re.compile(rf"\s*+{_NUMBER}[\s,]++{_NUMBER}\s*+")
_LATITUDE_FIRST = "/EPSG/0/4326"  # the end of the name of a reference system; others have the longitude first
_SAMPLES = 3  # values by which the datatype of a property is known
_SAMPLED = 2_000  # properties, those that are used most
_KEPT = 50_000  # resources whose position is remembered
_DEFAULT = ox.DefaultGraph()


Place: TypeAlias = tuple[ox.Literal, ox.Literal]


class Position(NamedTuple):
    """The first date of a resource, the end of the time that it begins, and its latitude and longitude."""

    date: ox.Literal | None
    end: ox.Literal | None
    place: Place | None


@dataclass(frozen=True)
class _Properties:
    """Those of a release that say when and where, the preferred ones first; readers: property → how a place is read."""

    dates: Sequence[ox.NamedNode]
    ends: Mapping[ox.NamedNode, ox.NamedNode]
    pairs: Sequence[tuple[ox.NamedNode, ox.NamedNode]]
    readers: Mapping[ox.NamedNode, Callable[[str], Place | None]]
    geometries: Sequence[ox.NamedNode]
    places: Sequence[ox.NamedNode]
    periods: Sequence[ox.NamedNode]


class Positions:
    """Reads positions from the data of a release. Any thread may ask."""

    def __init__(self, store: ox.Store, lookups: Lookups, dates: Iterable[str], used: Mapping[str, int]) -> None:
        """dates: the properties whose values the shapes say to be dates, those first that count first; without any,
        datatypes of values say it. used: all properties of the release, with the number of their triples.
        """
        self._lookups = lookups
        self._of = _properties(store, tuple(dates), used)
        self._known: dict[Node, Position] = {}

    def of(self, node: Node) -> Position:
        """The position of a resource."""
        known = self._known.get(node)
        if known is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            known = self._known[node] = Position(*self._dates(node), self._place(node))
        return known

    def near(self, node: Node) -> Position:
        """The position of a resource; where it has none, that of the place where it is, of the period that it has."""
        own = self.of(node)
        if not own.place and self._of.places:
            others = (self.of(other).place for other in self._objects(node, self._of.places))
            own = own._replace(place=next(filter(None, others), None))
        if not own.date and self._of.periods:
            periods = (self.of(other) for other in self._objects(node, self._of.periods))
            period = next((period for period in periods if period.date), None)
            own = own._replace(date=period.date, end=period.end) if period else own
        return own

    def _dates(self, node: Node) -> tuple[ox.Literal | None, ox.Literal | None]:
        for property_ in self._of.dates:
            if date := self._literal(node, property_):
                end = self._of.ends.get(property_)
                return date, end and self._literal(node, end)
        return None, None

    def _place(self, node: Node) -> Place | None:
        return self._own_place(node) or next(
            filter(None, map(self._own_place, self._objects(node, self._of.geometries))), None
        )

    def _own_place(self, node: Node) -> Place | None:
        for latitude, longitude in self._of.pairs:
            pair = self._literal(node, latitude), self._literal(node, longitude)
            if pair[0] and pair[1] and (place := to_place(pair[0].value, pair[1].value)):
                return place
        for property_, read in self._of.readers.items():
            value = self._literal(node, property_)
            if value and (place := read(value.value)):
                return place
        return None

    def _objects(self, node: Node, properties: Iterable[ox.NamedNode]) -> Iterable[Node]:
        for property_ in properties:
            for value in self._lookups.objects(node, property_)[:_SAMPLES]:
                if isinstance(value, ox.NamedNode | ox.BlankNode):
                    yield value

    def _literal(self, node: Node, property_: ox.NamedNode) -> ox.Literal | None:
        values = [value for value in self._lookups.objects(node, property_) if isinstance(value, ox.Literal)]
        return min(values, key=str, default=None)


def _properties(store: ox.Store, dates: Sequence[str], used: Mapping[str, int]) -> _Properties:
    def among(iris: Iterable[str]) -> tuple[ox.NamedNode, ...]:
        return tuple(ox.NamedNode(iri) for iri in iris if iri in used)

    datatypes = _datatypes(store, used)
    own = [iri for iri, types in datatypes.items() if types & DATES - _WITHOUT_YEAR and iri not in _OF_RECORDS]
    dates = dates or tuple(iri for iri in own if iri not in _SPANS.values())
    points = {ox.NamedNode(iri): read_wkt for iri, types in datatypes.items() if _WKT in types}
    return _Properties(
        among(dates),
        {ox.NamedNode(start): ox.NamedNode(end) for start, end in _SPANS.items() if start in used and end in used},
        tuple(pair for pair in map(among, _COORDINATES) if len(pair) == 2),  # noqa: PLR2004 - a pair
        points | dict.fromkeys(among([_GEORSS]), _read_point),
        among(_GEOMETRIES),
        among(_PLACES),
        among(_PERIODS),
    )


def _datatypes(store: ox.Store, used: Mapping[str, int]) -> dict[str, set[str]]:
    """Property → datatypes of its first values, those first that are used most."""
    found = {}
    for iri in sorted(used, key=lambda iri: (-used[iri], iri))[:_SAMPLED]:
        values = (quad.object for quad in store.quads_for_pattern(None, ox.NamedNode(iri), None, _DEFAULT))
        found[iri] = {value.datatype.value for value in islice(values, _SAMPLES) if isinstance(value, ox.Literal)}
    return found


def read_wkt(text: str) -> Place | None:
    """The place of a point in well-known text; without the name of a reference system the longitude comes first."""
    match = _POINT.match(text)
    if match is None:
        return None
    system, first, second = match.groups()
    return to_place(first, second) if (system or "").endswith(_LATITUDE_FIRST) else to_place(second, first)


def _read_point(text: str) -> Place | None:
    match = _LAT_LONG.fullmatch(text)
    return to_place(*match.groups()) if match else None


def to_place(latitude: str, longitude: str) -> Place | None:
    """The place; None where these are no degrees."""
    try:
        degrees = float(latitude), float(longitude)
    except ValueError:
        return None
    if not all(map(math.isfinite, degrees)) or abs(degrees[0]) > 90 or abs(degrees[1]) > 180:  # noqa: PLR2004 - degrees
        return None
    decimal = ox.NamedNode(XSD + "decimal")
    return ox.Literal(latitude.strip(), datatype=decimal), ox.Literal(longitude.strip(), datatype=decimal)
