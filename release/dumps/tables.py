"""Tables of a class: CSV for spreadsheets and Parquet for programs, with the same rows and columns.

A row is an instance, a column a property with one kind of value; several values of a cell are joined in CSV and a list
in Parquet. The rows of a class give all triples about its instances. An instance that is in several blocks has a row of
each.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import struct
from dataclasses import dataclass, replace
from functools import cached_property
from json.encoder import encode_basestring as _json
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import arro3.io
import numpy as np
import zstandard
from arro3.core import DataType, Field, Schema

from core.namespaces import XSD
from core.ntriples import TYPE, decode_iri, is_iri
from release.dumps import arrow, csvw, gzip_pieces
from release.dumps.columns import classify
from release.dumps.documents import GZIP
from release.dumps.index import FOLDER, METADATA, TABLES, Dump, DumpContent, DumpIndex
from release.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from release.blocks import Block, BlockLines, TripleColumns
    from release.dumps.columns import TableColumn

_MARK = b"\xef\xbb\xbf"  # by which spreadsheets know that it is UTF-8
_BATCH = 4096  # rows that are converted at once
_HELD = 32 << 20  # bytes of rows that are held before they are written to files
_PACKED = 1  # level of Zstandard, of what is made of a block
_ROWS = struct.Struct("<IIQQ")
_SIZE = struct.Struct("<Q")
_QUOTED = re.compile(r'[",\r\n]')
_Cell: TypeAlias = "tuple[str, str, str, str]"


@dataclass(frozen=True)
class Table:
    """A table. about: its description by CSV on the Web."""

    name: str
    classes: tuple[str, ...]
    columns: Sequence[TableColumn]
    about: dict[str, Any]


class Tables(Part):
    """All tables, and their description."""

    def __init__(
        self,
        tables: Sequence[Table],
        names: Mapping[str, tuple[str, ...]],
        divided: Mapping[str, Sequence[str]],
    ) -> None:
        """names: class → those of the tables with its instances; divided: instance in several blocks → its classes."""
        self._tables, self._names, self._divided = tables, names, divided
        # rows do not depend on the digits of decimals, which a new value changes
        columns = [[replace(column, whole=0, part=0) for column in table.columns] for table in tables]
        needed = repr([[table.classes for table in tables], columns, sorted(divided.items())])
        self.key = b"tables 3 %b " % gzip_pieces.VERSION + hashlib.sha256(needed.encode()).digest()

    @cached_property
    def _layouts(self) -> list[_Layout]:
        return list(map(_layout, self._tables))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """The number of the table of each class that has one."""
        return {class_: number for number, table in enumerate(self._tables) for class_ in table.classes}

    def of_block(self, block: BlockLines) -> bytes:
        triples = block.default_triples
        properties, cells = list(map(decode_iri, triples.predicates)), list(map(_cell, triples.objects))
        pairs = list(zip(triples.predicate.tolist(), triples.object.tolist(), strict=True))
        type_ = triples.place(TYPE)
        held_in = self._held_in(triples, type_)
        rows: dict[int, _Rows] = {}
        start = 0
        for subject, end in zip(triples.subjects, triples.ends, strict=True):
            id_, said = decode_iri(subject), pairs[start:end]
            if id_ in self._divided:
                found = {self._numbers[class_] for class_ in self._divided[id_] if class_ in self._numbers}
            else:
                found = {held_in[value] for predicate, value in said if predicate == type_ and value in held_in}
            for number in found:
                if number not in rows:
                    layout = self._layouts[number]
                    rows[number] = _Rows(layout.empty, [layout.columns.get(iri, {}) for iri in properties], cells)
                rows[number].add(id_, said)
            start = end
        parts = [part for number, found in sorted(rows.items()) for part in found.packed(number)]
        return zstandard.ZstdCompressor(_PACKED).compress(b"".join(parts))

    def _held_in(self, triples: TripleColumns, type_: int | None) -> dict[int, int]:
        """Classes, by their places among the objects → the numbers of their tables. type_: the place of rdf:type."""
        places = np.unique(triples.object[triples.predicate == type_]).tolist()
        classes = {place: decode_iri(term) for place in places if is_iri(term := triples.objects[place])}
        return {place: self._numbers[iri] for place, iri in classes.items() if iri in self._numbers}

    def join(self, results: Sequence[tuple[Block, bytes]]) -> bytes:
        rows: dict[int, list[tuple[int, bytes, bytes]]] = {}
        for _, result in results:
            for number, count, text, of_block in _unpacked(zstandard.ZstdDecompressor().decompress(result)):
                rows.setdefault(number, []).append((count, text, of_block))
        parts: list[bytes] = []
        for number, of in sorted(rows.items()):
            counts, texts, objects = zip(*of, strict=True)
            piece = gzip_pieces.deflate(b"".join(texts)).packed()
            packed = zstandard.ZstdCompressor(_PACKED).compress(b"".join(objects))
            parts += (_ROWS.pack(number, sum(counts), len(piece), len(packed)), piece, packed)
        return b"".join(parts)

    def write(self, results: Iterable[tuple[Block, bytes]], folder: Path) -> bytes:
        target = folder / FOLDER / TABLES
        dumps: list[Dump] = []
        described: list[dict[str, Any]] = []
        if self._tables:
            target.mkdir(exist_ok=True)
        files, counts = _Files(target), [0] * len(self._tables)
        for _, result in results:
            for number, count, piece, objects in _unpacked(result):
                counts[number] += count
                files.append(f"{self._tables[number].name}.csv", _SIZE.pack(len(piece)) + piece)
                files.append(f"{self._tables[number].name}.json", zstandard.ZstdDecompressor().decompress(objects))
        files.flush()
        for table, count in zip(self._tables, counts, strict=True):
            dumps += _write_table(table, count, target)
            described.append({"url": f"{table.name}.csv"} | table.about)
        if described:
            text = (json.dumps(csvw.document(described), ensure_ascii=False, indent=1) + "\n").encode()
            (folder / FOLDER / METADATA).write_bytes(text)
            dumps.append(Dump(DumpContent.TABLE, "json", METADATA, items=len(described), text_size=len(text)))
        return DumpIndex(tuple(dumps), dict(self._names)).to_json()


def _cell(term: bytes) -> _Cell:
    """An object: the kind of its column, its text, and its value as CSV and as JSON have it."""
    kind, text, _ = classify(term)
    return kind, text, _csv(text), _json(text)


class _Layout(NamedTuple):
    """The columns of a table: IRI of the property → kind of value → column. empty: a row without values."""

    columns: dict[str, dict[str, _Column]]
    empty: list[str]


class _Column(NamedTuple):
    """A column.

    separator: between several values in CSV; empty where there is one. member: what begins that of an object in JSON.
    is_bare: whether values stand in JSON without quotation marks.
    """

    place: int
    separator: str
    member: str
    is_bare: bool


def _layout(table: Table) -> _Layout:
    columns: dict[str, dict[str, _Column]] = {}
    for place, column in enumerate(table.columns, 1):
        separator, bracket = (column.separator, "[") if column.is_list else ("", "")
        found = _Column(place, separator, f",{_json(column.name)}:{bracket}", _is_bare(column))
        columns.setdefault(column.iri, {})[column.kind] = found
    return _Layout(columns, [""] * (1 + len(table.columns)))


class _Rows:
    """Rows of one table, as CSV and as JSON: an object on each line."""

    def __init__(self, empty: list[str], columns: list[dict[str, _Column]], cells: list[_Cell]) -> None:
        """empty: of the _Layout, as columns are, which are those of each predicate here; cells: of each object."""
        self._empty, self._columns, self._cells = empty, columns, cells
        self._lines, self._objects = list[str](), list[str]()

    def add(self, id_: str, pairs: Iterable[tuple[int, int]]) -> None:
        """Add an instance. pairs: what is said of it, by places of predicates and objects."""
        columns, cells = self._columns, self._cells
        row, members = self._empty.copy(), ['{"id":', _json(id_)]
        row[0] = _csv(id_)
        lists: dict[int, tuple[str, str, list[str], list[str]]] = {}
        for predicate, value in pairs:
            kind, text, in_csv, in_json = cells[value]
            place, separator, member, is_bare = columns[predicate][kind]
            if is_bare:
                in_json = text
            if not separator:
                row[place] = in_csv
                members += member, in_json
            elif place in lists:
                _, _, texts, values = lists[place]
                texts.append(text)
                values.append(in_json)
            else:
                lists[place] = separator, member, [text], [in_json]
        for place, (separator, member, texts, values) in lists.items():
            row[place] = _csv(separator.join(texts))
            members += member, ",".join(values), "]"
        self._lines.append(",".join(row))
        self._objects.append("".join(members))

    def packed(self, number: int) -> tuple[bytes, bytes, bytes]:
        """The rows as bytes; number: of the table."""
        text, objects = "\r\n".join([*self._lines, ""]).encode(), "}\n".join([*self._objects, ""]).encode()
        return _ROWS.pack(number, len(self._lines), len(text), len(objects)), text, objects


def _csv(text: str) -> str:
    """A value as it stands in CSV (RFC 4180)."""
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _unpacked(data: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    """The parts of a result: number of the table, of rows, and these as CSV and JSON.

    In the result for a group the CSV is compressed as a piece of gzip, and the JSON by Zstandard.
    """
    place = 0
    while place < len(data):
        number, count, size, more = _ROWS.unpack_from(data, place)
        start, end = place + _ROWS.size, place + _ROWS.size + size
        place = end + more
        yield number, count, data[start:end], data[end:place]


class _Files:
    """Appends to many files in turn; what is appended is held for a while."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, list[bytes]] = {}
        self._size = 0

    def append(self, name: str, data: bytes) -> None:
        self._held.setdefault(name, []).append(data)
        self._size += len(data)
        if self._size > _HELD:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        for name, parts in self._held.items():
            with (self._folder / name).open("ab") as file:
                file.writelines(parts)
        self._held, self._size = {}, 0


