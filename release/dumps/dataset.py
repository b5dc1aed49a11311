"""The dataset as RDF documents: all quads as N-Quads, TriG and JSON-LD, the default graph as N-Triples and Turtle.

Where there are rdf:Statements, one more document has the default graph with reifiers of RDF 1.2 for them.
"""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import pyoxigraph as ox

from core import language_tags
from core.formats import JSON_LD, N_QUADS, N_TRIPLES, TRIG, TURTLE
from core.namespaces import REIFICATION
from core.reification import with_reifiers
from core.versions import Version, announcement, version_of_features
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
        nquads.sort_by_graph(lines, by_graph)
    usable = {p: n for p, n in sorted(prefixes.items()) if _PREFIX.fullmatch(p) and _NAMESPACE.fullmatch(n)}
    documents = [
        (DumpContent.DATASET, N_QUADS, content.quads),
        (DumpContent.DATASET, TRIG, by_graph),
        (DumpContent.DATASET, JSON_LD, by_graph),
        (DumpContent.DEFAULT_GRAPH, N_TRIPLES, content.default_graph),
        (DumpContent.DEFAULT_GRAPH, TURTLE, content.default_graph),
    ]
    if content.counts.properties.keys() >= set(REIFICATION):
        documents.append((DumpContent.REIFIERS, TURTLE, content.default_graph))
    dumps: list[Dump] = []
    for held, format_, lines_ in documents:
        version = Version.RDF_1_2 if held is DumpContent.REIFIERS else version_of_features(content.features)
        stem = NAME if held is not DumpContent.REIFIERS else f"{NAME}-{version.label}"
        regions = divide(lines_, limit)
        for number, region in enumerate(regions, 1):
            path = f"{part_name(stem, number, len(regions))}.{format_.extension}"
            with CompressedFiles(folder / path, _CODINGS) as files:
                files.write(announcement(version, format_))
                document = _Document(held, format_, usable)
                document.write(read_lines(lines_, region), files)
            dumps += [
                Dump(
                    held,
                    format_.extension,
                    f"{path}.{coding}",
                    coding=coding,
                    number=number,
                    parts=len(regions),
                    items=document.items,
                    text_size=files.size,
                    left_out=document.left_out,
                )
                for coding in _CODINGS
            ]
    by_graph.unlink()
    return dumps


class _Document:
    """One document, or one part of it. items: its statements; left_out: those that its format cannot hold."""

    def __init__(self, content: DumpContent, format_: Format, prefixes: dict[str, str]) -> None:
        self._content, self._format, self._prefixes = content, format_, prefixes
        self.items = self.left_out = 0

    def write(self, lines: Iterator[bytes], files: CompressedFiles) -> None:
        """Write canonical lines."""
        blocks = self._blocks(lines)
        if self._format in {N_QUADS, N_TRIPLES}:
            for block in blocks:
                files.write(block)
            return
        marked = map(language_tags.mark, blocks)
        quads: Iterable[Any] = chain.from_iterable(ox.parse(block, ox.RdfFormat.N_QUADS) for block in marked)
        if self._content is DumpContent.REIFIERS:
            quads = self._with_reifiers(quads)
        elif self._format is JSON_LD:
            quads = self._without_triple_terms(quads)
        with language_tags.RestoredFile(cast("BinaryIO", files)) as file:
            ox.serialize(quads, cast("BinaryIO", file), self._format.rdf, prefixes=self._prefixes)

    def _blocks(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        while block := list(islice(lines, _BLOCK)):
            self.items += len(block)
            yield b"".join(block)

    def _without_triple_terms(self, quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
        """Leave out what JSON-LD has no form for."""
        for quad in quads:
            if isinstance(quad.object, ox.Triple):
                self.left_out += 1
                self.items -= 1
            else:
                yield quad

    def _with_reifiers(self, quads: Iterable[ox.Quad]) -> Iterator[ox.Triple]:
        number = 0
        for triple in with_reifiers(quad.triple for quad in quads):
            number += 1
            yield triple
        self.items = number
