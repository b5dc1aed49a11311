"""Dumps by graph: everything, the default graph, collections of named graphs, and each named graph by itself."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from core.ntriples import split
from release import nquads
from release.dumps.columns import local_name
from release.dumps.documents import Document
from release.dumps.index import Dump, Extent
from release.dumps.members import Members
from release.dumps.terms import blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from release.dumps.documents import Documents
    from release.nquads import Content

_D = TypeVar("_D", bound=Document)
NAME = "parkgraph"
MEMBERS = "graphs/graphs"
_BLOCK = 1 << 16  # bytes of lines that are copied at once
_FEW = 16  # so many named graphs get files of their own, where nothing else is said


def write(content: Content, documents: Documents, collections: Mapping[str, tuple[str, ...]]) -> list[Dump]:
    """Write the dumps by graph and tell which there are.

    collections: name → IRIs of graphs, or beginnings of many, with a slash at the end. Where there are none, and few
    named graphs, each of these is one.
    """
    with content.quads.open("rb") as lines, documents.text(NAME, Dump(Extent.EVERYTHING, "nq")) as quads:
        while block := lines.readlines(min(_BLOCK, documents.limit)):
            quads.write(b"".join(block), len(block))
    by_graph = content.quads.with_name("graphs.tsv")
    with content.quads.open("rb") as lines:
        nquads.sort_by_key(_named(lines), by_graph)
    writer = _Writer(documents, collections or _few(content.counts.graphs))
    with writer.stack:
        writer.default_graph(content.default_graph)
        writer.named_graphs(by_graph)
    by_graph.unlink()
    return [*quads.dumps, *(dump for document in writer.opened for dump in document.dumps)]


class _Writer:
    def __init__(self, documents: Documents, collections: Mapping[str, tuple[str, ...]]) -> None:
        self.stack = ExitStack()
        self.opened: list[Document] = []
        self._documents, self._collections = documents, collections
        self._of: dict[str, list[Document]] = {}
        self._merged = [self._open(NAME, Dump(Extent.MERGED, format_)) for format_ in ("nt", "ttl")]
        self._whole = [self._open(NAME, Dump(Extent.EVERYTHING, format_)) for format_ in ("trig", "jsonld")]

    def default_graph(self, triples: Path) -> None:
        with triples.open("rb") as lines:
            for subject, pairs in blocks(lines):
                for document in (*self._merged, *self._whole):
                    document.add(subject, pairs)

    def named_graphs(self, by_graph: Path) -> None:
        members = None
        with by_graph.open("rb") as rows:
            for name, group in groupby((row.partition(b"\t") for row in rows), key=_key):
                graph = name if name.startswith(b"_:") else b"<" + name + b">"
                if members is None:
                    members = self._enter(Members(self._documents, MEMBERS, Dump(Extent.GRAPHS, "nq")))
                members.begin(name)
                with_name, without_name = self._targets(name.decode())
                for subject, pairs in blocks(line for _, _, line in group):
                    for document in with_name:
                        document.add(subject, pairs, graph)
                    for document in without_name:
                        document.add(subject, pairs)
                    members.add(subject, pairs, graph)

    def _targets(self, iri: str) -> tuple[list[Document], list[Document]]:
        """Where the triples of a graph go, with its name and without it."""
        with_name: list[Document] = [*self._whole]
        without_name: list[Document] = []
        for name, graphs in self._collections.items():
            if any(iri == known or (known.endswith("/") and iri.startswith(known)) for known in graphs):
                is_one = graphs == (iri,)
                formats = ("nt", "ttl") if is_one else ("nq", "trig")
                if name not in self._of:
                    kinds = [Dump(Extent.COLLECTION, format_, (name,)) for format_ in formats]
                    self._of[name] = [self._open(f"collections/{name}", kind) for kind in kinds]
                (without_name if is_one else with_name).extend(self._of[name])
        return with_name, without_name

    def _open(self, stem: str, kind: Dump) -> Document:
        return self._enter(self._documents.open(stem, kind))

    def _enter(self, document: _D) -> _D:
        self.opened.append(self.stack.enter_context(document))
        return document


def _few(graphs: Mapping[str, int]) -> dict[str, tuple[str, ...]]:
    if len(graphs) > _FEW:
        return {}
    names: dict[str, tuple[str, ...]] = {}
    for iri in sorted(graphs):
        short, number = local_name(iri), 2
        name = short
        while name in names:
            name, number = f"{short}-{number}", number + 1
        names[name] = (iri,)
    return names


def _named(quads: Iterable[bytes]) -> Iterator[bytes]:
    """The name of the graph of each quad that has one, and its triple."""
    for line in quads:
        subject, predicate, value, graph = split(line)
        if graph is not None:
            yield b"%s\t%s %s %s .\n" % (graph.strip(b"<>"), subject, predicate, value)


def _key(row: tuple[bytes, bytes, bytes]) -> bytes:
    return row[0]
