"""Parts of a release: what is written of the blocks of its lines (release/blocks.py).

A part makes something of each block, by itself and in any process, joins that for groups of blocks, and then makes a
file or figures of all. What it makes of a block depends on the block's bytes and the part's key alone, so it can be
kept for the next build.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from release.blocks import Block, BlockLines

Subject = TypeVar("Subject")


class Part(ABC):
    """One part. An object is sent to worker processes, so it is small and can be pickled.

    key: all that its results depend on besides the block: name, version, and parameters such as prefixes.
    """

    key: bytes

    @abstractmethod
    def of_block(self, block: BlockLines) -> bytes:
        """The result for one block. A worker process calls this, for blocks in any order."""

    def join(self, results: Sequence[tuple[Block, bytes]]) -> bytes | None:  # noqa: ARG002 - of the interface
        """What `write` takes for the blocks of a group as one, from what `of_block` has made of each.

        None if it takes the result of each block. A worker process calls this too.
        """
        return None

    @abstractmethod
    def write(self, results: Iterable[tuple[Block, bytes]], folder: Path) -> bytes:
        """Write the part's files into the folder of the release, from the results of all blocks in their order.

        Where the part joins results, the blocks are those of groups (release/blocks.py), each as one.
        A process of its own calls this, once; memory does not grow with the number of blocks. Returns what the parts
        and the manifest need of it: small, and empty if that is nothing.
        """


def closed_and_open(subjects: Sequence[Subject], *, continues: bool) -> tuple[Sequence[Subject], Sequence[Subject]]:
    """Of the subjects with which joined blocks began and ended: those that are whole now, and those at the two ends.

    continues: that of the first block.
    """
    start = int(continues)
    return subjects[start:-1], [*subjects[:start], *subjects[start:][-1:]]
