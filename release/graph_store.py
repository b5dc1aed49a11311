"""Uploads a release to another store, graph by graph, by the SPARQL 1.1 Graph Store HTTP Protocol.

https://www.w3.org/TR/sparql11-http-rdf-update/#http-put
"""

from __future__ import annotations

import html
import re
import tempfile
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote, urlencode

import urllib3

from core import __version__
from core.errors import InputError
from core.formats import N_TRIPLES
from core.ntriples import decode_iri, split
from release import nquads
from release.other_store import check, listing
from release.store_account import Account, SignIn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from core.named_default_graph import NamedDefaultGraph
    from release.reader import Release

_SECONDS = urllib3.Timeout(connect=10, read=600)  # large graphs take a while to be stored
_MESSAGE_LENGTH = 300  # characters of the store's error message that are shown
_TAG = re.compile(r"<title>[^<]*</title>|<[^<>]*>")
_UNAUTHORIZED = 401
_HEADERS = {"Content-Type": N_TRIPLES.media_type, "User-Agent": f"ParkGraph/{__version__}"}


def load(
    release: Release,
    url: str,
    progress: Callable[[str], None],
    *,
    default_graph: NamedDefaultGraph | None = None,
    account: Account | None = None,
) -> int:
    """Replace each graph of the store at `url` with the release's, including the default graph; the triples sent.

    default_graph: where the triples of the default graph go, instead of the store's own; what lists the other graphs
    goes beside it. account: who the store takes them from; else that is part of the URL, if it wants one.
    Terms are sent as they were published. Other graphs of the store are left unchanged. Graphs that a blank node names
    have no address in the protocol: they are named to `progress` and not sent. InputError if the store cannot be
    reached or refuses a graph. ReleaseError if the release is damaged; nothing is sent then.
    """
    check(release, default_graph)
    address = urllib3.util.parse_url(url)
    if account is None and address.auth:
        user, _, password = unquote(address.auth).partition(":")
        account = Account(user, password)
    target = address._replace(auth=None).url
    total, sent = 1 + len(release.manifest.counts.graphs) + (default_graph is not None), 0
    with (
        urllib3.PoolManager(headers=_HEADERS, timeout=_SECONDS, retries=False) as manager,
        tempfile.TemporaryDirectory() as folder,
    ):
        store = _Store(manager, target, account)
        number = 0
        for name, triples in _graphs(release, Path(folder) / "graphs", default_graph):
            if name is not None and name.startswith("_:"):
                progress(f"left out, because a blank node names it: graph {name}")
                continue
            number += 1
            progress(f"{number} of {total}: {name or 'default graph'}")
            sent += store.put(name, triples)
    return sent


def _graphs(
    release: Release, work: Path, default_graph: NamedDefaultGraph | None
) -> Iterator[tuple[str | None, Iterable[bytes]]]:
    """The name of each graph, None for the store's default graph, and its triples as N-Triples.

    The release's default graph comes first. work: a file that is written. The triples are to be read before the next
    graph.
    """
    nquads.sort_by_graph(release.lines(), work)
    default = default_graph.iri if default_graph else None
    if not release.manifest.counts.triples:
        yield default, ()
    with work.open("rb") as rows:
        for name, graph in groupby(rows, key=lambda row: row.partition(b"\t")[0]):
            yield decode_iri(name) if name else default, _triples(graph)
    if default_graph:
        yield default_graph.listing, listing(release, default_graph)


def _triples(rows: Iterable[bytes]) -> Iterator[bytes]:
    for row in rows:
        subject, predicate, value, _ = split(row.partition(b"\t")[2])
        yield b"%s %s %s .\n" % (subject, predicate, value)


class _Store:
    """A store that takes graphs."""

    def __init__(self, manager: urllib3.PoolManager, url: str, account: Account | None) -> None:
        self._manager, self._url = manager, url
        with _reaching(url):
            self._sign_in = SignIn(manager, self._address(None), account)

    def put(self, name: str | None, triples: Iterable[bytes]) -> int:
        """Replace a graph, None for the default graph; the number of its triples."""
        url, number = self._address(name), 0
        with tempfile.TemporaryFile() as file:
            for triple in triples:
                file.write(triple)
                number += 1
            response = self._send(url, file)
            if response.status == _UNAUTHORIZED and self._sign_in.read(response.headers):
                response = self._send(url, file)  # what the store asked for before is used up
        if response.status not in {200, 201, 204}:
            raise InputError(f"{url} does not take the graph: status {response.status} {_message(response)}".rstrip())
        return number

    def _send(self, url: str, file: IO[bytes]) -> urllib3.BaseHTTPResponse:
        headers = {**self._manager.headers, "Content-Length": str(file.tell()), **self._sign_in.headers("PUT", url)}
        file.seek(0)
        with _reaching(url):
            return self._manager.request("PUT", url, body=file, headers=headers)

    def _address(self, name: str | None) -> str:
        return f"{self._url}?{urlencode({'graph': name}) if name else 'default'}"


@contextmanager
def _reaching(url: str) -> Iterator[None]:
    try:
        yield
    except urllib3.exceptions.HTTPError as error:
        raise InputError(f"{url} cannot be reached, or broke off: {type(error).__name__}") from error


def _message(response: urllib3.BaseHTTPResponse) -> str:
    """What the store says of an error, without the tags of a page."""
    text = response.data.decode("utf-8", "replace")
    if "html" in response.headers.get("Content-Type", ""):
        text = html.unescape(_TAG.sub(" ", text))
    return " ".join(text.split())[:_MESSAGE_LENGTH]
