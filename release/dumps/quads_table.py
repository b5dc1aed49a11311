"""All quads as one table, `quads.parquet`, for those who ask in SQL or with data frames.

The columns are those that DuckDB's extension for RDF gives (`read_rdf`). A literal has its text in `object`, and always
a datatype; an IRI or blank node has none, nor has a triple, which stands there in N-Triples. The language of a text has
its base direction behind it (`ar--rtl`). Quads without a graph are those of the default graph.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from arro3.core import Array, DataType, Field, RecordBatch, Schema

from core.namespaces import RDF, XSD
from core.ntriples import decode_iri, is_literal, is_triple, split_literal, unescape
from release.dumps import arrow
from release.dumps.index import FOLDER, Dump, DumpContent, DumpIndex
from release.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from release.blocks import Block, BlockLines

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
        subjects, predicates, objects, graphs = zip(*block.rows, strict=True)
        names, values = _Names(), _Values()
        texts, languages, datatypes = zip(*map(values.__getitem__, objects), strict=True)
        columns = (
            map(names.__getitem__, subjects),
            map(names.__getitem__, predicates),
            texts,
            map(names.__getitem__, graphs),
            languages,
            datatypes,
        )
        arrays = [Array(list(column), _TEXT) for column in columns]
        return _ROWS.pack(len(subjects)) + arrow.packed(RecordBatch.from_arrays(arrays, schema=_SCHEMA))

    def write(self, results: Iterable[tuple[Block, bytes]], folder: Path) -> bytes:
        rows = 0

        def batches() -> Iterator[bytes]:
            nonlocal rows
            for _, result in results:
                rows += _ROWS.unpack_from(result)[0]
                yield result[_ROWS.size :]

        arrow.write_parquet(arrow.unpacked(batches(), _SCHEMA), folder / FOLDER / PATH, {})
        return DumpIndex((Dump(DumpContent.DATASET, "parquet", PATH, items=rows),)).to_json()


class _Names(dict["bytes | None", "str | None"]):
    """IRIs and blank nodes of lines → as they stand in the table; None is None."""

    def __missing__(self, term: bytes | None) -> str | None:
        self[term] = name = decode_iri(term) if term is not None else None
        return name


class _Values(dict[bytes, "tuple[str, str | None, str | None]"]):
    """Objects of lines → text, language and datatype."""

    def __missing__(self, term: bytes) -> tuple[str, str | None, str | None]:
        self[term] = value = _value(term)
        return value


def _value(term: bytes) -> tuple[str, str | None, str | None]:
    if not is_literal(term):
        return term.decode() if is_triple(term) else decode_iri(term), None, None
    text, suffix = split_literal(term)
    value = unescape(text.decode())
    if suffix.startswith(b"@"):
        language = suffix[1:].decode()
        return value, language, f"{RDF}dirLangString" if "--" in language else f"{RDF}langString"
    return value, None, unescape(suffix[3:-1].decode()) if suffix else f"{XSD}string"
