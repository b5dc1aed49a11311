"""Blocks of sorted lines: consecutive lines that are processed, and whose results are kept, by themselves.

A block is cut where the content says so, between two subjects, so that a change of some lines moves no cut far from
them. It has 192 to 288 KiB; a subject that has more goes on in the next block, and a longer line makes a larger one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING
from zlib import crc32

from core.ntriples import features_of, split
from release.hashes import TermHashes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SMALLEST, LARGEST = 192 << 10, 288 << 10  # bytes
_FIRST_TERM = re.compile(rb"(?<=\n)[^ \n]+ ")


@dataclass(frozen=True)
class Block:
    """The place of a block in the file of lines, in bytes, and the SHA-256 of its lines.

    continues: whether its first subject has lines in the block before as well.
    """

    start: int
    end: int
    digest: bytes
    continues: bool = False


class BlockLines:
    """The lines of one block: canonical N-Quads, sorted by bytes, each once."""

    def __init__(self, data: bytes, *, continues: bool = False) -> None:
        """data: whole lines with their line feeds. continues: that of the Block."""
        self.data, self.continues = data, continues

    @cached_property
    def lines(self) -> list[bytes]:
        """The lines without their line feeds."""
        return self.data.split(b"\n")[:-1]

    @cached_property
    def rows(self) -> list[tuple[bytes, bytes, bytes, bytes | None]]:
        """Subject, predicate, object and graph of each line; None is the default graph.

        Equal subjects, predicates and graphs are one object, and objects of one triple: their hashes are known.
        """
        rows = []
        shared: dict[bytes, bytes] = {}
        about = subject = predicate = value = b""
        triple = b"\n"  # the line before up to its graph, if it has none
        for line in self.lines:
            if line.startswith(triple):
                graph: bytes | None = line[len(triple) : -2]
            else:
                subject, predicate, value, graph = split(line)
                about = subject = about if subject == about else subject
                predicate = shared.setdefault(predicate, predicate)
                triple = b"\n" if graph else line[:-1]
            rows.append((subject, predicate, value, graph and shared.setdefault(graph, graph)))
        return rows

    @cached_property
    def objects(self) -> dict[bytes, None]:
        """The different objects, in the order in which they occur."""
        return dict.fromkeys(map(itemgetter(2), self.rows))

    @cached_property
    def _hashes(self) -> TermHashes:
        return TermHashes()

    def term_hashes(self, terms: Iterable[bytes]) -> bytes:
        """The hashes of terms (release/hashes.py), one behind the other; they are remembered."""
        return b"".join(map(self._hashes.__getitem__, terms))

    @cached_property
    def features(self) -> frozenset[str]:
        """The features of the objects."""
        return features_of(self.objects)

    @cached_property
    def subjects(self) -> list[tuple[bytes, list[tuple[bytes, bytes, bytes, bytes | None]]]]:
        """Each subject of the default graph, in order, with its rows there."""
        rows = (row for row in self.rows if row[3] is None)
        return [(subject, list(of)) for subject, of in groupby(rows, itemgetter(0))]

    @cached_property
    def triples(self) -> list[bytes]:
        """The lines of the default graph, without their line feeds."""
        return [line for line, row in zip(self.lines, self.rows, strict=True) if row[3] is None]


def divide(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Sorted lines as blocks. pieces: the bytes of the lines in pieces of any size, which make no difference."""
    rest = bytearray()
    for piece in pieces:
        rest += piece
        while end := cut(rest):
            yield bytes(rest[:end])
            del rest[:end]
    while rest:
        end = cut(rest) or len(rest)
        yield bytes(rest[:end])
        del rest[:end]


def cut(data: bytes | bytearray) -> int:
    """The end of the first block of these lines; 0 if it depends on lines that follow, or there are no lines.

    It ends before the subject with the least CRC of those that begin where it may end; where none does, lines count.
    """
    if len(data) <= LARGEST:
        return 0
    places = [(match[0], match.start()) for match in _FIRST_TERM.finditer(data, _SMALLEST, LARGEST)]
    begun = [(crc32(after), place) for (before, _), (after, place) in pairwise(places) if before != after]
    if begun:
        return min(begun)[1]
    if places:
        return min((crc32(data[place:LARGEST]), place) for _, place in places)[1]
    return data.find(b"\n", LARGEST) + 1


def subject_of_last(data: bytes) -> bytes:
    """The subject of the last of these lines."""
    line = data.rfind(b"\n", 0, -1) + 1
    return data[line : data.index(b" ", line)]
