"""Things and the documents about them: `/id/…` leads to `/doc/…`, which comes in every format."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import pyoxigraph as ox
from flask import Blueprint, Response, request
from werkzeug.http import http_date

from core.formats import HTML, JSON_LD, LINKSET, LINKSET_JSON, N_TRIPLES, RDF_XML, TRIG, TURTLE, Format, by_extension
from server.data.description import Description, address, behind
from server.data.description import document as triples_of
from server.data.serialization import UnwritableError, write
from server.entities import moves, signposting
from server.entities.document_page import DocumentPage
from server.entities.nearby import near
from server.entities.surroundings import pictures
from server.languages import Message, gettext, languages
from server.urls import SAFE_IN_PATH, THINGS
from server.web import conditional, heads
from server.web.negotiation import Choice
from server.web.pages import links, page, presenter, publication
from server.web.problems import Problem
from server.web.responses import answer, chosen, chosen_or_named, link, moved_permanently, see_other

if TYPE_CHECKING:
    from collections.abc import Iterable

    from release.links import Link

OFFERS = (TURTLE, HTML, JSON_LD, N_TRIPLES, RDF_XML, TRIG)
_LINKSETS = (LINKSET_JSON, LINKSET)

blueprint = Blueprint("documents", __name__)


class Found(NamedTuple):
    """A resource that the data speak of, and its facts, which may be none."""

    node: ox.NamedNode
    facts: list[ox.Triple]


@blueprint.get("/id/<path:local>")
def thing(local: str) -> Response:
    """303 to the document, which says in a Link what it describes (https://www.w3.org/TR/cooluris/#r303gendocument)."""
    return _lead(THINGS + local)


@blueprint.get("/<path:local>")
def anything(local: str) -> Response:
    """303 to the document, or else the graph, where an IRI of the data lies under the base, but not under `id/`."""
    return _lead(local)


@blueprint.get("/doc/<path:local>")
def document(local: str) -> Response:
    """Of the resource with that path; its end may name a format, if it is not itself part of a name."""
    iris = publication().urls.iris
    found = _find(iris(THINGS + local))
    if found is not None:
        return _respond(found, None)
    stem, dot, extension = local.rpartition(".")
    format_ = by_extension(extension) if dot else None
    found = _find(iris(THINGS + stem)) if format_ in OFFERS else None
    if found is None:
        raise _unknown(publication().urls.base + THINGS + local)
    return _respond(found, format_)


@blueprint.get("/doc")
@blueprint.get("/doc.<extension>")
def document_by_iri(extension: str | None = None) -> Response:
    """Of any resource that the data speak of, by its IRI."""
    format_ = by_extension(extension) if extension else None
    if extension and format_ not in OFFERS:
        raise Problem(
            HTTPStatus.NOT_FOUND, gettext("There is no format '%(extension)s' for documents.", extension=extension)
        )
    return _respond(_asked_for("doc"), format_)


@blueprint.get("/linkset")
def linkset() -> Response:
    """The typed links of a document as a link set (RFC 9264)."""
    found = _asked_for("linkset")
    _stay(found, None)
    choice = chosen_or_named(_LINKSETS, request.args.get("format"))

    def make() -> str:
        of = publication()
        description = of.collector.describe(found.node, None, found.facts)
        links = signposting.linkset(description, of.manifest, of.urls, OFFERS)
        return signposting.to_json(links) if choice.format is LINKSET_JSON else signposting.to_text(links)

    response = answer(choice, make, found.node.value)
    response.vary.add("Accept")
    response.headers.add("Link", link(publication().urls.document(found.node.value), "describes"))
    return response


@blueprint.after_request
def say_release(response: Response) -> Response:
    """Answers that have no representation tell their release too, as those do that have one (RFC 7089)."""
    of = publication()
    if response.status_code >= HTTPStatus.MULTIPLE_CHOICES and response.status_code != HTTPStatus.NOT_MODIFIED:
        local = quote(request.path.removeprefix("/"), safe=SAFE_IN_PATH)
        when = http_date(conditional.last_modified(of.manifest))
        response.headers.add("Link", link(of.urls.of_release(of.manifest.id, local), "memento", datetime=when))
    return response


def _lead(local: str) -> Response:
    """From an address below the base to what is there: a document, the successor's address, or a graph."""
    of = publication()
    query = request.query_string.decode("latin-1")
    asked = [f"{iri}?{query}" for iri in of.urls.iris(local)] if query else []
    found = _find((*asked, *of.urls.iris(local)))
    if found is None:
        graph = next((iri for iri in of.urls.iris(local) if iri in of.manifest.counts.graphs), None)
        if graph is None:
            raise _unknown(of.urls.base + local)
        return see_other(of.urls.store(graph))
    successor = _successor(found)
    if successor is not None:
        return _move(of.urls.thing(successor))
    document = of.urls.document(found.node.value)
    response = see_other(document)
    response.headers.add("Link", link(document, "describedby"))
    return response


def _find(iris: Iterable[str]) -> Found | None:
    collector = publication().collector
    for iri in iris:
        try:
            node = ox.NamedNode(iri)
        except ValueError:
            continue
        facts = collector.facts(node)
        if facts or collector.is_mentioned(node):
            return Found(node, facts)
    return None


def _asked_for(path: str) -> Found:
    iri = request.args.get("iri", "")
    if not iri:
        raise Problem(HTTPStatus.BAD_REQUEST, gettext("Say which resource is meant: /%(path)s?iri=<IRI>.", path=path))
    found = _find([iri])
    if found is None:
        raise _unknown(iri)
    return found


def _unknown(iri: str) -> Problem:
    detail = gettext("The data of this release do not mention <%(iri)s>.", iri=iri)
    return Problem(HTTPStatus.NOT_FOUND, detail, suggestions=near(iri, publication().index))


def _successor(found: Found) -> str | None:
    """Where the resource has moved, if it has; a 410 problem if it is gone."""
    of = publication()
    if not moves.may_be_elsewhere(found.facts) or not found.node.value.startswith(of.urls.base):
        return None
    successor = moves.successor(found.facts, of.collector.facts)
    if successor is None and moves.is_withdrawn(found.facts):
        reason = moves.reason(found.facts, languages())
        gone = gettext("<%(iri)s> was withdrawn.", iri=found.node.value)
        raise Problem(HTTPStatus.GONE, Message(f"{gone} {reason.text}") if reason else gone)
    return successor


def _move(location: str) -> Response:
    response = moved_permanently(location)
    response.headers.add("Link", link(location, "successor-version"))
    return response


def _stay(found: Found, fixed: Format | None) -> Response | None:
    """301 to the successor's document where the resource has moved."""
    successor = _successor(found)
    if successor is None:
        return None
    return _move(publication().urls.document(successor, fixed.extension if fixed else None))


def _respond(found: Found, fixed: Format | None) -> Response:
    moved = _stay(found, fixed)
    if moved is not None:
        return moved
    of, iri = publication(), found.node.value
    choice = Choice(fixed, fixed.media_type) if fixed else _chosen(iri)
    after = behind(request.args.get("after", ""))
    made: list[Description] = []

    def make() -> bytes | str:
        made.append(_page(found, after))
        return _content(made[0], choice.format)

    start = address(after) if after else ""
    response = answer(choice, make, start)
    if fixed is None:
        response.vary.add("Accept")
    urls = links() if choice.format is HTML else of.urls
    response.headers["Content-Location"] = urls.document(iri, choice.format.extension, start)
    for description in made:
        weblinks = signposting.header_links(description, of.manifest, urls, OFFERS, choice.format)
        response.headers.add("Link", ", ".join(weblink.written() for weblink in weblinks))
    return response


def _chosen(iri: str) -> Choice:
    """The format that the request accepts; where there is none the problem links to all of them."""
    try:
        return chosen(OFFERS)
    except Problem as problem:
        urls = publication().urls
        offers = (link(urls.document(iri, offer.extension), "alternate", type=offer.media_type) for offer in OFFERS)
        problem.headers["Link"] = ", ".join(offers)
        raise


def _page(found: Found, after: Link | None) -> Description:
    description = publication().collector.describe(found.node, after, found.facts)
    if after and not description.inverse:
        raise Problem(HTTPStatus.NOT_FOUND, gettext("The document does not go on behind this point."))
    return description


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
    start = address(description.after) if description.after else ""
    shown, of = DocumentPage(description, presenter()), publication()
    said = "".join(piece.name.text for piece in shown.sentence)
    return page(
        "document.html",
        at=of.urls.document(description.subject.value, after=start),
        entity=heads.thing(of, description.subject, description.facts, shown.title.text, languages()),
        summary=said[:1].upper() + said[1:],
        start=start,
        address=address,
        description=description,
        shown=shown,
        pictures=pictures(shown, of.store, of.manifest.counts.properties),
        title=shown.title,
        members=_members(description.subject.value),
        offers=OFFERS,
    )


def _members(iri: str) -> tuple[str, int] | None:
    """The list of what a class or concept has, and how much that is."""
    for kind in ("class", "concept"):
        count = publication().index.uses(kind, iri)
        if count:
            return links().listing((kind, iri)), count
    return None
