"""The dumps of a release: the same content gives the same bytes; docs/release-format.md has the list."""

from __future__ import annotations

import gzip
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

import pyoxigraph as ox

from release import reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from release.nquads import Content
    from release.source import Source

_LEVEL = 6  # gzip's own default: level 9 takes four times as long for 2 % less


def write(content: Content, source: Source, folder: Path) -> None:
    """Write all dumps below the folder; memory does not grow with the content."""
    (folder / reader.NQUADS).parent.mkdir()
    with content.quads.open("rb") as lines, _gzip(folder / reader.NQUADS) as dump:
        shutil.copyfileobj(lines, dump)
    with _gzip(folder / reader.TURTLE) as dump:
        triples = ox.parse(path=content.default_graph, format=ox.RdfFormat.N_TRIPLES)
        ox.serialize((quad.triple for quad in triples), dump, ox.RdfFormat.TURTLE, prefixes=source.prefixes)


@contextmanager
def _gzip(path: Path) -> Iterator[BinaryIO]:
    """A gzip file whose bytes depend on its content alone: no name, no time."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as file:
        yield cast("BinaryIO", file)
