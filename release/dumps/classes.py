"""Chooses the classes that get tables.

Classes with the same instances share a table. A class without a shape whose instances are those of smaller classes
together gets none: its instances are in theirs. Names of several
vocabularies for the same things thus do not multiply the tables.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from core.labels import local_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from release.dumps.columns import Note

MOST = 400  # tables: those with the most rows
_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9_-]+")


class Combination(NamedTuple):
    """Classes that instances have together. is_unique: no instance has several rows; notes: of their values."""

    classes: tuple[str, ...]
    instances: int
    is_unique: bool
    notes: Collection[Note]


@dataclass(frozen=True)
class ClassTable:
    """Classes with the same instances: the one that the table is named after, then the others.

    is_unique, notes: as of a combination.
    """

    name: str
    classes: tuple[str, ...]
    is_unique: bool
    notes: frozenset[Note]


@dataclass(frozen=True)
class ClassTables:
    """The tables, by name; parts: each class → the names of the tables that hold its instances."""

    tables: tuple[ClassTable, ...]
    parts: dict[str, tuple[str, ...]]


def choose(combinations: Sequence[Combination], targets: AbstractSet[str], own: str | None) -> ClassTables:
    """Choose among the classes of these combinations.

    targets: classes that a shape is for; own: what the IRIs of the vocabulary begin with, whose names are preferred.
    """

    def rank(class_: str) -> tuple[bool, bool, str]:
        return class_ not in targets, not (own and class_.startswith(own)), class_

    counts: Counter[str] = Counter()
    within: dict[str, set[int]] = {}  # the numbers of their combinations
    for number, combination in enumerate(combinations):
        for class_ in combination.classes:
            counts[class_] += combination.instances
            within.setdefault(class_, set()).add(number)
    same: dict[frozenset[int], list[str]] = {}
    for class_, numbers in within.items():
        same.setdefault(frozenset(numbers), []).append(class_)
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
    tables = {
        extent: ClassTable(
            names[classes[0]],
            tuple(classes),
            all(combinations[number].is_unique for number in extent),
            frozenset().union(*(combinations[number].notes for number in extent)),
        )
        for extent, classes in kept
    }
    parts: dict[str, tuple[str, ...]] = {class_: (table.name,) for table in tables.values() for class_ in table.classes}
    for class_, smaller in covered.items():
        parts[class_] = tuple(sorted(tables[e].name for e in smaller)) if all(e in tables for e in smaller) else ()
    in_order = sorted(tables.values(), key=lambda table: table.name)
    return ClassTables(tuple(in_order), {class_: parts.get(class_, ()) for class_ in sorted(counts)})


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
