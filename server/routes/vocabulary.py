"""The vocabulary of the release: whole at `/ontology`, and each of its terms below that address."""

from __future__ import annotations

from http import HTTPStatus

import pyoxigraph as ox
from flask import Blueprint, Response

from core.formats import HTML
from server.http.context import current_release
from server.http.languages import gettext
from server.http.responses import answer, chosen, see_other
from server.pages.graphs import OFFERS, graph_answer
from server.pages.page import page
from server.pages.vocabulary import overview, shapes_page, term_page
from server.semantics.problem import HTTPProblem

blueprint = Blueprint("vocabulary", __name__)


@blueprint.get("/ontology")
def ontology() -> Response:
    """The vocabulary: every triple of its graph in RDF, or a page of its terms."""
    graph = current_release().manifest.ontology
    if graph is None:
        raise HTTPProblem(HTTPStatus.NOT_FOUND, gettext("This release has no vocabulary of its own."))
    return graph_answer(lambda: _triples(graph), lambda: page("ontology.html", **overview()), "ontology")


@blueprint.get("/ontology/shapes")
def shapes() -> Response:
    """The shapes: every triple of their graph in RDF, or a page of their constraints class by class."""
    graph = current_release().manifest.shapes
    if graph is None:
        raise HTTPProblem(HTTPStatus.NOT_FOUND, gettext("This release has no shapes."))
    return graph_answer(lambda: _triples(graph), lambda: page("shapes.html", **shapes_page()), "ontology/shapes")


@blueprint.get("/ontology/<path:name>")
def term(name: str) -> Response:
    """The page about one term; for machines 303 to the document about it."""
    release = current_release()
    found = release.vocabulary.by_anchor.get(name)
    if found is None:
        raise HTTPProblem(HTTPStatus.NOT_FOUND, gettext("The vocabulary has no term '%(term)s'.", term=name))
    choice = chosen(OFFERS)
    if choice.format is HTML:
        response = answer(choice, lambda: page("term.html", **term_page(found)))
    else:
        response = see_other(release.urls.document(found.iri))
    response.vary.add("Accept")
    return response


def _triples(graph: str) -> list[ox.Triple]:
    return [quad.triple for quad in current_release().store.quads_for_pattern(None, None, None, ox.NamedNode(graph))]
