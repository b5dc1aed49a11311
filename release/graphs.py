"""The triples of all graphs of a dataset as one graph, or each graph by itself, in files beside the sorted quads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.ntriples import split
from release.nquads import sort, sort_by_key

if TYPE_CHECKING:
    from pathlib import Path

    from release.nquads import Content


def union(content: Content) -> Path:
    """The triples of all graphs, each once: a file of sorted N-Triples."""
    if content.counts.quads == content.counts.triples:
        return content.default_graph
    target = content.quads.with_name("union.nt")
    with content.quads.open("rb") as quads:
        sort((b"%b %b %b .\n" % split(line)[:3] for line in quads), target)
    return target


def by_graph(content: Content) -> Path:
    """A file of lines of the name of a graph, a tab and a triple, sorted by the names; the default graph's is empty."""
    target = content.quads.with_name("by-graph.tsv")
    with content.quads.open("rb") as quads:
        rows = (split(line) for line in quads)
        sort_by_key((b"%b\t%b %b %b .\n" % (graph or b"", *triple) for *triple, graph in rows), target)
    return target
