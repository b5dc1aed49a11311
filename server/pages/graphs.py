"""Whole graphs as answers: negotiated, in any RDF format, or as a page that lists their subjects."""

from __future__ import annotations

from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING

from core.formats import HTML, JSON_LD, N_TRIPLES, RDF_XML, TURTLE, Format
from server.http.context import current_release
from server.http.languages import gettext
from server.http.problems import HTTPProblem
from server.http.responses import add_link, answer, chosen
from server.model.description import order
from server.model.serialization import UnwritableError, write
from server.pages.page import page, presenter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyoxigraph as ox
    from flask import Response

    from server.pages.presentation import PropertyValues, ShownValue

OFFERS = (TURTLE, HTML, JSON_LD, N_TRIPLES, RDF_XML)


def graph_answer(
    triples: Callable[[], Sequence[ox.Triple]],
    html: Callable[[], str],
    path: str,
    offers: Sequence[Format] = OFFERS,
) -> Response:
    """The triples in the format that the request accepts; path: the address, for its `canonical` link."""
    choice = chosen(offers)
    response = answer(choice, lambda: html() if choice.format is HTML else to_bytes(triples(), choice.format))
    response.vary.add("Accept")
    urls = current_release().urls
    add_link(response, urls.canonical(urls.path(path)), "canonical")
    return response


def to_bytes(triples: Sequence[ox.Triple], format_: Format) -> bytes:
    release = current_release()
    try:
        ordered = sorted(triples, key=order)
        return write(ordered, format_, store=release.store, prefixes=release.manifest.prefixes, context=release.context)
    except UnwritableError as error:
        raise HTTPProblem(
            HTTPStatus.NOT_ACCEPTABLE, gettext("%(fault)s; the other formats can.", fault=str(error))
        ) from error


def sections(triples: Sequence[ox.Triple]) -> list[tuple[ShownValue, list[PropertyValues]]]:
    """Each subject with its facts, for a page."""
    show = presenter()
    ordered = sorted(triples, key=order)
    by_subject = groupby(ordered, key=lambda triple: triple.subject)
    return [(show.value(subject), show.facts(group)) for subject, group in by_subject]


def subjects_page(title: str, triples: Sequence[ox.Triple]) -> str:
    return page("graph.html", title=title, sections=sections(triples), offers=OFFERS)
