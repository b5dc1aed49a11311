"""Things and the documents about them: `/id/…` leads to `/doc/…`, which comes in every format."""

from __future__ import annotations

from http import HTTPStatus
from itertools import chain
from typing import TYPE_CHECKING

import pyoxigraph as ox
from flask import Blueprint, Response, request

from core.formats import CITATIONS, HTML, LINKSET, LINKSET_JSON, Format, by_extension
from server.http import documents, signposting
from server.http.context import current_release, links
from server.http.documents import NEGOTIATED, KnownResource, find, formats
from server.http.files import written_response
from server.http.languages import Message, gettext, languages
from server.http.responses import add_link, answer, chosen, chosen_or_named, link, moved, see_other
from server.model import moves
from server.model.description import format_cursor, parse_cursor
from server.model.urls import THINGS
from server.pages import structured_data
from server.pages.citations import citation_answer, cite, forms
from server.pages.document import DocumentPage
from server.pages.page import page, presenter
from server.pages.resource_charts import resource_charts
from server.pages.suggestions import suggestions
from server.pages.trees import trail, tree_below
from server.routes.releases import kept_versions
from server.semantics.negotiation import NegotiatedFormat
from server.semantics.problem import HTTPProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.rdf import Node
    from server.model.description import Cursor, Description
    from server.semantics.citation import Citation

_LINKSETS = (LINKSET_JSON, LINKSET)
_DIGITS = 9  # of a number of segments
_IN_HTML = 1_000  # triples of its own that a page of a document for people has

blueprint = Blueprint("resources", __name__)


@blueprint.get("/id/<path:local>")
def thing(local: str) -> Response:
    """303 to the document, which says in a Link what it describes (https://www.w3.org/TR/cooluris/#r303gendocument)."""
    return redirect_to_document(THINGS + local)


@blueprint.get("/<path:local>")
def anything(local: str) -> Response:
    """303 to the document, or else the graph, where an IRI of the data lies under the base, but not under `id/`."""
    return redirect_to_document(local)


@blueprint.get("/doc/<path:local>")
def document(local: str) -> Response:
    """Of the resource with that path; its end may name a format, if it is not itself part of a name."""
    iris = current_release().urls.iris
    found = find(current_release(), iris(THINGS + local))
    if found is not None:
        return _respond(found, None)
    stem, dot, extension = local.rpartition(".")
    format_ = by_extension(extension) if dot else None
    found = find(current_release(), iris(THINGS + stem)) if format_ in NEGOTIATED else None
    if found is None:
        return _graph(iris(THINGS + local))
    return _respond(found, format_)


@blueprint.get("/doc")
@blueprint.get("/doc.<extension>")
def document_by_iri(extension: str | None = None) -> Response:
    """Of any resource that the data speak of, by its IRI."""
    format_ = by_extension(extension) if extension else None
    if extension and format_ not in NEGOTIATED:
        raise HTTPProblem(
            HTTPStatus.NOT_FOUND, gettext("There is no format '%(extension)s' for documents.", extension=extension)
        )
    found = find(current_release(), [iri := _asked_for("doc")])
    return _respond(found, format_) if found else _graph([iri])


@blueprint.after_app_request
def document_instead(response: Response) -> Response:
    """303 to the document where the data have an IRI at which the server might have a page, but has none."""
    if response.status_code != HTTPStatus.NOT_FOUND or request.blueprint == blueprint.name:
        return response
    try:
        return redirect_to_document(request.path.removeprefix("/"))
    except HTTPProblem:
        return response


@blueprint.get("/linkset")
def linkset() -> Response:
    """The typed links of a document as a link set (RFC 9264)."""
    iri = _asked_for("linkset")
    found = find(current_release(), [iri])
    if found is None:
        raise _unknown(iri)
    redirect_if_moved(found, None)
    choice = chosen_or_named(_LINKSETS, request.args.get("format"))

    def make() -> str:
        release = current_release()
        description = documents.page(release, found, None, documents.MOST)
        links = signposting.linkset(description, release.manifest, release.urls, formats(release, description))
        return signposting.to_json(links) if choice.format is LINKSET_JSON else signposting.to_text(links)

    response = answer(choice, make, found.node.value)
    response.vary.add("Accept")
    add_link(response, current_release().urls.document(found.node.value), "describes")
    return response


