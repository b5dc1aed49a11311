"""What registry, gazetteer and editors say, in a file that is looked up by what documents speak of.

The file is an SQLite database, which any number of processes read at once, each with two megabytes of it in memory.
It can be copied to other machines.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from functools import cached_property, lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from core.ntriples import encode_iri

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entity (id TEXT PRIMARY KEY, class TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS said (key TEXT NOT NULL, triples TEXT NOT NULL);
DROP INDEX IF EXISTS by_key;
"""
_INDEX = "CREATE INDEX by_key ON said (key)"  # when all is there: so what is added needs no place of its own
_KEPT = 4096  # resources that a process has in memory


class Known:
    """Reads the file. As a mapping it has the class of each entity of the registry that has one, by its id.

    ids: the IRI that ids are relative to. path: of the file; None if nothing is known. Used by one thread.
    """

    def __init__(self, ids: str, path: Path | None = None) -> None:
        self.ids, self.path = ids, path
        self._resource = re.compile(rb"<" + re.escape(ids.encode()) + rb"[^<>]*>")
        self._entity = lru_cache(_KEPT)(self._find_entity)
        self.about = lru_cache(_KEPT)(self._find_about)
        self._links = lru_cache(_KEPT)(self._find_links)

    def __reduce__(self) -> tuple[type[Known], tuple[str, Path | None]]:
        return Known, (self.ids, self.path)

    def __contains__(self, name: object) -> bool:
        """Whether the registry has an entity of this id."""
        return self._entity(str(name)) is not None

    def get(self, name: str) -> str | None:
        """The class of an entity; None if it has none, or there is no such entity."""
        found = self._entity(name)
        return found[0] if found else None

    def spellings(self, article: str) -> bytes:
        """The triples that the registry has in the graph of an article, which has this id, as N-Triples."""
        return self._triples(in_graph(self.ids, article))

    def terms(self, triples: bytes) -> set[bytes]:
        """The resources of the dataset that triples speak of, as they stand in N-Triples."""
        return set(self._resource.findall(triples))

    def linked(self, terms: set[bytes]) -> set[bytes]:
        """The terms, and what they lead to over what is known about them."""
        found, new = set(terms), terms
        while new:
            new = set().union(*map(self._links, new)) - found
            found |= new
        return found

    def triples(self, terms: set[bytes]) -> dict[bytes, bytes]:
        """The triples about each of these terms, if any, without those in graphs of articles, as N-Triples."""
        return {term: about for term in terms if (about := self.about(term))}

    def digest(self, terms: Iterable[bytes], articles: Iterable[str]) -> bytes:
        """The digest of what is known about terms, and of the spellings in articles; what is not known is left out."""
        known = self._digests
        keys = [key for key in terms if key in known]
        keys += [key for article in articles if (key := in_graph(self.ids, article).encode()) in known]
        return hashlib.sha256(b"".join([key + known[key] for key in keys])).digest()

    @cached_property
    def _digests(self) -> dict[bytes, bytes]:
        """The digest of what is said about each entity and under each key."""
        if self._database is None:
            return {}
        entities = self._database.execute("SELECT id, class FROM entity")
        found = {encode_iri(self.ids + name): repr(class_).encode() for name, class_ in entities}
        rows = self._database.execute("SELECT key, triples FROM said ORDER BY key, rowid")
        for key, group in groupby(rows, key=itemgetter(0)):
            term = key.encode()
            found[term] = hashlib.sha256(found.get(term, b"") + _lines(triples for _, triples in group)).digest()
        return found

    @cached_property
    def _database(self) -> sqlite3.Connection | None:
        if self.path is None:
            return None
        return sqlite3.connect(f"file:{quote(str(self.path))}?mode=ro&immutable=1", uri=True)

    def _find_entity(self, name: str) -> tuple[str | None] | None:
        if self._database is None:
            return None
        found: tuple[str | None] | None
        found = self._database.execute("SELECT class FROM entity WHERE id = ?", (name,)).fetchone()
        return found

    def _find_about(self, term: bytes) -> bytes:
        return self._triples(term.decode())

    def _triples(self, key: str) -> bytes:
        if self._database is None:
            return b""
        return _lines(row[0] for row in self._database.execute("SELECT triples FROM said WHERE key = ?", (key,)))

    def _find_links(self, term: bytes) -> frozenset[bytes]:
        return frozenset(self.terms(self.about(term)))


class KnownWriter:
    """Writes the file, or adds to it. A context manager: the file is complete when it has ended."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path)
        self._database.execute("PRAGMA journal_mode = OFF")  # a file that was not completed is not used
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.execute(_INDEX)
        self._database.commit()
        self._database.close()

    def add_entities(self, classes: Mapping[str, str | None]) -> None:
        """Add entities by their ids, each with its class, if it has one."""
        self._database.executemany("INSERT OR IGNORE INTO entity VALUES (?, ?)", classes.items())

    def add(self, said: Mapping[str, str]) -> None:
        """Add what `said_in` gave of one unit."""
        self._database.executemany("INSERT INTO said VALUES (?, ?)", said.items())


def in_graph(ids: str, article: str) -> str:
    """The key of what the registry has in the graph of an article."""
    return f"in <{ids}{article}>"


def said_in(ids: str, triples: Mapping[bytes, Iterable[bytes]]) -> dict[str, str]:
    """Graph → its triples as lines of N-Triples, by what they can be looked up by: their subject, or their article."""
    found: dict[str, set[bytes]] = {}
    of_articles = encode_iri(ids + "article/")[:-1]
    for graph, lines in triples.items():
        if graph.startswith(of_articles):
            found.setdefault(f"in {graph.decode()}", set()).update(lines)
        else:
            for line in lines:
                found.setdefault(line.split(b" ", 1)[0].decode(), set()).add(line)
    return {key: b"".join(sorted(lines)).decode() for key, lines in found.items()}


def _lines(texts: Iterable[str]) -> bytes:
    """The lines of all texts, sorted, each once."""
    found = [text.encode() for text in texts]
    if len(found) > 1:
        found = sorted({line for text in found for line in text.splitlines(keepends=True)})
    return b"".join(found)
