"""What DESCRIBE gives: the document about each resource, as it is published (SPARQL 1.1 leaves it to the service).

https://www.w3.org/TR/sparql11-query/#describe
"""

from __future__ import annotations

from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from core.tokens import Kind, Token, tokens, unescape
from release import reader
from release.links import Links
from release.reader import open_release
from server import model
from server.description import Collector, document, order
from server.labels import Labels
from server.serialization import context_of, write
from server.urls import Urls

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.formats import Format
    from release.reader import Release

_NAMES = frozenset({Kind.IRI, Kind.NAME})
_DECLARATIONS = {"BASE": 2, "PREFIX": 3, "VERSION": 2}  # how many terminals each takes


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
        labels = Labels(self._store, hints, graphs, manifest.prefixes)
        return Collector(self._store, hints, labels, Links(self._path / reader.LINKS))

    @cached_property
    def _context(self) -> str | None:
        return context_of(self._release)


def selections(query: str) -> list[str] | None:
    """SELECT queries whose values are what a DESCRIBE query describes; None if it is none, or has its own dataset."""
    if "describe" not in query.lower():
        return None
    text = unescape(query)
    terminals = list(tokens(text))
    place = _query_form(terminals)
    if place == len(terminals) or not terminals[place].is_word("DESCRIBE"):
        return None
    described = list(takewhile(_is_described, terminals[place + 1 :]))
    rest = terminals[place + 1 + len(described) :]
    if not described or (rest and rest[0].is_word("FROM")):
        return None
    prologue, tail = text[: terminals[place].end - len("DESCRIBE")], text[described[-1].end :]
    names = [token.text for token in described if token.kind in _NAMES]
    variables = [token.text for token in described if token.kind not in _NAMES]
    found = []
    if names:
        constants = " ".join(f"({name} AS ?d{number})" for number, name in enumerate(names))
        found.append(f"{prologue}SELECT {constants} {{}}")
    if variables and any(token.text == "{" for token in rest):
        found.append(f"{prologue}SELECT {' '.join(variables)} {tail}")
    return found


def _query_form(terminals: list[Token]) -> int:
    """Where the query form stands: behind the declarations of the prologue."""
    place = 0
    while place < len(terminals) and (length := _DECLARATIONS.get(terminals[place].text.upper())):
        place += length
    return min(place, len(terminals))


def _is_described(token: Token) -> bool:
    return token.kind in _NAMES or token.kind is Kind.VARIABLE or token.text == "*"
