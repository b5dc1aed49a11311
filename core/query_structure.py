"""Finds what a query that is no SPARQL lacks: a closing bracket or quotation mark, or a full stop between statements.

Parsers tell where they gave up and what might have followed, which is seldom where something is missing. All is found
by the tokens of the query (core/lexer.py), in linear time, whatever the text.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from core.lexer import Token, TokenKind, tokenize
from core.syntax_errors import SyntaxDetails, position

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

UNCLOSED = "%(missing)s is missing here: the %(opened)s of line %(opened_line)s, column %(opened_column)s is not closed"
UNOPENED = "nothing is open that this %(found)s could close"
UNDECLARED = "the prefix %(prefix)s: is not declared"
UNCLOSED_TEXT = "the text that begins here is not closed: %(missing)s is missing"
UNSEPARATED = "a full stop or a semicolon is missing in front of %(found)s, where another statement begins"

_CLOSING = {"{": "}", "(": ")", "[": "]", "<<(": ")"}
_OPENED_BY = {"}": ("{",), ")": ("(", "<<("), "]": ("[",)}
_CLOSED = re.compile(r"\"(?:[^\"\\]++|\\.)*+\"|'(?:[^'\\]++|\\.)*+'", re.DOTALL)
_END_OF_IRI = re.compile(r"[\s<\"{}|^`]|\Z")
_LONGEST = 60  # characters of a token that are repeated
_TERMS = frozenset({TokenKind.IRI, TokenKind.NAME, TokenKind.VARIABLE, TokenKind.TEXT})
_VERB, _STATEMENT = 2, 3  # how many terms there are up to its verb, and in a statement
_BRACKET, _GROUP, _DATA = "bracket", "group", "data"
_PAUSES = (
    dict.fromkeys(("FILTER", "BIND"), _BRACKET)
    | dict.fromkeys(("SELECT", "GRAPH", "SERVICE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET"), _GROUP)
    | {"VALUES": _DATA}
)


def find_fault(query: str, prefixes: Iterable[str] | None = None) -> SyntaxDetails | None:
    """What the query lacks, at the first place where that shows; None where nothing is known to be missing.

    Asked of queries that are refused: what is found need not be an error in others. prefixes: known without being
    declared in the query; None where that is not known.
    """
    tokens = list(tokenize(query))
    found = _unbalanced(query, tokens)
    if found is None and prefixes is not None:
        found = _undeclared(query, tokens, set(prefixes))
    return found or _unseparated(query, tokens)


def _unbalanced(query: str, tokens: list[Token]) -> SyntaxDetails | None:
    """The first text or bracket that is not closed, or bracket that closes nothing."""
    opened: list[Token] = []
    counts = Counter[str]()
    for token in tokens:
        text = token.text
        if token.kind is TokenKind.TEXT and (missing := _missing_mark(query, token)):
            return SyntaxDetails(UNCLOSED_TEXT, *position(query, token.start), {"missing": missing})
        if text in _CLOSING:
            opened.append(token)
            counts[text] += 1
        elif text in _OPENED_BY and token.kind is TokenKind.OTHER:
            if not any(counts[sign] for sign in _OPENED_BY[text]):
                return SyntaxDetails(UNOPENED, *position(query, token.start), {"found": text})
            last = opened.pop()
            counts[last.text] -= 1
            if _CLOSING[last.text] != text:
                return _unclosed(query, last, token.start)
    end = len(query.rstrip())
    return _unclosed(query, opened[-1], end) if opened else None


def _unclosed(query: str, opened: Token, offset: int) -> SyntaxDetails:
    line, column = position(query, opened.start)
    variables = {
        "missing": _CLOSING[opened.text],
        "opened": opened.text,
        "opened_line": line,
        "opened_column": column,
    }
    return SyntaxDetails(UNCLOSED, *position(query, offset), variables)


def _missing_mark(query: str, token: Token) -> str | None:
    """The quotation mark that would close a text; None if it is closed."""
    mark = token.text[0]
    if token.text == 2 * mark and query[token.end : token.end + 1] == mark:
        return 3 * mark
    return None if token.text.startswith(3 * mark) or _CLOSED.fullmatch(token.text) else mark


def _undeclared(query: str, tokens: list[Token], known: set[str]) -> SyntaxDetails | None:
    """The first prefix that is not declared; it may be the beginning of an IRI that is not closed."""
    known.add("_")
    before = Token(TokenKind.OTHER, "", 0)
    for token in tokens:
        if token.kind is TokenKind.NAME:
            prefix = token.text.partition(":")[0]
            if before.is_word("PREFIX"):
                known.add(prefix)
            elif prefix not in known and before.text == "<" and before.end == token.start:
                line, column = position(query, before.start)
                variables = {"missing": ">", "opened": "<", "opened_line": line, "opened_column": column}
                end = _END_OF_IRI.search(query, token.start)
                return SyntaxDetails(UNCLOSED, *position(query, end.start() if end else len(query)), variables)
            elif prefix not in known:
                return SyntaxDetails(UNDECLARED, *position(query, token.start), {"prefix": _shown(prefix)})
        before = token
    return None


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _unseparated(query: str, tokens: list[Token]) -> SyntaxDetails | None:
    """The first statement that begins behind another without a full stop; nothing is said about RDF-star."""
    if any(token.text in {"<<", "<<(", "~"} for token in tokens):
        return None
    found = next(_Statements(query, tokens).unseparated(), None)
    return found and SyntaxDetails(UNSEPARATED, *position(query, found.start), {"found": _shown(found.text)})


class _Level(NamedTuple):
    """The place of a token in the statements of a query, within the brackets that are open.

    has_statements: whether statements are expected. terms: of the statement, that are before the token. pause: what is
    read instead of statements, up to the end of a BRACKET or of a GROUP in braces. in_path: whether the verb goes on.
    """

    has_statements: bool = False
    terms: int = 0
    pause: str = ""
    in_path: bool = False

    @property
    def is_counted(self) -> bool:
        return self.has_statements and not self.pause


class _Statements:
    """Counts the terms of statements, in a query whose brackets match."""

    def __init__(self, query: str, tokens: list[Token]) -> None:
        self._query, self._tokens = query, tokens
        self._open: list[_Level] = []
        self._level = _Level()

    def unseparated(self) -> Iterator[Token]:
        """The tokens with which statements begin that follow others at once."""
        before = Token(TokenKind.OTHER, "", 0)
        for token in self._tokens:
            is_term = self._is_term(token, before)
            begins = is_term or token.text in {"[", "("}
            if begins and self._level.is_counted and self._level.terms == _STATEMENT:
                yield token
            if token.text in _CLOSING:
                self._open.append(self._level)
                self._level = self._within(token.text)
            elif token.text in _OPENED_BY and token.kind is TokenKind.OTHER:
                self._level = self._behind(token.text, self._open.pop() if self._open else _Level())
            elif is_term:
                self._add_term()
            else:
                self._note(token, before)
            before = token

    def _is_term(self, token: Token, before: Token) -> bool:
        """Whether a term begins with the token, and it is no datatype of a text or rest of a number."""
        if token.kind in _TERMS:
            return not (before.text == "^" and self._level.terms == _STATEMENT)
        if token.text.isdecimal():
            return not (before.text == "." and before.end == token.start and self._is_in_number(before))
        return token.kind is TokenKind.WORD and token.text in {"a", "true", "false"}

    def _is_in_number(self, point: Token) -> bool:
        return self._query[point.start - 1 : point.start].isdecimal() and self._query[point.end :][:1].isdecimal()

    def _add_term(self) -> None:
        level = self._level
        terms = level.terms if level.in_path else min(level.terms + 1, _STATEMENT)
        self._level = level._replace(terms=terms, in_path=False)

    def _within(self, bracket: str) -> _Level:
        level = self._level
        if bracket == "{":
            return _Level(has_statements=level.pause != _DATA)
        return _Level(has_statements=bracket == "[" and level.is_counted, terms=1)

    def _behind(self, bracket: str, level: _Level) -> _Level:
        """What stood in brackets is a group, belongs to a constraint, or is a term or a path of a statement."""
        if bracket == "}" or level.pause == _BRACKET:
            return level._replace(terms=0, pause="", in_path=False)
        if level.pause:
            return level
        self._level = level
        self._add_term()
        return self._level

    def _note(self, token: Token, before: Token) -> None:
        """Take what is neither a bracket nor a term."""
        level, text = self._level, token.text
        if token.kind is TokenKind.WORD:
            self._level = level._replace(terms=0, pause=_PAUSES.get(text.upper(), level.pause))
        elif text == "." and not (before.text.isdecimal() and self._is_in_number(token)):
            self._level = level._replace(terms=0)
        elif text in {";", ","}:
            self._level = level._replace(terms=1 if text == ";" else _VERB)
        elif text in {"/", "|"} and level.terms == _VERB:
            self._level = level._replace(in_path=True)
