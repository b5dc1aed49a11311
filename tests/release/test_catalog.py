"""The catalogue says of a release what is true of it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from rdflib import DCAT, DCTERMS, RDF, VOID, Graph, Literal, Namespace, URIRef

from release.reader import CATALOG

if TYPE_CHECKING:
    from release.reader import Release

SPDX = Namespace("http://spdx.org/rdf/terms#")


@pytest.fixture(scope="module")
def catalog(release: Release) -> Graph:
    return Graph().parse(release.path / CATALOG)


@pytest.fixture(scope="module")
def dataset(catalog: Graph) -> URIRef:
    (found,) = catalog.subjects(RDF.type, DCAT.Dataset)
    assert isinstance(found, URIRef)
    return found


def test_counts_are_those_of_the_store(catalog: Graph, dataset: URIRef, release: Release) -> None:
    store = release.open_store()
    triples = sum(1 for _ in store.query("SELECT ?s { ?s ?p ?o }"))  # type: ignore[union-attr, misc]
    assert catalog.value(dataset, VOID.triples) == Literal(triples)
    parts = {catalog.value(part, VOID["class"]): part for part in catalog.objects(dataset, VOID.classPartition)}
    assert len(parts) == len(release.manifest.counts.classes) > 20
    for iri, part in parts.items():
        rows = store.query(f"SELECT DISTINCT ?s {{ ?s a <{iri}> }}")
        assert catalog.value(part, VOID.entities) == Literal(sum(1 for _ in rows))  # type: ignore[union-attr, misc]


def test_dumps_are_told_with_size_and_digest(catalog: Graph, dataset: URIRef, release: Release) -> None:
    distributions = list(catalog.objects(dataset, DCAT.distribution))
    assert len(distributions) == 2
    for distribution in distributions:
        address = str(catalog.value(distribution, DCAT.downloadURL))
        data = (release.path / address.removeprefix(release.base)).read_bytes()
        assert int(str(catalog.value(distribution, DCAT.byteSize))) == len(data)
        checksum = catalog.value(distribution, SPDX.checksum)
        assert str(catalog.value(checksum, SPDX.checksumValue)) == hashlib.sha256(data).hexdigest()


def test_who_what_and_under_which_licence(catalog: Graph, dataset: URIRef, release: Release) -> None:
    assert {title.language for title in catalog.objects(dataset, DCTERMS.title)} == {"en", "de", "zh"}  # type: ignore[attr-defined]
    assert catalog.value(dataset, DCTERMS.license) == URIRef("https://creativecommons.org/publicdomain/zero/1.0/")
    assert catalog.value(dataset, VOID.sparqlEndpoint) == URIRef(f"{release.base}sparql")
    assert str(catalog.value(dataset, DCTERMS.identifier)) == release.id
    for example in catalog.objects(dataset, VOID.exampleResource):
        assert release.open_store().query(f"ASK {{ <{example}> ?p ?o }}"), example
