"""Has queries answered by another SPARQL endpoint, within the limits, and in the formats, of this one.

The endpoint is taken to hold the dataset of the release. It is never asked for documents: what DESCRIBE describes it
selects, and the release has the documents.
"""

from __future__ import annotations

import math
import re
from functools import cached_property
from typing import TYPE_CHECKING, cast

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
from server.query.writing import Spool, write_answer

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
        self.limits = Limits.of(settings, memory=None)
        self._most = settings.query_result << 20  # bytes
        self._queues = Queues(
            QueueSizes(settings.query_fast + settings.query_slow, 1, settings.query_queue, settings.client_slow)
        )
        self._upstream = Upstream(settings.endpoint, self._most)
        self._release = release

    def wait_until_ready(self) -> None:
        """The other endpoint need not be there yet."""

    def run(self, request: Request | GraphRequest, client: str = "", seconds: float | None = None) -> Answer:
        """Answer the request of a client; raises a QueryError, or UnwritableError.

        seconds: the time that it has, if that is less than the limit.
        """
        deadline = Deadline(min(seconds or math.inf, self.limits.seconds))
        self._queues.enter(Queue.FAST, client, deadline.at)
        waited = deadline.passed
        try:
            with Spool(self._most) as spool:
                form, format_, truncated = self._answer(request, spool, deadline)
                ran = deadline.passed - waited
                return Answer(format_, spool.size, spool.body(), form, truncated, waited, ran, lasting=False)
        finally:
            self._queues.leave(Queue.FAST, client)

    def close(self) -> None:
        self._upstream.close()

    def _answer(self, request: Request | GraphRequest, spool: Spool, deadline: Deadline) -> tuple[str, Format, bool]:
        """Write the answer; its form, its format, and whether it is truncated."""
        if isinstance(request, GraphRequest):
            request = Request(_whole_graph(request.name), self._release.base, None, request.format, ())
        elif request.refuse_service and guard.asks_elsewhere(request.query):
            raise ServiceError
        kind = answer_kind(request.query)
        extension = request.graph if kind == "graph" else request.results
        format_ = by_extension(extension) if extension else None
        if format_ is None:
            raise NotAcceptableError(kind)
        # DESCRIBE over the whole dataset gives the documents of the release
        selects = describe_to_selects(request.query) if request.default_graphs is None else None
        if selects is not None:
            return kind, format_, self._describe(self._select(selects, request.base, deadline), format_, spool)
        graphs = (request.default_graphs or (), request.named_graphs or ())
        with self._upstream.ask(_with_base(request.query, request.base), kind, graphs, deadline) as answer:
            form = "boolean" if isinstance(answer, ox.QueryBoolean) else kind
            return form, format_, write_answer(answer, format_, spool)

    def _select(self, queries: Iterable[str], base: str, deadline: Deadline) -> Iterator[Resource]:
        """What SELECT queries select, as long as there is time."""
        for query in queries:
            with self._upstream.ask(_with_base(query, base), "results", NO_GRAPHS, deadline) as rows:
                for node in nodes(cast("ox.QuerySolutions", rows)):
                    deadline.check()
                    yield node

    def _describe(self, chosen: Iterable[Resource], format_: Format, spool: Spool) -> bool:
        """Write the documents about resources; whether they are truncated."""
        try:
            described = self._describer.documents(chosen, _MOST_DESCRIBED)
        except TooManyError as error:
            raise ResultSizeError(f"what is described are more than {_MOST_DESCRIBED} triples") from error
        if format_ is HTML:
            return write_answer(described, format_, spool)
        spool.write(self._describer.write(described, format_))
        return False

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
