"""Parquet files put together of row groups that were written by themselves (https://parquet.apache.org/docs/file-format/).

Column chunks are copied, and the metadata at the end of the file say where each is. These are in the compact protocol
of Thrift (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md). Page indexes, which are
optional, are left out: they have positions too.
"""

from __future__ import annotations

import io
import marshal
import struct
from typing import IO, TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    # Number of a field → its type and value: a number, bytes, a list with the type of its members, or a struct.
    _Struct: TypeAlias = dict[int, tuple[int, Any]]

_MAGIC = b"PAR1"
_LENGTH = struct.Struct("<I")
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)
_INTEGERS = frozenset({_I16, _I32, _I64})
# Fields of FileMetaData, RowGroup, ColumnChunk and ColumnMetaData (parquet.thrift).
_NUM_ROWS, _ROW_GROUPS = 3, 4
_COLUMNS, _ROWS_OF_GROUP, _GROUP_OFFSET, _ORDINAL = 1, 3, 5, 7
_CHUNK_OFFSET, _META_DATA, _PAGE_INDEXES = 2, 3, (4, 5, 6, 7)
_COMPRESSED_SIZE, _DATA_PAGES, _DICTIONARY = 7, 9, 11


def packed(file: bytes) -> bytes:
    """The row group of a Parquet file that has one, as bytes that `write` takes."""
    (group,) = _metadata(file)[_ROW_GROUPS][1][1]
    del group[_ORDINAL]
    end = len(_MAGIC)
    for chunk in group[_COLUMNS][1][1]:
        for field in _PAGE_INDEXES:
            chunk.pop(field, None)
        about = chunk[_META_DATA][1]
        end = max(end, about.get(_DICTIONARY, about[_DATA_PAGES])[1] + about[_COMPRESSED_SIZE][1])
    return marshal.dumps((group, file[len(_MAGIC) : end]))


def write(groups: Iterable[bytes], empty: bytes, target: IO[bytes]) -> int:
    """Write row groups that were `packed` as one file; the number of its rows.

    empty: a Parquet file without rows that has their schema, and metadata for the file.
    """
    target.write(_MAGIC)
    found: list[_Struct] = []
    rows, place = 0, len(_MAGIC)
    for one in groups:
        group, data = marshal.loads(one)  # noqa: S302 - `packed` wrote it
        _move(group, place - len(_MAGIC))
        target.write(data)
        place += len(data)
        rows += group[_ROWS_OF_GROUP][1]
        found.append(group)
    metadata = _metadata(empty) | {_NUM_ROWS: (_I64, rows), _ROW_GROUPS: (_LIST, (_STRUCT, found))}
    footer = io.BytesIO()
    _write_struct(metadata, footer)
    target.write(footer.getvalue() + _LENGTH.pack(footer.tell()) + _MAGIC)
    return rows


def _move(group: _Struct, distance: int) -> None:
    """Add a distance to the positions of a row group."""
    _add(group, _GROUP_OFFSET, distance)
    for chunk in group[_COLUMNS][1][1]:
        _add(chunk, _CHUNK_OFFSET, distance)
        for field in (_DATA_PAGES, _DICTIONARY):
            _add(chunk[_META_DATA][1], field, distance)


def _add(fields: _Struct, field: int, distance: int) -> None:
    type_, position = fields.get(field, (_I64, 0))
    if position:  # 0 is none
        fields[field] = type_, position + distance


def _metadata(file: bytes) -> _Struct:
    (length,) = _LENGTH.unpack_from(file, len(file) - len(_MAGIC) - _LENGTH.size)
    return _read_struct(io.BytesIO(file[-len(_MAGIC) - _LENGTH.size - length :]))


def _read_struct(data: IO[bytes]) -> _Struct:
    fields: _Struct = {}
    number = 0
    while header := data.read(1)[0]:
        type_ = header & 15
        number = number + (header >> 4) if header >> 4 else _read_integer(data)
        fields[number] = type_, _read(type_, data)
    return fields


def _read(type_: int, data: IO[bytes]) -> Any:
    if type_ in _INTEGERS:
        return _read_integer(data)
    if type_ == _BINARY:
        return data.read(_read_varint(data))
    if type_ == _STRUCT:
        return _read_struct(data)
    if type_ == _LIST:
        header = data.read(1)[0]
        of, size = header & 15, header >> 4
        size = _read_varint(data) if size == 15 else size  # noqa: PLR2004 - more are told by a number of their own
        return of, [_read(of, data) for _ in range(size)]
    if type_ in {_TRUE, _FALSE}:
        return None  # the type says it
    raise ValueError(f"no metadata of Parquet have the type {type_}")


def _read_varint(data: IO[bytes]) -> int:
    number = shift = 0
    while (byte := data.read(1)[0]) & 128:
        number |= (byte & 127) << shift
        shift += 7
    return number | byte << shift


def _read_integer(data: IO[bytes]) -> int:
    number = _read_varint(data)
    return number >> 1 ^ -(number & 1)


def _write_struct(fields: Mapping[int, tuple[int, Any]], file: IO[bytes]) -> None:
    last = 0
    for number, (type_, value) in sorted(fields.items()):
        file.write(bytes([(number - last) << 4 | type_]))  # no struct leaves more than 15 fields out
        _write(type_, value, file)
        last = number
    file.write(b"\0")


def _write(type_: int, value: Any, file: IO[bytes]) -> None:
    if type_ in _INTEGERS:
        _write_varint(value << 1 ^ value >> 63, file)
    elif type_ == _BINARY:
        _write_varint(len(value), file)
        file.write(value)
    elif type_ == _STRUCT:
        _write_struct(value, file)
    elif type_ == _LIST:
        of, members = value
        size = len(members)
        file.write(bytes([min(size, 15) << 4 | of]))
        if size >= 15:  # noqa: PLR2004 - as above
            _write_varint(size, file)
        for member in members:
            _write(of, member, file)


def _write_varint(number: int, file: IO[bytes]) -> None:
    while number > 127:  # noqa: PLR2004 - seven bits
        file.write(bytes([number & 127 | 128]))
        number >>= 7
    file.write(bytes([number]))
