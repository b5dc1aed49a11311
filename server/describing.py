"""What DESCRIBE gives: the document about each resource, as it is published (SPARQL 1.1 leaves it to the service).

https://www.w3.org/TR/sparql11-query/#describe
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from release.reader import open_release
from server import grammar, model
from server.description import Collector, document, order
from server.labels import Labels
from server.serialization import context_of, write
from server.urls import Urls

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tree_sitter import Node as SyntaxNode

    from core.formats import Format
    from release.reader import Release

_NAMES = frozenset({"iri_reference", "prefixed_name"})


class Describer:
    """Answers DESCRIBE queries over the dataset of a release; reads what it needs at the first one."""

    def __init__(self, store: ox.Store, release: Path) -> None:
        self._store, self._path = store, release

    def triples(self, query: str, base: str) -> list[ox.Triple] | None:
        """The triples of the documents about all that the query describes, each once, in the documents' order.

        None if it is not a DESCRIBE over the whole dataset, or not one that can be taken apart: then the engine's own
        answer stands.
        """
        queries = selections(query)
        if queries is None:
            return None
        try:
            nodes = dict.fromkeys(node for selection in queries for node in self._select(selection, base))
        except SyntaxError:
            return None
        urls = Urls(self._release.base)
        if len(nodes) == 1:
            return document(self._collector.describe(next(iter(nodes))), urls)
        described = {triple for node in nodes for triple in document(self._collector.describe(node), urls)}
        return sorted(described, key=order)

    def write(self, triples: list[ox.Triple], format_: Format) -> bytes:
        """As the document is written; UnwritableError where the format cannot hold them."""
        prefixes = self._release.manifest.prefixes
        return write(triples, format_, store=self._store, prefixes=prefixes, context=self._context)

    def _select(self, query: str, base: str) -> Iterator[ox.NamedNode | ox.BlankNode]:
        solutions = cast("ox.QuerySolutions", self._store.query(query, base_iri=base))
        for solution in solutions:
            for term in solution:
                if isinstance(term, ox.NamedNode | ox.BlankNode):
                    yield term

    @cached_property
    def _release(self) -> Release:
        return open_release(self._path)

    @cached_property
    def _collector(self) -> Collector:
        manifest = self._release.manifest
        hints = model.read(self._store, manifest.shapes)
        graphs = [graph for graph in (manifest.ontology, manifest.shapes) if graph]
        return Collector(self._store, hints, Labels(self._store, hints, graphs, manifest.prefixes))

    @cached_property
    def _context(self) -> str | None:
        return context_of(self._release)


def selections(query: str) -> list[str] | None:
    """SELECT queries whose values are what a DESCRIBE query describes; None if it is none, or has its own dataset."""
    if "describe" not in query.lower():
        return None
    text = query.encode()
    root = grammar.parse(text)
    describe = next((node for node in root.children if node.type == "describe_query"), None)
    if describe is None or root.has_error or any(node.type == "dataset_clause" for node in describe.children):
        return None
    parts = _parts(describe)
    prologue, tail = text[: describe.start_byte], text[parts[-1].end_byte :]
    iris = [text[part.start_byte : part.end_byte] for part in parts if part.type in _NAMES]
    variables = [text[part.start_byte : part.end_byte] for part in parts if part.type not in _NAMES]
    found = []
    if iris:
        constants = b" ".join(b"(%s AS ?d%d)" % (iri, number) for number, iri in enumerate(iris))
        found.append(prologue + b"SELECT " + constants + b" {}")
    if variables and any(node.type == "where_clause" for node in describe.children):
        found.append(prologue + b"SELECT " + b" ".join(variables) + b" " + tail)
    return [selection.decode() for selection in found]


def _parts(describe: SyntaxNode) -> list[SyntaxNode]:
    """What follows the word: variables and names, or the star."""
    parts = []
    for node in describe.children[1:]:
        if node.type in _NAMES or node.type in ("var", "*"):
            parts.append(node)
        elif node.type != "comment":
            break
    return parts
