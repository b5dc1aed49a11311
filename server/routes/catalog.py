"""The catalog: the release described in DCAT, VoID and PROV-O, in every RDF format and as a page."""

from __future__ import annotations

import pyoxigraph as ox
from flask import Blueprint, Response

from core.formats import HTML, JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
from core.labels import Name, choose
from release.reader import CATALOG
from server.http.context import current_release
from server.http.languages import gettext, languages
from server.http.responses import see_other
from server.pages.downloads import Downloads
from server.pages.graphs import graph_answer
from server.pages.page import dataset, page

OFFERS = (TURTLE, HTML, JSON_LD, N_TRIPLES, RDF_XML, TRIG, N_QUADS)
_SHOWN = 50  # rows of a list before it is folded

blueprint = Blueprint("catalog", __name__)


@blueprint.get("/catalog")
def catalog() -> Response:
    """Turtle comes as the file that it is."""
    turtle = (current_release().folder.path / CATALOG).read_bytes
    return graph_answer(lambda: current_release().catalog, _html, "catalog", OFFERS, turtle)


@blueprint.get("/.well-known/void")
def void() -> Response:
    """303 to the catalog (https://www.w3.org/TR/void/#well-known)."""
    return see_other(current_release().urls.file("catalog"))


def _html() -> str:
    return page(
        "catalog.html",
        title=gettext("Catalog"),
        entity=dataset(),
        keywords=_keywords(),
        files=Downloads(current_release()).documents(),
        formats=[offer.name for offer in OFFERS if offer is not HTML],
        most=_SHOWN,
    )


def _keywords() -> list[Name]:
    """The keywords in the reader's language, or in the one that is chosen instead."""
    keywords = current_release().manifest.dataset.keywords
    words = [ox.Literal(word, language=tag) for tag, of in sorted(keywords.items()) for word in of]
    first = choose(words, languages())
    return [Name(word.value, first.language) for word in words if first and word.language == first.language]
