"""Has queries answered by another SPARQL endpoint, within the limits, and in the formats, of this one.

The endpoint is taken to hold the dataset of the release. It is never asked for documents: what DESCRIBE describes it
selects, and the release has the documents.
"""

from __future__ import annotations

import math
import os
import re
import time
from functools import cached_property
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.formats import HTML, by_extension
from core.lexer import TokenKind, tokenize, unescape
from core.saved_queries import to_sparql
from core.sparql_responses import answer_kind
from server.model.describe import Describer, TooManyError, describe_to_selects, nodes
from server.query import guard
from server.query.answers import Answer
from server.query.deadlines import Deadline
from server.query.engine import GraphRequest, Request
from server.query.errors import NotAcceptableError, ResultSizeError, ServiceError
from server.query.evaluator import Limits
from server.query.queues import Queue, Queues, QueueSizes
from server.query.upstream import NO_GRAPHS, Upstream
from server.query.writing import INLINE, Spool, write_results, write_triples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.formats import Format
    from release.reader import Release
    from server.model.describe import Resource
    from server.settings import Settings

_SCHEME = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")
_MOST_DESCRIBED = 20_000  # triples: they are gathered in the web process, which has no limit of memory


class Remote:
    """Answers through the endpoint of the settings; any thread may call it."""

    follows_release = False  # whoever keeps the other endpoint may change what it holds

    def __init__(self, release: Release, settings: Settings) -> None:
        self._release, self._settings = release, settings
        at_once = settings.query_fast + settings.query_slow
        self._queues = Queues(QueueSizes(at_once, 1, settings.query_queue, settings.client_slow))
        self._most = settings.query_result << 20  # bytes
        self._upstream = Upstream(settings.endpoint, self._most)
        self.query_length = settings.query_length << 20
        self.limits = Limits(
            settings.query_seconds,
            None,
            settings.query_result,
            settings.query_length,
            settings.client_queries,
            settings.client_slow,
        )

    def wait_until_ready(self) -> None:
        """The other endpoint need not be there yet."""

    def run(self, request: Request | GraphRequest, client: str = "", seconds: float | None = None) -> Answer:
        """Answer the request of a client; raises a QueryError.

        seconds: the time that it has, if that is less than the limit.
        """
        began = time.monotonic()
        deadline = Deadline(min(seconds or math.inf, self._settings.query_seconds))
        self._queues.enter(Queue.FAST, client, deadline.at)
        started = time.monotonic()
        try:
            with Spool(self._most) as spool:
                form, format_, cut = self._answer(request, spool, deadline)
                ran = time.monotonic() - started
                return Answer(format_, spool.size, _body(spool), form, cut, started - began, ran, lasting=False)
        finally:
            self._queues.leave(Queue.FAST, client)

    def close(self) -> None:
        self._upstream.close()

    def _answer(self, request: Request | GraphRequest, spool: Spool, deadline: Deadline) -> tuple[str, Format, bool]:
        """Write the answer; its form, its format, and whether it is but the beginning."""
        if isinstance(request, GraphRequest):
            query, kind, graphs = _whole_graph(request.name), "graph", NO_GRAPHS
            extension: str | None = request.format
        else:
            if request.refuse_service and guard.asks_elsewhere(request.query):
                raise ServiceError
            query, kind = _with_base(request.query, request.base), answer_kind(request.query)
            extension = request.graph if kind == "graph" else request.results
            graphs = (request.default_graphs or (), request.named_graphs or ())
        format_ = by_extension(extension) if extension else None
        if format_ is None:
            raise NotAcceptableError(kind)
        # over the whole dataset DESCRIBE gives documents
        if (
            isinstance(request, Request)
            and request.default_graphs is None
            and (queries := describe_to_selects(request.query)) is not None
        ):
            described = self._documents(self._selected(queries, request.base, deadline))
            if format_ is not HTML:
                spool.write(self._describer.write(described, format_))
                return kind, format_, False
            return kind, format_, write_triples(described, format_, spool)
        with self._upstream.ask(query, kind, graphs, deadline) as answer:
            if isinstance(answer, ox.QuerySolutions | ox.QueryBoolean):
                form = "boolean" if isinstance(answer, ox.QueryBoolean) else "results"
                return form, format_, write_results(answer, format_, spool)
            return kind, format_, write_triples(answer, format_, spool)

    def _selected(self, queries: Iterable[str], base: str, deadline: Deadline) -> Iterator[Resource]:
        """What SELECT queries select, as long as there is time."""
        for query in queries:
            with self._upstream.ask(_with_base(query, base), "results", NO_GRAPHS, deadline) as rows:
                if isinstance(rows, ox.QuerySolutions):
                    for node in nodes(rows):
                        deadline.check()
                        yield node

    def _documents(self, chosen: Iterable[Resource]) -> list[ox.Triple]:
        try:
            return self._describer.documents(chosen, _MOST_DESCRIBED)
        except TooManyError as error:
            raise ResultSizeError(f"what is described are more than {_MOST_DESCRIBED} triples") from error

    @cached_property
    def _describer(self) -> Describer:
        return Describer(self._release.open_store(), self._release.path)


def _with_base(query: str, base: str) -> str:
    """The query with the base IRI, where it has a relative one: the other endpoint would take its own address."""
    relative = (token.kind is TokenKind.IRI and not _SCHEME.match(token.text) for token in tokenize(unescape(query)))
    return f"BASE <{base}> {query}" if any(relative) else query


def _whole_graph(name: str | None) -> str:
    pattern = "?s ?p ?o"
    if name is not None:
        pattern = f"GRAPH {to_sparql(ox.NamedNode(name))} {{ {pattern} }}"
    return f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}"


def _body(spool: Spool) -> bytes | int:
    """The bytes, or the descriptor of the file that holds them, as a query process gives them."""
    spool.file.seek(0)
    if spool.size <= INLINE:
        return spool.file.read()
    return os.dup(spool.file.fileno())
