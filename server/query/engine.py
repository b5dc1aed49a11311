"""Answers one request after the other from a store: evaluates it and writes the result in the format asked for.

Results are created, serialised and dropped in one thread: the engine wants it so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from core.evaluation import evaluate
from core.formats import by_extension
from core.query_graphs import names_graph
from core.saved_queries import to_sparql
from release import reader
from release.known_answers import KnownAnswers
from server.model.describe import Describer
from server.query import guard
from server.query.errors import ServiceError
from server.query.writing import write_documents, write_lines, write_results, write_triples

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.formats import Format
    from release.known_answers import KnownResult
    from release.reader import Release
    from server.query.writing import Spool


@dataclass(frozen=True)
class Request:
    """One query; formats are given by extension, None where the client accepts none of that kind.

    The graphs are those of the protocol request, which replace FROM and FROM NAMED; None leaves these in force.
    refuse_service: whether SERVICE is refused with a clear word; it fails in any case. version: that of SPARQL which
    the protocol request names. reifiers: whether rdf:Statements in documents that are described reify their triples
    too, as RDF 1.2 does.
    """

    query: str
    base: str
    results: str | None
    graph: str | None
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    refuse_service: bool = True
    reifiers: bool = False
    version: str | None = None


@dataclass(frozen=True)
class GraphRequest:
    """One graph of the store, whole: its name, None for the default graph, and the extension of a format."""

    name: str | None
    format: str

    def to_query(self) -> Request:
        """The query for the graph, for another endpoint."""
        pattern = f"GRAPH {to_sparql(ox.NamedNode(self.name))} {{ ?s ?p ?o }}" if self.name else "?s ?p ?o"
        return Request(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}", "", None, self.format, ())


def to_bytes(request: Request | GraphRequest) -> bytes:
    """A line of JSON, and the text of the query as it is: to escape a long one takes time in the web process."""
    values = dict(vars(request))
    query: str = values.pop("query", "")
    return json.dumps([type(request).__name__, values]).encode() + b"\n" + query.encode()


def from_bytes(data: bytes) -> Request | GraphRequest:
    head, _, query = data.partition(b"\n")
    kind, values = json.loads(head)
    return Request(query.decode(), **values) if kind == Request.__name__ else GraphRequest(**values)


@dataclass(frozen=True)
class Outcome:
    """What was written: `results`, `boolean` or `graph`, and in which format, None where none fits.

    truncated: whether it is but the beginning, as pages have it.
    """

    form: str
    format: Format | None
    truncated: bool = False


class Engine:
    """The stores of one release with what is put in front of them; used by one thread.

    The catalog is no part of the dataset, so that no `GRAPH ?g` finds it: a second store has it beside the data, for
    the queries that name it.
    """

    def __init__(self, release: Release) -> None:
        self._catalog = release.manifest.catalog_graph
        self._store, self._with_catalog = release.open_store(), release.open_catalog_store()
        self._describer = Describer(self._store, release)
        self._base, self._known = release.base, KnownAnswers(release.path / reader.ANSWERS)

    def answer(self, request: Request | GraphRequest, spool: Spool) -> Outcome:
        """Write the answer; raises what `evaluate` does, ServiceError, ResultSizeError and UnwritableError."""
        if isinstance(request, GraphRequest):
            return self._graph(request, spool)
        if request.refuse_service and guard.has_service_pattern(request.query):
            raise ServiceError
        store = self._with_catalog if self._names_catalog(request) else self._store
        result = self._known_result(request)
        if result is None:
            result = evaluate(
                store,
                request.query,
                request.version,
                base_iri=request.base,
                default_graph=_nodes(request.default_graphs),
                named_graphs=_nodes(request.named_graphs),
            )
        if not isinstance(result, ox.QuerySolutions | ox.QueryBoolean):
            return self._triples(request, result, spool, store)
        format_ = by_extension(request.results) if request.results else None
        form = "boolean" if isinstance(result, ox.QueryBoolean) else "results"
        if format_ is None:
            return Outcome(form, None)
        has_triples = guard.may_make_triple_terms(request.query) or self._describer.has_triple_terms
        return Outcome(form, format_, write_results(result, format_, spool, has_triples=has_triples))

    def _known_result(self, request: Request) -> KnownResult | None:
        """The result that the release has; None if it has none, or the request asks for another dataset or version."""
        given = (request.default_graphs, request.named_graphs, request.version)
        return self._known.find(request.query) if given == (None, None, None) and request.base == self._base else None

    def _names_catalog(self, request: Request) -> bool:
        if request.default_graphs is None and request.named_graphs is None:
            return names_graph(request.query, self._catalog, request.base, {})
        return self._catalog in {*(request.default_graphs or ()), *(request.named_graphs or ())}

    def _triples(self, request: Request, result: Iterable[ox.Triple], spool: Spool, store: ox.Store) -> Outcome:
        format_ = by_extension(request.graph) if request.graph else None
        if format_ is None:
            return Outcome("graph", None)
        described = None
        if request.default_graphs is None:  # over the whole dataset
            described = self._describer.triples(request.query, request.base, store=store)
        if described is not None:
            truncated = write_documents(described, format_, spool, self._describer, reifiers=request.reifiers)
            return Outcome("graph", format_, truncated)
        return Outcome("graph", format_, write_triples(result, format_, spool))

    def _graph(self, request: GraphRequest, spool: Spool) -> Outcome:
        format_ = by_extension(request.format)
        if format_ is None:
            return Outcome("graph", None)
        lines = self._describer.published.graph(request.name, self._store)
        return Outcome("graph", format_, write_lines(lines, format_, spool))


def _nodes(iris: Iterable[str] | None) -> list[Any] | None:
    return None if iris is None else [ox.NamedNode(iri) for iri in iris]
