"""Queries to a store that keeps the default graph of a dataset under a name.

The default graph of such a store, as of Virtuoso, is the union of all that it holds, with a triple once for each graph
that has it. So the triples of the dataset's default graph lie in a graph of their own. Beside it another graph lists
the named graphs of the dataset, because the store holds more: these two, its own, and other people's. What is added to
a query is SPARQL 1.1, with the same meaning in every store.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.corrections import CorrectedQuery
from core.lexer import Edit, Token, TokenKind, code_points, edited, may_have, read_terminals
from core.namespaces import RDF, SD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_GRAPH_NAMES = frozenset({TokenKind.IRI, TokenKind.NAME, TokenKind.VARIABLE})
_PREDICATE, _CLASS = f"<{RDF}type>", f"<{SD}NamedGraph>"


@dataclass(frozen=True)
class ProtocolQuery:
    """A query with the graphs of its request (SPARQL 1.1 Protocol, 2.1.4); none of both leaves it to the query."""

    query: CorrectedQuery
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


@dataclass(frozen=True)
class NamedDefaultGraph:
    """The name that a store has for the default graph of a dataset, an absolute IRI."""

    iri: str

    @property
    def listing(self) -> str:
        """The name of the graph that lists the named graphs."""
        return f"{self.iri}/graphs"

    def listed(self, graph: str) -> str:
        """The triple that lists a graph, in N-Triples and in SPARQL; graph: as it is written there."""
        return f"{graph} {_PREDICATE} {_CLASS} ."

    def adapt(
        self, query: str, default_graphs: Sequence[str] | None = None, named_graphs: Sequence[str] | None = None
    ) -> ProtocolQuery:
        """The query as such a store is asked it, in linear time; a text that is no query stays none.

        default_graphs, named_graphs: those of the request, which replace FROM and FROM NAMED.
        """
        given = bool(default_graphs or named_graphs)
        defaults, named = tuple(default_graphs or ()), tuple(named_graphs or ())
        if not may_have(query, "GRAPH", "FROM"):
            return ProtocolQuery(CorrectedQuery(query, query), defaults if given else (self.iri,), named)
        text, terminals = read_terminals(query)
        clauses = list(_dataset_clauses(terminals))
        patterns = list(_graph_patterns(terminals))
        edits = [Edit(end, end, f" GRAPH <{self.listing}> {{ {self.listed(name)} }}") for name, end in patterns]
        if given:
            edits += [Edit(start, end, " ") for start, end in clauses]
            named = (*named, self.listing) if patterns else named
        elif clauses:
            last = clauses[-1][1]
            edits += [Edit(last, last, f" FROM NAMED <{self.listing}>")] if patterns else []
        elif patterns:
            for start, end in _outermost_groups(terminals):
                edits += [Edit(start, start, f" GRAPH <{self.iri}> {{"), Edit(end, end, " } ")]
        else:
            defaults = (self.iri,)
        edits.sort(key=lambda edit: edit.start)
        escapes = (code_points(query),) if text != query else ()
        return ProtocolQuery(CorrectedQuery(query, edited(text, edits), (*escapes, edits)), defaults, named)


def _dataset_clauses(terminals: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """The start and the end of each FROM and FROM NAMED with its IRI."""
    for place, token in enumerate(terminals):
        if token.is_word("FROM"):
            is_named = place + 1 < len(terminals) and terminals[place + 1].is_word("NAMED")
            yield token.start, terminals[min(place + 1 + is_named, len(terminals) - 1)].end


def _graph_patterns(terminals: Sequence[Token]) -> Iterator[tuple[str, int]]:
    """What each GRAPH has as the name of its graph, and the end of its group; the outer behind the inner."""
    opened: list[str | None] = []
    for place, token in enumerate(terminals):
        if token.text == "{":
            is_graph = place > 1 and terminals[place - 2].is_word("GRAPH")
            name = terminals[place - 1]
            opened.append(name.text if is_graph and name.kind in _GRAPH_NAMES else None)
        elif token.text == "}" and opened:
            graph = opened.pop()
            if graph is not None:
                yield graph, token.end


def _outermost_groups(terminals: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """The start and the end of what is within each group graph pattern that stands in no other, as that of WHERE."""
    depth, start, before = 0, 0, Token(TokenKind.OTHER, "", 0)
    for token in terminals:
        if depth == 0 and token.is_word("VALUES"):
            return  # a block of data, and nothing comes behind it
        if token.text == "{":
            if depth == 0:
                start = 0 if before.is_word("CONSTRUCT") else token.end
            depth += 1
        elif token.text == "}":
            depth -= 1
            if depth == 0 and start:
                yield start, token.start
        before = token
