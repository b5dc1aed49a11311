"""Another SPARQL endpoint over HTTP: asks one query, and has its answer whole or not at all."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode

import urllib3
from urllib3 import exceptions
from urllib3.connection import HTTPConnection

from core import __version__
from core.corrections import CorrectedQuery
from core.errors import QuerySyntaxError
from core.lexer import QUERY_FORMS, Edit, with_base
from core.named_default_graph import NamedDefaultGraph, ProtocolQuery
from core.sparql_responses import NotAskedForError, accept_header, parse_answer, parse_error, query_form
from core.syntax_errors import SyntaxDetails
from server.query.errors import QueryTimeoutError, UpstreamError
from server.query.writing import Spool
from server.shares import ServerBusyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.errors import QueryError
    from server.query.deadlines import Deadline
    from server.query.requests import Request

_ERROR_BYTES = 1 << 14  # of the body of an error, that are read
_PIECE = 1 << 16  # bytes
_CONNECT_SECONDS = 5.0
_UNREACHABLE = (exceptions.NewConnectionError, exceptions.ConnectTimeoutError, exceptions.SSLError)
# once more, where a connection that was kept has been closed: a query changes nothing
_RETRY = urllib3.Retry(connect=0, read=1, other=0, allowed_methods=None, respect_retry_after_header=False)
_TOO_LONG = "the query took longer than the endpoint behind this one allows"
_VIRTUOSO_TIMEOUT = b"Virtuoso S1T00 "  # SQL state of a transaction that timed out
_DEADLINE: ContextVar[Deadline] = ContextVar("deadline")
# Addresses, paths and frames of a stack are the other server's business.
_INTERNAL = re.compile(
    r"""
      \w://(?!www\.w3\.org)              # an address
    | (?:^|\s)/[\w.-]++/[\w.-] | [A-Z]:\\ # a path
    | \bat\ [\w$]++(?:\.[\w$]++)++\( | Traceback | \.(?:java|py|cpp|c|rs|go|js):\d
    | \b[a-z]\w*+\.[a-z]\w*+\.[A-Z]\w
    """,
    re.VERBOSE,
)


class _Socket(socket.socket):
    """A socket that is read until the deadline of the context, even if single bytes keep coming."""

    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(max(_DEADLINE.get().left, 0.001))  # seconds; 0 would mean not to wait at all
        return super().recv_into(*arguments)


class _SecureSocket(_Socket, ssl.SSLSocket): ...


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _Socket(fileno=super()._new_conn().detach())


class Upstream:
    """A SPARQL 1.1 endpoint; any thread may call it.

    url: its address, with `user:password@` if it wants that. connections: how many are kept. limit: bytes of an answer.
    default_graph: the name that it has for the default graph; without one its own is that.
    """

    def __init__(self, url: str, connections: int, limit: int, default_graph: str = "") -> None:
        context = ssl.create_default_context()
        context.sslsocket_class = _SecureSocket
        pools = urllib3.PoolManager(maxsize=connections, ssl_context=context)
        self._pool, address = pools.connection_from_url(url), urllib3.util.parse_url(url)
        if address.scheme != "https":
            self._pool.ConnectionCls = _Connection
        self._target, self._limit = address.request_uri, limit
        self._default_graph = NamedDefaultGraph(default_graph) if default_graph else None
        credentials = unquote(address.auth or "") or None
        self._headers = urllib3.util.make_headers(user_agent=f"ParkGraph/{__version__}", basic_auth=credentials)
        self._headers["Content-Type"] = "application/x-www-form-urlencoded"

    @contextmanager
    def ask(self, request: Request, deadline: Deadline) -> Iterator[Any]:
        """The answer, a QueryResult, which has been received whole, for as long as the context lasts.

        Raises a QueryError, also if the answer turns out to be broken while it is read.
        """
        form = query_form(request.query)
        asked = self._protocol_query(request)
        fields = {
            "query": asked.query.text,
            "version": [request.version] if request.version else [],
            "default-graph-uri": asked.default_graphs,
            "named-graph-uri": asked.named_graphs,
        }
        body = urlencode(fields, doseq=True)
        with Spool(self._limit) as spool:
            try:
                content_type = self._receive(body, accept_header(QUERY_FORMS[form]), spool, deadline)
            except exceptions.HTTPError as error:
                raise _translate(error, deadline) from error
            except QuerySyntaxError as error:
                raise asked.query.placed(
                    SyntaxDetails(error.template, error.line, error.column, error.variables)
                ) from error
            try:
                yield parse_answer(spool.file, content_type, form)
            except NotAskedForError as error:
                raise UpstreamError("sent something else than results of queries") from error
            except (SyntaxError, ValueError, TypeError) as error:
                raise UpstreamError("sent a broken answer") from error

    def close(self) -> None:
        self._pool.close()

    def _protocol_query(self, request: Request) -> ProtocolQuery:
        """The query with a base IRI where it needs one, and with the graphs to ask, as the endpoint keeps them."""
        if self._default_graph:
            asked = self._default_graph.adapt(request.query, request.default_graphs, request.named_graphs)
        else:
            query = CorrectedQuery(request.query, request.query)
            asked = ProtocolQuery(query, request.default_graphs or (), request.named_graphs or ())
        text = with_base(asked.query.text, request.base)
        declared = Edit(0, 0, text.removesuffix(asked.query.text))
        return replace(asked, query=replace(asked.query, text=text, edits=(*asked.query.edits, [declared])))

    def _receive(self, body: str, accept: str, spool: Spool, deadline: Deadline) -> str:
        """Write the body of the answer to the spool; returns its Content-Type."""
        deadline.check()
        _DEADLINE.set(deadline)
        headers = {**self._headers, "Accept": accept}
        timeout = urllib3.Timeout(connect=min(deadline.left, _CONNECT_SECONDS), read=deadline.left)
        response = self._pool.urlopen(
            "POST", self._target, body, headers, _RETRY, redirect=False, timeout=timeout, preload_content=False
        )
        with closing(response):
            if response.status != 200:  # noqa: PLR2004
                raise _refusal(response.status, response.read(_ERROR_BYTES), response.headers.get("Content-Type", ""))
            if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise UpstreamError("sent a compressed answer that was not asked for")
            if "Content-Length" not in response.headers and not response.chunked:  # RFC 9112, 8: it may be truncated
                raise UpstreamError("does not tell where its answer ends")
            shutil.copyfileobj(response, spool)
        spool.rewind()
        _check_rows(response.headers.get("X-SPARQL-MaxRows", ""), spool)
        return response.headers.get("Content-Type", "")


def _check_rows(most: str, spool: Spool) -> None:
    """UpstreamError if Virtuoso may have cut the rows, of which it writes each on a line, behind two lines.

    most: how many it gives, as it says where its ResultSetMaxRows was added to the query as a limit.
    """
    if most.isdecimal():
        if sum(piece.count(b"\n") for piece in iter(partial(spool.file.read, _PIECE), b"")) >= int(most) + 2:
            raise UpstreamError(f"cuts its answers after {most} rows")
        spool.rewind()


def _translate(error: exceptions.HTTPError, deadline: Deadline) -> QueryError:
    reason = error.reason if isinstance(error, exceptions.MaxRetryError) else error
    if deadline.left <= 0 or isinstance(reason, exceptions.ReadTimeoutError):
        return deadline.error()
    return UpstreamError("cannot be reached" if isinstance(reason, _UNREACHABLE) else "broke off its answer")


def _refusal(status: int, body: bytes, content_type: str) -> QueryError | ServerBusyError:
    """The error for an answer with a status other than 200."""
    match status:
        case 400:
            return QuerySyntaxError(*upstream_error_message(body, content_type))
        case 429 | 503:
            return ServerBusyError("the endpoint behind this one is busy")
        case 408 | 504:
            return QueryTimeoutError(_TOO_LONG)
        case 413 | 414:
            return UpstreamError("takes no query that is longer than its limit")
        case 500 if body.startswith(_VIRTUOSO_TIMEOUT):
            return QueryTimeoutError(_TOO_LONG)
    return UpstreamError(f"answered with the status {status}")


def upstream_error_message(body: bytes, content_type: str) -> SyntaxDetails:
    """What the endpoint says of a query that it refuses, and where in the query, as far as it may be handed on."""
    details = parse_error(body, content_type)
    if not details.message or _INTERNAL.search(details.message):
        return details._replace(message="the endpoint behind this one does not take it")
    return details
