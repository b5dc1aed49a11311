"""Whole graphs as answers: negotiated, in any RDF format or as the page that the route makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.formats import GEOJSON, HTML, JSON_LD, N_TRIPLES, RDF_XML, TURTLE, Format
from server.http.context import current_release
from server.http.responses import add_link, answer, chosen
from server.model.description import order
from server.model.serialization import LIMITED, UnwritableError, write
from server.semantics.problem import unwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pyoxigraph as ox
    from flask import Response

    from server.model.serialization import SerializedGraph

OFFERS = (TURTLE, HTML, JSON_LD, N_TRIPLES, RDF_XML)


def graph_answer(
    triples: Callable[[], Sequence[ox.Triple]],
    html: Callable[[], str] | None,
    path: str,
    offers: Sequence[Format] = OFFERS,
    turtle: Callable[[], bytes] | None = None,
) -> Response:
    """The triples in the format that the request accepts; path: the address, for its `canonical` link.

    html: makes the page, if HTML is among the offers. turtle: reads the file that has them in Turtle, if there is one.
    """
    choice = chosen(offers)
    made = {HTML: html, TURTLE: turtle}.get(choice.format)
    response = answer(choice, made or (lambda: to_document(triples(), choice.format)))
    response.vary.add("Accept")
    urls = current_release().urls
    add_link(response, urls.canonical(urls.path(path)), "canonical")
    return response


def certain(offers: Iterable[Format]) -> list[Format]:
    """Those of the formats that hold whatever the release has: they can be offered without a look at the answer."""
    is_unlimited = current_release().is_unlimited
    return [offer for offer in offers if offer is not GEOJSON and (offer not in LIMITED or is_unlimited)]


def to_document(triples: Sequence[ox.Triple], format_: Format) -> SerializedGraph:
    release = current_release()
    try:
        ordered = sorted(triples, key=order)
        prefixes = release.manifest.prefixes
        return write(ordered, format_, published=release.published, prefixes=prefixes, context=release.context)
    except UnwritableError as error:
        raise unwritable(error) from error
