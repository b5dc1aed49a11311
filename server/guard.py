"""Finds queries that want to send something to another endpoint, so that they are refused with a clear word.

This is for clarity alone: query processes cannot open a connection in the first place (server/sandbox.py).
"""

from __future__ import annotations

from core.tokens import tokens, unescape


def asks_elsewhere(query: str) -> bool:
    """Whether the query has a SERVICE pattern (https://www.w3.org/TR/sparql11-federated-query/).

    The word begins one wherever it stands as a keyword; in a comment, a text, an IRI, a name or a variable it is none.
    """
    text = unescape(query)
    return "service" in text.lower() and any(token.is_word("SERVICE") for token in tokens(text))
