"""The description of the dataset in VoID and DCAT, as the release has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pyoxigraph as ox
from flask import Blueprint

from core.formats import TURTLE
from release.reader import CATALOG
from server.graphs import graph_answer, subjects_page
from server.pages import publication
from server.web import see_other

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("catalog", __name__)


@blueprint.get("/catalog")
def catalog() -> Response:
    return graph_answer(_triples, lambda: subjects_page("Catalogue", _triples()), "catalog")


@blueprint.get("/.well-known/void")
def void() -> Response:
    """303 to the catalogue (https://www.w3.org/TR/void/#well-known)."""
    return see_other(publication().urls.path("catalog"))


def _triples() -> list[ox.Triple]:
    quads = ox.parse(path=publication().release.path / CATALOG, format=TURTLE.rdf)
    return [cast("ox.Quad", quad).triple for quad in quads]
