"""RDF Patch: added and removed quads as a file that can be applied (https://afs.github.io/rdf-patch/).

Rows are sorted by quad, so patches can be compared and joined while they are read.
"""

from __future__ import annotations

import heapq
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_ADD, _DELETE = b"A ", b"D "


class PatchRow(NamedTuple):
    """A canonical line of N-Quads that was added or removed."""

    line: bytes
    added: bool


def write(rows: Iterable[PatchRow], identity: str, previous: str) -> Iterator[bytes]:
    """The lines of a patch. identity, previous: IRIs of the release it leads to and the release it starts from."""
    yield f"H id <{identity}> .\nH prev <{previous}> .\nTX .\n".encode()
    for row in rows:
        yield (_ADD if row.added else _DELETE) + row.line
    yield b"TC .\n"


def read(lines: Iterable[bytes]) -> Iterator[PatchRow]:
    """The rows of a patch that `write` has written."""
    for line in lines:
        kind, rest = line[:2], line[2:]
        if kind in {_ADD, _DELETE}:
            yield PatchRow(rest, kind == _ADD)


def differences(before: Iterable[bytes], after: Iterable[bytes]) -> Iterator[PatchRow]:
    """The lines that only one of two sorted sequences has, in one pass and constant memory."""
    old_lines, new_lines = iter(before), iter(after)
    old, new = next(old_lines, None), next(new_lines, None)
    while old is not None and new is not None:
        if old == new:
            old, new = next(old_lines, None), next(new_lines, None)
        elif old < new:
            yield PatchRow(old, added=False)
            old = next(old_lines, None)
        else:
            yield PatchRow(new, added=True)
            new = next(new_lines, None)
    while old is not None:
        yield PatchRow(old, added=False)
        old = next(old_lines, None)
    while new is not None:
        yield PatchRow(new, added=True)
        new = next(new_lines, None)


def rows(removed: Iterable[bytes], added: Iterable[bytes]) -> Iterator[PatchRow]:
    """The rows of lines that were removed and added, both sorted."""
    old, new = (PatchRow(line, added=False) for line in removed), (PatchRow(line, added=True) for line in added)
    return heapq.merge(old, new, key=_line)


def inverse(rows: Iterable[PatchRow]) -> Iterator[PatchRow]:
    """The rows that undo the given rows."""
    return (PatchRow(row.line, not row.added) for row in rows)


def joined(patches: Sequence[Iterable[PatchRow]]) -> Iterator[PatchRow]:
    """The net effect of consecutive patches; a line that was added and removed again is left out.

    A patch has each line once, and each change of a line undoes the one before: of an odd number the last counts.
    """
    for _, same in groupby(heapq.merge(*patches, key=_line), key=_line):
        changes = list(same)
        if len(changes) % 2:
            yield changes[-1]


def _line(row: PatchRow) -> bytes:
    return row.line
