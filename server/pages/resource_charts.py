"""Pictures of a resource and what it is linked to: a network, a time line, a map, each of them a table first.

They show also when the linked resources were and where they lie, which the documents of these say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.namespaces import GEO, SCHEMA
from server.http.languages import gettext
from server.model.presentation_shapes import Viewer
from server.pages.charts import Cell, Column, View, heading

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from server.pages.document import DocumentPage
    from server.pages.presentation import Presenter

_MOST = 40  # linked resources in a picture
_LEAST_LINKS = 3
_LEAST_DATES = 2
_COORDINATES = ((GEO + "lat", GEO + "long"), (SCHEMA + "latitude", SCHEMA + "longitude"))
_DEFAULT = ox.DefaultGraph()


@dataclass(frozen=True)
class Picture:
    """A view, and what it shows; is_aside: whether it only tells once more what the page says in words."""

    view: View
    caption: str
    is_aside: bool = False


@dataclass(frozen=True)
class _Tie:
    """A link that the shapes know: from where, to where, by which property, and which end is the other resource."""

    source: ox.NamedNode
    target: ox.NamedNode
    property: ox.NamedNode
    other: ox.NamedNode


def pictures(page: DocumentPage, store: ox.Store, used: Container[str]) -> list[Picture]:
    """Those that the data of the page are enough for; used: the properties that the release has triples of."""
    subject = page.of.subject
    if not isinstance(subject, ox.NamedNode):
        return []
    ties = list(_ties(page, subject))[:_MOST]
    nodes = [subject, *dict.fromkeys(tie.other for tie in ties)]
    dates = tuple(iri for iri in page.show.model.dates if iri in used)
    coordinates = next((pair for pair in _COORDINATES if pair[0] in used), None)
    found = [
        _map(nodes, coordinates, page.show, store) if coordinates else None,
        _time_line(nodes, dates, page.show, store),
    ]
    return [
        *(picture for picture in found if picture),
        *([_network(ties, page.show)] if len(ties) >= _LEAST_LINKS else []),
    ]


def _ties(page: DocumentPage, subject: ox.NamedNode) -> Iterator[_Tie]:
    """The links by properties of the shapes, but for those whose values are shown whole in place."""
    model, base = page.show.model, page.show.urls.base

    def ties(property_: ox.NamedNode) -> bool:
        return model.is_shaped(property_.value) and Viewer.DETAILS not in model.viewers(property_.value)

    for triple in page.of.facts:
        node = triple.object
        if isinstance(node, ox.NamedNode) and node.value.startswith(base) and ties(triple.predicate):
            yield _Tie(subject, node, triple.predicate, node)
    for triple in page.of.incoming:
        other = triple.subject
        if isinstance(other, ox.NamedNode) and ties(triple.predicate) and not page.is_mirrored(triple):
            yield _Tie(other, subject, triple.predicate, other)


def _network(ties: list[_Tie], show: Presenter) -> Picture:
    rows = []
    for tie in ties:
        name = show.property_name(tie.property, ())
        rows.append(
            [_named(tie.source, show), _named(tie.target, show), Cell(name.text, tie.property.value, name.language)]
        )
    return Picture(_view("network", ("source", "target", "kind"), rows), gettext("What it is linked to"), is_aside=True)


def _time_line(nodes: list[ox.NamedNode], dates: tuple[str, ...], show: Presenter, store: ox.Store) -> Picture | None:
    rows = []
    for node in nodes:
        date = next(_literals(node, dates, store), None)
        if date is not None:
            rows.append([_named(node, show), Cell(show.in_words(date).name.text, date.value)])
    rows.sort(key=lambda row: row[1].value.removeprefix("../"))
    shown = Picture(_view("timeline", ("item", "start"), rows), gettext("When"))
    return shown if len(rows) >= _LEAST_DATES else None


def _map(nodes: list[ox.NamedNode], pair: tuple[str, str], show: Presenter, store: ox.Store) -> Picture | None:
    rows = []
    for node in nodes:
        latitude = next(_literals(node, pair[:1], store), None)
        longitude = next(_literals(node, pair[1:], store), None) if latitude else None
        if latitude and longitude:
            cells = [Cell(show.in_words(value).name.text, value.value) for value in (latitude, longitude)]
            rows.append([_named(node, show), *cells])
    return Picture(_view("map", ("item", "lat", "long"), rows), gettext("Where")) if rows else None


def _literals(node: ox.NamedNode, properties: tuple[str, ...], store: ox.Store) -> Iterator[ox.Literal]:
    for iri in properties:
        values = (quad.object for quad in store.quads_for_pattern(node, ox.NamedNode(iri), None, _DEFAULT))
        yield from sorted((value for value in values if isinstance(value, ox.Literal)), key=str)


def _named(node: ox.NamedNode, show: Presenter) -> Cell:
    value = show.value(node)
    return Cell(value.name.text, node.value, value.name.language, value.href)


def _view(kind: str, columns: tuple[str, ...], rows: list[list[Cell]]) -> View:
    return View(kind, [Column(name, heading(name)) for name in columns], rows)
