"""Another SPARQL endpoint over HTTP: asks one query, and has its answer whole or not at all."""

from __future__ import annotations

import shutil
import socket
import ssl
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode, urlsplit

from urllib3.util import make_headers

from core import __version__
from core.sparql_responses import MediaTypeError, accept_header, parse_answer
from server.query.errors import UpstreamError
from server.query.upstream_errors import refusal
from server.query.writing import Spool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from server.query.deadlines import Deadline

_ERROR_BYTES = 1 << 14  # of the body of an error, that are read
_CONNECT_SECONDS = 5.0
_SOON = 0.001  # seconds; a timeout of 0 would mean not to wait at all


class _Socket(socket.socket):
    """A socket that is read until its deadline, even if single bytes keep coming; then TimeoutError."""

    deadline: Deadline

    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(max(self.deadline.left, _SOON))
        return super().recv_into(*arguments)


class _PlainSocket(_Socket):
    pass


class _SecureSocket(_Socket, ssl.SSLSocket):
    pass


class Upstream:
    """A SPARQL 1.1 endpoint, whose connections are kept open; any thread may call it.

    url: its address, with `user:password@` if it wants that. limit: bytes of an answer.
    """

    def __init__(self, url: str, limit: int) -> None:
        parts = urlsplit(url)
        self._limit = limit
        self._target = parts._replace(scheme="", netloc="", path=parts.path or "/").geturl()
        self._headers = make_headers(user_agent=f"ParkGraph/{__version__}")
        self._headers["Content-Type"] = "application/x-www-form-urlencoded"
        if parts.username:
            self._headers |= make_headers(basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}")
        self._new = partial(HTTPConnection, parts.hostname or "", parts.port)
        if parts.scheme == "https":
            context = ssl.create_default_context()
            context.sslsocket_class = _SecureSocket
            self._new = partial(HTTPSConnection, parts.hostname or "", parts.port, context=context)
        self._idle: list[HTTPConnection] = []

    @contextmanager
    def ask(
        self,
        query: str,
        kind: str,
        deadline: Deadline,
        default_graphs: Iterable[str] | None = None,
        named_graphs: Iterable[str] | None = None,
    ) -> Iterator[Any]:
        """The answer (core.sparql_responses.Answer), which has been received whole, for as long as the context lasts.

        kind: `results` or `graph`. Raises a QueryError, also if the answer turns out to be broken while it is read.
        """
        fields = {"query": query, "default-graph-uri": default_graphs or (), "named-graph-uri": named_graphs or ()}
        body = urlencode(fields, doseq=True).encode()
        with Spool(self._limit) as spool:
            try:
                content_type = self._receive(body, {**self._headers, "Accept": accept_header(kind)}, spool, deadline)
                spool.file.seek(0)
            except (OSError, HTTPException) as error:
                is_late = isinstance(error, TimeoutError) or deadline.left <= 0
                raise deadline.error() if is_late else UpstreamError("broke off its answer") from error
            try:
                yield parse_answer(spool.file, content_type, kind)
            except MediaTypeError as error:
                raise UpstreamError("sent something else than results of queries") from error
            except (SyntaxError, ValueError, TypeError) as error:
                raise UpstreamError("sent a broken answer") from error

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _receive(self, body: bytes, headers: Mapping[str, str], spool: Spool, deadline: Deadline) -> str:
        """Send the request and write the body of the answer to the spool; returns its Content-Type."""
        connection, response = self._send(body, headers, deadline)
        try:
            if response.status != HTTPStatus.OK:
                raise refusal(response.status, response.read(_ERROR_BYTES), response.headers.get("Content-Type", ""))
            if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise UpstreamError("sent a compressed answer that was not asked for")
            if response.length is None and not response.chunked:  # RFC 9112, 8: it may be truncated
                raise UpstreamError("does not tell where its answer ends")
            shutil.copyfileobj(response, spool)
            if response.length:
                raise IncompleteRead(b"", response.length)
        finally:
            if connection.sock and response.isclosed() and not response.length:
                self._idle.append(connection)
            else:
                response.close()
                connection.close()
        return response.headers.get("Content-Type", "")

    def _send(self, body: bytes, headers: Mapping[str, str], deadline: Deadline) -> tuple[HTTPConnection, HTTPResponse]:
        """The connection and the head of the answer.

        Idle connections, which the endpoint may have closed, are tried before a new one: a query changes nothing.
        """
        while True:
            deadline.check()
            try:
                connection, is_new = self._idle.pop(), False
            except IndexError:
                connection, is_new = self._connect(deadline), True
            try:
                connection.sock.deadline = deadline  # type: ignore[union-attr]
                connection.sock.settimeout(deadline.left)
                connection.request("POST", self._target, body, headers)
                return connection, connection.getresponse()
            except (OSError, HTTPException):
                connection.close()
                if is_new:
                    raise

    def _connect(self, deadline: Deadline) -> HTTPConnection:
        connection = self._new(timeout=min(deadline.left, _CONNECT_SECONDS))
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            deadline.check()
            raise UpstreamError("cannot be reached") from error
        if not isinstance(connection.sock, _SecureSocket):
            connection.sock = _PlainSocket(fileno=connection.sock.detach())
        return connection
