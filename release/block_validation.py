"""Validates the default graph of a release by SHACL in the blocks of its lines (release/shacl_process.py runs this).

In: a task, with what the last build has kept. Out: what each block gives, validated again only where that may differ.

An outcome that was kept holds if the last release has the block too, and since then no triple came or went that was
looked up (BlockOutcome.read), and none of the block's subjects, which may have lines in the blocks beside it.
"""

from __future__ import annotations

import marshal
import os
import sys
from array import array
from bisect import bisect_left, bisect_right
from contextlib import ExitStack, closing
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from core.focus import BlockOutcome, FocusValidator, digest, inverse_lines, targets_without_triples
from core.ntriples import split
from core.shacl_validator import MOST_VIOLATIONS, Validator
from release import nquads
from release.blocks import Block, BlockLines, subject_of_last
from release.memo import Memo
from release.parts import Part
from release.sorted_lines import SortedLines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.reach import Reach

INVERSE = "inverse-lines"  # file in the folder of the release, while it is built
_SHORT = 512  # bytes that most subjects are shorter than
_NODES = 1000  # that are no subjects and are validated at once


class InversePart(Part):
    """The triples of the default graph that are looked up by their objects (core/focus.py), sorted, in a file."""

    def __init__(self, properties: Iterable[bytes]) -> None:
        """properties: of such triples."""
        self._properties = frozenset(properties)
        self.key = b"inverse lines 1 %b" % b" ".join(sorted(self._properties))

    def of_block(self, block: BlockLines) -> bytes:
        return b"".join(inverse_lines(block.default_graph, self._properties))

    def write(self, results: Iterable[tuple[Block, bytes]], folder: Path) -> bytes:
        nquads.sort((lines for _, lines in results), folder / INVERSE)
        return b""


class Task(NamedTuple):
    """The validation that a build asks for. Files are named by their paths.

    lines: sorted N-Quads, with their blocks as fields of Block. inverse: of an InversePart. memo: where what was kept
    is (release/memo.py), by these keys, one for each block; the key is empty where there is nothing. changed: the
    subjects of the triples that came and went since then, and what their inverse lines begin with (core/focus.py).
    """

    lines: str
    blocks: list[tuple[int, int, bytes, bool]]
    inverse: str
    memo: str
    kept: list[bytes]
    changed: list[bytes]

    def write(self, path: Path) -> None:
        path.write_bytes(marshal.dumps(tuple(self)))

    @classmethod
    def read(cls, path: Path) -> Task:
        return cls(*marshal.loads(path.read_bytes()))  # noqa: S302 - the process that started this one has written it


def to_bytes(outcome: BlockOutcome) -> bytes:
    """The outcome as it is kept."""
    return marshal.dumps((outcome.reports, outcome.violations, outcome.read))


def from_bytes(data: bytes) -> BlockOutcome:
    """What `to_bytes` has been given."""
    return BlockOutcome(*marshal.loads(data))  # noqa: S302 - kept by a build, and its digest is right


class BlockValidation:
    """The validation of the blocks of a task; a context manager that closes its files."""

    def __init__(self, reach: Reach, task: Task) -> None:
        self._blocks = [Block(*fields) for fields in task.blocks]
        self._kept, self._changed = task.kept, task.changed
        self._reach = reach
        with ExitStack() as files:
            lines, inverse = (
                files.enter_context(closing(SortedLines(Path(path)))) for path in (task.lines, task.inverse)
            )
            self._memo = files.enter_context(Memo(Path(task.memo), read_only=True))
            self._file = files.enter_context(Path(task.lines).open("rb"))
            self._files = files.pop_all()
        self._inverse = inverse
        self._triples = _DefaultGraph(lines)
        self._validator = FocusValidator(reach, Validator(reach.by_focus), self._triples, inverse)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def outcomes(self) -> Iterator[tuple[BlockOutcome, int | None]]:
        """The outcomes of all blocks and of nodes without triples, each with the number of the block that it is new of.

        They end with the violations that are looked for, and with a group of shapes that reads too much.
        """
        violations = 0
        for outcome, number in self._all():
            yield outcome, number
            violations += outcome.violations
            if outcome.excess or violations >= MOST_VIOLATIONS:
                return

    def _all(self) -> Iterator[tuple[BlockOutcome, int | None]]:
        around = self._around_changes()
        changed = frozenset(array("Q", b"".join(map(digest, self._changed))))
        for number, key in enumerate(self._kept):
            value = self._memo.get(key) if key and number not in around else None
            outcome = None if value is None else from_bytes(value)
            if outcome is not None and changed.isdisjoint(array("Q", outcome.read)):
                yield outcome, None
            else:
                yield self._validate(number), number
        rest = targets_without_triples(self._reach, self._triples, self._inverse.beginning(b""))
        while nodes := dict(islice(rest, _NODES)):
            yield self._validator.validate_nodes(nodes), None

    def _around_changes(self) -> set[int]:
        """The numbers of the blocks that may have lines whose subjects are among what has changed."""
        found: set[int] = set()
        numbers, first = range(len(self._blocks)), lru_cache(None)(self._first)
        for node in self._changed:
            start = bisect_left(numbers, node + b" ", key=first)
            found.update(range(max(start - 1, 0), bisect_right(numbers, node + b"!", key=first)))
        return found

    def _first(self, number: int) -> bytes:
        """The first subject of a block, and a space."""
        beginning = self._read(number, _SHORT)
        data = beginning if b" " in beginning else self._read(number)
        return data[: data.index(b" ") + 1]

    def _read(self, number: int, most: int = sys.maxsize) -> bytes:
        block = self._blocks[number]
        return os.pread(self._file.fileno(), min(block.end - block.start, most), block.start)

    def _validate(self, number: int) -> BlockOutcome:
        data = self._read(number)
        lines = BlockLines(data).default_graph
        if not lines:
            return BlockOutcome()
        first, last = data[: data.index(b" ") + 1], lines[-1][: lines[-1].index(b" ")]
        # lines of other graphs make no focus node
        begun = self._blocks[number].continues and lines[0].startswith(first) and self._is_begun(first, lines[0])
        continues = number + 1 < len(self._blocks) and self._blocks[number + 1].continues
        unfinished = continues and subject_of_last(data) == last
        return self._validator.validate_block(lines, begun=begun, unfinished=unfinished)

    def _is_begun(self, prefix: bytes, line: bytes) -> bool:
        """Whether there are triples before this line that begin like it."""
        ((first,),) = self._triples.each_beginning([prefix], 1)
        return first != line


class _DefaultGraph:
    """The triples of the default graph in sorted N-Quads."""

    def __init__(self, lines: SortedLines) -> None:
        self._lines = lines

    def each_beginning(self, prefixes: Iterable[bytes], most: int) -> Iterator[list[bytes]]:
        prefixes = list(prefixes)
        for prefix, lines in zip(prefixes, self._lines.each_beginning(prefixes, most), strict=True):
            found = [line for line in lines if split(line)[3] is None]
            if len(lines) == most != len(found):  # there may be more behind those of other graphs
                more = (line[:-1] for line in self._lines.beginning(prefix) if split(line)[3] is None)
                found = list(islice(more, most))
            yield found
