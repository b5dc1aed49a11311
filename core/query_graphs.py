"""Finds the graphs that a query names, from its tokens: behind FROM, FROM NAMED and GRAPH."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from core.lexer import Token, TokenKind, readings, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KEYWORD = re.compile(r"\b(?:FROM|GRAPH)\b", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(.)")  # of a prefixed name
_START = Token(TokenKind.OTHER, "", 0)


def names_graph(query: str, graph: str, base: str, prefixes: Mapping[str, str]) -> bool:
    """Whether the query names the graph; in linear time, whatever the text.

    base, prefixes: for relative IRIs and prefixes that the query does not declare itself.
    """
    return any(graph in _graphs(text, base, prefixes) for text in readings(query) if _KEYWORD.search(text))


def _graphs(query: str, base: str, prefixes: Mapping[str, str]) -> Iterator[str]:
    """The IRI of each graph that the query names, in full."""
    namespaces = dict(prefixes)
    first, second = _START, _START  # the two tokens before
    for token in tokenize(query):
        if token.kind is TokenKind.IRI and second.is_word("BASE"):
            base = _resolve(base, token)
        elif token.kind is TokenKind.IRI and first.is_word("PREFIX"):
            namespaces[second.text.removesuffix(":")] = _resolve(base, token)
        elif second.is_word("GRAPH") or second.is_word("FROM") or (second.is_word("NAMED") and first.is_word("FROM")):
            if token.kind is TokenKind.IRI:
                yield _resolve(base, token)
            elif token.kind is TokenKind.NAME:
                prefix, _, local = token.text.partition(":")
                yield namespaces.get(prefix, "") + _ESCAPE.sub(r"\1", local)
        first, second = second, token


def _resolve(base: str, token: Token) -> str:
    iri = token.text[1:-1]
    try:
        return urljoin(base, iri)
    except ValueError:  # a host that is none
        return iri
