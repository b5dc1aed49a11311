"""What the endpoint says of itself, as RDF (https://www.w3.org/TR/sparql11-service-description/)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.formats import RDF_FORMATS, RESULT_FORMATS
from core.namespaces import RDF_TYPE, SD, VOID, XSD

if TYPE_CHECKING:
    from release.manifest import Manifest


def describe(manifest: Manifest) -> list[ox.Triple]:
    """The service, its default dataset and its formats."""
    node, endpoint = ox.NamedNode, ox.NamedNode(f"{manifest.base}sparql")
    dataset, graph = node(f"{endpoint.value}#dataset"), node(f"{endpoint.value}#default-graph")
    triples: list[tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]] = [
        (endpoint, RDF_TYPE, node(SD + "Service")),
        (endpoint, SD + "endpoint", endpoint),
        (endpoint, SD + "supportedLanguage", node(SD + "SPARQL11Query")),
        (endpoint, SD + "defaultDataset", dataset),
        (dataset, RDF_TYPE, node(SD + "Dataset")),
        (dataset, SD + "defaultGraph", graph),
        (graph, RDF_TYPE, node(SD + "Graph")),
        (graph, VOID + "triples", ox.Literal(str(manifest.counts.triples), datatype=node(XSD + "integer"))),
    ]
    for number, name in enumerate(sorted(manifest.counts.graphs), 1):
        named = node(f"{endpoint.value}#graph-{number}")
        triples += [
            (dataset, SD + "namedGraph", named),
            (named, RDF_TYPE, node(SD + "NamedGraph")),
            (named, SD + "name", node(name)),
        ]
    formats = [f.iri for f in (*RESULT_FORMATS, *RDF_FORMATS) if f.iri]
    triples += [(endpoint, SD + "resultFormat", node(iri)) for iri in formats]
    return [ox.Triple(subject, node(predicate), value) for subject, predicate, value in triples]
