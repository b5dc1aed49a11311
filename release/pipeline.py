"""Makes parts (release/parts.py) of the blocks of a release, in the processes of an executor; what is made is kept."""

from __future__ import annotations

import os
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from release.blocks import BlockLines
from release.memo import Memo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from release.blocks import Block
    from release.lines import Lines
    from release.parts import Part

_AHEAD = 16  # blocks that are given to the processes before the first of them is done
_COMMITTED = 256  # blocks whose results are made visible to other processes at once


def key(part: Part, block: Block) -> bytes:
    """What the result of a part for a block is kept by."""
    return b"%s\x00%d\x00%s" % (part.key, block.continues, block.digest)


def make(
    parts: Sequence[Part], lines: Lines, memo: Memo, executor: Executor, progress: Callable[[int], None]
) -> set[bytes]:
    """Have in the memo what the parts make of each block; the keys of all that.

    progress: called with the number of bytes that were processed since it was called last.
    """
    tasks = _tasks(parts, lines, memo, executor, progress)
    running: deque[tuple[Block, list[bytes], Future[list[bytes]]]] = deque(islice(tasks, _AHEAD))
    done = 0
    while running:
        block, keys, future = running.popleft()
        for name, result in zip(keys, future.result(), strict=True):
            memo.put(name, result)
        progress(block.end - block.start)
        done += 1
        if not done % _COMMITTED:
            memo.commit()
        running.extend(islice(tasks, 1))
    memo.commit()
    return {key(part, block) for part in parts for block in lines.blocks}


def _tasks(
    parts: Sequence[Part], lines: Lines, memo: Memo, executor: Executor, progress: Callable[[int], None]
) -> Iterator[tuple[Block, list[bytes], Future[list[bytes]]]]:
    for block in lines.blocks:
        missing = [part for part in parts if key(part, block) not in memo]
        if missing:
            future = executor.submit(_of_block, lines.path, block, missing)
            yield block, [key(part, block) for part in missing], future
        else:
            progress(block.end - block.start)


def _of_block(path: Path, block: Block, parts: Sequence[Part]) -> list[bytes]:
    lines = _read(path, block)
    return [part.of_block(lines) for part in parts]


def _read(path: Path, block: Block) -> BlockLines:
    with path.open("rb") as file:
        data = os.pread(file.fileno(), block.end - block.start, block.start)
    return BlockLines(data, continues=block.continues)


def write(part: Part, lines: Lines, memo: Path, executor: Executor, folder: Path) -> Future[bytes]:
    """Have a process write the files of a part into the folder, from the results that are kept in the file `memo`."""
    return executor.submit(_write, part, lines.path, lines.blocks, memo, folder)


def _write(part: Part, path: Path, blocks: Sequence[Block], memo: Path, folder: Path) -> bytes:
    def results() -> Iterator[tuple[Block, bytes]]:
        with Memo(memo, read_only=True) as kept:
            for block in blocks:
                result = kept.get(key(part, block))
                yield block, part.of_block(_read(path, block)) if result is None else result  # the file was damaged

    return part.write(results(), folder)
