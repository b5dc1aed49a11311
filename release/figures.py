"""What queries count in the store, as far as it follows from what was counted in the lines of a release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from core.ntriples import decode_iri, is_iri

if TYPE_CHECKING:
    from collections.abc import Mapping

    from release.counts import Tally
    from release.manifest import StoredContent

MOST_PAIRS = 200_000  # of a class and a property: more rows than anybody reads in one answer


@final
@dataclass(frozen=True)
class Figures:
    """Numbers of triples, subjects and objects of the default graph; instances: subjects with a class.

    classes: class → its instances. properties, subjects_of: property → its triples, and their subjects. properties_of:
    class and property → triples of its instances, None where there are more than MOST_PAIRS. graphs: named graph → its
    triples.
    """

    triples: int
    subjects: int
    objects: int
    instances: int
    classes: Mapping[str, int]
    properties: Mapping[str, int]
    subjects_of: Mapping[str, int]
    properties_of: Mapping[tuple[str, str], int] | None
    graphs: Mapping[str, int]

    @classmethod
    def of(cls, tally: Tally, stored: StoredContent, objects: int) -> Figures | None:
        """None where queries do not count what was counted: where the store makes one of several quads, which differ in
        the form of a literal alone, or a class or graph is no IRI.

        objects: different ones in the store.
        """
        counts = tally.counts
        named = [graph for graph in tally.graphs if graph is not None]
        if stored.quads < counts.quads or not all(map(is_iri, [*tally.classes, *named])):
            return None
        are_few = sum(map(len, tally.properties_of.values())) <= MOST_PAIRS
        return cls(
            triples=counts.triples,
            subjects=tally.subjects.total(),
            objects=objects,
            instances=sum(count for classes, count in tally.subjects.items() if classes),
            classes=counts.classes,
            properties=counts.properties,
            subjects_of={decode_iri(property_): count for property_, count in tally.subjects_of.items()},
            properties_of=_pairs(tally) if are_few else None,
            graphs=counts.graphs,
        )


def _pairs(tally: Tally) -> dict[tuple[str, str], int]:
    return {
        (decode_iri(class_), decode_iri(property_)): count
        for class_, uses in tally.properties_of.items()
        for property_, count in uses.items()
    }
