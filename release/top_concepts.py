"""Finds what is below each top of a hierarchy of concepts, as a facet by which lists of them are divided by subject.

A top is a concept with others below it and none above, by `skos:broader` or `skos:narrower`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.namespaces import SKOS
from core.shapes import PropertyPath
from release.sorted_rows import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from release.paths import Edges

    Nodes = NDArray[np.uint32]

_BROADER, _NARROWER = (PropertyPath.of(SKOS + name) for name in ("broader", "narrower"))
_UPWARDS = PropertyPath("", operator="^", parts=(_BROADER,))
DOWNWARDS = PropertyPath("", operator="|", parts=(_NARROWER, _UPWARDS))


def below_tops(edges: Edges, concepts: Nodes, most: int) -> dict[int, Nodes]:
    """Top → the concepts that are below it over any number of steps, and itself; empty for one top, or more than most.

    concepts: their different numbers, sorted.
    """
    tops = _linked(edges, concepts, inverse=False)
    tops = tops[~np.isin(tops, _linked(edges, concepts, inverse=True))]
    if not 2 <= len(tops) <= most:  # noqa: PLR2004 - to choose from
        return {}
    return {int(top): _reached(edges, concepts, top) for top in tops}


def _linked(edges: Edges, concepts: Nodes, *, inverse: bool) -> Nodes:
    """Those that have other concepts below them; inverse: above."""
    places, ends = edges.follow(DOWNWARDS, concepts, inverse=inverse)
    starts = concepts[places]
    return distinct(starts[(starts != ends) & np.isin(ends, concepts)])


def _reached(edges: Edges, concepts: Nodes, top: np.uint32) -> Nodes:
    reached = frontier = np.array([top], np.uint32)
    while len(frontier):
        _, ends = edges.follow(DOWNWARDS, frontier)
        frontier = np.setdiff1d(np.intersect1d(ends, concepts), reached).astype(np.uint32)
        reached = np.union1d(reached, frontier).astype(np.uint32)
    return reached
