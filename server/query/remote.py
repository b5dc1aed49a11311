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
from core.saved_queries import written
from core.tokens import QUERY_FORMS, Kind, query_form, tokens, unescape
from server.model.describe import Describer, TooManyError, nodes, selections
from server.model.serialization import UnwritableError
from server.query import guard
from server.query.answers import Answer
from server.query.engine import GraphRequest, Request
from server.query.errors import (
    BusyFault,
    FormatFault,
    GatewayFault,
    ServiceFault,
    SizeFault,
    SyntaxFault,
    TimeFault,
    UnwritableFault,
)
from server.query.evaluator import Limits
from server.query.queues import Lane, Lanes, LaneSizes, QueueFullError, ShareTakenError
from server.query.upstream import NO_GRAPHS, LateError, Upstream
from server.query.writing import INLINE, Spool, TooLargeError, write_results, write_triples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.formats import Format
    from release.reader import Release
    from server.model.describe import Resource
    from server.query.upstream import Graphs
    from server.settings import Settings

_SCHEME = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")
_MOST_DESCRIBED = 20_000  # triples: they are gathered in the web process, which has no limit of memory


class Remote:
    """Answers through the endpoint of the settings; any thread may call it."""

    follows_release = False  # whoever keeps the other endpoint may change what it holds

    def __init__(self, release: Release, settings: Settings) -> None:
        self._release, self._settings = release, settings
        at_once = settings.query_light + settings.query_heavy
        self._lanes = Lanes(LaneSizes(at_once, 1, settings.query_queue, settings.client_heavy))
        self._upstream = Upstream(settings.endpoint, at_once)

    @property
    def limits(self) -> Limits:
        of = self._settings
        return Limits(of.query_seconds, None, of.query_result, of.query_length, of.client_queries, of.client_heavy)

    @property
    def query_length(self) -> int:
        return self._settings.query_length << 20

    def wait_until_ready(self) -> None:
        """The other endpoint need not be there yet."""

    def run(self, request: Request | GraphRequest, client: str = "", seconds: float | None = None) -> Answer:
        """Answer the request of a client; raises one of the QueryErrors."""
        began = time.monotonic()
        limit = min(seconds or math.inf, self._settings.query_seconds)
        deadline = began + limit
        self._enter(client, deadline)
        started = time.monotonic()
        spool = Spool(self._settings.query_result << 20)
        try:
            form, format_, cut = self._answer(request, spool, deadline)
            ran = time.monotonic() - started
            return Answer(format_, spool.size, _body(spool), form, cut, started - began, ran)
        except LateError as error:
            raise TimeFault(f"the query took longer than {limit:g} seconds") from error
        except TooLargeError as error:
            raise SizeFault(f"the result is larger than {self._settings.query_result} MiB") from error
        except UnwritableError as error:
            raise UnwritableFault(str(error)) from error
        finally:
            spool.file.close()
            self._lanes.leave(Lane.LIGHT, client)

    def close(self) -> None:
        self._upstream.close()

    def _enter(self, client: str, deadline: float) -> None:
        try:
            entered = self._lanes.enter(Lane.LIGHT, client, deadline)
        except (QueueFullError, ShareTakenError) as error:
            raise BusyFault("the server is busy with other queries") from error
        if not entered:
            raise BusyFault("the server is busy with other queries")

    def _answer(self, request: Request | GraphRequest, spool: Spool, deadline: float) -> tuple[str, Format, bool]:
        """Write the answer; its form, its format, and whether it is but the beginning."""
        if isinstance(request, GraphRequest):
            text = _whole_graph(request.name)
            return self._graph(text, NO_GRAPHS, _wanted(request.format, "graph"), spool, deadline)
        if request.refuse_service and guard.asks_elsewhere(request.query):
            raise ServiceFault("this endpoint queries its own data alone: SERVICE is not allowed")
        text = _with_base(request.query, request.base)
        graphs = (request.default_graphs or (), request.named_graphs or ())
        if form_of(request.query) == "graph":
            format_ = _wanted(request.graph, "graph")
            if request.default_graphs is None:  # over the whole dataset
                queries = selections(request.query)
                if queries is not None:
                    chosen = self._selected([_with_base(query, request.base) for query in queries], deadline)
                    return "graph", format_, self._describe(chosen, format_, spool)
            return self._graph(text, graphs, format_, spool, deadline)
        format_ = _wanted(request.results, "results")
        with self._upstream.results(text, graphs, deadline, self._settings.query_result << 20) as result:
            form = "boolean" if isinstance(result, ox.QueryBoolean) else "results"
            return form, format_, write_results(result, format_, spool)

    def _graph(
        self, text: str, graphs: Graphs, format_: Format, spool: Spool, deadline: float
    ) -> tuple[str, Format, bool]:
        with self._upstream.triples(text, graphs, deadline, self._settings.query_result << 20) as triples:
            return "graph", format_, write_triples(triples, format_, spool)

    def _selected(self, queries: Iterable[str], deadline: float) -> Iterator[Resource]:
        """What DESCRIBE queries describe, as long as there is time."""
        for query in queries:
            with self._upstream.results(query, NO_GRAPHS, deadline, self._settings.query_result << 20) as result:
                if not isinstance(result, ox.QuerySolutions):
                    raise GatewayFault("the endpoint behind this one sent a broken answer")
                for node in nodes(result):
                    if time.monotonic() > deadline:
                        raise LateError
                    yield node

    def _describe(self, chosen: Iterable[Resource], format_: Format, spool: Spool) -> bool:
        try:
            described = self._describer.documents(chosen, _MOST_DESCRIBED)
        except TooManyError as error:
            raise SizeFault(f"what is described are more than {_MOST_DESCRIBED} triples") from error
        if format_ is HTML:
            return write_triples(described, format_, spool)
        spool.write(self._describer.write(described, format_))
        return False

    @cached_property
    def _describer(self) -> Describer:
        return Describer(self._release.open_store(), self._release.path)


def form_of(query: str) -> str:
    """Whether the answer to a query is a graph; SyntaxFault where it has none of the four forms."""
    text = unescape(query)
    terminals = list(tokens(text))
    place = query_form(terminals)
    form = QUERY_FORMS.get(terminals[place].text.upper()) if place < len(terminals) else None
    if form is None:
        end = terminals[place].end - len(terminals[place].text) if place < len(terminals) else len(text)
        before = text[:end]
        line, column = before.count("\n") + 1, end - before.rfind("\n")
        raise SyntaxFault(f"expected one of {', '.join(QUERY_FORMS)}", line, column)
    return form


def _wanted(extension: str | None, form: str) -> Format:
    format_ = by_extension(extension) if extension else None
    if format_ is None:
        raise FormatFault(form)
    return format_


def _with_base(query: str, base: str) -> str:
    """The query with the base IRI, where it has a relative one: the other endpoint would take its own address."""
    relative = (token.kind is Kind.IRI and not _SCHEME.match(token.text) for token in tokens(unescape(query)))
    return f"BASE <{base}> {query}" if any(relative) else query


def _whole_graph(name: str | None) -> str:
    pattern = "?s ?p ?o"
    if name is not None:
        pattern = f"GRAPH {written(ox.NamedNode(name))} {{ {pattern} }}"
    return f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}"


def _body(spool: Spool) -> bytes | int:
    """The bytes, or the descriptor of the file that holds them, as a query process gives them."""
    spool.file.seek(0)
    if spool.size <= INLINE:
        return spool.file.read()
    return os.dup(spool.file.fileno())
