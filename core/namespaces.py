"""Namespaces of the vocabularies that the code itself speaks, and prefixed names.

Those of the domain are in the data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
DC = "http://purl.org/dc/elements/1.1/"
DCAT = "http://www.w3.org/ns/dcat#"
VOID = "http://rdfs.org/ns/void#"
VOID_EXT = "http://ldf.fi/void-ext#"
FOAF = "http://xmlns.com/foaf/0.1/"
SCHEMA = "https://schema.org/"
SCHEMA_HTTP = "http://schema.org/"
SH = "http://www.w3.org/ns/shacl#"
DASH = "http://datashapes.org/dash#"
SPDX = "http://spdx.org/rdf/terms#"
HYDRA = "http://www.w3.org/ns/hydra/core#"
CC = "http://creativecommons.org/ns#"
DCATAP = "http://data.europa.eu/r5r/"
GEO = "http://www.opengis.net/ont/geosparql#"
VCARD = "http://www.w3.org/2006/vcard/ns#"
WGS84 = "http://www.w3.org/2003/01/geo/wgs84_pos#"
ADMS = "http://www.w3.org/ns/adms#"
PROV = "http://www.w3.org/ns/prov#"
SD = "http://www.w3.org/ns/sparql-service-description#"
FORMATS = "http://www.w3.org/ns/formats/"
IANA = "https://www.iana.org/assignments/media-types/"
# What a dataset says of its own pages: https://w3id.org/parkgraph/ui#facet leads from a shape to a facet of its class.
UI = "https://w3id.org/parkgraph/ui#"

RDF_TYPE = RDF + "type"
# The predicate that searches (https://jena.apache.org/documentation/query/text-query.html).
TEXT_QUERY = "http://jena.apache.org/text#query"
# What an rdf:Statement says of the triple that it is about (https://www.w3.org/TR/rdf-schema/#ch_statement).
REIFICATION = (RDF + "subject", RDF + "predicate", RDF + "object")
# Classes of which classes and properties are instances.
CLASS_TYPES = frozenset({RDFS + "Class", OWL + "Class"})
PROPERTY_TYPES = frozenset(
    {RDF + "Property", OWL + "ObjectProperty", OWL + "DatatypeProperty", OWL + "AnnotationProperty"}
)


def expand(name: str, prefixes: Mapping[str, str]) -> str:
    """The IRI that a prefixed name stands for; the name itself where its prefix is none of these."""
    prefix, colon, local = name.partition(":")
    return prefixes[prefix] + local if colon and prefix in prefixes else name


def compact(iri: str, prefixes: Mapping[str, str]) -> str | None:
    """The prefixed name of an IRI, by the longest namespace that it goes on from; None where there is none."""
    fitting = [(len(space), prefix) for prefix, space in prefixes.items() if iri.startswith(space) and iri != space]
    length, prefix = max(fitting, default=(0, ""))
    return f"{prefix}:{iri[length:]}" if fitting else None
