"""The exceptions that ParkGraph raises on purpose.

ParkGraphError
├── InputError      something given cannot be read, or an output cannot be written
├── ReleaseError    a release is missing, incomplete or altered
├── BusyError       another process holds what is needed
└── QueryError      a query has no answer
    └── QuerySyntaxError    it is not SPARQL
"""


class ParkGraphError(Exception):
    """Base of all errors that the command line and the server report in one sentence."""


class InputError(ParkGraphError):
    """Something given cannot be read, or an output cannot be written."""


class ReleaseError(ParkGraphError):
    """A release is missing, incomplete or altered."""


class BusyError(ParkGraphError):
    """Another process holds what is needed."""


class QueryError(ParkGraphError):
    """A query has no answer."""


class QuerySyntaxError(QueryError):
    """A query is not SPARQL; line and column count from 1, and are None if they are not known."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        where = f" at line {line}, column {column}" if line else ""
        super().__init__(f"the query is not SPARQL{where}: {message}")
        self.line, self.column = line, column
