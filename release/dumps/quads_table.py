"""All quads as one table, `quads.parquet`, for those who ask in SQL or with data frames.

The columns are those that DuckDB's extension for RDF gives (`read_rdf`). A literal has its text in `object`, and always
a datatype; an IRI or blank node has none, nor has a triple, which stands there in N-Triples. The language of a text has
its base direction behind it (`ar--rtl`). Quads without a graph are those of the default graph.
"""

from __future__ import annotations

import marshal
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import zstandard
from arro3.core import Array, DataType, Field, RecordBatch, Schema, Table

from core.namespaces import RDF, XSD
from core.ntriples import decode_iri, is_literal, is_triple, split_literal, unescape
from release.blocks import numbered
from release.dumps import arrow, row_groups
from release.dumps.index import FOLDER, Dump, DumpContent, DumpIndex
from release.parts import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from release.blocks import Block, BlockLines

    _Values: TypeAlias = list[list[str | None]]
    _Column: TypeAlias = tuple[bytes, bytes]

PATH = "quads.parquet"
_TEXT = DataType.string()
_REQUIRED = ("subject", "predicate", "object")
_COLUMNS = (*_REQUIRED, "graph", "language_tag", "datatype")
_SCHEMA = Schema([Field(name, _TEXT, nullable=name not in _REQUIRED) for name in _COLUMNS])
_NUMBER = np.dtype("<u4")
_PACKED = 1  # level of Zstandard, of what is made of a block


class QuadsTable(Part):
    """The table; a row is a quad, in the order of the lines. The blocks of a group are a row group."""

    key = b"quads.parquet 3"

    def of_block(self, block: BlockLines) -> bytes:
        repeats = np.diff(np.array([*block.starts, len(block.graphs)], _NUMBER)).tobytes()
        columns = [*map(_column, block.triples), _column([graph or b"" for graph in block.graphs])]
        return zstandard.ZstdCompressor(_PACKED).compress(marshal.dumps((*columns, repeats)))

    def join(self, results: Sequence[tuple[Block, bytes]]) -> bytes:
        blocks = [marshal.loads(zstandard.ZstdDecompressor().decompress(result)) for _, result in results]  # noqa: S302
        *of_triples, of_quads, repeats = zip(*blocks, strict=True)
        quads_of = np.frombuffer(b"".join(repeats), _NUMBER)  # how many each triple has
        subjects, predicates, objects = (
            _joined(columns, values, quads_of)
            for columns, values in zip(of_triples, (_named, _named, _objects), strict=True)
        )
        graphs = _joined(of_quads, _named)
        arrays = [*subjects, *predicates, objects[0], *graphs, *objects[1:]]
        return row_groups.packed(arrow.parquet(RecordBatch.from_arrays(arrays, schema=_SCHEMA)))

    def write(self, results: Iterable[tuple[Block, bytes]], folder: Path) -> bytes:
        empty = arrow.parquet(Table.from_batches([], schema=_SCHEMA))
        with (folder / FOLDER / PATH).open("wb") as file:
            rows = row_groups.write((result for _, result in results), empty, file)
        return DumpIndex((Dump(DumpContent.DATASET, "parquet", PATH, items=rows),)).to_json()


def _column(terms: Sequence[bytes]) -> _Column:
    """The different terms, as lines, and the number of each term among them."""
    different, places = numbered(terms)
    return b"\n".join(different), places.astype(_NUMBER).tobytes()


def _joined(columns: Iterable[_Column], values: Callable[[Iterable[bytes]], _Values], repeats: Any = 1) -> list[Array]:
    """The columns of consecutive blocks as arrays. values: what these have for terms; repeats: how often each comes."""
    of_blocks = [(terms.split(b"\n"), np.frombuffer(places, _NUMBER)) for terms, places in columns]
    different, numbers = numbered(list(chain.from_iterable(terms for terms, _ in of_blocks)))
    starts = accumulate((len(terms) for terms, _ in of_blocks), initial=0)
    places = np.concatenate([places + start for (_, places), start in zip(of_blocks, starts, strict=False)])
    taken = Array(np.repeat(numbers.astype(_NUMBER)[places], repeats))
    return [Array(column, _TEXT).take(taken) for column in values(different)]


def _named(terms: Iterable[bytes]) -> _Values:
    """Of IRIs and blank nodes; the empty one, for the default graph, is null."""
    return [[decode_iri(term) if term else None for term in terms]]


def _objects(terms: Iterable[bytes]) -> _Values:
    """Of objects: text, language and datatype."""
    found = list(map(_value, terms))
    return [[row[place] for row in found] for place in range(3)]


def _value(term: bytes) -> tuple[str, str | None, str | None]:
    if not is_literal(term):
        return term.decode() if is_triple(term) else decode_iri(term), None, None
    text, suffix = split_literal(term)
    value = unescape(text.decode())
    if suffix.startswith(b"@"):
        language = suffix[1:].decode()
        return value, language, f"{RDF}dirLangString" if "--" in language else f"{RDF}langString"
    return value, None, unescape(suffix[3:-1].decode()) if suffix else f"{XSD}string"
