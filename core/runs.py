"""Runs: what units of the input give, canonical N-Quads that are sorted, each line once, as they are kept: compressed.

N-Quads repeat themselves, so that a run takes a tenth of its lines, on the way between processes too.
"""

from __future__ import annotations

import zstandard

_LEVEL = 1  # of Zstandard, which compresses faster than lines are mapped


def pack(lines: bytes) -> bytes:
    """The run of these lines."""
    return zstandard.ZstdCompressor(_LEVEL).compress(lines)


def unpack(run: bytes) -> bytes:
    """The lines of a run."""
    return zstandard.ZstdDecompressor().decompress(run)
