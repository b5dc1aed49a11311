"""Charts of a resource and the resources linked with it: a map, a time line, a network.

The page does not show dates and coordinates of the linked resources; `Positions` has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from server.http.languages import gettext
from server.model.presentation_shapes import Viewer
from server.pages.charts import Cell, Chart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.model.positions import Position, Positions
    from server.pages.document import DocumentPage
    from server.pages.presentation import Presenter

_MAX_LINKS = 40
_MIN_LINKS = 3
_MIN_DATES = 2


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


def resource_charts(page: DocumentPage, positions: Positions) -> list[ResourceChart]:
    """The charts that the data suffice for."""
    subject = page.of.subject
    if not isinstance(subject, ox.NamedNode):
        return []
    links = list(_links(page, subject))[:_MAX_LINKS]
    nodes = [subject, *dict.fromkeys(link.other for link in links)]
    known = [(node, positions.of(node)) for node in nodes]
    return [
        *(item for item in (_map(known, page.show), _time_line(known, page.show)) if item),
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
    for triple in page.links.triples:
        other = triple.subject
        if isinstance(other, ox.NamedNode) and triple.predicate.value in drawn:
            yield _Link(other, subject, triple.predicate, other)


def _network(links: list[_Link], show: Presenter) -> ResourceChart:
    rows = []
    for link in links:
        name = show.property_name(link.property, ())
        rows.append(
            [_named(link.source, show), _named(link.target, show), Cell(name.text, link.property.value, name.language)]
        )
    network = Chart("network", ("source", "target", "kind"), rows, is_directed=True)
    return ResourceChart(network, gettext("What it is linked to"), is_folded=True)


def _time_line(known: list[tuple[ox.NamedNode, Position]], show: Presenter) -> ResourceChart | None:
    rows = [[_named(node, show), Cell(show.in_words(date).name.text, date.value)] for node, (date, _) in known if date]
    rows.sort(key=lambda row: row[1].value.removeprefix("../"))
    shown = ResourceChart(Chart("timeline", ("item", "start"), rows), gettext("When"))
    return shown if len(rows) >= _MIN_DATES else None


def _map(known: list[tuple[ox.NamedNode, Position]], show: Presenter) -> ResourceChart | None:
    rows = [
        [_named(node, show), *(Cell(show.in_words(value).name.text, value.value) for value in place)]
        for node, (_, place) in known
        if place
    ]
    return ResourceChart(Chart("map", ("item", "lat", "long"), rows), gettext("Where")) if rows else None


def _named(node: ox.NamedNode, show: Presenter) -> Cell:
    value = show.value(node)
    return Cell(value.name.text, node.value, value.name.language, value.href)
