"""Rows of numbers, sorted by a hash or counted in bounded memory, without a step in Python for each row."""

from __future__ import annotations

import tempfile
from typing import IO, TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

HASH = np.dtype("<u8")  # of release/hashes.py
_ROWS = 1 << 22  # that are held at once


class SortedRows:
    """Rows of numbers, the first of which is a hash, sorted by it in bounded memory; rows of one hash keep their order.

    Used as a context, which removes what is on the disk.
    """

    def __init__(self, row: np.dtype[np.void], folder: Path) -> None:
        """row: has a field `hash`. folder: where rows that are too many for the memory are written."""
        self._row, self._folder = row, folder
        self._held: list[NDArray[np.void]] = []
        self._count = 0
        self._file: IO[bytes] | None = None
        self._runs: list[int] = []  # the number of rows of each, in the file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def add(self, rows: NDArray[np.void]) -> None:
        """Add rows."""
        self._held.append(rows)
        self._count += len(rows)
        if self._count >= _ROWS:
            run = self._sorted(self._held)
            self._file = self._file or tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed by __exit__
            run.tofile(self._file)
            self._runs.append(len(run))
            self._held, self._count = [], 0

    def ranges(self) -> Iterator[NDArray[np.void]]:
        """All rows: those of a range of hashes at a time, sorted."""
        if self._file is None:
            if self._held:
                yield self._sorted(self._held)
            return
        self._file.flush()
        whole = np.memmap(self._file, self._row, "r")
        ends = np.cumsum(self._runs)
        runs = [*(whole[end - count : end] for end, count in zip(ends, self._runs, strict=True))]
        if self._held:
            runs.append(self._sorted(self._held))
        number = -(-sum(map(len, runs)) // (_ROWS // 2))
        bounds = np.array([(place << 64) // number for place in range(1, number)], HASH)
        cuts = [[0, *np.searchsorted(run["hash"], bounds), len(run)] for run in runs]
        for place in range(number):
            yield self._sorted([run[cut[place] : cut[place + 1]] for run, cut in zip(runs, cuts, strict=True)])

    def _sorted(self, parts: list[NDArray[np.void]]) -> NDArray[np.void]:
        rows = np.concatenate(parts)
        return rows[np.argsort(rows["hash"], kind="stable")]


def count_distinct(arrays: Iterable[NDArray[np.uint64]], folder: Path) -> int:
    """How many different numbers there are, in bounded memory. folder: for what is too much for the memory."""
    row = np.dtype([("hash", HASH)])
    with SortedRows(row, folder) as rows:
        for array in arrays:
            rows.add(array.view(row))
        return sum(1 + int(np.count_nonzero(np.diff(part["hash"]))) for part in rows.ranges() if len(part))
