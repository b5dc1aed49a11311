"""Rows of numbers, sorted by a hash or counted in bounded memory, without a step in Python for each row."""

from __future__ import annotations

import tempfile
from typing import IO, TYPE_CHECKING, Self, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)
HASH = np.dtype("<u8")  # of release/hashes.py
_ROWS = 1 << 21  # that are held at once
_PARTS = 1 << 12  # of equal size, into which the hashes are divided


class SortedRows:
    """Rows of numbers, the first of which is a hash, sorted by it in bounded memory; rows of one hash keep their order.

    Used as a context, which removes what is on the disk.
    """

    def __init__(self, row: np.dtype[np.void], folder: Path) -> None:
        """row: has a field `hash`. folder: where rows that are too many for the memory are written."""
        self._row, self._folder = row, folder
        self._held: list[NDArray[np.void]] = []
        self._holds = 0
        self._file: IO[bytes] | None = None
        self._runs: list[NDArray[np.intp]] = []  # of each in the file: its first row, and the rows before each part
        self._written = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def __len__(self) -> int:
        return self._written + self._holds

    def add(self, rows: NDArray[np.void]) -> None:
        """Add rows."""
        self._held.append(rows)
        self._holds += len(rows)
        if self._holds >= _ROWS:
            self._spill()

    def _spill(self) -> None:
        self._file = self._file or tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed by __exit__
        run = self._sorted(self._held)
        run.tofile(self._file)
        bounds = np.arange(_PARTS, dtype=HASH) << HASH.type(64 - _PARTS.bit_length() + 1)
        self._runs.append(np.append(np.searchsorted(run["hash"], bounds), len(run)) + self._written)
        self._written += len(run)
        self._held, self._holds = [], 0

    def ranges(self) -> Iterator[NDArray[np.void]]:
        """All rows: those of a range of hashes at a time, sorted."""
        if self._file is None:
            if self._held:
                yield self._sorted(self._held)
            return
        self._spill()
        number = min(-(-2 * self._written // _ROWS), _PARTS)
        for place in range(number):
            first, last = (_PARTS * end // number for end in (place, place + 1))
            yield self._sorted([self._read(self._file, *run[[first, last]].tolist()) for run in self._runs])

    def _read(self, file: IO[bytes], start: int, end: int) -> NDArray[np.void]:
        file.seek(start * self._row.itemsize)
        return np.fromfile(file, self._row, end - start)

    def _sorted(self, parts: list[NDArray[np.void]]) -> NDArray[np.void]:
        rows = np.concatenate([*parts, np.empty(0, self._row)])
        return rows[np.argsort(rows["hash"], kind="stable")]


def distinct(numbers: NDArray[Number]) -> NDArray[Number]:
    """The different numbers, sorted; np.unique takes several times as long, as it hashes them."""
    rows: NDArray[Number] = np.sort(numbers)
    is_first = np.append(True, rows[1:] != rows[:-1])[: len(rows)]
    found: NDArray[Number] = rows[is_first]
    return found


def count_distinct(arrays: Iterable[NDArray[np.uint64]], folder: Path) -> int:
    """How many different numbers there are, in bounded memory. folder: for what is too much for the memory."""
    row = np.dtype([("hash", HASH)])
    with SortedRows(row, folder) as rows:
        for array in arrays:
            rows.add(array.view(row))
        return sum(1 + int(np.count_nonzero(np.diff(part["hash"]))) for part in rows.ranges() if len(part))
