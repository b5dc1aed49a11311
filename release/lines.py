"""The lines of a release, of the runs that its input gives: sorted, each once, and divided into blocks.

A run is what one unit of the input gives: canonical N-Quads, sorted by bytes, each line once. A line may be in several
runs. `merge` writes the lines of all runs; `update` takes the lines of runs that are gone out of the lines that were
written last, puts those of new runs in, and copies the rest. Both give the same bytes and blocks.
"""

from __future__ import annotations

import hashlib
import os
import time
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Self

from core.errors import ReleaseError
from release import blocks, nquads
from release.blocks import Block

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping
    from pathlib import Path

_SHORT = 4096  # bytes that most lines are shorter than
_LOOK_AGAIN = 0.05  # seconds, for more of a file that is being written


@dataclass(frozen=True)
class Lines:
    """The lines of a release, in the file at `path`. digest: its SHA-256, in hexadecimal.

    repeated: line, without its line feed → the number of runs that have it, of the lines that several have.
    """

    path: Path
    digest: str
    blocks: tuple[Block, ...]
    repeated: Mapping[bytes, int]

    @property
    def size(self) -> int:
        """Bytes of all lines."""
        return self.blocks[-1].end if self.blocks else 0


def merge(runs: Iterable[bytes], target: Path, begun: Callable[[int], object] = lambda _: None) -> Lines:
    """Write the lines of all runs to target; memory grows with the number of blocks and of repeated lines alone.

    begun: called with the number of bytes that are written so far, after each block; others can `follow` the file then.
    """
    repeated: dict[bytes, int] = {}
    with nquads.sorted_pieces(runs, target.parent) as pieces, _Writer(target) as writer:
        for data in blocks.divide(_distinct(pieces, repeated)):
            begun(writer.write(data))
        return writer.lines(repeated)


def follow(path: Path, size: int) -> Iterator[bytes]:
    """The lines of the file, about so many bytes of whole lines at once; while it is being written, as they come."""
    rest = b""
    with _open(path) as file:
        while True:
            is_whole = path.exists()
            data = file.read(size)
            if len(data) < size and not is_whole:
                file.seek(-len(data), os.SEEK_CUR)
                time.sleep(_LOOK_AGAIN)
                continue
            if not data:
                return
            data = rest + data
            end = data.rfind(b"\n") + 1
            yield data[:end]
            rest = data[end:]


def _open(path: Path) -> BinaryIO:
    try:
        return _unfinished(path).open("rb")
    except FileNotFoundError:
        return path.open("rb")


def _unfinished(path: Path) -> Path:
    """What the file is called until it is whole."""
    return path.with_name(f"{path.name}.unfinished")


def update(before: Lines, gone: Iterable[bytes], new: Iterable[bytes], target: Path) -> Lines:
    """Write the lines of `before` without those of the runs `gone` and with those of the runs `new` to target.

    Memory grows with these runs. ReleaseError if the file of `before` is not as it was written.
    """
    difference = Counter(line for run in new for line in run.splitlines())
    difference.subtract(line for run in gone for line in run.splitlines())
    with before.path.open("rb") as file, _Writer(target, before.path) as writer:
        old = _BlockReader(file, before)
        edits, repeated = _edits(old, {line: more for line, more in difference.items() if more})
        for data, digest in _edited(old, edits):
            writer.write(data, digest)
        return writer.lines(repeated)


class _Edit(NamedTuple):
    """Lines that a block loses and gets."""

    out: set[bytes]
    into: set[bytes]


class _BlockReader:
    """Reads the blocks of lines that were written."""

    def __init__(self, file: BinaryIO, lines: Lines) -> None:
        self._file, self.lines, self.blocks = file, lines, lines.blocks

    def read(self, number: int) -> bytes:
        """The lines of one block; ReleaseError if they are not as they were written."""
        data = self.read_unchecked(number)
        if hashlib.sha256(data).digest() != self.blocks[number].digest:
            raise ReleaseError(f"{self.lines.path} is not as it was written")
        return data

    def read_unchecked(self, number: int) -> bytes:
        """The lines of one block, as they are in the file."""
        block = self.blocks[number]
        return os.pread(self._file.fileno(), block.end - block.start, block.start)

    @cache  # noqa: B019 - lives as long as one update
    def first(self, number: int) -> bytes:
        """The first line of a block."""
        block = self.blocks[number]
        line, end, _ = os.pread(self._file.fileno(), _SHORT, block.start).partition(b"\n")
        return line if end else os.pread(self._file.fileno(), block.end - block.start, block.start).partition(b"\n")[0]

    def of_line(self, line: bytes) -> int:
        """The number of the block that has the line, or would have it."""
        after = bisect_right(range(len(self.blocks)), line, key=self.first)
        return max(after - 1, 0)


def _edits(old: _BlockReader, difference: Mapping[bytes, int]) -> tuple[dict[int, _Edit], dict[bytes, int]]:
    """What the blocks lose and get, by their numbers, and how many runs have the lines that several have.

    difference: line → by how many runs it is in more than before.
    """
    repeated = dict(old.lines.repeated)
    by_block: dict[int, list[bytes]] = defaultdict(list)
    for line in difference:
        by_block[old.of_line(line)].append(line)
    edits = {}
    for number, changed in by_block.items():
        present = set(old.read(number).splitlines()) if old.blocks else set()
        edit = _Edit(set(), set())
        for line in changed:
            had = repeated.pop(line, int(line in present))
            has = had + difference[line]
            if has < 0:
                raise ReleaseError(f"{old.lines.path} does not have the lines that it was made of")
            if has > 1:
                repeated[line] = has
            if not has:
                edit.out.add(line)
            elif not had:
                edit.into.add(line)
        if edit.out or edit.into:
            edits[number] = edit
    return edits, repeated


