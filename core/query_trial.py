"""Tries a saved query over nothing, without and with values for its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from core.saved_queries import bind
from core.syntax_errors import misread
from core.tokens import Kind, tokens

if TYPE_CHECKING:
    from collections.abc import Mapping


class Fault(NamedTuple):
    """What is wrong with the file, where (both count from 1), and how to mend it."""

    line: int
    column: int
    message: str
    mend: str


class Trial:
    """What is found out about a query: its variables, its form, its columns, and all that is wrong with it."""

    def __init__(self, text: str, base: str) -> None:
        self._text, self._base = text, base
        self.variables: set[str] = set()
        self.form = "results"
        self.columns: tuple[str, ...] = ()
        self.faults: list[Fault] = []

    def look(self) -> None:
        """Find what can be seen without running it."""
        for token in tokens(self._text):
            start = token.end - len(token.text)
            if token.kind is Kind.VARIABLE:
                self.variables.add(token.text[1:])
            elif token.is_word("SERVICE"):
                self._fault(start, "a saved query asks this dataset alone", "take the SERVICE away")
            elif token.text == "\\":
                self._fault(start, "an escape stands outside of a text", "write the character itself")

    def run(self, terms: Mapping[str, ox.NamedNode | ox.Literal]) -> bool:
        """Whether it runs with these values."""
        try:
            result = ox.Store().query(bind(self._text, terms), base_iri=self._base)
        except SyntaxError as error:
            self._misread(error, terms)
            return False
        except RuntimeError as error:  # a function that is not there
            self._fault(0, str(error), "use a function of SPARQL 1.1")
            return False
        if isinstance(result, ox.QuerySolutions):
            self.columns = tuple(variable.value for variable in result.variables)
        else:
            self.form = "boolean" if isinstance(result, ox.QueryBoolean) else "graph"
        return True

    def _misread(self, error: SyntaxError, terms: Mapping[str, ox.NamedNode | ox.Literal]) -> None:
        found = misread(error)
        offset = _offset(bind(self._text, terms), found.line or 1, found.column or 1)
        if terms:
            what = "with values for its parameters this is no SPARQL"
            mend = "a parameter may stand where a value may, not where a variable gets its value"
            self._fault(self._origin(terms, offset), what, mend)
        else:
            self._fault(offset, f"this is no SPARQL: {found.message}", "correct the query")

    def _origin(self, terms: Mapping[str, ox.NamedNode | ox.Literal], offset: int) -> int:
        """Where in the text something stands that has the offset after values were put in."""
        longer = 0
        for token in tokens(self._text):
            if token.kind is Kind.VARIABLE and token.text[1:] in terms:
                start = token.end - len(token.text)
                if offset < start + longer:
                    break
                longer += len(bind(token.text, terms)) - len(token.text)
                if offset < token.end + longer:
                    return start
        return offset - longer

    def _fault(self, offset: int, message: str, mend: str) -> None:
        before = self._text[:offset]
        self.faults.append(Fault(before.count("\n") + 1, offset - before.rfind("\n"), message, mend))


def _offset(text: str, line: int, column: int) -> int:
    return sum(len(before) + 1 for before in text.split("\n")[: line - 1]) + column - 1
