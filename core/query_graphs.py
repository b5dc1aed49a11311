"""Finds the graphs that a query names, from its tokens: behind FROM, FROM NAMED and GRAPH."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from core.lexer import Token, TokenKind, may_have, readings, tokenize

if TYPE_CHECKING:
    from collections.abc import Mapping

_ESCAPE = re.compile(r"\\(.)")  # of a prefixed name
_LONGEST_BASE = 2000  # characters
_START = Token(TokenKind.OTHER, "", 0)


def names_graph(query: str, graph: str, base: str, prefixes: Mapping[str, str]) -> bool:
    """Whether the query names the graph; in linear time, whatever the text.

    base, prefixes: for relative IRIs and prefixes that the query does not declare itself.
    """
    return may_have(query, "FROM", "GRAPH") and any(_names(text, graph, base, prefixes) for text in readings(query))


def _names(query: str, graph: str, base: str, prefixes: Mapping[str, str]) -> bool:
    namespaces = dict(prefixes)
    first, second = _START, _START  # the two tokens before
    for token in tokenize(query):
        if token.kind is TokenKind.IRI and second.is_word("BASE"):
            base = _resolve(base, token)
        elif token.kind is TokenKind.IRI and first.is_word("PREFIX"):
            # what is longer than the graph's IRI does not lead to it, and would be put together again and again
            namespaces[second.text.removesuffix(":")] = _resolve(base, token)[: len(graph) + 1]
        elif second.is_word("GRAPH") or second.is_word("FROM") or (second.is_word("NAMED") and first.is_word("FROM")):
            if token.kind is TokenKind.IRI and _resolve(base, token) == graph:
                return True
            if token.kind is TokenKind.NAME:
                prefix, _, local = token.text.partition(":")
                if namespaces.get(prefix, "") + _ESCAPE.sub(r"\1", local) == graph:
                    return True
        first, second = second, token
    return False


def _resolve(base: str, token: Token) -> str:
    """The IRI in full; as it stands where the base is too long, since each of many could make it longer."""
    iri = token.text[1:-1]
    try:
        return urljoin(base, iri) if len(base) <= _LONGEST_BASE else iri
    except ValueError:  # a host that is none
        return iri
