"""Makes parts of lines in blocks of any size, so that few lines are many blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from release.blocks import Block, BlockLines, subject_of_last

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from release.parts import Part

_GROUP = 3  # blocks


def made(part: Part, lines: Iterable[bytes], folder: Path, at_once: int = 1_000) -> bytes:
    """What the part returns of these lines, which have line feeds; at_once: how many of them are a block.

    Three blocks are a group.
    """
    rows = sorted(set(lines))
    start, last = 0, b""
    results = []
    for place in range(0, len(rows), at_once):
        data = b"".join(rows[place : place + at_once])
        block = Block(start, start + len(data), b"", data.startswith(last + b" "))
        results.append((block, part.of_block(BlockLines(data, continues=block.continues))))
        start, last = block.end, subject_of_last(data)
    groups = [results[place : place + _GROUP] for place in range(0, len(results), _GROUP)]
    return part.write([row for group in groups for row in _joined(part, group)], folder)


def _joined(part: Part, group: list[tuple[Block, bytes]]) -> list[tuple[Block, bytes]]:
    joined, first, last = part.join(group), group[0][0], group[-1][0]
    return group if joined is None else [(Block(first.start, last.end, b"", first.continues), joined)]
