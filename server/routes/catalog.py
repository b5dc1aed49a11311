"""The catalog: the release described in DCAT and PROV-O, in every RDF format and as a page; and its parts in VoID."""

from __future__ import annotations

from http import HTTPStatus

import pyoxigraph as ox
from flask import Blueprint, Response

from core.formats import CITATIONS, HTML, JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
from core.labels import Name, choose
from release.reader import CATALOG
from server.http.context import current_release, links
from server.http.languages import gettext, languages
from server.http.responses import chosen, see_other
from server.pages.citations import citation_answer, cite_release, forms
from server.pages.downloads import Downloads
from server.pages.graphs import graph_answer
from server.pages.page import dataset, page
from server.semantics.negotiation import NegotiatedFormat
from server.semantics.problem import HTTPProblem

OFFERS = (TURTLE, HTML, JSON_LD, N_TRIPLES, RDF_XML, TRIG, N_QUADS)
_SHOWN = 50  # rows of a list before it is folded

blueprint = Blueprint("catalog", __name__)


@blueprint.get("/catalog")
def catalog() -> Response:
    """Turtle comes as the file that it is; a citation is one of the release."""
    choice = chosen((*OFFERS, *CITATIONS))
    if choice.format in CITATIONS:
        response = citation_answer(choice, cite_release)
        response.vary.add("Accept")
        return response
    turtle = (current_release().folder.path / CATALOG).read_bytes
    return graph_answer(lambda: current_release().catalog, _html, "catalog", OFFERS, turtle)


@blueprint.get("/catalog.<extension>")
def citation(extension: str) -> Response:
    """The citation of the release in one form."""
    form = next((form for form in CITATIONS if form.extension == extension), None)
    if form is None:
        raise HTTPProblem(
            HTTPStatus.NOT_FOUND, gettext("There is no format '%(extension)s' for this.", extension=extension)
        )
    return citation_answer(NegotiatedFormat.of(form), cite_release)


@blueprint.get("/.well-known/void")
def void() -> Response:
    """The dataset by its parts (https://www.w3.org/TR/void/#well-known); people are led to the catalog."""
    if chosen(OFFERS).format is not HTML:
        return graph_answer(lambda: current_release().parts, _html, ".well-known/void", OFFERS)
    response = see_other(current_release().urls.file("catalog"))
    response.vary.add("Accept")
    return response


def _html() -> str:
    return page(
        "catalog.html",
        title=gettext("Catalog"),
        entity=dataset(),
        keywords=_keywords(),
        files=Downloads(current_release()).documents(),
        formats=[offer.name for offer in OFFERS if offer is not HTML],
        most=_SHOWN,
        citation=forms(cite_release(), lambda form: links().path(f"catalog.{form.extension}")),
    )


def _keywords() -> list[Name]:
    """The keywords in the reader's language, or in the one that is chosen instead."""
    keywords = current_release().manifest.dataset.keywords
    words = [ox.Literal(word, language=tag) for tag, of in sorted(keywords.items()) for word in of]
    first = choose(words, languages())
    return [Name(word.value, first.language) for word in words if first and word.language == first.language]
