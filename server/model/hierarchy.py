"""What stands above and below a resource: concepts and their schemes, classes, parts.

A hierarchy is a property with its inverse; data may have either, or both. Those of SKOS, RDF Schema, Dublin Core,
schema.org and the organization ontology are known; a shape declares others by `dash:viewer ui:BreadcrumbsViewer` at the
property that leads upwards. Resources are numbers of the index, which are in the order of their names; what the data do
not describe, blank nodes among them, has none and stands in no hierarchy.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeVar

import pyoxigraph as ox
from pyroaring import BitMap

from core.namespaces import DCTERMS, OWL, RDFS, SCHEMA, SKOS
from server.model.presentation_shapes import Viewer

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from release.search_index import SearchIndex
    from server.model.presentation_shapes import Model

SCHEME = SKOS + "ConceptScheme"
CONCEPT = SKOS + "Concept"
IN_SCHEME = SKOS + "inScheme"
_IN_SCHEME = ox.NamedNode(IN_SCHEME)
_INVERSE = ox.NamedNode(OWL + "inverseOf")
_ORG = "http://www.w3.org/ns/org#"
# The properties that lead upwards and downwards, those first that count where a resource stands in several hierarchies.
_CONCEPTS = (SKOS + "broader", SKOS + "narrower")
_TOP_CONCEPTS = (SKOS + "topConceptOf", SKOS + "hasTopConcept")
_KNOWN = (
    (RDFS + "subClassOf", None),
    (RDFS + "subPropertyOf", None),
    *(
        (schema + up, schema + down)
        for up, down in (("containedInPlace", "containsPlace"), ("parentOrganization", "subOrganization"))
        for schema in (SCHEMA, SCHEMA.replace("https:", "http:"))
    ),
    (_ORG + "subOrganizationOf", _ORG + "hasSubOrganization"),
    ("http://www.geonames.org/ontology#parentFeature", None),
    (DCTERMS + "isPartOf", DCTERMS + "hasPart"),
    *((schema + "isPartOf", schema + "hasPart") for schema in (SCHEMA, SCHEMA.replace("https:", "http:"))),
)
_EVERYTHING = {RDFS + "Resource", OWL + "Thing"}  # what is above all says nothing
_DEEPEST = 20  # steps of a path
_LOOKED_AT = 200  # paths that are followed upwards from one resource
_PATHS = 3  # that are told
_MOST_BELOW = 50_000  # of one resource that are read
_MOST_TRIPLES = 100_000  # of a hierarchy whose roots are looked for
_KEPT = 500_000  # resources, and numbers of what is above and below them, that are remembered
_DEFAULT = ox.DefaultGraph()
_Node = TypeVar("_Node", int, str)


@dataclass(frozen=True)
class Hierarchy:
    """Properties that lead upwards, and those that lead downwards."""

    up: tuple[ox.NamedNode, ...]
    down: tuple[ox.NamedNode, ...]


@dataclass(frozen=True)
class Breadcrumbs:
    """The shortest paths from the top to what is directly above a resource, and how many others there are.

    is_truncated: whether there may be more than these.
    """

    paths: list[list[int]]
    others: int
    is_truncated: bool


class Hierarchies:
    """The hierarchies of a release; any thread may ask."""

    def __init__(self, store: ox.Store, index: SearchIndex, model: Model, used: Mapping[str, int]) -> None:
        """used: the properties of the default graph, with the number of their triples."""
        self._store, self._index, self._used = store, index, used
        declared = sorted(model.viewed[Viewer.BREADCRUMBS])
        hierarchies = [_among(used, (iri,), self._inverses(ox.NamedNode(iri))) for iri in declared]
        self._concepts, self._tops = (_among(used, (up,), (down,)) for up, down in (_CONCEPTS, _TOP_CONCEPTS))
        hierarchies += [self._concepts, self._tops]
        hierarchies += [_among(used, (up,), (down,) if down else ()) for up, down in _KNOWN]
        self._hierarchies = [one for one in hierarchies if one.up or one.down]
        self._has_schemes = _IN_SCHEME.value in used
        self._above: dict[int, BitMap] = {}
        self._below: dict[int, BitMap] = {}
        self._size = 0  # of these two: resources, and numbers
        self._roots: dict[str, BitMap] = {}
        self._lock = threading.Lock()  # roots take long to find, so one thread does it

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands above anything."""
        return not self._hierarchies and not self._has_schemes

    def above(self, number: int) -> BitMap:
        """The resources directly above another, in the first hierarchy that it stands in; the schemes of a top."""
        return self._remembered(self._above, number, self._find_above)

    def below(self, number: int) -> BitMap:
        """The resources directly below another, in the order of names; the top concepts of a scheme."""
        return self._remembered(self._below, number, self._find_below)

    @cached_property
    def properties(self) -> Hierarchy:
        """Those of all hierarchies."""
        found = self._hierarchies
        return Hierarchy(tuple(p for one in found for p in one.up), tuple(p for one in found for p in one.down))

    def lead_up(self, properties: Iterable[str]) -> bool:
        """Whether one of the properties leads upwards in a hierarchy."""
        return any(ox.NamedNode(iri) in one.up for iri in properties for one in self._hierarchies)

    def breadcrumbs(self, number: int) -> Breadcrumbs:
        """The paths that lead to a resource from the top, without those that others go in more steps.

        A path ends before it comes to a resource again.
        """
        found: list[list[int]] = []
        rest, looked_at = deque([[number]]), 0
        while rest and looked_at < _LOOKED_AT:
            path = rest.popleft()
            looked_at += 1
            above = self.above(path[0]) - BitMap(path) if len(path) < _DEEPEST else BitMap()
            if above:
                rest.extend([each, *path] for each in islice(above, _LOOKED_AT))
            elif len(path) > 1:
                found.append(path[:-1])
        told = [path for path in found if not any(set(path) < set(other) for other in found)]
        return Breadcrumbs(told[:_PATHS], len(told[_PATHS:]), bool(rest))

    def has_roots(self, class_: str) -> bool:
        """Whether the tops of the hierarchy of a class can be told."""
        return (class_ == CONCEPT and self._schemes() is not None) or self._triples() <= _MOST_TRIPLES

    def roots(self, class_: str) -> BitMap:
        """The members of a class that have something below them and no member above; and the first of a circle.

        Of concepts the schemes, and what is in none.
        """
        with self._lock:
            if class_ not in self._roots:
                self._roots[class_] = self._find_roots(class_)
        return self._roots[class_]

    def is_scheme(self, iri: str) -> bool:
        """Whether a resource is a concept scheme."""
        schemes, number = self._schemes(), self._index.number(iri)
        return schemes is not None and number is not None and number in schemes

    def _schemes(self) -> BitMap | None:
        return self._index.members("class", SCHEME)

    def _triples(self) -> int:
        properties = {p.value for one in self._hierarchies for p in (*one.up, *one.down)}
        return sum(self._used[iri] for iri in properties)

    def _find_roots(self, class_: str) -> BitMap:
        members = self._index.members("class", class_)
        schemes = (self._schemes() if class_ == CONCEPT else None) or BitMap()
        size = self._triples() + (self._used.get(IN_SCHEME, 0) if schemes else 0)
        if members is None or size > _MOST_TRIPLES:
            return schemes
        pairs, uppers = [*self._pairs()], members | schemes
        numbers = self._index.numbers(set(chain.from_iterable(pairs)))
        below: dict[int, list[int]] = {}
        for lower, upper in pairs:
            if upper not in _EVERYTHING and lower in numbers and numbers.get(upper, -1) in uppers:
                below.setdefault(numbers[upper], []).append(numbers[lower])
        for scheme in schemes:
            below[scheme] = [*self.below(scheme)]
        return schemes | BitMap(_tops(sorted(below), below, _all_below(schemes, below)))

    def _pairs(self) -> Iterator[tuple[str, str]]:
        """The lower and the upper resource of each triple of a hierarchy."""
        for one in self._hierarchies:
            for property_ in (*one.up, *one.down):
                for quad in self._store.quads_for_pattern(None, property_, None, _DEFAULT):
                    ends = [*_iris((quad.subject, quad.object))]
                    if len(ends) == 2 and ends[0] != ends[1]:  # noqa: PLR2004 - both
                        yield (ends[0], ends[1]) if property_ in one.up else (ends[1], ends[0])

    def _find_above(self, iri: str) -> Iterable[str]:
        node = ox.NamedNode(iri)
        for one in self._hierarchies:
            found = self._linked(node, one.up, one.down) - {iri, *_EVERYTHING}
            if found:
                return found
        return _iris(self._objects(node, (_IN_SCHEME,))) if self._has_schemes else ()

    def _find_below(self, iri: str) -> Iterable[str]:
        node, found = ox.NamedNode(iri), set[str]()
        for one in self._hierarchies:
            found |= self._linked(node, one.down, one.up) - {iri}
        return found or self._without_above(node)

    def _without_above(self, scheme: ox.NamedNode) -> Iterable[str]:
        """The tops of a scheme that does not name them: concepts with none above them, and the first of a circle."""
        members = set(_iris(self._subjects(scheme, (_IN_SCHEME,)))) if self._has_schemes else set()
        up, down = self._concepts.up, self._concepts.down
        below: dict[str, list[str]] = {}
        for iri in members:
            for above in self._linked(ox.NamedNode(iri), up, down):
                below.setdefault(above, []).append(iri)
        numbers = self._index.numbers(members | below.keys())
        return members.intersection(_tops(sorted(numbers, key=numbers.__getitem__), below))

    def _inverses(self, property_: ox.NamedNode) -> set[str]:
        return self._linked(property_, (_INVERSE,), (_INVERSE,))

    def _linked(self, node: ox.NamedNode, to: Iterable[ox.NamedNode], back: Iterable[ox.NamedNode]) -> set[str]:
        """IRIs that properties lead to from the node, or from which others lead to it."""
        return set(_iris(chain(self._objects(node, to), self._subjects(node, back))))

    def _objects(self, node: ox.NamedNode, properties: Iterable[ox.NamedNode]) -> Iterator[object]:
        for property_ in properties:
            quads = self._store.quads_for_pattern(node, property_, None, _DEFAULT)
            yield from (quad.object for quad in islice(quads, _MOST_BELOW))

    def _subjects(self, node: ox.NamedNode, properties: Iterable[ox.NamedNode]) -> Iterator[object]:
        for property_ in properties:
            quads = self._store.quads_for_pattern(None, property_, node, _DEFAULT)
            yield from (quad.subject for quad in islice(quads, _MOST_BELOW))

    def _remembered(self, known: dict[int, BitMap], number: int, find: Callable[[str], Iterable[str]]) -> BitMap:
        if number not in known:
            (resource,) = self._index.resources([number])
            found = BitMap(self._index.numbers(find(resource.iri)).values())
            if self._size > _KEPT:
                self._above.clear()
                self._below.clear()
                self._size = 0
            self._size += 1 + len(found)
            known[number] = found
            return found
        return known[number]


