"""Finds facets for the classes that no shape declares any for: properties that tell the members apart in a few ways.

As Datasette suggests columns with few values (https://docs.datasette.io/en/stable/facets.html#suggested-facets), these
are properties whose members have 2 to 30 different values, several members to each; of dates the years count. While
blocks are read, a property is given up for a set of classes as soon as it has more values, or one that is no value of a
facet: a text in a language, a long text, a blank node. So little is kept, however many members there are.

Subjects with the same set of classes are counted together. One that may go on in another block, where its classes may
stand, is counted alone, under its ordinal. Data with very many such sets, and properties to each, get no facets.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar

import numpy as np
from pyroaring import BitMap

from core.labels import ALTERNATIVE, NAMING, local_name
from core.namespaces import RDF_TYPE, REIFICATION, XSD
from core.ntriples import decode_iri, decode_literal, encode_iri, is_iri, is_literal, split_literal
from release.facets import RESERVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from release.blocks import TripleColumns

    Ordinals: TypeAlias = NDArray[np.uint32]

Classes: TypeAlias = "tuple[bytes, ...]"
Group: TypeAlias = "Classes | int"  # the classes of subjects, or the ordinal of a single one
Value: TypeAlias = tuple[bool, str]  # whether it is a resource, and its IRI or text
# A property, a group, its subjects, for each of them the place of its value, and the values.
_Row: TypeAlias = tuple[bytes, Group, bytes, bytes, list[Value]]
# Candidates, and those that were given up; None if they are too many.
Found: TypeAlias = tuple[list[_Row], list[tuple[bytes, Group]]] | None

_Group = TypeVar("_Group", bound="Group")
_Members = TypeVar("_Members")

MOST_VALUES = 30
MOST_CANDIDATES = 300_000  # pairs of a property and a class, one for each set of classes: each takes about 350 bytes
TOP_CONCEPT = "topConcept"  # the facet of release/top_concepts.py
_FACETS = 6  # of a class
_FEWEST_MEMBERS = 5
_SHARE = 0.1  # of the members that have a value, at least
_EACH = 2  # members of a value, on average, at least
_DIFFERENT = 0.02  # how likely it is, at least, that two members have different values
_LONGEST = 200  # bytes of a value
_NO_FACETS = frozenset(map(encode_iri, (RDF_TYPE, *REIFICATION, *(node.value for node in (*NAMING, *ALTERNATIVE)))))
_DATED = tuple(f"^^<{XSD}{name}>".encode() for name in ("date", "dateTime", "dateTimeStamp", "gYear", "gYearMonth"))
_YEAR = re.compile(rb'"(-?[0-9]{4,})(?=[-"TZ+])')
_WORD = re.compile(r"[A-Za-z0-9]+")
_NUMBER, _PLACE = np.dtype("<u4"), np.dtype("u1")


class Facet(NamedTuple):
    """A facet that was found.

    values: whether each is a resource, its IRI, number or text, and the members that have it.
    """

    class_: str
    name: str
    property: str
    values: Sequence[tuple[bool, str | int, BitMap]]


def of_block(triples: TripleColumns, groups: Sequence[Group], of_subject: NDArray[np.intp]) -> Found:
    """The candidates of a block. of_subject: the place of the group of each subject, -1 for those that do not count."""
    is_chosen = triples.chosen(predicate not in _NO_FACETS for predicate in triples.predicates)
    rows = np.flatnonzero(is_chosen & (of_subject[triples.subject] >= 0))
    if not len(rows):
        return [], []
    subjects, objects = triples.subject[rows], triples.object[rows]
    keys = of_subject[subjects] * len(triples.predicates) + triples.predicate[rows]
    order = np.lexsort((objects, keys))
    keys, subjects, objects = keys[order], subjects[order], objects[order]
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    if np.array([*map(_weight, groups)])[keys[starts] // len(triples.predicates)].sum() > MOST_CANDIDATES:
        return None
    found, given_up = list[_Row](), list[tuple[bytes, Group]]()
    for start, end in pairwise([*starts.tolist(), len(keys)]):
        group, predicate = divmod(int(keys[start]), len(triples.predicates))
        key = triples.predicates[predicate], groups[group]
        places = objects[start:end]
        is_first = np.append(True, places[1:] != places[:-1])
        values = _values([triples.objects[place] for place in places[is_first].tolist()])
        if values is None:
            given_up.append(key)
            continue
        known = {value: place for place, value in enumerate(dict.fromkeys(values))}
        of_each = np.array([known[value] for value in values], _PLACE)[np.cumsum(is_first) - 1]
        found.append((*key, subjects[start:end].astype(_NUMBER).tobytes(), of_each.tobytes(), list(known)))
    return found, given_up


def _weight(group: Group) -> int:
    """As how many candidates a property of a group counts; of a single subject the classes are not known yet."""
    return 0 if isinstance(group, int) else len(group)


def _values(terms: Sequence[bytes]) -> list[Value] | None:
    """The value of each term; None if they are too many, or one is no value of a facet."""
    if len(terms) > MOST_VALUES and sum(not term.endswith(_DATED) for term in terms) > MOST_VALUES:
        return None
    values, different = list[Value](), set[Value]()
    for term in terms:
        value = _value(term)
        if value is None:
            return None
        values.append(value)
        different.add(value)
        if len(different) > MOST_VALUES:
            return None
    return values


def _value(term: bytes) -> Value | None:
    if len(term) > _LONGEST:
        return None
    if is_iri(term):
        return True, decode_iri(term)
    if not is_literal(term):
        return None
    if term.endswith(_DATED) and (year := _YEAR.match(term)):
        return False, year[1].decode()
    _, suffix = split_literal(term)
    return None if suffix.startswith(b"@") else (False, decode_literal(term).value)


class _Candidates(Generic[_Group, _Members]):
    """Candidates by property and group, with those that were given up; none of either once they are too many."""

    def __init__(self) -> None:
        self._rows: dict[tuple[bytes, _Group], _Members] = {}
        self._given_up: dict[tuple[bytes, _Group], None] = {}
        self._size, self._are_too_many = 0, False

    def _count(self, key: tuple[bytes, _Group]) -> None:
        """Count a candidate; it has to be among the rows, or given up, afterwards."""
        if key not in self._rows and key not in self._given_up:
            self._size += _weight(key[1])

    def _give_up(self, key: tuple[bytes, _Group]) -> None:
        self._given_up[key] = None
        self._rows.pop(key, None)

    def _limit(self) -> None:
        """Give all up where they are too many."""
        self._are_too_many = self._are_too_many or self._size > MOST_CANDIDATES
        if self._are_too_many:
            self._rows.clear()
            self._given_up.clear()


class JoinedCandidates(_Candidates["Group", "tuple[list[Ordinals], list[NDArray[np.uint8]], dict[Value, int]]"]):
    """The candidates of consecutive blocks, as those of one."""

    def add(self, found: Found, start: int) -> None:
        """Take that of the next block. start: the ordinal of its first subject."""
        if self._are_too_many or found is None:
            self._are_too_many = True
            self._limit()
            return
        rows, given_up = found
        for property_, group in given_up:
            key = property_, _moved(group, start)
            self._count(key)
            self._give_up(key)
        for property_, of, subjects, places, values in rows:
            key = property_, _moved(of, start)
            self._count(key)
            if key in self._given_up:
                continue
            ordinals, own_places, known = self._rows.setdefault(key, ([], [], {}))
            numbers = [known.setdefault(value, len(known)) for value in map(_as_pair, values)]
            if len(known) > MOST_VALUES:
                self._give_up(key)
                continue
            ordinals.append(np.frombuffer(subjects, _NUMBER) + _NUMBER.type(start))
            own_places.append(np.array(numbers, _PLACE)[np.frombuffer(places, _PLACE)])
        self._limit()

    def found(self) -> Found:
        """All of it."""
        if self._are_too_many:
            return None
        rows = [
            (*key, np.concatenate(ordinals).tobytes(), np.concatenate(places).tobytes(), list(known))
            for key, (ordinals, places, known) in self._rows.items()
        ]
        return rows, list(self._given_up)


def _moved(group: Group, start: int) -> Group:
    return group + start if isinstance(group, int) else group


def _as_pair(value: Sequence[object]) -> Value:
    is_resource, text = value
    return bool(is_resource), str(text)


class FacetFinder(_Candidates["Classes", "dict[Value, BitMap]"]):
    """Chooses the facets of each class when all subjects are known.

    ids: the numbers of subjects, by ordinal; `none` for those that have none. classes: those of an ordinal.
    """

    def __init__(self, ids: Ordinals, none: int, classes: Callable[[int], Classes]) -> None:
        super().__init__()
        self._ids, self._none, self._classes = ids, none, classes

    def add(self, found: Found, start: int) -> None:
        """Take what was found in a block. start: the ordinal of its first subject."""
        if self._are_too_many or found is None:
            self._are_too_many = True
            self._limit()
            return
        rows, given_up = found
        for property_, of in given_up:
            key = property_, self._group(of, start)
            self._count(key)
            self._give_up(key)
        for property_, of, subjects, places, values in rows:
            key = property_, self._group(of, start)
            self._count(key)
            if key in self._given_up:
                continue
            ids = self._ids[np.frombuffer(subjects, _NUMBER) + _NUMBER.type(start)]
            own, members = np.frombuffer(places, _PLACE), self._rows.setdefault(key, {})
            for place, value in enumerate(map(_as_pair, values)):
                numbers = ids[(own == place) & (ids != self._none)]
                members.setdefault(value, BitMap()).update(array("I", numbers.tobytes()))
            if len(members) > MOST_VALUES:
                self._give_up(key)
        self._limit()

    def _group(self, group: Group, start: int) -> Classes:
        return self._classes(group + start) if isinstance(group, int) else group

    def facets(self, sizes: Mapping[bytes, int]) -> Iterator[Facet]:
        """The facets of these classes, the most useful first for each. sizes: class → the number of its members."""
        by_class: defaultdict[bytes, list[tuple[bytes, Classes]]] = defaultdict(list)  # one at a time is put together
        large = {class_ for class_, size in sizes.items() if size >= _FEWEST_MEMBERS}
        for key in self._rows:
            for class_ in large.intersection(key[1]):
                by_class[class_].append(key)
        given_up: defaultdict[bytes, list[bytes]] = defaultdict(list)
        for property_, classes in self._given_up:
            for class_ in large.intersection(classes):
                given_up[class_].append(property_)
        for class_ in sorted(by_class):
            parts: defaultdict[bytes, list[dict[Value, BitMap]]] = defaultdict(list)
            for key in by_class[class_]:
                parts[key[0]].append(self._rows[key])
            candidates = {of: _united(parts[of]) for of in parts.keys() - set(given_up[class_])}
            yield from _chosen(class_, candidates, sizes[class_])


def _united(parts: Iterable[Mapping[Value, BitMap]]) -> dict[Value, BitMap]:
    found: dict[Value, BitMap] = {}
    for members in parts:
        for value, numbers in members.items():
            if numbers:
                found[value] = found[value] | numbers if value in found else numbers
    return found


def _chosen(class_: bytes, candidates: Mapping[bytes, Mapping[Value, BitMap]], size: int) -> list[Facet]:
    """Those that tell most; one of several properties that say the same."""
    ranked = sorted((-_use(values, size), property_) for property_, values in candidates.items())
    chosen, seen = list[bytes](), set[tuple[bytes, ...]]()
    for use, property_ in ranked:
        says = tuple(sorted(members.serialize() for members in candidates[property_].values()))
        if use < 0 and says not in seen and len(chosen) < _FACETS:
            seen.add(says)
            chosen.append(property_)
    names = _parameters(map(decode_iri, chosen))
    return [
        Facet(
            decode_iri(class_), names[iri], iri, [(*value, members) for value, members in candidates[property_].items()]
        )
        for property_, iri in zip(chosen, map(decode_iri, chosen), strict=True)
    ]


def _use(values: Mapping[Value, BitMap], size: int) -> float:
    """How much a facet tells: how likely two members have a value, and not the same one; 0 if it is too little."""
    if size < _FEWEST_MEMBERS or not 2 <= len(values) <= MOST_VALUES:  # noqa: PLR2004 - to choose from
        return 0
    counts = [len(members) for members in values.values()]
    covered = len(BitMap.union(BitMap(), *values.values()))
    if covered < _SHARE * size or covered < _EACH * len(values):
        return 0
    total = sum(counts)
    different = 1 - sum((count / total) ** 2 for count in counts)
    return different * covered / size if different >= _DIFFERENT else 0


def _parameters(iris: Iterable[str]) -> dict[str, str]:
    """A parameter of URLs for each property: the end of its IRI, as `facets.read` has them."""
    names: dict[str, str] = {}
    for iri in sorted(iris):
        first, *words = _WORD.findall(local_name(iri)) or ["value"]
        name = first[:1].lower() + first[1:] + "".join(word[:1].upper() + word[1:] for word in words)
        name = name if name[0].isalpha() else f"p{name}"
        taken, stem, number = {*names.values(), *RESERVED, TOP_CONCEPT}, name, 2
        while name in taken:
            name, number = f"{stem}{number}", number + 1
        names[iri] = name
    return names
