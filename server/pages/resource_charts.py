"""Charts of a resource and the resources linked with it: a map, a time line, a network.

The page does not show dates and coordinates of the linked resources; `Positions` has them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from core.namespaces import RDF_TYPE
from server.http.languages import gettext
from server.model.presentation_shapes import Viewer
from server.pages.charts import Cell, Chart, class_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from server.model.positions import Position, Positions
    from server.pages.document import DocumentPage
    from server.pages.presentation import Presenter

_TYPE = ox.NamedNode(RDF_TYPE)
_LONGEST = 300  # characters of a name
_MAX_LINKS = 40
_MIN_LINKS = 3
_MIN_DATES = 2


@dataclass(frozen=True)
class ResourceChart:
    """A chart with its caption.

    is_folded: whether a reader has to open it, since it repeats what the page says; is_own: whether it is the map of
    the resource itself.
    """

    chart: Chart
    caption: str
    is_folded: bool = False
    is_own: bool = False


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
    others = [link.other for link in links] if page.show.model.shaped else _mentioned(page)
    known = [(node, positions.of(node)) for node in dict.fromkeys([subject, *others])]
    if not any(position.place for _, position in known):
        known[0] = subject, positions.near(subject)
    places, dates = map_of(known, page.show), time_line_of(known, page.show)
    return [
        *([replace(places, is_own=bool(known[0][1].place))] if places else []),
        *([dates] if dates else []),
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
    for triple in page.incoming.pointing:
        other = triple.subject
        if isinstance(other, ox.NamedNode) and triple.predicate.value in drawn:
            yield _Link(other, subject, triple.predicate, other)


def _mentioned(page: DocumentPage) -> list[ox.NamedNode]:
    """The resources linked by any property, where no shape says which matter."""
    values = chain((t.object for t in page.of.facts if t.predicate != _TYPE), (t.subject for t in page.of.incoming))
    return list(islice((node for node in values if isinstance(node, ox.NamedNode)), _MAX_LINKS))


def _network(links: list[_Link], show: Presenter) -> ResourceChart:
    nodes = dict.fromkeys(chain.from_iterable((link.source, link.target) for link in links))
    cells = {node: _named(node, show, class_of(node)) for node in nodes}
    rows = [[cells[link.source], cells[link.target], _tie(link, show)] for link in links]
    network = Chart("network", ("source", "target", "kind"), rows, is_directed=True)
    return ResourceChart(network, gettext("What it is linked to"), is_folded=True)


def _tie(link: _Link, show: Presenter) -> Cell:
    name = show.property_name(link.property, ())
    return Cell(name.text, link.property.value, name.language)


def time_line_of(known: Sequence[tuple[ox.NamedNode, Position]], show: Presenter) -> ResourceChart | None:
    """The time line of resources; None for fewer than two with a date."""
    dated = [(node, position) for node, position in known if position.date]
    rows = [[_named(node, show), _in_words(at.date, show), _in_words(at.end, show)] for node, at in dated]
    rows.sort(key=lambda row: row[1].value.removeprefix("../") if row[1] else "")
    columns = ("item", "start", "end") if any(row[2] for row in rows) else ("item", "start")
    chart = Chart("timeline", columns, [row[: len(columns)] for row in rows])
    return ResourceChart(chart, gettext("When")) if len(rows) >= _MIN_DATES else None


def map_of(known: Sequence[tuple[ox.NamedNode, Position]], show: Presenter) -> ResourceChart | None:
    """The map of resources; None where none has coordinates."""
    rows = [[_named(node, show), *(_in_words(value, show) for value in at.place)] for node, at in known if at.place]
    return ResourceChart(Chart("map", ("item", "lat", "long"), rows), gettext("Where")) if rows else None


def _in_words(value: ox.Literal | None, show: Presenter) -> Cell | None:
    return Cell(show.in_words(value).name.text, value.value) if value else None


def _named(node: ox.NamedNode, show: Presenter, class_: str = "") -> Cell:
    value = show.value(node)
    text = value.name.text if len(value.name.text) <= _LONGEST else f"{value.name.text[: _LONGEST - 1]}…"
    return Cell(text, node.value, value.name.language, value.href, class_=class_)
