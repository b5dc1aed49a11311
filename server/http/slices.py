"""Parts of files as one file."""

from __future__ import annotations

import io
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Slice(io.RawIOBase):
    """Reads from several files, of each so many bytes from an offset on; opens one at a time, when it is read."""

    def __init__(self, parts: Sequence[tuple[Path, int, int]]) -> None:
        self._parts = parts
        self._starts = [0, *accumulate(length for _, _, length in parts)]
        self.size = self._starts[-1]
        self._place = 0
        self._open: tuple[int, io.FileIO] | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self.size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._place >= self.size:
            return 0
        number = bisect_right(self._starts, self._place) - 1
        _, offset, _ = self._parts[number]
        file = self._file(number)
        file.seek(offset + self._place - self._starts[number])
        count = file.readinto(memoryview(buffer)[: self._starts[number + 1] - self._place])
        self._place += count
        return count

    def close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None
        super().close()

    def _file(self, number: int) -> io.FileIO:
        if self._open is None or self._open[0] != number:
            if self._open is not None:
                self._open[1].close()
            self._open = number, io.FileIO(self._parts[number][0])
        return self._open[1]
