"""Evaluates the facets of classes for the index, and writes them with the members of each value."""

from __future__ import annotations

import marshal
from array import array
from collections import defaultdict
from itertools import groupby, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from pyroaring import BitMap

from core.namespaces import SKOS
from core.ntriples import decode_iri, encode_iri
from release import facet_candidates
from release.index_names import NUMBER
from release.index_tables import CONCEPT, NO_NUMBER, bitmap_of, to_blob
from release.paths import Edges
from release.sorted_rows import HASH
from release.top_concepts import below_tops

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from release import facets
    from release.index_blocks import Array, BlockResult
    from release.index_tables import IndexTables

_FACET_VALUE = """
INSERT INTO facet_value (facet, value, is_resource, size, members)
VALUES (?1, iif(typeof(?2) = 'integer', (SELECT iri FROM resource WHERE id = ?2), ?2), ?3, ?4, ?5)
"""  # a number is that of a resource
_Row: TypeAlias = "tuple[str | int, bool, int, bytes]"


class FacetMembers:
    """Evaluates facets over all members of their classes, and writes the members of each value.

    The nodes of paths are numbers: of a subject its ordinal; others follow. All edges that the paths of the facets need
    are held, 8 bytes for each, and the text of each different value that is no subject.
    """

    def __init__(self, writer: IndexTables) -> None:
        self._writer = writer
        self._columns: defaultdict[str, list[tuple[Array, Array]]] = defaultdict(list)
        self._others: list[Array] = []  # hashes of the objects of edges that are no subjects
        self._count = len(writer.hashes)  # of subjects and these
        self._places: dict[int, int] = {}  # of the texts of values, by hash
        self._is_resource, self._texts, self._ends = bytearray(), bytearray(), array("Q", [0])

    def add(self, result: BlockResult, start: int) -> None:
        """Take the edges and objects of a block. start: the ordinal of its first subject."""
        for property_, (subjects, objects) in result.edges.items():
            hashes = np.frombuffer(objects, HASH)
            nodes = np.empty(len(hashes), NUMBER)
            ordinals, found = self._writer.ordinals(hashes)
            nodes[found] = ordinals
            others = np.delete(np.arange(len(hashes)), found)
            nodes[others] = np.arange(self._count, self._count + len(others))
            self._count += len(others)
            self._others.append(hashes[others])
            self._columns[decode_iri(property_)].append((np.frombuffer(subjects, NUMBER) + NUMBER.type(start), nodes))
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
            ordinals = self._writer.members(encode_iri(class_)).astype(NUMBER)
            yield from (marshal.dumps(self._members(facet, edges, ordinals)) for facet in of_class)

    def top_concepts(self) -> Iterator[facet_candidates.Facet]:
        """A facet of concepts by the tops of their hierarchy; the database is not asked, and `found` is read before."""
        concepts = self._writer.members(CONCEPT).astype(NUMBER)
        tops = below_tops(self._followed, concepts, facet_candidates.MOST_VALUES)
        ids = self._writer.ids
        values = [(True, int(ids[top]), bitmap_of(np.sort(ids[members]))) for top, members in tops.items()]
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

    def _members(self, facet: facets.FacetShape, edges: Edges, ordinals: Array) -> list[_Row]:
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
        return [(*value, len(members), to_blob(members)) for value, members in found.items()]

    def _of_nodes(self, facet: facets.FacetShape, nodes: Array) -> Iterator[tuple[str | int, bool] | None]:
        """What `_members` says first of each node; None if it is no value of the facet."""
        count = len(self._writer.hashes)
        own = nodes[: np.searchsorted(nodes, count)]
        for id_ in self._writer.ids[own].tolist():
            yield None if id_ == NO_NUMBER or facet.years else (id_, True)
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
                database.execute(_FACET_VALUE, (number, value, is_resource, len(members), to_blob(members)))
            described = (number, facet.class_, facet.name, facet.property, facet.property, len(facet.values))
            database.execute("INSERT INTO facet VALUES (?, ?, ?, ?, ?, ?)", described)
            number += 1
