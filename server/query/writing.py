"""Writes the answers to queries: whole in the formats of RDF and of results, or their beginning for a page."""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
import shutil
import tempfile
import time
from itertools import chain, islice
from operator import attrgetter
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

import pyoxigraph as ox

from core import language_tags
from core.formats import GEOJSON, HTML, N_QUADS, N_TRIPLES, RDF_XML, RESULTS_CSV, RESULTS_JSON, RESULTS_XML, XLSX
from core.rdf import notation
from core.reification import with_reifiers
from core.versions import Version, announcement, version_of_lines
from server.model.serialization import CheckedTriples, checked_xml
from server.query.errors import ResultSizeError
from server.query.features import write_features
from server.query.spreadsheets import write_named_csv, write_result_workbook
from server.temporary import writing_temporary_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from core.formats import Format
    from core.sparql_responses import QueryResult
    from server.model.describe import Describer
    from server.query.spreadsheets import Table

INLINE = 1 << 20  # bytes; a larger body is handed over as a file
ROWS = 1000  # rows or triples that a page has; whoever wants more wants another format
_CELLS = 10_000
_LINES = 1000  # that are parsed at once
# What the engine writes where results have a triple term or a text with a direction, and no text has in it.
_IN_RESULTS = {
    RESULTS_JSON: {Version.RDF_1_2: b'"type":"triple"', Version.RDF_1_2_BASIC: b'"its:dir":"'},
    RESULTS_XML: {Version.RDF_1_2: b"<triple>", Version.RDF_1_2_BASIC: b' its:dir="'},
}
_LONGEST_SIGN = 32  # bytes


