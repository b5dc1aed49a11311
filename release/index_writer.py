"""Writes `index.sqlite`: names for search, and the members of each class, concept and value of a facet.

Resources are numbered in the order of their names. A set of them (members of a class, resources with one value of a
facet) is a Roaring bitmap of these numbers (https://roaringbitmap.org/), so sets are combined and counted without
reading their members, and any page of a list is found at once.

Names are stored in the order of their weight, the number of links to what they name; a full-text table finds them by
words, and a table of trigrams finds words by any part of them. docs/release-format.md has the tables.

Of a block comes what its subjects are called, are and refer to, as columns; terms that may be described in another
block stand there as hashes (release/hashes.py). Subjects have ordinals, their places in the order of the lines, until
all are known and numbered.
"""

from __future__ import annotations

import marshal
import re
import sqlite3
import unicodedata
from array import array
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, groupby, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias
from zlib import crc32

import numpy as np
from pyroaring import BitMap

from core.labels import ALTERNATIVE, NAMING, Name, choose_name, local_name, preferred
from core.namespaces import CLASS_TYPES, PROPERTY_TYPES, RDF, REIFICATION, SKOS
from core.ntriples import TYPE, decode_iri, decode_literal, encode_iri, is_iri, is_literal, split_literal, unescape
from core.shapes import DETAILS_VIEWER
from release import facet_candidates, facets, property_uses
from release.facet_candidates import FacetFinder, JoinedCandidates
from release.folding import fold, sort_key
from release.hashes import term_hashes
from release.index_tags import KINDS, language_tag, length_tag, padded, property_tag, tag
from release.parts import Part, closed_and_open
from release.paths import Edges, last_properties, properties
from release.property_uses import PropertyUses
from release.reader import INDEX
from release.sorted_rows import HASH, distinct
from release.stored import StoredPart, stored_objects
from release.top_concepts import DOWNWARDS, below_tops

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from core.shapes import Shapes
    from release.blocks import Block, BlockLines, TripleColumns

_SCHEMA = """
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
_INDEXES = """
CREATE UNIQUE INDEX resource_by_iri ON resource (iri);
CREATE INDEX facet_of_class ON facet (class);
CREATE UNIQUE INDEX value_of_facet ON facet_value (facet, value, is_resource);
CREATE INDEX value_by_size ON facet_value (facet, size DESC, value);
"""
_DRAFT = """
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

_FACET_VALUE = """
INSERT INTO facet_value (facet, value, is_resource, size, members)
VALUES (?1, iif(typeof(?2) = 'integer', (SELECT iri FROM resource WHERE id = ?2), ?2), ?3, ?4, ?5)
"""  # a number is that of a resource
_VOCABULARY = frozenset({"class", "property"})
_AFTER = 1 << 48
_NO_LINKS = frozenset({TYPE, *map(encode_iri, REIFICATION)})
_SKOS = encode_iri(SKOS)[:-1]
_CONCEPT, _STATEMENT = encode_iri(SKOS + "Concept"), encode_iri(RDF + "Statement")
_CLASS_TYPES, _PROPERTY_TYPES = (frozenset(map(encode_iri, types)) for types in (CLASS_TYPES, PROPERTY_TYPES))
# By the property as it stands in a line: whether it says how a thing is called, or only how else.
_NAMING = {encode_iri(node.value): True for node in NAMING} | {encode_iri(node.value): False for node in ALTERNATIVE}
_ORDER = {property_: place for place, property_ in enumerate(_NAMING)}
_NAMES = 500  # of one resource that are searched
_LENGTH = 1_000  # characters of a name that are kept
_TEXT = ""  # the tags of a text, which is no name
_SHORTEST = 48  # bytes of a text; what has fewer says no more than a name
_TEXT_LENGTH, _TEXT_WORDS = 2_000, 300  # of a text that are kept, and searched
_BEGINNING = re.compile(rb"(?:[^\\]|\\[^uU]|\\u.{4}|\\U.{8}){0,8000}", re.DOTALL)  # bytes that have as many characters
_BUCKETS = 1 << 22
_CACHE = 16 << 10  # KiB of each of the two files
_WORDS = 200_000  # that are counted in memory at a time
_NUMBER = np.dtype("<u4")
_NO_NUMBER = 0xFFFFFFFF

_MENTION = np.dtype([("hash", HASH), ("ordinal", _NUMBER)])
_NONE = np.empty(0, _NUMBER)

_Classes: TypeAlias = "tuple[bytes, ...]"
_Array: TypeAlias = "NDArray[Any]"
_Row: TypeAlias = "tuple[str | int, bool, int, bytes]"


@dataclass
class _Subject:
    """What the index has of one subject. names: properties and literals. texts: literals.

    columns: those of the subject alone, if all that is said of it is in one block.
    """

    term: bytes
    classes: list[bytes]
    names: list[tuple[bytes, bytes]]
    texts: list[bytes]
    columns: tuple[Any, ...] | None = None

    def join(self, other: _Subject) -> None:
        """Add what other lines say of the subject."""
        self.columns = None
        self.classes += other.classes
        self.names = (self.names + other.names)[:_NAMES]
        self.texts = (self.texts + other.texts)[:_NAMES]


