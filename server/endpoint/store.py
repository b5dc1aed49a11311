"""Whole graphs by name: the read operations of the SPARQL 1.1 Graph Store Protocol, indirect identification.

https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response

from core.formats import HTML, JSON_LD, N3, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
from server.endpoint import protocol
from server.endpoint.queries import ask, evaluated, respond, take_share
from server.endpoint.results import results_page
from server.languages import gettext
from server.querying.engine import GraphRequest
from server.web.pages import publication
from server.web.problems import Problem
from server.web.responses import chosen_or_named, link

OFFERS = (TURTLE, HTML, N_TRIPLES, RDF_XML, JSON_LD, TRIG, N_QUADS, N3)

blueprint = Blueprint("store", __name__)


@blueprint.get("/store")
def store() -> Response:
    """One graph: `?default`, or `?graph=` and its name (5.2 of the specification)."""
    arguments = protocol.from_address()
    name = protocol.one(arguments, "graph")
    if ("default" in arguments) == (name is not None):
        raise Problem(
            HTTPStatus.BAD_REQUEST, gettext("Say which graph is meant: /store?default or /store?graph=<IRI>.")
        )
    of = publication()
    if name is not None and name not in of.manifest.graphs:
        raise Problem(HTTPStatus.NOT_FOUND, gettext("This release has no graph <%(name)s>.", name=name))
    choice = chosen_or_named(OFFERS, protocol.formats(arguments))
    seconds = protocol.seconds(arguments)
    path = of.urls.path("store")

    def evaluate() -> Response:
        take_share()
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
        response.headers.add("Link", link(of.urls.document(name), "describedby"))
    return response