def _edited(old: _BlockReader, edits: Mapping[int, _Edit]) -> Iterator[tuple[bytes, bytes | None]]:
    """The blocks with their edits, and their digests where they are copied, which is not checked here.

    Where no edit is near they are as before; else they are cut anew, up to an old cut.
    """
    numbers, count = sorted(edits), len(old.blocks)

    def is_as_before(number: int) -> bool:
        following = bisect_left(numbers, number)
        reach = old.blocks[number].start + blocks.LARGEST  # where a block ends depends on what is before that
        return following == len(numbers) or old.blocks[numbers[following]].start > reach

    if not count and edits:
        yield from ((data, None) for data in blocks.divide([_apply(edits[0], b"")]))
    number = 0
    while number < count:
        if is_as_before(number):
            yield old.read_unchecked(number), old.blocks[number].digest
            number += 1
            continue
        ends: dict[int, int] = {}  # length of the new text up to an old cut → number of the block after it
        rest, length, ahead, resumed = b"", 0, number, None
        while resumed is None:
            while ahead < count and not blocks.cut(rest):
                data = old.read(ahead)
                rest += _apply(edits[ahead], data) if ahead in edits else data
                ahead += 1
                ends[length + len(rest)] = ahead
            end = blocks.cut(rest) or len(rest)
            if end:
                yield rest[:end], None
            rest, length = rest[end:], length + end
            if not rest and ahead == count:
                resumed = count
            elif (after := ends.get(length)) is not None and is_as_before(after):
                resumed = after
        number = resumed


def _apply(edit: _Edit, data: bytes) -> bytes:
    kept = [line for line in data.splitlines() if line not in edit.out]
    return b"".join(b"%s\n" % line for line in sorted([*kept, *edit.into]))


def _distinct(pieces: Iterable[bytes], repeated: dict[bytes, int]) -> Iterator[bytes]:
    """Sorted lines without their duplicates; how often these come is added to `repeated`."""
    rest = b""
    for piece in pieces:
        data = rest + piece
        end = data.rfind(b"\n") + 1
        last = data[data.rfind(b"\n", 0, max(end - 1, 0)) + 1 : end]
        place = data.find(last) if last else 0  # what is equal to the last line stays with it
        while place and data[place - 1 : place] != b"\n":
            place = data.find(last, place + 1)
        yield _each_once(data[:place], repeated)
        rest = data[place:]
    yield _each_once(rest, repeated)


def _each_once(data: bytes, repeated: dict[bytes, int]) -> bytes:
    lines = data.splitlines(keepends=True)  # canonical lines have no other line ends within them
    once = dict.fromkeys(lines)
    if len(once) == len(lines):
        return data
    repeated.update((line[:-1], count) for line, count in Counter(lines).items() if count > 1)
    return b"".join(once)


class _Writer:
    """Writes blocks to a file. The digests of all and of each are computed by a thread of their own."""

    def __init__(self, target: Path, before: Path | None = None) -> None:
        """before: the file that blocks are copied from."""
        self._path, self._before, self._file = target, before, _unfinished(target).open("wb")
        self._digest, self._blocks = hashlib.sha256(), list[Block]()
        self._end, self._last = 0, b""  # bytes that are written, and the subject of the last line
        self._hashing = ThreadPoolExecutor(1)
        self._hashed = self._hashing.submit(self._digest.update, b"")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._hashing.shutdown()

    def write(self, data: bytes, digest: bytes | None = None) -> int:
        """Write a block; the bytes that are written so far. digest: its SHA-256 where it is copied.

        ReleaseError, here or from `lines`, if one that was copied does not have it.
        """
        self._hashed.result()
        self._hashed = self._hashing.submit(self._take, data, digest)
        self._end += self._file.write(data)
        return self._end

    def _take(self, data: bytes, known: bytes | None) -> None:
        digest = hashlib.sha256(data).digest()
        if known not in {None, digest}:
            raise ReleaseError(f"{self._before} is not as it was written")
        self._digest.update(data)
        start = self._blocks[-1].end if self._blocks else 0
        self._blocks.append(Block(start, start + len(data), digest, data.startswith(self._last + b" ")))
        self._last = blocks.subject_of_last(data)

    def lines(self, repeated: Mapping[bytes, int]) -> Lines:
        """What was written; the file is complete then."""
        self._file.flush()
        self._hashed.result()
        _unfinished(self._path).rename(self._path)
        return Lines(self._path, self._digest.hexdigest(), tuple(self._blocks), repeated)


def shared(before: Lines, after: Lines) -> float:
    """The share of the bytes of `after` that lies in blocks which `before` has too; 1 where there are none."""
    known = {block.digest for block in before.blocks}
    same = sum(block.end - block.start for block in after.blocks if block.digest in known)
    return same / after.size if after.size else 1.0


class Difference(NamedTuple):
    """The lines that only the one, or only the other, of two files of lines has, sorted, with their line feeds."""

    removed: list[bytes]
    added: list[bytes]


def difference(before: Lines, after: Lines) -> Difference:
    """What was removed and added; memory grows with the blocks that differ."""
    one = _lines_of(before, {block.digest for block in after.blocks})
    other = _lines_of(after, {block.digest for block in before.blocks})
    return Difference(sorted(one - other), sorted(other - one))


def _lines_of(lines: Lines, leave: Container[bytes]) -> set[bytes]:
    """The lines of the blocks whose digests are not to be left out."""
    with lines.path.open("rb") as file:
        old = _BlockReader(file, lines)
        numbers = (number for number, block in enumerate(lines.blocks) if block.digest not in leave)
        return {line for number in numbers for line in old.read(number).splitlines(keepends=True)}
