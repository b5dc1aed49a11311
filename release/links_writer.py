"""Writes `links.bin`, the incoming links of every resource, which release/links.py reads."""

from __future__ import annotations

import json
import marshal
import shutil
import tempfile
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np

from core.namespaces import REIFICATION
from core.ntriples import decode_iri, encode_iri
from release.links import HEADER
from release.parts import Part
from release.reader import LINKS
from release.sorted_rows import HASH, SortedRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from release.blocks import Block, BlockLines

_PARTS = frozenset(map(encode_iri, REIFICATION))  # of rdf:Statements, which are no links
_ROW = np.dtype([("hash", HASH), ("property", "<u4"), ("position", "<u8")])
_GROUP = np.dtype([("hash", HASH), ("property", "<u4"), ("end", "<u8")])  # packed, as links.GROUP
_SHARE = 5  # bits: of so many groups, as a power of two, each entry of the directory has one part
_MOST_BITS = 22


class LinksPart(Part):
    """The file of links; `write` returns nothing."""

    key = b"links 1"

    def of_block(self, block: BlockLines) -> bytes:
        triples = block.default_triples
        lengths = np.fromiter(map(len, block.lines), np.intp, len(block.lines)) + 1
        positions = np.cumsum(lengths) - lengths
        is_target = np.array([value[:1] != b'"' and value[:2] != b"<<" for value in triples.objects], bool)
        rows = is_target[triples.object] & triples.chosen(of not in _PARTS for of in triples.predicates)
        names, properties = _used(triples.predicates, triples.predicate[rows])
        terms, targets = _used(triples.objects, triples.object[rows])
        columns = (properties, positions[block.default_starts][rows], targets)
        hashes = block.term_hashes(terms)
        return marshal.dumps((names, *(column.astype("<u4").tobytes() for column in columns), hashes))

    def join(self, results: Sequence[tuple[Block, bytes]]) -> bytes:
        numbers: dict[bytes, int] = {}
        start = results[0][0].start
        columns: list[tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint64]]] = []
        for block, result in results:
            rows = _rows(block, result, numbers)
            columns.append((rows["property"], (rows["position"] - np.uint64(start)).astype("<u4"), rows["hash"]))
        properties, positions, hashes = map(np.concatenate, zip(*columns, strict=True))
        different, targets = np.unique(hashes, return_inverse=True)
        arrays = (properties, positions, targets.astype("<u4"), different)
        return marshal.dumps((list(numbers), *(array.tobytes() for array in arrays)))

    def write(self, results: Iterable[tuple[Block, bytes]], folder: Path) -> bytes:
        names: dict[bytes, int] = {}
        with SortedRows(_ROW, folder) as links:
            for block, result in results:
                links.add(_rows(block, result, names))
            properties = sorted((decode_iri(name), number) for name, number in names.items())
            order = np.empty(len(names), "<u4")
            order[[number for _, number in properties]] = np.arange(len(names))
            _write(links, order, [iri for iri, _ in properties], folder / LINKS)
        return b""


def _used(terms: list[bytes], places: NDArray[np.intp]) -> tuple[list[bytes], NDArray[np.intp]]:
    """The terms at these places, each once, and for each of the places that of its term among them."""
    is_used = np.bincount(places, minlength=len(terms)) > 0
    return list(compress(terms, is_used.tolist())), (np.cumsum(is_used) - 1)[places]


def _rows(block: Block, result: bytes, names: dict[bytes, int]) -> NDArray[np.void]:
    """The links of a block; names: property → number, to which new ones are added."""
    local, properties, positions, targets, hashes = marshal.loads(result)  # noqa: S302 - of_block wrote it
    numbers = np.array([names.setdefault(name, len(names)) for name in local], "<u4")
    rows = np.empty(len(positions) // 4, _ROW)
    rows["hash"] = np.frombuffer(hashes, HASH)[np.frombuffer(targets, "<u4")]
    rows["property"] = numbers[np.frombuffer(properties, "<u4")]
    rows["position"] = np.frombuffer(positions, "<u4").astype("<u8") + np.uint64(block.start)
    return rows


def _write(links: SortedRows, order: NDArray[np.uint32], properties: list[str], path: Path) -> None:
    """order: the place of each property, by the number that it has in the rows, in the sorted properties."""
    bits = min(max(len(links).bit_length() - _SHARE, 1), _MOST_BITS)
    directory = np.zeros((1 << bits) + 1, "<u8")  # at first the number of groups of each entry, behind it
    number = 0
    with tempfile.TemporaryFile(dir=path.parent) as groups, tempfile.TemporaryFile(dir=path.parent) as positions:
        for rows in links.ranges():
            ranks = order[rows["property"]]
            places = np.lexsort((ranks, rows["hash"]))
            hashes, ranks = rows["hash"][places], ranks[places]
            rows["position"][places].tofile(positions)
            is_last = np.append((hashes[1:] != hashes[:-1]) | (ranks[1:] != ranks[:-1]), True)[: len(rows)]
            ends = np.flatnonzero(is_last)
            found = np.empty(len(ends), _GROUP)
            found["hash"], found["property"], found["end"] = hashes[ends], ranks[ends], ends + 1 + number
            found.tofile(groups)
            entries, counts = np.unique(found["hash"] >> HASH.type(64 - bits), return_counts=True)
            directory[entries + HASH.type(1)] += counts.astype("<u8")
            number += len(rows)
        np.cumsum(directory, out=directory)
        with path.open("wb") as file:
            file.write(HEADER.pack(directory[-1], number, bits))
            directory.tofile(file)
            for part in (groups, positions):
                part.seek(0)
                shutil.copyfileobj(part, file)
            file.write(json.dumps(properties).encode())
