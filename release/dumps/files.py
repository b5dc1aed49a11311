"""Sorted lines divided into parts of bounded size, and compressed files.

The bytes of a file depend on its content alone: it says neither a name nor a time.
"""

from __future__ import annotations

import gzip
from contextlib import ExitStack
from itertools import pairwise
from typing import TYPE_CHECKING, BinaryIO, Self, cast

import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

PART_SIZE = 256 << 20  # bytes of N-Triples or N-Quads that one part is made from
GZIP, ZSTD = "gz", "zst"
_GZIP_LEVEL = 6  # its own default: level 9 takes three times as long for 1.5 % less
_ZSTD_LEVEL = 9  # as fast as gzip here, and smaller


def divide(path: Path, limit: int, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Divide the bytes from start to end of a file of sorted lines into regions of `limit` bytes, or little more.

    A region ends between two subjects: where the line's beginning, up to its first space, changes.
    """
    bounds = [start]
    with path.open("rb") as lines:
        end = path.stat().st_size if end is None else end
        while bounds[-1] < end:
            lines.seek(min(bounds[-1] + limit, end))
            if lines.tell() < end:
                lines.readline()
                bounds.append(_end_of_subject(lines, end))
            else:
                bounds.append(end)
    return list(pairwise(bounds)) or [(start, start)]


def _end_of_subject(lines: BinaryIO, end: int) -> int:
    """The offset of the end of all lines about the subject of the next line."""
    place, subject = lines.tell(), None
    while place < end:
        line = lines.readline()
        about = line.partition(b" ")[0]
        if subject not in {None, about}:
            break
        place, subject = place + len(line), about
    return place


def read_lines(path: Path, region: tuple[int, int]) -> Iterator[bytes]:
    """The lines of a region, each without its sort key: what is before its tab, if it has one."""
    place, end = region
    with path.open("rb") as lines:
        lines.seek(place)
        while place < end:
            line = lines.readline()
            place += len(line)
            yield line.rpartition(b"\t")[2]


def part_name(stem: str, number: int, parts: int) -> str:
    """The name of one part, without the ending of a format: `stem` alone, or `stem-0002`, counted from one."""
    return stem if parts == 1 else f"{stem}-{number:04}"


class CompressedFiles:
    """Writes the same bytes into one file for each compression: `path`, with a dot and the coding behind it."""

    def __init__(self, path: Path, codings: Iterable[str]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stack = ExitStack()
        with ExitStack() as stack:
            self._streams = [_compressed(path.with_name(f"{path.name}.{coding}"), coding, stack) for coding in codings]
            self._stack = stack.pop_all()
        self.size = 0  # bytes before compression

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def write(self, data: bytes) -> int:
        self.size += len(data)
        for stream in self._streams:
            stream.write(data)
        return len(data)

    def flush(self) -> None:
        """Closing flushes; the RDF serializer calls this at the end of a document."""


def _compressed(path: Path, coding: str, stack: ExitStack) -> BinaryIO:
    file = stack.enter_context(path.open("wb"))
    if coding == GZIP:
        packed = gzip.GzipFile(filename="", mode="wb", compresslevel=_GZIP_LEVEL, fileobj=file, mtime=0)
        return cast("BinaryIO", stack.enter_context(packed))
    compressor = zstandard.ZstdCompressor(_ZSTD_LEVEL, write_checksum=True)
    return cast("BinaryIO", stack.enter_context(compressor.stream_writer(file, closefd=False)))
