"""The exceptions that ParkGraph raises on purpose.

ParkGraphError
├── InputError      something given cannot be read, or an output cannot be written
├── ValidationError the data has violations; `problems` lists them
├── ReleaseError    a release is missing, incomplete or altered
├── BusyError       another process holds what is needed
└── QueryError      a query has no answer
    └── QuerySyntaxError    it is not SPARQL
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.problems import Problem


class ParkGraphError(Exception):
    """Base of all errors that the command line and the server report in one sentence."""


class InputError(ParkGraphError):
    """Something given cannot be read, or an output cannot be written."""


class ValidationError(ParkGraphError):
    """The data has violations, so it is not published; `problems` has them and everything else that was found.

    report: the SHACL validation report, in Turtle.
    """

    def __init__(self, problems: Iterable[Problem], report: bytes = b"") -> None:
        self.problems, self.report = tuple(problems), report
        violations = [problem for problem in self.problems if problem.severity == "violation"]
        first = f", the first: {violations[0]}" if violations else ""
        super().__init__(f"the data has {len(violations)} violations{first}")


class ReleaseError(ParkGraphError):
    """A release is missing, incomplete or altered."""


class BusyError(ParkGraphError):
    """Another process holds what is needed."""


class QueryError(ParkGraphError):
    """A query has no answer."""


class QuerySyntaxError(QueryError):
    """A query is not SPARQL: `reason` says why; line and column count from 1, and are None if they are not known.

    template, variables: the reason with `%(name)s` in the places of the variables, for other languages.
    """

    def __init__(
        self,
        template: str,
        line: int | None = None,
        column: int | None = None,
        variables: Mapping[str, object] | None = None,
    ) -> None:
        where = f" at line {line}, column {column}" if line else ""
        self.template, self.variables = template, dict(variables or {})
        self.reason = template % self.variables if self.variables else template
        self.line, self.column = line, column
        super().__init__(f"the query is not SPARQL{where}: {self.reason}")
