"""All quads as one table, `quads.parquet`, for those who ask in SQL or with data frames.

The columns are those that DuckDB's extension for RDF gives (`read_rdf`). A literal has its text in `object`, and always
a datatype; an IRI or blank node has none, nor has a triple, which stands there in N-Triples. The language of a text has
its base direction behind it (`ar--rtl`). Quads without a graph are those of the default graph.
"""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import zstandard
from arro3.core import Array, DataType, Field, RecordBatch, Schema, Table

from core.namespaces import RDF, XSD
from core.ntriples import decode_iri, is_literal, is_triple, split_literal, unescape
from release.dumps import arrow, row_groups
from release.dumps.index import FOLDER, Dump, DumpContent, DumpIndex
from release.parts import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from release.blocks import Block, BlockLines

    _Values: TypeAlias = list[tuple[str | None, ...]]
    _Column: TypeAlias = tuple[_Values, bytes]

PATH = "quads.parquet"
_TEXT = DataType.string()
_REQUIRED = ("subject", "predicate", "object")
_COLUMNS = (*_REQUIRED, "graph", "language_tag", "datatype")
_SCHEMA = Schema([Field(name, _TEXT, nullable=name not in _REQUIRED) for name in _COLUMNS])
_PACKED = 1  # level of Zstandard, of what is made of a block


class QuadsTable(Part):
    """The table; a row is a quad, in the order of the lines. The blocks of a group are a row group."""

    key = b"quads.parquet 2"

    def of_block(self, block: BlockLines) -> bytes:
        subjects, predicates, objects = block.triples
        repeats = np.diff(np.array([*block.starts, len(block.graphs)]))
        columns = (
            _column(subjects, _named, repeats),
            _column(predicates, _named, repeats),
            _column(objects, _values, repeats),
            _column(block.graphs, _named),
        )
        return zstandard.ZstdCompressor(_PACKED).compress(marshal.dumps(columns))

    def join(self, results: Sequence[tuple[Block, bytes]]) -> bytes:
        blocks = [marshal.loads(zstandard.ZstdDecompressor().decompress(result)) for _, result in results]  # noqa: S302
        subjects, predicates, objects, graphs = (_joined(columns) for columns in zip(*blocks, strict=True))
        arrays = [*subjects, *predicates, objects[0], *graphs, *objects[1:]]
        return row_groups.packed(arrow.parquet(RecordBatch.from_arrays(arrays, schema=_SCHEMA)))

    def write(self, results: Iterable[tuple[Block, bytes]], folder: Path) -> bytes:
        empty = arrow.parquet(Table.from_batches([], schema=_SCHEMA))
        with (folder / FOLDER / PATH).open("wb") as file:
            rows = row_groups.write((result for _, result in results), empty, file)
        return DumpIndex((Dump(DumpContent.DATASET, "parquet", PATH, items=rows),)).to_json()


def _column(terms: Sequence[bytes | None], values: Callable[[Iterable[Any]], _Values], repeats: Any = None) -> _Column:
    """The values of different terms, and the place of each term among them, little-endian.

    repeats: how often each of the terms comes; once if there are none.
    """
    different = dict.fromkeys(terms)
    numbers = dict(zip(different, range(len(different)), strict=True))
    places = np.fromiter(map(numbers.__getitem__, terms), "<u4", len(terms))
    return values(different), (places if repeats is None else np.repeat(places, repeats)).tobytes()


def _joined(columns: Iterable[_Column]) -> list[Array]:
    """The columns of consecutive blocks as arrays."""
    values: list[tuple[str | None, ...]] = []
    places = []
    for of_block, its_places in columns:
        places.append(np.frombuffer(its_places, "<u4") + np.uint32(len(values)))
        values += of_block
    taken = Array(np.concatenate(places))
    return [Array(list(column), _TEXT).take(taken) for column in zip(*values, strict=True)]


def _named(terms: Iterable[bytes | None]) -> _Values:
    """Of IRIs and blank nodes; None is null."""
    return [(None if term is None else decode_iri(term),) for term in terms]


def _values(terms: Iterable[bytes]) -> _Values:
    return list(map(_value, terms))


def _value(term: bytes) -> tuple[str, str | None, str | None]:
    if not is_literal(term):
        return term.decode() if is_triple(term) else decode_iri(term), None, None
    text, suffix = split_literal(term)
    value = unescape(text.decode())
    if suffix.startswith(b"@"):
        language = suffix[1:].decode()
        return value, language, f"{RDF}dirLangString" if "--" in language else f"{RDF}langString"
    return value, None, unescape(suffix[3:-1].decode()) if suffix else f"{XSD}string"
