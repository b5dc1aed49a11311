"""Opens a release, read-only."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from pyoxigraph import Quad, RdfFormat, Store, Triple, parse

from core.errors import ReleaseError
from core.files import open_regular
from core.query_files import read
from core.saved_queries import EXTENSION
from core.shapes import read_for, read_graph
from release.links import LinkIndex
from release.manifest import Manifest
from release.sorted_lines import SortedLines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.saved_queries import SavedQuery
    from core.shapes import Shapes

CURRENT = "current"
STORE = "store"
DESCRIBED_STORE = "store-described"
QUADS = "quads.nq"
NQUADS = "dumps/parkgraph.nq.gz"
TURTLE = "dumps/parkgraph.ttl.gz"
CATALOG = "catalog.ttl"
SCHEMA_CARD = "schema-card.ttl"
REPORT = "report.ttl"
CONTEXT = "context.jsonld"
SHAPES = "shapes.nt"
INDEX = "index.sqlite"
LINKS = "links.bin"
ANSWERS = "answers.sqlite"
QUERIES = "queries"
CHANGES = "changes.rdfp.gz"
RELEASE = "release/"  # what the IRIs of releases begin with, below the base
SERIES = "catalog#series"  # the IRI of the series of all releases, below the base

_READ = 1 << 20  # bytes of lines that are read at once


def query_path(name: str) -> str:
    """Path of a saved query in the folder of a release."""
    return f"{QUERIES}/{name}{EXTENSION}"


@dataclass(frozen=True)
class Release:
    """An opened release folder. Read-only."""

    path: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        return self.manifest.id

    @property
    def base(self) -> str:
        return self.manifest.base

    @property
    def store_path(self) -> Path:
        return self.path / STORE

    def open_quads(self) -> SortedLines:
        """The quads, sorted; ReleaseError if the file does not open."""
        return SortedLines(self.path / QUADS)

    def open_store(self) -> Store:
        """The query store; ReleaseError if it does not open."""
        return self._open(self.store_path)

    def open_described_store(self) -> Store:
        """The query store with the catalog and the schema card as named graphs; ReleaseError if it does not open."""
        return self._open(self.path / DESCRIBED_STORE)

    def _open(self, path: Path) -> Store:
        try:
            return Store.read_only(str(path))
        except (OSError, RuntimeError) as error:  # RuntimeError: the engine has found damage
            raise ReleaseError(f"the query store of release {self.id} does not open: {error}") from error

    def catalog(self) -> list[Triple]:
        """The triples of the description of the release."""
        return self._triples(CATALOG)

    def schema_card(self) -> list[Triple]:
        """The triples of the schema card."""
        return self._triples(SCHEMA_CARD)

    def _triples(self, name: str) -> list[Triple]:
        return [cast("Quad", quad).triple for quad in parse(path=self.path / name, format=RdfFormat.TURTLE)]

    def queries(self) -> dict[str, SavedQuery]:
        """Name → saved query, sorted by name."""
        paths = sorted((self.path / QUERIES).glob(f"*{EXTENSION}"))
        return {p.stem: read(p.stem, p.read_bytes(), self.base, self.manifest.prefixes) for p in paths}

    def shapes(self, store: Store) -> Shapes:
        """The shapes of the graph that has them, or those that plain RDF was held to. store: that of the release."""
        path = self.path / SHAPES
        if not path.exists():
            return read_graph(store, self.manifest.shapes)
        return read_for(store, cast("Iterator[Quad]", parse(path=path, format=RdfFormat.N_TRIPLES)))

    def lines(self) -> Iterator[bytes]:
        """The canonical N-Quads of the release, sorted by bytes; ReleaseError if they are damaged."""
        path, digest = self.path / QUADS, hashlib.sha256()
        try:
            with open_regular(path) as file:
                while lines := file.readlines(_READ):
                    digest.update(b"".join(lines))
                    yield from lines
        except OSError as error:
            raise ReleaseError(f"{path} cannot be read: {error}") from error
        if digest.hexdigest() != self.manifest.content:
            raise ReleaseError(f"{path} is not as it was written")


def open_whole(folder: Path) -> Release:
    """Open a release folder with its stores and its indexes, as a server does; ReleaseError if one does not open."""
    release = open_release(folder)
    release.open_store()
    release.open_described_store()
    lines = release.open_quads()
    lines.close()
    LinkIndex(release.path / LINKS, lines).close()
    for path in (release.path / INDEX, release.path / ANSWERS):
        try:
            with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as database:
                database.execute("SELECT name FROM sqlite_master").fetchall()
        except sqlite3.Error as error:
            raise ReleaseError(f"{path} does not open: {error}") from error
    return release


def open_release(folder: Path | str) -> Release:
    """Open a release folder, or the current release of a folder of releases; ReleaseError if there is none."""
    folder = Path(folder)
    if (folder / CURRENT).is_symlink():
        folder /= CURRENT
    if not folder.is_dir():
        raise ReleaseError(f"no release at {folder}: build one with 'parkgraph build'")
    folder = folder.resolve()
    return Release(folder, Manifest.read(folder))
