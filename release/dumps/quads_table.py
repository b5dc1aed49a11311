"""All quads as one table, `quads.parquet`, for those who ask in SQL or with data frames.

The columns are those that DuckDB's extension for RDF gives (`read_rdf`). A literal has its text in `object`, and always
a datatype; an IRI or blank node has none, nor has a triple, which stands there in N-Triples. The language of a text has
its base direction behind it (`ar--rtl`). Quads without a graph are those of the default graph.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from arro3.core import Array, DataType, Field, RecordBatch, Schema

from core.namespaces import RDF, XSD
from core.ntriples import decode_iri, is_literal, is_triple, split_literal, unescape
from release.dumps import arrow
from release.dumps.index import FOLDER, Dump, DumpContent, DumpIndex
from release.parts import Part

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from release.blocks import Block, BlockLines

    _Repeats: TypeAlias = NDArray[np.intp]

PATH = "quads.parquet"
_TEXT = DataType.string()
_REQUIRED = ("subject", "predicate", "object")
_COLUMNS = (*_REQUIRED, "graph", "language_tag", "datatype")
_SCHEMA = Schema([Field(name, _TEXT, nullable=name not in _REQUIRED) for name in _COLUMNS])
_ROWS = struct.Struct("<Q")


class QuadsTable(Part):
    """The table; a row is a quad, in the order of the lines."""

    key = b"quads.parquet 1"

    def of_block(self, block: BlockLines) -> bytes:
        subjects, predicates, objects = block.triples
        lines = len(block.graphs)
        repeats = np.diff(np.array([*block.starts, lines]))
        places = _places(objects, block.objects, repeats)
        values = [_taken(column, places) for column in zip(*map(_value, block.objects), strict=True)]
        named = [_named(terms, of) for terms, of in ((subjects, repeats), (predicates, repeats), (block.graphs, None))]
        arrays = [*named[:2], values[0], named[2], *values[1:]]
        return _ROWS.pack(lines) + arrow.packed(RecordBatch.from_arrays(arrays, schema=_SCHEMA))

    def write(self, results: Iterable[tuple[Block, bytes]], folder: Path) -> bytes:
        rows = 0

        def batches() -> Iterator[bytes]:
            nonlocal rows
            for _, result in results:
                rows += _ROWS.unpack_from(result)[0]
                yield result[_ROWS.size :]

        arrow.write_parquet(arrow.unpacked(batches(), _SCHEMA), folder / FOLDER / PATH, {})
        return DumpIndex((Dump(DumpContent.DATASET, "parquet", PATH, items=rows),)).to_json()


def _named(terms: Collection[bytes | None], repeats: _Repeats | None) -> Array:
    """The column of IRIs and blank nodes; None is null. repeats: how often each comes; once each if there are none."""
    different = dict.fromkeys(terms)
    names = [None if term is None else decode_iri(term) for term in different]
    return _taken(names, _places(terms, different, repeats))


def _places(terms: Collection[bytes | None], different: Collection[bytes | None], repeats: _Repeats | None) -> Array:
    """The place of each term among the different ones."""
    numbers = dict(zip(different, range(len(different)), strict=True))
    places = np.fromiter(map(numbers.__getitem__, terms), np.uint32, len(terms))
    return Array(places if repeats is None else np.repeat(places, repeats))


def _taken(values: Iterable[str | None], places: Array) -> Array:
    """A column that has the values of these places."""
    return Array(list(values), _TEXT).take(places)


def _value(term: bytes) -> tuple[str, str | None, str | None]:
    if not is_literal(term):
        return term.decode() if is_triple(term) else decode_iri(term), None, None
    text, suffix = split_literal(term)
    value = unescape(text.decode())
    if suffix.startswith(b"@"):
        language = suffix[1:].decode()
        return value, language, f"{RDF}dirLangString" if "--" in language else f"{RDF}langString"
    return value, None, unescape(suffix[3:-1].decode()) if suffix else f"{XSD}string"
