"""The description of a release in VoID (https://www.w3.org/TR/void/) and DCAT 3 (https://www.w3.org/TR/vocab-dcat-3/)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.namespaces import DCAT, DCTERMS, FOAF, FORMATS, IANA, RDF_TYPE, SPDX, VOID, XSD
from core.rdf import serialize

if TYPE_CHECKING:
    from release.manifest import Manifest

_PREFIXES = {"dcat": DCAT, "dcterms": DCTERMS, "foaf": FOAF, "spdx": SPDX, "void": VOID, "xsd": XSD}
_DUMPS = {".ttl.gz": ("Turtle", "text/turtle"), ".nq.gz": ("N-Quads", "application/n-quads")}

SERIES = "catalog#series"  # the IRI below the base of what all releases are versions of


class _Graph:
    """Collects triples in the order they are said."""

    def __init__(self) -> None:
        self.triples: list[ox.Triple] = []

    def say(self, subject: str, predicate: str, *values: ox.NamedNode | ox.Literal) -> None:
        self.triples += [ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), value) for value in values]


def _number(value: int) -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(XSD + "integer"))


def _time(value: str) -> ox.Literal:
    return ox.Literal(value, datatype=ox.NamedNode(XSD + "dateTime"))


def _texts(texts: dict[str, str]) -> list[ox.Literal]:
    return [ox.Literal(text, language=language) for language, text in sorted(texts.items())]


def turtle(manifest: Manifest) -> bytes:
    """The catalogue as Turtle; every number in it comes from the manifest."""
    graph = _Graph()
    _dataset(graph, manifest)
    _partitions(graph, manifest)
    for path in manifest.files:
        for ending, (name, media_type) in _DUMPS.items():
            if path.startswith("dumps/") and path.endswith(ending):
                _distribution(graph, manifest, path, name, media_type)
    return serialize(graph.triples, ox.RdfFormat.TURTLE, _PREFIXES)


def _dataset(graph: _Graph, manifest: Manifest) -> None:
    base, dataset, node = manifest.base, manifest.dataset, ox.NamedNode
    catalog, this, service = f"{base}catalog", f"{base}catalog#dataset", f"{base}catalog#sparql"
    graph.say(catalog, RDF_TYPE, node(DCAT + "Catalog"), node(VOID + "DatasetDescription"))
    graph.say(catalog, DCTERMS + "title", *_texts(dataset.title))
    graph.say(catalog, DCAT + "dataset", node(this))
    graph.say(catalog, DCAT + "service", node(service))
    graph.say(catalog, FOAF + "primaryTopic", node(this))
    graph.say(this, RDF_TYPE, node(DCAT + "Dataset"), node(VOID + "Dataset"))
    graph.say(this, DCTERMS + "title", *_texts(dataset.title))
    graph.say(this, DCTERMS + "description", *_texts(dataset.description))
    graph.say(this, DCTERMS + "identifier", ox.Literal(manifest.id))
    graph.say(this, DCAT + "version", ox.Literal(manifest.id))
    graph.say(this, DCTERMS + "issued", _time(manifest.created))
    if dataset.license:
        graph.say(this, DCTERMS + "license", node(dataset.license))
    if dataset.publisher:
        publisher = f"{base}catalog#publisher"
        graph.say(this, DCTERMS + "publisher", node(publisher))
        graph.say(publisher, RDF_TYPE, node(FOAF + "Agent"))
        graph.say(publisher, FOAF + "name", *_texts(dataset.publisher))
    graph.say(this, DCAT + "landingPage", node(base))
    graph.say(this, FOAF + "homepage", node(base))
    graph.say(this, VOID + "sparqlEndpoint", node(f"{base}sparql"))
    graph.say(this, VOID + "uriSpace", ox.Literal(f"{base}id/"))
    graph.say(this, VOID + "exampleResource", *(node(example) for example in dataset.examples))
    graph.say(this, VOID + "vocabulary", *(node(iri) for iri in sorted(set(manifest.prefixes.values()))))
    graph.say(service, RDF_TYPE, node(DCAT + "DataService"))
    graph.say(service, DCTERMS + "title", ox.Literal("SPARQL endpoint", language="en"))
    graph.say(service, DCAT + "endpointURL", node(f"{base}sparql"))
    graph.say(service, DCAT + "servesDataset", node(this))
    graph.say(service, DCTERMS + "conformsTo", node("http://www.w3.org/TR/sparql11-protocol/"))


def _partitions(graph: _Graph, manifest: Manifest) -> None:
    this, counts, node = f"{manifest.base}catalog#dataset", manifest.counts, ox.NamedNode
    graph.say(this, VOID + "triples", _number(counts.triples))
    graph.say(this, VOID + "entities", _number(counts.entities))
    graph.say(this, VOID + "classes", _number(len(counts.classes)))
    graph.say(this, VOID + "properties", _number(len(counts.properties)))
    for number, (iri, count) in enumerate(sorted(counts.classes.items()), 1):
        part = f"{manifest.base}catalog#class-{number}"
        graph.say(this, VOID + "classPartition", node(part))
        graph.say(part, VOID + "class", node(iri))
        graph.say(part, VOID + "entities", _number(count))
    for number, (iri, count) in enumerate(sorted(counts.properties.items()), 1):
        part = f"{manifest.base}catalog#property-{number}"
        graph.say(this, VOID + "propertyPartition", node(part))
        graph.say(part, VOID + "property", node(iri))
        graph.say(part, VOID + "triples", _number(count))


def _distribution(graph: _Graph, manifest: Manifest, path: str, name: str, media_type: str) -> None:
    base, node, file = manifest.base, ox.NamedNode, manifest.files[path]
    this, where, checksum = f"{base}catalog#dataset", f"{base}{path}", f"{base}catalog#sha256-{name.lower()}"
    distribution = f"{base}catalog#{name.lower()}"
    graph.say(this, DCAT + "distribution", node(distribution))
    graph.say(this, VOID + "dataDump", node(where))
    graph.say(this, VOID + "feature", node(FORMATS + name))
    graph.say(distribution, RDF_TYPE, node(DCAT + "Distribution"))
    graph.say(distribution, DCTERMS + "title", ox.Literal(f"All data as {name}", language="en"))
    graph.say(distribution, DCAT + "downloadURL", node(where))
    graph.say(distribution, DCAT + "mediaType", node(IANA + media_type))
    graph.say(distribution, DCAT + "compressFormat", node(IANA + "application/gzip"))
    size = ox.Literal(str(file.size), datatype=ox.NamedNode(XSD + "nonNegativeInteger"))
    graph.say(distribution, DCAT + "byteSize", size)
    graph.say(distribution, SPDX + "checksum", node(checksum))
    graph.say(checksum, RDF_TYPE, node(SPDX + "Checksum"))
    graph.say(checksum, SPDX + "algorithm", node(SPDX + "checksumAlgorithm_sha256"))
    value = ox.Literal(file.sha256, datatype=ox.NamedNode(XSD + "hexBinary"))
    graph.say(checksum, SPDX + "checksumValue", value)
