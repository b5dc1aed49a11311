"""Uploads a release to another store, graph by graph, by the SPARQL 1.1 Graph Store HTTP Protocol.

https://www.w3.org/TR/sparql11-http-rdf-update/#http-put
"""

from __future__ import annotations

import tempfile
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import urllib3

from core import __version__
from core.errors import InputError, ReleaseError
from core.formats import N_TRIPLES
from core.ntriples import decode_iri, split
from release import nquads
from release.verify import is_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from release.reader import Release

_SECONDS = urllib3.Timeout(connect=10, read=600)  # large graphs take a while to be stored
_MESSAGE_LENGTH = 300  # characters of the store's error message that are shown


def load(release: Release, url: str, progress: Callable[[str], None]) -> int:
    """Replace each graph of the store at `url` with the release's, including the default graph; the triples sent.

    Terms are sent as they were published. Other graphs of the store are left unchanged. Graphs that a blank node names
    have no address in the protocol: they are named to `progress` and not sent. InputError if the store cannot be
    reached or refuses a graph. ReleaseError if the release is damaged; nothing is sent then.
    """
    if not is_whole(release.path, release.id):
        raise ReleaseError(f"release {release.id} is damaged and nothing of it was sent; parkgraph verify names what")
    address = urllib3.util.parse_url(url)
    headers = {"Content-Type": N_TRIPLES.media_type, "User-Agent": f"ParkGraph/{__version__}"}
    if address.auth:
        headers |= urllib3.util.make_headers(basic_auth=address.auth)
    target = address._replace(auth=None).url
    total, sent = 1 + len(release.manifest.counts.graphs), 0
    with (
        urllib3.PoolManager(headers=headers, timeout=_SECONDS, retries=False) as manager,
        tempfile.TemporaryDirectory() as folder,
    ):
        number = 0
        for name, triples in _graphs(release, Path(folder) / "graphs"):
            if name is not None and name.startswith("_:"):
                progress(f"left out, because a blank node names it: graph {name}")
                continue
            number += 1
            progress(f"{number} of {total}: {name or 'default graph'}")
            sent += _put(manager, f"{target}?{urlencode({'graph': name}) if name else 'default'}", triples)
    return sent


def _graphs(release: Release, work: Path) -> Iterator[tuple[str | None, Iterator[bytes]]]:
    """The name of each graph, None for the default graph, which comes first, and its triples as N-Triples.

    work: a file that is written. The triples are to be read before the next graph.
    """
    nquads.sort_by_graph(release.lines(), work)
    if not release.manifest.counts.triples:
        yield None, iter(())
    with work.open("rb") as rows:
        for name, graph in groupby(rows, key=lambda row: row.partition(b"\t")[0]):
            yield decode_iri(name) if name else None, _triples(graph)


def _triples(rows: Iterable[bytes]) -> Iterator[bytes]:
    for row in rows:
        subject, predicate, value, _ = split(row.partition(b"\t")[2])
        yield b"%s %s %s .\n" % (subject, predicate, value)


def _put(manager: urllib3.PoolManager, url: str, triples: Iterable[bytes]) -> int:
    """Replace the graph at the URL; the number of its triples."""
    with tempfile.TemporaryFile() as file:
        number = 0
        for triple in triples:
            file.write(triple)
            number += 1
        headers = {**manager.headers, "Content-Length": str(file.tell())}
        file.seek(0)
        try:
            response = manager.request("PUT", url, body=file, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise InputError(f"{url} cannot be reached, or broke off: {type(error).__name__}") from error
    if response.status not in {200, 201, 204}:
        message = response.data.decode("utf-8", "replace").strip()[:_MESSAGE_LENGTH]
        raise InputError(f"{url} does not take the graph: status {response.status} {message}".rstrip())
    return number
