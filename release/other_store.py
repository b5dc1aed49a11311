"""What another store is given of a release, whichever way it goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import InputError, ReleaseError
from core.ntriples import encode_iri
from release.verify import is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.named_default_graph import NamedDefaultGraph
    from release.reader import Release


def check(release: Release, default_graph: NamedDefaultGraph | None) -> None:
    """ReleaseError if the release is damaged; InputError if it has a graph with the name of one that is added."""
    if not is_whole(release.path, release.id):
        raise ReleaseError(f"release {release.id} is damaged and nothing of it was sent; parkgraph verify names what")
    if default_graph:
        for name in (default_graph.iri, default_graph.listing):
            if name in release.manifest.counts.graphs:
                raise InputError(f"the release has a graph {name} of its own: name another one for the default graph")


def listing(release: Release, default_graph: NamedDefaultGraph) -> Iterator[bytes]:
    """The triples that list the named graphs, in N-Triples; none for a graph that a blank node names."""
    for name in sorted(release.manifest.counts.graphs):
        if not name.startswith("_:"):
            yield f"{default_graph.listed(encode_iri(name).decode())}\n".encode()
