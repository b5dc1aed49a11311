"""Namespaces of the vocabularies that the code itself speaks; those of the domain are in the data."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
DCAT = "http://www.w3.org/ns/dcat#"
VOID = "http://rdfs.org/ns/void#"
FOAF = "http://xmlns.com/foaf/0.1/"
SCHEMA = "https://schema.org/"
SH = "http://www.w3.org/ns/shacl#"
DASH = "http://datashapes.org/dash#"
SPDX = "http://spdx.org/rdf/terms#"
HYDRA = "http://www.w3.org/ns/hydra/core#"
ADMS = "http://www.w3.org/ns/adms#"
PROV = "http://www.w3.org/ns/prov#"
SD = "http://www.w3.org/ns/sparql-service-description#"
FORMATS = "http://www.w3.org/ns/formats/"
IANA = "https://www.iana.org/assignments/media-types/"
# What a dataset says of its own pages: https://w3id.org/parkgraph/ui#facet leads from a shape to a facet of its class.
UI = "https://w3id.org/parkgraph/ui#"

RDF_TYPE = RDF + "type"
# What an rdf:Statement says of the triple that it is about (https://www.w3.org/TR/rdf-schema/#ch_statement).
REIFICATION = (RDF + "subject", RDF + "predicate", RDF + "object")
