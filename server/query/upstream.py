"""Another SPARQL endpoint over HTTP: one query, within its time, and what came back whole or not at all."""

from __future__ import annotations

import tempfile
import time
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, NamedTuple, TypeAlias, cast
from urllib.parse import urlencode

import pyoxigraph as ox
import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    IncompleteRead,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)

from core import __version__
from core.formats import N_TRIPLES, RDF_XML, RESULTS_JSON, RESULTS_XML, TURTLE
from server.query.deadlines import PlainPool, SecurePool, ending
from server.query.errors import BusyFault, GatewayFault, QueryError, SizeFault, SyntaxFault, TimeFault
from server.query.upstream_errors import complaint
from server.query.writing import INLINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from urllib3.response import BaseHTTPResponse

    from core.formats import Format

_PIECE = 1 << 16  # bytes
_COMPLAINT = 1 << 14  # bytes of an error's text that are read
_CONNECT_SECONDS = 5.0
_BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_LATE = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT})
_LARGE = frozenset({HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_URI_TOO_LONG})


Graphs: TypeAlias = "tuple[Sequence[str], Sequence[str]]"
NO_GRAPHS: Graphs = ((), ())
_RESULTS = (RESULTS_JSON, RESULTS_XML)
_GRAPHS = (N_TRIPLES, TURTLE, RDF_XML)


class LateError(Exception):
    """The deadline is over."""


class Reply(NamedTuple):
    """A whole answer: its media type without parameters, and its bytes from the beginning, for its taker to close."""

    media_type: str
    file: IO[bytes]


class Upstream:
    """A SPARQL 1.1 endpoint; any thread may call it.

    url: its address, with `user:password@` where it wants that; connections: how many are kept open.
    """

    def __init__(self, url: str, connections: int) -> None:
        parsed = urllib3.util.parse_url(url)
        pool = SecurePool if parsed.scheme == "https" else PlainPool
        self._pool = pool(str(parsed.host), parsed.port, maxsize=connections, retries=False)
        self._target = parsed.request_uri
        self._headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept-Encoding": "identity",
            "User-Agent": f"ParkGraph/{__version__}",
        }
        if parsed.auth:
            self._headers |= urllib3.util.make_headers(basic_auth=parsed.auth)

    @contextmanager
    def results(
        self, query: str, graphs: Graphs, deadline: float, limit: int
    ) -> Iterator[ox.QuerySolutions | ox.QueryBoolean]:
        """The rows or the boolean of a SELECT or ASK query, for as long as the context lasts; raises what `ask` does.

        GatewayFault where the answer turns out to be broken while it is read.
        """
        reply = self.ask(query, _accept(_RESULTS), graphs, deadline, limit)
        with reply.file, _reading():
            yield ox.parse_query_results(reply.file, format=_sent(reply, _RESULTS).results)

    @contextmanager
    def triples(self, query: str, graphs: Graphs, deadline: float, limit: int) -> Iterator[Iterator[ox.Triple]]:
        """The same for the graph of a CONSTRUCT or DESCRIBE query."""
        reply = self.ask(query, _accept(_GRAPHS), graphs, deadline, limit)
        with reply.file, _reading():
            quads = ox.parse(reply.file, format=_sent(reply, _GRAPHS).rdf)
            yield (cast("ox.Quad", quad).triple for quad in quads)

    def ask(self, query: str, accept: str, graphs: Graphs, deadline: float, limit: int) -> Reply:
        """Send the query; raises LateError, and GatewayFault, TimeFault, BusyFault, SizeFault, SyntaxFault.

        graphs: those of the default graph and the named ones. deadline: in monotonic seconds. limit: bytes.
        """
        fields = [("query", query)]
        fields += [(name, iri) for name, iris in zip(_DATASET, graphs, strict=True) for iri in iris]
        body = urlencode(fields).encode()
        response = self._send(body, accept, deadline)
        try:
            _check(response, deadline)
            media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            reply = Reply(media_type, _read(response, deadline, limit))
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return reply

    def close(self) -> None:
        self._pool.close()

    def _send(self, body: bytes, accept: str, deadline: float) -> BaseHTTPResponse:
        """Once more, where a connection that was kept turns out to have been closed; a query changes nothing."""
        try:
            return self._post(body, accept, deadline)
        except ProtocolError:
            if _left(deadline) <= 0:
                raise LateError from None
        with _faults(deadline):
            return self._post(body, accept, deadline)

    def _post(self, body: bytes, accept: str, deadline: float) -> BaseHTTPResponse:
        left = _left(deadline)
        if left <= 0:
            raise LateError
        timeout = urllib3.Timeout(connect=min(left, _CONNECT_SECONDS), read=left)
        try:
            return self._pool.urlopen(
                "POST",
                self._target,
                body,
                {**self._headers, "Accept": accept},
                retries=False,
                redirect=False,
                timeout=timeout,
                preload_content=False,
                decode_content=False,
            )
        except ProtocolError:
            raise
        except HTTPError as error:
            raise _fault(error, deadline) from error