class Spool(io.RawIOBase):
    """Takes what a serialiser writes: in memory while it is small, else in a file without a name.

    limit: of bytes. xml: whether it is XML, and to be checked. signs: what is looked for in it, by the version of RDF
    that it is a sign of. version: the one that what was written needs, as far as the writer or the signs tell.
    seconds: that it has taken for what it was given.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.size = 0
        self.seconds = 0.0
        self.xml = False
        self.signs: Mapping[Version, bytes] = {}
        self.version = Version.RDF_1_1
        self._before = b""
        self.file: IO[bytes] = io.BytesIO()

    def close(self) -> None:
        """Close the file too."""
        self.file.close()
        super().close()

    def body(self) -> bytes | int:
        """What was written: its bytes if they are few, else a descriptor of the file, for its taker to close."""
        self.rewind()
        with writing_temporary_file():
            return self.file.read() if isinstance(self.file, io.BytesIO) else os.dup(self.file.fileno())

    def rewind(self) -> None:
        """Have all of it written, to be read from its beginning; TemporaryFileError where that fails."""
        with writing_temporary_file():
            self.file.seek(0)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        began = time.perf_counter()
        self._write(data)
        self.seconds += time.perf_counter() - began
        return len(data)

    def _write(self, data: Any) -> None:
        written = checked_xml(bytes(data)) if self.xml else data
        if self.signs and self.version is not Version.RDF_1_2:
            seen = self._before + bytes(data)
            self.version = max([self.version, *(version for version, sign in self.signs.items() if sign in seen)])
            self._before = seen[-_LONGEST_SIGN:]
        self.size += len(written)
        if self.size > self.limit:
            raise ResultSizeError(f"the result is larger than {int(self.limit) >> 20} MiB")
        if isinstance(self.file, io.BytesIO):
            self.file.write(written)
            if self.size > INLINE:
                self._move()
        else:
            with writing_temporary_file():
                self.file.write(written)

    def prepend(self, data: bytes) -> None:
        """Put these bytes before what was written."""
        if not data:
            return
        self.rewind()
        written, self.file = self.file, io.BytesIO()
        self.size = 0
        self.write(data)
        with written, writing_temporary_file():
            shutil.copyfileobj(written, self)

    def _move(self) -> None:
        """From memory into a file."""
        with writing_temporary_file():
            self.file.seek(0)
            file = tempfile.TemporaryFile()  # noqa: SIM115 - handed on, then closed
            shutil.copyfileobj(self.file, file)
        self.file = file


def write_answer(
    answer: QueryResult,
    format_: Format,
    spool: Spool,
    prefixes: dict[str, str] | None = None,
    table: Table | None = None,
) -> bool:
    """Write rows, a boolean or a graph, as the functions below do."""
    if isinstance(answer, ox.QuerySolutions | ox.QueryBoolean):
        return write_results(answer, format_, spool, table)
    return write_triples(answer, format_, spool, prefixes)


def write_documents(
    triples: list[ox.Triple], format_: Format, spool: Spool, describer: Describer, *, reifiers: bool
) -> bool:
    """Write the documents of a DESCRIBE query as they are published; returns whether a page has only the beginning.

    reifiers: whether rdf:Statements reify their triples too.
    """
    if format_ is HTML:
        return write_triples(triples, format_, spool)
    written = describer.write([*with_reifiers(triples)] if reifiers else triples, format_)
    spool.write(written.data)
    spool.version = written.version
    return False


def write_results(
    result: ox.QuerySolutions | ox.QueryBoolean,
    format_: Format,
    spool: Spool,
    table: Table | None = None,
    *,
    is_rdf_1_1: bool = False,
) -> bool:
    """Write rows or a boolean; returns whether a page has only the beginning. Raises what the spool does.

    table: for workbooks, GeoJSON, and CSV with titles and names. is_rdf_1_1: it has no terms of RDF 1.2, which are
    looked for otherwise.
    """
    if format_ is HTML:
        return _first_rows(result, spool)
    if table and format_ is XLSX:
        write_result_workbook(result, table.presentation, table.name, cast("BinaryIO", spool))
        return False
    if table and format_ is GEOJSON:
        write_features(result, table, cast("BinaryIO", spool))
        return False
    if table and format_ is RESULTS_CSV and isinstance(result, ox.QuerySolutions):
        write_named_csv(result, table.presentation, table.name, cast("BinaryIO", spool))
        return False
    if format_ is RESULTS_CSV and not is_rdf_1_1 and isinstance(result, ox.QuerySolutions):
        _write_csv(result, spool)
        return False
    spool.xml = format_ is RESULTS_XML
    spool.signs = {} if is_rdf_1_1 else _IN_RESULTS.get(format_, {})
    result.serialize(cast("IO[bytes]", spool), format=format_.results)
    return False


def write_triples(
    triples: Iterable[ox.Triple], format_: Format, spool: Spool, prefixes: dict[str, str] | None = None
) -> bool:
    """Write a graph; returns whether a page has only the beginning. Raises what the spool does, and UnwritableError."""
    if format_ is HTML:
        return _first_triples(triples, spool)
    spool.xml = format_ is RDF_XML
    checked = CheckedTriples(triples, format_)
    with language_tags.RestoredFile(cast("BinaryIO", spool)) as file:
        ox.serialize(checked, cast("IO[bytes]", file), format=format_.rdf, prefixes=prefixes)
    spool.version = checked.version
    spool.prepend(announcement(checked.version, format_))
    return False


def write_lines(lines: Iterator[bytes], format_: Format, spool: Spool) -> bool:
    """Write a graph of canonical N-Triples, each term as it stands there; returns and raises as `write_triples`."""
    if format_ is HTML:
        return _first((line.decode() for line in lines), ROWS, spool)
    blocks = iter(lambda: b"".join(islice(lines, _LINES)), b"")
    if format_ in {N_TRIPLES, N_QUADS}:
        for block in blocks:
            spool.version = max(spool.version, version_of_lines(block))
            spool.write(block)
        return False
    marked = map(language_tags.mark, blocks)
    quads = chain.from_iterable(ox.parse(block, N_TRIPLES.rdf) for block in marked)
    return write_triples(map(attrgetter("triple"), quads), format_, spool)


def _write_csv(rows: ox.QuerySolutions, spool: Spool) -> None:
    """Write rows with triple terms in CSV, which the engine does in its own way, and faster where there are none.

    https://www.w3.org/TR/sparql12-results-csv-tsv/#csv-terms
    """
    writer = csv.writer(codecs.getwriter("utf-8")(spool))
    writer.writerow([variable.value for variable in rows.variables])
    writer.writerows([_in_csv(term) for term in row] for row in rows)


def _in_csv(term: Any, *, is_part: bool = False) -> str:
    """The text of a term; is_part: of a triple term, in which texts are quoted as fields are."""
    match term:
        case None:
            return ""
        case ox.Triple():
            parts = [_in_csv(part, is_part=True) for part in (term.subject, term.predicate, term.object)]
            return f"<<( {' '.join(parts)} )>>"
        case ox.Literal() if is_part:
            return '"' + term.value.replace('"', '""') + '"'
        case ox.BlankNode():
            return str(term)
    return str(term.value)


def _first_rows(result: ox.QuerySolutions | ox.QueryBoolean, spool: Spool) -> bool:
    """Write the first rows as SPARQL Results in TSV, or a boolean as JSON; returns whether there are more."""
    if isinstance(result, ox.QueryBoolean):
        spool.write(json.dumps(bool(result)).encode())
        return False
    spool.write(("\t".join(map(str, result.variables)) + "\n").encode())
    lines = ("\t".join("" if term is None else notation(term) for term in row) + "\n" for row in result)
    return _first(lines, min(ROWS, _CELLS // max(1, len(result.variables))), spool)


def _first_triples(triples: Iterable[ox.Triple], spool: Spool) -> bool:
    """Write the first triples as N-Triples; returns whether there are more."""
    lines = (f"{notation(t.subject)} {notation(t.predicate)} {notation(t.object)} .\n" for t in triples)
    return _first(lines, ROWS, spool)


def _first(lines: Iterator[str], number: int, spool: Spool) -> bool:
    """Write so many lines at most, and no more than a page can bear; returns whether there are more."""
    for line in islice(lines, number):
        data = line.encode()
        if spool.size + len(data) > INLINE:
            return True
        spool.write(data)
    return next(lines, None) is not None
