"""The list of the downloads: for people by what they are for, and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from core.formats import CSV, PARQUET, by_extension
from core.wording import gettext_noop
from release import sums
from release.dumps.index import FOLDER, INDEX, METADATA, Dump, DumpContent, DumpIndex
from server.http.languages import gettext

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from core.formats import Format
    from server.releases import OpenRelease

_TABLES = {format_.extension: format_ for format_ in (PARQUET, CSV)}
_CODINGS = {"gz": "gzip", "zst": "Zstandard"}
# Uses, with the dumps for each: their content and formats, the best first.
_NEEDS = (
    (
        gettext_noop("SQL or data frames over all statements: DuckDB, Polars"),
        gettext_noop("Every statement, with its named graph, as a row of one table."),
        DumpContent.DATASET,
        ("parquet",),
    ),
    (
        gettext_noop("A triple store"),
        gettext_noop("Every statement, with the named graph that says where it comes from."),
        DumpContent.DATASET,
        ("nq", "trig"),
    ),
    (
        gettext_noop("Python, R or Java with an RDF library; reading by eye"),
        gettext_noop("Every statement once, without its origin. Turtle is grouped by subject, with short names."),
        DumpContent.DEFAULT_GRAPH,
        ("ttl",),
    ),
    (
        gettext_noop("Line by line: grep, Spark, comparing"),
        gettext_noop("One statement on each line, sorted."),
        DumpContent.DEFAULT_GRAPH,
        ("nt",),
    ),
    (
        gettext_noop("A library that reads RDF 1.2"),
        gettext_noop("Every statement once, and what is said of statements as reifiers (rdf:reifies)."),
        DumpContent.REIFIERS,
        ("ttl",),
    ),
    (
        gettext_noop("JavaScript, or any language without an RDF library"),
        gettext_noop("JSON: an array of resources, expanded JSON-LD with full IRIs."),
        DumpContent.DATASET,
        ("jsonld",),
    ),
)


@dataclass(frozen=True)
class Download:
    """One file of the list; url: its path on this server; left_out: statements that its format cannot hold."""

    name: str
    url: str
    format: str | None
    media_type: str | None
    coding: str | None
    size: int
    sha256: str
    items: int = 0
    left_out: int = 0


class ClassTables(NamedTuple):
    """The tables of a class. is_vocabulary: whether all its instances are terms of the vocabulary."""

    iri: str
    instances: int
    files: list[Download]
    is_vocabulary: bool


@lru_cache(maxsize=16)
def index_of(folder: Path) -> DumpIndex:
    """The index of the release in a folder, which never changes."""
    if (folder / INDEX).exists() or not folder.exists():  # gone, which is an error, and not remembered
        return DumpIndex.read(folder)
    return DumpIndex()


class Downloads:
    """The downloads of a release, at its own address."""

    def __init__(self, release: OpenRelease) -> None:
        self._release = release
        self._index = index_of(release.folder.path)

    def needs(self) -> list[tuple[str, str, list[Download]]]:
        """Uses, each with a text about the main files for it, and these."""
        rows = [
            (gettext(title), gettext(text), self._files(content, formats)) for title, text, content, formats in _NEEDS
        ]
        return [row for row in rows if row[2]]

    def documents(self) -> list[Download]:
        """The RDF documents of the whole dataset."""
        return [self._download(dump) for dump in self._index.dumps if dump.content is not DumpContent.TABLE]

    def classes(self) -> list[ClassTables]:
        """The classes that have tables, those with the most instances first."""
        tables: dict[str, list[Download]] = {}
        for dump in self._index.dumps:
            if dump.classes:
                tables.setdefault(dump.classes[0], []).append(self._download(dump, plain=True))
        counts = self._release.manifest.counts.classes
        terms = self._release.listable.is_vocabulary
        found = [ClassTables(iri, counts[iri], files, terms(iri)) for iri, files in tables.items()]
        return sorted(found, key=lambda one: (-one.instances, one.iri))

    def quads_table(self) -> Download | None:
        """All quads as one table."""
        found = self._files(DumpContent.DATASET, [PARQUET.extension])
        return found[0] if found else None

    def metadata(self) -> Download | None:
        """The description of the tables."""
        path = f"{FOLDER}/{METADATA}"
        return self._file(path) if path in self._release.manifest.files else None

    def rows(self) -> list[Download]:
        """Every file below the folder of the dumps."""
        known = {f"{FOLDER}/{dump.path}": dump for dump in self._index.dumps}
        paths = sorted(path for path in self._release.manifest.files if path.startswith(f"{FOLDER}/"))
        return [self._download(known[path]) if path in known else self._file(path) for path in paths]

    def url(self, path: str) -> str:
        """The address of a file at its release, which never changes."""
        return self._release.urls.of_release(self._release.folder.id, path)

    def signature(self) -> str | None:
        path = f"{FOLDER}/{sums.SIGNATURE}"
        return self.url(path) if path in self._release.manifest.files else None

    def _files(self, content: DumpContent, formats: Iterable[str]) -> list[Download]:
        dumps = [dump for dump in self._index.dumps if dump.content is content]
        return [self._download(dump) for format_ in formats for dump in dumps if dump.extension == format_]

    def _download(self, dump: Dump, *, plain: bool = False) -> Download:
        """plain: without a compression that browsers take off."""
        file = self._release.manifest.files[f"{FOLDER}/{dump.path}"]
        path, format_ = dump.path, format_of(dump.extension)
        if plain and dump.extension == "csv" and dump.coding:
            path = path.removesuffix(f".{dump.coding}")
        return Download(
            path,
            self.url(f"{FOLDER}/{path}"),
            format_.name if format_ else dump.extension,
            format_.media_type if format_ else None,
            None if path != dump.path or dump.coding is None else _CODINGS[dump.coding],
            file.size,
            file.sha256,
            dump.items,
            dump.left_out,
        )

    def _file(self, path: str) -> Download:
        file = self._release.manifest.files[path]
        return Download(path.removeprefix(f"{FOLDER}/"), self.url(path), None, None, None, file.size, file.sha256)


def as_json(release: OpenRelease) -> dict[str, Any]:
    """The list of all files, with the tables of each class."""
    downloads, index = Downloads(release), index_of(release.folder.path)
    known = {dump.path: dump for dump in index.dumps}
    files = []
    for row in downloads.rows():  # with what the index says of the file's content
        dump = known.get(row.name)
        about: dict[str, Any] = {"content": dump.content, "classes": dump.classes} if dump else {}
        files.append(asdict(row) | about)
    sums_ = {"sha256sums": downloads.url(f"{FOLDER}/{sums.NAME}"), "signature": downloads.signature()}
    manifest = release.manifest
    return {"release": manifest.id, "created": manifest.created, **sums_, "files": files, "classes": index.classes}


def format_of(extension: str) -> Format | None:
    """The format of a dump with this extension, tables included."""
    return _TABLES.get(extension) or by_extension(extension)
