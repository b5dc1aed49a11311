"""The page of networks: the saved queries placed there, drawn as networks and filtered by kind, class and year."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

import pyoxigraph as ox
from flask import Blueprint, Response, request

from core.formats import HTML
from server.http.context import current_release
from server.http.languages import gettext
from server.http.responses import chosen
from server.pages.charts import class_of
from server.pages.page import page, presenter, shown
from server.pages.saved_queries import placed
from server.pages.saved_query_charts import chart_page, saved_query_charts
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.labels import Name
    from core.rdf import Term
    from server.pages.results import ResultTable
    from server.pages.saved_query_charts import SavedQueryChart

blueprint = Blueprint("network", __name__)

_KIND, _CLASS, _YEAR = "kind", "class", "year"
_ENDS = ("source", "target")
_INTEGER = re.compile(r"-?[0-9]{1,20}")  # a year that rows are filtered by


@dataclass
class RowFilter:
    """Finds the rows without the kinds, classes and years of the request, and collects all of these for the form.

    kinds: IRIs or texts of the column `kind`, empty for all. classes: IRIs of those of both ends, empty for all. since,
    until: years of the column `year`, inclusive. known: the name of each kind in the rows by its IRI or text.
    known_classes: that of each class by its IRI. years: every year in the rows.
    """

    kinds: frozenset[str]
    classes: frozenset[str]
    since: int | None
    until: int | None
    known: dict[str, Name] = field(default_factory=dict)
    known_classes: dict[str, Name] = field(default_factory=dict)
    years: set[int] = field(default_factory=set)

    @property
    def is_set(self) -> bool:
        return bool(self.kinds or self.classes) or self.since is not None or self.until is not None

    def __call__(self, table: ResultTable) -> set[int]:
        """The numbers of the rows that do not match; one without a year matches only if no year was asked for."""
        place = {name: index for index, name in enumerate(table.columns)}

        def cell(row: Sequence[Term | None], name: str) -> Term | None:
            return row[place[name]] if name in place else None

        class_of_node = cache(class_of)
        hidden = set()
        for number, row in enumerate(table.rows):
            kind, year = cell(row, _KIND), _number(cell(row, _YEAR))
            if isinstance(kind, ox.NamedNode | ox.Literal):
                self.known.setdefault(kind.value, presenter().value(kind).name)
            if year is not None:
                self.years.add(year)
            classes = {class_ for end in _ENDS if (class_ := class_of_node(cell(row, end)))}
            self.known_classes.update((iri, shown(iri).name) for iri in classes - self.known_classes.keys())
            if not (self._has(kind) and self._covers(year) and (not self.classes or classes <= self.classes)):
                hidden.add(number)
        return hidden

    def _has(self, kind: Term | None) -> bool:
        return not self.kinds or (isinstance(kind, ox.NamedNode | ox.Literal) and kind.value in self.kinds)

    def _covers(self, year: int | None) -> bool:
        if self.since is None and self.until is None:
            return True
        return (
            year is not None
            and (self.since is None or year >= self.since)
            and (self.until is None or year <= self.until)
        )


def _number(term: Term | None) -> int | None:
    return int(term.value) if isinstance(term, ox.Literal) and _INTEGER.fullmatch(term.value) else None


@blueprint.get("/network")
def network() -> Response:
    """The HTML page; the data behind each chart are the results of its saved query, at `/query/<name>`."""
    chosen((HTML,))
    kinds, classes = (frozenset(filter(None, request.args.getlist(name))) for name in (_KIND, _CLASS))
    asked = RowFilter(kinds, classes, _asked_year("from"), _asked_year("to"))
    return chart_page(
        lambda: saved_query_charts(placed(current_release(), "network"), asked), lambda found: _html(asked, found)
    )


def _asked_year(name: str) -> int | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    if not _INTEGER.fullmatch(text):
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, gettext("'%(name)s' has to be a year.", name=name))
    return int(text)


def _html(asked: RowFilter, found: Sequence[SavedQueryChart]) -> str:
    return page(
        "network.html",
        title=gettext("Network"),
        saved_query_charts=found,
        asked=asked,
        kinds=_by_name(asked.known),
        classes=_by_name(asked.known_classes),
        years=sorted(asked.years),
    )


def _by_name(names: Mapping[str, Name]) -> list[tuple[str, Name]]:
    return sorted(names.items(), key=lambda item: (item[1].text.casefold(), item[0]))
