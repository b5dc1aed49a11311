"""Writes `links.bin`, the incoming links of every resource, which release/links.py reads."""

from __future__ import annotations

import json
import marshal
import shutil
import tempfile
from array import array
from itertools import accumulate
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
        places = list(accumulate((len(line) + 1 for line in block.lines), initial=0))
        graphs, (_, predicates, values) = block.graphs, block.triples
        rows = [
            (places[start], predicate, value)
            for start, predicate, value in zip(block.starts, predicates, values, strict=True)
            if value[:1] != b'"' and graphs[start] is None and value[:2] != b"<<" and predicate not in _PARTS
        ]
        numbers: dict[bytes, int] = {}
        properties = array("I", [numbers.setdefault(predicate, len(numbers)) for _, predicate, _ in rows])
        positions = array("I", [position for position, _, _ in rows])
        terms: dict[bytes, int] = {}
        targets = array("I", [terms.setdefault(value, len(terms)) for _, _, value in rows])
        columns = (properties.tobytes(), positions.tobytes(), targets.tobytes())
        return marshal.dumps((list(numbers), *columns, block.term_hashes(terms)))

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