@dataclass
class _Columns:
    """Rows of subjects, and of their names and texts, as columns.

    A subject is its ordinal, counted from the first of the block.
    folded: the words of each name, with spaces between them. tags: _TEXT for a text.
    """

    subjects: array[int] = field(default_factory=lambda: array("I"))
    keys: list[str] = field(default_factory=list)
    iris: list[str] = field(default_factory=list)
    named: array[int] = field(default_factory=lambda: array("I"))
    texts: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    folded: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)

    def add(self, ordinal: int, subject: _Subject, parts: frozenset[bytes]) -> None:
        """Add a subject; parts: the classes whose instances are found by other things."""
        said_by: defaultdict[Name, set[bytes]] = defaultdict(set)
        naming: list[tuple[bytes, Name]] = []
        is_part = not parts.isdisjoint(subject.classes)
        for predicate, literal in subject.names:
            is_naming = _NAMING[predicate]
            if is_naming or not is_part:
                name = _name(literal)
                if is_naming:
                    naming.append((predicate, name))
                if not is_part:
                    said_by[name].add(predicate)
        iri = decode_iri(subject.term)
        naming.sort(key=lambda pair: _ORDER[pair[0]])
        shown = choose_name(preferred(naming), ())
        self.subjects.append(ordinal)
        self.keys.append(sort_key(shown.text if shown else local_name(iri)))
        self.iris.append(iri)
        for name, properties_ in _distinct(said_by).items():
            self._add_name(ordinal, name, properties_)
        if _STATEMENT not in subject.classes:
            for text in sorted({_name(literal, _TEXT_LENGTH) for literal in subject.texts}):
                self._add_row(ordinal, text, fold(text.text, _TEXT_WORDS), _TEXT)

    def take(self, ordinal: int, of_one: tuple[Any, ...]) -> None:
        """Add a subject from the columns that have no other."""
        _, keys, iris, _, texts, languages, folded, tags, _ = of_one
        self.subjects.append(ordinal)
        self.named.extend([ordinal] * len(texts))
        own = (self.keys, self.iris, self.texts, self.languages, self.folded, self.tags)
        for column, more in zip(own, (keys, iris, texts, languages, folded, tags), strict=True):
            column.extend(more)

    def close(self, ordinal: int, subject: _Subject, parts: frozenset[bytes]) -> None:
        """Add a subject that was open, if it has an IRI."""
        if is_iri(subject.term) and subject.columns:
            self.take(ordinal, subject.columns)
        elif is_iri(subject.term):
            self.add(ordinal, subject, parts)

    def _add_name(self, ordinal: int, name: Name, said_by: set[bytes]) -> None:
        words = fold(name.text)
        self._add_row(ordinal, name, words, f"{_tags(name.language, frozenset(said_by))} {length_tag(words)}")

    def _add_row(self, ordinal: int, name: Name, words: list[str], tags: str) -> None:
        self.named.append(ordinal)
        self.texts.append(name.text)
        self.languages.append(name.language)
        self.folded.append(" ".join(words))
        self.tags.append(tags)

    def extend(self, row: tuple[Any, ...], start: int) -> None:
        """Add the subjects of `to_row`, whose ordinals count from `start`."""
        subjects, keys, iris, named, texts, languages, folded, tags, _ = row
        for ordinals, more in ((self.subjects, subjects), (self.named, named)):
            ordinals.frombytes((np.frombuffer(more, _NUMBER) + _NUMBER.type(start)).tobytes())
        own = (self.keys, self.iris, self.texts, self.languages, self.folded, self.tags)
        for column, values in zip(own, (keys, iris, texts, languages, folded, tags), strict=True):
            column.extend(values)

    def to_row(self) -> tuple[Any, ...]:
        """The columns as values that marshal takes, and last the words of all names with their numbers."""
        of_names = (folded for folded, tags in zip(self.folded, self.tags, strict=True) if tags != _TEXT)
        words = dict(Counter(" ".join(of_names).split()))
        columns = (self.keys, self.iris, self.named.tobytes(), self.texts, self.languages, self.folded, self.tags)
        return self.subjects.tobytes(), *columns, words


@dataclass
class _Result:
    """What `of_block` made of a block.

    subjects: hashes and checksums of all subjects, and the numbers of their classes in `classes`. columns: of those
    that have all their lines here. links: checksums of terms that are linked to, and how often. references: ordinals of
    subjects, places of properties in `referring`, and hashes of the IRIs and blank nodes that they refer to. edges:
    property → ordinals of subjects, and hashes of objects. objects: hashes of what facets may have as values, and for
    each whether it is a resource, and its text. opened: subjects that may have lines in another block, with their
    ordinals, and with the columns of each alone. properties: of the triples, and how many they are. candidates: what
    may become facets that no shape declares.
    """

    subjects: tuple[bytes, bytes, bytes]
    classes: list[_Classes]
    columns: tuple[Any, ...]
    links: tuple[bytes, bytes]
    references: tuple[bytes, bytes, bytes]
    referring: list[bytes]
    edges: dict[bytes, tuple[bytes, bytes]]
    objects: tuple[bytes, list[tuple[bool, str]]]
    opened: list[tuple[int, bytes, list[bytes], list[tuple[bytes, bytes]], list[bytes], tuple[Any, ...]]]
    properties: dict[bytes, int]
    candidates: facet_candidates.Found

    def to_bytes(self) -> bytes:
        return marshal.dumps(tuple(vars(self).values()))

    def subject_columns(self, numbers: dict[_Classes, int], known: int) -> tuple[_Array, _Array, _Array]:
        """Hashes, checksums and classes of the subjects behind the first `known`; classes by `numbers`, which grow."""
        own = np.array([numbers.setdefault(tuple(classes), len(numbers)) for classes in self.classes], _NUMBER)
        hashes, checks = np.frombuffer(self.subjects[0], HASH), np.frombuffer(self.subjects[1], _NUMBER)
        return hashes[known:], checks[known:], own[np.frombuffer(self.subjects[2], _NUMBER)][known:]

    def reference_columns(self, numbers: Sequence[int]) -> tuple[_Array, _Array, _Array]:
        """Ordinals of subjects, properties and hashes of the references. numbers: for the properties in `referring`."""
        subjects, properties_, hashes = self.references
        own = np.array(numbers, np.int64)[np.frombuffer(properties_, _NUMBER)]
        return np.frombuffer(subjects, _NUMBER), own.astype(_NUMBER), np.frombuffer(hashes, HASH)


