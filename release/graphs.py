"""The triples of the default graph, or of all graphs as one, or each graph by itself, in files."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

from core.ntriples import split
from release.nquads import sort, sort_by_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


Row: TypeAlias = tuple[bytes, bytes, bytes, bytes | None]


def default(lines: Path, target: Path) -> Path:
    """Write the triples of the default graph of sorted N-Quads to target, as N-Triples; target."""
    with lines.open("rb") as quads, target.open("wb") as triples:
        triples.writelines(line for line in quads if split(line)[3] is None)
    return target


def union(lines: Path, target: Path) -> Path:
    """Write the triples of all graphs of sorted N-Quads to target, as sorted N-Triples, each once; target."""
    with lines.open("rb") as quads:
        sort((b"%b %b %b .\n" % split(line)[:3] for line in quads), target)
    return target


def by_graph(lines: Path, target: Path, *, union: bool) -> Path:
    """Write lines of the name of a graph, a tab and a triple to target, sorted by the names; target.

    lines: sorted N-Quads. The default graph's name is empty. union: whether the default graph has the triples of the
    others too; then it is what none of them has.
    """
    with lines.open("rb") as quads:
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
