"""The triples of all graphs of a dataset as one graph, or each graph by itself, in files beside the sorted quads."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

from core.ntriples import split
from release.nquads import sort, sort_by_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from release.nquads import Content

Row: TypeAlias = tuple[bytes, bytes, bytes, bytes | None]


def union(content: Content) -> Path:
    """The triples of all graphs, each once: a file of sorted N-Triples."""
    target = content.quads.with_name("union.nt")
    with content.quads.open("rb") as quads:
        sort((b"%b %b %b .\n" % split(line)[:3] for line in quads), target)
    return target


def by_graph(content: Content, *, union: bool) -> Path:
    """A file of lines of the name of a graph, a tab and a triple, sorted by the names; the default graph's is empty.

    union: whether the default graph has the triples of the others too; then it is what none of them has.
    """
    target = content.quads.with_name("by-graph.tsv")
    with content.quads.open("rb") as quads:
        rows = (split(line) for line in quads)
        sort_by_key(
            (b"%b\t%b %b %b .\n" % (graph or b"", *triple) for *triple, graph in _own(rows, union=union)), target
        )
    return target


def _own(rows: Iterable[Row], *, union: bool) -> Iterator[Row]:
    """The rows without those of the default graph that another graph has too, where it is the union."""
    for _, group in groupby(rows, key=itemgetter(0, 1, 2)):
        same = list(group)
        yield from same[1:] if union and len(same) > 1 else same
