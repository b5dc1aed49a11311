"""Hashes of terms, by which tables of a release are counted and joined as columns of numbers, without the terms.

A hash has 64 bits of BLAKE2b. Of a hundred million different terms two have the same one with a probability of 0.0003.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SIZE = 8  # bytes


def term_hash(term: bytes) -> int:
    """The hash of a term as it stands in a line."""
    return int.from_bytes(blake2b(term, digest_size=SIZE).digest(), "little")


def term_hashes(terms: Iterable[bytes]) -> bytes:
    """The hashes of terms, little-endian, one behind the other."""
    return b"".join([blake2b(term, digest_size=SIZE).digest() for term in terms])


class TermHashes(dict[bytes, bytes]):
    """Terms → their hashes, little-endian; each is made when it is first asked for."""

    def __missing__(self, term: bytes) -> bytes:
        self[term] = made = blake2b(term, digest_size=SIZE).digest()
        return made
