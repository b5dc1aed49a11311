"""What a document in RDF says of itself: its topic, the release that it is of, and on what terms it may be used.

DESCRIBE, dumps and graphs have none of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.namespaces import DCTERMS, FOAF, PROV, RDF_TYPE, SCHEMA, VOID, XSD
from release.reader import RELEASE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from release.manifest import Manifest
    from server.model.description import Description
    from server.model.presentation_shapes import Model
    from server.model.urls import Urls

_PRIMARY_TOPIC, _ABOUT = ox.NamedNode(FOAF + "primaryTopic"), ox.NamedNode(SCHEMA + "about")
_IDENTIFIER, _URI = ox.NamedNode(DCTERMS + "identifier"), ox.NamedNode(XSD + "anyURI")
_VERSION, _SOURCE = ox.NamedNode(DCTERMS + "hasVersion"), ox.NamedNode(PROV + "wasDerivedFrom")


class DocumentMetadata:
    """Makes the triples about documents of one release; what all of them have in common is prepared once."""

    def __init__(self, manifest: Manifest, model: Model) -> None:
        self._release, self._texts = manifest.id, model.texts
        publisher = [f"{manifest.catalog_graph}#publisher"] if manifest.dataset.publisher else []
        self._common: list[tuple[ox.NamedNode, ox.NamedNode | ox.Literal]] = [
            (ox.NamedNode(RDF_TYPE), ox.NamedNode(FOAF + "Document")),
            (ox.NamedNode(VOID + "inDataset"), ox.NamedNode(f"{manifest.base}{RELEASE}{manifest.id}")),
            (
                ox.NamedNode(DCTERMS + "modified"),
                ox.Literal(manifest.created, datatype=ox.NamedNode(XSD + "dateTime")),
            ),
            *_links(DCTERMS + "license", manifest.licences),
            *_links(DCTERMS + "publisher", publisher),
        ]

    def triples(self, description: Description, urls: Urls) -> list[ox.Triple]:
        """Those about the whole document of which the description is a page; none about a blank node's.

        Sources are the texts that the segments in the document are parts of, by the shapes (docs/pages.md).
        """
        topic = description.subject
        if isinstance(topic, ox.BlankNode):
            return []
        path = urls.document(topic.value)
        node = ox.NamedNode(urls.canonical(path))
        values = [
            *self._common,
            (_IDENTIFIER, ox.Literal(node.value, datatype=_URI)),
            (_VERSION, ox.NamedNode(urls.permanent(path, self._release))),
            (_PRIMARY_TOPIC, topic),
            (_ABOUT, topic),
            *[(_SOURCE, text) for text in self._sources(description)],
        ]
        return [ox.Triple(node, predicate, value) for predicate, value in values]

    def _sources(self, description: Description) -> list[ox.NamedNode]:
        """The texts that the resource, or what is shown in place, is a part of; each once, in order."""
        if not self._texts:
            return []
        found = {t.object for t in description.own() if t.predicate in self._texts}
        return sorted((text for text in found if isinstance(text, ox.NamedNode)), key=str)


def _links(predicate: str, iris: Iterable[str]) -> list[tuple[ox.NamedNode, ox.NamedNode]]:
    """The property with each IRI; what a publisher wrote that is none is left out."""
    found = []
    for iri in iris:
        try:
            found.append((ox.NamedNode(predicate), ox.NamedNode(iri)))
        except ValueError:
            continue
    return found
