"""Evaluates queries by two rules of the specification that the engine leaves out."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import pyoxigraph as ox

from core.lexer import unescape

Result: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

_FUNCTION = re.compile(r"The custom function <([^<>]*)> is not supported")


def evaluate(store: ox.Store, query: str, **options: Any) -> Result:
    """The result; the options are those of `pyoxigraph.Store.query`. Raises what the engine raises.

    By SPARQL 1.1 Query an unknown function is an error of its expression (17.6), and code point escapes may stand
    anywhere (19.2): a query that is not SPARQL as it is written is evaluated with its escapes replaced.
    """
    text, first = query, None
    functions: dict[ox.NamedNode, Any] = {}
    while True:
        try:
            return store.query(text, custom_functions=functions, **options)
        except SyntaxError as error:
            if first is not None or unescape(text) == text:
                raise first or error from None
            text, first = unescape(text), error
        except RuntimeError as error:
            missing = _FUNCTION.fullmatch(str(error))
            if missing is None:
                raise
            functions[ox.NamedNode(missing[1])] = _fail


def _fail(*_arguments: object) -> None:
    """None, by which the engine understands an error."""
