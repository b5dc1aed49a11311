"""Finds what a name in another's data may mean, and says what speaks for it: the index of names does the search.

A candidate matches by itself only if it alone has the name, nothing else has one that is nearly the same, it has what
is asked of its properties, and the data do not tell it from something else that it is taken for (`owl:differentFrom`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import pyoxigraph as ox
from rapidfuzz.distance import OSA

from core.namespaces import DCTERMS, OWL
from release.folding import fold
from release.index_tags import NAMES, tag
from release.search import LONGEST, find, find_similar
from server.model.paths import follow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pyroaring import BitMap

    from core.rdf import Term
    from core.shapes import PropertyPath
    from release.search_index import SearchIndex

_LOOKED_AT = 20  # candidates at least, whatever the client wants
_WITH_VALUE = 200  # entities that are looked at for one value of a property
_NAMED = 10  # entities that a value of a property may name
_VALUES = 100  # of one property that are compared
_NEAR = 0.85  # similarity of names that may be taken for each other, and of values that agree
_OF_NAME = 0.6  # of the score, where properties are asked for too
_DEFAULT = ox.DefaultGraph()
_DIFFERENT = ox.NamedNode(OWL + "differentFrom")
_GONE = (ox.NamedNode(OWL + "deprecated"), ox.NamedNode(DCTERMS + "isReplacedBy"))

_Part = TypeVar("_Part")

Value: TypeAlias = "str | int | float | bool"


@dataclass(frozen=True)
class EntityValue:
    """A value of a property that is an entity."""

    id: str


@dataclass(frozen=True)
class PropertyConstraint:
    """A property, and the values of which an entity should have one."""

    property: str
    values: tuple[Value | EntityValue, ...]


@dataclass(frozen=True)
class ReconciliationQuery:
    """What an entity is to be found by (section 4.1). has_all_types: whether it has to have all of the types."""

    text: str
    types: tuple[str, ...]
    constraints: tuple[PropertyConstraint, ...]
    limit: int
    has_all_types: bool = False


@dataclass(frozen=True)
class Candidate:
    """An entity that may be meant. features: what speaks for it, as the API has them. score: from 0 to 100."""

    number: int
    iri: str
    score: float
    match: bool
    features: dict[str, float | bool]


@dataclass(frozen=True)
class _Compared:
    """An entity with the similarity of its name and the fit of each property, from 0 to 1."""

    number: int
    iri: str
    name: float | None
    fits: dict[str, float]
    is_told_apart: bool

    @property
    def score(self) -> float:
        of_properties = sum(self.fits.values()) / len(self.fits) if self.fits else 0.0
        if self.name is None:
            return of_properties
        return self.name if not self.fits else _OF_NAME * self.name + (1 - _OF_NAME) * of_properties

    @property
    def is_certain(self) -> bool:
        agrees = all(fit >= _NEAR for fit in self.fits.values())
        return self.name == 1 and agrees and not self.is_told_apart


class Reconciler:
    """Answers reconciliation queries over one release. Any thread may ask."""

    def __init__(
        self,
        index: SearchIndex,
        store: ox.Store,
        terms: BitMap,
        path: Callable[[str], PropertyPath | None],
        check: Callable[[], None],
    ) -> None:
        """terms: those of the vocabulary, which are found by their types alone. path: what a property's id stands for;
        None where it is none. check: raises when the time for all queries is over; asked after each piece of work.
        """
        self._index, self._store, self._terms, self._path, self._check = index, store, terms, path, check

    def candidates(self, query: ReconciliationQuery) -> list[Candidate]:
        """The candidates, the best first."""
        found = self._found(query)
        known = self._index.resources(found)
        by_number = {resource.id: resource.iri for resource in known}
        compared = [
            self._compare(number, by_number[number], query, name)
            for number, name in found.items()
            if not self._is_gone(by_number[number])
        ]
        near = sum((one.name or 0) >= _NEAR for one in compared)
        kept = compared if query.types else self._without_terms(compared)
        kept.sort(key=lambda one: -one.score)
        best = [
            Candidate(
                one.number,
                one.iri,
                round(one.score * 100, 1),
                one.is_certain and near == 1,
                _features(one, query),
            )
            for one in kept
        ]
        return best[: query.limit]

    def _found(self, query: ReconciliationQuery) -> dict[int, str]:
        """The numbers of entities to compare, each with the name that it was found by."""
        number = self._index.number(query.text) if ":" in query.text else None
        if number is not None:
            return {number: query.text}
        types = [self._index.term("class", type_) for type_ in query.types]
        known = [tag(number) for number in types if number is not None]
        if query.types and (not known or (query.has_all_types and len(known) < len(types))):
            return {}
        if not query.text:
            return dict.fromkeys(self._with_values(query), "")
        count = max(query.limit, _LOOKED_AT)
        tags = [known] if query.has_all_types else [[one] for one in known] or [[]]
        words, text = fold(query.text), query.text[:LONGEST]
        matches = [match for each in self._timed(tags) for match in find(self._index, text, count, each).found]
        if any(_similarity(words, fold(match.text)) == 1 for match in matches):  # what else may have been meant?
            timed = self._timed(tags)
            matches += [match for each in timed for match in find_similar(self._index, text, _LOOKED_AT, each)]
        found: dict[int, str] = {}
        for match in matches:
            found.setdefault(match.resource, match.text)
        return found

    def _timed(self, parts: Iterable[_Part]) -> Iterator[_Part]:
        """The parts of a piece of work, while there is time."""
        for part in parts:
            self._check()
            yield part

    def _with_values(self, query: ReconciliationQuery) -> list[int]:
        """The entities that have one of the values of a property, and one of the types."""
        iris: dict[str, None] = {}
        for constraint in query.constraints:
            path = self._path(constraint.property)
            if path is None or path.predicate is None:
                continue
            for term in self._timed(self._terms_of(constraint.values)):
                quads = self._store.quads_for_pattern(None, ox.NamedNode(path.predicate), term, _DEFAULT)
                for quad in islice(quads, _WITH_VALUE):
                    if isinstance(quad.subject, ox.NamedNode):
                        iris[quad.subject.value] = None
        members = [self._index.members("class", type_) or () for type_ in query.types]
        numbers = self._index.numbers([*iris][:_WITH_VALUE]).values()
        needed = all if query.has_all_types else any
        return [number for number in numbers if not members or needed(number in one for one in members)]

    def _terms_of(self, values: Iterable[Value | EntityValue]) -> list[Term]:
        """The terms that a value may be in the data."""
        terms: list[Term] = []
        for value in self._timed(values):
            text = value.id if isinstance(value, EntityValue) else value
            if isinstance(text, str):
                try:
                    terms.append(ox.NamedNode(text))
                except ValueError:
                    terms += [ox.NamedNode(iri) for iri in self._named(text)]
            if not isinstance(value, EntityValue):
                terms.append(ox.Literal(value))
        return terms

    def _named(self, text: str) -> list[str]:
        matches = find(self._index, text[:LONGEST], _NAMED).found
        exact = {match.resource for match in matches if _similarity(fold(text), fold(match.text)) == 1}
        return [resource.iri for resource in self._index.resources(exact)]

    def _compare(self, number: int, iri: str, query: ReconciliationQuery, found_by: str) -> _Compared:
        node = ox.NamedNode(iri)
        find_quads = self._store.quads_for_pattern
        name = None
        if query.text:
            words = fold(query.text)
            names = [found_by, *self._names(node)]
            name = 1.0 if iri == query.text else max(_similarity(words, fold(one)) for one in names)
        fits: dict[str, float] = {}
        for constraint in self._timed(query.constraints):
            fit = self._fit(node, constraint)
            fits[constraint.property] = min(fit, fits.get(constraint.property, 1.0))
        told_apart = next(find_quads(node, _DIFFERENT, None, _DEFAULT), None) or next(
            find_quads(None, _DIFFERENT, node, _DEFAULT), None
        )
        return _Compared(number, iri, name, fits, told_apart is not None and iri != query.text)

    def _is_gone(self, iri: str) -> bool:
        """Whether the entity has moved or was withdrawn."""
        find_quads, node = self._store.quads_for_pattern, ox.NamedNode(iri)
        return any(next(find_quads(node, gone, None, _DEFAULT), None) for gone in _GONE)

    def _names(self, node: ox.NamedNode) -> list[str]:
        quads = (self._store.quads_for_pattern(node, property_, None, _DEFAULT) for property_ in self._naming)
        return [quad.object.value for found in quads for quad in found if isinstance(quad.object, ox.Literal)]

    @cached_property
    def _naming(self) -> Sequence[ox.NamedNode]:
        """The properties of names that the data have."""
        nodes = [ox.NamedNode(iri) for iri in NAMES]
        return [node for node in nodes if next(self._store.quads_for_pattern(None, node, None, _DEFAULT), None)]

    def _fit(self, node: ox.NamedNode, constraint: PropertyConstraint) -> float:
        """How far a value of the property is one of those that are wanted."""
        path = self._path(constraint.property)
        if path is None:
            return 0.0
        values = list(islice(follow(self._store, path, node), _VALUES))
        pairs = self._timed(product(constraint.values, values))
        return max((self._likeness(one, value) for one, value in pairs), default=0.0)

    def _likeness(self, wanted: Value | EntityValue, value: Term) -> float:
        if isinstance(wanted, EntityValue):
            return float(isinstance(value, ox.NamedNode) and value.value == wanted.id)
        if isinstance(value, ox.NamedNode):
            names = [value.value] if wanted == value.value else self._names(value)
            return max((_similarity(fold(str(wanted)), fold(name)) for name in names), default=0.0)
        if not isinstance(value, ox.Literal):
            return 0.0
        if isinstance(wanted, bool):
            return float(value.value in ({"true", "1"} if wanted else {"false", "0"}))
        try:
            return float(float(value.value) == float(wanted))
        except ValueError:
            return _similarity(fold(str(wanted)), fold(value.value))

    def _without_terms(self, compared: list[_Compared]) -> list[_Compared]:
        """Without terms of the vocabulary, unless there is nothing else."""
        return [one for one in compared if one.number not in self._terms] or compared


def _similarity(one: Sequence[str], other: Sequence[str]) -> float:
    """How alike two folded names are, from 0 to 1; words may be written together."""
    if not one or not other:
        return 0.0
    if "".join(one) == "".join(other):
        return 1.0
    return min(OSA.normalized_similarity(" ".join(one), " ".join(other)), 0.99)


def _features(one: _Compared, query: ReconciliationQuery) -> dict[str, float | bool]:
    features: dict[str, float | bool] = {}
    if one.name is not None:
        features["name_similarity"] = round(one.name * 100, 1)
    if query.types:
        features["type"] = True
    features |= {f"property {id_}": round(fit * 100, 1) for id_, fit in one.fits.items()}
    features["told_apart"] = one.is_told_apart
    return features
