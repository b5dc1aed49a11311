"""Has queries answered by another SPARQL endpoint, within the limits, and in the formats, of this one.

The endpoint is taken to hold the dataset of the release. It is never asked for documents: what DESCRIBE describes it
selects, and the release has the documents.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

import pyoxigraph as ox

from core.corrections import CorrectedQuery
from core.errors import QuerySyntaxError
from core.sparql_responses import answer_kind
from core.syntax_errors import SyntaxDetails
from release.text_search import TextSearch
from server.model.describe import Describer, nodes
from server.query import guard
from server.query.answers import Answer
from server.query.deadlines import Deadline
from server.query.errors import NotAcceptableError, QueryLengthError, ServiceError
from server.query.evaluator import Limits
from server.query.requests import GraphRequest, Request
from server.query.responder import Responder
from server.query.spreadsheets import table_of
from server.query.upstream import Upstream
from server.query.writing import Spool, write_answer, write_documents
from server.shares import FairQueue, WaitingRoom

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from core.rdf import Node
    from release.reader import Release
    from server.query.answers import QueryResponse
    from server.query.requests import Asked
    from server.semantics.negotiation import NegotiatedFormat
    from server.settings import Settings

_MOST_DESCRIBED = 20_000  # triples: they are gathered in the web process, which has no limit of memory


class RemoteEvaluator:
    """Answers through the endpoint of the settings; any thread may call it."""

    follows_release = False  # whoever keeps the other endpoint may change what it holds

    def __init__(self, release: Release, settings: Settings) -> None:
        self._release, self.limits, self._most = release, Limits.of(settings, None), settings.query_result << 20
        at_once = settings.query_fast + settings.query_slow
        self._queue = FairQueue(at_once, WaitingRoom(settings.query_queue), "queries")
        self._upstream = Upstream(settings.endpoint, at_once, self._most, settings.endpoint_default_graph)
        self._search = TextSearch(release)

    def wait_until_ready(self) -> None:
        """The other endpoint need not be there yet."""

    def respond(
        self, environ: Mapping[str, str], asked: Asked, client: str = "", seconds: float | None = None
    ) -> QueryResponse:
        """Answer the request of a client; raises HTTPProblem, a QueryError, ServerBusyError or ClientQuotaError.

        seconds: the time that it has, if that is less than the limit and than what it asks for itself.
        """
        deadline, waited = Deadline(min(seconds or math.inf, self.limits.seconds)), 0.0

        def evaluate(request: Request | GraphRequest, own: float | None) -> Answer:
            nonlocal waited
            deadline.shorten(own or math.inf)
            began = deadline.passed
            self._queue.enter(client, deadline.at)
            waited = deadline.passed - began
            try:
                return self._evaluate(request, deadline)
            finally:
                self._queue.leave(client)

        response = Responder(self._release.manifest, evaluate, follows_release=self.follows_release).respond(
            environ, asked
        )
        response.tell_time(waited, deadline.passed)
        return response

    def close(self) -> None:
        self._upstream.close()
        self._search.close()

    def _evaluate(self, request: Request | GraphRequest, deadline: Deadline) -> Answer:
        if isinstance(request, GraphRequest):
            request = request.to_query()
        elif len(request.query) > guard.LONGEST:  # there is no process to look it through
            raise QueryLengthError(f"a query for the endpoint behind this one may have {guard.LONGEST} characters")
        elif request.refuse_service and guard.has_service_pattern(request.query):
            raise ServiceError
        query = CorrectedQuery(request.query, request.query)
        guard.refuse_engine_functions(query, request.base)
        query = self._search.rewrite(query, request.base)
        try:
            return self._ask(replace(request, query=query.text), deadline)
        except QuerySyntaxError as error:
            if not query.edits:
                raise
            raise query.placed(SyntaxDetails(error.template, error.line, error.column, error.variables)) from error

    def _ask(self, request: Request, deadline: Deadline) -> Answer:
        kind = answer_kind(request.query)
        choice = request.graph if kind == "graph" else request.results
        if choice is None:
            raise NotAcceptableError(kind)
        with Spool(self._most) as spool:
            form, truncated = self._write(request, kind, choice, spool, deadline)
            return Answer(
                choice.format,
                spool.size,
                spool.body(),
                form,
                truncated,
                spool.version,
                evaluated=request.query,
                writing=spool.seconds,
            )

    def _write(
        self, request: Request, kind: str, choice: NegotiatedFormat, spool: Spool, deadline: Deadline
    ) -> tuple[str, bool]:
        """Write the answer; its form, and whether it is truncated."""
        if request.default_graphs is None:  # over the whole dataset DESCRIBE gives documents
            select = partial(self._select, request, deadline)
            described = self._describer.triples(request.query, request.base, select=select, most=_MOST_DESCRIBED)
            if described is not None:
                reifiers = choice.asks_for_rdf_1_2
                return kind, write_documents(described, choice.format, spool, self._describer, reifiers=reifiers)
        with self._upstream.ask(request, deadline) as answer:
            form = "boolean" if isinstance(answer, ox.QueryBoolean) else kind
            table = table_of(request, self._release.manifest, self._describer)
            return form, write_answer(answer, choice.format, spool, table=table)

    def _select(self, request: Request, deadline: Deadline, query: str) -> Iterator[Node]:
        """What a SELECT query made of the request selects, as long as there is time."""
        with self._upstream.ask(replace(request, query=query), deadline) as rows:
            for node in nodes(rows):
                deadline.check()
                yield node

    @cached_property
    def _describer(self) -> Describer:
        return Describer(self._release.open_store(), self._release)
