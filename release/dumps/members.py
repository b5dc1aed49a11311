"""Many small texts in few files: each text is a gzip member (RFC 1952, 2.2) of its own, and an index says where.

There may be a million named graphs, so each is not a file. A member can be fetched by a range request and unpacked by
itself; the file as a whole unpacks to all of them, one after the other.
"""

from __future__ import annotations

import csv
import hashlib
from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Self

from release.dumps.documents import Document
from release.dumps.files import GZIP, gzip_compressor
from release.dumps.index import FOLDER, Dump

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from release.dumps.documents import Documents
    from release.dumps.terms import Pairs

_BLOCK = 1 << 20  # bytes that are compressed at once
_COLUMNS = ["name", "statements", "file", "offset", "length", "sha256"]


class Member(NamedTuple):
    """Where a text, or a part of a large one, is: so many bytes from an offset on, with their SHA-256."""

    name: str
    statements: int
    file: str
    offset: int
    length: int
    sha256: str


class Members(Document):
    """Writes `<stem>-0001.nq.gz` and so on, and `<stem>.csv`, the index, in the order of the names.

    A file ends with the member that reaches the limit of the documents; a text that is larger is in several members.
    """

    def __init__(self, documents: Documents, stem: str, kind: Dump) -> None:
        self._folder, self._stem, self._kind, self._limit = documents.folder, stem, kind, documents.limit
        self._stack = ExitStack()
        self._written: list[Dump] = []
        self._file: BinaryIO | None = None
        self._name = b""
        self._buffer = bytearray()
        self._reset()

    def __enter__(self) -> Self:
        path = self._folder / f"{self._stem}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        index = self._stack.enter_context(path.open("w", encoding="utf-8", newline=""))
        self._rows = csv.writer(index, lineterminator="\n")
        self._rows.writerow(_COLUMNS)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._end_member()
        self._stack.close()

    @property
    def dumps(self) -> list[Dump]:
        return [dump.part(parts=len(self._written)) for dump in self._written]

    def begin(self, name: bytes) -> None:
        """The statements that follow are of another text; names come in the order of their bytes."""
        self._end_member()
        self._name = name

    def add(self, subject: bytes, pairs: Pairs, graph: bytes | None = None) -> None:
        end = b" .\n" if graph is None else b" " + graph + b" .\n"
        for predicate, value in pairs:
            self._buffer += subject + b" " + predicate + b" " + value + end
        self._statements += len(pairs)
        if len(self._buffer) >= _BLOCK:
            self._flush()
            if self._size >= self._limit:
                self._end_member()

    def _reset(self) -> None:
        self._compressor, self._digest = gzip_compressor(), hashlib.sha256()
        self._statements = self._length = self._size = 0

    def _flush(self, *, last: bool = False) -> None:
        self._size += len(self._buffer)
        packed = self._compressor.compress(bytes(self._buffer)) + (self._compressor.flush() if last else b"")
        self._buffer.clear()
        self._digest.update(packed)
        self._length += len(packed)
        self._open_file().write(packed)

    def _end_member(self) -> None:
        if not self._statements:
            return
        file = self._open_file()
        self._flush(last=True)
        dump = self._written[-1]
        offset = file.tell() - self._length
        self._rows.writerow(
            Member(self._name.decode(), self._statements, dump.path, offset, self._length, self._digest.hexdigest())
        )
        self._written[-1] = dump.part(items=dump.items + self._statements, text_size=dump.text_size + self._size)
        if self._written[-1].text_size >= self._limit:
            file.close()
            self._file = None
        self._reset()

    def _open_file(self) -> BinaryIO:
        if self._file is None:
            number = len(self._written) + 1
            path = f"{self._stem}-{number:04}.{self._kind.extension}.{GZIP}"
            self._written.append(self._kind.part(path=path, coding=GZIP, number=number))
            self._file = self._stack.enter_context((self._folder / path).open("wb"))
        return self._file


def find(release: Path, stem: str, name: str) -> Iterator[Member]:
    """The members of a name, found in the sorted index without reading all of it; none where there is no such name."""
    wanted = name.encode()
    path = release / FOLDER / f"{stem}.csv"
    if not path.exists():
        return
    with path.open("rb") as index:
        index.readline()
        low, high = index.tell(), path.stat().st_size
        while low < high:  # the first line whose name is not before the one wanted begins in [low, high]
            middle = (low + high) // 2
            index.seek(middle)
            index.readline()
            if index.tell() >= high or _name(index.readline()) >= wanted:
                high = middle
            else:
                index.seek(middle)
                index.readline()
                low = index.tell()
        index.seek(low)
        for line in index:
            (row,) = csv.reader([line.decode()])
            if row[0].encode() > wanted:
                return
            if row[0] == name:
                yield Member(row[0], int(row[1]), row[2], int(row[3]), int(row[4]), row[5])


def _name(line: bytes) -> bytes:
    (row,) = csv.reader([line.decode()])
    return row[0].encode()
