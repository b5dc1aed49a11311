"""The files of a release as distributions, each with size, digest, types and licence (https://www.w3.org/TR/vocab-dcat-3/#Class:Distribution)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.formats import by_extension
from core.namespaces import ADMS, DCAT, DCATAP, DCTERMS, FORMATS, IANA, SPDX, VOID, XSD
from release.catalog import authorities
from release.catalog.dataset import license_
from release.catalog.graph import english, size, time
from release.dumps.index import Extent

if TYPE_CHECKING:
    from release.catalog.facts import Facts
    from release.catalog.graph import Graph
    from release.dumps.index import Dump

_PARQUET = "application/vnd.apache.parquet"
_CODINGS = {"gz": "application/gzip", "zst": "application/zstd"}
_CODING_NAMES = {"gz": "gzip", "zst": "zstd"}
_EXTENTS = {
    Extent.EVERYTHING: "All quads",
    Extent.MERGED: "All triples, each once",
    Extent.GRAPHS: "Each named graph by itself, found by an index",
    Extent.COLLECTION: "Named graphs: {of}",
    Extent.CLASS: "Instances of {of}",
    Extent.TABLE: "Instances of {of}, as a table",
}
_METADATA = "What the tables mean (CSV on the Web)"


def describe(graph: Graph, facts: Facts) -> None:
    """Every dump, as a distribution of the dataset or of the part of it that it holds."""
    for dump in facts.dumps:
        _distribution(graph, facts, dump)
    for extension in sorted({dump.extension for dump in facts.dumps}):
        format_ = by_extension(extension)
        if format_ is not None and format_.iri:
            graph.link(facts.dataset, VOID + "feature", format_.iri)


def part_of(facts: Facts, dump: Dump) -> str:
    """The IRI of the dataset that a dump is a distribution of."""
    if dump.extent is Extent.COLLECTION:
        return facts.node(f"collection-{dump.of[0]}")
    if dump.extent in {Extent.CLASS, Extent.TABLE} and dump.of:
        return class_part(facts, dump.of[0])
    return facts.dataset


def class_part(facts: Facts, class_: str) -> str:
    """The IRI of the partition of a class."""
    return facts.node(f"class-{sorted(facts.manifest.counts.classes).index(class_) + 1}")


def licences_of(facts: Facts, dump: Dump) -> tuple[str, ...]:
    if dump.extent is Extent.COLLECTION:
        return facts.licences.of(facts.collection(dump.of[0]))
    if dump.extent in {Extent.CLASS, Extent.TABLE} and dump.of:
        found = {licence: None for class_ in dump.of for licence in facts.licences.of_instances(class_)}
        return tuple(found)
    return facts.licences.all


def _distribution(graph: Graph, facts: Facts, dump: Dump) -> None:
    path, of = f"dumps/{dump.path}", part_of(facts, dump)
    file, this, where = facts.manifest.files[path], facts.node(dump.path), facts.address(path)
    graph.link(of, DCAT + "distribution", this)
    graph.link(of, VOID + "dataDump", where)
    graph.types(this, DCAT + "Distribution")
    graph.say(this, DCTERMS + "title", english(_title(facts, dump)))
    graph.link(this, DCAT + "accessURL", facts.address("dumps/"))
    graph.link(this, DCAT + "downloadURL", where)
    graph.say(this, DCAT + "byteSize", size(file.size))
    graph.say(this, DCTERMS + "issued", time(facts.manifest.created))
    graph.link(this, DCATAP + "availability", authorities.STABLE)
    graph.link(this, ADMS + "status", authorities.COMPLETED)
    for iri in (authorities.STABLE, authorities.COMPLETED):
        authorities.concept(graph, iri)
    license_(graph, facts, this, licences_of(facts, dump))
    _types(graph, this, dump)
    checksum = facts.node(f"{dump.path}/sha256")
    graph.link(this, SPDX + "checksum", checksum)
    checksum_(graph, checksum, file.sha256)


def checksum_(graph: Graph, this: str, sha256: str) -> None:
    graph.types(this, SPDX + "Checksum")
    graph.link(this, SPDX + "algorithm", SPDX + "checksumAlgorithm_sha256")
    graph.types(SPDX + "checksumAlgorithm_sha256", SPDX + "ChecksumAlgorithm")
    graph.say(this, SPDX + "checksumValue", ox.Literal(sha256, datatype=ox.NamedNode(XSD + "hexBinary")))


def _types(graph: Graph, this: str, dump: Dump) -> None:
    media_type = media_type_of(dump.extension)
    if media_type:
        graph.link(this, DCAT + "mediaType", IANA + media_type)
        graph.types(IANA + media_type, DCTERMS + "MediaType")
    if dump.coding:
        graph.link(this, DCAT + "compressFormat", IANA + _CODINGS[dump.coding])
        graph.types(IANA + _CODINGS[dump.coding], DCTERMS + "MediaType")
    file_type = authorities.file_type(dump.extension)
    if file_type:
        graph.link(this, DCTERMS + "format", file_type)
        graph.types(file_type, DCTERMS + "MediaTypeOrExtent")
    format_ = by_extension(dump.extension)
    if format_ is not None and format_.iri and format_.iri.startswith(FORMATS):
        graph.link(this, DCTERMS + "conformsTo", format_.iri)
        graph.types(format_.iri, DCTERMS + "Standard")


def media_type_of(extension: str) -> str | None:
    if extension == "parquet":
        return _PARQUET
    format_ = by_extension(extension)
    return format_.media_type if format_ else None


def _title(facts: Facts, dump: Dump) -> str:
    of = ", ".join(facts.labels.get(name, {}).get("en") or name for name in dump.of)
    format_ = by_extension(dump.extension)
    name = "CSV" if dump.extension == "csv" else format_.name if format_ else dump.extension.capitalize()
    coding = f", {_CODING_NAMES[dump.coding]}" if dump.coding else ""
    part = f", part {dump.number} of {dump.parts}" if dump.parts > 1 else ""
    held = _EXTENTS[dump.extent].format(of=of) if of or dump.extent is not Extent.TABLE else _METADATA
    return f"{held}: {name}{coding}{part}"
