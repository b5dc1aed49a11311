"""Writes the query store of a release: by loading all lines, or from the store of another release by their difference.

The engine keeps literals by value (docs/conformance.md), so a quad of the store may stand for several lines.
"""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from core import memory
from core.ntriples import is_literal, split
from release.lines import follow
from release.sorted_lines import SortedLines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_BLANK_NODE = b"_:"  # what the label of one begins with; in a text it may mean nothing


def load(lines: Path, store: Path) -> None:
    """Write a store of canonical N-Quads, in bounded memory, also while these are written.

    Blank nodes keep their labels, so that those of query results are those of documents and downloads. Where the engine
    reads a file itself it gives them others.
    """
    database = ox.Store(str(store))
    for piece in follow(lines, memory.current().piece):
        if _BLANK_NODE in piece:
            database.bulk_extend(_quads(piece))
        else:
            database.bulk_load(piece, ox.RdfFormat.N_QUADS)
    database.flush()


def update(before: Path, removed: Iterable[bytes], added: Iterable[bytes], lines: Path, store: Path) -> None:
    """Write a store from the store `before`, which stays as it is and shares its files.

    removed, added: canonical N-Quads. lines: the file of all lines there are then. Memory does not grow with `removed`
    and `added`, but for the names of graphs.
    """
    ox.Store.read_only(str(before)).backup(str(store))
    database = ox.Store(str(store))
    graphs: set[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] = set()
    with closing(SortedLines(lines)) as content:
        rows = iter(removed)
        while piece := list(islice(rows, 1000)):
            quads = list(_quads(b"".join(piece)))
            for quad in quads:
                database.remove(quad)
            graphs.update(quad.graph_name for quad in quads)
            # what is left of equal value, in the same graph
            alike = {b"%b %b " % row[:2] for line in piece if is_literal((row := split(line))[2])}
            for prefix in sorted(alike):
                for block in content.blocks(prefix):
                    database.extend(_quads(b"\n".join([*block, b""])))
    rows = iter(added)
    while piece := list(islice(rows, 1000)):
        database.extend(_quads(b"".join(piece)))
    for graph in graphs:
        if not isinstance(graph, ox.DefaultGraph) and not any(database.quads_for_pattern(None, None, None, graph)):
            database.remove_graph(graph)  # the engine would go on to list it
    database.flush()


def copy_with(store: ox.Store, graphs: Mapping[str, Iterable[ox.Triple]], target: Path) -> None:
    """Write a copy of a store that has more named graphs; its files are hard links where the file system has them.

    graphs: IRI → triples.
    """
    store.backup(str(target))
    database = ox.Store(str(target))
    for iri, triples in graphs.items():
        name = ox.NamedNode(iri)
        database.bulk_extend(ox.Quad(t.subject, t.predicate, t.object, name) for t in triples)
    database.flush()


def _quads(lines: bytes) -> Iterable[ox.Quad]:
    return cast("Iterable[ox.Quad]", ox.parse(lines, ox.RdfFormat.N_QUADS))
