"""Evaluates queries, corrected in front of the engine."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import pyoxigraph as ox

from core.corrections import CorrectedQuery, correct
from core.errors import QuerySyntaxError
from core.syntax_errors import parse_syntax_error

Result: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

_FUNCTION = re.compile(r"The custom function <([^<>]*)> is not supported")
_NO_SUBJECT = "triple term that is not a valid RDF 1.2 term"


def evaluate(store: ox.Store, query: str | CorrectedQuery, **options: Any) -> Result:
    """The result of a query; an unknown function is an error of its expression (SPARQL 1.1 Query, 17.6).

    Parameters and errors are those of `execute`.
    """
    functions: dict[ox.NamedNode, Any] = {}
    while True:
        try:
            return execute(store, query, custom_functions=functions, **options)
        except RuntimeError as error:
            missing = _FUNCTION.fullmatch(str(error))
            if missing is None:
                raise
            functions[ox.NamedNode(missing[1])] = _fail


def execute(store: ox.Store, query: str | CorrectedQuery, **options: Any) -> Result:
    """The result of a query, which is corrected first where it is not yet.

    options: those of `pyoxigraph.Store.query`.
    QuerySyntaxError where the query is not SPARQL, with the place in the query as it is given; RuntimeError where the
    engine cannot evaluate it, an unknown function included.
    """
    corrected = correct(query) if isinstance(query, str) else query
    try:
        return store.query(corrected.text, **options)
    except SyntaxError as error:
        raise corrected.placed(parse_syntax_error(error), options.get("prefixes") or ()) from error
    except RuntimeError as error:
        if _NO_SUBJECT in str(error):
            reason = "a triple term has an IRI or a blank node as its subject, never a literal or a triple term"
            raise QuerySyntaxError(reason) from error
        raise


def explain(error: RuntimeError) -> str:
    """A sentence about a query that the engine could not evaluate, by its error, which may come while rows are read."""
    what = "the engine could not evaluate the query"
    if _NO_SUBJECT in str(error):
        return (
            f"{what}: the subject of a triple term is bound to a literal or a triple term; FILTER(isIRI(…)) prevents it"
        )
    return what


def _fail(*_arguments: object) -> None:
    """None, by which the engine understands an error."""
