"""How properties are used: by the instances of each class, with which values, and leading to which classes.

These are the tables `class_property`, `property_value`, `property_class` and `property_datatype` of the index, which
complete queries and are the schema card. They are bounded, whatever the data: of the most used classes and properties,
of one subject _OF_KIND classes, and of each pair of class and property the most frequent values, classes and datatypes.
Counts are exact where a pair has at most _HELD different ones; of more, those that seem to be rare are given up now and
then, so that counts may be too low.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np

from core.ntriples import decode_iri, is_iri

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from release.counts import Tally

    _Array = NDArray[Any]

SCHEMA = """
CREATE TABLE class_property (class INTEGER, property INTEGER, uses INTEGER, PRIMARY KEY (class, uses, property))
  WITHOUT ROWID;
CREATE TABLE property_value (
  class INTEGER, property INTEGER, value INTEGER, uses INTEGER, PRIMARY KEY (class, property, uses, value))
  WITHOUT ROWID;
CREATE TABLE property_class (
  class INTEGER, property INTEGER, target INTEGER, uses INTEGER, PRIMARY KEY (class, property, uses, target))
  WITHOUT ROWID;
CREATE TABLE property_datatype (
  class INTEGER, property INTEGER, datatype TEXT, uses INTEGER, PRIMARY KEY (class, property, uses, datatype))
  WITHOUT ROWID;
