"""Makes parts of lines in blocks of any size, so that few lines are many blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from release.blocks import Block, BlockLines, subject_of_last

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from release.parts import Part


def made(part: Part, lines: Iterable[bytes], folder: Path, at_once: int = 1_000) -> bytes:
    """What the part returns of these lines, which have line feeds; at_once: how many of them are a block."""
    rows = sorted(set(lines))
    start, last = 0, b""
    results = []
    for place in range(0, len(rows), at_once):
        data = b"".join(rows[place : place + at_once])
        block = Block(start, start + len(data), b"", data.startswith(last + b" "))
        results.append((block, part.of_block(BlockLines(data, continues=block.continues))))
        start, last = block.end, subject_of_last(data)
    return part.write(results, folder)
