"""Tables that a script may draw: as a network, time line, map or chart.

A view is a table first. Its columns have the names that the drawing knows (web/src/views/); each cell shows a text and
keeps the value it stands for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.saved_queries import VIEWS
from server.http.languages import gettext, gettext_noop

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from server.pages.presentation import Presenter, Term

_LABEL = "Label"  # `itemLabel` names what `item` is
_HEADINGS = {
    "source": gettext_noop("From"),
    "target": gettext_noop("To"),
    "kind": gettext_noop("Kind"),
    "year": gettext_noop("Year"),
    "item": gettext_noop("What"),
    "start": gettext_noop("Begin"),
    "end": gettext_noop("End"),
    "lat": gettext_noop("Latitude"),
    "long": gettext_noop("Longitude"),
    "label": gettext_noop("What"),
    "value": gettext_noop("Number"),
}


@dataclass(frozen=True)
class Column:
    """A column: the name that drawings know it by, and its heading."""

    name: str
    heading: str


@dataclass(frozen=True)
class Cell:
    """What a cell shows, in which language, where it leads, and the value it stands for."""

    text: str
    value: str
    language: str = ""
    href: str | None = None
    link: str | None = None


@dataclass(frozen=True)
class View:
    """A table and how to draw it; `kind` is `table` where the columns are not those that the drawing needs."""

    kind: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell | None]]


def view(kind: str, variables: Sequence[str], rows: Iterable[Sequence[Term | None]], show: Presenter) -> View:
    """The view of a query's solutions: a column `xLabel` goes into the column `x`.

    kind: one of core.saved_queries.VIEWS.
    """
    kept = [name for name in variables if not (name.endswith(_LABEL) and name.removesuffix(_LABEL) in variables)]
    place = {name: number for number, name in enumerate(variables)}
    known: dict[tuple[Term | None, Term | None], Cell | None] = {}  # in a network the same ends come again and again

    def cell(term: Term | None, label: Term | None) -> Cell | None:
        if (term, label) not in known:
            known[term, label] = _cell(term, label, show)
        return known[term, label]

    cells = [
        [cell(row[place[name]], row[place[name + _LABEL]] if name + _LABEL in place else None) for name in kept]
        for row in rows
    ]
    drawable = set(VIEWS[kind][0]) <= set(kept)
    return View(kind if drawable else "table", [Column(name, heading(name)) for name in kept], cells)


def _cell(term: Term | None, label: Term | None, show: Presenter) -> Cell | None:
    """A resource is named in the reader's language, and by the query's own label where it has no name in any."""
    if term is None:
        return None
    value = show.value(term)
    name = value.name
    if isinstance(label, ox.Literal) and not name.language:
        name = show.value(label).name
    raw = term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)
    return Cell(name.text, raw, name.language, value.href, value.link)


def heading(name: str) -> str:
    """The heading of a column in the reader's language; a name that no drawing knows is shown as it is."""
    return gettext(_HEADINGS[name]) if name in _HEADINGS else name
