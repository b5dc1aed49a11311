"""The front page, and the small files that every site has."""

from __future__ import annotations

import pyoxigraph as ox
from flask import Blueprint, Response

from core.formats import HTML, RDF_FORMATS
from server.pages import dataset, page, presenter, publication, text_of
from server.web import answer, chosen, see_other

blueprint = Blueprint("home", __name__)

EXAMPLE_QUERY = """\
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?thing ?label ?class WHERE {
  ?thing a ?class ; rdfs:label ?label
} LIMIT 20
"""


@blueprint.get("/")
def home() -> Response:
    """What this is, how much there is of it, and where to go on; for machines the catalogue says so."""
    choice = chosen((HTML, *RDF_FORMATS))
    response = answer(choice, _html) if choice.format is HTML else see_other(publication().urls.path("catalog"))
    response.vary.add("Accept")
    return response


@blueprint.get("/health")
def health() -> Response:
    """The id of the release that is served."""
    response = Response(f"{publication().release.id}\n", content_type="text/plain; charset=utf-8")
    response.cache_control.no_store = True
    return response


def _html() -> str:
    of = publication()
    show = presenter()
    about, counts = of.manifest.dataset, of.manifest.counts
    classes = show.main_classes(counts.classes)
    return page(
        "home.html",
        entity=dataset(),
        title=text_of(about.title),
        text=text_of(about.description),
        publisher=text_of(about.publisher),
        classes=[(show.value(ox.NamedNode(iri)), counts.classes[iri]) for iri in classes],
        examples=[show.value(ox.NamedNode(iri)) for iri in about.examples],
        example_query=EXAMPLE_QUERY,
    )
