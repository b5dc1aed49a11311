"""Tells in which line of a file a parser finds each quad."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, BinaryIO, cast

import pyoxigraph as ox

from core.labels import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.rdf import Term

_BLOCK = 64 << 10  # bytes
_NAME = re.compile(rb"""[^\s"'<>:/#;,()\[\]{}]+""")


class NumberedLines:
    """A file that gives a parser one line at a time, so that the parser is never ahead of the quad that it yields."""

    def __init__(self, file: BinaryIO) -> None:
        self._lines = _lines(file)
        self._rest = b""  # of a line that is longer than the parser asked for
        self._number = 0  # of the line that was read last, from 1
        self._is_whole = True  # whether that has been read to its end
        self._recent: list[tuple[int, bytes]] = []  # the lines that were read for the last quad
        self._names: dict[bytes, int] | None = None  # name → the first of the recent lines that has it
        self._has_yielded = False

    def read(self, size: int) -> bytes:
        if self._has_yielded:
            self._recent, self._names, self._has_yielded = [], None, False
        line = self._rest or next(self._lines, b"")
        line, self._rest = line[:size], line[size:]
        if line:
            self._number += self._is_whole
            self._is_whole = line.endswith(b"\n")
            self._recent.append((self._number, line))
        return line

    def line_of(self, term: Term) -> int:
        """The first line, of those read for the last quad, that names the IRI; else, and for other terms, the last."""
        if not isinstance(term, ox.NamedNode):
            return self._number
        if self._names is None:
            lines = [(number, line) for number, line in self._recent if not line.lstrip().startswith(b"#")]
            self._names = {name.rstrip(b"."): n for n, line in reversed(lines) for name in _NAME.findall(line)}
        return self._names.get(local_name(term.value).encode(), self._number)

    def next_quad(self) -> None:
        """The lines that are read from now on are of the next quad."""
        self._has_yielded = True


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file in UTF-8 without a mark of byte order; very long ones come in pieces."""
    rest = file.read(_BLOCK).removeprefix(codecs.BOM_UTF8)
    while rest:
        *whole, rest = rest.split(b"\n")
        yield from (line + b"\n" for line in whole)
        block = file.read(_BLOCK)
        if len(rest) > _BLOCK or not block:
            yield rest
            rest = b""
        rest += block


def numbered_quads(file: BinaryIO, rdf_format: ox.RdfFormat, base: str) -> Iterator[tuple[ox.Quad, NumberedLines]]:
    """The quads of a file, each with its lines; SyntaxError and OSError as `pyoxigraph.parse` raises them."""
    lines = NumberedLines(file)
    for quad in ox.parse(cast("BinaryIO", lines), rdf_format, base_iri=base):
        yield quad, lines
        lines.next_quad()