class _Opened:
    """The subjects that may have lines in several blocks, put together: `whole` but for the last one, `pending`."""

    def __init__(self) -> None:
        self.whole: list[tuple[int, _Subject]] = []  # with their ordinals
        self.pending: tuple[int, _Subject] | None = None

    def start(self, result: _Result, count: int) -> int:
        """Take the subjects that a result opens; the ordinal of its first subject. count: of the subjects before."""
        pending = self.pending
        start = count - bool(pending and result.opened and result.opened[0][1] == pending[1].term)
        for ordinal, term, classes, names, texts, columns in result.opened:
            subject = _Subject(term, classes, names, texts, columns)
            if pending and pending[1].term == term:
                pending[1].join(subject)
                continue
            if pending:
                self.whole.append(pending)
            pending = start + ordinal, subject
        self.pending = pending
        return start

    @property
    def all(self) -> list[tuple[int, _Subject]]:
        return [*self.whole, self.pending] if self.pending else self.whole


class IndexPart(Part):
    """The index; `write` returns nothing."""

    def __init__(self, shapes: Shapes) -> None:
        """shapes: declare the facets; InputError if one is declared wrongly."""
        self._shown = frozenset(map(encode_iri, shapes.target_classes))
        details = (shape for shape in shapes.property_shapes.values() if DETAILS_VIEWER in shape.viewer)
        inside = {class_ for shape in details for class_ in shape.class_}  # shown within what refers to them
        self._parts = frozenset(map(encode_iri, inside)) | {_STATEMENT}  # of other things, which they are found by
        self._facets = facets.read(shapes)
        self._declaring = frozenset(map(encode_iri, facets.declaring(shapes)))
        self._has_tops = self.finds_facets(_CONCEPT)
        paths = [facet.path for facet in self._facets] + [DOWNWARDS] * self._has_tops
        self._edges = frozenset(encode_iri(iri) for path in paths for iri in properties(path))
        self._values = frozenset(encode_iri(iri) for facet in self._facets for iri in last_properties(facet.path))
        classes = sorted(self._shown), sorted(self._parts), sorted(self._declaring)
        given = (*classes, sorted(self._edges), sorted(self._values), unicodedata.unidata_version)
        self.key = b"index 10 " + StoredPart.key + repr(given).encode()

    def of_block(self, block: BlockLines) -> bytes:
        triples = block.default_triples
        subjects, predicates, objects = triples.subjects, triples.predicates, triples.objects
        is_resource = np.array([*map(is_iri, objects)], bool)[triples.object]
        is_named = np.array([*map(is_iri, subjects)], bool)
        columns = _Columns()
        numbers: dict[_Classes, int] = {}
        classes = []
        opened = []
        last = len(subjects) - 1
        own_classes = triples.by_subject(is_resource & triples.chosen(of == TYPE for of in predicates))
        described = map(_Subject, subjects, own_classes, _names(triples), _texts(triples))
        for ordinal, subject in enumerate(described):
            own = subject.classes
            classes.append(numbers.setdefault(tuple(own), len(numbers)))
            if ordinal == last or (block.continues and not ordinal):
                opened.append(self._opened(ordinal, subject))
            elif is_named[ordinal]:
                columns.add(ordinal, subject, self._parts)
        is_link = is_resource & triples.chosen(of not in _NO_LINKS for of in predicates)
        uses = np.bincount(triples.object[is_link], minlength=len(objects))
        linked = np.flatnonzero(uses)
        targets = [objects[place] for place in linked.tolist()]
        is_node = is_resource | np.array([value.startswith(b"_:") for value in objects], bool)[triples.object]
        is_reference = is_node & triples.chosen(of not in _NO_LINKS for of in predicates)
        different, places = np.unique(triples.object[is_reference], return_inverse=True)
        hashes = np.frombuffer(block.term_hashes([objects[place] for place in different.tolist()]), HASH)
        columns_of_references = (triples.subject[is_reference], triples.predicate[is_reference])
        result = _Result(
            (block.term_hashes(subjects), array("I", map(crc32, subjects)).tobytes(), array("I", classes).tobytes()),
            list(numbers),
            columns.to_row(),
            (array("I", map(crc32, targets)).tobytes(), uses[linked].astype(_NUMBER).tobytes()),
            (*(column.astype(_NUMBER).tobytes() for column in columns_of_references), hashes[places].tobytes()),
            predicates,
            *self._of_facets(block),
            opened,
            dict(zip(predicates, np.bincount(triples.predicate, minlength=len(predicates)).tolist(), strict=True)),
            self._candidates(triples, list(numbers), classes, [row[0] for row in opened]),
        )
        return result.to_bytes()

    def _candidates(
        self, triples: TripleColumns, groups: list[_Classes], of_subject: list[int], opened: list[int]
    ) -> facet_candidates.Found:
        """What may become facets. of_subject: the place of the classes of each subject. opened: ordinals."""
        counts = [any(map(self.finds_facets, classes)) for classes in groups]
        places = np.where(np.array(counts, bool)[of_subject], of_subject, -1)
        places[opened] = np.arange(len(opened)) + len(groups)
        return facet_candidates.of_block(triples, [*groups, *opened], places)

    def finds_facets(self, class_: bytes) -> bool:
        """Whether a class has facets that no shape declares: one that is listed by itself."""
        is_listed = class_ in self._shown or not self._shown
        return is_listed and class_ not in self._parts and class_ not in self._declaring

    def _opened(self, ordinal: int, subject: _Subject) -> tuple[Any, ...]:
        """A subject as it stands in `opened` of a _Result."""
        if subject.columns is None:
            alone = _Columns()
            if is_iri(subject.term):
                alone.add(ordinal, subject, self._parts)
            subject.columns = alone.to_row()
        return ordinal, *vars(subject).values()

    def join(self, results: Sequence[tuple[Block, bytes]]) -> bytes:
        opened, columns = _Opened(), _Columns()
        numbers: dict[_Classes, int] = {}
        rows: list[tuple[_Array, ...]] = []  # of each block: the columns of subjects, links and references
        referring: dict[bytes, int] = {}
        edges: defaultdict[bytes, list[tuple[_Array, bytes]]] = defaultdict(list)
        objects: dict[int, tuple[bool, str]] = {}
        properties: Counter[bytes] = Counter()
        candidates = JoinedCandidates()
        count = 0
        for result in _results(results):
            start = opened.start(result, count)
            candidates.add(result.candidates, start)
            hashes, checks, kinds = result.subject_columns(numbers, count - start)
            references = result.reference_columns([referring.setdefault(of, len(referring)) for of in result.referring])
            linked = (np.frombuffer(column, _NUMBER) for column in result.links)
            rows.append((hashes, checks, kinds, *linked, references[0] + _NUMBER.type(start), *references[1:]))
            count += len(hashes)
            columns.extend(result.columns, start)
            for property_, (starts, ends) in result.edges.items():
                edges[property_].append((np.frombuffer(starts, _NUMBER) + _NUMBER.type(start), ends))
            objects |= zip(np.frombuffer(result.objects[0], HASH).tolist(), result.objects[1], strict=True)
            properties.update(result.properties)
        hashes, checks, kinds, links, uses, subjects, properties_, mentioned = map(
            np.concatenate, zip(*rows, strict=True)
        )
        whole, open_ = closed_and_open(opened.all, continues=results[0][0].continues)
        for ordinal, subject in whole:
            kinds[ordinal] = numbers.setdefault(tuple(subject.classes), len(numbers))
            columns.close(ordinal, subject, self._parts)
        targets, places = np.unique(links, return_inverse=True)
        uses = np.bincount(places, uses, len(targets)).astype(_NUMBER)
        joined = ((property_, zip(*of, strict=True)) for property_, of in edges.items())
        return _Result(
            (hashes.tobytes(), checks.tobytes(), kinds.tobytes()),
            list(numbers),
            columns.to_row(),
            (targets.tobytes(), uses.tobytes()),
            (subjects.tobytes(), properties_.tobytes(), mentioned.tobytes()),
            list(referring),
            {property_: (np.concatenate(starts).tobytes(), b"".join(ends)) for property_, (starts, ends) in joined},
            (np.fromiter(objects, HASH, len(objects)).tobytes(), list(objects.values())),
            [self._opened(ordinal, subject) for ordinal, subject in open_],
            dict(properties),
            candidates.found(),
        ).to_bytes()

    def _of_facets(
        self, block: BlockLines
    ) -> tuple[dict[bytes, tuple[bytes, bytes]], tuple[bytes, list[tuple[bool, str]]]]:
        """The edges and the objects of a _Result."""
        triples = block.default_triples
        rows = np.flatnonzero(triples.chosen(of in self._edges for of in triples.predicates))
        different, places = np.unique(triples.object[rows], return_inverse=True)
        objects = [triples.objects[place] for place in different.tolist()]
        forms = stored_objects(objects)
        stored = [forms.get(value, value) for value in objects]
        hashes = np.frombuffer(block.term_hashes(stored), HASH)
        edges: dict[bytes, tuple[bytes, bytes]] = {}
        values: dict[bytes, None] = {}
        of_property = triples.predicate[rows]
        for number in distinct(of_property).tolist():
            own = of_property == number
            ends, predicate = places[own], triples.predicates[number]
            edges[predicate] = triples.subject[rows[own]].astype(_NUMBER).tobytes(), hashes[ends].tobytes()
            if predicate in self._values:
                values |= dict.fromkeys([stored[place] for place in ends.tolist()])
        texts = {term: (is_iri(term), _text(term)) for term in values if is_iri(term) or is_literal(term)}
        return edges, (block.term_hashes(texts), list(texts.values()))

    def write(self, results: Iterable[tuple[Block, bytes]], folder: Path) -> bytes:
        path = folder / INDEX
        draft = path.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        with (
            closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as database,
            ThreadPoolExecutor(1) as beside,
        ):
            for of in ("main", "draft"):
                if of == "draft":
                    database.execute("ATTACH ? AS draft", (str(draft),))
                    database.execute("PRAGMA draft.page_size = 65536")  # first: the cache counts pages
                database.execute(f"PRAGMA {of}.journal_mode = OFF")
                database.execute(f"PRAGMA {of}.synchronous = OFF")  # the writer of the release syncs every file
                database.execute(f"PRAGMA {of}.cache_size = -{_CACHE}")
            database.executescript(_SCHEMA + property_uses.SCHEMA + _DRAFT)
            database.execute("BEGIN")
            writer = _Writer(database, self._shown, self._parts)
            writer.read(results)
            writer.number()
            of_facets, finder = _Facets(writer), writer.facet_finder()
            writer.read_names(results, of_facets, finder)
            written = beside.submit(writer.write_names)  # by the database alone, most of it
            found = list(of_facets.found(self._facets))
            sizes = {class_: size for class_, size in writer.sizes.items() if self.finds_facets(class_)}
            suggested = [*(of_facets.top_concepts() if self._has_tops else ()), *finder.facets(sizes)]
            written.result()
            of_facets.write(self._facets, found)
            of_facets.write_found(suggested, len(self._facets) + 1)
            database.execute("COMMIT")
            database.executescript(_INDEXES)
            database.execute("DETACH draft")
        draft.unlink()
        return b""


