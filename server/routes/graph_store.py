"""Whole graphs by name: the read operations of the SPARQL 1.1 Graph Store Protocol, indirect identification.

https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from core.formats import HTML, JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
from server.http.context import current_release
from server.http.languages import gettext
from server.http.queries import ask, complete
from server.http.responses import add_link, answer, chosen_or_named, see_other
from server.pages.graphs import to_document
from server.pages.results import results_page
from server.query.requests import GraphRequest
from server.semantics import sparql_protocol
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from server.query.answers import QueryResponse
    from server.semantics.negotiation import NegotiatedFormat

OFFERS = (TURTLE, HTML, N_TRIPLES, RDF_XML, JSON_LD, TRIG, N_QUADS)

blueprint = Blueprint("graph_store", __name__)


@blueprint.get("/store")
def store() -> Response:
    """One graph: `?default`, or `?graph=` and its name (5.2 of the specification)."""
    arguments = sparql_protocol.from_address(request.environ)
    name = sparql_protocol.one(arguments, "graph")
    if ("default" in arguments) == (name is not None):
        raise HTTPProblem(
            HTTPStatus.BAD_REQUEST, gettext("Say which graph is meant: /store?default or /store?graph=<IRI>.")
        )
    release = current_release()
    is_own = name is None or name in release.manifest.counts.graphs
    if not is_own and name not in release.manifest.description_graphs:
        raise HTTPProblem(HTTPStatus.NOT_FOUND, gettext("This release has no graph <%(name)s>.", name=name))
    choice = chosen_or_named(OFFERS, sparql_protocol.formats(arguments))
    if not is_own:
        return _description(choice, is_card=name == release.manifest.schema_card_graph)
    seconds, names = sparql_protocol.seconds(arguments), sparql_protocol.asks_for_names(arguments)
    path = release.urls.path("store")

    def to_page(found: QueryResponse) -> str:
        again = [("default", "") if name is None else ("graph", name)]
        return results_page(found, name or "Default graph", OFFERS, path, again, names=names)

    response = complete(ask(GraphRequest(name, choice), request.environ, seconds), to_page)
    response.vary.add("Accept")
    if name is not None:
        add_link(response, release.urls.document(name), "describedby")
    return response


def _description(choice: NegotiatedFormat, *, is_card: bool) -> Response:
    """The catalog or the schema card, which are no graphs of the dataset, from their files; people get their pages."""
    release = current_release()
    address = release.urls.file("schema-card" if is_card else "catalog")
    if choice.format is HTML:
        response = see_other(address)
    else:
        triples = release.folder.schema_card if is_card else lambda: release.catalog
        response = answer(choice, lambda: to_document(triples(), choice.format))
    response.vary.add("Accept")
    add_link(response, address, "describedby")
    return response
