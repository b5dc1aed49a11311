"""The description of a release: DCAT 3 after DCAT-AP 3, VoID and PROV-O, generated from the release alone.

It names the release and the digests of its files, so it belongs neither to the content nor to the dumps: it is a file
of the release and a graph of its own in the query store, `<base>catalog`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from release.catalog import dataset, distributions, licences, provenance, statistics, void
from release.catalog.checking import check
from release.catalog.dataset import SERIES
from release.catalog.facts import Facts, namespace, read_labels
from release.catalog.graph import Graph
from release.reader import CATALOG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from release.dumps.index import Dump
    from release.manifest import Manifest

__all__ = ["SERIES", "describe", "gather", "write"]
_NAMED = 1000  # graphs whose names are looked up


def gather(
    manifest: Manifest,
    dumps: Sequence[Dump],
    triples: Path,
    store: ox.Store,
    collections: Mapping[str, tuple[str, ...]],
) -> Facts:
    """What the catalogue is made from; triples: the default graph as sorted N-Triples."""
    counts = manifest.counts
    vocabularies = sorted({namespace(iri) for iri in (*counts.classes, *counts.properties)})
    found = statistics.collect(triples, manifest.base, vocabularies)
    own = manifest.dataset.license
    names = [*counts.classes, *sorted(counts.graphs)[:_NAMED]]
    return Facts(
        manifest,
        dumps,
        found,
        licences.read(store, counts.graphs, own),
        collections,
        read_labels(store, names),
    )


def describe(facts: Facts) -> Graph:
    graph = Graph()
    for part in (dataset, distributions, void, provenance):
        part.describe(graph, facts)
    return graph


def write(facts: Facts, store: ox.Store, folder: Path) -> int:
    """Write the catalogue into the folder and into its graph of the store; the number of its triples.

    Raises InputError where it is not as DCAT-AP wants it.
    """
    graph = describe(facts)
    check(graph.triples)
    (folder / CATALOG).write_bytes(graph.turtle())
    name = ox.NamedNode(facts.catalog)
    store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object, name) for t in graph.triples)
    store.flush()
    return len(graph.triples)
