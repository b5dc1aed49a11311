"""What DESCRIBE gives: the document about each resource, as it is published (SPARQL 1.1 leaves it to the service).

https://www.w3.org/TR/sparql11-query/#describe
"""

from __future__ import annotations

import math
from functools import cached_property, partial
from itertools import chain, takewhile
from typing import TYPE_CHECKING, TypeAlias, cast

import pyoxigraph as ox

from core.errors import QueryError, QuerySyntaxError
from core.evaluation import evaluate
from core.lexer import Token, TokenKind, find_query_form, read_terminals
from core.versions import Version, version_of_features
from release import reader
from release.links import LinkIndex
from release.published import PublishedQuads
from server.model import presentation_shapes
from server.model.description import Collector, document, order
from server.model.labels import Labels
from server.model.lookups import Lookups
from server.model.positions import Positions
from server.model.serialization import context_of, write
from server.model.urls import Urls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from core.formats import Format
    from core.rdf import Node
    from release.reader import Release
    from server.model.presentation_shapes import Model
    from server.model.serialization import SerializedGraph

Select: TypeAlias = "Callable[[str], Iterable[Node]]"

_NAMES = frozenset({TokenKind.IRI, TokenKind.NAME})


class TooManyError(QueryError):
    """The description has more triples than the limit."""


class Describer:
    """Answers DESCRIBE queries over the dataset of a release; reads what it needs at the first one."""

    def __init__(self, store: ox.Store, release: Release) -> None:
        self._store, self._release = store, release

    def triples(
        self,
        query: str,
        base: str,
        prefixes: Mapping[str, str] | None = None,
        select: Select | None = None,
        most: float = math.inf,
        *,
        store: ox.Store | None = None,
    ) -> list[ox.Triple] | None:
        """The triples of the documents about all that the query describes, each once, in the documents' order.

        base, prefixes: for relative IRIs and prefixes that the query does not declare itself. select: executes a
        SELECT query and gives the resources among its values; by default on `store`, or else on that of the documents.
        most: triples; TooManyError if there are more. None if the query is not a DESCRIBE over the whole dataset, or
        not one that can be translated to SELECT queries: then the engine's own answer stands.
        """
        queries = describe_to_selects(query)
        if queries is None:
            return None
        select = select or partial(_select, store or self._store, base, prefixes)
        try:
            return self.documents(chain.from_iterable(map(select, queries)), most)
        except QuerySyntaxError:
            return None

    def documents(self, nodes: Iterable[Node], most: float = math.inf) -> list[ox.Triple]:
        """The triples of the documents about the nodes, each once; TooManyError where they are more than `most`."""
        urls = Urls(self._release.base)
        chosen = iter(dict.fromkeys(nodes))
        first = next(chosen, None)
        if first is None:
            return []
        own = None if most == math.inf else int(most)
        triples = dict.fromkeys(document(self._collector.describe(first, most=own), urls))
        others = False
        for node in chosen:
            if len(triples) > most:
                raise TooManyError(f"what is described are more than {most} triples")
            triples |= dict.fromkeys(document(self._collector.describe(node, most=own), urls))
            others = True
        return sorted(triples, key=order) if others else list(triples)

    @cached_property
    def has_rdf_1_2(self) -> bool:
        """Whether any graph of the release has terms of RDF 1.2."""
        return version_of_features(self._release.manifest.statistics.features) is not Version.RDF_1_1

    def write(self, triples: list[ox.Triple], format_: Format) -> SerializedGraph:
        """As the document is written; UnwritableError where the format cannot hold them."""
        prefixes = self._release.manifest.prefixes
        return write(triples, format_, published=self.published, prefixes=prefixes, context=self._context)

    @cached_property
    def published(self) -> PublishedQuads:
        """The quads of the release."""
        return PublishedQuads(self._release)

    @cached_property
    def labels(self) -> Labels:
        """The names of resources."""
        manifest = self._release.manifest
        graphs = [graph for graph in (manifest.ontology, manifest.shapes) if graph]
        return Labels(self._store, self._lookups, self._hints, graphs, manifest.prefixes)

    @cached_property
    def positions(self) -> Positions:
        """The places and dates of resources."""
        return Positions(self._store, self._lookups, self._hints.dates, self._release.manifest.counts.properties)

    @cached_property
    def _lookups(self) -> Lookups:
        return Lookups(self._store, self.published)

    @cached_property
    def _hints(self) -> Model:
        return presentation_shapes.read(self._store, self._release.shapes(self._store))

    @cached_property
    def _collector(self) -> Collector:
        links = LinkIndex(self._release.path / reader.LINKS, self.published.lines)
        properties = self._release.manifest.counts.properties
        return Collector(self._store, self.published, self._hints, self.labels, links, properties)

    @cached_property
    def _context(self) -> str | None:
        return context_of(self._release)


def _select(store: ox.Store, base: str, prefixes: Mapping[str, str] | None, query: str) -> Iterator[Node]:
    return nodes(cast("ox.QuerySolutions", evaluate(store, query, base_iri=base, prefixes=dict(prefixes or {}))))


def nodes(solutions: ox.QuerySolutions) -> Iterator[Node]:
    """All that can be described of what was selected."""
    for solution in solutions:
        for term in solution:
            if isinstance(term, ox.NamedNode | ox.BlankNode):
                yield term


def describe_to_selects(query: str) -> list[str] | None:
    """SELECT queries whose values are what a DESCRIBE query describes; None if it is none, or has its own dataset."""
    if "describe" not in query.lower():
        return None
    text, terminals = read_terminals(query)
    place = find_query_form(terminals)
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


def _is_described(token: Token) -> bool:
    return token.kind in _NAMES or token.kind is TokenKind.VARIABLE or token.text == "*"
