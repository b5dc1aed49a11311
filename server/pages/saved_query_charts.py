"""Charts of saved queries on other pages, which are shown whether or not the queries have answers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response, current_app

from core.errors import QueryError
from core.formats import HTML
from core.saved_queries import ParameterError
from server.http.context import current_release
from server.http.languages import chosen_language, languages
from server.http.responses import conditional_answer
from server.pages.charts import Chart, result_chart
from server.pages.page import presenter
from server.pages.saved_queries import rows
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from core.saved_queries import SavedQuery
    from server.pages.results import ResultTable

_SHORTEST_PAUSE, _LONGEST_PAUSE = 5.0, 300.0  # seconds until a query without an answer is run again
# By release and query, until when it is not run, and that pause: a page that is requested often does not run it each
# time. The pause doubles with each failure: a moment in which the machine is busy costs a moment.
_failures: dict[tuple[str, str], tuple[float, float]] = {}


@dataclass(frozen=True)
class SavedQueryChart:
    """A saved query and the chart of its result, None where it had no answer.

    truncated: whether the chart has only the first thousand rows.
    """

    query: SavedQuery
    chart: Chart | None = None
    truncated: bool = False


def saved_query_charts(
    queries: Iterable[SavedQuery], hidden_rows: Callable[[ResultTable], Collection[int]] = lambda _: ()
) -> list[SavedQueryChart]:
    """The charts of the queries, within the setting `chart_seconds` together.

    hidden_rows: the numbers of the rows of a result not to show.
    """
    end = time.monotonic() + current_app.extensions["chart_seconds"]
    return [_chart(query, end - time.monotonic(), hidden_rows) for query in queries]


def chart_page(find: Callable[[], list[SavedQueryChart]], make: Callable[[list[SavedQueryChart]], str]) -> Response:
    """The page that `make` writes from the charts; caches do not store it where a chart is missing."""
    is_incomplete = False

    def evaluate() -> Response:
        nonlocal is_incomplete
        found = find()
        is_incomplete = any(item.chart is None for item in found)
        return Response(make(found), content_type=HTML.content_type)

    if current_release().pool.follows_release:
        response = conditional_answer((HTML.media_type, *languages()), evaluate)
    else:
        response = evaluate()
    response.vary.add("Accept")
    if not chosen_language():
        response.vary.add("Accept-Language")
    if is_incomplete:
        response.cache_control.no_store = True
    return response


def _chart(query: SavedQuery, seconds: float, hidden_rows: Callable[[ResultTable], Collection[int]]) -> SavedQueryChart:
    key = current_release().folder.id, query.name
    missing = SavedQueryChart(query)
    paused, pause = _failures.get(key, (0.0, 0.0))
    if seconds <= 0 or time.monotonic() < paused:
        return missing
    try:
        table = rows(query, seconds=seconds)
    except (
        HTTPProblem,
        ParameterError,
    ) as error:  # too slow, too large, too many at once, or a parameter that has no value here
        # and not for want of a place or a file; what a query process says has no cause here
        if isinstance(error, ParameterError) or isinstance(error.__cause__, QueryError | None):
            pause = min(max(2 * pause, _SHORTEST_PAUSE), _LONGEST_PAUSE)
            _failures[key] = time.monotonic() + pause, pause
        return missing
    _failures.pop(key, None)
    chart = result_chart(query.view, table.columns, table.rows, presenter(), query.column_titles, hidden_rows(table))
    return SavedQueryChart(query, chart, table.truncated)
