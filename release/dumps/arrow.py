"""Arrow record batches as bytes, and Parquet files of them."""

from __future__ import annotations

import io
from itertools import chain
from typing import IO, TYPE_CHECKING, Any, cast

import arro3.io
from arro3.core import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from arro3.core import RecordBatch, RecordBatchReader, Schema

_COMPRESSION = "zstd(1)"
_ROW_GROUP = 122_880  # rows: what DuckDB reads at once; a row group is held in memory
_END = (
    b"\xff\xff\xff\xff\0\0\0\0"  # of a stream (https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format)
)


def packed(batch: RecordBatch) -> bytes:
    """A batch as a message of an IPC stream, without the schema."""
    return _stream(batch)[len(_head(batch.schema)) : -len(_END)]


def unpacked(messages: Iterable[bytes], schema: Schema) -> RecordBatchReader:
    """Batches of the schema that were `packed`; they are read one after the other."""
    stream = _Stream([_head(schema)], messages, [_END])
    return arro3.io.read_ipc_stream(cast("IO[bytes]", stream))


def write_parquet(batches: RecordBatchReader, target: Path, metadata: Mapping[str, str]) -> None:
    """Write batches as one file; one row group is held in memory. OSError if the file cannot be written."""
    with target.open("wb") as opened:
        file = _Target(opened)
        arro3.io.write_parquet(
            batches,
            cast("IO[bytes]", file),
            compression=_COMPRESSION,
            created_by="parkgraph",
            key_value_metadata=dict(metadata),
            max_row_group_size=_ROW_GROUP,
            skip_arrow_metadata=True,
        )
    if file.error is not None:
        raise file.error


def _head(schema: Schema) -> bytes:
    """What a stream of batches of the schema begins with."""
    return _stream(Table.from_batches([], schema=schema))[: -len(_END)]


def _stream(data: RecordBatch | Table) -> bytes:
    file = io.BytesIO()
    arro3.io.write_ipc_stream(data, file, compression="zstd")
    return file.getvalue()


class _Target(io.RawIOBase):
    """Writes to a file up to the first error, which is kept: the library breaks off where one is raised."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.error: OSError | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self.error is None:
            try:
                self._file.write(data)
            except OSError as error:
                self.error = error
        return len(data)


class _Stream(io.RawIOBase):
    """A file whose content comes in pieces, read once from the beginning."""

    def __init__(self, *pieces: Iterable[bytes]) -> None:
        self._pieces = chain(*pieces)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        parts, length = [self._rest], len(self._rest)
        while (length < size or size < 0) and (piece := next(self._pieces, b"")):
            parts.append(piece)
            length += len(piece)
        data = b"".join(parts)
        end = length if size < 0 else size
        data, self._rest = data[:end], data[end:]
        return data
