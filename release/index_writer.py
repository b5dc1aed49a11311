"""Writes `index.sqlite`: names for search, and the members of each class, concept and value of a facet.

Resources are numbered in the order of their names. A set of them (members of a class, resources with one value of a
facet) is a Roaring bitmap of these numbers (https://roaringbitmap.org/), so sets are combined and counted without
reading their members, and any page of a list is found at once.

Names are stored in the order of their weight, the number of links to what they name; a full-text table finds them by
words, and a table of trigrams finds words by any part of them. docs/release-format.md has the tables.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING
from zlib import crc32

import pyoxigraph as ox
from pyroaring import BitMap

from core.labels import ALTERNATIVE, NAMING, Name, choose_name, local_name
from core.namespaces import CLASS_TYPES, PROPERTY_TYPES, RDF, RDF_TYPE, REIFICATION, SKOS
from core.ntriples import TYPE, decode_iri, decode_literal, encode_iri, is_iri, is_literal
from core.shapes import DETAILS_VIEWER
from release import facets
from release.folding import fold, is_unspaced, sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from core.shapes import Shapes

SCHEMA_SQL = """
CREATE TABLE resource (id INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, key TEXT NOT NULL, class INTEGER);
CREATE TABLE term (
  id INTEGER PRIMARY KEY, iri TEXT NOT NULL, kind TEXT NOT NULL, uses INTEGER NOT NULL, shown INTEGER NOT NULL,
  part INTEGER NOT NULL, members BLOB, UNIQUE (kind, iri));
