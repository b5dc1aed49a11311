"""Chooses the classes that get tables, and sorts the triples about their instances by class.

Classes with the same instances share a table. A class without a shape whose instances are those of smaller classes
together gets none: its instances are in theirs. Names of several
vocabularies for the same things thus do not multiply the tables.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

from core.labels import local_name
from core.ntriples import TYPE, decode_iri, is_iri
from release import nquads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

MOST = 400  # tables: those with the most rows
_COMBINATIONS = 100_000  # of classes; where there are more, no classes are found to be the same
_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True)
class ClassTable:
    """Classes with the same instances: the one that the table is named after, then the others."""

    name: str
    classes: tuple[str, ...]
    instances: int


@dataclass(frozen=True)
class ClassTables:
    """The tables, by name; parts: each class → the names of the tables that hold its instances."""

    tables: tuple[ClassTable, ...]
    parts: dict[str, tuple[str, ...]]


def choose(triples: Path, counts: dict[str, int], targets: AbstractSet[str], own: str | None) -> ClassTables:
    """Choose the classes of a file of canonical N-Triples, sorted.

    counts: class → instances; targets: classes that a shape is for; own: what the IRIs of the vocabulary begin with,
    whose names are preferred.
    """

    def rank(class_: str) -> tuple[bool, bool, str]:
        return class_ not in targets, not (own and class_.startswith(own)), class_

    same: dict[frozenset[int], list[str]] = {}
    for class_, extent in _extents(triples, counts).items():
        same.setdefault(extent, []).append(class_)
    chosen: dict[frozenset[int], list[str]] = {}
    covered: dict[str, list[frozenset[int]]] = {}
    for extent, classes in sorted(same.items(), key=lambda group: (counts[group[1][0]], sorted(group[1]))):
        classes.sort(key=rank)
        smaller = [other for other in chosen if other < extent]
        if not targets & set(classes) and smaller and frozenset().union(*smaller) == extent:
            largest = [other for other in smaller if not any(other < another for another in smaller)]
            covered |= dict.fromkeys(classes, largest)
        else:
            chosen[extent] = classes
    kept = sorted(chosen.items(), key=lambda group: (-counts[group[1][0]], group[1]))[:MOST]
    names = _names([classes[0] for _, classes in kept])
    tables = {e: ClassTable(names[c[0]], tuple(c), counts[c[0]]) for e, c in kept}
    parts: dict[str, tuple[str, ...]] = {class_: (table.name,) for table in tables.values() for class_ in table.classes}
    for class_, extents in covered.items():
        parts[class_] = tuple(sorted(tables[e].name for e in extents)) if all(e in tables for e in extents) else ()
    in_order = sorted(tables.values(), key=lambda table: table.name)
    return ClassTables(tuple(in_order), {class_: parts.get(class_, ()) for class_ in sorted(counts)})


def sort_by_class(triples: Path, tables: Sequence[ClassTable], target: Path) -> list[tuple[int, int]]:
    """Write the triples about the instances of each table to target; the region of each table: its first and last byte.

    triples: canonical N-Triples, sorted. Each line of target has the number of its table and a tab before its triple.
    """
    numbers = {class_: number for number, table in enumerate(tables) for class_ in table.classes}
    sizes = [0] * len(tables)

    def keyed() -> Iterator[bytes]:
        with triples.open("rb") as lines, triples.open("rb") as again:
            typed = types_of(again)
            subject, types = next(typed, (b"", []))
            for about, group in groupby(lines, key=lambda line: line.partition(b" ")[0]):
                if about != subject:
                    continue
                keys = [(n, b"%05d\t" % n) for n in sorted({numbers[type_] for type_ in types if type_ in numbers})]
                for line in group:
                    for number, key in keys:
                        sizes[number] += len(key) + len(line)
                        yield key + line
                subject, types = next(typed, (b"", []))

    nquads.sort_by_key(keyed(), target)
    ends = list(accumulate(sizes))
    return list(zip([0, *ends], ends, strict=False))


def types_of(lines: Iterable[bytes]) -> Iterator[tuple[bytes, list[str]]]:
    """Each subject that has classes with an IRI, and these."""
    typed = (parts for line in lines if (parts := line.split(b" ", 2))[1] == TYPE and is_iri(parts[2]))
    for subject, group in groupby(typed, key=lambda parts: parts[0]):
        yield subject, [decode_iri(value[:-3]) for _, _, value in group]


def _extents(triples: Path, counts: dict[str, int]) -> dict[str, frozenset[int]]:
    """Class → the numbers of the combinations of classes that its instances have."""
    numbers: dict[frozenset[str], int] = {}
    with triples.open("rb") as lines:
        for _, types in types_of(lines):
            numbers.setdefault(frozenset(types), len(numbers))
            if len(numbers) > _COMBINATIONS:
                return {class_: frozenset({number}) for number, class_ in enumerate(counts)}
    extents: dict[str, set[int]] = {class_: set() for class_ in counts}
    for combination, number in numbers.items():
        for class_ in combination:
            extents[class_].add(number)
    return {class_: frozenset(extent) for class_, extent in extents.items()}


def _names(classes: Iterable[str]) -> dict[str, str]:
    """Class → its local name, with a number where it is taken, also without regard to case."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for class_ in classes:
        short = _NOT_IN_NAME.sub("-", local_name(class_))
        name, number = short, 2
        while name.lower() in taken:
            name, number = f"{short}-{number}", number + 1
        taken.add(name.lower())
        names[class_] = name
    return names
