"""The dataset as RDF documents: all quads as N-Quads, TriG and JSON-LD, the default graph as N-Triples and Turtle.

A document is a head, what is made of each block by itself, and a foot. Blank nodes have the labels of the lines, so one
that occurs in several blocks is one.
"""

from __future__ import annotations

import struct
import tempfile
from abc import abstractmethod
from itertools import compress, groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import zstandard

from core.formats import JSON_LD, N_QUADS, N_TRIPLES, TRIG, TURTLE
from core.namespaces import RDF, REIFICATION
from core.ntriples import encode_iri, features_of, is_iri, split
from core.versions import Version, announcement, version_of_features
from release.dumps import gzip_pieces, json_ld, turtle
from release.dumps.gzip_pieces import GzipFile, Piece, deflate, joined
from release.dumps.index import FOLDER, Dump, DumpContent, DumpIndex
from release.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from core.formats import Format
    from release.blocks import Block, BlockLines

NAME = "parkgraph"
GZIP, ZSTD = "gz", "zst"
_ZSTD_LEVEL = 1  # a quarter of the time of level 5, for 6 percent more bytes
_FIELDS = struct.Struct("<BQQ")
_COUNTS = struct.Struct("<QQ")
_PARTS = tuple(map(encode_iri, REIFICATION))
_REIFIES = encode_iri(RDF + "reifies")
_ABOUT_TRIPLES = frozenset({*_PARTS, _REIFIES})
_AT_ONCE = 2000  # reifiers that are compressed together


class BlockText(NamedTuple):
    """The text that a document has of one block. items: its statements; left_out: those that its format cannot hold."""

    text: bytes
    items: int
    left_out: int = 0
    version: Version = Version.RDF_1_1


