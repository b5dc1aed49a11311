"""`links.sqlite`: the incoming links of every resource, in order.

The query store returns links in the order of its hashes, and only from the first one on. This file gives any page of
them, and their number by property, in the same time however many there are.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from core.namespaces import REIFICATION
from core.ntriples import decode_iri, encode_iri, is_literal, is_triple, split
from release import nquads
from release.database import ReadOnlyDatabase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_SCHEMA = """
CREATE TABLE target (id INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE);
CREATE TABLE total (target INTEGER, property TEXT, links INTEGER, PRIMARY KEY (target, property)) WITHOUT ROWID;
CREATE TABLE link (target INTEGER, property TEXT, source TEXT, PRIMARY KEY (target, property, source)) WITHOUT ROWID;
"""
_PARTS = frozenset(map(encode_iri, REIFICATION))


def write(default_graph: Path, path: Path) -> None:
    """Write the links of a file of canonical N-Triples; memory does not grow with the number of triples."""
    by_target = path.with_suffix(".sorted")
    with default_graph.open("rb") as triples:
        nquads.sort(_links(triples), by_target)
    with by_target.open("rb") as rows, closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")  # the writer of the release syncs every file in the end
        database.executescript(_SCHEMA)
        database.execute("BEGIN")
        for number, (target, links) in enumerate(groupby(rows, key=lambda row: row.partition(b" ")[0]), 1):
            _write_target(database, number, target, map(_property_and_source, links))
        database.execute("COMMIT")
        database.execute("VACUUM")  # the same content gives the same file
    by_target.unlink()


def _links(triples: Iterable[bytes]) -> Iterator[bytes]:
    """A row of target, property and source for each link between resources, except those of rdf:Statement."""
    for line in triples:
        source, property_, target, _ = split(line)
        if not (is_literal(target) or is_triple(target) or property_ in _PARTS):
            yield b"%s %s %s\n" % (target, property_, source)


def _property_and_source(row: bytes) -> tuple[str, str]:
    _, property_, source = row.rstrip(b"\n").split(b" ")
    return decode_iri(property_), decode_iri(source)


def _write_target(database: sqlite3.Connection, number: int, target: bytes, links: Iterator[tuple[str, str]]) -> None:
    totals: Counter[str] = Counter()

    def counted() -> Iterator[tuple[int, str, str]]:
        for property_, source in links:
            totals[property_] += 1
            yield number, property_, source

    database.execute("INSERT INTO target VALUES (?, ?)", (number, decode_iri(target)))
    database.executemany("INSERT INTO link VALUES (?, ?, ?)", counted())
    database.executemany(
        "INSERT INTO total VALUES (?, ?, ?)", ((number, name, count) for name, count in totals.items())
    )


class Link(NamedTuple):
    """An incoming link. source: an IRI, or a blank node with its `_:`."""

    property: str
    source: str


class LinkIndex(ReadOnlyDatabase):
    """Reads the links of one release. Thread-safe."""

    def totals(self, target: str) -> dict[str, int]:
        """Property → number of links to the resource: an IRI, or a blank node with its `_:`."""
        query = (
            "SELECT property, links FROM total WHERE target = (SELECT id FROM target WHERE iri = ?) ORDER BY property"
        )
        return dict(self._rows(query, target))

    def after(self, target: str, link: Link, count: int) -> list[Link]:
        """At most `count` links to `target` that sort after `link`, in order; `link` need not exist."""
        return self._page(target, link, count, ">", "ASC")

    def before(self, target: str, link: Link, count: int) -> list[Link]:
        """At most `count` links to `target` that sort before `link`, nearest first; `link` need not exist."""
        return self._page(target, link, count, "<", "DESC")

    def _page(self, target: str, link: Link, count: int, sign: str, order: str) -> list[Link]:
        query = (
            "SELECT property, source FROM link WHERE target = (SELECT id FROM target WHERE iri = ?) "  # noqa: S608
            f"AND (property, source) {sign} (?, ?) ORDER BY property {order}, source {order} LIMIT ?"
        )
        return [Link(*row) for row in self._rows(query, target, link.property, link.source, count)]
