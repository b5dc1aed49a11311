"""The schema card of the release: what properties the members of each class have, in every RDF format."""

from __future__ import annotations

from flask import Blueprint, Response

from core.formats import JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
from release.reader import SCHEMA_CARD
from server.http.context import current_release
from server.pages.graphs import graph_answer

OFFERS = (TURTLE, JSON_LD, N_TRIPLES, RDF_XML, TRIG, N_QUADS)

blueprint = Blueprint("schema_card", __name__)


@blueprint.get("/schema-card")
def schema_card() -> Response:
    """Turtle comes as the file that it is."""
    folder = current_release().folder
    return graph_answer(folder.schema_card, None, "schema-card", OFFERS, (folder.path / SCHEMA_CARD).read_bytes)
