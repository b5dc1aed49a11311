"""Documents: the resource that a path means, its pages, the formats, and responses in RDF, all without Flask."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from core.formats import CITATIONS, HTML, JSON_LD, N_TRIPLES, RDF_XML, TRIG, TURTLE
from core.reification import with_reifiers
from core.wording import gettext_noop
from server.http.signposting import header_links
from server.model.description import document, format_cursor
from server.model.serialization import UnwritableError, writable_formats, write
from server.query.answers import Answer
from server.query.responder import complete, unmodified
from server.semantics.conditional import validators
from server.semantics.problem import HTTPProblem, unwritable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.formats import Format
    from server.model.description import Cursor, Description
    from server.query.answers import QueryResponse
    from server.releases import OpenRelease
    from server.semantics.negotiation import NegotiatedFormat

OFFERS = (TURTLE, HTML, JSON_LD, N_TRIPLES, RDF_XML, TRIG)
NEGOTIATED = (*OFFERS, *CITATIONS)  # the document, and how it is cited
MOST = 50_000  # triples of its own that a page of a document has


class KnownResource(NamedTuple):
    """A resource that the data speak of, and the first of its facts, which may be none."""

    node: ox.NamedNode
    facts: list[ox.Triple]


def find(release: OpenRelease, iris: Iterable[str]) -> KnownResource | None:
    """The first of the resources that the data speak of."""
    for iri in iris:
        try:
            node = ox.NamedNode(iri)
        except ValueError:
            continue
        facts = release.collector.beginning(node)
        if facts or release.collector.is_mentioned(node):
            return KnownResource(node, facts)
    return None


def page(release: OpenRelease, found: KnownResource, cursor: Cursor | None, most: int) -> Description:
    """The page of a document that begins at the cursor; a 404 problem where the document does not go on there.

    most: triples of its own that the page has.
    """
    description = release.collector.describe(found.node, cursor, found.facts, most=most)
    if cursor and description.is_empty:
        raise HTTPProblem(HTTPStatus.NOT_FOUND, gettext_noop("The document does not go on behind this point."))
    return description


def formats(release: OpenRelease, description: Description) -> Sequence[Format]:
    """The formats that a page of a document comes in."""
    return OFFERS if release.is_unlimited else writable_formats(document(description, release.urls), OFFERS)


def respond(
    environ: Mapping[str, str],
    release: OpenRelease,
    found: KnownResource,
    choice: NegotiatedFormat,
    cursor: Cursor | None = None,
    *,
    is_negotiated: bool = True,
) -> QueryResponse:
    """A page of the document in RDF, or 304 where the client has it; raises HTTPProblem.

    cursor: where the page begins. is_negotiated: else the address names the format.
    """
    start = format_cursor(cursor) if cursor else ""
    known, vary = validators(release.manifest, choice.name, start), ["Accept"] if is_negotiated else []
    response = unmodified(environ, known, vary)
    if response is None:
        description = page(release, found, cursor, MOST)
        triples = document(description, release.urls)
        triples += release.document_metadata.triples(description, release.urls)
        try:
            data, version = write(
                [*with_reifiers(triples)] if choice.asks_for_rdf_1_2 else triples,
                choice.format,
                published=release.published,
                prefixes=release.manifest.prefixes,
                context=release.context,
                is_unlimited=release.is_unlimited and not choice.asks_for_rdf_1_2,
            )
        except UnwritableError as error:
            raise unwritable(error) from error
        answer = Answer(choice.format, len(data), data, "graph", truncated=False, version=version)
        response = complete(environ, answer, choice, known, vary, is_repeatable=True)
        links = header_links(description, release.manifest, release.urls, formats(release, description), choice.format)
        response.fields["Link"] = links
    response.fields["Content-Location"] = release.urls.document(found.node.value, choice.format.extension, start)
    return response
