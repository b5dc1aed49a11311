"""The quads of a release as they were published, read from its sorted lines.

The query store keeps numbers, dates and booleans by value; the lines have each term as it was written.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from core.language_tags import mark, marked
from core.namespaces import RDF, XSD
from core.ntriples import split
from core.rdf import serialize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from core.rdf import Node, Term
    from release.reader import Release

_SMALL = 20  # a graph is small that has less than this part of all quads
_DEFAULT = ox.DefaultGraph()
# The datatypes of the literals that the store does not change.
_TEXTS = frozenset(ox.NamedNode(iri) for iri in (XSD + "string", RDF + "langString", RDF + "dirLangString"))
_END = b" ."  # of a line


class PublishedQuads:
    """Reads the quads of one release. Any thread may ask."""

    def __init__(self, release: Release) -> None:
        """ReleaseError if they do not open."""
        self.lines, self._counts = release.open_quads(), release.manifest.counts
        self._graph_names = {f"<{iri}>".encode() for iri in self._counts.graphs}
        languages = release.manifest.statistics.languages
        self._has_capitals = any(tag != tag.lower() for tag in languages)
        self._languages: dict[str, list[str]] = {}  # tag in lower case → as it was written
        for tag in languages:
            self._languages.setdefault(tag.lower(), []).append(tag)

    def close(self) -> None:
        """Close the file; no method may be called afterwards."""
        self.lines.close()

    def about(self, node: Node | ox.Triple, predicate: ox.NamedNode | None = None) -> Iterator[ox.Triple]:
        """The triples of the default graph with this subject, and this predicate if one is given, in order."""
        return triples_in(self.blocks_about(node, predicate))

    def blocks_about(self, node: Node | ox.Triple, predicate: ox.NamedNode | None = None) -> Iterator[list[bytes]]:
        """The lines of the quads of all graphs with this subject, and this predicate if one is given, in order.

        They come as they are read: the first block is small, and each is larger than the one before.
        """
        return self.lines.blocks(f"{node} {predicate} ".encode() if predicate else f"{node} ".encode())

    def below(self, document: str) -> Iterator[ox.Triple]:
        """The triples of the default graph whose subjects are this IRI with a fragment, in order."""
        return triples_in(self.lines.blocks(f"<{document}#".encode()))

    def quads(self, triple: ox.Triple) -> list[ox.Quad]:
        """The quads with this triple, in order, with language tags as they were written, `marked`."""
        lines = b"".join(self.lines.beginning(_begin(triple)))
        return [
            written for quad, written in zip(_parse(lines), _parse(mark(lines)), strict=True) if quad.triple == triple
        ]

    def as_published(self, triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
        """Triples of the store with literals as they were written.

        Where one of a property of a subject may be changed, all of it come, for the store may have made them one.
        """
        whole: set[tuple[object, ox.NamedNode]] = set()
        for triple in triples:
            if not _may_be_changed(triple.object):
                yield triple
            elif (key := (triple.subject, triple.predicate)) not in whole:
                whole.add(key)
                written = self.about(triple.subject, triple.predicate)
                yield from (other for other in written if _may_be_changed(other.object))

    def graph(self, name: str | None, store: ox.Store) -> Iterator[bytes]:
        """The triples of a named graph, or of the default graph, as lines of canonical N-Triples, in order."""
        if name is None:
            return self._default_graph()
        node = ox.NamedNode(name)
        begins = [b""]
        if self._counts.graphs.get(name, 0) * _SMALL < self._counts.quads:  # its subjects are few
            subjects = {quad.subject for quad in store.quads_for_pattern(None, None, None, node)}
            begins = sorted(f"{subject} ".encode() for subject in subjects)
        return self._named_graph(begins, f" {node} .".encode())

    def mark(self, triples: Sequence[ox.Triple]) -> Sequence[ox.Triple]:
        """The triples with their language tags as they were written, `marked` (core/language_tags.py).

        Of one that was written with a tag in several ways there are several.
        """
        return list(chain.from_iterable(map(self._marked, triples))) if self._has_capitals else triples

    def _default_graph(self) -> Iterator[bytes]:
        for line in chain.from_iterable(_without_copies(self.lines.blocks(b""))):
            last = line[line.rfind(b" ", 0, -len(_END)) + 1 : -len(_END)]
            # a blank node may be the object or the graph, and so may the name of a graph
            if not (last.startswith(b"_:") or last in self._graph_names) or split(line)[3] is None:
                yield line + b"\n"

    def _named_graph(self, begins: Iterable[bytes], end: bytes) -> Iterator[bytes]:
        for line in chain.from_iterable(chain.from_iterable(map(self.lines.blocks, begins))):
            if line.endswith(end):
                triple = line[: -len(end)]
                if triple.count(b" ") > 1:  # else what the line ends with is the object
                    yield triple + b" .\n"

    def _marked(self, triple: ox.Triple) -> list[ox.Triple]:
        term = triple.object
        if isinstance(term, ox.Triple):
            return [ox.Triple(triple.subject, triple.predicate, inner) for inner in self._marked(term)]
        if not isinstance(term, ox.Literal) or not term.language:
            return [triple]
        written = self._languages.get(term.language, [term.language])
        if len(written) == 1:
            literal = ox.Literal(term.value, language=marked(written[0]), direction=term.direction)
            return [ox.Triple(triple.subject, triple.predicate, literal)]
        return [quad.triple for quad in self.quads(triple) if quad.graph_name == _DEFAULT] or [triple]


def triples_in(blocks: Iterable[list[bytes]]) -> Iterator[ox.Triple]:
    """The triples of the default graph in consecutive lines, in order."""
    for lines in _without_copies(blocks):
        for quad in quads_in(lines):
            if quad.graph_name == _DEFAULT:
                yield quad.triple


def quads_in(lines: Iterable[bytes]) -> Iterator[ox.Quad]:
    """The quads in lines without their line feeds, in order."""
    return _parse(b"\n".join(lines))


def _may_be_changed(term: Term) -> bool:
    return isinstance(term, ox.Literal) and term.datatype not in _TEXTS


def _begin(triple: ox.Triple) -> bytes:
    """What the lines of a triple begin with, up to a language tag, whose case may differ."""
    begin = serialize([triple], ox.RdfFormat.N_TRIPLES).removesuffix(b".\n")
    head, quote, tail = begin.rpartition(b'"')
    return head + quote + b"@" if tail.startswith(b"@") else begin


def _parse(lines: bytes) -> Iterator[ox.Quad]:
    return cast("Iterator[ox.Quad]", ox.parse(lines, ox.RdfFormat.N_QUADS))


def _without_copies(blocks: Iterable[list[bytes]]) -> Iterator[list[bytes]]:
    """The lines without those that say of a triple of the default graph that it is in a named graph too."""
    before = _END  # no line begins so
    for lines in blocks:
        kept = []
        for line in lines:
            if not line.startswith(before):
                before = line[:-1]
                kept.append(line)
        yield kept
