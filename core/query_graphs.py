"""Finds the graphs that a query names, from its tokens: behind FROM, FROM NAMED and GRAPH."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.lexer import Token, TokenKind, may_have, readings, tokenize
from core.query_names import QueryNames

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_START = Token(TokenKind.OTHER, "", 0)


def names_graph(query: str, graphs: Collection[str], base: str, prefixes: Mapping[str, str]) -> bool:
    """Whether the query names one of the graphs; in linear time, whatever the text.

    base, prefixes: for relative IRIs and prefixes that the query does not declare itself.
    """
    return may_have(query, "FROM", "GRAPH") and any(
        _names(text, graphs, QueryNames(base, prefixes, max(map(len, graphs)))) for text in readings(query)
    )


def _names(query: str, graphs: Collection[str], names: QueryNames) -> bool:
    first, second = _START, _START  # the two tokens before
    for token in tokenize(query):
        names.read(token)
        if (
            second.is_word("GRAPH") or second.is_word("FROM") or (second.is_word("NAMED") and first.is_word("FROM"))
        ) and names.iri(token) in graphs:
            return True
        first, second = second, token
    return False
