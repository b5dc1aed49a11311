"""Answers one request after the other from a store: evaluates it and writes the result in the format asked for.

Results are created, serialised and dropped in one thread: the engine wants it so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from core.corrections import correct
from core.evaluation import evaluate
from core.query_graphs import names_graph
from release import reader
from release.known_answers import KnownAnswers
from release.text_search import TextSearch
from server.model.describe import Describer
from server.query import guard
from server.query.errors import NotAcceptableError, ServiceError
from server.query.requests import GraphRequest, Request
from server.query.spreadsheets import table_of
from server.query.writing import write_documents, write_lines, write_results, write_triples

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.formats import Format
    from release.known_answers import KnownResult
    from release.reader import Release
    from server.query.writing import Spool


@dataclass(frozen=True)
class Outcome:
    """What was written: `results`, `boolean` or `graph`, and in which format.

    truncated: whether it is but the beginning, as pages have it. evaluated: the text that was evaluated, None where the
    release had the answer.
    """

    form: str
    format: Format
    truncated: bool = False
    evaluated: str | None = None


class Engine:
    """The stores of one release with what is put in front of them; used by one thread.

    Catalog and schema card are no part of the dataset, so that no `GRAPH ?g` finds them: a second store has them beside
    the data, for the queries that name one of them.
    """

    def __init__(self, release: Release) -> None:
        self.manifest = release.manifest
        self._store, self._described = release.open_store(), release.open_described_store()
        self._describer = Describer(self._store, release)
        self._search = TextSearch(release)
        self._known = KnownAnswers(release.path / reader.ANSWERS)

    def answer(self, request: Request | GraphRequest, spool: Spool) -> Outcome:
        """Write the answer; raises what `evaluate` does, NotAcceptableError and the errors of writing.

        ServiceError, where SERVICE is refused.
        """
        if isinstance(request, GraphRequest):
            return self._graph(request, spool)
        if request.refuse_service and guard.has_service_pattern(request.query):
            raise ServiceError
        store = self._described if self._names_description(request) else self._store
        corrected = correct(request.query, request.version)
        query = self._search.rewrite(corrected, request.base)
        result = self._known_result(request) if query is corrected else None
        evaluated = query.text if result is None else None
        if result is None:
            result = evaluate(
                store,
                query,
                base_iri=request.base,
                default_graph=_nodes(request.default_graphs),
                named_graphs=_nodes(request.named_graphs),
            )
        if not isinstance(result, ox.QuerySolutions | ox.QueryBoolean):
            outcome = self._triples(replace(request, query=query.text), result, spool, store)
            return replace(outcome, evaluated=evaluated)
        form = "boolean" if isinstance(result, ox.QueryBoolean) else "results"
        if request.results is None:
            raise NotAcceptableError("results")
        format_ = request.results.format
        is_rdf_1_1 = not (self._describer.has_rdf_1_2 or guard.may_need_rdf_1_2(request.query))
        table = table_of(request, self.manifest, self._describer)
        truncated = write_results(result, format_, spool, table, is_rdf_1_1=is_rdf_1_1)
        return Outcome(form, format_, truncated, evaluated)

    def _known_result(self, request: Request) -> KnownResult | None:
        """The result that the release has; None if it has none, or the request asks for another dataset or version."""
        if request.base != self.manifest.base or request.version is not None:
            return None
        has_dataset = request.default_graphs is not None or request.named_graphs is not None
        return None if has_dataset else self._known.find(request.query)

    def _names_description(self, request: Request) -> bool:
        graphs = self.manifest.description_graphs
        if request.default_graphs is None and request.named_graphs is None:
            return names_graph(request.query, graphs, request.base, {})
        return not {*(request.default_graphs or ()), *(request.named_graphs or ())}.isdisjoint(graphs)

    def _triples(self, request: Request, result: Iterable[ox.Triple], spool: Spool, store: ox.Store) -> Outcome:
        if request.graph is None:
            raise NotAcceptableError("graph")
        format_ = request.graph.format
        described = None
        if request.default_graphs is None:  # over the whole dataset
            described = self._describer.triples(request.query, request.base, store=store)
        if described is not None:
            reifiers = request.graph.asks_for_rdf_1_2
            truncated = write_documents(described, format_, spool, self._describer, reifiers=reifiers)
            return Outcome("graph", format_, truncated)
        return Outcome("graph", format_, write_triples(result, format_, spool))

    def _graph(self, request: GraphRequest, spool: Spool) -> Outcome:
        format_ = request.graph.format
        lines = self._describer.published.graph(request.name, self._store)
        return Outcome("graph", format_, write_lines(lines, format_, spool))


def _nodes(iris: Iterable[str] | None) -> list[Any] | None:
    return None if iris is None else [ox.NamedNode(iri) for iri in iris]
