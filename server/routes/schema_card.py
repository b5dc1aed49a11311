"""The schema card of the release: what properties the members of each class have, in every RDF format and as a page."""

from __future__ import annotations

from flask import Blueprint, Response, request

from core.formats import HTML, JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
from release.reader import SCHEMA_CARD
from server.http.context import current_release
from server.pages.graphs import graph_answer
from server.pages.schema_card import schema_card_page

OFFERS = (TURTLE, HTML, JSON_LD, N_TRIPLES, RDF_XML, TRIG, N_QUADS)

blueprint = Blueprint("schema_card", __name__)


@blueprint.get("/schema-card")
def schema_card() -> Response:
    """Turtle comes as the file that it is. The page has parts, which go on `after` a class; RDF has all."""
    folder = current_release().folder
    return graph_answer(
        folder.schema_card,
        lambda: schema_card_page(request.args.get("after"), OFFERS),
        "schema-card",
        OFFERS,
        (folder.path / SCHEMA_CARD).read_bytes,
    )
