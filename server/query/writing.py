"""Writes the answers to queries: whole in the formats of RDF and of results, or their beginning for a page."""

from __future__ import annotations

import io
import json
import os
import tempfile
from itertools import chain, islice
from operator import attrgetter
from typing import IO, TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from core.formats import HTML, N_QUADS, N_TRIPLES, RDF_XML, RESULTS_XML
from server.model.serialization import checked_xml, writable_in_xml
from server.query.errors import ResultSizeError
from server.temporary import writing_temporary_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.formats import Format
    from core.sparql_responses import QueryResult
    from server.model.describe import Describer
    from server.model.published import PublishedQuads

INLINE = 1 << 20  # bytes; a larger body is handed over as a file
ROWS = 1000  # rows or triples that a page has; whoever wants more wants another format
_CELLS = 10_000
_LINES = 1000  # that are parsed at once


class Spool(io.RawIOBase):
    """Takes what a serialiser writes: in memory while it is small, else in a file without a name.

    limit: of bytes. xml: whether it is XML, and to be checked.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.size = 0
        self.xml = False
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(INLINE)  # noqa: SIM115 - handed on, then closed

    def close(self) -> None:
        """Close the file too."""
        self.file.close()
        super().close()

    def body(self) -> bytes | int:
        """What was written: its bytes if they are few, else a descriptor of the file, for its taker to close."""
        self.rewind()
        with writing_temporary_file():
            return self.file.read() if self.size <= INLINE else os.dup(self.file.fileno())

    def rewind(self) -> None:
        """Have all of it written, to be read from its beginning; TemporaryFileError where that fails."""
        with writing_temporary_file():
            self.file.seek(0)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        written = checked_xml(bytes(data)) if self.xml else data
        self.size += len(written)
        if self.size > self.limit:
            raise ResultSizeError(f"the result is larger than {int(self.limit) >> 20} MiB")
        with writing_temporary_file():
            self.file.write(written)
        return len(data)


def write_answer(answer: QueryResult, format_: Format, spool: Spool, prefixes: dict[str, str] | None = None) -> bool:
    """Write rows, a boolean or a graph, as the functions below do."""
    if isinstance(answer, ox.QuerySolutions | ox.QueryBoolean):
        return write_results(answer, format_, spool)
    return write_triples(answer, format_, spool, prefixes)


def write_documents(triples: list[ox.Triple], format_: Format, spool: Spool, describer: Describer) -> bool:
    """Write the documents of a DESCRIBE query as they are published; returns whether a page has only the beginning."""
    if format_ is HTML:
        return write_triples(triples, format_, spool)
    spool.write(describer.write(triples, format_))
    return False


def write_results(result: ox.QuerySolutions | ox.QueryBoolean, format_: Format, spool: Spool) -> bool:
    """Write rows or a boolean; returns whether a page has only the beginning. Raises what the spool does."""
    if format_ is HTML:
        return _first_rows(result, spool)
    spool.xml = format_ is RESULTS_XML
    result.serialize(cast("IO[bytes]", spool), format=format_.results)
    return False


def write_triples(
    triples: Iterable[ox.Triple], format_: Format, spool: Spool, prefixes: dict[str, str] | None = None
) -> bool:
    """Write a graph; returns whether a page has only the beginning. Raises what the spool does, and UnwritableError."""
    if format_ is HTML:
        return _first_triples(triples, spool)
    if format_ is RDF_XML:
        spool.xml = True
        triples = writable_in_xml(triples)
    ox.serialize(triples, cast("IO[bytes]", spool), format=format_.rdf, prefixes=prefixes)
    return False


def write_lines(lines: Iterator[bytes], format_: Format, spool: Spool, published: PublishedQuads) -> bool:
    """Write a graph of canonical N-Triples, each term as it stands there; returns and raises as `write_triples`."""
    if format_ is HTML:
        return _first((line.decode() for line in lines), ROWS, spool)
    blocks = iter(lambda: b"".join(islice(lines, _LINES)), b"")
    if format_ in {N_TRIPLES, N_QUADS}:
        for block in blocks:
            spool.write(block)
        return False
    quads = chain.from_iterable(ox.parse(published.mark_lines(block), N_TRIPLES.rdf) for block in blocks)
    triples = map(attrgetter("triple"), quads)
    if not published.has_marks:
        return write_triples(triples, format_, spool)
    with Spool(spool.limit) as marked:
        write_triples(triples, format_, marked)
        marked.rewind()
        spool.write(published.unmark(marked.file.read()))
    return False


def _first_rows(result: ox.QuerySolutions | ox.QueryBoolean, spool: Spool) -> bool:
    """Write the first rows as SPARQL Results in TSV, or a boolean as JSON; returns whether there are more."""
    if isinstance(result, ox.QueryBoolean):
        spool.write(json.dumps(bool(result)).encode())
        return False
    spool.write(("\t".join(map(str, result.variables)) + "\n").encode())
    lines = ("\t".join("" if term is None else _text(term) for term in row) + "\n" for row in result)
    return _first(lines, min(ROWS, _CELLS // max(1, len(result.variables))), spool)


def _first_triples(triples: Iterable[ox.Triple], spool: Spool) -> bool:
    """Write the first triples as N-Triples; returns whether there are more."""
    lines = (f"{_text(t.subject)} {_text(t.predicate)} {_text(t.object)} .\n" for t in triples)
    return _first(lines, ROWS, spool)


def _first(lines: Iterator[str], number: int, spool: Spool) -> bool:
    """Write so many lines at most, and no more than a page can bear; returns whether there are more."""
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
