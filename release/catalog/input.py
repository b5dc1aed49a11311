"""What the queries of the catalog read: the manifest and the list of the dumps, as a JSON-LD document."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from core.formats import PARQUET, by_extension
from core.namespaces import IANA, XSD
from core.spdx import spdx_licence
from release.dumps import quads_table
from release.dumps.index import FOLDER, METADATA, DumpContent
from release.manifest import FILE_NAME
from release.reader import RELEASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from release.dumps.index import Dump
    from release.manifest import BoundingBox, Manifest

VOCABULARY = "https://w3id.org/parkgraph/catalog-input#"
_CONTEXT = Path(__file__).with_name("context.jsonld")
_MOST = 75  # graphs, classes and properties that are described: those with the most triples or instances
_CODING = "gz"  # of the distributions; the index of the downloads has the other files too
_TITLES = {
    DumpContent.DATASET: "All quads",
    DumpContent.DEFAULT_GRAPH: "All triples, each once",
    DumpContent.REIFIERS: "All triples, each once, with reifiers of RDF 1.2 for rdf:Statements",
}
_DATE_TYPES = {4: "gYear", 7: "gYearMonth", 10: "date"}  # by the length of the text
_OTHERS: dict[str, dict[str, Any]] = {
    METADATA: {
        "title": {
            "en": "Tables of the instances of each class, CSV and Parquet, by their description (CSV on the Web)"
        },
        "mediaType": f"{IANA}application/csvm+json",
    },
    quads_table.PATH: {
        "title": {"en": "All quads as the rows of one table: Parquet"},
        "mediaType": f"{IANA}{PARQUET.media_type}",
    },
}
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


@dataclass(frozen=True)
class CatalogInput:
    """A release, without its catalog, and the list of its dumps."""

    manifest: Manifest
    dumps: Sequence[Dump] = ()

    @property
    def release(self) -> str:
        """The IRI of the release as a dataset."""
        return f"{self.manifest.base}{RELEASE}{self.manifest.id}"

    def node(self, name: str) -> str:
        """The IRI of a part of the description of this release."""
        return f"{self.release}/catalog#{quote(name, safe='/')}"

    def json_ld(self, *, in_parts: bool = False) -> bytes:
        """The document, with the context of `context.jsonld`.

        in_parts: with the parts of the dataset, and without its files and the tools that made it.
        """
        context: dict[str, Any] = json.loads(_CONTEXT.read_text(encoding="utf-8"))
        others = self._partitions() if in_parts else (*self._files(), *self._tools())
        licences = [{"@id": licence, "spdx": spdx_licence(licence)} for licence in self.manifest.licences]
        nodes = [self._release(), *licences, *others]
        return json.dumps(context | {"@graph": nodes}).encode()

    def _release(self) -> dict[str, Any]:
        manifest, counts, found = self.manifest, self.manifest.counts, self.manifest.statistics
        numbers = f"{counts.triples} triples about {counts.entities} resources."
        return {
            "@id": self.release,
            **asdict(manifest.validation),
            "id": manifest.id,
            "created": manifest.created,
            "title": _texts(manifest.dataset.title),
            "description": _texts(manifest.dataset.description or {"en": numbers}),
            "publisher": _texts(manifest.dataset.publisher or {"": urlsplit(manifest.base).netloc}),
            "contact": manifest.dataset.contact or manifest.base,
            "keywords": manifest.dataset.keywords,
            "themes": manifest.dataset.themes,
            "examples": manifest.dataset.examples,
            "creators": manifest.dataset.creators,
            "rights": _texts(manifest.dataset.rights),
            "homepage": manifest.dataset.homepage,
            "ownLicence": manifest.dataset.license,
            "licence": self._licence(manifest.licences),
            "ontology": manifest.ontology,
            "shapes": manifest.shapes,
            "predecessor": manifest.predecessor and f"{manifest.base}{RELEASE}{manifest.predecessor}",
            "page": f"{self.release}/catalog",
            "index": f"{self.release}/{FOLDER}/",
            "manifest": f"{self.release}/{FILE_NAME}",
            "inputCount": len(manifest.inputs),
            "triples": counts.triples,
            "entities": counts.entities,
            "classCount": len(counts.classes),
            "propertyCount": len(counts.properties),
            "subjects": found.subjects,
            "objects": found.objects,
            "vocabularies": counts.vocabularies,
            "languages": list(found.languages),
            "earliest": _date(found.earliest),
            "latest": _date(found.latest),
            "box": found.box and _polygon(found.box),
        }

    def _partitions(self) -> Iterator[dict[str, Any]]:
        counts = self.manifest.counts
        licensed = {graph: counts.graphs[graph] for graph in self.manifest.statistics.licences}
        graphs = licensed | counts.graphs  # those with licences of their own first
        for name, parts in (("class", counts.classes), ("property", counts.properties), ("graph", graphs)):
            for number, (iri, count) in enumerate(list(parts.items())[:_MOST], 1):
                part = {"@id": self.node(f"{name}-{number}"), name: iri, "count": count}
                yield part | ({"licence": self._licence(self.manifest.licences_of(iri))} if name == "graph" else {})
        for number, links in enumerate(self.manifest.statistics.links, 1):
            about = {"predicate": links.predicate, "target": links.target, "count": links.triples}
            yield {"@id": self.node(f"links-{number}")} | about

    def _files(self) -> Iterator[dict[str, Any]]:
        """The distributions: the RDF documents of the whole dataset, its table, and the description of the others."""
        for dump in self.dumps:
            is_document = dump.content is not DumpContent.TABLE and dump.coding == _CODING
            if is_document or dump.path in _OTHERS:
                path = f"{FOLDER}/{dump.path}"
                file = {"path": path, "extension": dump.extension, **asdict(self.manifest.files[path])}
                yield {"@id": self.node(dump.path)} | file | (_document(dump) if is_document else _OTHERS[dump.path])

    def _tools(self) -> Iterator[dict[str, Any]]:
        for name, version in self.manifest.software.items():
            yield {"@id": self.node(f"software-{name}"), "name": name, "version": version}

    def _licence(self, licences: list[str]) -> dict[str, Any] | None:
        """The one licence, or a document that has several as parts."""
        if len(licences) <= 1:
            return {"@id": licences[0]} if licences else None
        name = "-".join(licence.partition("://")[2].strip("/").replace("/", "-") for licence in licences)
        return {"@id": self.node(f"licences-{name}"), "parts": [{"@id": licence} for licence in licences]}


def _document(dump: Dump) -> dict[str, Any]:
    format_ = by_extension(dump.extension)
    assert format_ is not None  # noqa: S101 - RDF documents are in formats of the table
    not_held = f", without {dump.left_out} whose object is a triple" if dump.left_out else ""
    return {
        "title": {"en": f"{_TITLES[dump.content]}: {format_.name}{not_held}"},
        "mediaType": IANA + format_.media_type,
        "standard": format_.iri,
        "compression": f"{IANA}application/gzip",
    }


def _texts(texts: Mapping[str, str]) -> dict[str, str]:
    """Language → text as JSON-LD has them: a text without language has the key @none."""
    return {language or "@none": text for language, text in texts.items()}


def _date(text: str | None) -> dict[str, str] | None:
    return {"@value": text, "@type": XSD + _DATE_TYPES.get(len(text), "gYear")} if text else None


def _polygon(box: BoundingBox) -> str:
    """The box as well-known text, longitude first; it begins with the south-western corner."""
    corners = [(box.west, box.south), (box.east, box.south), (box.east, box.north), (box.west, box.north)]
    points = ", ".join(f"{longitude} {latitude}" for longitude, latitude in [*corners, corners[0]])
    return f"<{_CRS84}> POLYGON(({points}))"
