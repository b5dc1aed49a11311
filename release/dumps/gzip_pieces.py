"""Gzip files made of pieces that were compressed by themselves, as pigz makes them (RFC 1951, RFC 1952).

The pieces are one member, not one each: browsers and several libraries read the first member alone. The bytes depend on
the pieces alone: a file says neither a name nor a time.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
from typing import TYPE_CHECKING, NamedTuple, Self

from zlib_ng import zlib_ng

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_LEVEL = 5  # of zlib-ng: it takes half the time of zlib's level 6 for less
# Of packed pieces, whose bytes depend on the level and on the library.
VERSION = b"2 %d %b" % (_LEVEL, str(zlib_ng.ZLIBNG_RUNTIME_VERSION).encode())
_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # deflate, no name, no time, no system
_LAST_BLOCK = b"\x03\x00"  # empty
_FIELDS = struct.Struct("<QI")


class Piece(NamedTuple):
    """A text as whole deflate blocks that end at a byte. size: bytes of the text; crc: its CRC-32."""

    deflated: bytes
    size: int
    crc: int

    def packed(self) -> bytes:
        """The piece as bytes."""
        return _FIELDS.pack(self.size, self.crc) + self.deflated

    @classmethod
    def unpacked(cls, data: bytes) -> Piece:
        """The piece that was `packed`."""
        return cls(data[_FIELDS.size :], *_FIELDS.unpack_from(data))


def joined(pieces: Iterable[Piece]) -> Piece:
    """Pieces one behind the other, as one."""
    deflated, size, crc = list[bytes](), 0, 0
    for piece in pieces:
        deflated.append(piece.deflated)
        size, crc = size + piece.size, zlib_ng.crc32_combine(crc, piece.crc, piece.size)
    return Piece(b"".join(deflated), size, crc)


def deflate(text: bytes) -> Piece:
    """Compress a text without regard to what is before it."""
    compressor = zlib_ng.compressobj(_LEVEL, zlib_ng.DEFLATED, -zlib_ng.MAX_WBITS)
    deflated = compressor.compress(text) + compressor.flush(zlib_ng.Z_FULL_FLUSH) if text else b""
    return Piece(deflated, len(text), zlib_ng.crc32(text))


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
        self._crc = zlib_ng.crc32_combine(self._crc, piece.crc, piece.size)
        self.size += piece.size

    def finish(self, head: bytes) -> None:
        """Write the file. head: the beginning of the text."""
        piece = deflate(head)
        crc = zlib_ng.crc32_combine(piece.crc, self._crc, self.size)
        self.size += piece.size
        with self._path.open("wb") as file:
            file.write(_HEAD + piece.deflated)
            self._body.seek(0)
            shutil.copyfileobj(self._body, file)
            file.write(_LAST_BLOCK + struct.pack("<II", crc, self.size & 0xFFFFFFFF))
