"""Uploads a release to another store, graph by graph, by the SPARQL 1.1 Graph Store HTTP Protocol.

https://www.w3.org/TR/sparql11-http-rdf-update/#http-put
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pyoxigraph as ox
import urllib3

from core import __version__
from core.errors import InputError, ReleaseError
from core.formats import N_TRIPLES
from release.verify import is_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from release.reader import Release

_SECONDS = urllib3.Timeout(connect=10, read=600)  # large graphs take a while to be stored
_MESSAGE_LENGTH = 300  # characters of the store's error message that are shown


def load(release: Release, url: str, progress: Callable[[str], None]) -> int:
    """Replace each graph of the store at `url` with the release's, including the default graph; the triples sent.

    Other graphs of the store are left unchanged. InputError if the store cannot be reached or refuses a graph.
    ReleaseError if the release is damaged; nothing is sent then.
    """
    if not is_whole(release.path, release.id):
        raise ReleaseError(f"release {release.id} is damaged and nothing of it was sent; parkgraph verify names what")
    store = release.open_store()
    address = urllib3.util.parse_url(url)
    headers = {"Content-Type": N_TRIPLES.media_type, "User-Agent": f"ParkGraph/{__version__}"}
    if address.auth:
        headers |= urllib3.util.make_headers(basic_auth=address.auth)
    target = address._replace(auth=None).url
    sent = 0
    with urllib3.PoolManager(headers=headers, timeout=_SECONDS, retries=False) as manager:
        graphs = [(None, release.manifest.counts.triples), *release.manifest.graphs.items()]
        for number, (name, triples) in enumerate(graphs, 1):
            progress(f"{number} of {len(graphs)}: {name or 'default graph'}, {triples} triples")
            _put(manager, f"{target}?{urlencode({'graph': name}) if name else 'default'}", store, name)
            sent += triples
    return sent


def _put(manager: urllib3.PoolManager, url: str, store: ox.Store, name: str | None) -> None:
    graph = ox.DefaultGraph() if name is None else ox.NamedNode(name)
    with tempfile.TemporaryFile() as file:
        store.dump(file, format=N_TRIPLES.rdf, from_graph=graph)
        size = file.tell()
        file.seek(0)
        try:
            response = manager.request("PUT", url, body=file, headers={**manager.headers, "Content-Length": str(size)})
        except urllib3.exceptions.HTTPError as error:
            raise InputError(f"{url} cannot be reached, or broke off: {type(error).__name__}") from error
    if response.status not in {200, 201, 204}:
        message = response.data.decode("utf-8", "replace").strip()[:_MESSAGE_LENGTH]
        raise InputError(f"{url} does not take the graph: status {response.status} {message}".rstrip())
