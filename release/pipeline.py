"""Makes parts (release/parts.py) of the blocks of a release, in the processes of an executor; what is made is kept.

What a part makes of the blocks of a group is kept twice: by block, and joined for the group. Of a group that is as it
was, the latter is all that is looked up.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import time
from collections import defaultdict
from concurrent.futures import FIRST_COMPLETED, wait
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from core import memory
from release.blocks import BlockLines, groups
from release.memo import Memo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from core.progress import Progress
    from release.blocks import Block, Group
    from release.lines import Lines
    from release.parts import Part


class Made(NamedTuple):
    """What a part has made, and the seconds of processor time that it took."""

    result: bytes
    seconds: float


class _OfGroup(NamedTuple):
    """Results of one group, by the keys that they are kept by; seconds: of processor time, by the name of the part."""

    results: dict[bytes, bytes]
    seconds: defaultdict[str, float]


def key(part: Part, block: Block) -> bytes:
    """What the result of a part for a block is kept by."""
    return b"block %s %d %s" % (_digest(part.key), block.continues, block.digest)


def _group_key(part: Part, group: Group) -> bytes:
    return b"group %s %d %s" % (_digest(part.key), group.whole.continues, group.whole.digest)


@lru_cache(64)
def _digest(part_key: bytes) -> bytes:
    """What stands for the key of a part in keys, of which there are many."""
    return hashlib.sha256(part_key).digest()


def make(parts: Sequence[Part], lines: Lines, memo: Memo, executor: Executor, progress: Progress) -> None:
    """Have in the memo what the parts make of each block and group."""
    all_groups = sorted(groups(lines.blocks), key=lambda group: -len(group.blocks))  # so that the last ones are short
    with progress.stage("blocks", lines.size, "bytes") as advance:
        tasks = _tasks(parts, lines, all_groups, memo, executor, advance)
        ahead = memory.current().ahead
        running = dict(islice(tasks, ahead))
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                group, made = running.pop(future), future.result()
                for kept_by, result in made.results.items():
                    memo.put(kept_by, result)
                for name, seconds in made.seconds.items():
                    progress.spent(name, seconds)
                advance(group.whole.end - group.whole.start)
            running |= islice(tasks, ahead - len(running))
        memo.commit()


def keys(parts: Iterable[Part], lines: Lines) -> Iterator[bytes]:
    """What the results of the parts are kept by."""
    all_groups = list(groups(lines.blocks))
    for part in parts:
        yield from (_group_key(part, group) for group in all_groups)
        yield from (key(part, block) for block in lines.blocks)


def _tasks(
    parts: Sequence[Part],
    lines: Lines,
    all_groups: Sequence[Group],
    memo: Memo,
    executor: Executor,
    advance: Callable[[int], object],
) -> Iterator[tuple[Future[_OfGroup], Group]]:
    """The groups of which something is missing, which is being made."""
    for group in all_groups:
        missing = [part for part in parts if _group_key(part, group) not in memo]
        if missing:
            yield executor.submit(_of_group, lines.path, memo.path, group, missing), group
        else:
            advance(group.whole.end - group.whole.start)


def _of_group(path: Path, memo: Path, group: Group, parts: Sequence[Part]) -> _OfGroup:
    """Make what parts have of the group; of its blocks, what is not kept in the file `memo`."""
    found: dict[bytes, list[tuple[Block, bytes]]] = {part.key: [] for part in parts}
    made = _OfGroup({}, defaultdict(float))
    with Memo(memo, read_only=True) as kept:
        for block in group.blocks:
            reader = _Reader(path, block)
            for part in parts:
                begun = time.process_time()
                result = kept.get(key(part, block))
                if result is None:
                    result = made.results[key(part, block)] = part.of_block(reader.lines)
                found[part.key].append((block, result))
                made.seconds[type(part).__name__] += time.process_time() - begun
    for part in parts:
        begun = time.process_time()
        made.results[_group_key(part, group)] = _joined(part, found[part.key])
        made.seconds[type(part).__name__] += time.process_time() - begun
    return made


def _joined(part: Part, results: Sequence[tuple[Block, bytes]]) -> bytes:
    """The results for the blocks of a group as one value."""
    joined = part.join(results)
    return marshal.dumps([result for _, result in results] if joined is None else joined)


class _Reader:
    """Reads a block, once, when it is asked for."""

    def __init__(self, path: Path, block: Block) -> None:
        self._path, self._block = path, block

    @cached_property
    def lines(self) -> BlockLines:
        return _read(self._path, self._block)


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
    """Blocks, each with what a part has made of it: those of groups if it joins them; any number of times."""

    def __init__(self, part: Part, path: Path, blocks: Sequence[Block], memo: Path) -> None:
        """path: of the lines. memo: the file of what was kept."""
        self._part, self._path, self._blocks, self._memo = part, path, blocks, memo

    def __iter__(self) -> Iterator[tuple[Block, bytes]]:
        with Memo(self._memo, read_only=True) as kept:
            for group in groups(self._blocks):
                value = kept.get(_group_key(self._part, group))
                if value is None:  # the file was damaged
                    value = self._again(group)
                found = marshal.loads(value)  # noqa: S302 - written here, and its digest is right
                if isinstance(found, bytes):
                    yield group.whole, found
                else:
                    yield from zip(group.blocks, found, strict=True)

    def _again(self, group: Group) -> bytes:
        results = [(block, self._part.of_block(_read(self._path, block))) for block in group.blocks]
        return _joined(self._part, results)