CREATE INDEX class_of_property ON class_property (property);
CREATE INDEX property_of_target ON property_class (target, class);
"""  # class, property, target: terms; value: a resource
UNLISTED = "unlisted"  # the kind of a class whose instances are all blank nodes: no list has it
ANY = 0  # stands for subjects of any class, or of none
CLASSES, PROPERTIES = 4_000, 16_000  # the most used ones that are counted
_OF_CLASS = 200  # properties of a class
_OF_KIND = 32  # classes of one subject that are counted, the most used ones
_VALUES, _TARGETS, _DATATYPES = 50, 20, 20  # of a class and a property
_HELD = 500  # of these while they are counted
_ROWS = 1_000_000  # that are counted before the rare ones are given up
_BITS = np.uint64(32)


class PropertyUses:
    """Counts links by the class of their subject, their property, and their object or its class."""

    def __init__(
        self, kinds: Sequence[Iterable[bytes]], uses: Mapping[bytes, int], properties: Mapping[bytes, int]
    ) -> None:
        """kinds: the classes of subjects of each kind. uses: of classes. properties: uses of these."""
        self._classes = _most_used(uses, CLASSES)
        self._properties = _most_used(properties, PROPERTIES)
        numbers = {class_: number for number, class_ in enumerate(self._classes, 1)}
        of_kinds = [
            [ANY, *sorted(numbers[class_] for class_ in classes if class_ in numbers)[:_OF_KIND]] for classes in kinds
        ]
        self._ends = np.cumsum([0, *map(len, of_kinds)])
        self._of_kinds = np.array([number for of_kind in of_kinds for number in of_kind], np.uint64)
        self._numbers = {property_: number for number, property_ in enumerate(self._properties)}
        self._values, self._targets = _Frequent(), _Frequent()

    def numbers(self, properties: Iterable[bytes]) -> _Array:
        """What `add` takes for properties; -1 for one that is not counted."""
        return np.array([self._numbers.get(property_, -1) for property_ in properties], np.int64)

    def add(
        self, kinds: _Array, properties: _Array, objects: _Array, kinds_of_objects: _Array, *, known: _Array
    ) -> None:
        """Take links: kinds of their subjects, their properties by `numbers`, their objects and the kinds of these.

        objects: numbers of resources. known: which of them have one.
        """
        counted = np.flatnonzero(properties >= 0)
        sizes = np.diff(self._ends)
        pairs = np.cumsum(sizes[kinds[counted].astype(np.int64)] * sizes[kinds_of_objects[counted].astype(np.int64)])
        cuts = np.searchsorted(pairs, np.arange(_ROWS, pairs[-1] if len(pairs) else 0, _ROWS))
        for part in np.split(counted, cuts):
            self._add(kinds[part], properties[part], objects[part], kinds_of_objects[part], known[part])

    def _add(self, kinds: _Array, properties: _Array, objects: _Array, kinds_of_objects: _Array, known: _Array) -> None:
        """Take links that are about _ROWS pairs of a class and a class at most."""
        rows, classes = self._expanded(kinds.astype(np.int64))
        pairs = classes * np.uint64(PROPERTIES) + properties[rows].astype(np.uint64) << _BITS
        has_value = known[rows]
        self._values.add((pairs | objects[rows].astype(np.uint64))[has_value])
        again, targets = self._expanded(kinds_of_objects.astype(np.int64)[rows])
        has_class = targets != ANY
        self._targets.add((pairs[again] | targets)[has_class])

    def _expanded(self, kinds: _Array) -> tuple[_Array, _Array]:
        """Of each place in `kinds` as many rows as the kind has classes: the place, and the class."""
        starts, sizes = self._ends[kinds], np.diff(self._ends)[kinds]
        rows = np.repeat(np.arange(len(kinds)), sizes)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return rows, self._of_kinds[starts[rows] + within]

    def write(self, database: sqlite3.Connection) -> None:
        """Fill `property_value` and `property_class`; the table `term` has the classes and properties."""
        ids = {kind: _ids(database, kind) for kind in ("class", "property")}
        class_ids = [ANY, *(ids["class"].get(decode_iri(class_), -1) for class_ in self._classes)]
        property_ids = [ids["property"].get(decode_iri(property_), -1) for property_ in self._properties]
        for table, frequent, most in (("value", self._values, _VALUES), ("class", self._targets, _TARGETS)):
            rows = (
                (class_ids[class_], property_ids[property_], class_ids[end] if table == "class" else end, uses)
                for class_, property_, end, uses in frequent.rows(most)
            )
            insert = f"INSERT OR IGNORE INTO property_{table} VALUES (?, ?, ?, ?)"  # noqa: S608 - a constant
            database.executemany(insert, (row for row in rows if -1 not in row))


class _Frequent:
    """Counts keys, a pair of class and property before 32 bits for something; of each pair the most frequent ones."""

    def __init__(self) -> None:
        self._keys, self._counts = np.empty(0, np.uint64), np.empty(0, np.int64)
        self._pending: list[tuple[_Array, _Array]] = []
        self._size, self._held = 0, _HELD

    def add(self, keys: _Array) -> None:
        self._pending.append(np.unique(keys, return_counts=True))
        self._size += len(self._pending[-1][0])
        if self._size > _ROWS:
            self._merge()

    def _merge(self) -> None:
        keys, counts = (np.concatenate(of) for of in zip((self._keys, self._counts), *self._pending, strict=True))
        self._pending.clear()
        self._keys, places = np.unique(keys, return_inverse=True)
        self._counts = np.bincount(places, counts, len(self._keys)).astype(np.int64)
        self._keep(self._held)
        while len(self._keys) > _ROWS and self._held > 1:
            self._held //= 2
            self._keep(self._held)
        self._size = 0

    def _keep(self, most: int) -> None:
        """Give up all but the most frequent ones of each pair."""
        pairs = self._keys >> _BITS
        order = np.lexsort((self._keys, -self._counts, pairs))
        starts = np.searchsorted(pairs, pairs[order])  # pairs are in order, as the keys are
        kept = np.sort(order[np.arange(len(order)) - starts < most])
        self._keys, self._counts = self._keys[kept], self._counts[kept]

    def rows(self, most: int) -> Iterator[tuple[int, int, int, int]]:
        """Class, property, end and count of so many of each pair; what was used once only where all fit in."""
        if self._pending:
            self._merge()
        sizes = np.unique(self._keys >> _BITS, return_inverse=True, return_counts=True)
        is_whole = sizes[2][sizes[1]] <= most
        chosen = is_whole | (self._counts > 1)
        self._keys, self._counts = self._keys[chosen], self._counts[chosen]
        self._keep(most)
        pairs = (self._keys >> _BITS).tolist()
        ends = (self._keys & np.uint64(0xFFFFFFFF)).tolist()
        for pair, end, count in zip(pairs, ends, self._counts.tolist(), strict=True):
            yield (*divmod(pair, PROPERTIES), end, count)


def write_properties(path: Path, tally: Tally) -> None:
    """Fill `class_property` and `property_datatype` of an index, whose other tables are whole, from the counts."""
    counts, literals = tally.properties_of, tally.datatypes_of
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")  # the writer of the release syncs every file
        ids = {kind: _ids(database, kind) for kind in ("class", "property")}
        database.execute("BEGIN")
        for class_ in _most_used(tally.classes, CLASSES):
            of_class = ids["class"].get(decode_iri(class_))
            uses = counts[class_]
            most = _most_used(uses, _OF_CLASS)
            rows = [(of_class, ids["property"].get(decode_iri(property_)), uses[property_]) for property_ in most]
            database.executemany(
                "INSERT INTO class_property VALUES (?, ?, ?)", (row for row in rows if None not in row)
            )
            datatypes = (
                (of_class, ids["property"].get(decode_iri(property_)), decode_iri(datatype), count)
                for property_, datatype, count in _datatypes(literals[class_], set(most))
            )
            database.executemany(
                "INSERT INTO property_datatype VALUES (?, ?, ?, ?)", (row for row in datatypes if None not in row)
            )
        database.execute("COMMIT")


def _datatypes(
    literals: Mapping[tuple[bytes, bytes], int], properties: set[bytes]
) -> Iterator[tuple[bytes, bytes, int]]:
    """Property, datatype and count, of each of the properties those of the most triples."""
    told = Counter[bytes]()
    for (property_, datatype), count in sorted(literals.items(), key=lambda row: (-row[1], row[0])):
        told[property_] += property_ in properties
        if 0 < told[property_] <= _DATATYPES:
            yield property_, datatype, count


def _most_used(uses: Mapping[bytes, int], most: int) -> list[bytes]:
    return sorted(filter(is_iri, uses), key=lambda term: (-uses[term], term))[:most]


def _ids(database: sqlite3.Connection, kind: str) -> dict[str, int]:
    kinds = (kind, UNLISTED if kind == "class" else kind)
    return dict(database.execute("SELECT iri, id FROM term WHERE kind IN (?, ?)", kinds))
