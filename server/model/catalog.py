"""The catalogue of a release as values: what pages and heads show of it."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

import pyoxigraph as ox

from core.formats import TURTLE
from core.namespaces import DCAT, DCTERMS, IANA, PROV, SCHEMA, SD, SPDX, VOID
from release.catalog.authorities import language_tag
from release.reader import CATALOG, RELEASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from release.reader import Release

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
_NUMBER = r"-?[0-9.]+"
_BOX = re.compile(rf"POLYGON\(\(({_NUMBER}) ({_NUMBER}), {_NUMBER} {_NUMBER}, ({_NUMBER}) ({_NUMBER}),")


@dataclass(frozen=True)
class File:
    """A distribution: coding is the media type of its compression."""

    title: str
    url: str
    media_type: str
    coding: str | None
    size: int
    sha256: str
    licences: list[str]


@dataclass(frozen=True)
class Part:
    """A named graph, a class or a property with its number, and what can be downloaded of it."""

    iri: str
    number: int
    licences: list[str]
    files: list[File]


@dataclass(frozen=True)
class Links:
    """How many triples lead by a property to what begins with `target`."""

    predicate: str
    target: str
    number: int


@dataclass(frozen=True)
class Input:
    """A file that the release was made of."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Box:
    """Degrees of WGS 84, as they are written."""

    west: str
    south: str
    east: str
    north: str


class Catalogue:
    """What the catalogue says of its release; read once, never changed."""

    def __init__(self, release: Release) -> None:
        self._dataset = f"{release.base}{RELEASE}{release.id}"
        self.triples: list[ox.Triple] = []
        self._said: dict[tuple[str, str], list[Term]] = defaultdict(list)
        for quad in ox.parse(path=release.path / CATALOG, format=TURTLE.rdf):
            triple = cast("ox.Quad", quad).triple
            self.triples.append(triple)
            subject = cast("ox.NamedNode", triple.subject).value
            self._said[subject, triple.predicate.value].append(triple.object)

    def _values(self, subject: str, predicate: str) -> list[str]:
        found = self._said.get((subject, predicate), [])
        return [term.value for term in found if isinstance(term, ox.NamedNode | ox.Literal)]

    def _one(self, subject: str, predicate: str) -> str:
        return next(iter(self._values(subject, predicate)), "")

    def number(self, name: str) -> int:
        """One of the statistics of VoID."""
        return int(self._one(self._dataset, VOID + name) or 0)

    @property
    def period(self) -> tuple[str, str] | None:
        """The first and the last date in the data."""
        period = self._one(self._dataset, DCTERMS + "temporal")
        return (self._one(period, DCAT + "startDate"), self._one(period, DCAT + "endDate")) if period else None

    @property
    def box(self) -> Box | None:
        """Around all positions in the data."""
        place = self._one(self._dataset, DCTERMS + "spatial")
        match = _BOX.search(self._one(place, DCAT + "bbox")) if place else None
        return Box(*match.groups()) if match else None

    @property
    def languages(self) -> list[str]:
        """Language tags."""
        tags = map(language_tag, self._values(self._dataset, DCTERMS + "language"))
        return sorted(tag for tag in tags if tag)

    def keywords(self) -> Iterator[ox.Literal]:
        for term in self._said.get((self._dataset, DCAT + "keyword"), []):
            if isinstance(term, ox.Literal):
                yield term

    @property
    def vocabularies(self) -> list[str]:
        return self._values(self._dataset, VOID + "vocabulary")

    @property
    def licences(self) -> list[str]:
        """Of all the data together, the dataset's own first."""
        return self._licences(self._dataset)

    def _licences(self, of: str) -> list[str]:
        stated = self._values(of, DCTERMS + "license")
        return [part for one in stated for part in self._values(one, DCTERMS + "hasPart") or [one]]

    @property
    def files(self) -> list[File]:
        """Those of the whole dataset."""
        return self._files(self._dataset)

    def _files(self, of: str) -> list[File]:
        return [self._file(iri) for iri in sorted(self._values(of, DCAT + "distribution"))]

    def _file(self, iri: str) -> File:
        coding = self._one(iri, DCAT + "compressFormat")
        return File(
            self._one(iri, DCTERMS + "title"),
            self._one(iri, DCAT + "downloadURL"),
            self._one(iri, DCAT + "mediaType").removeprefix(IANA),
            coding.removeprefix(IANA) or None,
            int(self._one(iri, DCAT + "byteSize")),
            self._one(self._one(iri, SPDX + "checksum"), SPDX + "checksumValue"),
            self._licences(iri),
        )

    def graphs(self) -> list[Part]:
        found = (part for part in self._values(self._dataset, VOID + "subset") if self._one(part, SD + "name"))
        return [self._part(part, SD + "name", "triples") for part in found]

    def classes(self) -> list[Part]:
        """Those with the most instances first."""
        parts = self._values(self._dataset, VOID + "classPartition")
        return _most_first(self._part(part, VOID + "class", "entities") for part in parts)

    def properties(self) -> list[Part]:
        parts = self._values(self._dataset, VOID + "propertyPartition")
        return _most_first(self._part(part, VOID + "property", "triples") for part in parts)

    def _part(self, part: str, naming: str, counted: str) -> Part:
        number = int(self._one(part, VOID + counted))
        return Part(self._one(part, naming), number, self._licences(part), self._files(part))

    def links(self) -> list[Links]:
        """Links to other data, those with the most triples first."""
        subsets = self._values(self._dataset, VOID + "subset")
        return [
            Links(predicate, self._one(self._one(part, VOID + "objectsTarget"), VOID + "uriSpace"), self._triples(part))
            for part in subsets
            if (predicate := self._one(part, VOID + "linkPredicate"))
        ]

    def _triples(self, part: str) -> int:
        return int(self._one(part, VOID + "triples"))

    def inputs(self) -> list[Input]:
        build = self._one(self._dataset, PROV + "wasGeneratedBy")
        return [
            Input(
                self._one(one, DCTERMS + "title"), self._one(self._one(one, SPDX + "checksum"), SPDX + "checksumValue")
            )
            for one in self._values(build, PROV + "used")
        ]

    def tools(self) -> list[tuple[str, str]]:
        """Name and version."""
        build = self._one(self._dataset, PROV + "wasGeneratedBy")
        found = (
            (tool, self._one(tool, SCHEMA + "softwareVersion"))
            for tool in self._values(build, PROV + "wasAssociatedWith")
        )
        return [(tool.rpartition("#software-")[2], version) for tool, version in found if version]


def _most_first(parts: Iterator[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: (-part.number, part.iri))
