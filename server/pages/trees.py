"""Hierarchies on pages: the way from the top to a resource, and what is below it as a tree of a few levels."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox
from pyroaring import BitMap

from server.http.context import current_release, links
from server.model.hierarchy import CONCEPT, IN_SCHEME, SCHEME
from server.model.lists import CLASS
from server.pages.page import presenter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.model.hierarchy import Breadcrumbs
    from server.pages.values import ShownValue

PAGE = 100  # branches at the top of a tree
_MOST = 200  # branches of a tree
_EACH = 50  # branches below one that are shown with it
_LEVELS = 3


@dataclass
class Branch:
    """A resource in a tree. count: how many are directly below it; branches: these, where the tree shows them."""

    number: int
    value: ShownValue
    count: int
    above: frozenset[int]
    branches: list[Branch] = field(default_factory=list)


@dataclass(frozen=True)
class Trail:
    """Paths of breadcrumbs; others: how many more there are; is_truncated: whether even more."""

    paths: list[list[ShownValue]]
    others: int
    is_truncated: bool


@dataclass(frozen=True)
class Below:
    """The beginning of the tree below a resource; total: how many are directly below it; href: the page of the tree."""

    branches: list[Branch]
    total: int
    href: str

    @property
    def is_whole(self) -> bool:
        """Whether everything directly below is there."""
        return self.total == len(self.branches)


def trail(iri: str) -> Trail | None:
    """The way to a resource from the top; None where nothing stands above it."""
    found = _breadcrumbs(iri)
    if found is None:
        return None
    names = _values({number for path in found.paths for number in path})
    return Trail([[names[number] for number in path] for path in found.paths], found.others, found.is_truncated)


def trail_of_list(class_: str) -> Trail | None:
    """The way to the list of a class by the lists of those above it; None where there are none."""
    found, index = _breadcrumbs(class_), current_release().index
    if found is None:
        return None
    lists = {term.iri: links().listing((CLASS, term.iri)) for term in index.main_classes}
    iris = {number: iri for iri, number in index.numbers(lists).items()}
    paths = dict.fromkeys(tuple(number for number in path if number in iris) for path in found.paths)
    shown = [[presenter().value(ox.NamedNode(iris[n]))._replace(href=lists[iris[n]]) for n in p] for p in paths if p]
    return Trail(shown, found.others, found.is_truncated) if shown else None


def _breadcrumbs(iri: str) -> Breadcrumbs | None:
    release = current_release()
    number = None if release.hierarchies.is_empty else release.index.number(iri)
    found = None if number is None else release.hierarchies.breadcrumbs(number)
    return found if found and found.paths else None


def below(iri: str) -> BitMap | None:
    """The resources directly below another; None where there are none."""
    release = current_release()
    number = None if release.hierarchies.is_empty else release.index.number(iri)
    return None if number is None else release.hierarchies.below(number) or None


def tree_below(iri: str, told: Iterable[str]) -> Below | None:
    """What a page about a resource shows of what is below it: of a scheme a tree, else one level.

    told: the properties by which others refer to it that the page has names for; None if what is below is among them.
    """
    hierarchies = current_release().hierarchies
    numbers = None if hierarchies.lead_up(told) else below(iri)
    if numbers is None:
        return None
    top, _ = part(numbers, None)
    levels = _LEVELS if hierarchies.is_scheme(iri) else 1
    return Below(tree(top, levels), len(numbers), links().tree(("of", iri)))


def tree(numbers: Iterable[int], levels: int = _LEVELS) -> list[Branch]:
    """Resources with what is below them, as many levels as are asked for and as fit; no path goes in a circle."""
    top = level = _branches(numbers, frozenset())
    rest = _MOST - len(top)
    for _ in range(levels - 1):
        deeper = []
        for branch in level:
            if 0 < branch.count <= min(rest, _EACH):
                under = current_release().hierarchies.below(branch.number) - BitMap(branch.above)
                branch.branches = _branches(under, branch.above)
                deeper += branch.branches
                rest -= len(branch.branches)
        level = deeper
    return top


def _branches(numbers: Iterable[int], above: frozenset[int]) -> list[Branch]:
    hierarchies, values = current_release().hierarchies, _values(numbers)
    return [Branch(number, value, len(hierarchies.below(number)), above | {number}) for number, value in values.items()]


def _values(numbers: Iterable[int]) -> dict[int, ShownValue]:
    """Resources as the reader is shown them, in the order of their names."""
    show = presenter()
    return {one.id: show.value(ox.NamedNode(one.iri)) for one in current_release().index.resources(numbers)}


def list_beside(iri: str) -> str | None:
    """The address of the list of what a scheme has, by name: of all concepts, where it is the only scheme."""
    index = current_release().index
    if not current_release().hierarchies.is_scheme(iri) or not index.uses("class", CONCEPT):
        return None
    concepts = (CLASS, CONCEPT)
    if index.uses("class", SCHEME) == 1:
        return links().listing(concepts)
    facet = next((facet for facet in index.facets(CONCEPT) if facet.iri == IN_SCHEME), None)
    return links().listing(concepts, (facet.name, iri)) if facet else None


def part(numbers: BitMap, after: int | None) -> tuple[list[int], int | None]:
    """A page of the top of a tree: the resources behind `after`, and the last of them if others follow."""
    start = 0 if after is None else numbers.rank(after)
    found = list(islice(numbers[start : start + PAGE + 1], PAGE + 1))
    return (found[:PAGE], found[PAGE - 1]) if len(found) > PAGE else (found, None)
