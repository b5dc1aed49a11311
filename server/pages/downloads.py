"""What there is to download, as rows: for people by what they need it for, and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from core.formats import by_extension
from release import sums
from release.dumps.graphs import MEMBERS
from release.dumps.index import FOLDER, INDEX, Dump, Extent, Index
from server.http.languages import gettext, gettext_noop, languages

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from server.releases import OpenRelease

_NAMES = {"parquet": "Parquet", "csv": "CSV"}
_CODINGS = {"gz": "gzip", "zst": "Zstandard"}
_METADATA = "tables/csv-metadata.json"
# What people come for, with what serves it: extent and formats, the best first.
_NEEDS = (
    (
        gettext_noop("A triple store"),
        gettext_noop("Every statement, with the named graph that says where it comes from."),
        Extent.EVERYTHING,
        ("nq", "trig"),
    ),
    (
        gettext_noop("Python, R or Java with an RDF library; reading by eye"),
        gettext_noop("Every statement once, without its origin. Turtle is grouped by subject, with short names."),
        Extent.MERGED,
        ("ttl",),
    ),
    (
        gettext_noop("Line by line: grep, Spark, comparing"),
        gettext_noop("One statement on each line, sorted."),
        Extent.MERGED,
        ("nt",),
    ),
    (
        gettext_noop("JavaScript, or any language without an RDF library"),
        gettext_noop("JSON with a context: one resource on each line, so it can also be read as a stream."),
        Extent.EVERYTHING,
        ("jsonld",),
    ),
)


@dataclass(frozen=True)
class Download:
    """One file of the list; url: its path on this server."""

    name: str
    url: str
    format: str | None
    coding: str | None
    size: int
    sha256: str
    part: int = 1
    parts: int = 1
    items: int = 0


@dataclass(frozen=True)
class Need:
    """What somebody wants, and the files for it."""

    title: str
    text: str
    files: list[Download]


@dataclass(frozen=True)
class ClassRow:
    """A class, how many instances it has, and its files by format."""

    iri: str
    name: str
    language: str
    instances: int
    tables: dict[str, list[Download]]
    rdf: dict[str, list[Download]]


@lru_cache(maxsize=16)
def index_of(folder: Path) -> Index:
    """The index of the release in a folder, which never changes."""
    return Index.read(folder) if (folder / INDEX).exists() else Index()


class Downloads:
    """The downloads of a release, at its own address."""

    def __init__(self, release: OpenRelease) -> None:
        self._release = release
        self._index = index_of(release.folder.path)

    def needs(self) -> list[Need]:
        """The main files, by what they are for."""
        rows = [
            Need(gettext(title), gettext(text), self._files(extent, formats)) for title, text, extent, formats in _NEEDS
        ]
        return [row for row in rows if row.files]

    def collections(self) -> list[Need]:
        """The named collections of graphs."""
        names = sorted({dump.of[0] for dump in self._index.dumps if dump.extent is Extent.COLLECTION})
        return [Need(name, "", self._files(Extent.COLLECTION, None, name)) for name in names]

    def graphs(self) -> list[Download]:
        """The files that hold each named graph as a part of its own, and their index."""
        members = self._files(Extent.GRAPHS, None)
        return [*members, self._file(f"{FOLDER}/{MEMBERS}.csv")] if members else []

    def classes(self) -> list[ClassRow]:
        """The classes that have files, those with the most instances first."""
        counts, labels = self._release.manifest.counts.classes, self._release.labels
        found: dict[str, list[Dump]] = {}
        for dump in self._index.dumps:
            if dump.extent in {Extent.CLASS, Extent.TABLE} and dump.of:
                found.setdefault(dump.of[0], []).append(dump)
        rows = []
        for iri, dumps in found.items():
            name = labels.name(ox.NamedNode(iri), languages())
            by_format: dict[Extent, dict[str, list[Download]]] = {Extent.TABLE: {}, Extent.CLASS: {}}
            for dump in dumps:
                by_format[dump.extent].setdefault(_name(dump.extension), []).append(self._download(dump, plain=True))
            tables = by_format[Extent.TABLE]
            rows.append(ClassRow(iri, name.text, name.language, counts[iri], tables, by_format[Extent.CLASS]))
        return sorted(rows, key=lambda row: (-row.instances, row.iri))

    def metadata(self) -> Download | None:
        """The description of the tables."""
        path = f"{FOLDER}/{_METADATA}"
        return self._file(path) if path in self._release.manifest.files else None

    def rows(self) -> list[Download]:
        """Every file below the folder of the dumps."""
        known = {f"{FOLDER}/{dump.path}": dump for dump in self._index.dumps}
        paths = sorted(path for path in self._release.manifest.files if path.startswith(f"{FOLDER}/"))
        return [self._download(known[path]) if path in known else self._file(path) for path in paths]

    def url(self, path: str) -> str:
        """Where a file of the release never changes."""
        return self._release.urls.of_release(self._release.folder.id, path)

    def signature(self) -> str | None:
        path = f"{FOLDER}/{sums.SIGNATURE}"
        return self.url(path) if path in self._release.manifest.files else None

    def _files(self, extent: Extent, formats: Iterable[str] | None, of: str | None = None) -> list[Download]:
        dumps = [dump for dump in self._index.dumps if dump.extent is extent and (of is None or of in dump.of)]
        if formats is None:
            return [self._download(dump) for dump in dumps]
        return [self._download(dump) for format_ in formats for dump in dumps if dump.extension == format_]

    def _download(self, dump: Dump, *, plain: bool = False) -> Download:
        """plain: without a compression that browsers take off."""
        file = self._release.manifest.files[f"{FOLDER}/{dump.path}"]
        path = dump.path
        if plain and dump.extension == "csv" and dump.coding:
            path = path.removesuffix(f".{dump.coding}")
        return Download(
            path,
            self.url(f"{FOLDER}/{path}"),
            _name(dump.extension),
            None if path != dump.path or dump.coding is None else _CODINGS[dump.coding],
            file.size,
            file.sha256,
            dump.number,
            dump.parts,
            dump.items,
        )

    def _file(self, path: str) -> Download:
        file = self._release.manifest.files[path]
        return Download(path.removeprefix(f"{FOLDER}/"), self.url(path), None, None, file.size, file.sha256)


def to_json(release: OpenRelease) -> str:
    """The whole list, with the classes and where their instances are."""
    downloads, index = Downloads(release), index_of(release.folder.path)
    known = {dump.path: dump for dump in index.dumps}
    files = []
    for row in downloads.rows():  # with the fields of the index, which say what is in the file
        dump = known.get(row.name)
        about: dict[str, Any] = {"extent": dump.extent, "of": dump.of} if dump else {}
        files.append(asdict(row) | about)
    sums_ = {"sha256sums": downloads.url(f"{FOLDER}/{sums.NAME}"), "signature": downloads.signature()}
    manifest = release.manifest
    body = {"release": manifest.id, "created": manifest.created, **sums_, "files": files, "classes": index.classes}
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def _name(extension: str) -> str:
    format_ = by_extension(extension)
    return _NAMES.get(extension) or (format_.name if format_ else extension)
