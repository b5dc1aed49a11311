"""Gzip files made of pieces that were compressed by themselves, as pigz makes them (RFC 1951, RFC 1952).

The pieces are one member, not one each: browsers and several libraries read the first member alone. The bytes depend on
the pieces alone: a file says neither a name nor a time.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, Self

from zlib_ng import zlib_ng

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_LEVEL = 5  # of zlib-ng: it takes half the time of zlib's level 6 for less
VERSION = str(zlib_ng.ZLIBNG_RUNTIME_VERSION).encode()  # which the bytes depend on
_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # deflate, no name, no time, no system
_LAST_BLOCK = b"\x03\x00"  # empty
_FIELDS = struct.Struct("<QII")
_POLYNOMIAL, _ONE = 0xEDB88320, 1 << 31  # of CRC-32: bits are reflected, the highest is x^0


class Piece(NamedTuple):
    """A text as whole deflate blocks that end at a byte.

    size: bytes of the text; crc: its CRC-32; shift: what a CRC is multiplied by for as many zero bytes behind its text.
    """

    deflated: bytes
    size: int
    crc: int
    shift: int

    def packed(self) -> bytes:
        """The piece as bytes."""
        return _FIELDS.pack(self.size, self.crc, self.shift) + self.deflated

    @classmethod
    def unpacked(cls, data: bytes) -> Piece:
        """The piece that was `packed`."""
        return cls(data[_FIELDS.size :], *_FIELDS.unpack_from(data))


def joined(pieces: Iterable[Piece]) -> Piece:
    """Pieces one behind the other, as one."""
    deflated, size, crc = list[bytes](), 0, 0
    for piece in pieces:
        deflated.append(piece.deflated)
        size, crc = size + piece.size, _multiply(piece.shift, crc) ^ piece.crc
    return Piece(b"".join(deflated), size, crc, _shift(size))


def deflate(text: bytes) -> Piece:
    """Compress a text without regard to what is before it."""
    compressor = zlib_ng.compressobj(_LEVEL, zlib_ng.DEFLATED, -zlib_ng.MAX_WBITS)
    deflated = compressor.compress(text) + compressor.flush(zlib_ng.Z_FULL_FLUSH) if text else b""
    return Piece(deflated, len(text), zlib_ng.crc32(text), _shift(len(text)))


class GzipFile:
    """Writes pieces, and in front of them a head that may depend on them. size: bytes of all texts together."""

    def __init__(self, path: Path) -> None:
        """The file is made by `finish`; until then the pieces are in a temporary one beside it."""
        self._path = path
        self._body = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115 - closed by __exit__
        self.size = self._crc = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._body.close()

    def write(self, piece: Piece) -> None:
        self._body.write(piece.deflated)
        self._crc = _multiply(piece.shift, self._crc) ^ piece.crc
        self.size += piece.size

    def finish(self, head: bytes) -> None:
        """Write the file. head: the beginning of the text."""
        piece = deflate(head)
        crc = _multiply(_shift(self.size), piece.crc) ^ self._crc
        self.size += piece.size
        with self._path.open("wb") as file:
            file.write(_HEAD + piece.deflated)
            self._body.seek(0)
            shutil.copyfileobj(self._body, file)
            file.write(_LAST_BLOCK + struct.pack("<II", crc, self.size & 0xFFFFFFFF))


def _shift(size: int) -> int:
    """x^8 to the power of size."""
    product, place = _ONE, 0
    while size:
        if size & 1:
            product = _multiply(_square(place), product)
        size, place = size >> 1, place + 1
    return product


@cache
def _square(times: int) -> int:
    """x^8, squared that often."""
    return _multiply(_square(times - 1), _square(times - 1)) if times else _ONE >> 8


def _multiply(one: int, other: int) -> int:
    """The product of two polynomials modulo that of CRC-32."""
    product, bit = 0, _ONE
    while bit:
        if one & bit:
            product ^= other
        other = other >> 1 ^ (_POLYNOMIAL if other & 1 else 0)
        bit >>= 1
    return product
