"""Charts: tables that the script of the pages draws as a network, a time line, a map or bars.

A chart is a table first, which is all that a reader without scripts needs. The columns have the names that the script
(web/src/charts/) knows them by; each cell has a text and the value that the text stands for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import escape

from core.labels import Name
from core.rdf import notation
from core.saved_queries import VIEWS
from core.wording import NUMBERS
from server.http.languages import catalogue, gettext
from server.pages.page import text_of
from server.semantics.problem import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from markupsafe import Markup

    from core.rdf import Term
    from server.pages.presentation import Presenter

_LABEL = "Label"  # column `itemLabel` names the resources of column `item`
_HEADINGS = {
    "source": gettext_noop("From"),
    "target": gettext_noop("To"),
    "kind": gettext_noop("Kind"),
    "properties": gettext_noop("Properties"),
    "year": gettext_noop("Year"),
    "item": gettext_noop("What"),
    "start": gettext_noop("Begin"),
    "end": gettext_noop("End"),
    "lat": gettext_noop("Latitude"),
    "long": gettext_noop("Longitude"),
    "label": gettext_noop("What"),
    "value": gettext_noop("Number"),
}

_MESSAGES = {
    "table": gettext_noop("As a table"),
    "zoomIn": gettext_noop("Zoom in"),
    "zoomOut": gettext_noop("Zoom out"),
    "whole": gettext_noop("Show all"),
    "keysMap": gettext_noop("Arrow keys move the map, plus and minus zoom, Tab goes through the places."),
    "keysNetwork": gettext_noop(
        "Tab goes through what is linked, Enter opens it, arrow keys move the drawing, plus and minus zoom."
    ),
    "kind": gettext_noop("Kind"),
    "from": gettext_noop("From year"),
    "to": gettext_noop("To year"),
    "shown": gettext_noop("{nodes} nodes, {edges} links"),
    "open": gettext_noop("still going on"),
    "more": gettext_noop("and {number} more in the table"),
}


class Cell(NamedTuple):
    """A cell: its text, the value that the text stands for, the language of the text, and the address of its link.

    href: an address on this site; link: one elsewhere. is_number: whether the value is a number.
    """

    text: str
    value: str
    language: str = ""
    href: str | None = None
    link: str | None = None
    is_number: bool = False


@dataclass(frozen=True)
class Chart:
    """A table and the kind of chart that it is drawn as; `table` where it is not drawn.

    kind: one of core.saved_queries.VIEWS. columns: their names. is_directed: whether the edges of a network are arrows.
    column_titles: as a saved query has them.
    """

    kind: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell | None]]
    is_directed: bool = False
    column_titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def headings(self) -> list[tuple[str, Name]]:
        """Each column with its heading for the reader: its title, else that of the kind of chart, else its name."""
        titles = self.column_titles
        return [(name, text_of(titles.get(name, {})) or Name(_heading(name))) for name in self.columns]

    @property
    def numbers(self) -> set[str]:
        """The columns that have numbers, but for a few values."""
        found = set()
        for column, cells in zip(self.columns, zip(*self.rows, strict=True), strict=False):
            known = [cell.is_number for cell in cells if cell]
            if sum(known) * 2 > len(known):
                found.add(column)
        return found


def result_chart(
    kind: str,
    variables: Sequence[str],
    rows: Iterable[Sequence[Term | None]],
    show: Presenter,
    column_titles: Mapping[str, Mapping[str, str]] | None = None,
) -> Chart:
    """The chart of a query's solutions, a `table` where they lack a column of the kind.

    kind: one of core.saved_queries.VIEWS. The column `xLabel` has the names for the column `x`, and none of its own.
    """
    kept = [name for name in variables if not (name.endswith(_LABEL) and name.removesuffix(_LABEL) in variables)]
    place = {name: number for number, name in enumerate(variables)}
    known: dict[tuple[Term | None, Term | None], Cell | None] = {}  # the nodes of a network recur in many rows

    def cell(term: Term | None, label: Term | None) -> Cell | None:
        if (term, label) not in known:
            known[term, label] = _cell(term, label, show)
        return known[term, label]

    cells = [
        [cell(row[place[name]], row[place[name + _LABEL]] if name + _LABEL in place else None) for name in kept]
        for row in rows
    ]
    is_drawable = set(VIEWS[kind][0]) <= set(kept)
    return Chart(kind if is_drawable else "table", kept, cells, column_titles=column_titles or {})


def _cell(term: Term | None, label: Term | None, show: Presenter) -> Cell | None:
    """The cell of a term: its name in the reader's language, or the label of the query where the data have no name."""
    if term is None:
        return None
    value = show.in_result(term)
    name = value.name
    if isinstance(label, ox.Literal) and not name.language:
        name = show.value(label).name
    raw = term.value if isinstance(term, ox.NamedNode | ox.Literal) else notation(term)
    return Cell(name.text, raw, name.language, value.href, value.link, value.datatype in NUMBERS)


def _heading(name: str) -> str:
    return gettext(_HEADINGS[name]) if name in _HEADINGS else name


@cache
def messages(language: str) -> Markup:
    """The texts of the script that draws charts, in a language, as the value of an attribute."""
    texts = {name: catalogue(language).gettext(text) for name, text in _MESSAGES.items()}
    return escape(str(htmlsafe_json_dumps(texts, sort_keys=True)))
