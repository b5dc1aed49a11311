"""The history of a resource: in which releases it changed, and what came and went; deleted ones have one too."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request

from core.formats import ATOM, HTML, JSON, JSON_LD, N_TRIPLES, RDF_XML, TURTLE
from server.http.context import current_release, links, request_context
from server.http.documents import find
from server.http.languages import gettext, languages
from server.http.responses import add_link, answer, chosen, fixed_format, of_all_releases, see_other, to_json
from server.model import moves
from server.pages.graphs import to_document
from server.pages.page import page, presenter
from server.pages.presentation import Presenter
from server.routes import releases
from server.routes.changes import changed_triples
from server.routes.history_feeds import as_json, note, resource_history, triples
from server.semantics.negotiation import NegotiatedFormat
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from core.formats import Format
    from server.model.serialization import SerializedGraph
    from server.routes.history_feeds import ResourceHistory
    from server.versions import KeptVersions

OFFERS = (HTML, JSON, ATOM, TURTLE, JSON_LD, N_TRIPLES, RDF_XML)
_PREDECESSORS = 20

blueprint = Blueprint("history", __name__)


@blueprint.get("/history")
@blueprint.get("/history.<extension>")
def history(extension: str | None = None) -> Response:
    """Of `?iri=`, newest first; `before=` goes on with what is older than the release of that id."""
    urls = current_release().urls
    fixed = fixed_format(extension, OFFERS)
    if urls.within:  # it is of all of them
        return see_other(f"{urls.site}{request.path[1:]}?{request.query_string.decode('latin-1')}")
    choice = NegotiatedFormat.of(fixed) if fixed else chosen(OFFERS)
    node, known = _resource(), releases.kept_versions()
    start = _start(known)
    made = resource_history(known, releases.current().history.folder, node.value, start)
    if not made.entries and not made.following and not start:
        detail = gettext("No release that is kept says anything of <%(iri)s>.", iri=node.value)
        raise HTTPProblem(HTTPStatus.NOT_FOUND, detail)
    response = answer(choice, lambda: _write(made, choice.format), known.digest)
    if fixed is None:
        response.vary.add("Accept")
    add_link(response, urls.history(node.value, ATOM.extension), "alternate", type=ATOM.media_type)
    add_link(response, urls.document(node.value), "describes")
    if made.following:
        add_link(response, urls.history(node.value, extension or "", before=made.following), "next")
    return of_all_releases(response)


def _resource() -> ox.NamedNode:
    """The resource of the request; a 400 problem if it names none."""
    iri = request.args.get("iri", "")
    if not iri:
        raise HTTPProblem(
            HTTPStatus.BAD_REQUEST, gettext("Say which resource is meant: /%(path)s?iri=<IRI>.", path="history")
        )
    try:
        return ox.NamedNode(iri)
    except ValueError as error:
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, gettext("<%(iri)s> is no IRI.", iri=iri)) from error


def _start(known: KeptVersions) -> int:
    """The place of the first version of the page, of the newest first."""
    before = request.args.get("before")
    if before is None:
        return 0
    place = next((place for place, version in enumerate(known.all[::-1], 1) if version.id == before), None)
    if place is None:
        raise releases.missing(before)
    return place


def _write(made: ResourceHistory, format_: Format) -> SerializedGraph | bytes | str:
    urls = current_release().urls
    if format_ is HTML:
        return _html(made)
    if format_ is JSON:
        return to_json(as_json(made, urls))
    if format_ is ATOM:
        title = presenter().name(ox.NamedNode(made.iri)).text
        return render_template("history.xml", history=made, title=title, urls=urls, note=note)
    return to_document(triples(made, urls), format_)


def _html(made: ResourceHistory) -> str:
    node, urls, release = ox.NamedNode(made.iri), links(), current_release()
    found = find(release, [made.iri])
    shown = presenter() if found is not None else _last_presenter(made)
    successor = moves.successor(found.facts, release.collector.facts) if found is not None else None
    local = urls.document(made.iri).removeprefix(urls.root)
    name = shown.name(node)
    return page(
        "history.html",
        title=gettext("History: %(name)s", name=name.text),
        history=made,
        resource=shown.value(node),
        is_there=found is not None,
        successor=successor and (shown.value(ox.NamedNode(successor)), urls.history(successor)),
        predecessors=[
            (shown.value(ox.NamedNode(iri)), urls.history(iri))
            for iri in moves.predecessors(made.iri, release.links, _PREDECESSORS)
        ],
        changed=[changed_triples(entry.rows, {True: shown, False: shown}, node) for entry in made.entries],
        documents=[urls.of_release(entry.id, local) for entry in made.entries],
        offers=[offer for offer in OFFERS if offer is not HTML],
    )


def _last_presenter(made: ResourceHistory) -> Presenter:
    """Shows what is no longer there as the last release had it, if that is still kept."""
    release = current_release()
    entry = next((entry for entry in made.entries if entry.quads or entry.before), None)
    last = entry and (entry.id if entry.quads else entry.before.id if entry.before else None)
    old = last and releases.current().release_cache.acquire(last, release, request_context().on_close)
    if not old:
        return presenter()
    return Presenter(old.model, old.labels, old.urls.asking_for(links().language), languages(), old.lookups)
