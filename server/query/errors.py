"""Why a query has no answer, beside not being SPARQL.

QueryError (core.errors)
├── QuerySyntaxError    it is not SPARQL; `line` and `column` say where (core.errors)
├── NotAcceptableError  its kind of answer comes in none of the formats asked for
├── NoOperationError    a request for the service itself: nothing is asked of it
├── QueryLengthError    it is longer than may be looked through before it is handed on
├── ServiceError        it asks another endpoint
├── EvaluationError     the engine could not evaluate it
├── UpstreamError       the endpoint that was to answer it did not, or not as it should
├── QueryTimeoutError   it took longer than it may
├── QueryStoppedError   it needed more memory than it may, was nested too deeply, or its process was killed
└── ResultSizeError     its result is larger than it may be
"""

from __future__ import annotations

from core.errors import QueryError


class NotAcceptableError(QueryError):
    """`form` is the kind of the answer, `results` or `graph`."""

    def __init__(self, form: str) -> None:
        super().__init__(f"a result of the form '{form}' comes in none of the formats asked for")
        self.form = form


class NoOperationError(QueryError):
    """The request is no query operation: it asks about the service."""


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


class QueryStoppedError(QueryError):
    """The query needed more memory than it may, was nested too deeply, or its process was killed."""


class ResultSizeError(QueryError):
    """The result is larger than it may be."""
