"""Saved queries as pictures within other pages: each drawn as its file says; one that fails is told, not hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.formats import HTML
from server.negotiation import Choice
from server.pages import links, presenter
from server.problems import Problem
from server.saved import rows
from server.saved_pages import Entry, entry
from server.views import View, view
from server.web import answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from flask import Response

    from core.saved_queries import SavedQuery
    from server.saved import Table

_SECONDS = 2.0  # for a query of a page that shows others as well


@dataclass(frozen=True)
class Picture:
    """A saved query and its answer; view: None where there was no answer in time. href: the page of the query.

    rows: how many there are to show. cut: whether the query has more than those.
    """

    query: Entry
    href: str
    view: View | None
    rows: int = 0
    cut: bool = False


def pictures(queries: Iterable[SavedQuery], change: Callable[[Table], Table] | None = None) -> list[Picture]:
    """The answers to the queries; change: what to make of each before it is drawn."""
    return [_picture(query, change) for query in queries]


def _picture(query: SavedQuery, change: Callable[[Table], Table] | None) -> Picture:
    shown, href = entry(query), links().path(f"query/{query.name}")
    try:
        table = rows(query, seconds=_SECONDS)
    except Problem:  # one that is slow does not keep the page from being shown
        return Picture(shown, href, None)
    table = change(table) if change else table
    return Picture(shown, href, view(query.view, table.columns, table.rows, presenter()), len(table.rows), table.cut)


def illustrated(make: Callable[[], list[Picture]], html: Callable[[list[Picture]], str]) -> Response:
    """The page with its pictures; it is not kept where one of them is missing, for the next try may have it."""
    missing: list[Picture] = []

    def written() -> str:
        shown: Sequence[Picture] = make()
        missing.extend(picture for picture in shown if picture.view is None)
        return html(list(shown))

    response = answer(Choice(HTML, HTML.media_type), written)
    response.vary.add("Accept")
    if missing:
        del response.headers["ETag"]
        response.cache_control.no_store = True
    return response
