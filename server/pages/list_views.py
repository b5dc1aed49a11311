"""What a list can be shown as beside its table: a map of where the members are, a time line of when, a tree."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from core.wording import gettext_noop
from server.http.context import current_release, links
from server.http.languages import gettext, number
from server.model.lists import CLASS
from server.pages.page import presenter
from server.pages.resource_charts import ResourceChart, map_of, time_line_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from server.model.lists import Listing
    from server.model.positions import Place
    from server.pages.resource_list import ResourceEntry

VIEW = "view"  # the parameter that says which
_MAP, _TIME_LINE = "map", "timeline"
CHARTS = {_MAP: gettext_noop("Map"), _TIME_LINE: gettext_noop("Timeline")}
_MOST = 1_000  # members in a chart
_MIN_DATES = 2  # in a time line


class ListView(NamedTuple):
    """A way to show a list: its name and address, and whether it is shown so."""

    name: str
    href: str
    is_current: bool


def list_views(listing: Listing, entries: Sequence[ResourceEntry], current: str | None) -> list[ListView]:
    """The views of a list with these entries on one of its pages; none where there is its table alone.

    current: a key of CHARTS, None for the table.
    """
    urls, parameters, drawable = links(), listing.selection.parameters(), _charts(entries)
    found = [
        ListView(gettext(name), urls.listing(*parameters, (VIEW, view)), view == current)
        for view, name in CHARTS.items()
        if view == current or view in drawable
    ]
    class_ = listing.selection.class_
    if class_ and _has_tree(class_, listing, entries):
        found.append(ListView(gettext("Tree"), urls.tree((CLASS, class_)), is_current=False))
    return [ListView(gettext("Table"), urls.listing(*parameters), current is None), *found] if found else []


def tree_views(table: str | None) -> list[ListView]:
    """The views of a tree, of which `table` is the address of the list; none where there is no list."""
    current = ListView(gettext("Tree"), "", is_current=True)
    return [ListView(gettext("Table"), table, is_current=False), current] if table else []


def places_of(entries: Iterable[ResourceEntry]) -> dict[int, Place]:
    """The places of the entries that have one, by their numbers."""
    positions = current_release().positions
    found = ((entry.number, positions.near(ox.NamedNode(entry.iri)).place) for entry in entries)
    return {number: place for number, place in found if place}


def has_places(listing: Listing) -> bool:
    """Whether one of the first members of a list has a place, as its map has them."""
    release = current_release()
    resources = release.index.resources(islice(listing.members, _MOST))
    return any(release.positions.near(ox.NamedNode(one.iri)).place for one in resources)


def _charts(entries: Sequence[ResourceEntry]) -> set[str]:
    """The charts that can be drawn of these members."""
    found = [current_release().positions.near(ox.NamedNode(entry.iri)) for entry in entries]
    has_dates = sum(position.date is not None for position in found) >= _MIN_DATES
    return {*[_MAP] * any(position.place for position in found), *[_TIME_LINE] * has_dates}


def _has_tree(class_: str, listing: Listing, entries: Sequence[ResourceEntry]) -> bool:
    """Whether these members are in a hierarchy of which the tops can be told."""
    hierarchies = current_release().hierarchies
    if hierarchies.is_empty or not hierarchies.has_roots(class_):
        return False
    return any(
        hierarchies.below(entry.number) or hierarchies.above(entry.number) & listing.members for entry in entries
    )


def list_chart(listing: Listing, view: str) -> ResourceChart | None:
    """The chart of the first members; None where they have no place or date. view: a key of CHARTS."""
    release, show = current_release(), presenter()
    resources = release.index.resources(islice(listing.members, _MOST))
    known = [(node, release.positions.near(node)) for node in (ox.NamedNode(one.iri) for one in resources)]
    made = map_of(known, show) if view == _MAP else time_line_of(known, show)
    return made and ResourceChart(made.chart, f"{made.caption}: {_share(len(made.chart.rows), len(listing.members))}")


def _share(drawn: int, total: int) -> str:
    """How many members of a list are drawn, and of which."""
    numbers = {"drawn": number(drawn), "total": number(total), "most": number(_MOST)}
    if total > _MOST:
        return gettext("%(drawn)s of the first %(most)s by name, of %(total)s in all", **numbers)
    return gettext("%(drawn)s of %(total)s", **numbers)