def redirect_to_document(local: str) -> Response:
    """From an address below the base to what is there: a document, the successor's address, or a graph."""
    release = current_release()
    query = request.query_string.decode("latin-1")
    asked = [f"{iri}?{query}" for iri in release.urls.iris(local)] if query else []
    found = find(release, (*asked, *release.urls.iris(local)))
    if found is None:
        return _graph(release.urls.iris(local))
    successor = _successor(found)
    if successor is not None:
        return _move(release.urls.thing(successor))
    document = release.urls.document(found.node.value)
    response = see_other(document)
    add_link(response, document, "describedby")
    return response


def _graph(iris: Iterable[str]) -> Response:
    """303 to a named graph of which the data say nothing else."""
    release, (first, *others) = current_release(), iris
    graph = next((iri for iri in (first, *others) if iri in release.manifest.counts.graphs), None)
    if graph is None:
        raise _unknown(first)
    return see_other(release.urls.store(graph))


def _asked_for(path: str) -> str:
    """The IRI of the request."""
    iri = request.args.get("iri", "")
    if not iri:
        raise HTTPProblem(
            HTTPStatus.BAD_REQUEST, gettext("Say which resource is meant: /%(path)s?iri=<IRI>.", path=path)
        )
    return iri


def _unknown(iri: str) -> HTTPProblem:
    release = current_release()
    found = [entry.as_json() for entry in suggestions(iri, release.index)]
    detail = gettext("This release has no document about <%(iri)s>.", iri=iri)
    if graph := _graph_about(iri):
        detail = gettext(
            "Only the graph <%(graph)s> says something of <%(iri)s>; documents are of the default graph.",
            graph=graph,
            iri=iri,
        )
        found = [{"iri": graph, "label": graph, "language": "", "href": links().store(graph)}, *found]
    problem = HTTPProblem(HTTPStatus.NOT_FOUND, detail, suggestions=found)
    return _with_history(problem, iri) if kept_versions().have(iri) else problem


def _with_history(problem: HTTPProblem, iri: str) -> HTTPProblem:
    """The problem, leading to what releases have said of the resource."""
    problem.members["history"] = links().history(iri)
    problem.headers["Link"] = link(problem.members["history"], "version-history")
    return problem


def _graph_about(iri: str) -> str | None:
    """A named graph that has the IRI as a subject or an object, where the default graph has it nowhere."""
    try:
        node = ox.NamedNode(iri)
    except ValueError:
        return None
    find = current_release().store.quads_for_pattern
    quad = next(chain(find(node, None, None), find(None, None, node)), None)
    return quad.graph_name.value if quad and isinstance(quad.graph_name, ox.NamedNode) else None


def _successor(found: KnownResource) -> str | None:
    """IRI of the successor of a moved resource, else None; a 410 problem if the resource was withdrawn."""
    release = current_release()
    if not moves.may_be_elsewhere(found.facts) or not found.node.value.startswith(release.urls.base):
        return None
    successor = moves.successor(found.facts, release.collector.facts)
    if successor is None and moves.is_withdrawn(found.facts):
        reason = moves.reason(found.facts, languages())
        gone = gettext("<%(iri)s> was withdrawn.", iri=found.node.value)
        detail = Message(f"{gone} {reason.text}") if reason else gone
        raise _with_history(HTTPProblem(HTTPStatus.GONE, detail), found.node.value)
    return successor


def _move(location: str) -> Response:
    response = moved(location)
    add_link(response, location, "successor-version")
    return response


def redirect_if_moved(found: KnownResource, fixed: Format | None) -> Response | None:
    """301 to the successor's document where the resource has moved."""
    successor = _successor(found)
    if successor is None:
        return None
    return _move(current_release().urls.document(successor, fixed.extension if fixed else None))


