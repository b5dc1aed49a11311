"""Whole graphs by name: the read operations of the SPARQL 1.1 Graph Store Protocol, indirect identification.

https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response

from core.formats import HTML, JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
from server.http import sparql_protocol
from server.http.context import current_release
from server.http.languages import gettext
from server.http.problems import Problem
from server.http.queries import acquire_quota, ask, evaluated, respond
from server.http.responses import chosen_or_named, link
from server.pages.results import results_page
from server.query.engine import GraphRequest

OFFERS = (TURTLE, HTML, N_TRIPLES, RDF_XML, JSON_LD, TRIG, N_QUADS)

blueprint = Blueprint("graph_store", __name__)


@blueprint.get("/store")
def store() -> Response:
    """One graph: `?default`, or `?graph=` and its name (5.2 of the specification)."""
    arguments = sparql_protocol.from_address()
    name = sparql_protocol.one(arguments, "graph")
    if ("default" in arguments) == (name is not None):
        raise Problem(
            HTTPStatus.BAD_REQUEST, gettext("Say which graph is meant: /store?default or /store?graph=<IRI>.")
        )
    release = current_release()
    if name is not None and name not in release.manifest.graphs:
        raise Problem(HTTPStatus.NOT_FOUND, gettext("This release has no graph <%(name)s>.", name=name))
    choice = chosen_or_named(OFFERS, sparql_protocol.formats(arguments))
    seconds = sparql_protocol.seconds(arguments)
    path = release.urls.path("store")

    def evaluate() -> Response:
        acquire_quota()
        answered = ask(GraphRequest(name, choice.format.extension), (), OFFERS, seconds)
        html = None
        if choice.format is HTML:
            again = [("default", "") if name is None else ("graph", name)]
            html = results_page(answered, name or "Default graph", OFFERS, path, again)
        response = respond(answered, html)
        response.content_type = choice.content_type
        return response

    if choice.format is HTML:  # a page is also in the reader's language
        response = evaluate()
        response.vary.add("Accept-Language")
    else:
        response = evaluated((choice.media_type, name or ""), evaluate)
    response.vary.add("Accept")
    if name is not None:
        response.headers.add("Link", link(release.urls.document(name), "describedby"))
    return response
