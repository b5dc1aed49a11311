"""The places of records, by their ids: kept compressed, because few of them are ever asked for."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from core.problems import Place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_PASSAGE = "evidence/"  # what the id of a passage begins with


def write_places(places: Mapping[str, Place]) -> bytes:
    """The places as bytes: a line for each, with id, file, line and column."""
    return "".join(f"{name}\t{p.file}\t{p.line}\t{p.column}\n" for name, p in places.items()).encode()


class Places:
    """The places of the records of a project, in the order in which they were read."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def add(self, places: bytes) -> None:
        """Add what `write_places` wrote."""
        self._pieces.append(zlib.compress(places, 1))

    def find(self, ids: Collection[str]) -> dict[str, Place]:
        """The places of these: the first one of a record, and the last one of a passage. Reads all places."""
        found: dict[str, Place] = {}
        for line in self._lines() if ids else ():
            name, file, row, column = line.split("\t")
            if name in ids and (name not in found or name.startswith(_PASSAGE)):
                found[name] = Place(file, int(row), int(column))
        return found

    def ids(self) -> Iterator[str]:
        """All ids; some come several times."""
        return (line.partition("\t")[0] for line in self._lines())

    def _lines(self) -> Iterator[str]:
        for piece in self._pieces:
            yield from zlib.decompress(piece).decode().splitlines()