def _text(term: bytes) -> str:
    return decode_iri(term) if is_iri(term) else decode_literal(term).value


def _names(triples: TripleColumns) -> list[list[tuple[bytes, bytes]]]:
    """Of each subject the properties and literals that name it, as many as are searched."""
    found: list[list[tuple[bytes, bytes]]] = [[] for _ in triples.subjects]
    rows = np.flatnonzero(triples.chosen(of in _NAMING for of in triples.predicates))
    columns = (triples.subject[rows].tolist(), triples.predicate[rows].tolist(), triples.object[rows].tolist())
    for subject, predicate, value in zip(*columns, strict=True):
        if len(found[subject]) < _NAMES and is_literal(triples.objects[value]):
            found[subject].append((triples.predicates[predicate], triples.objects[value]))
    return found


def _texts(triples: TripleColumns) -> list[list[bytes]]:
    """Of each subject the literals that are texts and no names, as many as are searched."""
    is_text = np.array([*map(_is_text, triples.objects)], bool)[triples.object]
    found = triples.by_subject(is_text & triples.chosen(of not in _NAMING for of in triples.predicates))
    return [[*map(_beginning, texts[:_NAMES])] for texts in found]


def _is_text(term: bytes) -> bool:
    """Whether a term is a text of some length: in a language, or of several words."""
    if len(term) < _SHORTEST or not is_literal(term):
        return False
    text, suffix = split_literal(term)
    return len(text) >= _SHORTEST and (suffix.startswith(b"@") or (not suffix and b" " in text))


