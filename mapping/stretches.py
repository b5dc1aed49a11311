"""Divides files of JSON Lines into stretches, and finds the lines by the names of what they are about.

A stretch has about 256 KiB, at least half of it, and ends behind a line whose content says so: a line that is added or
taken out moves the ends next to it at most.
"""

from __future__ import annotations

import zlib
from array import array
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.files import open_regular
from mapping.source import LARGEST
from mapping.units import Piece

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

STRETCH = 256 << 10  # bytes of lines in a stretch, on average
_LONGEST = 4 * STRETCH  # where a stretch ends in any case, but for a line that is longer
_READ = 1 << 20  # bytes that are read at once


class Stretches:
    """The stretches of files. Memory: eight bytes for each line, for a hash of its name, and the places.

    size: bytes of the files.
    """

    def __init__(self, begins: re.Pattern[bytes], names: Callable[[bytes], Iterable[str]], share: int = 1) -> None:
        """begins: what most lines begin with, as far as the end of their name, its first group; names: of any other.

        share: stretches are shorter by this factor.
        """
        self._begins, self._names, self._length = begins, names, STRETCH // share
        self.pieces: list[Piece] = []
        self.size = 0
        self._hashes = array("q")
        self._starts = array("q")  # number of the first hash of each piece

    def read(self, path: Path, name: str) -> None:
        """Add a file; OSError or UnicodeDecodeError if it cannot be read, and nothing of it is added then."""
        pieces, hashes, starts, least = [], array("q"), array("q"), self._length // 2
        with open_regular(path) as file:
            piece, start, number, length = Piece(path, name), 0, 1, 0
            while data := file.read(_READ):
                data += file.readline(LARGEST)
                _check_encoding(data, file.tell() - len(data))
                lines = data.split(b"\n")
                for line in lines if lines[-1] else lines[:-1]:
                    hashes.extend(map(hash, self.names(line)))
                    number, length = number + 1, length + len(line) + 1
                    if length >= _LONGEST or (length >= least and zlib.crc32(line) * least <= len(line) << 32):
                        piece.length = length
                        pieces.append(piece)
                        starts.append(start)
                        piece, start, length = Piece(path, name, piece.offset + length, line=number), len(hashes), 0
            if length:
                piece.length = length
                pieces.append(piece)
                starts.append(start)
            self.size += file.tell()
        self._starts.extend(len(self._hashes) + start for start in starts)
        self._hashes.extend(hashes)
        self.pieces += pieces

    def names(self, line: bytes) -> Iterable[str]:
        """The names of a line."""
        match = self._begins.match(line)
        return (match[1].decode(),) if match else self._names(line)

    def lines(self, wanted: Iterable[str]) -> Iterator[tuple[Piece, int, bytes]]:
        """The lines that have one of these names, and perhaps some more: with their piece and number."""
        hashes = set(map(hash, wanted))
        for piece in self._with(hashes):
            part = piece.read()
            for number, line in enumerate(part.data.split(b"\n"), part.line):
                if not hashes.isdisjoint(map(hash, self.names(line))):
                    yield piece, number, line

    def all_names(self) -> Iterator[str]:
        """The names of all lines."""
        return (name for piece in self.pieces for line in piece.read().data.split(b"\n") for name in self.names(line))

    def take_out(self, groups: dict[str, list[Piece]]) -> None:
        """Take all lines with names that come several times out of the stretches: they join the groups of these names.

        groups: name → other pieces that have it, all of the same unit.
        """
        repeated = self._repeated(groups)
        for piece in self._with(repeated):
            part, offset = piece.read(), piece.offset
            for number, line in enumerate(part.data.split(b"\n"), part.line):
                names = [name for name in self.names(line) if hash(name) in repeated]
                if names:
                    piece.without.add(number)
                    own = Piece(piece.path, piece.name, offset, len(line), number)
                    _joined(groups, names).append(own)
                offset += len(line) + 1

    def _repeated(self, others: Iterable[str]) -> set[int]:
        hashes = np.concatenate([np.array(self._hashes), np.fromiter(map(hash, others), np.int64)])
        found, counts = np.unique(hashes, return_counts=True)
        return set(found[counts > 1].tolist())

    def _with(self, hashes: set[int]) -> list[Piece]:
        """The pieces that have lines with names of these hashes."""
        if not hashes or not self._hashes:
            return []
        known, places = self._sorted
        wanted = np.fromiter(hashes, np.int64)
        ranges = zip(np.searchsorted(known, wanted), np.searchsorted(known, wanted, "right"), strict=True)
        rows = np.concatenate([places[start:end] for start, end in ranges])
        numbers = np.unique(np.searchsorted(np.array(self._starts), rows, "right") - 1)
        return [self.pieces[number] for number in numbers.tolist()]

    @cached_property
    def _sorted(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The hashes in their order, and their numbers."""
        hashes = np.array(self._hashes)
        places = np.argsort(hashes, kind="stable")
        return hashes[places], places


def _joined(groups: dict[str, list[Piece]], names: list[str]) -> list[Piece]:
    """The group of the first name, which those of the others are added to."""
    group = groups.setdefault(names[0], [])
    for name in names[1:]:
        other = groups.setdefault(name, group)
        if other is not group:
            group += other
            groups.update((one, group) for one, found in list(groups.items()) if found is other)
    return group


def _check_encoding(data: bytes, offset: int) -> None:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        error.start += offset  # in its file
        raise