def _write_table(table: Table, count: int, folder: Path) -> list[Dump]:
    """Write the files of a table, in place of those with its rows as pieces of CSV and as JSON; count: of rows."""
    rows, objects = folder / f"{table.name}.csv", folder / f"{table.name}.json"
    text, parquet = folder / f"{table.name}.csv.{GZIP}", folder / f"{table.name}.parquet"
    head = io.StringIO(newline="")
    csv.writer(head).writerow(["id", *(column.name for column in table.columns)])
    with gzip_pieces.GzipFile(text) as file:
        for piece in _pieces(rows):
            file.write(piece)
        file.finish(_MARK + head.getvalue().encode())
    batches = arro3.io.read_json(str(objects), _schema(table.columns), batch_size=_BATCH)
    arrow.write_parquet(batches, parquet, {"csvw": json.dumps(table.about, ensure_ascii=False)})
    rows.unlink()
    objects.unlink()
    paths = (f"{TABLES}/{path.name}" for path in (text, parquet))
    return [
        Dump(DumpContent.TABLE, "csv", next(paths), table.classes, GZIP, items=count, text_size=file.size),
        Dump(DumpContent.TABLE, "parquet", next(paths), table.classes, items=count),
    ]


def _pieces(path: Path) -> Iterator[gzip_pieces.Piece]:
    """The pieces in a file, each behind its size."""
    with path.open("rb") as file:
        while size := file.read(_SIZE.size):
            yield gzip_pieces.Piece.unpacked(file.read(*_SIZE.unpack(size)))


def _schema(columns: Iterable[TableColumn]) -> Schema:
    fields = [Field(column.name, _data_type(column), nullable=True) for column in columns]
    return Schema([Field("id", DataType.string(), nullable=False), *fields])


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


def _is_bare(column: TableColumn) -> bool:
    """Whether the values stand in JSON as they are, without quotation marks."""
    return column.is_canonical and column.kind in {XSD + "integer", XSD + "boolean"}
