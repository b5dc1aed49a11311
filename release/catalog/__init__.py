"""The description of a release: DCAT 3 after DCAT-AP 3, VoID and PROV-O, made from its manifest by SPARQL queries.

Each `*.rq` file beside this one is a CONSTRUCT query for one topic; those in `void/` describe the dataset
by its parts: classes, properties, graphs and links. A query reads the manifest and the list of the dumps as RDF
(`context.jsonld`, prefix `in:`), and the controlled vocabularies of `authorities.ttl`. Relative IRIs are below the base
IRI of the data; `release:` is the IRI of the release, `here:` is what the parts of its description begin with.

The catalog names the release and the digests of its files, so it belongs neither to the content nor to the dumps: it
is a file of the release, and the named graph `<base>catalog` for the queries that name it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from core.namespaces import (
    ADMS,
    DCAT,
    DCATAP,
    DCTERMS,
    FOAF,
    PROV,
    RDFS,
    SCHEMA,
    SD,
    SH,
    SKOS,
    SPDX,
    VCARD,
    VOID,
    XSD,
)
from core.rdf import serialize
from release.catalog.checking import check
from release.catalog.input import VOCABULARY, CatalogInput
from release.reader import CATALOG

if TYPE_CHECKING:
    from collections.abc import Iterable

    from release.manifest import Manifest

__all__ = ["CatalogInput", "describe", "describe_parts", "write"]
PREFIXES = {
    "adms": ADMS,
    "dcat": DCAT,
    "dcatap": DCATAP,
    "dcterms": DCTERMS,
    "foaf": FOAF,
    "prov": PROV,
    "rdfs": RDFS,
    "schema": SCHEMA,
    "sd": SD,
    "sh": SH,
    "skos": SKOS,
    "spdx": SPDX,
    "vcard": VCARD,
    "void": VOID,
    "xsd": XSD,
}
_FOLDER = Path(__file__).parent
_AUTHORITY = "http://publications.europa.eu/resource/authority/"
_CONCEPTS = {
    "availability": f"{_AUTHORITY}planned-availability/",
    "file": f"{_AUTHORITY}file-type/",
    "frequency": f"{_AUTHORITY}frequency/",
    "iso639": "http://id.loc.gov/vocabulary/iso639-1/",
    "language": f"{_AUTHORITY}language/",
    "right": f"{_AUTHORITY}access-right/",
    "status": f"{_AUTHORITY}distribution-status/",
    "theme": f"{_AUTHORITY}data-theme",
}
_BYTE_SIZE = ox.NamedNode(DCAT + "byteSize")
_SIZE = ox.NamedNode(XSD + "nonNegativeInteger")


def describe(given: CatalogInput) -> list[ox.Triple]:
    """The triples of the catalog, each once, sorted."""
    return _construct(given, given.json_ld(), _FOLDER.glob("*.rq"))


def describe_parts(manifest: Manifest) -> list[ox.Triple]:
    """The numbers of the dataset and of its parts in VoID, with the licences, each once, sorted."""
    given = CatalogInput(manifest)
    topics = [_FOLDER / "statistics.rq", _FOLDER / "licences.rq", *(_FOLDER / "void").glob("*.rq")]
    return _construct(given, given.json_ld(in_parts=True), topics)


def _construct(given: CatalogInput, data: bytes, queries: Iterable[Path]) -> list[ox.Triple]:
    store = ox.Store()
    store.load(data, ox.RdfFormat.JSON_LD)
    store.load(path=_FOLDER / "authorities.ttl")
    prefixes = PREFIXES | _CONCEPTS | {"in": VOCABULARY, "release": given.release, "here": given.node("")}
    found: set[ox.Triple] = set()
    for path in queries:
        query = path.read_text(encoding="utf-8")
        found.update(cast("ox.QueryTriples", store.query(query, base_iri=given.manifest.base, prefixes=prefixes)))
    return sorted(map(_with_size, found), key=str)


def _with_size(triple: ox.Triple) -> ox.Triple:
    """A size with the datatype that DCAT-AP wants; the engine makes xsd:integer of all whole numbers."""
    if triple.predicate != _BYTE_SIZE:
        return triple
    return ox.Triple(
        triple.subject, triple.predicate, ox.Literal(cast("ox.Literal", triple.object).value, datatype=_SIZE)
    )


def write(given: CatalogInput, folder: Path) -> list[ox.Triple]:
    """Write the catalog into the folder; its triples. Raises InputError if it is not as DCAT-AP wants it."""
    triples = describe(given)
    check([*triples, *describe_parts(given.manifest)])
    (folder / CATALOG).write_bytes(serialize(triples, ox.RdfFormat.TURTLE, PREFIXES))
    return triples
