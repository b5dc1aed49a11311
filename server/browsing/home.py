"""The front page, and the small files that every site has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
from flask import Blueprint, Response

from core.formats import HTML, RDF_FORMATS
from server.browsing.illustrations import illustrated, illustrations
from server.endpoint.saved import placed
from server.endpoint.saved_pages import entry
from server.web.pages import dataset, page, presenter, publication, text_of
from server.web.responses import chosen, see_other

if TYPE_CHECKING:
    from core.saved_queries import SavedQuery
    from server.browsing.illustrations import Illustration

blueprint = Blueprint("home", __name__)

_OTHERS = 8  # saved queries that are named
_FIRST = "network"


@blueprint.get("/")
def home() -> Response:
    """What this is, how much there is of it, and where to go on; for machines the catalogue says so."""
    choice = chosen((HTML, *RDF_FORMATS))
    if choice.format is not HTML:
        response = see_other(publication().urls.path("catalog"))
        response.vary.add("Accept")
        return response
    return illustrated(lambda: illustrations(_shown()), _html)


@blueprint.get("/health")
def health() -> Response:
    """The id of the release that is served."""
    response = Response(f"{publication().release.id}\n", content_type="text/plain; charset=utf-8")
    response.cache_control.no_store = True
    return response


def _shown() -> list[SavedQuery]:
    """The queries that have their place here: a network first, which may be that of the page of networks."""
    of = publication()
    queries = placed(of, "home")
    if not any(query.view == _FIRST for query in queries):
        queries += placed(of, "network")[:1]
    return sorted(queries, key=lambda query: (query.view != _FIRST, query.name))


def _html(shown: list[Illustration]) -> str:
    of = publication()
    show, about = presenter(), of.manifest.dataset
    return page(
        "home.html",
        entity=dataset(),
        title=text_of(about.title),
        text=text_of(about.description),
        publisher=text_of(about.publisher),
        illustrations=shown,
        classes=[(show.value(ox.NamedNode(term.iri)), term) for term in of.index.main_classes],
        examples=[show.value(ox.NamedNode(iri)) for iri in about.examples],
        queries=[entry(query) for query in list(of.queries.values())[:_OTHERS]],
    )
