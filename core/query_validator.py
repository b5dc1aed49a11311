"""Validates a saved query: executes it over an empty store, without and with values for its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from core.errors import QuerySyntaxError
from core.evaluation import execute
from core.lexer import TokenKind, tokenize
from core.saved_queries import bind
from core.syntax_errors import offset_of, position

if TYPE_CHECKING:
    from collections.abc import Mapping


class QueryProblem(NamedTuple):
    """One thing that is wrong with the file of a saved query; line and column count from 1, `fix` says what to do."""

    line: int
    column: int
    message: str
    fix: str


class SavedQueryValidator:
    """Finds the variables, the form and the columns of a query, and all its problems.

    text: the whole file. base: the IRI that relative IRIs are resolved against.
    """

    def __init__(self, text: str, base: str) -> None:
        self._text, self._base = text, base
        self.variables: set[str] = set()
        self.form = "results"
        self.columns: tuple[str, ...] = ()
        self.problems: list[QueryProblem] = []

    def scan(self) -> None:
        """Collect the variables, and the problems that show without executing the query."""
        for token in tokenize(self._text):
            if token.kind is TokenKind.VARIABLE:
                self.variables.add(token.text[1:])
            elif token.is_word("SERVICE"):
                self._report(token.start, "a saved query asks this dataset alone", "take the SERVICE away")
            elif token.text == "\\" or (token.kind is TokenKind.IRI and "\\" in token.text):
                offset = token.start + token.text.index("\\")
                self._report(offset, "an escape stands outside of a text", "write the character itself")

    def execute(self, terms: Mapping[str, ox.NamedNode | ox.Literal]) -> bool:
        """Execute the query with values for variables; returns whether that succeeds, and adds a problem if not."""
        try:
            result = execute(ox.Store(), bind(self._text, terms), base_iri=self._base)
        except QuerySyntaxError as error:
            self._report_syntax_error(error, terms)
            return False
        except RuntimeError as error:  # an unknown function
            self._report(0, str(error), "use a function of SPARQL 1.1")
            return False
        if isinstance(result, ox.QuerySolutions):
            self.columns = tuple(variable.value for variable in result.variables)
        else:
            self.form = "boolean" if isinstance(result, ox.QueryBoolean) else "graph"
        return True

    def _report_syntax_error(self, error: QuerySyntaxError, terms: Mapping[str, ox.NamedNode | ox.Literal]) -> None:
        offset = offset_of(bind(self._text, terms), error.line or 1, error.column or 1)
        if terms:
            what = "with values for its parameters this is no SPARQL"
            fix = "a parameter may stand where a value may, not where a variable gets its value"
            self._report(self._origin(terms, offset), what, fix)
        else:
            self._report(offset, f"this is no SPARQL: {error.reason}", "correct the query")

    def _origin(self, terms: Mapping[str, ox.NamedNode | ox.Literal], offset: int) -> int:
        """The offset in the text of what has the given offset after values were put in."""
        longer = 0
        for token in tokenize(self._text):
            if token.kind is TokenKind.VARIABLE and token.text[1:] in terms:
                if offset < token.start + longer:
                    break
                longer += len(bind(token.text, terms)) - len(token.text)
                if offset < token.end + longer:
                    return token.start
        return offset - longer

    def _report(self, offset: int, message: str, fix: str) -> None:
        self.problems.append(QueryProblem(*position(self._text, offset), message, fix))
