"""Lists of resources by class and concept, filtered by facets: sets of numbers, combined and counted.

A set holds the numbers of resources (release/index_writer.py), which are in the order of their names. So a page of a
list is a slice of a set, and how many members have a value is the size of an intersection.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING

from pyroaring import BitMap

from release.folding import sort_key
from release.search_index import FacetValue, IndexedFacet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from release.search_index import IndexedTerm, SearchIndex

MOST_VALUES = 200  # of a facet that are counted: those with the most members in the whole class
_SHOWN = 12
CLASS = "class"  # the facet that the classes of a list of no class are


@dataclass(frozen=True)
class Selection:
    """The members to list: of a class, a concept, both or everything; filters: values by the name of the facet.

    Several values of one facet mean any of them, several facets all of them.
    """

    class_: str | None = None
    concept: str | None = None
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def toggled(self, name: str, value: str) -> Selection:
        """A copy in which that value is chosen if it was not, and not if it was; a class is chosen without filters."""
        if name == CLASS:
            return Selection(value, self.concept)
        values = [other for other in self.filters.get(name, ()) if other != value]
        if len(values) == len(self.filters.get(name, ())):
            values.append(value)
        return Selection(self.class_, self.concept, {**self.filters, name: values})

    def replaced(self, name: str, value: str, other: str) -> Selection:
        """A copy with another value of a facet in place of one."""
        values = [one for one in self.filters.get(name, ()) if one != value]
        return Selection(self.class_, self.concept, {**self.filters, name: [*values, other]})

    def parameters(self) -> list[tuple[str, str]]:
        """The parameters of an address for this selection, in a fixed order."""
        parameters = [(CLASS, self.class_), ("concept", self.concept)]
        filters = [(name, value) for name, values in sorted(self.filters.items()) for value in sorted(values)]
        return [(name, value) for name, value in parameters if value] + filters


@dataclass(frozen=True)
class Counted:
    """A value of a facet, and how many members have it when all other filters hold."""

    value: FacetValue
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class FacetCounts:
    """The values of a facet, the chosen ones and those with the most members first; `rest` come after these.

    Of the first ones, numbers such as years are in their order.
    """

    facet: IndexedFacet
    shown: list[Counted]
    rest: list[Counted]
    is_truncated: bool

    @property
    def values(self) -> list[Counted]:
        return [*self.shown, *self.rest]


@dataclass(frozen=True)
class Page:
    """A part of a list: numbers of resources, and the place of the first of them, from 0.

    Neighbouring pages by the number of the resource that they come after: None is the first page.
    """

    numbers: list[int]
    start: int
    total: int
    previous: int | None
    next: int | None
    last: int | None


class Listable:
    """What lists have of an index: resources that the dataset is about, and not the terms that it says this in.

    The terms of the vocabulary have a page of their own; where a class or a concept has no other members, they are
    listed all the same.
    """

    def __init__(self, index: SearchIndex, vocabulary: Iterable[str], aside: Iterable[str]) -> None:
        """vocabulary: the IRIs of its terms. aside: classes that lists of no class leave out."""
        self.index, self._vocabulary, self._aside = index, list(vocabulary), sorted(aside)

    @cached_property
    def terms(self) -> BitMap:
        """The terms of the vocabulary."""
        return BitMap(number for iri in self._vocabulary if (number := self.index.number(iri)) is not None)

    @cached_property
    def everything(self) -> BitMap:
        """All resources but terms, those that are shown within others, and those that are set aside."""
        index = self.index
        parts = [index.members(CLASS, term.iri) for term in index.classes.values() if term.part]
        aside = [index.members(CLASS, iri) for iri in self._aside]
        return BitMap(range(index.size)).difference(self.terms, *filter(None, [*parts, *aside]))

    @cached_property
    def counts(self) -> list[tuple[IndexedTerm, int]]:
        """The main classes with the number of their members, the largest first; those that are set aside come last."""
        found = [(term, self._count(term)) for term in self.index.main_classes]
        return sorted(found, key=lambda pair: (pair[0].iri in self._aside, -pair[1]))

    def _count(self, term: IndexedTerm) -> int:
        return len(self.members(CLASS, term.iri) or ()) if self.terms else term.uses

    @cached_property
    def apart(self) -> list[tuple[str, int]]:
        """The classes that lists of no class leave out, with the number of their members."""
        found = [(iri, len(self.index.members(CLASS, iri) or ())) for iri in self._aside]
        return [(iri, count) for iri, count in found if count]

    def is_vocabulary(self, class_: str) -> bool:
        """Whether all members of a class are terms of the vocabulary."""
        members = self.index.members(CLASS, class_)
        return bool(members and members <= self.terms)

    def members(self, kind: str, iri: str) -> BitMap | None:
        """The members of a class or a concept; None if there are none."""
        members = self.index.members(kind, iri)
        return members and ((members - self.terms) or members)


class Listing:
    """The members of a selection.

    unknown: the names and values of filters that no member has.
    """

    def __init__(self, listable: Listable, selection: Selection) -> None:
        """KeyError, with its name, where there is no such class, concept or facet."""
        self._listable, self._index, self.selection = listable, listable.index, selection
        index = listable.index
        self._base = self._everything()
        self.facets = index.facets(selection.class_) if selection.class_ else []
        known = {facet.name: facet for facet in self.facets}
        self._sets = {
            name: BitMap.union(BitMap(), *self._chosen(known[name], values))
            for name, values in selection.filters.items()
            if values
        }
        self.members = self._with_all(self._sets)
        self.unknown = [
            (known[name], value)
            for name, values in selection.filters.items()
            for value in values
            if index.value(known[name], value) is None
        ]

    def _everything(self) -> BitMap:
        given = [(CLASS, self.selection.class_), ("concept", self.selection.concept)]
        sets = []
        for kind, iri in given:
            if iri is not None:
                members = self._listable.members(kind, iri)
                if members is None:
                    raise KeyError(iri)
                sets.append(members)
        return BitMap.intersection(*sets) if sets else self._listable.everything

    def _chosen(self, facet: IndexedFacet, values: Sequence[str]) -> list[BitMap]:
        found = (self._index.value(facet, value) for value in values)
        return [value.members for value in found if value is not None]

    def _with_all(self, sets: Mapping[str, BitMap]) -> BitMap:
        return BitMap.intersection(self._base, *sets.values())

    def page(self, size: int, *, after: int | None = None, key: str = "") -> Page:
        """One page of members: those after the resource `after`, or whose names sort from `key` on; size: how many."""
        members = self.members
        if after is None and key:
            after = self._index.seek(sort_key(key)) - 1
        start = members.rank(after) if after is not None and after >= 0 else 0
        total, end = len(members), start + size
        last = max(0, (total - 1) // size * size)
        return Page(
            list(members[start:end]),
            start,
            total,
            members[start - size - 1] if start > size else None,
            members[end - 1] if end < total else None,
            members[last - 1] if last else None,
        )

    @cached_property
    def counts(self) -> list[FacetCounts]:
        """Each facet with its values, counted among the members that all other facets leave.

        A list of no class has the classes of its members, parts of others last, as the only facet.
        """
        if not self.selection.class_:
            return self._class_counts()
        counts = []
        for facet in self.facets:
            others = self._with_all({name: members for name, members in self._sets.items() if name != facet.name})
            chosen = set(self.selection.filters.get(facet.name, ()))
            values = [
                Counted(value, others.intersection_cardinality(value.members), value.value in chosen)
                for value in self._values(facet, chosen)
            ]
            values = [value for value in values if value.count or value.is_chosen]
            values.sort(key=lambda value: (not value.is_chosen, -value.count, value.value.value))
            shown = values[:_SHOWN]
            if all(value.value.value.isdecimal() for value in shown):
                shown.sort(key=lambda value: _in_order(value.value.value))
            if values:
                counts.append(FacetCounts(facet, shown, values[_SHOWN:], facet.size > MOST_VALUES))
        return counts

    def _class_counts(self) -> list[FacetCounts]:
        values = []
        for term in self._index.main_classes:
            members = self._index.members(CLASS, term.iri)
            if members and (count := members.intersection_cardinality(self.members)):
                value = FacetValue(term.iri, is_resource=True, members=members)
                values.append((term.part, -count, Counted(value, count, is_chosen=False)))
        values.sort(key=itemgetter(0, 1))
        facet = IndexedFacet(-1, CLASS, "", None, len(values))
        return [FacetCounts(facet, [value for *_, value in values], [], is_truncated=False)] if values else []

    def _values(self, facet: IndexedFacet, chosen: set[str]) -> list[FacetValue]:
        values = self._index.values(facet, MOST_VALUES)
        missing = chosen - {value.value for value in values}
        return values + [value for text in sorted(missing) if (value := self._index.value(facet, text)) is not None]

    def letters(self) -> list[tuple[str, bool]]:
        """The letters from a to z, and whether a name begins with each."""
        bounds = [self._index.seek(letter) for letter in "abcdefghijklmnopqrstuvwxyz{"]
        ranks = [self.members.rank(bound - 1) if bound else 0 for bound in bounds]
        return [
            (letter, after > before)
            for letter, before, after in zip("abcdefghijklmnopqrstuvwxyz", ranks, ranks[1:], strict=False)
        ]


def _in_order(digits: str) -> tuple[int, str]:
    """Key that sorts numbers of any length by their value."""
    significant = digits.lstrip("0")
    return len(significant), significant
