"""What the tables are planned by: the combinations of classes that instances have, and what is noted of their values.

An instance is a subject of the default graph that has classes with an IRI. One that is in several blocks has a row of
each. What a block has of it does not tell its classes, so these are found here as well.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain, groupby, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from core.ntriples import TYPE, decode_iri, is_iri
from release.dumps.classes import Combination
from release.dumps.columns import SEVERAL, Note, classify
from release.parts import Part, closed_and_open

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from release.blocks import Block, BlockLines, TripleColumns

_Pattern: TypeAlias = "tuple[int, ...]"
_BITS = 32  # of a number, for a form
_FORM = (1 << _BITS) - 1
_MOST = 100_000  # combinations; where there are more, each class is counted by itself


@dataclass(frozen=True)
class Plan:
    """divided: the instances that are in several blocks → their classes."""

    combinations: list[Combination]
    divided: dict[str, list[str]]

    @classmethod
    def unpacked(cls, data: bytes) -> Plan:
        """The plan that `InstanceNotes` returned."""
        raw = json.loads(data)
        rows = raw["combinations"]
        combinations = [Combination(tuple(types), number, one, _notes(notes)) for types, number, one, notes in rows]
        return cls(combinations, raw["divided"])


@dataclass
class _Noted:
    """Notes of instances with the same classes, or of one instance."""

    instances: int = 0
    is_unique: bool = True
    notes: set[Note] = field(default_factory=set)

    def add(self, other: _Noted) -> None:
        self.instances += other.instances
        self.is_unique &= other.is_unique
        self.notes |= other.notes


class InstanceNotes(Part):
    """The plan as bytes; it writes no file."""

    key = b"notes of instances 3"

    def of_block(self, block: BlockLines) -> bytes:
        subjects, _, _ = block.triples
        ends = {subjects[-1], *(subjects[:1] if block.continues else [])}
        triples = block.default_triples
        patterns = _Patterns(triples)
        whole: dict[tuple[str, ...], list[_Pattern]] = {}
        divided: list[Any] = []
        for subject, types, pattern in zip(triples.subjects, _classes(triples), patterns.of_subjects(), strict=True):
            if subject in ends:
                divided.append([decode_iri(subject), types, patterns.notes([pattern]), 1])
            elif types:
                whole.setdefault(types, []).append(pattern)
        rows = sorted([types, len(of), patterns.notes(of)] for types, of in whole.items())
        return _packed(rows, divided)

    def join(self, results: Sequence[tuple[Block, bytes]]) -> bytes:
        found = _Combinations()
        instances = list(_instances(found.whole(results)))
        whole, _ = closed_and_open(instances, continues=results[0][0].continues)
        alone = {instance.iri for instance in whole if instance.blocks == 1}
        for instance in instances:
            if instance.iri in alone:
                found.add_instance(instance)
        rows = [[types, of.instances, sorted(of.notes)] for types, of in sorted(found.noted.items())]
        divided = [[i.iri, i.classes, sorted(i.notes), i.blocks] for i in instances if i.iri not in alone]
        return _packed(rows, divided)

    def write(self, results: Iterable[tuple[Block, bytes]], folder: Path) -> bytes:  # noqa: ARG002 - of the interface
        found = _Combinations()
        divided: dict[str, list[str]] = {}
        for instance in _instances(found.whole(results)):
            found.add_instance(instance)
            if instance.classes and instance.blocks > 1:
                divided[instance.iri] = instance.classes
        rows = [[types, n.instances, n.is_unique, sorted(n.notes)] for types, n in sorted(found.noted.items())]
        return json.dumps({"combinations": rows, "divided": divided}).encode()


class _Instance(NamedTuple):
    """A subject that may be in several blocks. blocks: how many it is in."""

    iri: str
    classes: list[str]
    notes: set[Note]
    blocks: int


def _instances(rows: Iterable[list[Any]]) -> Iterator[_Instance]:
    """The rows of one subject, which follow one another, as one."""
    for iri, group in groupby(rows, key=itemgetter(0)):
        types, notes, blocks = set[str](), set[Note](), 0
        for _, classes_, noted, number in group:
            types.update(classes_)
            notes |= _notes(noted)
            blocks += number
        yield _Instance(iri, sorted(types), notes, blocks)


def _packed(rows: list[Any], divided: list[Any]) -> bytes:
    return json.dumps([rows, divided], ensure_ascii=False, separators=(",", ":")).encode()


class _Combinations:
    """Adds up what is noted by combination of classes."""

    def __init__(self) -> None:
        self.noted: dict[tuple[str, ...], _Noted] = {}
        self._is_by_class = False

    def whole(self, results: Iterable[tuple[Block, bytes]]) -> Iterator[list[Any]]:
        """Add what the blocks have of whole instances; yields the others: subject, classes, notes, number of blocks."""
        for _, result in results:
            rows, others = json.loads(result)
            for types, number, notes in rows:
                self.add(types, _Noted(number, notes=_notes(notes)))
            yield from others

    def add_instance(self, instance: _Instance) -> None:
        """Add an instance, if it has classes."""
        if instance.classes:
            self.add(instance.classes, _Noted(1, instance.blocks == 1, instance.notes))

    def add(self, types: Iterable[str], noted: _Noted) -> None:
        keys = [(type_,) for type_ in types] if self._is_by_class else [tuple(types)]
        for key in keys:
            self.noted.setdefault(key, _Noted()).add(noted)
        if len(self.noted) > _MOST and not self._is_by_class:
            self._is_by_class = True
            before, self.noted = self.noted, {}
            for combination, of_all in before.items():
                self.add(combination, of_all)


def _classes(triples: TripleColumns) -> list[tuple[str, ...]]:
    """The IRIs of each subject's classes."""
    rows = np.flatnonzero(triples.predicate == triples.place(TYPE))
    values = triples.object[rows].tolist()
    classes = {value: decode_iri(term) for value in set(values) if is_iri(term := triples.objects[value])}
    found: list[tuple[str, ...]] = [()] * len(triples.subjects)
    for subject, value in zip(triples.subject[rows].tolist(), values, strict=True):
        if value in classes:
            found[subject] += (classes[value],)
    return found


