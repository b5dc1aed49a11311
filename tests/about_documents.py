"""What documents say of themselves, and the rest of them, which is what DESCRIBE gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.namespaces import DCTERMS, FOAF, PROV, RDF_TYPE, SCHEMA, VOID

if TYPE_CHECKING:
    from collections.abc import Iterable

TOPIC = FOAF + "primaryTopic"
_PROPERTIES = {
    TOPIC,
    SCHEMA + "about",
    VOID + "inDataset",
    PROV + "wasDerivedFrom",
    *(DCTERMS + name for name in ("identifier", "license", "publisher", "modified", "hasVersion")),
}


def about_documents(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Those about documents, as which they have a topic; the pages of a document are a collection, which DESCRIBE has.

    https://www.hydra-cg.com/spec/latest/core/#pagination
    """
    known = list(triples)
    documents = {triple.subject for triple in known if triple.predicate.value == TOPIC}
    return [triple for triple in known if triple.subject in documents and _is_metadata(triple)]


def described(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """All but those about documents."""
    known = list(triples)
    about = set(about_documents(known))
    return [triple for triple in known if triple not in about]


def _is_metadata(triple: ox.Triple) -> bool:
    is_type = triple.predicate.value == RDF_TYPE and triple.object == ox.NamedNode(FOAF + "Document")
    return is_type or triple.predicate.value in _PROPERTIES
