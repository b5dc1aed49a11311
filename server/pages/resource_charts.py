"""Charts of a resource and the resources linked with it: a map, a time line, a network.

Dates and coordinates of the linked resources are read from the store, since the page does not show them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from core.namespaces import GEO, SCHEMA
from server.http.languages import gettext
from server.model.presentation_shapes import Viewer
from server.pages.charts import Cell, Chart, chart

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from server.pages.document import DocumentPage
    from server.pages.presentation import Presenter

_MAX_LINKS = 40
_MIN_LINKS = 3
_MIN_DATES = 2
_COORDINATES = ((GEO + "lat", GEO + "long"), (SCHEMA + "latitude", SCHEMA + "longitude"))
_DEFAULT = ox.DefaultGraph()


@dataclass(frozen=True)
class ResourceChart:
    """A chart with its caption; is_folded: whether a reader has to open it, since it repeats what the page says."""

    chart: Chart
    caption: str
    is_folded: bool = False


class _Link(NamedTuple):
    """A triple between two resources; other: the one of them that the page is not about."""

    source: ox.NamedNode
    target: ox.NamedNode
    property: ox.NamedNode
    other: ox.NamedNode


def resource_charts(page: DocumentPage, store: ox.Store, used: Container[str]) -> list[ResourceChart]:
    """The charts that the data suffice for; used: the properties of the triples of the release."""
    subject = page.of.subject
    if not isinstance(subject, ox.NamedNode):
        return []
    links = list(_links(page, subject))[:_MAX_LINKS]
    nodes = [subject, *dict.fromkeys(link.other for link in links)]
    dates = tuple(iri for iri in page.show.model.dates if iri in used)
    coordinates = next((pair for pair in _COORDINATES if pair[0] in used), None)
    found = [
        _map(nodes, coordinates, page.show, store) if coordinates else None,
        _time_line(nodes, dates, page.show, store),
    ]
    return [
        *(item for item in found if item),
        *([_network(links, page.show)] if len(links) >= _MIN_LINKS else []),
    ]


def _links(page: DocumentPage, subject: ox.NamedNode) -> Iterator[_Link]:
    """The links by properties that the shapes have, except those whose values the page shows in full."""
    base = page.show.urls.base
    drawn = page.show.model.shaped - page.show.model.viewed[Viewer.DETAILS]

    for triple in page.of.facts:
        node = triple.object
        if isinstance(node, ox.NamedNode) and node.value.startswith(base) and triple.predicate.value in drawn:
            yield _Link(subject, node, triple.predicate, node)
    for triple in page.of.incoming:
        other = triple.subject
        if isinstance(other, ox.NamedNode) and triple.predicate.value in drawn and not page.is_mirrored(triple):
            yield _Link(other, subject, triple.predicate, other)


def _network(links: list[_Link], show: Presenter) -> ResourceChart:
    rows = []
    for link in links:
        name = show.property_name(link.property, ())
        rows.append(
            [_named(link.source, show), _named(link.target, show), Cell(name.text, link.property.value, name.language)]
        )
    network = chart("network", ("source", "target", "kind"), rows, is_directed=True)
    return ResourceChart(network, gettext("What it is linked to"), is_folded=True)


def _time_line(
    nodes: list[ox.NamedNode], dates: tuple[str, ...], show: Presenter, store: ox.Store
) -> ResourceChart | None:
    rows = []
    for node in nodes:
        date = next(_literals(node, dates, store), None)
        if date is not None:
            rows.append([_named(node, show), Cell(show.in_words(date).name.text, date.value)])
    rows.sort(key=lambda row: row[1].value.removeprefix("../"))
    shown = ResourceChart(chart("timeline", ("item", "start"), rows), gettext("When"))
    return shown if len(rows) >= _MIN_DATES else None


def _map(nodes: list[ox.NamedNode], pair: tuple[str, str], show: Presenter, store: ox.Store) -> ResourceChart | None:
    rows = []
    for node in nodes:
        latitude = next(_literals(node, pair[:1], store), None)
        longitude = next(_literals(node, pair[1:], store), None) if latitude else None
        if latitude and longitude:
            cells = [Cell(show.in_words(value).name.text, value.value) for value in (latitude, longitude)]
            rows.append([_named(node, show), *cells])
    return ResourceChart(chart("map", ("item", "lat", "long"), rows), gettext("Where")) if rows else None


def _literals(node: ox.NamedNode, properties: tuple[str, ...], store: ox.Store) -> Iterator[ox.Literal]:
    for iri in properties:
        values = (quad.object for quad in store.quads_for_pattern(node, ox.NamedNode(iri), None, _DEFAULT))
        yield from sorted((value for value in values if isinstance(value, ox.Literal)), key=str)


def _named(node: ox.NamedNode, show: Presenter) -> Cell:
    value = show.value(node)
    return Cell(value.name.text, node.value, value.name.language, value.href)
