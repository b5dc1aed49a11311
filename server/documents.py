"""Things and the documents about them: `/id/…` leads to `/doc/…`, which comes in every format."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyoxigraph as ox
from flask import Blueprint, Response, request

from core.formats import HTML, JSON_LD, N_TRIPLES, RDF_XML, TRIG, TURTLE, Format, by_extension
from server.description import Description, exists
from server.description import document as triples_of
from server.languages import gettext
from server.negotiation import Choice
from server.pages import page, presenter, publication
from server.problems import Problem
from server.serialization import UnwritableError, write
from server.urls import THINGS
from server.web import answer, chosen, link, see_other

if TYPE_CHECKING:
    from collections.abc import Iterable

OFFERS = (TURTLE, HTML, JSON_LD, N_TRIPLES, RDF_XML, TRIG)

blueprint = Blueprint("documents", __name__)


@blueprint.get("/id/<path:local>")
def thing(local: str) -> Response:
    """303 to the document, which says in a Link what it describes (https://www.w3.org/TR/cooluris/#r303gendocument)."""
    node = _find(publication().urls.iris(THINGS + local))
    if node is None:
        graph = _graph(THINGS + local)
        if graph is None:
            raise _unknown(publication().urls.base + THINGS + local)
        return see_other(graph)
    document = publication().urls.document(node.value)
    response = see_other(document)
    response.headers.add("Link", link(document, "describedby"))
    return response


@blueprint.get("/doc/<path:local>")
def document(local: str) -> Response:
    """Of the resource with that path; its end may name a format, if it is not itself part of a name."""
    iris = publication().urls.iris
    node = _find(iris(THINGS + local))
    if node is not None:
        return _respond(node, None)
    stem, dot, extension = local.rpartition(".")
    format_ = by_extension(extension) if dot else None
    node = _find(iris(THINGS + stem)) if format_ in OFFERS else None
    if node is None:
        raise _unknown(publication().urls.base + THINGS + local)
    return _respond(node, format_)


@blueprint.get("/doc")
@blueprint.get("/doc.<extension>")
def document_by_iri(extension: str | None = None) -> Response:
    """Of any resource that the data speak of, by its IRI."""
    format_ = by_extension(extension) if extension else None
    if extension and format_ not in OFFERS:
        raise Problem(
            HTTPStatus.NOT_FOUND, gettext("There is no format '%(extension)s' for documents.", extension=extension)
        )
    iri = request.args.get("iri", "")
    if not iri:
        raise Problem(HTTPStatus.BAD_REQUEST, gettext("Say which resource is meant: /doc?iri=<IRI>."))
    node = _find([iri])
    if node is None:
        raise _unknown(iri)
    return _respond(node, format_)


@blueprint.get("/<path:local>")
def anything(local: str) -> Response:
    """303 to the document, or else the graph, where an IRI of the data lies under the base, but not under `id/`."""
    node = _find(publication().urls.iris(local))
    if node is not None:
        return see_other(publication().urls.document(node.value))
    graph = _graph(local)
    if graph is None:
        raise Problem(HTTPStatus.NOT_FOUND, gettext("There is nothing at this address."))
    return see_other(graph)


def _graph(local: str) -> str | None:
    """The address of the named graph with that path, which no triple needs to mention."""
    of = publication()
    names = (iri for iri in of.urls.iris(local) if iri in of.manifest.counts.graphs)
    return next((of.urls.store(name) for name in names), None)


def _find(iris: Iterable[str]) -> ox.NamedNode | None:
    for iri in iris:
        try:
            node = ox.NamedNode(iri)
        except ValueError:
            continue
        if exists(publication().store, node):
            return node
    return None


def _unknown(iri: str) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, gettext("The data of this release do not mention <%(iri)s>.", iri=iri))


def _respond(node: ox.NamedNode, fixed: Format | None) -> Response:
    choice = Choice(fixed, fixed.media_type) if fixed else chosen(OFFERS)
    number = _page_number()
    description = publication().collector.describe(node, number)
    if number > description.pages:
        raise Problem(HTTPStatus.NOT_FOUND, f"The document has {description.pages} pages.")
    response = answer(choice, lambda: _content(description, choice.format), str(number))
    if fixed is None:
        response.vary.add("Accept")
    urls = publication().urls
    response.headers["Content-Location"] = urls.document(node.value, choice.format.extension, number)
    for value in _links(description):
        response.headers.add("Link", value)
    return response


def _page_number() -> int:
    text = request.args.get("page", "1")
    if not text.isascii() or not text.isdecimal() or not 0 < len(text) <= 9 or int(text) < 1:  # noqa: PLR2004
        raise Problem(HTTPStatus.BAD_REQUEST, "'page' has to be a number from 1.")
    return int(text)


def _links(description: Description) -> Iterable[str]:
    urls, iri, number = publication().urls, description.subject.value, description.page
    yield link(urls.canonical(urls.document(iri, page=number)), "canonical")
    yield link(quote(iri, safe=":/?#[]@!$&'()*+,;=%~"), "describes")
    if iri in publication().manifest.counts.graphs:
        yield link(urls.store(iri), "related")
    for offer in OFFERS:
        yield link(urls.document(iri, offer.extension, number), "alternate", type=offer.media_type)
    if publication().manifest.dataset.license:
        yield link(str(publication().manifest.dataset.license), "license")
    if number > 1:
        yield link(urls.document(iri, page=number - 1), "prev")
    if number < description.pages:
        yield link(urls.document(iri, page=number + 1), "next")


def _content(description: Description, format_: Format) -> bytes | str:
    of = publication()
    if format_ is HTML:
        return _html(description)
    triples = triples_of(description, of.urls)
    try:
        return write(triples, format_, store=of.store, prefixes=of.manifest.prefixes, context=of.context)
    except UnwritableError as error:
        raise Problem(
            HTTPStatus.NOT_ACCEPTABLE, gettext("%(fault)s; the other formats can.", fault=str(error))
        ) from error


def _html(description: Description) -> str:
    show = presenter()
    types = [type_.value for type_ in description.types]
    return page(
        "document.html",
        at=publication().urls.document(description.subject.value, page=description.page),
        description=description,
        title=show.name(description.subject),
        types=[show.value(ox.NamedNode(iri)) for iri in show.main_classes(types)],
        groups=show.groups(description),
        inverse=show.inverse(description),
        offers=OFFERS,
    )
