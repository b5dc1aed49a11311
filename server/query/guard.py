"""Checks a query before it is evaluated: what it calls outside of itself, and whether its answer is always the same.

That query processes refuse SERVICE is for a clear message alone: they cannot open a connection in the first place
(server/query/sandbox.py). Another engine can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.canonical_query import CHANGING
from core.lexer import Token, TokenKind, may_have, readings, tokenize
from core.query_names import QueryNames

if TYPE_CHECKING:
    from core.corrections import CorrectedQuery

LONGEST = 16_000  # bytes of a request beyond which it takes long to read
# Schemes of the functions by which queries reach into an engine: Virtuoso's http_get opens connections, its exec
# executes SQL, and Apache Jena loads classes. Virtuoso knows the prefixes without a declaration.
_ENGINE_SCHEMES = ("bif:", "sql:", "java:")
_ENGINE_PREFIXES = {"bif": "bif:", "sql": "sql:"}
_LONGEST_NAME = 200  # characters of an IRI that is looked at


def has_service_pattern(query: str) -> bool:
    """Whether the query has a SERVICE pattern (https://www.w3.org/TR/sparql11-federated-query/).

    The word begins one wherever it stands as a keyword; in a comment, a text, an IRI, a name or a variable it is none.
    """
    return may_have(query, "SERVICE") and any(
        token.is_word("SERVICE") for text in readings(query) for token in tokenize(text)
    )


def refuse_engine_functions(query: CorrectedQuery, base: str) -> None:
    """QuerySyntaxError where the query calls a function of the engine that is none of SPARQL; in linear time.

    base: for relative IRIs.
    """
    for text in readings(query.text):
        names, before = QueryNames(base, _ENGINE_PREFIXES, _LONGEST_NAME), Token(TokenKind.OTHER, "", 0)
        for token in tokenize(text):
            if token.text == "(" and (names.iri(before) or "").lower().startswith(_ENGINE_SCHEMES):
                raise query.error(
                    before.start, "this is a function of the engine behind this endpoint, and none of SPARQL"
                )
            names.read(token)
            before = token


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