class _Patterns:
    """Pairs of predicate and object → numbers of what is noted of them: many instances have the same."""

    def __init__(self, triples: TripleColumns) -> None:
        self._predicates = list(map(decode_iri, triples.predicates))
        said: dict[tuple[str, str], int] = {}  # kind of a value, and the rest of a `Note` → number
        forms = [said.setdefault((kind, form), len(said)) for kind, _, form in map(classify, triples.objects)]
        self._said = list(said)
        self._numbers = (triples.predicate << _BITS | np.array(forms, np.int64)[triples.object]).tolist()
        self._ends = triples.ends

    def of_subjects(self) -> Iterator[_Pattern]:
        """The pattern of each subject."""
        return (tuple(self._numbers[start:end]) for start, end in pairwise([0, *self._ends]))

    def notes(self, patterns: Iterable[_Pattern]) -> list[Note]:
        """The notes of instances with these patterns, in order."""
        different = set(patterns)
        predicates, said = self._predicates, self._said
        notes = {
            Note(predicates[number >> _BITS], *said[number & _FORM]) for number in set(chain.from_iterable(different))
        }
        for pattern in different:
            cells = [(number >> _BITS, said[number & _FORM][0]) for number in pattern]
            if len(set(cells)) < len(cells):
                several = (cell for cell, count in Counter(cells).items() if count > 1)
                notes.update(Note(predicates[place], kind, SEVERAL) for place, kind in several)
        return sorted(notes)


def _notes(rows: Iterable[list[str]]) -> set[Note]:
    return {Note(*row) for row in rows}