class Document(Part):
    """A document, compressed by gzip."""

    format: ClassVar[Format]
    content: ClassVar[DumpContent] = DumpContent.DATASET
    head, between, foot = b"", b"", b""  # texts before, between and behind those of the blocks

    def __init__(self) -> None:
        self.key = b"dump 2 %b %b %b" % (gzip_pieces.VERSION, self.format.extension.encode(), self.head)

    @abstractmethod
    def text(self, block: BlockLines) -> BlockText:
        """The text of one block."""

    def of_block(self, block: BlockLines) -> bytes:
        found = self.text(block)
        return _FIELDS.pack(found.version, found.items, found.left_out) + deflate(found.text).packed()

    def join(self, results: Sequence[tuple[Block, bytes]]) -> bytes:
        fields = [_FIELDS.unpack_from(result) for _, result in results]
        version, (items, left_out) = (
            max(row[0] for row in fields),
            (sum(row[place] for row in fields) for place in (1, 2)),
        )
        pieces = [Piece.unpacked(result[_FIELDS.size :]) for _, result in results]
        return _FIELDS.pack(version, items, left_out) + joined(self._between(pieces)).packed()

    def _between(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Pieces with what stands between their texts."""
        between, is_first = deflate(self.between), True
        for piece in pieces:
            if piece.size and not is_first:
                yield between
            yield piece
            is_first &= not piece.size

    def write(self, results: Iterable[tuple[Block, bytes]], folder: Path) -> bytes:
        path = f"{NAME}.{self.format.extension}.{GZIP}"
        items = left_out = 0
        newest = Version.RDF_1_1

        def pieces() -> Iterator[Piece]:
            nonlocal items, left_out, newest
            for _, result in results:
                version, number, not_held = _FIELDS.unpack_from(result)
                newest, items, left_out = max(newest, Version(version)), items + number, left_out + not_held
                yield Piece.unpacked(result[_FIELDS.size :])

        with GzipFile(folder / FOLDER / path) as file:
            for piece in self._between(pieces()):
                file.write(piece)
            file.write(deflate(self.foot))
            file.finish(announcement(newest, self.format) + self.head)
        extension, size = self.format.extension, file.size
        dump = Dump(self.content, extension, path, coding=GZIP, items=items, text_size=size, left_out=left_out)
        return DumpIndex((dump,)).to_json()


class NQuads(Document):
    """The lines themselves."""

    format = N_QUADS

    def text(self, block: BlockLines) -> BlockText:
        return BlockText(block.data, len(block.lines))


class NTriples(Document):
    """The lines of the default graph."""

    format = N_TRIPLES
    content = DumpContent.DEFAULT_GRAPH

    def text(self, block: BlockLines) -> BlockText:
        return BlockText(_lines(block.default_graph), len(block.default_graph))


class JsonLd(Document):
    """An array of node objects."""

    format = JSON_LD
    head, between, foot = b"[\n", b",\n", b"\n]\n"

    def text(self, block: BlockLines) -> BlockText:
        text, left_out = json_ld.nodes(block)
        return BlockText(text, len(block.lines) - left_out, left_out)


class TriG(Document):
    """By subject."""

    format = TRIG

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        """prefixes: those that Turtle can declare."""
        self.prefixes, self.head = prefixes, turtle.declarations(prefixes)
        super().__init__()

    def text(self, block: BlockLines) -> BlockText:
        return BlockText(
            turtle.trig(block, self.prefixes), len(block.lines), version=version_of_features(block.features)
        )


class Turtle(Part):
    """The default graph by subject, twice: as it is and, if it has rdf:Statements, with reifiers of RDF 1.2 for them.

    A statement that has one subject, one predicate and one object reifies that triple. The reifiers stand at the end.
    """

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        """prefixes: those that Turtle can declare."""
        self.prefixes, self.head = prefixes, turtle.declarations(prefixes)
        self.key = b"dump 2 %b ttl %b" % (gzip_pieces.VERSION, self.head)

    def of_block(self, block: BlockLines) -> bytes:
        triples, about_triples = block.default_triples, b""
        if not _ABOUT_TRIPLES.isdisjoint(triples.predicates):
            about = [predicate in _ABOUT_TRIPLES for predicate in triples.predicates]
            rows = compress(block.default_graph, map(about.__getitem__, triples.predicate.tolist()))
            about_triples = _lines(rows)
        own = block.features and features_of(triples.objects)
        version = version_of_features(own)
        fields = _FIELDS.pack(version, len(block.default_graph), len(about_triples))
        return fields + about_triples + deflate(turtle.turtle(block, self.prefixes)).packed()

    def join(self, results: Sequence[tuple[Block, bytes]]) -> bytes:
        found = [_turtle(result) for _, result in results]
        about_triples = b"".join(one.about_triples for one in found)
        fields = _FIELDS.pack(max(one.version for one in found), sum(one.items for one in found), len(about_triples))
        return fields + about_triples + joined(one.piece for one in found).packed()

    def write(self, results: Iterable[tuple[Block, bytes]], folder: Path) -> bytes:
        newest, announced = Version.RDF_1_1, Version.RDF_1_2
        plain, reified = f"{NAME}.ttl.{GZIP}", f"{NAME}-{announced.label}.ttl.{GZIP}"
        items = reifiers = 0
        with (
            GzipFile(folder / FOLDER / plain) as file,
            GzipFile(folder / FOLDER / reified) as other,
            tempfile.TemporaryFile() as about_triples,
        ):
            for _, result in results:
                version, number, about, piece = _turtle(result)
                file.write(piece)
                other.write(piece)
                about_triples.write(about)
                newest, items = max(newest, Version(version)), items + number
            file.finish(announcement(newest, TURTLE) + self.head)
            dumps = [Dump(DumpContent.DEFAULT_GRAPH, "ttl", plain, coding=GZIP, items=items, text_size=file.size)]
            about_triples.seek(0)
            found = _reifiers(about_triples, turtle.Terms(self.prefixes))
            while lines := list(islice(found, _AT_ONCE)):
                other.write(deflate(b"".join(lines)))
                reifiers += len(lines)
            if reifiers:
                other.finish(announcement(announced, TURTLE) + self.head)
                number = items + reifiers
                dumps.append(
                    Dump(DumpContent.REIFIERS, "ttl", reified, coding=GZIP, items=number, text_size=other.size)
                )
        return DumpIndex(tuple(dumps)).to_json()


class _OfTurtle(NamedTuple):
    """What `Turtle` makes of a block. about_triples: the lines with predicates of rdf:Statements."""

    version: int
    items: int
    about_triples: bytes
    piece: Piece


def _turtle(result: bytes) -> _OfTurtle:
    version, items, size = _FIELDS.unpack_from(result)
    end = _FIELDS.size + size
    return _OfTurtle(version, items, result[_FIELDS.size : end], Piece.unpacked(result[end:]))


def _reifiers(lines: Iterable[bytes], terms: turtle.Terms) -> Iterator[bytes]:
    """Turtle of what each rdf:Statement reifies. lines: those of the default graph with the predicates for that."""
    rows = (split(line)[:3] for line in lines)
    for subject, group in groupby(rows, key=itemgetter(0)):
        parts: dict[bytes, list[bytes]] = {}
        for _, predicate, value in group:
            parts.setdefault(predicate, []).append(value)
        match [parts.get(part) for part in _PARTS]:
            case [[about], [predicate], [value]] if is_iri(predicate) and (is_iri(about) or about.startswith(b"_:")):
                triple = b"<<( %b %b %b )>>" % (about, predicate, value)
                if triple not in parts.get(_REIFIES, ()):
                    yield b"%b %b %b .\n" % (terms[subject], terms[_REIFIES], triple)


class ZstandardNQuads(Part):
    """All quads as N-Quads, compressed by Zstandard: each block is a frame."""

    key = b"dump 1 nq zst %d %b" % (_ZSTD_LEVEL, zstandard.__version__.encode())

    def of_block(self, block: BlockLines) -> bytes:
        frame = zstandard.ZstdCompressor(_ZSTD_LEVEL, write_checksum=True).compress(block.data)
        return _COUNTS.pack(len(block.data), len(block.lines)) + frame

    def join(self, results: Sequence[tuple[Block, bytes]]) -> bytes:
        counts = zip(*(_COUNTS.unpack_from(result) for _, result in results), strict=True)
        return _COUNTS.pack(*map(sum, counts)) + b"".join(result[_COUNTS.size :] for _, result in results)

    def write(self, results: Iterable[tuple[Block, bytes]], folder: Path) -> bytes:
        path = f"{NAME}.nq.{ZSTD}"
        size = items = 0
        with (folder / FOLDER / path).open("wb") as file:
            for _, result in results:
                text_size, number = _COUNTS.unpack_from(result)
                file.write(result[_COUNTS.size :])
                size, items = size + text_size, items + number
            if not size:
                file.write(zstandard.ZstdCompressor().compress(b""))
        return DumpIndex((Dump(DumpContent.DATASET, "nq", path, coding=ZSTD, items=items, text_size=size),)).to_json()


def _lines(lines: Iterable[bytes]) -> bytes:
    return b"\n".join([*lines, b""])
