"""Parts of a release: what is written of the blocks of its lines (release/blocks.py).

A part makes something of each block, by itself and in any process, and then a file or figures of all that was made.
What it makes of a block depends on the block's bytes and the part's key alone, so it can be kept for the next build.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from release.blocks import Block, BlockLines


class Part(ABC):
    """One part. An object is sent to worker processes, so it is small and can be pickled.

    key: all that its results depend on besides the block: name, version, and parameters such as prefixes.
    """

    key: bytes

    @abstractmethod
    def of_block(self, block: BlockLines) -> bytes:
        """The result for one block. A worker process calls this, for blocks in any order."""

    @abstractmethod
    def write(self, results: Iterable[tuple[Block, bytes]], folder: Path) -> bytes:
        """Write the part's files into the folder of the release, from the results of all blocks in their order.

        A process of its own calls this, once; memory does not grow with the number of blocks. Returns what the parts
        and the manifest need of it: small, and empty if that is nothing.
        """
