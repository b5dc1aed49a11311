"""The front page, and the small files that every site has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from core.formats import HTML, RDF_FORMATS, TURTLE
from server.http.context import current_release
from server.http.responses import chosen, see_other
from server.pages.page import dataset, page, text_of
from server.pages.saved_queries import placed
from server.pages.saved_query_charts import chart_page, saved_query_charts

if TYPE_CHECKING:
    from core.saved_queries import SavedQuery
    from server.pages.saved_query_charts import SavedQueryChart

blueprint = Blueprint("home", __name__)

_OTHERS = 8  # saved queries that are named
_ORDER = ("table", "chart", "network")  # of views; then the others


@blueprint.get("/")
def home() -> Response:
    """The front page; a request for RDF is sent to the catalog by 303."""
    choice = chosen((HTML, *RDF_FORMATS))
    if choice.format is not HTML:
        response = see_other(current_release().urls.path("catalog"))
        response.vary.add("Accept")
        return response
    response = chart_page(lambda: saved_query_charts(_shown()), _html)
    urls = current_release().urls
    catalog = urls.absolute(urls.file("catalog"))
    # FAIR-Checker follows no relative address, and reads none before a space
    response.headers.add("Link", f'<{catalog}>;rel="describedby";type="{TURTLE.media_type}"')
    return response


def _shown() -> list[SavedQuery]:
    """The saved queries placed on the front page: tables, bars, networks, others; with a network in any case."""
    release = current_release()
    queries = placed(release, "home")
    if not any(query.view == "network" for query in queries):
        queries += placed(release, "network")[:1]
    return sorted(queries, key=lambda query: _ORDER.index(query.view) if query.view in _ORDER else len(_ORDER))


def _html(shown: list[SavedQueryChart]) -> str:
    release = current_release()
    answers = [item for item in shown if item.query.view == "table" and item.chart and item.chart.rows]
    return page(
        "home.html",
        entity=dataset(),
        title=text_of(release.manifest.dataset.title),
        answers=answers,
        saved_query_charts=[item for item in shown if item not in answers],
        classes=release.listable.counts,
        resources=len(release.listable.everything),
        examples=release.examples,
        queries=list(release.queries.values())[:_OTHERS],
    )
