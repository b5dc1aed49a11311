"""Tables of a class: CSV for spreadsheets and Parquet for programs, with the same rows and columns.

A row is an instance, a column a property with one kind of value; several values of a cell are joined in CSV and a list
in Parquet. The rows of a class give all triples about its instances. An instance with very many triples goes on in
further rows, so that no row is larger than memory.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

import arro3.io
from arro3.core import DataType, Field, Schema

from core.namespaces import XSD
from core.ntriples import blocks, decode_iri
from release.dumps.columns import Columns, row
from release.dumps.files import GZIP, CompressedFiles, divide, part_name, read_lines
from release.dumps.index import TABLES, Dump, DumpContent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from core.ntriples import Pairs
    from release.dumps.columns import TableColumn

CREATED_BY = "parkgraph"
# A part of a table is made from a quarter of what a part of an RDF document is: 64 MiB of N-Triples. Each row has a
# triple with rdf:type, which takes more than 64 bytes, so no part has more rows than spreadsheets take (1,048,576).
PER_PART = 4
_MARK = b"\xef\xbb\xbf"  # by which spreadsheets know that it is UTF-8
_GROUP = 50_000  # rows of a Parquet row group, which is held in memory
_BATCH = 4096  # rows that are converted at once
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class _Echo:
    """A file for csv.writer whose `write` returns the line."""

    @staticmethod
    def write(text: str) -> str:
        return text


@dataclass(frozen=True)
class Table:
    """The table of the instances in a region of a file of sorted lines; folder: of the dumps; classes: IRIs."""

    folder: Path
    name: str
    classes: tuple[str, ...]
    lines: Path
    region: tuple[int, int]

    def columns(self, order: Mapping[str, float], names: Mapping[str, str]) -> tuple[list[TableColumn], bool]:
        """The columns, and whether each instance has one row. order, names: property → its place, its short name."""
        columns, is_unique, before = Columns(), True, b""
        for subject, pairs in blocks(read_lines(self.lines, self.region)):
            columns.note(row(pairs))
            is_unique &= subject != before
            before = subject
        return columns.named(order, names), is_unique

    def write(self, columns: list[TableColumn], about: str, limit: int) -> list[Dump]:
        """Write the files. about: the table in CSVW, as JSON; limit: bytes of N-Triples that a part is made from."""
        regions = divide(self.lines, limit, *self.region)
        dumps = []
        for number, region in enumerate(regions, 1):
            stem = f"{TABLES}/{part_name(self.name, number, len(regions))}"
            work = self.folder / f"{stem}.json"
            with CompressedFiles(self.folder / f"{stem}.csv", [GZIP]) as text, work.open("wb") as rows:
                count = _write_rows(blocks(read_lines(self.lines, region)), columns, text, rows)
            _write_parquet(work, self.folder / f"{stem}.parquet", columns, about)
            work.unlink()
            part = partial(
                Dump, DumpContent.TABLE, classes=self.classes, number=number, parts=len(regions), items=count
            )
            dumps += [
                part(extension="csv", path=f"{stem}.csv.{GZIP}", coding=GZIP, text_size=text.size),
                part(extension="parquet", path=f"{stem}.parquet"),
            ]
        return dumps


def url(dump: Dump) -> str:
    """The address of a table in CSV without its compression, relative to the description of the tables."""
    return dump.path.removeprefix(f"{TABLES}/").removesuffix(f".{GZIP}")


def _write_rows(
    instances: Iterable[tuple[bytes, Pairs]], columns: list[TableColumn], text: CompressedFiles, rows: BinaryIO
) -> int:
    """Write instances as CSV to text and as JSON, an object on each line, to rows; the number of rows."""
    echo = csv.writer(_Echo())
    count, converters = 0, [_converter(column) for column in columns]
    text.write(_MARK + echo.writerow(["id", *(column.name for column in columns)]).encode())
    for subject, pairs in instances:
        cells, id_ = row(pairs), decode_iri(subject)
        values = [cells.get((column.iri, column.kind)) for column in columns]
        joined = [c.separator.join(v) if v else "" for c, v in zip(columns, values, strict=True)]
        text.write(echo.writerow([id_, *joined]).encode())
        typed: dict[str, Any] = {"id": id_}
        for column, convert, texts in zip(columns, converters, values, strict=True):
            if texts:
                converted = [convert(value) for value in texts] if convert else texts
                typed[column.name] = converted if column.is_list else converted[0]
        rows.write(_json(typed).encode() + b"\n")
        count += 1
    return count


def _write_parquet(rows: Path, target: Path, columns: list[TableColumn], about: str) -> None:
    """Write JSON lines as Parquet; they are read and converted in small batches."""
    fields = [Field("id", DataType.string(), nullable=False)]
    fields += [Field(column.name, _data_type(column), nullable=True) for column in columns]
    arro3.io.write_parquet(
        arro3.io.read_json(str(rows), Schema(fields), batch_size=_BATCH),
        str(target),
        compression="zstd(9)",
        created_by=CREATED_BY,
        key_value_metadata={"csvw": about},
        max_row_group_size=_GROUP,
        skip_arrow_metadata=True,
    )


def _data_type(column: TableColumn) -> DataType:
    value = DataType.string()
    if column.is_canonical:
        match column.kind.removeprefix(XSD):
            case "integer":
                value = DataType.int64()
            case "decimal":
                value = DataType.decimal128(column.whole + column.part, column.part)
            case "boolean":
                value = DataType.bool()
            case "date":
                value = DataType.date32()
    return DataType.list(Field("element", value, nullable=False)) if column.is_list else value


def _converter(column: TableColumn) -> Callable[[str], object] | None:
    """Converts a text to a JSON value that arro3 reads as the column's type; None if the text is one already."""
    if not column.is_canonical:
        return None
    converters: dict[str, Callable[[str], object]] = {"integer": int, "boolean": "true".__eq__}
    return converters.get(column.kind.removeprefix(XSD))
