"""Another SPARQL endpoint over HTTP: one query, within its time, and what came back whole or not at all."""

from __future__ import annotations

import shutil
from base64 import b64encode
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote, urlencode, urlsplit

from core import __version__
from core.sparql_responses import Answer, MediaTypeError, accept_header, parse_answer
from server.query.errors import UpstreamError
from server.query.upstream_errors import refusal
from server.query.writing import Spool

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping, Sequence

    from server.query.deadlines import Deadline

_ERROR_BYTES = 1 << 14  # of an error's body that are read
_CONNECT_SECONDS = 5.0

Graphs: TypeAlias = "tuple[Sequence[str], Sequence[str]]"
NO_GRAPHS: Graphs = ((), ())


class Upstream:
    """A SPARQL 1.1 endpoint, by http.client with connections that are kept; any thread may call it.

    url: its address, with `user:password@` if it wants that. limit: bytes of an answer.
    """

    def __init__(self, url: str, limit: int) -> None:
        parts = urlsplit(url)
        self._class = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._host, self._port = parts.hostname or "", parts.port
        self._target = parts._replace(scheme="", netloc="", path=parts.path or "/").geturl()
        self._limit = limit
        self._kept: list[HTTPConnection] = []
        self._headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept-Encoding": "identity",
            "User-Agent": f"ParkGraph/{__version__}",
        }
        if parts.username:
            credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers["Authorization"] = f"Basic {b64encode(credentials.encode()).decode()}"

    @contextmanager
    def ask(self, query: str, kind: str, graphs: Graphs, deadline: Deadline) -> Iterator[Answer]:
        """The answer, which has been received whole, for as long as the context lasts.

        kind: `results` or `graph`. graphs: those of the default graph, and the named ones. Raises a QueryError, also
        if the answer turns out to be broken while it is read.
        """
        fields = [("query", query)]
        fields += [(name, iri) for name, iris in zip(_DATASET, graphs, strict=True) for iri in iris]
        headers = {**self._headers, "Accept": accept_header(kind)}
        with Spool(self._limit) as spool:
            content_type = self._receive(urlencode(fields).encode(), headers, spool, deadline)
            try:
                yield parse_answer(spool.file, content_type, kind)
            except MediaTypeError as error:
                raise UpstreamError(
                    "the endpoint behind this one sent something else than results of queries"
                ) from error
            except (SyntaxError, ValueError) as error:
                raise UpstreamError("the endpoint behind this one sent a broken answer") from error

    def close(self) -> None:
        while self._kept:
            self._kept.pop().close()

    def _receive(self, body: bytes, headers: Mapping[str, str], spool: Spool, deadline: Deadline) -> str:
        """Send the request and put the body of the answer into the spool; returns its Content-Type."""
        connection, wire, response = self._send(body, headers, deadline)
        try:
            with deadline.shutting_down(wire):
                deadline.check()  # a head that was cut would pass for a whole one
                if response.status != HTTPStatus.OK:
                    message = response.read(_ERROR_BYTES)
                    raise refusal(response.status, message, response.headers.get("Content-Type", ""))
                if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                    raise UpstreamError("the endpoint behind this one sent a compressed answer that was not asked for")
                if response.length is None and not response.chunked:  # RFC 9112, 8: a cut answer would not show
                    raise UpstreamError("the endpoint behind this one does not tell where its answer ends")
                shutil.copyfileobj(response, spool)
            if response.length:
                raise IncompleteRead(b"", response.length)
        except (OSError, HTTPException) as error:
            deadline.check()
            raise UpstreamError("the endpoint behind this one broke off its answer") from error
        finally:
            if connection.sock and response.isclosed() and not response.length:
                self._kept.append(connection)
            else:
                response.close()
                connection.close()
        deadline.check()
        spool.file.seek(0)
        return response.headers.get("Content-Type", "")

    def _send(
        self, body: bytes, headers: Mapping[str, str], deadline: Deadline
    ) -> tuple[HTTPConnection, socket.socket, HTTPResponse]:
        """The connection and the head of the answer.

        One after the other the connections that were kept are tried, which the endpoint may have closed, and then a
        new one: a query changes nothing.
        """
        while True:
            deadline.check()
            try:
                connection, is_kept = self._kept.pop(), True
            except IndexError:
                connection, is_kept = self._connect(deadline), False
            try:
                with deadline.shutting_down(connection.sock):
                    wire = connection.sock
                    connection.request("POST", self._target, body, headers)
                    return connection, wire, connection.getresponse()
            except (OSError, HTTPException) as error:
                connection.close()
                deadline.check()
                if not is_kept:
                    raise UpstreamError("the endpoint behind this one broke off its answer") from error

    def _connect(self, deadline: Deadline) -> HTTPConnection:
        connection = self._class(self._host, self._port, timeout=min(deadline.left, _CONNECT_SECONDS))
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            deadline.check()
            raise UpstreamError("the endpoint behind this one cannot be reached") from error
        connection.sock.settimeout(None)  # the deadline ends its waits
        return connection


_DATASET = ("default-graph-uri", "named-graph-uri")
