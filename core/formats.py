"""The table of formats: reading, writing, file names and content negotiation all use it.

Names and IRIs are those of https://www.w3.org/ns/formats/, media types those registered with IANA.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pyoxigraph as ox

from core.namespaces import FORMATS


class Kind(StrEnum):
    """What a format holds: one graph, a dataset, query results, a document for people or programs, changes to a
    dataset.
    """

    GRAPH = "rdf-graph"
    DATASET = "rdf-dataset"
    RESULTS = "results"
    PAGE = "page"
    CHANGES = "changes"


@dataclass(frozen=True, eq=False)
class Format:
    """One format: its name, file extension, media types, IRI, and the engine's value for it. Compared by identity.

    iri: None if the W3C has registered none. engine: None if the engine does not write the format. aliases: further
    media types that clients ask for it by. has_version: whether its media types have the parameter `version`, by which
    servers announce, and clients ask for, a version of RDF (core/versions.py).
    """

    name: str
    extension: str
    media_type: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    iri: str | None = None
    engine: ox.RdfFormat | ox.QueryResultsFormat | None = None
    has_version: bool = False

    @property
    def content_type(self) -> str:
        """The value of Content-Type: the media type, with charset=utf-8 for text."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type

    @property
    def label(self) -> str:
        """The name without the family that it is one of, for links: `CSV`."""
        return self.name.removeprefix("SPARQL Results in ")

    @property
    def media_types(self) -> tuple[str, ...]:
        """Every media type that selects this format, the registered one first."""
        return (self.media_type, *self.aliases)

    @property
    def rdf(self) -> ox.RdfFormat:
        """The engine's RDF format; TypeError if this is not an RDF format."""
        if not isinstance(self.engine, ox.RdfFormat):
            raise TypeError(f"{self.name} is not an RDF format")
        return self.engine

    @property
    def results(self) -> ox.QueryResultsFormat:
        """The engine's format for query results; TypeError if this is not one."""
        if not isinstance(self.engine, ox.QueryResultsFormat):
            raise TypeError(f"{self.name} is not a format for query results")
        return self.engine