def _beginning(literal: bytes) -> bytes:
    """A literal without what is not kept of a long one."""
    text, suffix = split_literal(literal)
    beginning = _BEGINNING.match(text)
    if beginning is None or beginning.end() == len(text):
        return literal
    return b'"' + beginning[0].decode(errors="ignore").encode() + b'"' + suffix


def _results(results: Iterable[tuple[Block, bytes]]) -> Iterator[_Result]:
    return (_Result(*marshal.loads(result)) for _, result in results)  # noqa: S302 - of_block wrote it


class _Writer:
    """Fills the tables of the index.

    database: with the tables. hashes: of the subjects, by ordinal. ids: their numbers, by ordinal; _NO_NUMBER for blank
    nodes. sizes: class → the number of its instances that have IRIs.
    """

    def __init__(self, database: sqlite3.Connection, shown: frozenset[bytes], parts: frozenset[bytes]) -> None:
        self.database, self._shown, self._parts = database, shown, parts
        self._kinds: dict[_Classes, int] = {}  # the number of each set of classes
        self._links = np.zeros(_BUCKETS, _NUMBER)
        self._properties: Counter[bytes] = Counter()
        self._starts: list[int] = []  # the ordinal of the first subject of each block
        self._late = _Columns()  # of the subjects that were opened
        self._named = list[_Array]()

    def read(self, results: Iterable[tuple[Block, bytes]]) -> None:
        """First pass: draft each subject; count incoming links."""
        rows: list[tuple[_Array, ...]] = []
        opened, count = _Opened(), 0
        for result in _results(results):
            start = opened.start(result, count)
            self._starts.append(start)
            known = count - start
            rows.append(result.subject_columns(self._kinds, known))
            count += len(rows[-1][0])
            self._draft(result.columns, start, rows[-1][2], known)
            links, counts = (np.frombuffer(column, _NUMBER) for column in result.links)
            np.add.at(self._links, links & (_BUCKETS - 1), counts)
            self._properties.update(result.properties)
        empty = np.empty(0, HASH), _NONE, _NONE
        self.hashes, self._checks, self._kind_of = map(np.concatenate, zip(empty, *rows, strict=True))
        for ordinal, subject in opened.all:
            self._kind_of[ordinal] = self._kinds.setdefault(tuple(subject.classes), len(self._kinds))
            self._late.close(ordinal, subject, self._parts)
        self._draft(self._late.to_row(), 0, self._kind_of, 0)
        self._order = np.argsort(self.hashes).astype(_NUMBER)
        self._sorted = self.hashes[self._order]

    def _draft(self, columns: tuple[Any, ...], start: int, kinds: _Array, known: int) -> None:
        """kinds: of the subjects behind the first `known`, which have no row here."""
        own = np.frombuffer(columns[0], _NUMBER)
        ordinals = own + start
        self._named.append(ordinals)
        rows = zip(ordinals.tolist(), columns[1], columns[2], kinds[own - known].tolist(), strict=True)
        self.database.executemany("INSERT INTO draft.subject VALUES (?, ?, ?, ?)", rows)

    def number(self) -> None:
        """Number the classes and the resources, the latter in the order of their names."""
        named = np.sort(np.concatenate([*self._named, _NONE]))
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
        ordinals = np.fromiter(chain.from_iterable(numbered), _NUMBER, len(named))
        self.ids = np.full(len(self.hashes), _NO_NUMBER, _NUMBER)
        self.ids[ordinals] = np.arange(len(ordinals), dtype=_NUMBER)
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

    def _own(self, classes: _Classes) -> list[bytes]:
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

    def ordinals(self, hashes: _Array) -> tuple[_Array, _Array]:
        """The ordinals of the terms that are subjects, and the places that these have among the hashes."""
        by_hash = self._sorted
        places = np.searchsorted(by_hash, hashes)
        found = np.flatnonzero(by_hash[np.minimum(places, len(by_hash) - 1)] == hashes) if len(by_hash) else _NONE
        return self._order[places[found]], found

    def members(self, class_: bytes) -> _Array:
        """The ordinals of the instances of a class that have IRIs."""
        kinds = np.array([class_ in classes for classes in self._kinds], bool)
        return np.flatnonzero(kinds[self._kind_of] & (self.ids != _NO_NUMBER))

    def facet_finder(self) -> FacetFinder:
        """Finds facets among the numbered subjects."""
        classes = list(self._kinds)
        return FacetFinder(self.ids, _NO_NUMBER, lambda ordinal: classes[self._kind_of[ordinal]])

    def read_names(self, results: Iterable[tuple[Block, bytes]], of_facets: _Facets, finder: FacetFinder) -> None:
        """Second pass: draft the names and their words. of_facets, finder: get the results too."""
        words: Counter[str] = Counter()
        concepts = np.sort(self.hashes[self.members(_CONCEPT)])
        mentions = list[_Array]()
        self._uses = PropertyUses(list(self._kinds), self._uses_of_classes(), self._properties)
        for start, result in zip(self._starts, _results(results), strict=True):
            of_facets.add(result, start)
            finder.add(result.candidates, start)
            self._draft_names(result.columns, start, words)
            subjects, properties_, hashes = result.reference_columns(range(len(result.referring)))
            ordinals = subjects + start
            self._count_uses(ordinals, self._uses.numbers(result.referring)[properties_], hashes)
            if len(concepts):
                is_mention = np.array([not of.startswith(_SKOS) for of in result.referring], bool)[properties_]
                is_mention &= self.ids[ordinals] != _NO_NUMBER
                is_mention &= concepts[np.minimum(np.searchsorted(concepts, hashes), len(concepts) - 1)] == hashes
                pairs = np.empty(np.count_nonzero(is_mention), _MENTION)
                pairs["hash"], pairs["ordinal"] = hashes[is_mention], ordinals[is_mention]
                mentions.append(pairs)
        self._draft_names(self._late.to_row(), 0, words)
        self._add_words(words)
        del self._ranks
        self._mentions = np.concatenate([*mentions, np.empty(0, _MENTION)])

    def _count_uses(self, subjects: _Array, properties_: _Array, hashes: _Array) -> None:
        """Count references to subjects. properties_: by the numbers of PropertyUses."""
        objects, found = self.ordinals(hashes)
        ids = self.ids[objects]
        kinds = self._kind_of[subjects[found]], self._kind_of[objects]
        self._uses.add(kinds[0], properties_[found], ids, kinds[1], known=ids != _NO_NUMBER)

    def write_names(self) -> None:
        """Write the names by weight, short ones first, the terms with their uses, and the words."""
        for statement in _SORTED_NAMES:
            self.database.execute(statement)
        self._terms(self._mentions)
        self._uses.write(self.database)
        self._words()

    def _draft_names(self, columns: tuple[Any, ...], start: int, words: Counter[str]) -> None:
        _, _, _, named, texts, languages, folded, tags, own_words = columns
        ordinals = np.frombuffer(named, _NUMBER) + start
        kinds = self._kind_of[ordinals].tolist()
        own_tags = [f"{self._tags[kind]} {own}" for kind, own in zip(kinds, tags, strict=True)]
        ranks, ids = self._ranks[ordinals].tolist(), self.ids[ordinals].tolist()
        are_texts = (own == _TEXT for own in tags)
        rows = zip(are_texts, ranks, map(len, texts), ids, texts, languages, folded, own_tags, strict=True)
        self.database.executemany("INSERT INTO draft.name VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        words.update(own_words)
        if len(words) > _WORDS:
            self._add_words(words)

    def _add_words(self, words: Counter[str]) -> None:
        rows = [(word, uses) for word, uses in words.items() if len(word) > 1]  # others have no typing errors
        self.database.executemany("INSERT INTO draft.word VALUES (?, ?)", rows)
        words.clear()

    def _terms(self, mentions: _Array) -> None:
        """Write the terms with their members. mentions: of concepts, by subjects."""
        insert = "INSERT INTO term VALUES (?, ?, ?, ?, ?, ?, ?)"
        for class_, number in self._numbers.items():
            members = _bitmap(self.ids[self.members(class_)])
            row = (number, decode_iri(class_), "class", len(members), class_ in self._shown, class_ in self._parts)
            self.database.execute(insert, (*row, _blob(members)))
        number = len(KINDS) + len(self._numbers)
        statements = np.isin(mentions["ordinal"], self.members(_STATEMENT))
        mentions = mentions[~statements]
        mentions = mentions[np.argsort(mentions["hash"], kind="stable")]
        hashes, starts = np.unique(mentions["hash"], return_index=True)
        of_concept = dict(zip(hashes.tolist(), np.split(mentions["ordinal"], starts[1:]), strict=False))
        ordinals, _ = self.ordinals(hashes)
        for hash_, id_ in sorted(
            zip(hashes.tolist(), self.ids[ordinals].tolist(), strict=True), key=lambda row: row[1]
        ):
            ((iri,),) = self.database.execute("SELECT iri FROM resource WHERE id = ?", (id_,))
            members = _bitmap(self.ids[of_concept[hash_]])
            row = (number, iri, "concept", len(members), False, False)
            self.database.execute(insert, (*row, _blob(members)))
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


class _Facets:
    """Evaluates facets over all members of their classes, and writes the members of each value.

    The nodes of paths are numbers: of a subject its ordinal; others follow. All edges that the paths of the facets need
    are held, 8 bytes for each, and the text of each different value that is no subject.
    """

    def __init__(self, writer: _Writer) -> None:
        self._writer = writer
        self._columns: defaultdict[str, list[tuple[_Array, _Array]]] = defaultdict(list)
        self._others: list[_Array] = []  # hashes of the objects of edges that are no subjects
        self._count = len(writer.hashes)  # of subjects and these
        self._places: dict[int, int] = {}  # of the texts of values, by hash
        self._is_resource, self._texts, self._ends = bytearray(), bytearray(), array("Q", [0])

    def add(self, result: _Result, start: int) -> None:
        """Take the edges and objects of a block. start: the ordinal of its first subject."""
        for property_, (subjects, objects) in result.edges.items():
            hashes = np.frombuffer(objects, HASH)
            nodes = np.empty(len(hashes), _NUMBER)
            ordinals, found = self._writer.ordinals(hashes)
            nodes[found] = ordinals
            others = np.delete(np.arange(len(hashes)), found)
            nodes[others] = np.arange(self._count, self._count + len(others))
            self._count += len(others)
            self._others.append(hashes[others])
            self._columns[decode_iri(property_)].append((np.frombuffer(subjects, _NUMBER) + _NUMBER.type(start), nodes))
        hashes = np.frombuffer(result.objects[0], HASH)
        _, found = self._writer.ordinals(hashes)
        for place in np.delete(np.arange(len(hashes)), found).tolist():
            if self._places.setdefault(int(hashes[place]), len(self._is_resource)) == len(self._is_resource):
                is_resource, text = result.objects[1][place]
                self._is_resource.append(is_resource)
                self._texts += text.encode()
                self._ends.append(len(self._texts))

    def found(self, facets_: Iterable[facets.FacetShape]) -> Iterator[bytes]:
        """What `_members` finds for each; the database is not asked."""
        self._followed = edges = self._edges()
        for class_, of_class in groupby(facets_, key=attrgetter("class_")):
            ordinals = self._writer.members(encode_iri(class_)).astype(_NUMBER)
            yield from (marshal.dumps(self._members(facet, edges, ordinals)) for facet in of_class)

    def top_concepts(self) -> Iterator[facet_candidates.Facet]:
        """A facet of concepts by the tops of their hierarchy; the database is not asked, and `found` is read before."""
        concepts = self._writer.members(_CONCEPT).astype(_NUMBER)
        tops = below_tops(self._followed, concepts, facet_candidates.MOST_VALUES)
        ids = self._writer.ids
        values = [(True, int(ids[top]), _bitmap(np.sort(ids[members]))) for top, members in tops.items()]
        if values:
            name, property_ = facet_candidates.TOP_CONCEPT, SKOS + "hasTopConcept"
            yield facet_candidates.Facet(SKOS + "Concept", name, property_, values)

    def _edges(self) -> Edges:
        count, hashes = len(self._writer.hashes), np.concatenate([*self._others, np.empty(0, HASH)])
        self._others.clear()
        different, numbers = np.unique(hashes, return_inverse=True)
        self._place_of = np.full(len(different), -1)  # of each of the other nodes: where its text is
        places = np.fromiter(self._places.values(), np.intp)
        self._place_of[np.searchsorted(different, np.fromiter(self._places, HASH))] = places
        edges = {}
        for property_ in list(self._columns):
            subjects, objects = map(np.concatenate, zip(*self._columns.pop(property_), strict=True))
            others = objects >= count
            objects[others] = numbers[objects[others] - count] + count
            edges[property_] = subjects, objects
        return Edges(edges)

    def _members(self, facet: facets.FacetShape, edges: Edges, ordinals: _Array) -> list[_Row]:
        """The value, whether it is a resource, and the number and the bitmap of those of the ordinals that have it.

        The value is the number of the resource if it is one that is described.
        """
        places, ends = edges.follow(facet.path, ordinals)
        order = np.argsort(ends)
        ids, ends = array("I", self._writer.ids[ordinals[places[order]]].tobytes()), ends[order]
        starts = np.flatnonzero(np.append(True, ends[1:] != ends[:-1])[: len(ends)])
        found: dict[tuple[str | int, bool], BitMap] = {}
        bounds = pairwise([*starts.tolist(), len(ends)])
        for value, (start, end) in zip(self._of_nodes(facet, ends[starts]), bounds, strict=True):
            if value is None:
                continue
            members = BitMap(ids[start:end])
            if value in found:
                found[value] |= members
            else:
                found[value] = members
        return [(*value, len(members), _blob(members)) for value, members in found.items()]

    def _of_nodes(self, facet: facets.FacetShape, nodes: _Array) -> Iterator[tuple[str | int, bool] | None]:
        """What `_members` says first of each node; None if it is no value of the facet."""
        count = len(self._writer.hashes)
        own = nodes[: np.searchsorted(nodes, count)]
        for id_ in self._writer.ids[own].tolist():
            yield None if id_ == _NO_NUMBER or facet.years else (id_, True)
        for place in self._place_of[nodes[len(own) :] - count].tolist():
            if place < 0:  # a blank node or a triple term
                yield None
                continue
            is_resource = bool(self._is_resource[place])
            text = facet.value(is_resource, self._texts[self._ends[place] : self._ends[place + 1]].decode())
            yield None if text is None else (text, is_resource)

    def write(self, facets_: Iterable[facets.FacetShape], found: Iterable[bytes]) -> None:
        """Write the facets with what `found` gave for them."""
        database = self._writer.database
        for number, (facet, data) in enumerate(zip(facets_, found, strict=True), 1):
            rows = marshal.loads(data)  # noqa: S302 - written here
            database.executemany(_FACET_VALUE, ((number, *row) for row in rows))
            described = (number, facet.class_, facet.name, facet.iri, facet.ends, len(rows))
            database.execute("INSERT INTO facet VALUES (?, ?, ?, ?, ?, ?)", described)

    def write_found(self, found: Iterable[facet_candidates.Facet], number: int) -> None:
        """Write the facets that no shape declares. number: that of the first one."""
        database = self._writer.database
        for facet in found:
            for is_resource, value, members in facet.values:
                database.execute(_FACET_VALUE, (number, value, is_resource, len(members), _blob(members)))
            described = (number, facet.class_, facet.name, facet.property, facet.property, len(facet.values))
            database.execute("INSERT INTO facet VALUES (?, ?, ?, ?, ?, ?)", described)
            number += 1


def _kind_name(classes: _Classes) -> str:
    """The kind of a subject with these classes, one of KINDS."""
    if _CONCEPT in classes:
        return "concept"
    if not _CLASS_TYPES.isdisjoint(classes):
        return "class"
    return "resource" if _PROPERTY_TYPES.isdisjoint(classes) else "property"


def _name(literal: bytes, length: int = _LENGTH) -> Name:
    """The text of a literal, as much of it as is kept, and its language."""
    text, suffix = split_literal(literal)
    return Name(unescape(text.decode())[:length], _language(suffix))


@lru_cache(1024)
def _language(suffix: bytes) -> str:
    """The language tag in what follows the text of a literal, without the direction; empty if there is none."""
    return suffix[1:].partition(b"--")[0].decode() if suffix.startswith(b"@") else ""


def _distinct(names: Mapping[Name, set[bytes]]) -> Mapping[Name, set[bytes]]:
    """Each text once in each language, and without one only where it has none, with the properties that say it."""
    if len(names) == 1:
        return names
    tagged = {name.text for name in names if name.language}
    kept = sorted(name for name in names if name.language or name.text not in tagged)
    return {name: names[name] | names.get(Name(name.text), set()) for name in kept}


@lru_cache(1024)
def _tags(language: str, said_by: frozenset[bytes]) -> str:
    """The properties of a name, its language, and the languages that this is a variety of (RFC 4647, 3.3.1)."""
    subtags = language.split("-")
    languages = {language_tag("-".join(subtags[: place + 1])) for place in range(len(subtags))}
    return " ".join(sorted({*(property_tag(decode_iri(of)) for of in said_by), *languages}))


def _bitmap(numbers: NDArray[np.uint32]) -> BitMap:
    """The set of these numbers."""
    return BitMap(array("I", numbers.tobytes()))


def _blob(members: BitMap) -> bytes:
    if len(members) > 1:
        members.run_optimize()
    return members.serialize()
