"""Blocks of sorted lines: consecutive lines that are processed, and whose results are kept, by themselves.

A block is cut where the content says so, between two subjects, so that a change of some lines moves no cut far from
them. It has 192 to 288 KiB; a subject that has more goes on in the next block, and a longer line makes a larger one.
What is made of consecutive blocks is joined by groups, so that what is written of all reads few values.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, count
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import numpy as np

from core.ntriples import features_of, split
from release.hashes import TermHashes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from core.ntriples import Pairs

_SMALLEST, LARGEST = 192 << 10, 288 << 10  # bytes
_GROUP, _LARGEST_GROUP = 32, 64  # blocks of a group: on average, and at most
_SPACES = 3  # of a line of the default graph, at least; one of another graph has more
_LINE_OF_SUBJECT = re.compile(rb"(?<=\n)[^ \n]+ ")
_LINES_OF_SUBJECT = re.compile(rb"(?<=\n)([^ \n]+ )(?:[^\n]*+\n\1)*+")  # to the subject in the last one


@dataclass(frozen=True, slots=True)
class Block:
    """The place of a block in the file of lines, in bytes, and the SHA-256 of its lines.

    continues: whether its first subject has lines in the block before as well.
    """

    start: int
    end: int
    digest: bytes
    continues: bool = False


class Group(NamedTuple):
    """Consecutive blocks. whole: their lines as one block; its digest is that of their digests."""

    blocks: tuple[Block, ...]
    whole: Block


def groups(blocks: Sequence[Block]) -> Iterator[Group]:
    """Blocks in groups, which are cut where a digest says so: a change of some blocks moves no cut far from them."""
    start = 0
    for end, block in enumerate(blocks, 1):
        if not block.digest[0] % _GROUP or end - start == _LARGEST_GROUP or end == len(blocks):
            of = tuple(blocks[start:end])
            digest = hashlib.sha256(b"".join(each.digest for each in of)).digest()
            yield Group(of, Block(of[0].start, block.end, digest, of[0].continues))
            start = end


class TripleColumns(NamedTuple):
    """Triples as columns of numbers: `subject`, `predicate` and `object` have places in the lists of terms.

    The lists have each term once, in the order in which they occur.
    """

    subjects: list[bytes]
    predicates: list[bytes]
    objects: list[bytes]
    subject: NDArray[np.intp]
    predicate: NDArray[np.intp]
    object: NDArray[np.intp]

    @property
    def ends(self) -> list[int]:
        """Of each subject the place behind its last triple."""
        ends: list[int] = np.searchsorted(self.subject, range(1, len(self.subjects) + 1)).tolist()
        return ends

    def place(self, predicate: bytes) -> int | None:
        """The place of a predicate in their list, if it is there."""
        return self.predicates.index(predicate) if predicate in self.predicates else None

    def chosen(self, of_each: Iterable[bool]) -> NDArray[np.bool_]:
        """Of which triples the predicate is chosen. of_each: of the predicates."""
        return np.array([*of_each], bool)[self.predicate]

    def by_subject(self, rows: NDArray[np.bool_]) -> list[list[bytes]]:
        """Of each subject the objects of these triples, in order."""
        found: list[list[bytes]] = [[] for _ in self.subjects]
        for subject, value in zip(self.subject[rows].tolist(), self.object[rows].tolist(), strict=True):
            found[subject].append(self.objects[value])
        return found


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
    def _parsed(self) -> _Parsed:
        """Equal subjects, predicates and graphs are one object, and objects of one triple: their hashes are known."""
        parsed = _Parsed([], [], [], [], [], [])
        subjects, predicates, values, graphs, starts, by_graph = parsed
        shared: dict[bytes, bytes] = {}
        of: dict[bytes | None, Pairs] = {}
        about, triple = b"", b"\n"  # triple: what a line begins with that has the triple of the line before
        for line in self.lines:
            if line.startswith(triple):
                name = line[len(triple) : -2]
                graph: bytes | None = shared.setdefault(name, name)
            else:
                subject, predicate, rest = line[:-2].split(b" ", 2)
                value, _, name = rest.rpartition(b" ")
                if not value or b'"' in name or name == b")>>":  # what is behind the last space ends the object
                    value, graph, triple = rest, None, line[:-1]
                else:
                    graph, triple = shared.setdefault(name, name), line[: -2 - len(name)]
                if subject != about:
                    by_graph += _by_name(about, of)
                    about, of = subject, {}
                predicate = shared.setdefault(predicate, predicate)
                pair = predicate, value
                starts.append(len(graphs))
                subjects.append(about)
                predicates.append(predicate)
                values.append(value)
            graphs.append(graph)
            if graph in of:
                of[graph].append(pair)
            else:
                of[graph] = [pair]
        by_graph += _by_name(about, of)
        return parsed

    @property
    def triples(self) -> tuple[list[bytes], list[bytes], list[bytes]]:
        """The subjects, predicates and objects of the different triples of all graphs, in order."""
        return self._parsed[:3]

    @property
    def starts(self) -> list[int]:
        """The number of the first line of each of the `triples`."""
        return self._parsed.starts

    @property
    def graphs(self) -> list[bytes | None]:
        """The graph of each line; None is the default graph."""
        return self._parsed.graphs

    @property
    def by_graph(self) -> list[tuple[bytes, bytes | None, Pairs]]:
        """Each subject and graph with its pairs of predicate and object; of a subject, the default graph comes first.

        A pair that is in several graphs is one object.
        """
        return self._parsed.by_graph

    @cached_property
    def objects(self) -> dict[bytes, None]:
        """The different objects, in the order in which they occur."""
        return dict.fromkeys(self._parsed.values)

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
    def default_triples(self) -> TripleColumns:
        """The triples of the default graph; lines of other graphs are not taken apart for them."""
        if "_parsed" in vars(self):
            graphs = self.graphs
            default = [graphs[start] is None for start in self.starts]
            columns = [list(compress(column, default)) for column in self.triples]
        else:
            rows = [line[:-2].split(b" ", 2) for line in self.default_graph]
            columns = [[row[place] for row in rows] for place in range(3)]
        (subjects, subject), (predicates, predicate), (objects, object_) = map(numbered, columns)
        return TripleColumns(subjects, predicates, objects, subject, predicate, object_)

    @cached_property
    def default_starts(self) -> list[int]:
        """The numbers of the lines of the default graph."""
        graphs = self.graphs
        return [start for start in self.starts if graphs[start] is None]

    @cached_property
    def default_graph(self) -> list[bytes]:
        """The lines of the default graph, without their line feeds; they are not taken apart for this."""
        if "_parsed" in vars(self):
            return [self.lines[start] for start in self.default_starts]
        found: list[bytes] = []
        triple = b"\n"  # what the lines begin with that have the triple of the last line found
        for line in self.lines:
            if not line.startswith(triple) and (line.count(b" ") == _SPACES or split(line)[3] is None):
                found.append(line)
                triple = line[:-1]
        return found


def _by_name(subject: bytes, of: Mapping[bytes | None, Pairs]) -> list[tuple[bytes, bytes | None, Pairs]]:
    return [(subject, graph, of[graph]) for graph in sorted(of, key=lambda graph: graph or b"")]


def numbered(terms: Sequence[bytes]) -> tuple[list[bytes], NDArray[np.intp]]:
    """The different terms in the order in which they occur, and of each term its place among them."""
    places = defaultdict[bytes, int](count().__next__)
    column = np.fromiter(map(places.__getitem__, terms), np.intp, len(terms))
    return list(places), column


class _Parsed(NamedTuple):
    """What the properties of BlockLines with these names give."""

    subjects: list[bytes]
    predicates: list[bytes]
    values: list[bytes]
    graphs: list[bytes | None]
    starts: list[int]
    by_graph: list[tuple[bytes, bytes | None, Pairs]]


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
    subjects = [(crc32(match[1]), match.start()) for match in _LINES_OF_SUBJECT.finditer(data, _SMALLEST, LARGEST)]
    if begun := subjects[1:]:  # the first one may have begun before
        return min(begun)[1]
    if subjects:
        places = (match.start() for match in _LINE_OF_SUBJECT.finditer(data, _SMALLEST, LARGEST))
        return min((crc32(data[place:LARGEST]), place) for place in places)[1]
    return data.find(b"\n", LARGEST) + 1


def subject_of_last(data: bytes) -> bytes:
    """The subject of the last of these lines."""
    line = data.rfind(b"\n", 0, -1) + 1
    return data[line : data.index(b" ", line)]
