"""Parquet files of Arrow's record batches."""

from __future__ import annotations

import io
import sys
from typing import IO, TYPE_CHECKING, Any, cast

import arro3.io

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from arro3.core import RecordBatch, RecordBatchReader, Table

_COMPRESSION = "zstd(1)"
_ROW_GROUP = 122_880  # rows: what DuckDB reads at once; a row group is held in memory


def parquet(data: RecordBatch | Table) -> bytes:
    """A Parquet file; the rows, if there are any, are one row group."""
    file = io.BytesIO()
    _write(data, file, {}, sys.maxsize)
    return file.getvalue()


def write_parquet(batches: RecordBatchReader, target: Path, metadata: Mapping[str, str]) -> None:
    """Write batches as one file; one row group is held in memory. OSError if the file cannot be written."""
    with target.open("wb") as opened:
        file = _Target(opened)
        _write(batches, cast("IO[bytes]", file), metadata, _ROW_GROUP)
    if file.error is not None:
        raise file.error


def _write(
    data: RecordBatchReader | RecordBatch | Table, file: IO[bytes], metadata: Mapping[str, str], most: int
) -> None:
    arro3.io.write_parquet(
        data,
        file,
        compression=_COMPRESSION,
        created_by="parkgraph",
        key_value_metadata=dict(metadata),
        max_row_group_size=most,
        skip_arrow_metadata=True,
    )


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