def _respond(found: KnownResource, fixed: Format | None) -> Response:
    moved = redirect_if_moved(found, fixed)
    if moved is not None:
        return moved
    release, iri = current_release(), found.node.value
    cursor = parse_cursor(request.args.get("after", ""))
    choice = NegotiatedFormat.of(fixed) if fixed else _chosen(found, cursor)
    if choice.format in CITATIONS:
        response = citation_answer(choice, lambda: _citation(found.node))
        if fixed is None:
            response.vary.add("Accept")
        return response
    if choice.format is not HTML:
        made = documents.respond(request.environ, release, found, choice, cursor, is_negotiated=fixed is None)
        return written_response(made.body, made.size, made.fields, made.status)
    field = []

    first = _first_segment()

    def make() -> str:
        description = documents.page(release, found, cursor, _IN_HTML)
        in_rdf = description if description.is_whole else documents.page(release, found, cursor, documents.MOST)
        offers = formats(release, in_rdf)
        field.append(signposting.header_links(description, release.manifest, links(), offers, HTML))
        return _html(description, offers, first)

    start = format_cursor(cursor) if cursor else ""
    response = answer(choice, make, start, str(first))
    if fixed is None:
        response.vary.add("Accept")
    response.headers["Content-Location"] = links().document(iri, HTML.extension, start, first)
    response.headers.extend(("Link", value) for value in field)
    return response


def _chosen(found: KnownResource, cursor: Cursor | None) -> NegotiatedFormat:
    """The format that the request accepts; where there is none the problem links to all of them."""
    try:
        return chosen(NEGOTIATED)
    except HTTPProblem as problem:
        urls, iri = current_release().urls, found.node.value
        offers = formats(current_release(), documents.page(current_release(), found, cursor, documents.MOST))
        links = (link(urls.document(iri, offer.extension), "alternate", type=offer.media_type) for offer in offers)
        problem.headers["Link"] = ", ".join(links)
        raise


def _first_segment() -> int:
    """The number of the first segment of a text that the page shows; a 400 problem if it is none."""
    text = request.args.get("segments", "0")
    if not text.isascii() or not text.isdecimal() or len(text) > _DIGITS:
        raise HTTPProblem(HTTPStatus.BAD_REQUEST, gettext("'segments' has to be a number from 0."))
    return int(text)


def _html(description: Description, offers: Sequence[Format], first: int) -> str:
    start = format_cursor(description.cursor) if description.cursor else ""
    release = current_release()
    below = None if start else tree_below(description.subject.value, _incoming_with_names(description))
    told = release.hierarchies.properties if below and below.is_whole else None
    shown = DocumentPage(description, presenter(), release, first, told)
    if first and shown.segments is None:
        raise HTTPProblem(HTTPStatus.NOT_FOUND, gettext("The document does not go on behind this point."))
    sentence = "".join(piece.name.text for piece in shown.sentence)
    return page(
        "document.html",
        at=release.urls.document(description.subject.value, after=start, segments=first),
        entity=structured_data.thing(release, description.subject, description.facts, shown.title.text, languages()),
        summary=sentence[:1].upper() + sentence[1:],
        start=start,
        format_cursor=format_cursor,
        description=description,
        shown=shown,
        resource_charts=resource_charts(shown, release.positions),
        title=shown.title,
        trail=trail(description.subject.value),
        below=below,
        members=_members(description.subject.value),
        citation=forms(
            _citation(description.subject), lambda form: links().document(description.subject.value, form.extension)
        ),
        offers=offers,
    )


def _incoming_with_names(description: Description) -> Iterable[str]:
    """The properties by which others refer to a resource that the shapes of its classes name."""
    return current_release().model.incoming(type_.value for type_ in description.types)


def _citation(node: Node) -> Citation:
    """How the document about a resource is cited."""
    return cite(current_release().urls.document(node.value), presenter().name(node).text)


def _members(iri: str) -> tuple[str, int] | None:
    """The list of what a class or concept has, and how much that is."""
    for kind in ("class", "concept"):
        count = current_release().index.uses(kind, iri)
        if count:
            return links().listing((kind, iri)), count
    return None
