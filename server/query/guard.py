"""Checks a query before it is evaluated: whether it has a SERVICE pattern, and whether its answer is always the same.

The first is for a clear message alone: query processes cannot open a connection in the first place
(server/query/sandbox.py).
"""

from __future__ import annotations

from core.canonical_query import CHANGING
from core.lexer import TokenKind, may_have, readings, tokenize

LONGEST = 16_000  # bytes of a request beyond which it takes long to read


def has_service_pattern(query: str) -> bool:
    """Whether the query has a SERVICE pattern (https://www.w3.org/TR/sparql11-federated-query/).

    The word begins one wherever it stands as a keyword; in a comment, a text, an IRI, a name or a variable it is none.
    """
    return may_have(query, "SERVICE") and any(
        token.is_word("SERVICE") for text in readings(query) for token in tokenize(text)
    )


def is_deterministic(query: str) -> bool:
    """Whether the answer depends on the data alone, not on the time, on chance, or on names of new blank nodes."""
    return not may_have(query, *CHANGING) or not any(
        token.kind is TokenKind.WORD and token.text.upper() in CHANGING
        for text in readings(query)
        for token in tokenize(text)
    )


def may_need_rdf_1_2(query: str) -> bool:
    """Whether the query may have terms of RDF 1.2 in its answer that are not in the data; if in doubt, so."""
    return may_have(query, "<<", "--", "TRIPLE", "STRLANGDIR")
