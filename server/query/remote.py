"""Has queries answered by another SPARQL endpoint, within the limits, and in the formats, of this one.

The endpoint is taken to hold the dataset of the release. It is never asked for documents: what DESCRIBE describes it
selects, and the release has the documents.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.formats import by_extension
from core.lexer import with_base
from core.sparql_responses import answer_kind
from server.model.describe import Describer, TooManyError, nodes
from server.query import guard
from server.query.answers import Answer
from server.query.deadlines import Deadline
from server.query.engine import GraphRequest, Request
from server.query.errors import NotAcceptableError, ResultSizeError, ServiceError
from server.query.evaluator import Limits
from server.query.queues import Queue, Queues, QueueSizes
from server.query.upstream import Upstream
from server.query.writing import Spool, write_answer, write_documents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.formats import Format
    from release.reader import Release
    from server.model.describe import Resource
    from server.settings import Settings

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
            request = request.to_query()
        elif request.refuse_service and guard.asks_elsewhere(request.query):
            raise ServiceError
        kind = answer_kind(request.query)
        extension = request.graph if kind == "graph" else request.results
        format_ = by_extension(extension) if extension else None
        if format_ is None:
            raise NotAcceptableError(kind)
        if request.default_graphs is None:  # over the whole dataset
            described = self._describe(request, deadline)
            if described is not None:
                return kind, format_, write_documents(described, format_, spool, self._describer)
        query, graphs = with_base(request.query, request.base), (request.default_graphs, request.named_graphs)
        with self._upstream.ask(query, kind, deadline, *graphs) as answer:
            form = "boolean" if isinstance(answer, ox.QueryBoolean) else kind
            return form, format_, write_answer(answer, format_, spool)

    def _describe(self, request: Request, deadline: Deadline) -> list[ox.Triple] | None:
        """The documents of the release about what the endpoint selects, if the query is DESCRIBE."""

        def select(query: str) -> Iterator[Resource]:
            with self._upstream.ask(with_base(query, request.base), "results", deadline) as rows:
                for node in nodes(rows):
                    deadline.check()
                    yield node

        try:
            return self._describer.triples(request.query, request.base, select=select, most=_MOST_DESCRIBED)
        except TooManyError as error:
            raise ResultSizeError(f"what is described are more than {_MOST_DESCRIBED} triples") from error

    @cached_property
    def _describer(self) -> Describer:
        return Describer(self._release.open_store(), self._release.path)
