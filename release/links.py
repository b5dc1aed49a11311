"""Reads `links.bin`: the incoming links of every resource, in order (docs/release-format.md).

The query store returns links in the order of its hashes, and only from the first one on. This file gives any page of
them, and their number by property, in the same time however many there are: it has the positions of the lines of
`quads.nq` that are the links to a resource, by its hash. The build writes it by release/links_writer.py.
"""

from __future__ import annotations

import json
import os
import struct
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from core.errors import ReleaseError
from core.ntriples import decode_iri, encode_iri
from release.hashes import term_hash

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from release.sorted_lines import SortedLines

# The numbers of groups, links and bits of a hash by which the directory finds its group.
HEADER = struct.Struct("<3Q")
ENTRY = struct.Struct("<Q")  # of the directory: the first group with a hash that is not before these bits
GROUP = struct.Struct("<QIQ")  # a target's hash, the number of a property, and how many links there are up to its end
POSITION = struct.Struct("<Q")


class Link(NamedTuple):
    """An incoming link. source: an IRI, or a blank node with its `_:`."""

    property: str
    source: str


class _Group(NamedTuple):
    """The links to one target by one property: the first and the one behind the last, by their numbers."""

    property: str
    start: int
    end: int


class LinkIndex:
    """Reads the links of one release; any thread may ask."""

    def __init__(self, path: Path, lines: SortedLines) -> None:
        """path: of the file. lines: the quads of the release. ReleaseError if the file does not open."""
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            groups, links, self._bits = HEADER.unpack(self._read(0, HEADER.size))
            self._groups_at = HEADER.size + ((1 << self._bits) + 1) * ENTRY.size
            self._positions_at = self._groups_at + groups * GROUP.size
            end = self._positions_at + links * POSITION.size
            self._properties: list[str] = json.loads(self._read(end, os.fstat(self._file).st_size - end))
        except (OSError, struct.error, ValueError) as error:
            raise ReleaseError(f"{path} does not open: {error}") from error
        self._lines = lines

    def close(self) -> None:
        """Close the file; no method may be called afterwards."""
        os.close(self._file)

    def totals(self, target: str) -> dict[str, int]:
        """Property → number of links to the resource: an IRI, or a blank node with its `_:`."""
        return {group.property: group.end - group.start for group in self._groups(_term(target))}

    def after(self, target: str, link: Link, count: int) -> list[Link]:
        """At most `count` links to `target` that sort after `link`, in order; `link` need not exist."""
        term, found = _term(target), list[Link]()
        for group in self._groups(term):
            if group.property >= link.property and len(found) < count:
                start = group.start if group.property > link.property else self._place(group, link, term, after=True)
                found += self._links(term, group.property, start, min(group.end, start + count - len(found)))
        return found

    def before(self, target: str, link: Link, count: int) -> list[Link]:
        """At most `count` links to `target` that sort before `link`, nearest first; `link` need not exist."""
        term, found = _term(target), list[Link]()
        for group in reversed(self._groups(term)):
            if group.property <= link.property and len(found) < count:
                end = group.end if group.property < link.property else self._place(group, link, term, after=False)
                links = self._links(term, group.property, max(group.start, end - count + len(found)), end)
                found += reversed(links)
        return found

    def _groups(self, target: bytes) -> list[_Group]:
        """The links to a term as it stands in a line, in the order of the properties."""
        hash_ = term_hash(target)
        place = HEADER.size + (hash_ >> (64 - self._bits)) * ENTRY.size
        first, end = (row[0] for row in ENTRY.iter_unpack(self._read(place, 2 * ENTRY.size)))
        begin = max(first - 1, 0)  # the group before says where the links begin
        rows = list(GROUP.iter_unpack(self._read(self._groups_at + begin * GROUP.size, (end - begin) * GROUP.size)))
        before = [0, *(row[2] for row in rows)]
        return [
            _Group(self._properties[property_], start, stop)
            for start, (of, property_, stop) in zip(before, rows, strict=False)
            if of == hash_
        ]

    def _place(self, group: _Group, link: Link, target: bytes, *, after: bool) -> int:
        """The number of the first link of the group that is not before this one, or after: that is behind it."""
        line = b"%s %s %s " % (_term(link.source), encode_iri(link.property), target)
        numbers = range(group.start, group.end)
        number = group.start + bisect_left(numbers, line, key=self._line)
        if after and number < group.end and self._line(number).startswith(line):
            number += 1
        return number

    def _links(self, target: bytes, property_: str, start: int, end: int) -> list[Link]:
        """The links with these numbers, of one group; a target of the same hash is left out."""
        closing = b" %s %s " % (encode_iri(property_), target)
        sources = (self._lines.at(position).partition(closing) for position in self._positions(start, end))
        return [Link(property_, decode_iri(source)) for source, found, _ in sources if found]

    def _line(self, number: int) -> bytes:
        """The line of a link."""
        (position,) = self._positions(number, number + 1)
        return self._lines.at(position)

    def _positions(self, start: int, end: int) -> Iterable[int]:
        data = self._read(self._positions_at + start * POSITION.size, max(end - start, 0) * POSITION.size)
        return (position for (position,) in POSITION.iter_unpack(data))

    def _read(self, place: int, size: int) -> bytes:
        return os.pread(self._file, size, place)


def _term(node: str) -> bytes:
    """A node as it stands in a line."""
    return node.encode() if node.startswith("_:") else encode_iri(node)