TURTLE = Format(
    "Turtle",
    "ttl",
    "text/turtle",
    Kind.GRAPH,
    ("application/x-turtle",),
    FORMATS + "Turtle",
    ox.RdfFormat.TURTLE,
    has_version=True,
)
N_TRIPLES = Format(
    "N-Triples",
    "nt",
    "application/n-triples",
    Kind.GRAPH,
    ("text/plain",),
    FORMATS + "N-Triples",
    ox.RdfFormat.N_TRIPLES,
    has_version=True,
)
RDF_XML = Format(
    "RDF/XML",
    "rdf",
    "application/rdf+xml",
    Kind.GRAPH,
    ("application/xml", "text/xml"),
    FORMATS + "RDF_XML",
    ox.RdfFormat.RDF_XML,
    has_version=True,
)
JSON_LD = Format(
    "JSON-LD",
    "jsonld",
    "application/ld+json",
    Kind.DATASET,
    ("application/json",),
    FORMATS + "JSON-LD",
    ox.RdfFormat.JSON_LD,
)
TRIG = Format(
    "TriG",
    "trig",
    "application/trig",
    Kind.DATASET,
    ("application/x-trig",),
    FORMATS + "TriG",
    ox.RdfFormat.TRIG,
    has_version=True,
)
N_QUADS = Format(
    "N-Quads",
    "nq",
    "application/n-quads",
    Kind.DATASET,
    (),
    FORMATS + "N-Quads",
    ox.RdfFormat.N_QUADS,
    has_version=True,
)
RESULTS_JSON = Format(
    "SPARQL Results in JSON",
    "srj",
    "application/sparql-results+json",
    Kind.RESULTS,
    ("application/json",),
    FORMATS + "SPARQL_Results_JSON",
    ox.QueryResultsFormat.JSON,
    has_version=True,
)
RESULTS_XML = Format(
    "SPARQL Results in XML",
    "srx",
    "application/sparql-results+xml",
    Kind.RESULTS,
    ("application/xml", "text/xml"),
    FORMATS + "SPARQL_Results_XML",
    ox.QueryResultsFormat.XML,
    has_version=True,
)
RESULTS_CSV = Format(
    "SPARQL Results in CSV",
    "csv",
    "text/csv",
    Kind.RESULTS,
    (),
    FORMATS + "SPARQL_Results_CSV",
    ox.QueryResultsFormat.CSV,
)
RESULTS_TSV = Format(
    "SPARQL Results in TSV",
    "tsv",
    "text/tab-separated-values",
    Kind.RESULTS,
    (),
    FORMATS + "SPARQL_Results_TSV",
    ox.QueryResultsFormat.TSV,
)
HTML = Format("HTML", "html", "text/html", Kind.PAGE, ("application/xhtml+xml",))
JSON = Format("JSON", "json", "application/json", Kind.PAGE)
CSV = Format("CSV", "csv", "text/csv", Kind.PAGE)  # a table that is no result of a query
XLSX = Format(
    "Excel", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Kind.PAGE
)  # a workbook
GEOJSON = Format("GeoJSON", "geojson", "application/geo+json", Kind.PAGE)  # RFC 7946
CSVW = Format("CSV on the Web", "csv-metadata.json", "application/csvm+json", Kind.PAGE)  # describes a CSV
PARQUET = Format("Parquet", "parquet", "application/vnd.apache.parquet", Kind.PAGE)
OPEN_SEARCH = Format("OpenSearch description", "xml", "application/opensearchdescription+xml", Kind.PAGE)
SUGGESTIONS = Format("suggestions", "suggestions", "application/x-suggestions+json", Kind.PAGE)  # of OpenSearch
# RFC 9264; neither has an extension of its own, so these only name them in addresses.
LINKSET_JSON = Format("link set in JSON", "linkset-json", "application/linkset+json", Kind.PAGE, ("application/json",))
LINKSET = Format("link set", "linkset", "application/linkset", Kind.PAGE, ("text/plain",))
LINK_FORMAT = Format("link format", "link", "application/link-format", Kind.PAGE)  # RFC 6690, of TimeMaps
ATOM = Format("Atom", "atom", "application/atom+xml", Kind.PAGE, ("application/xml", "text/xml"))
RDF_PATCH = Format("RDF Patch", "rdfp", "application/rdf-patch", Kind.CHANGES)
# How something is cited, by the media types of https://citation.doi.org/docs.html
REFERENCE = Format("reference", "txt", "text/x-bibliography", Kind.PAGE)
BIBTEX = Format("BibTeX", "bib", "application/x-bibtex", Kind.PAGE)
RIS = Format("RIS", "ris", "application/x-research-info-systems", Kind.PAGE)
CSL_JSON = Format("CSL-JSON", "csl", "application/vnd.citationstyles.csl+json", Kind.PAGE)
CITATIONS = (REFERENCE, BIBTEX, RIS, CSL_JSON)

FORMATS_KNOWN = (
    TURTLE,
    N_TRIPLES,
    RDF_XML,
    JSON_LD,
    TRIG,
    N_QUADS,
    RESULTS_JSON,
    RESULTS_XML,
    RESULTS_CSV,
    RESULTS_TSV,
    HTML,
    JSON,
    XLSX,
    GEOJSON,
    CSVW,
    LINKSET_JSON,
    LINKSET,
    LINK_FORMAT,
    ATOM,
    RDF_PATCH,
    *CITATIONS,
)
RDF_FORMATS = tuple(f for f in FORMATS_KNOWN if f.kind in (Kind.GRAPH, Kind.DATASET))
RESULT_FORMATS = tuple(f for f in FORMATS_KNOWN if f.kind is Kind.RESULTS)

_BY_EXTENSION = {format_.extension: format_ for format_ in FORMATS_KNOWN}


def by_extension(extension: str) -> Format | None:
    """The format with this file extension (without the dot), or None."""
    return _BY_EXTENSION.get(extension)
