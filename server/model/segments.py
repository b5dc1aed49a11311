"""The segments of a text in their order, as the shapes give it (docs/pages.md)."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.rdf import Node

MOST = 10_000  # segments of a text that are put in order; the others are left out

_DEFAULT = ox.DefaultGraph()


def segments_of(store: ox.Store, text: Node, predicate: ox.NamedNode, positions: Sequence[str]) -> list[Node]:
    """What leads to a text by the property, by the numbers that the properties in `positions` have as values."""
    properties = [ox.NamedNode(iri) for iri in positions]
    found = islice(store.quads_for_pattern(None, predicate, text, _DEFAULT), MOST)
    segments = [quad.subject for quad in found if isinstance(quad.subject, ox.NamedNode | ox.BlankNode)]

    def place(segment: Node) -> tuple[list[float], str]:
        return [_least(store, segment, property_) for property_ in properties], str(segment)

    return sorted(segments, key=place)


def _least(store: ox.Store, segment: Node, property_: ox.NamedNode) -> float:
    """The least number among the values; infinite where there is none."""
    quads = store.quads_for_pattern(segment, property_, None, _DEFAULT)
    return min((_number(quad.object.value) for quad in quads if isinstance(quad.object, ox.Literal)), default=math.inf)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return math.inf
    return math.inf if math.isnan(number) else number
