"""Tables of a class: CSV for spreadsheets and Parquet for programs, with the same rows and columns.

A row is an instance, a column a property with one kind of value; several values of a cell are joined in CSV and a list
in Parquet. All rows together say the same triples as the class's other dumps. An instance with very many triples goes
on in further rows, so that no row is larger than memory.
"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import arro3.io
from arro3.core import DataType, Field, Schema

from core.namespaces import XSD
from release.dumps.columns import Columns, row
from release.dumps.files import GZIP, Text
from release.dumps.index import Dump, Extent
from release.dumps.terms import iri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from release.dumps.columns import Column
    from release.dumps.terms import Pairs

FOLDER = "tables"
CREATED_BY = "parkgraph"
_ROWS = 1_000_000  # of one file; spreadsheets take 1,048,576
_MARK = b"\xef\xbb\xbf"  # by which spreadsheets know that it is UTF-8
_GROUP = 50_000  # rows of a Parquet row group, which is held in memory
_BATCH = 4096  # rows that are converted at once
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class _Echo:
    """What csv.writer writes to: gives the line back."""

    @staticmethod
    def write(text: str) -> str:
        return text


class Table:
    """One table. When it is written, `columns`, `dumps` and whether each instance has one row are known."""

    def __init__(self, folder: Path, name: str, classes: tuple[str, ...], limit: int) -> None:
        self._folder, self._stem, self._classes, self._limit = folder, f"{FOLDER}/{name}", classes, limit
        self.columns: list[Column] = []
        self.dumps: list[Dump] = []
        self.is_unique = True

    def read(
        self, instances: Iterable[tuple[bytes, Pairs]], order: Mapping[str, float], names: Mapping[str, str]
    ) -> None:
        """The first pass: find the columns. order, names: property → its place, and its short name."""
        columns, before = Columns(), b""
        for subject, pairs in instances:
            columns.note(row(pairs))
            self.is_unique &= subject != before
            before = subject
        self.columns = columns.named(order, names)

    def write(self, instances: Iterable[tuple[bytes, Pairs]], about: str) -> None:
        """The second pass: write the rows. about: what Parquet files say about their columns, as JSON."""
        echo = csv.writer(_Echo())
        head = _MARK + echo.writerow(["id", *(column.name for column in self.columns)]).encode()
        kind = Dump(Extent.TABLE, "csv", self._classes)
        with Text(self._folder, self._stem, kind, (GZIP,), head=head, limit=self._limit, most=_ROWS) as text:
            parquet = _Parquet(self._folder, self._stem, self._classes, self.columns, about)
            for subject, pairs in instances:
                if text.is_full:
                    parquet.end_part()
                cells, id_ = row(pairs), iri(subject)
                values = [cells.get((column.iri, column.kind)) for column in self.columns]
                joined = [c.separator.join(v) if v else "" for c, v in zip(self.columns, values, strict=True)]
                text.write(echo.writerow([id_, *joined]).encode())
                parquet.add(id_, values)
            parquet.close()
        self.dumps = [*text.dumps, *parquet.dumps]


class _Parquet:
    """Parquet files, each from a file of JSON lines that arro3 reads and converts in small batches."""

    def __init__(self, folder: Path, stem: str, classes: tuple[str, ...], columns: list[Column], about: str) -> None:
        self._folder, self._stem, self._about = folder, stem, about
        self._kind = Dump(Extent.TABLE, "parquet", classes)
        self._columns = [(column.name, column.is_list, _converter(column)) for column in columns]
        fields = [Field("id", DataType.string(), nullable=False)]
        fields += [Field(column.name, _data_type(column), nullable=True) for column in columns]
        self._schema = Schema(fields)
        self._lines = folder / f"{stem}.json"
        self._file = self._lines.open("w", encoding="utf-8")
        self._rows = 0
        self.dumps: list[Dump] = []

    def add(self, id_: str, values: list[list[str] | None]) -> None:
        cells: dict[str, Any] = {"id": id_}
        for (name, is_list, convert), texts in zip(self._columns, values, strict=True):
            if texts:
                converted = [convert(text) for text in texts] if convert else texts
                cells[name] = converted if is_list else converted[0]
        self._file.write(_json(cells) + "\n")
        self._rows += 1

    def end_part(self) -> None:
        self._file.close()
        number = len(self.dumps) + 1
        path = f"{self._stem}-{number:04}.parquet"
        arro3.io.write_parquet(
            arro3.io.read_json(str(self._lines), self._schema, batch_size=_BATCH),
            str(self._folder / path),
            compression="zstd(9)",
            created_by=CREATED_BY,
            key_value_metadata={"csvw": self._about},
            max_row_group_size=_GROUP,
            skip_arrow_metadata=True,
        )
        self.dumps.append(self._kind.part(path=path, number=number, items=self._rows))
        self._rows = 0
        self._file = self._lines.open("w", encoding="utf-8")

    def close(self) -> None:
        if self._rows or not self.dumps:
            self.end_part()
        self._file.close()
        self._lines.unlink()
        if len(self.dumps) == 1:
            path = f"{self._stem}.parquet"
            (self._folder / self.dumps[0].path).rename(self._folder / path)
            self.dumps[0] = self.dumps[0].part(path=path)
        self.dumps = [dump.part(parts=len(self.dumps)) for dump in self.dumps]


def _data_type(column: Column) -> DataType:
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


def _converter(column: Column) -> Callable[[str], object] | None:
    """What makes a JSON value of a text that arro3 reads as the column's type; None where the text is it already."""
    if not column.is_canonical:
        return None
    converters: dict[str, Callable[[str], object]] = {"integer": int, "boolean": "true".__eq__}
    return converters.get(column.kind.removeprefix(XSD))
