"""Finds lines in a file of sorted lines, such as `quads.nq`, by what they begin with: a search by halves.

The file is read by positions (pread) and not mapped, because the address space of query processes is limited.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from functools import lru_cache, partial
from itertools import chain, islice
from typing import TYPE_CHECKING

from core.errors import ReleaseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_BLOCK = 1 << 14  # bytes; the first line of each block is compared
_FIRST_READ = 4096  # bytes that are read first of lines that begin alike
_MOST_READ = 1 << 20  # bytes that are read at once
_READ_AHEAD = 1 << 15  # bytes that are read at once for lines that are near to one another
_LINE_SIZE = 512  # bytes that few lines are longer than
_KEY = 256  # bytes of a line's beginning that are remembered
_KEPT = 1 << 14  # beginnings that are remembered
_AFTER_ALL = b"\xff"  # sorts after every line: UTF-8 has no such byte


class SortedLines:
    """The lines of a file, sorted by bytes, each with its line feed. Any thread may ask."""

    def __init__(self, path: Path) -> None:
        """ReleaseError if the file does not open."""
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise ReleaseError(f"{path} does not open: {error.strerror}") from error
        self._blocks = -(-os.fstat(self._file).st_size // _BLOCK)
        self._first = lru_cache(_KEPT)(partial(self._read_first, length=_KEY))

    def close(self) -> None:
        """Close the file; no method may be called afterwards."""
        os.close(self._file)

    def beginning(self, prefix: bytes) -> Iterator[bytes]:
        """The lines that begin with these bytes, in order; they are read as they are asked for.

        prefix: without a line feed; all lines begin with the empty one.
        """
        return (line + b"\n" for lines in self.blocks(prefix) for line in lines)

    def blocks(self, prefix: bytes) -> Iterator[list[bytes]]:
        """The lines of `beginning` without their line feeds, as many at once as are read at once."""
        size, rest, (data, position) = _FIRST_READ, b"", self._first_data(prefix)
        while data:
            position += len(data)
            lines = (rest + data).split(b"\n")
            rest = lines.pop()
            if lines and not lines[-1].startswith(prefix):
                yield lines[: bisect_left(lines, prefix + _AFTER_ALL)]
                return
            yield lines
            size = min(2 * size, _MOST_READ)
            data = os.pread(self._file, size, position)

    def each_beginning(self, prefixes: Iterable[bytes], most: int) -> Iterator[list[bytes]]:
        """For each of the sorted prefixes the first `most` lines that begin with it, without line feeds.

        Quick where prefixes are near to one another.
        """
        lines: list[bytes] = []  # consecutive ones
        place = behind = 0  # the next of them; the position behind all
        for prefix in prefixes:
            if lines and prefix > lines[-1]:
                (lines, behind), place = self._lines_at(behind), 0
            if not lines or prefix > lines[-1]:
                (lines, behind), place = self._lines_at(self._around(prefix)[0]), 0
            place = bisect_left(lines, prefix, place)
            end = place
            while end < len(lines) and lines[end].startswith(prefix):
                end += 1
            if end < len(lines):
                yield lines[place : min(end, place + most)]
            else:  # there may be more behind these
                yield list(islice(chain.from_iterable(self.blocks(prefix)), most))

    def at(self, position: int) -> bytes:
        """The line that begins at this position, without its line feed."""
        data = os.pread(self._file, _LINE_SIZE, position)
        while (end := data.find(b"\n")) < 0:
            more = os.pread(self._file, _MOST_READ, position + len(data))
            if not more:
                return data
            data += more
        return data[:end]

    def _lines_at(self, position: int) -> tuple[list[bytes], int]:
        """Lines from this position on, where one begins, and the position behind them; none if the first is long."""
        data = os.pread(self._file, _READ_AHEAD, position)
        *lines, rest = data.split(b"\n")
        return lines, position + len(data) - len(rest)

    def _first_data(self, prefix: bytes) -> tuple[bytes, int]:
        """What the file has from the first line on that begins with the prefix, or from one behind it if there is none.

        And its position; empty at the end of the file.
        """
        start, end = self._around(prefix)
        block = os.pread(self._file, end - start, start)
        found = block.find(b"\n" + prefix) + 1
        if not found:
            return os.pread(self._file, _FIRST_READ, end), end
        return block[found : found + _FIRST_READ], start + found

    def _around(self, prefix: bytes) -> tuple[int, int]:
        """The positions of two lines, before and behind the place of the prefix; both 0 if it is before all lines."""
        first = self._first if len(prefix) <= _KEY else partial(self._read_first, length=len(prefix))
        block = bisect_left(range(self._blocks), (prefix, -1), key=first)
        if not block:
            return 0, 0
        _, start = first(block - 1)
        return start, first(block)[1] if block < self._blocks else self._blocks * _BLOCK

    def _read_first(self, block: int, length: int) -> tuple[bytes, int]:
        """The beginning of the first line that begins in this block or later, and its position."""
        position = block * _BLOCK
        if block:
            position -= 1  # a line begins after a line feed
            while (place := (data := os.pread(self._file, _LINE_SIZE, position)).find(b"\n")) < 0:
                if not data:
                    return _AFTER_ALL, position
                position += len(data)
            position += place + 1
        return os.pread(self._file, length, position) or _AFTER_ALL, position
