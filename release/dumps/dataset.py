"""The dataset as RDF documents: all quads as N-Quads, TriG and JSON-LD, the default graph as N-Triples and Turtle."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING, BinaryIO, cast

import pyoxigraph as ox

from core import language_tags
from core.formats import JSON_LD, N_QUADS, N_TRIPLES, TRIG, TURTLE
from core.ntriples import split
from release import nquads
from release.dumps.files import GZIP, ZSTD, CompressedFiles, divide, part_name, read_lines
from release.dumps.index import Dump, DumpContent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from core.formats import Format
    from release.nquads import Content

NAME = "parkgraph"
_CODINGS = (GZIP, ZSTD)
_BLOCK = 10_000  # lines that are read at once
_PREFIX = re.compile(r"[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?|")
_NAMESPACE = re.compile(r'[^\x00-\x20<>"{}|^`\\]+')


def write(content: Content, prefixes: Mapping[str, str], folder: Path, limit: int) -> list[Dump]:
    """Write the documents into the folder; limit: bytes of N-Triples or N-Quads that a part is made from."""
    by_graph = content.quads.with_name("graphs.tsv")
    with content.quads.open("rb") as lines:
        nquads.sort_by_key(map(_with_graph, lines), by_graph)
    usable = {p: n for p, n in sorted(prefixes.items()) if _PREFIX.fullmatch(p) and _NAMESPACE.fullmatch(n)}
    documents = (
        (DumpContent.DATASET, N_QUADS, content.quads),
        (DumpContent.DATASET, TRIG, by_graph),
        (DumpContent.DATASET, JSON_LD, by_graph),
        (DumpContent.DEFAULT_GRAPH, N_TRIPLES, content.default_graph),
        (DumpContent.DEFAULT_GRAPH, TURTLE, content.default_graph),
    )
    dumps: list[Dump] = []
    for held, format_, lines_ in documents:
        regions = divide(lines_, limit)
        for number, region in enumerate(regions, 1):
            path = f"{part_name(NAME, number, len(regions))}.{format_.extension}"
            with CompressedFiles(folder / path, _CODINGS) as files:
                items = _write_document(read_lines(lines_, region), format_, usable, files)
            dumps += [
                Dump(
                    held,
                    format_.extension,
                    f"{path}.{coding}",
                    coding=coding,
                    number=number,
                    parts=len(regions),
                    items=items,
                    text_size=files.size,
                )
                for coding in _CODINGS
            ]
    by_graph.unlink()
    return dumps


def _with_graph(line: bytes) -> bytes:
    """A line of canonical N-Quads with the name of its graph as sort key; that of the default graph is empty."""
    return b"%s\t%s" % (split(line)[3] or b"", line)


def _write_document(lines: Iterator[bytes], format_: Format, prefixes: dict[str, str], files: CompressedFiles) -> int:
    """Write canonical lines as one document; the number of its statements."""
    items = 0

    def blocks() -> Iterator[bytes]:
        nonlocal items
        while block := list(islice(lines, _BLOCK)):
            items += len(block)
            yield b"".join(block)

    if format_ in {N_QUADS, N_TRIPLES}:
        for block in blocks():
            files.write(block)
        return items
    marked = map(language_tags.mark, blocks())
    quads: Iterable[ox.Quad] = chain.from_iterable(ox.parse(block, ox.RdfFormat.N_QUADS) for block in marked)
    if format_ is JSON_LD:  # which cannot say triples as objects (RDF 1.2)
        quads = (quad for quad in quads if not isinstance(quad.object, ox.Triple))
    with language_tags.RestoredFile(cast("BinaryIO", files)) as file:
        ox.serialize(quads, cast("BinaryIO", file), format_.rdf, prefixes=prefixes)
    return items
