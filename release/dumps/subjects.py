"""The quads of a block by subject and graph, as most dumps need them."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.ntriples import Pairs
    from release.blocks import BlockLines


@lru_cache(maxsize=1)  # for the parts that are made of one block after each other
def by_graph(block: BlockLines) -> list[tuple[bytes, bytes | None, Pairs]]:
    """Each subject and graph with its pairs of predicate and object; of a subject, the default graph comes first."""
    found: list[tuple[bytes, bytes | None, Pairs]] = []
    for subject, group in groupby(block.rows, key=itemgetter(0)):
        graphs: dict[bytes, Pairs] = {}
        for _, predicate, value, graph in group:
            graphs.setdefault(graph or b"", []).append((predicate, value))
        found.extend((subject, name or None, graphs[name]) for name in sorted(graphs))
    return found


def of_default_graph(block: BlockLines) -> Iterator[tuple[bytes, Pairs]]:
    """Each subject of the default graph with its pairs of predicate and object."""
    return ((subject, pairs) for subject, graph, pairs in by_graph(block) if graph is None)
