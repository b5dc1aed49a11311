"""The list of releases for machines: JSON, and a DCAT 3 dataset series."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.namespaces import ADMS, DCAT, DCTERMS, RDF_TYPE, VOID, XSD
from release.reader import RELEASE, SERIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from release.history import Version, Versions
    from server.model.urls import Urls

_STATUS = "http://publications.europa.eu/resource/authority/dataset-status/"


def rows(versions: Versions, urls: Urls) -> list[dict[str, object]]:
    """One dictionary for each release, the newest first, for the page and for JSON."""
    return [
        {
            "id": version.id,
            "created": version.created,
            "current": version.id == versions.current,
            "kept": version.kept,
            "names": list(versions.names.get(version.id, ())),
            "triples": version.triples,
            "resources": version.entities,
            "predecessor": version.predecessor,
            "added": version.changes.added if version.changes else None,
            "removed": version.changes.removed if version.changes else None,
            "url": urls.of_release(version.id) if version.kept else None,
            "changes": urls.of_release(version.id, "changes") if version.kept and version.changes else None,
        }
        for version in versions.all
    ]


def triples(versions: Versions, base: str) -> list[ox.Triple]:
    """The series and its members, linked in the order in which they came (https://www.w3.org/TR/vocab-dcat-3/#dataset-series)."""
    series, members = ox.NamedNode(base + SERIES), versions.all
    statements: list[tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]] = [
        (series, RDF_TYPE, ox.NamedNode(DCAT + "DatasetSeries"))
    ]
    if members:
        statements.append((series, DCAT + "first", _iri(base, members[-1].id)))
        statements.append((series, DCAT + "last", _iri(base, members[0].id)))
    if versions.current is not None:
        statements.append((series, DCAT + "hasCurrentVersion", _iri(base, versions.current)))
    for version in members:
        statements += _member(version, base, series)
    return [ox.Triple(subject, ox.NamedNode(predicate), value) for subject, predicate, value in statements]


def _member(
    version: Version, base: str, series: ox.NamedNode
) -> Iterator[tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]]:
    this = _iri(base, version.id)
    yield this, RDF_TYPE, ox.NamedNode(DCAT + "Dataset")
    yield this, DCAT + "inSeries", series
    yield this, DCAT + "version", ox.Literal(version.id)
    yield this, DCTERMS + "issued", ox.Literal(version.created, datatype=ox.NamedNode(XSD + "dateTime"))
    yield this, VOID + "triples", ox.Literal(version.triples)
    yield this, ADMS + "status", ox.NamedNode(_STATUS + ("COMPLETED" if version.kept else "WITHDRAWN"))
    if version.predecessor is not None:
        yield this, DCAT + "prev", _iri(base, version.predecessor)
        yield this, DCAT + "previousVersion", _iri(base, version.predecessor)
    if version.changes is not None:
        notes = f"{version.changes.added} quads came, {version.changes.removed} went"
        yield this, ADMS + "versionNotes", ox.Literal(notes, language="en")


def _iri(base: str, identity: str) -> ox.NamedNode:
    return ox.NamedNode(f"{base}{RELEASE}{identity}")
