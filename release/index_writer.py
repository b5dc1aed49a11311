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

import sqlite3
import unicodedata
from array import array
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from core.namespaces import REIFICATION
from core.ntriples import TYPE, decode_iri, decode_literal, encode_iri, is_iri, is_literal
from core.shapes import DETAILS_VIEWER
from release import facet_candidates, facets, property_uses
from release.facet_candidates import JoinedCandidates
from release.index_blocks import BlockResult, OpenedSubjects, read_results
from release.index_facets import FacetMembers
from release.index_names import NUMBER, STATEMENT, Subject, SubjectColumns, names_of, texts_of
from release.index_tables import CONCEPT, DRAFT, INDEXES, SCHEMA, IndexTables
from release.parts import Part, closed_and_open
from release.paths import last_properties, properties
from release.reader import INDEX
from release.sorted_rows import HASH, distinct
from release.stored import StoredPart, stored_objects
from release.top_concepts import DOWNWARDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from core.shapes import Shapes
    from release.blocks import Block, BlockLines, TripleColumns
    from release.index_blocks import Array, Classes

_NO_LINKS = frozenset({TYPE, *map(encode_iri, REIFICATION)})
_CACHE = 16 << 10  # KiB of each of the two files


class IndexPart(Part):
    """The index; `write` returns nothing."""

    def __init__(self, shapes: Shapes) -> None:
        """shapes: declare the facets; InputError if one is declared wrongly."""
        self._shown = frozenset(map(encode_iri, shapes.target_classes))
        details = (shape for shape in shapes.property_shapes.values() if DETAILS_VIEWER in shape.viewer)
        inside = {class_ for shape in details for class_ in shape.class_}  # shown within what refers to them
        self._parts = frozenset(map(encode_iri, inside)) | {STATEMENT}  # of other things, which they are found by
        self._facets = facets.read(shapes)
        self._declaring = frozenset(map(encode_iri, facets.declaring(shapes)))
        self._has_tops = self.finds_facets(CONCEPT)
        paths = [facet.path for facet in self._facets] + [DOWNWARDS] * self._has_tops
        self._edges = frozenset(encode_iri(iri) for path in paths for iri in properties(path))
        self._values = frozenset(encode_iri(iri) for facet in self._facets for iri in last_properties(facet.path))
        classes = sorted(self._shown), sorted(self._parts), sorted(self._declaring)
        given = (*classes, sorted(self._edges), sorted(self._values), unicodedata.unidata_version)
        self.key = b"index 11 " + StoredPart.key + repr(given).encode()

    def of_block(self, block: BlockLines) -> bytes:
        triples = block.default_triples
        subjects, predicates, objects = triples.subjects, triples.predicates, triples.objects
        is_resource = np.array([*map(is_iri, objects)], bool)[triples.object]
        is_named = np.array([*map(is_iri, subjects)], bool)
        columns = SubjectColumns()
        numbers: dict[Classes, int] = {}
        classes = []
        opened = []
        last = len(subjects) - 1
        own_classes = triples.by_subject(is_resource & triples.chosen(of == TYPE for of in predicates))
        described = map(Subject, subjects, own_classes, names_of(triples), texts_of(triples))
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
        result = BlockResult(
            (block.term_hashes(subjects), array("I", map(crc32, subjects)).tobytes(), array("I", classes).tobytes()),
            list(numbers),
            columns.to_row(),
            (array("I", map(crc32, targets)).tobytes(), uses[linked].astype(NUMBER).tobytes()),
            (*(column.astype(NUMBER).tobytes() for column in columns_of_references), hashes[places].tobytes()),
            predicates,
            *self._of_facets(block),
            opened,
            dict(zip(predicates, np.bincount(triples.predicate, minlength=len(predicates)).tolist(), strict=True)),
            self._candidates(triples, list(numbers), classes, [row[0] for row in opened]),
        )
        return result.to_bytes()

    def _candidates(
        self, triples: TripleColumns, groups: list[Classes], of_subject: list[int], opened: list[int]
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

    def _opened(self, ordinal: int, subject: Subject) -> tuple[Any, ...]:
        """A subject as it stands in `opened` of a BlockResult."""
        if subject.columns is None:
            alone = SubjectColumns()
            if is_iri(subject.term):
                alone.add(ordinal, subject, self._parts)
            subject.columns = alone.to_row()
        return ordinal, *vars(subject).values()

    def join(self, results: Sequence[tuple[Block, bytes]]) -> bytes:
        opened, columns = OpenedSubjects(), SubjectColumns()
        numbers: dict[Classes, int] = {}
        rows: list[tuple[Array, ...]] = []  # of each block: the columns of subjects, links and references
        referring: dict[bytes, int] = {}
        edges: defaultdict[bytes, list[tuple[Array, bytes]]] = defaultdict(list)
        objects: dict[int, tuple[bool, str]] = {}
        properties: Counter[bytes] = Counter()
        candidates = JoinedCandidates()
        count = 0
        for result in read_results(results):
            start = opened.start(result, count)
            candidates.add(result.candidates, start)
            hashes, checks, kinds = result.subject_columns(numbers, count - start)
            references = result.reference_columns([referring.setdefault(of, len(referring)) for of in result.referring])
            linked = (np.frombuffer(column, NUMBER) for column in result.links)
            rows.append((hashes, checks, kinds, *linked, references[0] + NUMBER.type(start), *references[1:]))
            count += len(hashes)
            columns.extend(result.columns, start)
            for property_, (starts, ends) in result.edges.items():
                edges[property_].append((np.frombuffer(starts, NUMBER) + NUMBER.type(start), ends))
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
        uses = np.bincount(places, uses, len(targets)).astype(NUMBER)
        joined = ((property_, zip(*of, strict=True)) for property_, of in edges.items())
        return BlockResult(
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
        """The edges and the objects of a BlockResult."""
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
            edges[predicate] = triples.subject[rows[own]].astype(NUMBER).tobytes(), hashes[ends].tobytes()
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
            database.executescript(SCHEMA + property_uses.SCHEMA + DRAFT)
            database.execute("BEGIN")
            writer = IndexTables(database, self._shown, self._parts)
            writer.read(results)
            writer.number()
            of_facets, finder = FacetMembers(writer), writer.facet_finder()

            def take(result: BlockResult, start: int) -> None:
                of_facets.add(result, start)
                finder.add(result.candidates, start)

            writer.read_names(results, take)
            written = beside.submit(writer.write_names)  # by the database alone, most of it
            found = list(of_facets.found(self._facets))
            sizes = {class_: size for class_, size in writer.sizes.items() if self.finds_facets(class_)}
            suggested = [*(of_facets.top_concepts() if self._has_tops else ()), *finder.facets(sizes)]
            written.result()
            of_facets.write(self._facets, found)
            of_facets.write_found(suggested, len(self._facets) + 1)
            database.execute("COMMIT")
            database.executescript(INDEXES)
            database.execute("DETACH draft")
        draft.unlink()
        return b""


def _text(term: bytes) -> str:
    return decode_iri(term) if is_iri(term) else decode_literal(term).value
