"""Counts what a release has: quads, triples, subjects, and by graph, class, property, and class with property.

They are the counts of the manifest, and the answers to many of the queries that are asked first (known_queries.py).
"""

from __future__ import annotations

import marshal
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import compress
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from core.namespaces import RDF, XSD
from core.ntriples import TYPE, decode_iri, encode_iri, is_iri, is_literal, split_literal
from release.manifest import Counts
from release.parts import Part, closed_and_open

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from release.blocks import Block, BlockLines, TripleColumns

    # A subject that may have lines in another block as well, its classes, its triples by property, and those of them
    # with a literal by property and datatype.
    OpenSubject: TypeAlias = tuple[bytes, tuple[bytes, ...], dict[bytes, int], dict[tuple[bytes, bytes], int]]

_STRING, _TAGGED, _DIRECTED = map(encode_iri, (XSD + "string", RDF + "langString", RDF + "dirLangString"))


@dataclass
class Tally:
    """What was counted. graphs: quads of each; None is the default graph. features: of terms (core/ntriples.py).

    Of the default graph: entities: subjects with an IRI. subjects: how many have these classes. triples: how many
    subjects with these classes have, by property. literals: how many of these have a literal, by property and datatype.
    subjects_of: how many subjects a property has.
    """

    graphs: Counter[bytes | None] = field(default_factory=Counter)
    features: set[str] = field(default_factory=set)
    entities: int = 0
    subjects: Counter[tuple[bytes, ...]] = field(default_factory=Counter)
    triples: defaultdict[tuple[bytes, ...], Counter[bytes]] = field(default_factory=lambda: defaultdict(Counter))
    literals: defaultdict[tuple[bytes, ...], Counter[tuple[bytes, bytes]]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    subjects_of: Counter[bytes] = field(default_factory=Counter)

    def add(
        self,
        subject: bytes,
        classes: tuple[bytes, ...],
        properties: dict[bytes, int],
        literals: dict[tuple[bytes, bytes], int],
    ) -> None:
        """Add a subject with all its triples."""
        self.entities += is_iri(subject)
        self.subjects[classes] += 1
        self.triples[classes].update(properties)
        if literals:
            self.literals[classes].update(literals)
        self.subjects_of.update(properties.keys())

    @property
    def properties(self) -> Counter[bytes]:
        """The triples of each property."""
        found: Counter[bytes] = Counter()
        for counts in self.triples.values():
            found.update(counts)
        return found

    @property
    def properties_of(self) -> Mapping[bytes, Counter[bytes]]:
        """Class → the triples of its instances by property."""
        found: defaultdict[bytes, Counter[bytes]] = defaultdict(Counter)
        for classes, counts in self.triples.items():
            for class_ in classes:
                found[class_].update(counts)
        return found

    @property
    def datatypes_of(self) -> Mapping[bytes, Counter[tuple[bytes, bytes]]]:
        """Class → the triples of its instances with a literal, by property and datatype."""
        found: defaultdict[bytes, Counter[tuple[bytes, bytes]]] = defaultdict(Counter)
        for classes, counts in self.literals.items():
            for class_ in classes:
                found[class_].update(counts)
        return found

    @property
    def classes(self) -> Counter[bytes]:
        """The subjects of each class."""
        found: Counter[bytes] = Counter()
        for classes, count in self.subjects.items():
            found.update(dict.fromkeys(classes, count))
        return found

    @property
    def counts(self) -> Counts:
        """The counts of the manifest."""
        named = Counter({graph: count for graph, count in self.graphs.items() if graph is not None})
        return Counts(
            triples=self.graphs[None],
            quads=self.graphs.total(),
            entities=self.entities,
            graphs=_named(named),
            classes=_named(self.classes),
            properties=_named(self.properties),
        )

    def to_bytes(self) -> bytes:
        return marshal.dumps(
            (
                dict(self.graphs),
                sorted(self.features),
                self.entities,
                dict(self.subjects),
                {classes: dict(counts) for classes, counts in self.triples.items()},
                {classes: dict(counts) for classes, counts in self.literals.items()},
                dict(self.subjects_of),
            )
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Tally:
        tally = cls()
        tally.update(data)
        return tally

    def update(self, data: bytes) -> None:
        """Add another tally, of other subjects."""
        graphs, features_, entities, subjects, triples, literals, subjects_of = marshal.loads(data)  # noqa: S302 - written here
        self.graphs.update(graphs)
        self.features.update(features_)
        self.entities += entities
        self.subjects.update(subjects)
        for classes, counts in triples.items():
            self.triples[classes].update(counts)
        for classes, of_literals in literals.items():
            self.literals[classes].update(of_literals)
        self.subjects_of.update(subjects_of)


class CountsPart(Part):
    """Counts; `write` returns a Tally as bytes and writes no file."""

    key = b"counts 3"

    def of_block(self, block: BlockLines) -> bytes:
        triples = block.default_triples
        subjects, predicates = triples.subjects, triples.predicates
        tally = Tally(graphs=Counter(block.graphs), features=set(block.features))
        classes = list(map(tuple, triples.by_subject(triples.chosen(of == TYPE for of in predicates))))
        is_closed = np.ones(len(subjects), bool)
        is_closed[-1:] = False
        is_closed[:1] &= not block.continues
        closed = is_closed[triples.subject]
        kinds = {of: number for number, of in enumerate(dict.fromkeys(classes))}
        kind = np.array([kinds[of] for of in classes], int)
        shape = len(kinds), len(predicates)
        cells = kind[triples.subject[closed]] * shape[1] + triples.predicate[closed]
        table = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape).tolist()
        tally.entities = sum(map(is_iri, compress(subjects, is_closed)))
        tally.subjects.update(compress(classes, is_closed))
        tally.triples.update((of, _counter(predicates, table[number])) for of, number in kinds.items())
        datatypes, datatype = _datatypes(triples)
        has_literal = datatype >= 0
        rows = closed & has_literal
        cells = (kind[triples.subject[rows]] * shape[1] + triples.predicate[rows]) * len(datatypes) + datatype[rows]
        groups = list(kinds)
        for cell, count in zip(*map(np.ndarray.tolist, np.unique(cells, return_counts=True)), strict=True):
            pair, of_datatype = divmod(cell, len(datatypes))
            of_kind, predicate = divmod(pair, shape[1])
            tally.literals[groups[of_kind]][predicates[predicate], datatypes[of_datatype]] = count
        is_first = np.ones(len(closed), bool)  # of those with the same subject and predicate
        is_first[1:] = (np.diff(triples.subject) != 0) | (np.diff(triples.predicate) != 0)
        of_subjects = np.bincount(triples.predicate[closed & is_first], minlength=len(predicates))
        tally.subjects_of = _counter(predicates, of_subjects.tolist())
        opened: list[OpenSubject] = []
        for place in np.flatnonzero(~is_closed).tolist():
            own = triples.subject == place
            uses = np.bincount(triples.predicate[own], minlength=len(predicates)).tolist()
            own &= has_literal
            literals = Counter(
                (predicates[predicate], datatypes[of_datatype])
                for predicate, of_datatype in zip(triples.predicate[own].tolist(), datatype[own].tolist(), strict=True)
            )
            opened.append((subjects[place], classes[place], dict(_counter(predicates, uses)), dict(literals)))
        return marshal.dumps((tally.to_bytes(), opened))

    def join(self, results: Sequence[tuple[Block, bytes]]) -> bytes:
        tally = Tally()
        whole, opened = closed_and_open(list(_opened(results, tally)), continues=results[0][0].continues)
        for subject in whole:
            tally.add(*subject)
        return marshal.dumps((tally.to_bytes(), list(opened)))

    def write(self, results: Iterable[tuple[Block, bytes]], folder: Path) -> bytes:  # noqa: ARG002 - no file
        tally = Tally()
        for subject in _opened(results, tally):
            tally.add(*subject)
        return tally.to_bytes()


def _opened(results: Iterable[tuple[Block, bytes]], tally: Tally) -> Iterator[OpenSubject]:
    """The subjects that may be in several blocks, each once; adds the others to the tally."""
    pending: OpenSubject | None = None
    for _, result in results:
        data, opened = marshal.loads(result)  # noqa: S302 - CountsPart wrote it
        tally.update(data)
        for subject, classes, properties, literals in opened:
            if pending and pending[0] == subject:
                classes = (*pending[1], *classes)  # noqa: PLW2901
                properties = dict(Counter(pending[2]) + Counter(properties))  # noqa: PLW2901
                literals = dict(Counter(pending[3]) + Counter(literals))  # noqa: PLW2901
            elif pending:
                yield pending
            pending = subject, classes, properties, literals
    if pending:
        yield pending


def _datatypes(triples: TripleColumns) -> tuple[list[bytes], NDArray[np.intp]]:
    """The datatypes of the literals, and for each triple the place of that of its object; -1 without a literal."""
    places: dict[bytes, int] = {}
    of_objects = np.full(len(triples.objects), -1, np.intp)
    for number, value in enumerate(triples.objects):
        if is_literal(value):
            of_objects[number] = places.setdefault(_datatype(value), len(places))
    return list(places), of_objects[triples.object]


def _datatype(literal: bytes) -> bytes:
    """As an IRI in N-Triples."""
    _, suffix = split_literal(literal)
    if suffix.startswith(b"^^"):
        return suffix[2:]
    if suffix:
        return _DIRECTED if b"--" in suffix else _TAGGED
    return _STRING


def _counter(keys: Iterable[bytes], counts: Iterable[int]) -> Counter[bytes]:
    return Counter({key: count for key, count in zip(keys, counts, strict=True) if count})


def _named(counter: Counter[bytes]) -> dict[str, int]:
    """IRI → count, highest first; other terms are left out."""
    rows = sorted(counter.items(), key=lambda row: (-row[1], row[0]))
    return {decode_iri(key): count for key, count in rows if is_iri(key)}
