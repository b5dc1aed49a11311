"""Corrects a query in front of the engine, by its tokens, where the engine differs from SPARQL 1.2.

Corrected: GROUP_CONCAT takes any term (18.6.1.7), TRUE and FALSE have any case (19.7), and code point escapes stand
anywhere in a query of version 1.1. Refused: such escapes in other versions (19.2), versions that are not known (4.3.1),
aggregates within aggregates, and triple terms in expressions whose subject is none (both 19.7).
https://www.w3.org/TR/sparql12-query/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from core.errors import QuerySyntaxError
from core.lexer import Edit, Token, TokenKind, code_points, declarations, edited, may_have, stray_escape, tokenize
from core.query_structure import find_fault
from core.syntax_errors import offset_of, position

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from core.syntax_errors import SyntaxDetails

VERSIONS = ("1.1", "1.2-basic", "1.2")
_AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})
_BOOLEANS = frozenset({"TRUE", "FALSE"})
# A query with none of these is as the engine has to have it.
_CONCERNED = ("VERSION", *_AGGREGATES, *_BOOLEANS, "<<(")
_BRACKETS = frozenset({"{", "(", "<<(", "}", ")", ";"})
_NO_ARGUMENT = ("", ")", ";", "*", ",")
_NUMBER = re.compile(r"[0-9.+-]")


@dataclass(frozen=True)
class CorrectedQuery:
    """A query, the text that the engine is given, and the lists of edits that made the one of the other, in order."""

    query: str
    text: str
    edits: tuple[Sequence[Edit], ...] = ()

    def error(self, offset: int, reason: str, variables: Mapping[str, object] | None = None) -> QuerySyntaxError:
        """The error that is found at an offset of the text, with its place in the query."""
        for edits in reversed(self.edits):
            offset = _origin(edits, offset)
        return QuerySyntaxError(reason, *position(self.query, offset), variables)

    def placed(self, error: SyntaxDetails, prefixes: Iterable[str] | None = None) -> QuerySyntaxError:
        """An error in the text, with its place in the query if it has one; what the query lacks, if that is seen.

        prefixes: those that the query need not declare, if they are known.
        """
        if fault := find_fault(self.query, prefixes):
            return QuerySyntaxError(*fault)
        if error.line is None or error.column is None:
            return QuerySyntaxError(error.message, variables=error.variables)
        return self.error(offset_of(self.text, error.line, error.column), error.message, error.variables)


def correct(query: str, version: str | None = None) -> CorrectedQuery:
    """The query as the engine has to have it; QuerySyntaxError where it is refused.

    version: what the request says, which goes before what the query declares (SPARQL 1.2 Protocol, 2.1).
    """
    corrected = CorrectedQuery(query, query)
    if not may_have(query, *_CONCERNED):
        return corrected
    terminals = list(tokenize(query))
    declared = _declared_version(corrected, terminals)
    stray = stray_escape(query, terminals)
    if stray is not None:
        if (version or declared) != "1.1":
            reason = 'a code point escape stands outside of texts and IRIs, where VERSION "1.1" alone has them'
            raise corrected.error(stray.start, reason)
        escapes = code_points(query)
        corrected = CorrectedQuery(query, edited(query, escapes), (escapes,))
        terminals = list(tokenize(corrected.text))
    edits = list(_Corrector(corrected, terminals).edits())
    return CorrectedQuery(query, edited(corrected.text, edits), (*corrected.edits, edits))


def _declared_version(query: CorrectedQuery, terminals: Sequence[Token]) -> str | None:
    """The last version that is declared."""
    found = None
    for keyword, *rest in declarations(terminals):
        if keyword.is_word("VERSION") and rest and rest[0].kind is TokenKind.TEXT:
            found = rest[0].text.strip("\"'")
            if found not in VERSIONS:
                raise query.error(rest[0].start, f"this version is not known here; known are {', '.join(VERSIONS)}")
    return found


class _Bracket(NamedTuple):
    """What an open bracket encloses.

    expressions: parentheses within it enclose expressions, not lists. aggregate: it is within the argument of an
    aggregate. concatenated: it has the argument of GROUP_CONCAT, whose end is not reached.
    """

    expressions: bool = False
    aggregate: bool = False
    concatenated: bool = False


class _Corrector:
    """Walks through the tokens of a query once, with the brackets that are open."""

    def __init__(self, query: CorrectedQuery, terminals: Sequence[Token]) -> None:
        self._query = query
        self._terminals = [*terminals, Token(TokenKind.OTHER, "", len(query.text))]  # so that each has a next
        self._brackets = [_Bracket(expressions=True)]  # the first stands for the query itself

    def edits(self) -> Iterator[Edit]:
        """The corrections, in the order of their places."""
        for index, token in enumerate(self._terminals):
            if token.text in _BRACKETS:
                yield from self._bracket(index, token)
            elif token.kind is TokenKind.WORD and token.text.upper() in _BOOLEANS and not token.text.islower():
                yield Edit(token.start, token.end, token.text.lower())

    def _bracket(self, index: int, token: Token) -> Iterator[Edit]:
        """What a bracket, or the semicolon in one, has corrected."""
        bracket, following = self._brackets[-1], self._terminals[index + 1]
        if token.text == "{":
            self._brackets.append(_Bracket(expressions=following.is_word("SELECT")))
        elif token.text == "<<(":
            if bracket.expressions and _is_no_subject(following):
                reason = "in an expression the subject of a triple term is an IRI or a variable"
                raise self._query.error(following.start, reason)
            self._brackets.append(_Bracket(bracket.expressions, bracket.aggregate))
        elif token.text == "(":
            yield from self._parenthesis(index)
        else:
            if bracket.concatenated:
                yield Edit(token.start, token.start, ")")
            self._brackets.pop()
            if token.text == ";" or not self._brackets:
                self._brackets.append(bracket._replace(concatenated=False))

    def _parenthesis(self, index: int) -> Iterator[Edit]:
        """Open one; the argument of GROUP_CONCAT becomes that of STR."""
        bracket, name = self._brackets[-1], self._terminals[index - 1]
        is_aggregate = name.kind is TokenKind.WORD and name.text.upper() in _AGGREGATES
        if is_aggregate and bracket.aggregate:
            raise self._query.error(name.start, "an aggregate stands in the argument of another")
        argument = self._terminals[index + 1]
        if is_aggregate and argument.is_word("DISTINCT"):
            argument = self._terminals[index + 2]
        is_concatenated = is_aggregate and name.is_word("GROUP_CONCAT") and argument.text not in _NO_ARGUMENT
        if is_concatenated:
            yield Edit(argument.start, argument.start, " STR(")
        self._brackets.append(
            _Bracket(
                bracket.expressions or self._begins_expression(index),
                bracket.aggregate or is_aggregate,
                is_concatenated,
            )
        )

    def _begins_expression(self, index: int) -> bool:
        """Whether a parenthesis within a pattern begins an expression, by what stands before it."""
        before, name = self._terminals[index - 1], self._terminals[index - 2]
        if before.kind is TokenKind.WORD:
            return before.text != "a"
        return before.kind in {TokenKind.IRI, TokenKind.NAME} and name.is_word("FILTER")


def _is_no_subject(token: Token) -> bool:
    """Whether a literal or a triple term begins with the token."""
    return (
        token.kind is TokenKind.TEXT
        or (token.kind is TokenKind.WORD and token.text.upper() in _BOOLEANS)
        or (token.kind is TokenKind.OTHER and (token.text in {"<<", "<<("} or _NUMBER.match(token.text) is not None))
    )


def _origin(edits: Iterable[Edit], offset: int) -> int:
    """The offset in a text of what has the given one in the text with edits."""
    longer = 0
    for edit in edits:
        start = edit.start + longer
        if offset < start:
            break
        if offset < start + len(edit.text):
            return edit.start
        longer += len(edit.text) - (edit.end - edit.start)
    return offset - longer