def _among(used: Container[str], up: Iterable[str], down: Iterable[str]) -> Hierarchy:
    """The hierarchy of those of the properties that are used."""
    return Hierarchy(*(tuple(ox.NamedNode(iri) for iri in iris if iri in used) for iris in (up, down)))


def _tops(nodes: Sequence[_Node], below: Mapping[_Node, Iterable[_Node]], told: Iterable[_Node] = ()) -> list[_Node]:
    """The nodes from which all others are reached: those with none above, and the first of a circle with none above.

    told: nodes that are reached in another way, with all below them. None of the `firsts` leads to one behind it, but
    may be reached from there.
    """
    firsts, seen = [], set(told)
    for node in nodes:
        if node not in seen:
            firsts.append(node)
            seen |= _all_below([node], below, seen)
    tops, reached = [], set(told)
    for node in reversed(firsts):
        if node not in reached:
            tops.append(node)
            reached |= _all_below([node], below, reached)
    return tops


def _all_below(
    nodes: Iterable[_Node], below: Mapping[_Node, Iterable[_Node]], known: Container[_Node] = ()
) -> set[_Node]:
    """The nodes and what is below them over any number of steps, but nothing that is known."""
    found, rest = set(nodes), list(nodes)
    while rest:
        new = {node for node in below.get(rest.pop(), ()) if node not in found and node not in known}
        found |= new
        rest += new
    return found


def _iris(nodes: Iterable[object]) -> Iterator[str]:
    return (node.value for node in nodes if isinstance(node, ox.NamedNode))
