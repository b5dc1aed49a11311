"""Why a query has no answer, beside not being SPARQL.

QueryError (core.errors)
├── QuerySyntaxError    it is not SPARQL; `line` and `column` say where (core.errors)
├── NotAcceptableError  its kind of answer comes in none of the formats asked for
├── QueryLengthError    it is longer than may be looked through before it is handed on
├── ServiceError        it asks another endpoint
├── EvaluationError     the engine could not evaluate it
├── UpstreamError       the endpoint that was to answer it did not, or not as it should
├── QueryTimeoutError   it took longer than it may
├── ClientGoneError     nobody waits for it any more
├── QueryStoppedError   it needed more memory than it may, was nested too deeply, or its process was killed
└── ResultSizeError     its result is larger than it may be
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from core import query_structure, syntax_errors
from core.errors import QueryError, QuerySyntaxError
from core.evaluation import explain
from core.wording import gettext_noop
from server.model.describe import TooManyError
from server.semantics.problem import RETRY, HTTPProblem
from server.shares import ClientQuotaError, ServerBusyError

if TYPE_CHECKING:
    from collections.abc import Mapping

_BEFORE_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class NotAcceptableError(QueryError):
    """`form` is the kind of the answer, `results` or `graph`."""

    def __init__(self, form: str) -> None:
        super().__init__(f"a result of the form '{form}' comes in none of the formats asked for")
        self.form = form


class ServiceError(QueryError):
    """The query asks another endpoint."""

    def __init__(self) -> None:
        super().__init__("this endpoint queries its own data alone: SERVICE is not allowed")


class QueryLengthError(QueryError):
    """The query is longer than may be looked through before it is handed on."""


class EvaluationError(QueryError):
    """The engine could not evaluate the query."""


class UpstreamError(QueryError):
    """The endpoint that was to answer the query did not, or not as it should; `what` it did continues a sentence."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the endpoint behind this one {what}")


class QueryTimeoutError(QueryError):
    """The query took longer than it may."""


class ClientGoneError(QueryError):
    """The client has no connection any more."""

    def __init__(self) -> None:
        super().__init__("the client has left")


class QueryStoppedError(QueryError):
    """The query needed more memory than it may, was nested too deeply, or its process was killed."""


class ResultSizeError(QueryError):
    """The result is larger than it may be."""


# The status of each error that has no more to say, and whether trying again may help.
_STATUSES = {
    QueryLengthError: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, False),
    ServiceError: (HTTPStatus.FORBIDDEN, False),
    ClientQuotaError: (HTTPStatus.TOO_MANY_REQUESTS, True),
    EvaluationError: (HTTPStatus.INTERNAL_SERVER_ERROR, False),
    UpstreamError: (HTTPStatus.BAD_GATEWAY, False),
    QueryTimeoutError: (HTTPStatus.SERVICE_UNAVAILABLE, True),
    ServerBusyError: (HTTPStatus.SERVICE_UNAVAILABLE, True),
    ClientGoneError: (HTTPStatus.SERVICE_UNAVAILABLE, False),
    QueryStoppedError: (HTTPStatus.SERVICE_UNAVAILABLE, False),
    ResultSizeError: (HTTPStatus.SERVICE_UNAVAILABLE, False),
    TooManyError: (HTTPStatus.SERVICE_UNAVAILABLE, False),
}

# The sentences about queries that are no SPARQL, for the catalogues, by the reason.
_SYNTAX = {
    query_structure.UNCLOSED: gettext_noop(
        "The query is not SPARQL at line %(line)s, column %(column)s: %(missing)s is missing here:"
        " the %(opened)s of line %(opened_line)s, column %(opened_column)s is not closed."
    ),
    query_structure.UNOPENED: gettext_noop(
        "The query is not SPARQL at line %(line)s, column %(column)s: nothing is open that this %(found)s could close."
    ),
    query_structure.UNDECLARED: gettext_noop(
        "The query is not SPARQL at line %(line)s, column %(column)s: the prefix %(prefix)s: is not declared."
    ),
    query_structure.UNCLOSED_TEXT: gettext_noop(
        "The query is not SPARQL at line %(line)s, column %(column)s: the text that begins here is not closed:"
        " %(missing)s is missing."
    ),
    query_structure.UNSEPARATED: gettext_noop(
        "The query is not SPARQL at line %(line)s, column %(column)s: a full stop or a semicolon is missing in front"
        " of %(found)s, where another statement begins."
    ),
    syntax_errors.MISPLACED: gettext_noop(
        "The query is not SPARQL at line %(line)s, column %(column)s: this cannot stand here."
    ),
    syntax_errors.EXPECTED: gettext_noop(
        "The query is not SPARQL at line %(line)s, column %(column)s: expected one of %(tokens)s."
    ),
    syntax_errors.EXPECTED_MORE: gettext_noop(
        "The query is not SPARQL at line %(line)s, column %(column)s: expected one of %(tokens)s … and %(more)s more."
    ),
}
_UNDECLARED = gettext_noop(
    "The query is not SPARQL at line %(line)s, column %(column)s: the prefix %(prefix)s: is not declared. Put in front:"
    " %(declaration)s"
)


def to_problem(error: Exception) -> HTTPProblem:
    """The problem that tells who asked why there is no answer, with the reason for the metrics.

    error: an HTTPProblem, one of the errors above, of shares or of the engine.
    """
    match error:
        case HTTPProblem():
            return error
        case QuerySyntaxError():
            return _of_syntax(error)
        case ValueError():  # an IRI that is none, among the graphs of the request
            return HTTPProblem(HTTPStatus.BAD_REQUEST, _sentence(error))
        case RuntimeError():
            error = EvaluationError(explain(error))
    status, again = _STATUSES[type(error)]
    reason = _BEFORE_CAPITAL.sub("_", type(error).__name__.removesuffix("Error")).lower()
    return HTTPProblem(status, _sentence(error), headers=RETRY if again else None, reason=reason)


def _of_syntax(error: QuerySyntaxError) -> HTTPProblem:
    """With the place of the error, and of the bracket that is not closed, if it is one."""
    members: dict[str, Any] = {"line": error.line, "column": error.column} if error.line else {}
    known = error.variables
    if "opened_line" in known:
        members["opened"] = {"line": known["opened_line"], "column": known["opened_column"]}
    members |= {name: known[name] for name in ("missing", "prefix") if name in known}
    message = _SYNTAX.get(error.template)
    if message is None or not error.line:
        return HTTPProblem(HTTPStatus.BAD_REQUEST, _sentence(error), **members)
    variables = {**known, "line": error.line, "column": error.column}
    return HTTPProblem(HTTPStatus.BAD_REQUEST, message, variables, **members)


def with_declaration(problem: HTTPProblem, prefixes: Mapping[str, str]) -> HTTPProblem:
    """A problem, which tells how to declare the prefix that the query does not, if it is one of these.

    SPARQL has an undeclared prefix be an error (4.1.1.1): the endpoint does not put up with it, so that a query that it
    answers is one everywhere.
    """
    prefix = problem.members.get("prefix")
    namespace = prefixes.get(prefix) if prefix is not None else None
    if namespace is None:
        return problem
    declaration = f"PREFIX {prefix}: <{namespace}>"
    variables = {**problem.variables, "declaration": declaration}
    return HTTPProblem(problem.status, _UNDECLARED, variables, **problem.members, declaration=declaration)


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
