"""Resources that moved or were withdrawn, read from the data.

A resource with exactly one `dcterms:isReplacedBy` has moved there. One that is `owl:deprecated` and has no successor
is withdrawn, and a note says why. This holds only for resources under the base IRI of the release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.labels import Name, choose
from core.namespaces import DCTERMS, OWL, RDFS, SKOS
from release.links import Link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from release.links import LinkIndex

_SUCCESSOR, _DEPRECATED = DCTERMS + "isReplacedBy", OWL + "deprecated"
_CONCERNED = frozenset({_SUCCESSOR, _DEPRECATED})
_TRUE = frozenset({"true", "1"})
# What may hold the reason, the most particular first.
_NOTES = (SKOS + "changeNote", SKOS + "historyNote", SKOS + "editorialNote", RDFS + "comment", DCTERMS + "description")


def successor(facts: Iterable[ox.Triple], look_up: Callable[[ox.NamedNode], list[ox.Triple]]) -> str | None:
    """The IRI that the resource with these facts has moved to, over any number of moves; None if it has not moved.

    look_up: the facts of another resource. A circle of moves counts as none.
    """
    seen: list[ox.NamedNode] = []
    found = _next(facts)
    while found is not None:
        if found in seen:
            return None
        seen.append(found)
        found = _next(look_up(found))
    return seen[-1].value if seen else None


def _next(facts: Iterable[ox.Triple]) -> ox.NamedNode | None:
    named = [t.object for t in facts if t.predicate.value == _SUCCESSOR and isinstance(t.object, ox.NamedNode)]
    return named[0] if len(named) == 1 else None


def predecessors(iri: str, links: LinkIndex, most: int) -> list[str]:
    """The IRIs of what has moved to this resource, at most so many, in order."""
    found = links.after(iri, Link(_SUCCESSOR, ""), most)
    return [link.source for link in found if link.property == _SUCCESSOR and not link.source.startswith("_:")]


def is_withdrawn(facts: Iterable[ox.Triple]) -> bool:
    return any(
        t.predicate.value == _DEPRECATED and isinstance(t.object, ox.Literal) and t.object.value in _TRUE for t in facts
    )


def may_be_elsewhere(facts: Iterable[ox.Triple]) -> bool:
    """Whether the facts say anything of a move or a withdrawal."""
    return not _CONCERNED.isdisjoint([triple.predicate.value for triple in facts])


def reason(facts: Iterable[ox.Triple], languages: Sequence[str]) -> Name | None:
    """The reason for a withdrawal in the best of these languages; None if the data give none."""
    texts: dict[str, list[ox.Literal]] = {}
    for triple in facts:
        if isinstance(triple.object, ox.Literal):
            texts.setdefault(triple.predicate.value, []).append(triple.object)
    return next((choose(texts[note], languages) for note in _NOTES if note in texts), None)