_DATASET = ("default-graph-uri", "named-graph-uri")


def _read(response: BaseHTTPResponse, deadline: float, limit: int) -> IO[bytes]:
    file: IO[bytes] = tempfile.SpooledTemporaryFile(INLINE)  # noqa: SIM115 - handed on, then closed
    try:
        _copy(response, file, deadline, limit)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _copy(response: BaseHTTPResponse, file: IO[bytes], deadline: float, limit: int) -> None:
    size = 0
    with _faults(deadline), ending(_left(deadline), response.shutdown):
        for piece in response.stream(_PIECE):
            size += len(piece)
            if size > limit:
                raise SizeFault(f"the result is larger than {limit >> 20} MiB")
            file.write(piece)
    if _left(deadline) <= 0:
        raise LateError
    if not _tells_its_end(response):
        raise GatewayFault("the endpoint behind this one does not tell where its answer ends")


def _tells_its_end(response: BaseHTTPResponse) -> bool:
    """Whether an answer that is cut would have shown it (RFC 9112, 8)."""
    return "Content-Length" in response.headers or "chunked" in response.headers.get("Transfer-Encoding", "").lower()


def _read_some(response: BaseHTTPResponse, deadline: float) -> bytes:
    """The beginning of what an error says; nothing, where that does not come."""
    with suppress(HTTPError, OSError), ending(_left(deadline), response.shutdown):
        return response.read(_COMPLAINT)
    return b""


def _check(response: BaseHTTPResponse, deadline: float) -> None:
    if response.status != HTTPStatus.OK:
        raise _refusal(response, _read_some(response, deadline))
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise GatewayFault("the endpoint behind this one sent a compressed answer that was not asked for")


def _refusal(response: BaseHTTPResponse, body: bytes) -> QueryError:
    """What the status means for whoever asked here."""
    if response.status == HTTPStatus.BAD_REQUEST:
        said = complaint(body, response.headers.get("Content-Type", ""))
        return SyntaxFault(said.message, said.line, said.column)
    if response.status in _BUSY:
        return BusyFault("the endpoint behind this one is busy")
    if response.status in _LATE:
        return TimeFault("the query took longer than the endpoint behind this one allows")
    if response.status in _LARGE:
        return GatewayFault("the query is longer than the endpoint behind this one takes")
    return GatewayFault(f"the endpoint behind this one answered with the status {response.status}")


@contextmanager
def _faults(deadline: float) -> Iterator[None]:
    try:
        yield
    except HTTPError as error:
        raise _fault(error, deadline) from error


def _fault(error: HTTPError, deadline: float) -> QueryError | LateError:
    if isinstance(error, NewConnectionError) or (isinstance(error, ConnectTimeoutError) and _left(deadline) > 0):
        return GatewayFault("the endpoint behind this one cannot be reached")
    if isinstance(error, ReadTimeoutError | ConnectTimeoutError) or _left(deadline) <= 0:
        return LateError()
    if isinstance(error, IncompleteRead | ProtocolError):
        return GatewayFault("the endpoint behind this one broke off its answer")
    return GatewayFault("the endpoint behind this one did not answer")


def _left(deadline: float) -> float:
    return deadline - time.monotonic()


def _accept(formats: Iterable[Format]) -> str:
    return ", ".join(f"{f.media_type};q={1 - place / 10:g}" for place, f in enumerate(formats))


def _sent(reply: Reply, formats: Iterable[Format]) -> Format:
    for format_ in formats:
        if reply.media_type in format_.media_types:
            return format_
    raise GatewayFault("the endpoint behind this one sent something else than results of queries")


@contextmanager
def _reading() -> Iterator[None]:
    """What is wrong in an answer shows while it is read."""
    try:
        yield
    except (SyntaxError, ValueError) as error:
        raise GatewayFault("the endpoint behind this one sent a broken answer") from error
