"""Checks a query before it is evaluated: whether it has a SERVICE pattern, and whether its answer is always the same.

The first is for a clear message alone: query processes cannot open a connection in the first place
(server/query/sandbox.py).
"""

from __future__ import annotations

import re

from core.canonical_query import CHANGING
from core.lexer import TokenKind, readings, tokenize

LONGEST = 16_000  # characters of a query that is looked through in a web process, which has no limits of its own
_MAYBE_CHANGING = re.compile("|".join(CHANGING), re.IGNORECASE)


def has_service_pattern(query: str) -> bool:
    """Whether the query has a SERVICE pattern (https://www.w3.org/TR/sparql11-federated-query/).

    The word begins one wherever it stands as a keyword; in a comment, a text, an IRI, a name or a variable it is none.
    """
    return any(
        token.is_word("SERVICE") for text in readings(query) if "service" in text.lower() for token in tokenize(text)
    )


def is_deterministic(query: str) -> bool:
    """Whether the answer depends on the data alone, not on the time, on chance, or on names of new blank nodes.

    Of a query with more than LONGEST characters that is not known: False.
    """
    return len(query) <= LONGEST and not any(
        token.kind is TokenKind.WORD and token.text.upper() in CHANGING
        for text in readings(query)
        if _MAYBE_CHANGING.search(text)
        for token in tokenize(text)
    )


def may_make_triple_terms(query: str) -> bool:
    """Whether the query may have triple terms in its answer that are not in the data; if in doubt, so."""
    return any("<<" in text or "triple" in text.lower() for text in readings(query))
