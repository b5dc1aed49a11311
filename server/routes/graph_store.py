"""Whole graphs by name: the read operations of the SPARQL 1.1 Graph Store Protocol, indirect identification.

https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from core.formats import HTML, JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
from server.http import sparql_protocol
from server.http.context import current_release
from server.http.languages import gettext, languages
from server.http.problems import HTTPProblem
from server.http.queries import Offers, data_response, query_response
from server.http.responses import add_link, answer, chosen_or_named, see_other
from server.pages.graphs import to_document
from server.pages.results import results_page
from server.query.engine import GraphRequest

if TYPE_CHECKING:
    from server.http.negotiation import NegotiatedFormat
    from server.query.answers import Answer

OFFERS = (TURTLE, HTML, N_TRIPLES, RDF_XML, JSON_LD, TRIG, N_QUADS)

blueprint = Blueprint("graph_store", __name__)


@blueprint.get("/store")
def store() -> Response:
    """One graph: `?default`, or `?graph=` and its name (5.2 of the specification)."""
    arguments = sparql_protocol.from_address()
    name = sparql_protocol.one(arguments, "graph")
    if ("default" in arguments) == (name is not None):
        raise HTTPProblem(
            HTTPStatus.BAD_REQUEST, gettext("Say which graph is meant: /store?default or /store?graph=<IRI>.")
        )
    release = current_release()
    is_catalog = name == release.manifest.catalog_graph and name not in release.manifest.counts.graphs
    if name is not None and name not in release.manifest.counts.graphs and not is_catalog:
        raise HTTPProblem(HTTPStatus.NOT_FOUND, gettext("This release has no graph <%(name)s>.", name=name))
    choice = chosen_or_named(OFFERS, sparql_protocol.formats(arguments))
    if is_catalog:
        return _catalog(choice)
    seconds = sparql_protocol.seconds(arguments)
    path = release.urls.path("store")

    def make(found: Answer) -> Response:
        if choice.format is not HTML:
            return data_response(found, choice)
        again = [("default", "") if name is None else ("graph", name)]
        title = name or "Default graph"
        return Response(results_page(found, title, OFFERS, path, again), content_type=choice.content_type)

    variant = (choice.name, name or "", *(languages() if choice.format is HTML else ()))
    response = query_response(GraphRequest(name, choice.format.extension), variant, make, Offers((), OFFERS), seconds)
    if choice.format is HTML:
        response.vary.add("Accept-Language")
    response.vary.add("Accept")
    if name is not None:
        add_link(response, release.urls.document(name), "describedby")
    return response


def _catalog(choice: NegotiatedFormat) -> Response:
    """The catalog, which is no graph of the dataset, from its file; for people it has a page of its own."""
    release = current_release()
    if choice.format is HTML:
        response = see_other(release.urls.file("catalog"))
    else:
        response = answer(choice, lambda: to_document(release.catalog, choice.format))
    response.vary.add("Accept")
    add_link(response, release.urls.file("catalog"), "describedby")
    return response
