"""RDF documents in parts, subject by subject: what the formats make of a subject, and where parts may begin."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Self

from release.dumps import jsonld
from release.dumps.files import BOTH, PART_SIZE, Text
from release.dumps.jsonld import Nodes
from release.dumps.turtle import Turtle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from release.dumps.context import Context
    from release.dumps.index import Dump
    from release.dumps.terms import Pairs


class Document(AbstractContextManager["Document"]):
    """A document that is written subject by subject."""

    @property
    def dumps(self) -> list[Dump]:
        """Its files, when it is closed."""
        raise NotImplementedError

    def add(self, subject: bytes, pairs: Pairs, graph: bytes | None = None) -> None:
        """What is said of a subject, in the default graph or in a named one."""
        raise NotImplementedError


class _OfText(Document):
    def __init__(self, text: Text) -> None:
        self._text = text

    def __enter__(self) -> Self:
        self._text.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self._finish()
        self._text.__exit__(kind, *rest)

    @property
    def dumps(self) -> list[Dump]:
        return self._text.dumps

    def _finish(self) -> None:
        """Nothing is open at the end, in most formats."""


class Lines(_OfText):
    """N-Triples, or N-Quads where graphs are given."""

    def add(self, subject: bytes, pairs: Pairs, graph: bytes | None = None) -> None:
        end = b" .\n" if graph is None else b" " + graph + b" .\n"
        start = subject + b" "
        self._text.write(b"".join([start + p + b" " + o + end for p, o in pairs]), len(pairs))


class Paragraphs(_OfText):
    """Turtle, or TriG where graphs are given; graphs have to come one after the other."""

    def __init__(self, text: Text, turtle: Turtle) -> None:
        super().__init__(text)
        self._turtle, self._graph = turtle, b""

    def add(self, subject: bytes, pairs: Pairs, graph: bytes | None = None) -> None:
        wanted, start = graph or b"", b""
        if self._graph and (self._graph != wanted or self._text.is_full):
            self._finish()
        if self._graph != wanted:
            self._graph, start = wanted, self._turtle.term(wanted) + b" {\n\n"
        self._text.write(start + self._turtle.paragraph(subject, pairs), len(pairs))

    def _finish(self) -> None:
        if self._graph:
            self._text.close_with(b"}\n\n")
            self._graph = b""


class NodeLines(_OfText):
    """JSON-LD."""

    def __init__(self, text: Text, nodes: Nodes) -> None:
        super().__init__(text)
        self._nodes = nodes

    def add(self, subject: bytes, pairs: Pairs, graph: bytes | None = None) -> None:
        if self._text.is_full:
            self._nodes.begin()
        self._text.write(self._nodes.line(subject, pairs, graph), len(pairs))


class Documents:
    """Opens documents below a folder, by the format that their kind names."""

    def __init__(self, folder: Path, prefixes: dict[str, str], context: Context, limit: int = PART_SIZE) -> None:
        self.folder, self.prefixes, self.context, self.limit = folder, prefixes, context, limit

    def open(self, stem: str, kind: Dump, codings: Sequence[str] = BOTH) -> Document:
        if kind.extension in {"nt", "nq"}:
            return Lines(self.text(stem, kind, codings))
        if kind.extension == "jsonld":
            nodes = Nodes(self.context)
            return NodeLines(self.text(stem, kind, codings, nodes.head, jsonld.TAIL), nodes)
        turtle = Turtle(self.prefixes)
        return Paragraphs(self.text(stem, kind, codings, turtle.head), turtle)

    def text(self, stem: str, kind: Dump, codings: Sequence[str] = BOTH, head: bytes = b"", tail: bytes = b"") -> Text:
        return Text(self.folder, stem, kind, codings, head=head, tail=tail, limit=self.limit)
