"""Compressed files of bounded size: a text goes into one file, or in parts into several, once for each coding.

The bytes depend on the text alone: no names and no times are in them. Compressing happens in threads of its own.
"""

from __future__ import annotations

import sys
import threading
import zlib
from dataclasses import dataclass
from queue import Queue
from typing import TYPE_CHECKING, Protocol, Self

import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from release.dumps.index import Dump

PART_SIZE = 256 << 20  # bytes of text in one file
GZIP, ZSTD = "gz", "zst"
BOTH = (GZIP, ZSTD)
_LEVEL = 6  # gzip's own default: level 9 takes three times as long for 1.5 % less
_ZSTD_LEVEL = 9  # as fast as gzip here, and smaller
_ZSTD_TABLES = {"window_log": 21, "chain_log": 18, "hash_log": 18}  # some MiB for each file that is being written
_BLOCK = 1 << 20  # bytes that are compressed at once
_WAITING = 4  # blocks that may wait for a compressor


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


def gzip_compressor() -> _Compressor:
    """A gzip member (RFC 1952) without name and time."""
    return zlib.compressobj(_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)


def _compressor(coding: str) -> _Compressor:
    if coding == GZIP:
        return gzip_compressor()
    parameters = zstandard.ZstdCompressionParameters.from_level(_ZSTD_LEVEL, write_checksum=1, **_ZSTD_TABLES)
    return zstandard.ZstdCompressor(compression_params=parameters).compressobj()


class _File:
    """One compressed file; a thread compresses and writes what it is given."""

    def __init__(self, path: Path, coding: str) -> None:
        self._path, self._compressor = path, _compressor(coding)
        self._blocks: Queue[bytes | None] = Queue(_WAITING)
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def put(self, block: bytes) -> None:
        self._blocks.put(block)

    def close(self) -> None:
        """Wait until all is written; raises what went wrong."""
        self._blocks.put(None)
        self._thread.join()
        if self._fault is not None:
            raise self._fault

    def _run(self) -> None:
        try:
            with self._path.open("wb") as file:
                while (block := self._blocks.get()) is not None:
                    file.write(self._compressor.compress(block))
                file.write(self._compressor.flush())
        except BaseException as error:  # noqa: BLE001 - told to the thread that closes
            self._fault = error
            while self._blocks.get() is not None:
                pass


@dataclass
class _Part:
    path: str  # without the ending of its coding
    files: dict[str, _File]
    size: int = 0
    items: int = 0


class Text:
    """Writes a text into files below a folder, in parts; a part ends with the item that reaches the limits.

    Each part begins with `head` and ends with `tail`, so it is a document of its own. kind: what the files are told
    by in the index, to which a part's number and sizes are added. limit, most: bytes and items of a part. Use as a
    context; then `dumps` has the files.
    """

    def __init__(
        self,
        folder: Path,
        stem: str,
        kind: Dump,
        codings: Iterable[str] = BOTH,
        *,
        head: bytes = b"",
        tail: bytes = b"",
        limit: int = PART_SIZE,
        most: int = sys.maxsize,
    ) -> None:
        self._folder, self._stem, self._kind, self._codings = folder, stem, kind, tuple(codings)
        self._head, self._tail = head, tail
        self._limit, self._most = limit, most
        self._buffer = bytearray()
        self._parts: list[_Part] = []
        self.dumps: list[Dump] = []
        (folder / stem).parent.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._end()
            self.dumps = list(self._described())
        else:
            self._flush()
            for file in self._parts[-1].files.values():
                file.close()

    @property
    def is_full(self) -> bool:
        """Whether the next item begins a new part."""
        part = self._parts[-1]
        return part.size >= self._limit or part.items >= self._most

    def write(self, item: bytes, count: int = 1) -> None:
        """Add an item, which is never divided between parts; count: how many triples, quads or rows it is."""
        if self.is_full:
            self._end()
            self._begin()
        self._parts[-1].items += count
        self._add(item)

    def close_with(self, end: bytes) -> None:
        """Add what ends something that the part has begun."""
        self._add(end)

    def _begin(self) -> None:
        number = len(self._parts) + 1
        if number == 2:  # noqa: PLR2004 - now there are several: the first one gets a number too
            self._number_the_first()
        name = self._stem if number == 1 else f"{self._stem}-{number:04}"
        path = f"{name}.{self._kind.extension}"
        files = {coding: _File(self._folder / f"{path}.{coding}", coding) for coding in self._codings}
        self._parts.append(_Part(path, files))
        self._add(self._head)

    def _number_the_first(self) -> None:
        first = self._parts[0]
        numbered = f"{self._stem}-0001.{self._kind.extension}"
        for coding in self._codings:
            (self._folder / f"{first.path}.{coding}").rename(self._folder / f"{numbered}.{coding}")
        first.path = numbered

    def _end(self) -> None:
        self._add(self._tail)
        self._flush()
        for file in self._parts[-1].files.values():
            file.close()

    def _add(self, data: bytes) -> None:
        self._parts[-1].size += len(data)
        self._buffer += data
        if len(self._buffer) >= _BLOCK:
            self._flush()

    def _flush(self) -> None:
        block = bytes(self._buffer)
        self._buffer.clear()
        for file in self._parts[-1].files.values():
            file.put(block)

    def _described(self) -> Iterable[Dump]:
        for number, part in enumerate(self._parts, 1):
            for coding in self._codings:
                yield self._kind.part(
                    path=f"{part.path}.{coding}",
                    coding=coding,
                    number=number,
                    parts=len(self._parts),
                    items=part.items,
                    text_size=part.size,
                )
