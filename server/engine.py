"""Answers one request after the other from a store: evaluates it and writes the result in the format asked for.

Results are created, serialised and dropped in one thread: the engine wants it so.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
from dataclasses import asdict, dataclass
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from core.formats import HTML, RDF_XML, RESULTS_XML, by_extension
from server import guard
from server.serialization import UnwritableError, writable_in_xml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.formats import Format
    from server.describing import Describer

INLINE = 1 << 20  # bytes; a larger body is handed over as a file
ROWS = 1000  # rows or triples that a page has; whoever wants more wants another format
_CELLS = 10_000
_NOT_IN_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_DEFAULT = ox.DefaultGraph()


@dataclass(frozen=True)
class Request:
    """One query; formats are given by extension, None where the client accepts none of that kind.

    The graphs are those of the protocol request, which replace FROM and FROM NAMED; None leaves these in force.
    refuse_service: whether SERVICE is refused with a clear word; it fails in any case.
    """

    query: str
    base: str
    results: str | None
    graph: str | None
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    refuse_service: bool = True


@dataclass(frozen=True)
class GraphRequest:
    """One graph of the store, whole: its name, None for the default graph, and the extension of a format."""

    name: str | None
    format: str


def to_json(request: Request | GraphRequest) -> bytes:
    return json.dumps([type(request).__name__, asdict(request)]).encode()


def from_json(data: bytes) -> Request | GraphRequest:
    kind, values = json.loads(data)
    return Request(**values) if kind == Request.__name__ else GraphRequest(**values)


class ServiceError(Exception):
    """The query asks another endpoint."""


class TooLargeError(Exception):
    """The result is larger than it may be."""


class Spool(io.RawIOBase):
    """Takes what a serialiser writes: in memory while it is small, else in a file without a name.

    xml: whether it is XML. The engine writes control characters as they are: most have no place in XML, and a carriage
    return would be read as a line feed (https://www.w3.org/TR/xml/#sec-line-ends).
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.size = 0
        self.xml = False
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(INLINE)  # noqa: SIM115 - handed on, then closed

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        written = bytes(data).replace(b"\r", b"&#xD;") if self.xml else data
        self.size += len(written)
        if self.size > self._limit:
            raise TooLargeError
        if self.xml and _NOT_IN_XML.search(written):
            raise UnwritableError("XML cannot hold a text with control characters")
        self.file.write(written)
        return len(data)


@dataclass(frozen=True)
class Outcome:
    """What was written: `results`, `boolean` or `graph`, and in which format, None where none fits.

    cut: whether it is but the beginning, as pages have it.
    """

    form: str
    format: Format | None
    cut: bool = False


class Engine:
    """The store of one release with what is put in front of it; used by one thread."""

    def __init__(self, store: ox.Store, describer: Describer) -> None:
        self._store, self._describer = store, describer

    def answer(self, request: Request | GraphRequest, spool: Spool) -> Outcome:
        """Write the answer; raises what the engine does, ServiceError, TooLargeError and UnwritableError."""
        if isinstance(request, GraphRequest):
            return self._graph(request, spool)
        if request.refuse_service and guard.asks_elsewhere(request.query):
            raise ServiceError
        result = self._store.query(
            request.query,
            base_iri=request.base,
            default_graph=_nodes(request.default_graphs),
            named_graphs=_nodes(request.named_graphs),
        )
        if isinstance(result, ox.QueryTriples):
            return self._triples(request, result, spool)
        format_ = by_extension(request.results) if request.results else None
        form = "boolean" if isinstance(result, ox.QueryBoolean) else "results"
        if format_ is None:
            return Outcome(form, None)
        if format_ is HTML:
            return Outcome(form, format_, _first_rows(result, spool))
        spool.xml = format_ is RESULTS_XML
        result.serialize(cast("IO[bytes]", spool), format=format_.results)
        return Outcome(form, format_)

    def _triples(self, request: Request, result: ox.QueryTriples, spool: Spool) -> Outcome:
        format_ = by_extension(request.graph) if request.graph else None
        if format_ is None:
            return Outcome("graph", None)
        described = None
        if request.default_graphs is None:  # over the whole dataset
            described = self._describer.triples(request.query, request.base)
        if format_ is HTML:
            return Outcome("graph", format_, _first_triples(result if described is None else described, spool))
        if described is not None:
            spool.write(self._describer.write(described, format_))
        elif format_ is RDF_XML:
            spool.xml = True
            ox.serialize(writable_in_xml(result), cast("IO[bytes]", spool), format=format_.rdf)
        else:
            result.serialize(cast("IO[bytes]", spool), format=format_.rdf)
        return Outcome("graph", format_)

    def _graph(self, request: GraphRequest, spool: Spool) -> Outcome:
        format_ = by_extension(request.format)
        if format_ is None:
            return Outcome("graph", None)
        graph = _DEFAULT if request.name is None else ox.NamedNode(request.name)
        triples = (quad.triple for quad in self._store.quads_for_pattern(None, None, None, graph))
        if format_ is HTML:
            return Outcome("graph", format_, _first_triples(triples, spool))
        output = cast("IO[bytes]", spool)
        if format_ is RDF_XML:
            spool.xml = True
            ox.serialize(writable_in_xml(triples), output, format=format_.rdf)
        else:
            self._store.dump(output, format=format_.rdf, from_graph=graph)
        return Outcome("graph", format_)


def _nodes(iris: Iterable[str] | None) -> list[Any] | None:
    return None if iris is None else [ox.NamedNode(iri) for iri in iris]


def _first_rows(result: ox.QuerySolutions | ox.QueryBoolean, spool: Spool) -> bool:
    """Write the first rows as SPARQL Results in TSV, or a boolean as JSON; says whether there are more."""
    if isinstance(result, ox.QueryBoolean):
        spool.write(json.dumps(bool(result)).encode())
        return False
    spool.write(("\t".join(map(str, result.variables)) + "\n").encode())
    lines = ("\t".join("" if term is None else _text(term) for term in row) + "\n" for row in result)
    return _first(lines, min(ROWS, _CELLS // max(1, len(result.variables))), spool)


def _first_triples(triples: Iterable[ox.Triple], spool: Spool) -> bool:
    """Write the first triples as N-Triples; says whether there are more."""
    lines = (f"{_text(t.subject)} {_text(t.predicate)} {_text(t.object)} .\n" for t in triples)
    return _first(lines, ROWS, spool)


def _first(lines: Iterator[str], number: int, spool: Spool) -> bool:
    """Write so many lines at most, and no more than a page can bear; says whether there are more."""
    for line in islice(lines, number):
        data = line.encode()
        if spool.size + len(data) > INLINE:
            return True
        spool.write(data)
    return next(lines, None) is not None


def _text(term: Any) -> str:
    """As N-Triples and TSV write it; the engine leaves out what encloses a triple."""
    if isinstance(term, ox.Triple):
        return f"<<( {_text(term.subject)} {_text(term.predicate)} {_text(term.object)} )>>"
    return str(term)
