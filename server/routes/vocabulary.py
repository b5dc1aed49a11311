"""The vocabulary of the release: whole at `/ontology`, and each of its terms below that address."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import pyoxigraph as ox
from flask import Blueprint, Response

from core.formats import HTML
from server.http.context import current_release
from server.http.languages import gettext
from server.http.responses import answer, chosen, see_other
from server.pages.graphs import OFFERS, graph_answer
from server.pages.page import page
from server.pages.vocabulary import VocabularyPages
from server.semantics.problem import HTTPProblem, gettext_noop

if TYPE_CHECKING:
    from collections.abc import Callable

blueprint = Blueprint("vocabulary", __name__)


@blueprint.get("/ontology")
def ontology() -> Response:
    """The vocabulary: every triple of its graph in RDF, or a page of its terms."""
    graph, missing = current_release().manifest.ontology, gettext_noop("This release has no vocabulary of its own.")
    return _answer(graph, "ontology", missing, lambda: page("ontology.html", **VocabularyPages().overview()))


@blueprint.get("/ontology/shapes")
def shapes() -> Response:
    """The shapes: every triple of their graph in RDF, or a page of their constraints class by class."""
    graph, missing = current_release().manifest.shapes, gettext_noop("This release has no shapes.")
    return _answer(graph, "ontology/shapes", missing, lambda: page("shapes.html", **VocabularyPages().shapes()))


@blueprint.get("/ontology/<path:name>")
def term(name: str) -> Response:
    """The page about one term; for machines 303 to the document about it."""
    release = current_release()
    found = release.vocabulary.by_anchor.get(name)
    if found is None:
        raise HTTPProblem(HTTPStatus.NOT_FOUND, gettext("The vocabulary has no term '%(term)s'.", term=name))
    choice = chosen(OFFERS)
    if choice.format is HTML:
        response = answer(choice, lambda: page("term.html", **VocabularyPages().term(found)))
    else:
        response = see_other(release.urls.document(found.iri))
    response.vary.add("Accept")
    return response


def _answer(graph: str | None, path: str, missing: str, html: Callable[[], str]) -> Response:
    if graph is None:
        raise HTTPProblem(HTTPStatus.NOT_FOUND, missing)
    find, name = current_release().store.quads_for_pattern, ox.NamedNode(graph)
    return graph_answer(lambda: [quad.triple for quad in find(None, None, None, name)], html, path)
