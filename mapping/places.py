"""The places of records, by their ids: kept compressed, because few of them are ever asked for."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

from core.problems import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_PASSAGE = "evidence/"  # what the id of a passage begins with


def write_places(places: Mapping[str, Place]) -> bytes:
    """The places as compressed bytes: a line for each, with id, file, line and column."""
    lines = (f"{name}\t{p.file}\t{p.line}\t{p.column}\n" for name, p in places.items())
    return zlib.compress("".join(lines).encode(), 1)


class _Piece(NamedTuple):
    places: bytes
    file: str
    by: int


class Places:
    """The places of the records of a project, in the order in which they were read."""

    def __init__(self) -> None:
        self._pieces: list[_Piece] = []

    def add(self, places: bytes, file: str, by: int) -> None:
        """Add what `write_places` wrote; the places in the file have moved by so many lines since then."""
        self._pieces.append(_Piece(places, file, by))

    def find(self, ids: Collection[str]) -> dict[str, Place]:
        """The places of these: the first one of a record, and the last one of a passage. Reads all places."""
        found: dict[str, Place] = {}
        for piece in self._pieces if ids else ():
            for name, file, row, column in _rows(piece):
                if name in ids and (name not in found or name.startswith(_PASSAGE)):
                    found[name] = Place(file, int(row) + (piece.by if file == piece.file else 0), int(column))
        return found

    def ids(self) -> Iterator[str]:
        """All ids; some come several times."""
        return (row[0] for piece in self._pieces for row in _rows(piece))


def _rows(piece: _Piece) -> Iterator[list[str]]:
    return (line.split("\t") for line in zlib.decompress(piece.places).decode().splitlines())