CREATE TABLE name (id INTEGER PRIMARY KEY, resource INTEGER NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL);
CREATE VIRTUAL TABLE name_text USING fts5 (
  text, tags, content = '', columnsize = 0, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 0');
CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE VIRTUAL TABLE word_text USING fts5 (text, content = '', columnsize = 0, tokenize = 'trigram');
CREATE TABLE facet (
  id INTEGER PRIMARY KEY, class TEXT NOT NULL, name TEXT NOT NULL, iri TEXT NOT NULL, ends TEXT, values_ INTEGER);
CREATE TABLE facet_value (
  id INTEGER PRIMARY KEY, facet INTEGER NOT NULL, value TEXT NOT NULL, is_resource INTEGER NOT NULL,
  size INTEGER NOT NULL, members BLOB NOT NULL);
"""
_INDEXES = """
CREATE INDEX facet_of_class ON facet (class);
CREATE UNIQUE INDEX value_of_facet ON facet_value (facet, value, is_resource);
CREATE INDEX value_by_size ON facet_value (facet, size DESC, value);
"""
_DRAFT = """
CREATE TABLE draft.subject (key TEXT, iri TEXT, kind TEXT, terms TEXT, names TEXT);
CREATE TABLE draft.name (rank INTEGER, length INTEGER, text TEXT, language TEXT, resource INTEGER, tags TEXT);
CREATE TABLE draft.word (text TEXT, uses INTEGER);
CREATE TABLE draft.posting (value TEXT, is_resource INTEGER, iri TEXT);
"""

KINDS = ("class", "property", "concept", "resource")
_VOCABULARY = frozenset({"class", "property"})
_AFTER = 1 << 48
_PARTS = frozenset(map(encode_iri, REIFICATION))
_SKOS = encode_iri(SKOS)[:-1]
NAMES = tuple(node.value for node in (*NAMING, *ALTERNATIVE))  # the properties whose values are found
# By the property as it stands in a line: whether it says how a thing is called, or only how else.
_NAMING = {encode_iri(node.value): True for node in NAMING} | {encode_iri(node.value): False for node in ALTERNATIVE}
_STATEMENT = RDF + "Statement"
_NAMES = 500  # of one resource that are searched
_LENGTH = 1_000  # characters of a name that are kept
_BUCKETS = 1 << 22
_WORDS = 200_000  # that are counted in memory at a time


def tag(number: int) -> str:
    """The number of a class or kind as a word, by which the full-text table is filtered."""
    return f"c{number}"


def property_tag(iri: str) -> str:
    """The property that says a name, one of NAMES, as a word."""
    return f"p{NAMES.index(iri)}"


def language_tag(language: str) -> str:
    """A language, or a language with its region, as a word; empty: that of the names without one."""
    return f"l{language.lower().replace('-', '')}"


def length_tag(words: list[str]) -> str:
    """The number of words of a name as a word: a name that has it and begins with all words of a query equals the
    query.
    """
    return f"n{len(words)}"


def padded(word: str) -> str:
    """A word as the trigram table stores it: the spaces make trigrams of its beginning and end."""
    return f"  {word}  "


def write(default_graph: Path, store: ox.Store, path: Path, shapes: Shapes) -> None:
    """Write the index of a release to `path`; memory does not grow with the number of triples.

    default_graph: sorted canonical N-Triples. store: the loaded quads. shapes: declare the facets; InputError if one is
    declared wrongly.
    """
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for of in ("main", "draft"):
            if of == "draft":
                database.execute("ATTACH ? AS draft", (str(draft),))
            database.execute(f"PRAGMA {of}.journal_mode = OFF")
            database.execute(f"PRAGMA {of}.synchronous = OFF")  # the writer of the release syncs every file in the end
        database.executescript(SCHEMA_SQL + _DRAFT)
        database.execute("BEGIN")
        writer = _Writer(database, store, shapes)
        with default_graph.open("rb") as lines:
            writer.read(lines)
        writer.number()
        writer.names()
        writer.words()
        for facet in facets.read(shapes):
            writer.facet(facet)
        database.execute("COMMIT")
        database.executescript(_INDEXES)
        database.execute("DETACH draft")
    draft.unlink()


@dataclass
class _Subject:
    """Names, classes and concepts of one subject.

    other_names: those of properties that say what else it is called. said_by: the properties of each name.
    """

    names: list[Name] = field(default_factory=list)
    other_names: list[Name] = field(default_factory=list)
    said_by: defaultdict[Name, set[str]] = field(default_factory=lambda: defaultdict(set))
    classes: list[str] = field(default_factory=list)
    concepts: list[str] = field(default_factory=list)


class _Writer:
    """Fills the tables of the index, in several passes over drafts in a database beside it."""

    def __init__(self, database: sqlite3.Connection, store: ox.Store, shapes: Shapes) -> None:
        self._database, self._store = database, store
        self._shown = shapes.target_classes
        details = (shape for shape in shapes.property_shapes.values() if DETAILS_VIEWER in shape.viewer)
        inside = {class_ for shape in details for class_ in shape.class_}  # shown within what refers to them
        self._parts = inside | {_STATEMENT}  # of other things, which they are found by
        typed = store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(SKOS + "Concept"), ox.DefaultGraph())
        self._concepts = {str(quad.subject).encode() for quad in typed if isinstance(quad.subject, ox.NamedNode)}
        self._links = array("I", bytes(array("I").itemsize * _BUCKETS))
        self._properties: Counter[bytes] = Counter()
        self._terms: dict[tuple[str, str], int] = {}
        self._sizes: Counter[int] = Counter()

    def read(self, lines: Iterable[bytes]) -> None:
        """First pass, over the triples: draft each subject with names, classes and concepts; count incoming links."""
        rows = (self._row(decode_iri(subject), found) for subject, found in self._subjects(lines))
        self._database.executemany("INSERT INTO draft.subject VALUES (?, ?, ?, ?, ?)", rows)

    def _subjects(self, lines: Iterable[bytes]) -> Iterator[tuple[bytes, _Subject]]:
        links, mask, concepts, properties = self._links, _BUCKETS - 1, self._concepts, self._properties
        for subject, group in groupby(lines, key=lambda line: line[: line.index(b" ")]):
            found = _Subject()
            start = len(subject) + 1
            for line in group:
                predicate, _, rest = line[start:-3].partition(b" ")
                properties[predicate] += 1
                if is_iri(rest):
                    if predicate == TYPE:
                        found.classes.append(decode_iri(rest))
                    elif predicate not in _PARTS:
                        links[crc32(rest) & mask] += 1
                        if rest in concepts and not predicate.startswith(_SKOS):
                            found.concepts.append(decode_iri(rest))
                elif predicate in _NAMING and is_literal(rest) and len(found.names) + len(found.other_names) < _NAMES:
                    text, _, language = decode_literal(rest)
                    name = Name(text[:_LENGTH], (language or "").partition("--")[0])  # without the direction
                    (found.names if _NAMING[predicate] else found.other_names).append(name)
                    found.said_by[name].add(decode_iri(predicate))
            if subject.startswith(b"<"):
                yield subject, found

    def _row(self, iri: str, found: _Subject) -> tuple[str, str, str, str, str]:
        classes = set(found.classes)
        numbers = [self._term("class", class_) for class_ in found.classes]
        if _STATEMENT not in classes:
            numbers += [self._term("concept", concept) for concept in dict.fromkeys(found.concepts)]
        self._sizes.update(numbers)
        kind = "resource"
        if encode_iri(iri) in self._concepts:
            kind = "concept"
        elif classes & CLASS_TYPES:
            kind = "class"
        elif classes & PROPERTY_TYPES:
            kind = "property"
        names = {} if classes & self._parts else _distinct(found.said_by)
        shown = choose_name(found.names, ())
        key = sort_key(shown.text if shown else local_name(iri))
        return (
            key,
            iri,
            kind,
            json.dumps(numbers),
            json.dumps([(*name[:2], _tags(name, said_by)) for name, said_by in names.items()]),
        )

    def _term(self, kind: str, iri: str) -> int:
        return self._terms.setdefault((kind, iri), len(KINDS) + len(self._terms))

    def number(self) -> None:
        """Second pass, in the order of names: number the resources, and write the members of each term."""
        members = {number: BitMap() for number in self._terms.values()}
        classes = {number for (kind, _), number in self._terms.items() if kind == "class"}
        shown = {number for (kind, iri), number in self._terms.items() if kind == "class" and iri in self._shown}
        uses = {decode_iri(iri): count for iri, count in self._properties.items()}

        def rows() -> Iterator[tuple[int, str, str, int | None]]:
            select = "SELECT key, iri, kind, terms, names FROM draft.subject ORDER BY key, iri"
            names: list[tuple[int, int, str, str, int, str]] = []
            for id_, (key, iri, kind, terms, texts) in enumerate(self._database.execute(select)):
                numbers = json.loads(terms)
                for number in numbers:
                    members[number].add(id_)
                own = [number for number in numbers if number in classes]
                own = [number for number in own if number in shown] or own
                weight = uses.get(iri, 0) + self._sizes[self._terms.get(("class", iri), -1)]
                weight += self._links[crc32(encode_iri(iri)) & (_BUCKETS - 1)]
                tags = " ".join(map(tag, sorted({KINDS.index(kind), *own})))
                # the terms of the vocabulary come after all that is said with them
                rank = _AFTER - weight if kind in _VOCABULARY else -weight
                names += [
                    (rank, len(text), text, language, id_, f"{tags} {own_tags}")
                    for text, language, own_tags in json.loads(texts)
                ]
                if len(names) >= _WORDS:
                    self._add_names(names)
                yield id_, iri, key, min(own, key=lambda number: (self._sizes[number], number), default=None)
            self._add_names(names)

        self._database.executemany("INSERT INTO resource VALUES (?, ?, ?, ?)", rows())
        for (kind, iri), number in self._terms.items():
            is_part = kind == "class" and iri in self._parts
            row = (number, iri, kind, len(members[number]), number in shown, is_part, _blob(members[number]))
            self._database.execute("INSERT INTO term VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        for iri, count in sorted(uses.items()):
            number = self._term("property", iri)
            self._database.execute("INSERT INTO term VALUES (?, ?, 'property', ?, 0, 0, NULL)", (number, iri, count))

    def _add_names(self, names: list[tuple[int, int, str, str, int, str]]) -> None:
        self._database.executemany("INSERT INTO draft.name VALUES (?, ?, ?, ?, ?, ?)", names)
        names.clear()

    def names(self) -> None:
        """Third pass: write the names by weight, short ones first, and draft their words."""
        select = "SELECT resource, text, language, tags FROM draft.name ORDER BY rank, length, text, language, resource"
        words: Counter[str] = Counter()
        for id_, (resource, text, language, tags) in enumerate(self._database.execute(select), 1):
            folded = fold(text)
            self._database.execute("INSERT INTO name VALUES (?, ?, ?, ?)", (id_, resource, text, language))
            row = (id_, " ".join(folded), f"{tags} {length_tag(folded)}")
            self._database.execute("INSERT INTO name_text (rowid, text, tags) VALUES (?, ?, ?)", row)
            words.update(word for word in folded if len(word) > 1 and not is_unspaced(word))
            if len(words) > _WORDS:
                self._add_words(words)
        self._add_words(words)

    def _add_words(self, words: Counter[str]) -> None:
        self._database.executemany("INSERT INTO draft.word VALUES (?, ?)", sorted(words.items()))
        words.clear()

    def words(self) -> None:
        """Fourth pass: write the distinct words of all names by frequency, for correcting typing errors."""
        select = "SELECT text FROM draft.word GROUP BY text ORDER BY sum(uses) DESC, text"
        for id_, (text,) in enumerate(self._database.execute(select), 1):
            self._database.execute("INSERT INTO word VALUES (?, ?)", (id_, text))
            self._database.execute("INSERT INTO word_text (rowid, text) VALUES (?, ?)", (id_, padded(text)))

    def facet(self, facet: facets.FacetShape) -> None:
        """Evaluate one facet over all members of its class, and write the members of each value."""
        query = (
            f"SELECT ?member ?value WHERE {{ ?member a {ox.NamedNode(facet.class_)} . ?member {facet.path} ?value }}"
        )
        number = self._database.execute("SELECT count(*) FROM facet").fetchone()[0] + 1
        self._database.execute("DELETE FROM draft.posting")
        self._database.executemany("INSERT INTO draft.posting VALUES (?, ?, ?)", self._postings(facet, query))
        select = (
            "SELECT value, is_resource, id FROM draft.posting JOIN resource USING (iri) ORDER BY value, is_resource, id"
        )
        size = 0
        for (value, is_resource), group in groupby(self._database.execute(select), key=lambda row: row[:2]):
            members = BitMap(row[2] for row in group)
            row = (number, value, is_resource, len(members), _blob(members))
            insert = "INSERT INTO facet_value (facet, value, is_resource, size, members) VALUES (?, ?, ?, ?, ?)"
            self._database.execute(insert, row)
            size += 1
        described = (number, facet.class_, facet.name, facet.iri, facet.ends, size)
        self._database.execute("INSERT INTO facet VALUES (?, ?, ?, ?, ?, ?)", described)

    def _postings(self, facet: facets.FacetShape, query: str) -> Iterator[tuple[str, bool, str]]:
        solutions = self._store.query(query)
        assert isinstance(solutions, ox.QuerySolutions)  # noqa: S101 - what a SELECT gives
        for solution in solutions:
            member, value = solution["member"], facet.value(solution["value"])
            if isinstance(member, ox.NamedNode) and value is not None:
                yield value[1], value[0], member.value


def _distinct(names: Mapping[Name, set[str]]) -> dict[Name, set[str]]:
    """Each text once in each language, and without one only where it has none, with the properties that say it."""
    tagged = {name.text for name in names if name.language}
    kept = sorted(name for name in names if name.language or name.text not in tagged)
    return {name: names[name] | names.get(Name(name.text), set()) for name in kept}


def _tags(name: Name, said_by: Iterable[str]) -> str:
    """The properties of a name, its language, and the languages that this is a variety of (RFC 4647, 3.3.1)."""
    subtags = name.language.split("-")
    languages = {language_tag("-".join(subtags[: place + 1])) for place in range(len(subtags))}
    return " ".join(sorted({*map(property_tag, said_by), *languages}))


def _blob(members: BitMap) -> bytes:
    members.run_optimize()
    return members.serialize()
