"""Saved queries drawn in pages that are about something else: a page stands whether or not its queries have answers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response

from core.formats import HTML
from core.saved_queries import ParameterError
from server.http.context import current_release, links
from server.http.languages import chosen_language, languages
from server.http.problems import Problem
from server.http.queries import evaluated
from server.pages.charts import View, view
from server.pages.page import presenter
from server.pages.saved_queries import rows
from server.pages.saved_query import Entry, entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.saved_queries import SavedQuery
    from server.pages.saved_queries import Table

SECONDS = 4.0  # for all queries of a page
AGAIN = 300.0  # seconds until a query that had no answer is tried once more
# When a query of a release had no answer: a page that is asked for often shall not start it each time.
_failed: dict[tuple[str, str], float] = {}


@dataclass(frozen=True)
class Illustration:
    """A query and its answer as it is drawn; view is None where there is no answer. href: its own page.

    cut: whether these are only the first thousand rows.
    """

    query: Entry
    href: str
    view: View | None = None
    cut: bool = False


def illustrations(
    queries: Iterable[SavedQuery], kept: Callable[[Table], Table] = lambda table: table
) -> list[Illustration]:
    """Each query with its answer, as far as there is time; `kept` leaves out rows."""
    end = time.monotonic() + SECONDS
    return [_illustration(query, end - time.monotonic(), kept) for query in queries]


def illustrated(find: Callable[[], list[Illustration]], make: Callable[[list[Illustration]], str]) -> Response:
    """A page with illustrations, which nobody keeps where one has no answer: the next reader may have more luck."""
    is_lacking = False

    def evaluate() -> Response:
        nonlocal is_lacking
        found = find()
        is_lacking = any(illustration.view is None for illustration in found)
        return Response(make(found), content_type=HTML.content_type)

    response = evaluated((HTML.media_type, *languages()), evaluate)
    response.vary.add("Accept")
    if not chosen_language():
        response.vary.add("Accept-Language")
    if is_lacking:
        response.cache_control.no_store = True
    return response


def _illustration(query: SavedQuery, seconds: float, kept: Callable[[Table], Table]) -> Illustration:
    href = links().path(f"query/{query.name}")
    which = current_release().folder.id, query.name
    lacking = Illustration(entry(query), href)
    if seconds <= 0 or time.monotonic() - _failed.get(which, -AGAIN) < AGAIN:
        return lacking
    try:
        table = kept(rows(query, seconds=seconds))
    except (Problem, ParameterError):  # too slow, too large, too many at once, or a parameter that has no value here
        _failed[which] = time.monotonic()
        return lacking
    _failed.pop(which, None)
    return Illustration(entry(query), href, view(query.view, table.columns, table.rows, presenter()), table.cut)
