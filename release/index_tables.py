"""Fills the tables of `index.sqlite` from the results of blocks: resources, terms, names, texts and words."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from pyroaring import BitMap

from core.namespaces import CLASS_TYPES, PROPERTY_TYPES, SKOS
from core.ntriples import decode_iri, encode_iri
from release import property_uses
from release.facet_candidates import FacetFinder
from release.hashes import term_hashes
from release.index_blocks import OpenedSubjects, read_results
from release.index_names import NUMBER, STATEMENT, TEXT, SubjectColumns
from release.index_tags import KINDS, padded, tag
from release.property_uses import PropertyUses
from release.sorted_rows import HASH

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from release.blocks import Block
    from release.index_blocks import Array, BlockResult, Classes

SCHEMA = """
CREATE TABLE resource (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, key TEXT NOT NULL, class INTEGER);
CREATE TABLE term (
  id INTEGER PRIMARY KEY, iri TEXT NOT NULL, kind TEXT NOT NULL, uses INTEGER NOT NULL, shown INTEGER NOT NULL,
  part INTEGER NOT NULL, members BLOB, UNIQUE (kind, iri));
CREATE TABLE name (id INTEGER PRIMARY KEY, resource INTEGER NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL);
CREATE VIRTUAL TABLE name_text USING fts5 (
  text, tags, content = '', columnsize = 0, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 0');
CREATE TABLE text (id INTEGER PRIMARY KEY, resource INTEGER NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL);
CREATE VIRTUAL TABLE text_words USING fts5 (
  text, tags, content = '', columnsize = 0, prefix = '3', tokenize = 'unicode61 remove_diacritics 0');
CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE VIRTUAL TABLE word_text USING fts5 (text, content = '', columnsize = 0, tokenize = 'trigram');
CREATE TABLE facet (
  id INTEGER PRIMARY KEY, class TEXT NOT NULL, name TEXT NOT NULL, iri TEXT NOT NULL, ends TEXT, values_ INTEGER);
CREATE TABLE facet_value (
  id INTEGER PRIMARY KEY, facet INTEGER NOT NULL, value TEXT NOT NULL, is_resource INTEGER NOT NULL,
  size INTEGER NOT NULL, members BLOB NOT NULL);
INSERT INTO name_text (name_text, rank) VALUES ('hashsize', 33554432);
"""  # hashsize: bytes of postings that are held before they are written
INDEXES = """
CREATE UNIQUE INDEX resource_by_iri ON resource (iri);
CREATE INDEX facet_of_class ON facet (class);
CREATE UNIQUE INDEX value_of_facet ON facet_value (facet, value, is_resource);
CREATE INDEX value_by_size ON facet_value (facet, size DESC, value);
"""
DRAFT = """
CREATE TABLE draft.subject (ordinal INTEGER, key TEXT, iri TEXT, kind INTEGER);
CREATE TABLE draft.kind (id INTEGER PRIMARY KEY, class INTEGER);
CREATE TABLE draft.name (
  is_text INTEGER, rank INTEGER, length INTEGER, resource INTEGER, text TEXT, language TEXT, folded TEXT, tags TEXT);
CREATE TABLE draft.word (text TEXT, uses INTEGER);
"""
_NUMBERED_SUBJECTS = (
    "CREATE TABLE draft.numbered AS SELECT ordinal, iri, key, kind FROM draft.subject ORDER BY key, iri",
    """INSERT INTO resource SELECT numbered.rowid - 1, iri, key, class
       FROM draft.numbered LEFT JOIN draft.kind ON kind.id = numbered.kind ORDER BY numbered.rowid""",
)
_SORTED_NAMES = tuple(
    statement.format(table=table, words=words, is_text=is_text)
    for is_text, (table, words) in enumerate((("name", "name_text"), ("text", "text_words")))
    for statement in (
        """CREATE TABLE draft.sorted_{table} AS SELECT resource, text, language, folded, tags
           FROM draft.name WHERE is_text = {is_text} ORDER BY rank, length, text, language, resource""",
        "INSERT INTO {table} SELECT rowid, resource, text, language FROM draft.sorted_{table}",
        "INSERT INTO {words} (rowid, text, tags) SELECT rowid, folded, tags FROM draft.sorted_{table}",
    )
)

CONCEPT = encode_iri(SKOS + "Concept")
NO_NUMBER = 0xFFFFFFFF
_VOCABULARY = frozenset({"class", "property"})
_AFTER = 1 << 48
_SKOS = encode_iri(SKOS)[:-1]
_CLASS_TYPES, _PROPERTY_TYPES = (frozenset(map(encode_iri, types)) for types in (CLASS_TYPES, PROPERTY_TYPES))
_BUCKETS = 1 << 22
_WORDS = 200_000  # that are counted in memory at a time
_MENTION = np.dtype([("hash", HASH), ("ordinal", NUMBER)])
NONE = np.empty(0, NUMBER)


class IndexTables:
    """Fills the tables of the index.

    database: with the tables. hashes: of the subjects, by ordinal. ids: their numbers, by ordinal; NO_NUMBER for blank
    nodes. sizes: class → the number of its instances that have IRIs.
    """

    def __init__(self, database: sqlite3.Connection, shown: frozenset[bytes], parts: frozenset[bytes]) -> None:
        self.database, self._shown, self._parts = database, shown, parts
        self._kinds: dict[Classes, int] = {}  # the number of each set of classes
        self._links = np.zeros(_BUCKETS, NUMBER)
        self._properties: Counter[bytes] = Counter()
        self._starts: list[int] = []  # the ordinal of the first subject of each block
        self._late = SubjectColumns()  # of the subjects that were opened
        self._named: list[Array] = []

    def read(self, results: Iterable[tuple[Block, bytes]]) -> None:
        """First pass: draft each subject; count incoming links."""
        rows: list[tuple[Array, ...]] = []
        opened, count = OpenedSubjects(), 0
        for result in read_results(results):
            start = opened.start(result, count)
            self._starts.append(start)
            known = count - start
            rows.append(result.subject_columns(self._kinds, known))
            count += len(rows[-1][0])
            self._draft(result.columns, start, rows[-1][2], known)
            links, counts = (np.frombuffer(column, NUMBER) for column in result.links)
            np.add.at(self._links, links & (_BUCKETS - 1), counts)
            self._properties.update(result.properties)
        empty = np.empty(0, HASH), NONE, NONE
        self.hashes, self._checks, self._kind_of = map(np.concatenate, zip(empty, *rows, strict=True))
        for ordinal, subject in opened.all:
            self._kind_of[ordinal] = self._kinds.setdefault(tuple(subject.classes), len(self._kinds))
            self._late.close(ordinal, subject, self._parts)
        self._draft(self._late.to_row(), 0, self._kind_of, 0)
        self._order = np.argsort(self.hashes).astype(NUMBER)
        self._sorted = self.hashes[self._order]

    def _draft(self, columns: tuple[Any, ...], start: int, kinds: Array, known: int) -> None:
        """kinds: of the subjects behind the first `known`, which have no row here."""
        own = np.frombuffer(columns[0], NUMBER)
        ordinals = own + start
        self._named.append(ordinals)
        rows = zip(ordinals.tolist(), columns[1], columns[2], kinds[own - known].tolist(), strict=True)
        self.database.executemany("INSERT INTO draft.subject VALUES (?, ?, ?, ?)", rows)

    def number(self) -> None:
        """Number the classes and the resources, the latter in the order of their names."""
        named = np.sort(np.concatenate([*self._named, NONE]))
        counts = np.bincount(self._kind_of[named], minlength=len(self._kinds)).tolist()
        sizes: Counter[bytes] = Counter()
        for classes, count in zip(self._kinds, counts, strict=True):
            if count:
                sizes.update(dict.fromkeys(classes, count))
        self._numbers = {class_: number for number, class_ in enumerate(sorted(sizes), len(KINDS))}
        best: list[int | None] = []  # of each kind: the class that says best what a resource is
        for classes, count in zip(self._kinds, counts, strict=True):
            own = self._own(classes) if count else []
            class_ = min(own, key=lambda class_: (sizes[class_], class_), default=None)
            best.append(None if class_ is None else self._numbers[class_])
        self.database.executemany("INSERT INTO draft.kind VALUES (?, ?)", enumerate(best))
        for statement in _NUMBERED_SUBJECTS:
            self.database.execute(statement)
        numbered = self.database.execute("SELECT ordinal FROM draft.numbered ORDER BY rowid")
        ordinals = np.fromiter(chain.from_iterable(numbered), NUMBER, len(named))
        self.ids = np.full(len(self.hashes), NO_NUMBER, NUMBER)
        self.ids[ordinals] = np.arange(len(ordinals), dtype=NUMBER)
        self._weigh(sizes)
        self.sizes = sizes
        self._named.clear()
        del self._links, self._checks

    def _uses_of_classes(self) -> Counter[bytes]:
        """How many instances each class has, those that are blank nodes as well."""
        uses: Counter[bytes] = Counter()
        counts = np.bincount(self._kind_of, minlength=len(self._kinds)).tolist()
        for classes, count in zip(self._kinds, counts, strict=True):
            uses.update(dict.fromkeys(classes, count))
        return uses

    def _own(self, classes: Classes) -> list[bytes]:
        """Those of the classes that the shapes are for; all where they are for none."""
        return [class_ for class_ in classes if class_ in self._shown] or list(classes)

    def _weigh(self, sizes: Counter[bytes]) -> None:
        """Rank the subjects: by the links to them, and the terms of the vocabulary after all that is said with them."""
        weights = self._links[self._checks & (_BUCKETS - 1)].astype(np.int64)
        for uses in (sizes, self._properties):
            hashes = np.frombuffer(term_hashes(uses), HASH)
            places, found = self.ordinals(hashes)
            weights[places] += np.array(list(uses.values()), np.int64)[found]
        names = [_kind_name(classes) for classes in self._kinds]
        is_vocabulary = np.array([name in _VOCABULARY for name in names], bool)[self._kind_of]
        np.negative(weights, out=weights)
        weights[is_vocabulary] += _AFTER
        self._ranks = weights
        tags = (
            {KINDS.index(name), *(self._numbers[class_] for class_ in self._own(classes) if class_ in self._numbers)}
            for name, classes in zip(names, self._kinds, strict=True)
        )
        self._tags = [" ".join(map(tag, sorted(numbers))) for numbers in tags]

    def ordinals(self, hashes: Array) -> tuple[Array, Array]:
        """The ordinals of the terms that are subjects, and the places that these have among the hashes."""
        by_hash = self._sorted
        places = np.searchsorted(by_hash, hashes)
        found = np.flatnonzero(by_hash[np.minimum(places, len(by_hash) - 1)] == hashes) if len(by_hash) else NONE
        return self._order[places[found]], found

    def members(self, class_: bytes) -> Array:
        """The ordinals of the instances of a class that have IRIs."""
        of_kind = self._named_of_kinds
        return np.sort(np.concatenate([*(of_kind[kind] for kind in self._kinds_of.get(class_, ())), NONE]))

    @cached_property
    def _kinds_of(self) -> Mapping[bytes, Sequence[int]]:
        """Class → the numbers of the kinds that have it."""
        found = defaultdict[bytes, list[int]](list)
        for kind, classes in enumerate(self._kinds):
            for class_ in set(classes):
                found[class_].append(kind)
        return found

    @cached_property
    def _named_of_kinds(self) -> Sequence[Array]:
        """Of each kind the ordinals of the subjects that have IRIs: no class looks through all subjects."""
        named = np.flatnonzero(self.ids != NO_NUMBER)
        kinds = self._kind_of[named]
        ordinals = named[np.argsort(kinds, kind="stable")]
        return np.split(ordinals, np.cumsum(np.bincount(kinds, minlength=len(self._kinds)))[:-1])

    def facet_finder(self) -> FacetFinder:
        """Finds facets among the numbered subjects."""
        classes = list(self._kinds)
        return FacetFinder(self.ids, NO_NUMBER, lambda ordinal: classes[self._kind_of[ordinal]])

    def read_names(self, results: Iterable[tuple[Block, bytes]], take: Callable[[BlockResult, int], None]) -> None:
        """Second pass: draft the names and their words. take: gets each result and the ordinal of its first subject."""
        words: Counter[str] = Counter()
        concepts = np.sort(self.hashes[self.members(CONCEPT)])
        mentions: list[Array] = []
        self._uses = PropertyUses(list(self._kinds), self._uses_of_classes(), self._properties)
        for start, result in zip(self._starts, read_results(results), strict=True):
            take(result, start)
            self._draft_names(result.columns, start, words)
            subjects, properties_, hashes = result.reference_columns(range(len(result.referring)))
            ordinals = subjects + start
            self._count_uses(ordinals, self._uses.numbers(result.referring)[properties_], hashes)
            if len(concepts):
                is_mention = np.array([not of.startswith(_SKOS) for of in result.referring], bool)[properties_]
                is_mention &= self.ids[ordinals] != NO_NUMBER
                is_mention &= concepts[np.minimum(np.searchsorted(concepts, hashes), len(concepts) - 1)] == hashes
                pairs = np.empty(np.count_nonzero(is_mention), _MENTION)
                pairs["hash"], pairs["ordinal"] = hashes[is_mention], ordinals[is_mention]
                mentions.append(pairs)
        self._draft_names(self._late.to_row(), 0, words)
        self._add_words(words)
        del self._ranks
        self._mentions = np.concatenate([*mentions, np.empty(0, _MENTION)])

    def _count_uses(self, subjects: Array, properties_: Array, hashes: Array) -> None:
        """Count references to subjects. properties_: by the numbers of PropertyUses."""
        objects, found = self.ordinals(hashes)
        ids = self.ids[objects]
        kinds = self._kind_of[subjects[found]], self._kind_of[objects]
        self._uses.add(kinds[0], properties_[found], ids, kinds[1], known=ids != NO_NUMBER)

    def write_names(self) -> None:
        """Write the names by weight, short ones first, the terms with their uses, and the words."""
        for statement in _SORTED_NAMES:
            self.database.execute(statement)
        self._terms(self._mentions)
        self._uses.write(self.database)
        self._words()

    def _draft_names(self, columns: tuple[Any, ...], start: int, words: Counter[str]) -> None:
        _, _, _, named, texts, languages, folded, tags, own_words = columns
        ordinals = np.frombuffer(named, NUMBER) + start
        kinds = self._kind_of[ordinals].tolist()
        own_tags = [f"{self._tags[kind]} {own}" for kind, own in zip(kinds, tags, strict=True)]
        ranks, ids = self._ranks[ordinals].tolist(), self.ids[ordinals].tolist()
        are_texts = (own == TEXT for own in tags)
        rows = zip(are_texts, ranks, map(len, texts), ids, texts, languages, folded, own_tags, strict=True)
        self.database.executemany("INSERT INTO draft.name VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        words.update(own_words)
        if len(words) > _WORDS:
            self._add_words(words)

    def _add_words(self, words: Counter[str]) -> None:
        rows = [(word, uses) for word, uses in words.items() if len(word) > 1]  # others have no typing errors
        self.database.executemany("INSERT INTO draft.word VALUES (?, ?)", rows)
        words.clear()

    def _terms(self, mentions: Array) -> None:
        """Write the terms with their members. mentions: of concepts, by subjects."""
        insert = "INSERT INTO term VALUES (?, ?, ?, ?, ?, ?, ?)"
        for class_, number in self._numbers.items():
            members = bitmap_of(self.ids[self.members(class_)])
            row = (number, decode_iri(class_), "class", len(members), class_ in self._shown, class_ in self._parts)
            self.database.execute(insert, (*row, to_blob(members)))
        number = len(KINDS) + len(self._numbers)
        statements = np.isin(mentions["ordinal"], self.members(STATEMENT))
        mentions = mentions[~statements]
        mentions = mentions[np.argsort(mentions["hash"], kind="stable")]
        hashes, starts = np.unique(mentions["hash"], return_index=True)
        of_concept = dict(zip(hashes.tolist(), np.split(mentions["ordinal"], starts[1:]), strict=False))
        ordinals, _ = self.ordinals(hashes)
        for hash_, id_ in sorted(
            zip(hashes.tolist(), self.ids[ordinals].tolist(), strict=True), key=lambda row: row[1]
        ):
            ((iri,),) = self.database.execute("SELECT iri FROM resource WHERE id = ?", (id_,))
            members = bitmap_of(self.ids[of_concept[hash_]])
            row = (number, iri, "concept", len(members), False, False)
            self.database.execute(insert, (*row, to_blob(members)))
            number += 1
        uses = self._uses_of_classes()
        unlisted = sorted((class_, count) for class_, count in uses.items() if class_ not in self._numbers)
        others = [
            *((property_, "property", count) for property_, count in sorted(self._properties.items())),
            *((class_, property_uses.UNLISTED, count) for class_, count in unlisted),
        ]
        for number, (term, kind, count) in enumerate(others, number):  # noqa: B020 - goes on
            self.database.execute(insert, (number, decode_iri(term), kind, count, False, False, None))

    def _words(self) -> None:
        """Write the distinct words of all names by frequency, for correcting typing errors."""
        select = "SELECT text FROM draft.word GROUP BY text ORDER BY sum(uses) DESC, text"
        rows = [(number, text) for number, (text,) in enumerate(self.database.execute(select), 1)]
        self.database.executemany("INSERT INTO word VALUES (?, ?)", rows)
        insert = "INSERT INTO word_text (rowid, text) VALUES (?, ?)"
        self.database.executemany(insert, ((number, padded(text)) for number, text in rows))


def _kind_name(classes: Classes) -> str:
    """The kind of a subject with these classes, one of KINDS."""
    if CONCEPT in classes:
        return "concept"
    if not _CLASS_TYPES.isdisjoint(classes):
        return "class"
    return "resource" if _PROPERTY_TYPES.isdisjoint(classes) else "property"


def bitmap_of(numbers: NDArray[np.uint32]) -> BitMap:
    """The set of these numbers."""
    return BitMap(array("I", numbers.tobytes()))


def to_blob(members: BitMap) -> bytes:
    if len(members) > 1:
        members.run_optimize()
    return members.serialize()
