"""Makes parts (release/parts.py) of the blocks of a release, in the processes of an executor; what is made is kept."""

from __future__ import annotations

import os
import time
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from release.blocks import BlockLines
from release.memo import Memo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from core.progress import Progress
    from release.blocks import Block
    from release.lines import Lines
    from release.parts import Part

_AHEAD = 16  # blocks that are given to the processes before the first of them is done
_COMMITTED = 256  # blocks whose results are made visible to other processes at once


class Made(NamedTuple):
    """What a part has made, and the seconds of processor time that it took."""

    result: bytes
    seconds: float


def key(part: Part, block: Block) -> bytes:
    """What the result of a part for a block is kept by."""
    return b"%s\x00%d\x00%s" % (part.key, block.continues, block.digest)


def make(parts: Sequence[Part], lines: Lines, memo: Memo, executor: Executor, progress: Progress) -> set[bytes]:
    """Have in the memo what the parts make of each block; the keys of all that."""
    with progress.stage("blocks", lines.size, "bytes") as advance:
        tasks = _tasks(parts, lines, memo, executor, advance)
        running = deque(islice(tasks, _AHEAD))
        done = 0
        while running:
            block, missing, future = running.popleft()
            for part, made in zip(missing, future.result(), strict=True):
                memo.put(key(part, block), made.result)
                progress.spent(type(part).__name__, made.seconds)
            advance(block.end - block.start)
            done += 1
            if not done % _COMMITTED:
                memo.commit()
            running.extend(islice(tasks, 1))
        memo.commit()
    return {key(part, block) for part in parts for block in lines.blocks}


def _tasks(
    parts: Sequence[Part], lines: Lines, memo: Memo, executor: Executor, advance: Callable[[int], object]
) -> Iterator[tuple[Block, list[Part], Future[list[Made]]]]:
    """The blocks of which something is missing, with these parts, which are being made."""
    for block in lines.blocks:
        missing = [part for part in parts if key(part, block) not in memo]
        if missing:
            yield block, missing, executor.submit(_of_block, lines.path, block, missing)
        else:
            advance(block.end - block.start)


def _of_block(path: Path, block: Block, parts: Sequence[Part]) -> list[Made]:
    lines, made = _read(path, block), []
    for part in parts:
        begun = time.process_time()
        result = part.of_block(lines)
        made.append(Made(result, time.process_time() - begun))
    return made


def _read(path: Path, block: Block) -> BlockLines:
    with path.open("rb") as file:
        data = os.pread(file.fileno(), block.end - block.start, block.start)
    return BlockLines(data, continues=block.continues)


def write(part: Part, lines: Lines, memo: Path, executor: Executor, folder: Path) -> Future[Made]:
    """Have a process write the files of a part into the folder, from the results that are kept in the file `memo`."""
    return executor.submit(_write, part, _Results(part, lines.path, lines.blocks, memo), folder)


def _write(part: Part, results: _Results, folder: Path) -> Made:
    begun = time.process_time()
    return Made(part.write(results, folder), time.process_time() - begun)


class _Results:
    """The blocks, each with what a part has made of it; it can be iterated over several times."""

    def __init__(self, part: Part, path: Path, blocks: Sequence[Block], memo: Path) -> None:
        """path: of the lines. memo: the file of what was kept."""
        self._part, self._path, self._blocks, self._memo = part, path, blocks, memo

    def __iter__(self) -> Iterator[tuple[Block, bytes]]:
        with Memo(self._memo, read_only=True) as kept:
            for block in self._blocks:
                result = kept.get(key(self._part, block))
                if result is None:  # the file was damaged
                    result = self._part.of_block(_read(self._path, block))
                yield block, result
