"""Documents in RDF: the resource that a path means, the formats, the content, and the links of the response."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from core.formats import HTML, JSON_LD, N_TRIPLES, RDF_XML, TRIG, TURTLE
from core.reification import with_reifiers
from server.http import signposting
from server.model.description import document
from server.model.serialization import writable_formats, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.formats import Format
    from server.model.description import Description
    from server.model.serialization import SerializedGraph
    from server.model.urls import Urls
    from server.releases import OpenRelease
    from server.semantics.negotiation import NegotiatedFormat

OFFERS = (TURTLE, HTML, JSON_LD, N_TRIPLES, RDF_XML, TRIG)
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


def formats(release: OpenRelease, description: Description) -> Sequence[Format]:
    """The formats that a page of a document comes in."""
    return OFFERS if release.is_unlimited else writable_formats(document(description, release.urls), OFFERS)


def content(release: OpenRelease, description: Description, choice: NegotiatedFormat) -> SerializedGraph:
    """A page of a document; UnwritableError where the format cannot hold it."""
    triples = document(description, release.urls)
    if choice.asks_for_rdf_1_2:
        triples = [*with_reifiers(triples)]
    return write(
        triples,
        choice.format,
        published=release.published,
        prefixes=release.manifest.prefixes,
        context=release.context,
        is_unlimited=release.is_unlimited and not choice.asks_for_rdf_1_2,
    )


def links(release: OpenRelease, urls: Urls, description: Description, offers: Sequence[Format], chosen: Format) -> str:
    """The value of the Link field of one representation."""
    found = signposting.header_links(description, release.manifest, urls, offers, chosen)
    return ", ".join([link.to_field() for link in found])
