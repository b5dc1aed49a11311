"""Replaces the triples of a query whose predicate is a property function, by its tokens.

A property function is a predicate that is computed, not stored: `?s text:query "words"`, or with lists of arguments,
`(?s ?score) text:query ("words" 10)`. In place of such a triple stands a graph pattern, at the beginning of the basic
graph pattern that the triple belongs to, which is thus not divided (SPARQL 1.1 Query, 5.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from core.corrections import CorrectedQuery
from core.lexer import Edit, Token, TokenKind, declarations, edited, find_query_form, tokenize

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.errors import QuerySyntaxError
    from core.query_names import QueryNames

_KEYWORDS = frozenset({"OPTIONAL", "MINUS", "UNION", "GRAPH", "SERVICE", "LATERAL", "FILTER", "BIND", "VALUES"})
_OPEN, _CLOSE = frozenset({"{", "(", "[", "<<", "<<("}), frozenset({"}", ")", "]"})
_NAMES = frozenset({TokenKind.IRI, TokenKind.NAME})


class FunctionTriple(NamedTuple):
    """A triple whose predicate is a property function.

    subject, object: a term, or the tokens of a list between its parentheses.
    """

    predicate: Token
    iri: str
    subject: Sequence[Token]
    object: Sequence[Token]


class _Place(Enum):
    """What the next token of a triple belongs to."""

    SUBJECT = auto()
    PREDICATE = auto()
    OBJECT = auto()


@dataclass(slots=True)
class _Bracket:
    """What an open bracket encloses, and how far it has been read.

    is_group: it is a group graph pattern. has_properties: those of a blank node or of a reifier. is_path: a part of a
    property path, or a triple within another. None of these: something else, which may have group graph patterns in it.
    begin: the offset at which the basic graph pattern begins. awaited: the keyword whose bracket has not come yet.
    subject: the indexes of the tokens of the subject. has_path: the predicate has what may end it. kept, removed:
    whether the subject has triples that stay, and such that do not.
    """

    opener: str = ""
    is_group: bool = False
    has_properties: bool = False
    is_path: bool = False
    begin: int = 0
    awaited: str = ""
    place: _Place = _Place.SUBJECT
    subject: tuple[int, int] = (0, 0)
    has_path: bool = False
    kept: bool = False
    removed: bool = False


def replace_functions(
    query: CorrectedQuery,
    names: QueryNames,
    is_function: Callable[[str], bool],
    to_pattern: Callable[[FunctionTriple], str],
) -> CorrectedQuery:
    """The query with a graph pattern in place of each triple whose predicate is a function; in linear time.

    names: with the base and the prefixes that the query does not declare. QuerySyntaxError where a function stands at a
    place where it cannot be replaced.
    """
    terminals = list(tokenize(query.text))
    for declaration in declarations(terminals):
        for token in declaration:
            names.read(token)
    edits = _Replacement(query, terminals, names, is_function, to_pattern).edits()
    return CorrectedQuery(query.query, edited(query.text, edits), (*query.edits, edits)) if edits else query


class _Replacement:
    """Walks through the tokens of a query once, with the brackets that are open."""

    def __init__(
        self,
        query: CorrectedQuery,
        terminals: Sequence[Token],
        names: QueryNames,
        is_function: Callable[[str], bool],
        to_pattern: Callable[[FunctionTriple], str],
    ) -> None:
        self._query, self._names = query, names
        self._is_function, self._to_pattern = is_function, to_pattern
        self._end = Token(TokenKind.OTHER, "", len(query.text))
        self._terminals = terminals
        self._brackets = [_Bracket()]  # the first stands for the query itself
        self._edits: list[Edit] = []
        self._index = find_query_form(terminals)
        # CONSTRUCT WHERE { … }, whose pattern is its template too
        self._is_short = self._token(self._index).is_word("CONSTRUCT") and self._token(self._index + 1).text != "{"

    def edits(self) -> list[Edit]:
        """The edits in the order of their places."""
        while self._index < len(self._terminals):
            token = self._token(self._index)
            if token.text == ">" and self._brackets[-1].opener.startswith("<<"):
                if self._token(self._index - 1).end == token.start and self._token(self._index - 1).text == ">":
                    self._close(token)
            elif token.text in _OPEN and token.kind is TokenKind.OTHER:
                self._open(token)
            elif token.text in _CLOSE and not (token.text == ")" and self._brackets[-1].opener == "<<("):
                self._close(token)
            else:
                self._read(token)
            self._index += 1
        return sorted(self._edits, key=lambda edit: edit[:2])

    def _token(self, index: int) -> Token:
        return self._terminals[index] if index < len(self._terminals) else self._end

    def _open(self, token: Token) -> None:
        outer, opener = self._brackets[-1], token.text
        inner = _Bracket(opener, has_properties=opener == "[", is_path=outer.is_path or opener.startswith("<<"))
        if opener == "{":
            self._open_brace(outer, inner, token)
        elif (outer.is_group or outer.has_properties) and not outer.awaited:
            self._begin_term(outer)
            inner.is_path |= outer.place is _Place.PREDICATE
        if inner.has_properties:
            inner.place = _Place.PREDICATE
        self._brackets.append(inner)

    def _open_brace(self, outer: _Bracket, inner: _Bracket, token: Token) -> None:
        following = self._token(self._index + 1)
        if following.text == "|" and following.start == token.end:  # annotations of the triple
            inner.opener, inner.has_properties = "{|", True
            self._index += 1
        elif outer.awaited != "VALUES" and not self._token(self._index - 1).is_word("CONSTRUCT"):
            if outer.is_group:
                self._end_triples(outer, token)
            inner.is_group, inner.begin = not following.is_word("SELECT"), token.end

    def _begin_term(self, bracket: _Bracket) -> None:
        """A bracket begins a subject, an object, or a part of a path."""
        if bracket.place is _Place.SUBJECT:
            bracket.subject = (self._index, self._index + 1)
        elif bracket.has_path:
            bracket.place = _Place.OBJECT

    def _close(self, token: Token) -> None:
        if len(self._brackets) == 1:
            return
        inner = self._brackets.pop()
        outer = self._brackets[-1]
        if inner.is_group:
            self._end_triples(inner, token)
        if outer.awaited:
            if outer.awaited != "VALUES" or inner.opener == "{":
                if outer.awaited != "FILTER":
                    outer.begin = token.end
                outer.awaited = ""
        elif inner.opener == "{":
            outer.begin = token.end
        elif outer.place is _Place.SUBJECT:
            outer.subject, outer.place = (outer.subject[0], self._index + 1), _Place.PREDICATE
        elif outer.place is _Place.PREDICATE:
            outer.has_path = outer.kept = True

    def _read(self, token: Token) -> None:
        """A token that is no bracket."""
        bracket = self._brackets[-1]
        if bracket.awaited:
            return
        if token.kind is TokenKind.WORD and token.text.upper() in _KEYWORDS:
            if bracket.is_group:
                self._end_triples(bracket, token)
                bracket.awaited = token.text.upper()
            elif token.is_word("VALUES"):
                bracket.awaited = "VALUES"
        elif bracket.is_group or bracket.has_properties:
            self._read_triple(bracket, token)
        elif bracket.is_path and (iri := self._function(token)):
            raise self._error(token, f"<{iri}> stands alone, never in a property path or in another triple")

    def _read_triple(self, bracket: _Bracket, token: Token) -> None:
        following = self._token(self._index + 1)
        is_point = token.text == "." and not (following.start == token.end and following.text.isdecimal())
        match bracket.place:
            case _Place.SUBJECT if is_point:
                if self._token(self._index - 1).text not in {"}", ")"}:  # of what may have a point behind it
                    raise self._error(token, "a '.' stands behind a triple or another pattern")
            case _Place.SUBJECT:
                bracket.subject, bracket.place = (self._index, self._index + 1), _Place.PREDICATE
                bracket.has_path = False
            case _Place.PREDICATE | _Place.OBJECT if is_point:
                self._end_triples(bracket, token)
            case _Place.PREDICATE:
                self._read_predicate(bracket, token, following)
            case _Place.OBJECT if token.text == ";":
                bracket.place, bracket.has_path = _Place.PREDICATE, False

    def _read_predicate(self, bracket: _Bracket, token: Token, following: Token) -> None:
        if bracket.has_path:
            if token.text in {"/", "|"}:
                bracket.has_path = False
            elif token.text not in {"*", "+", "?"}:
                bracket.place = _Place.OBJECT
            return
        if token.text in {"^", "!", ";", "|"} or token.kind is TokenKind.LANGUAGE:
            return
        iri = self._function(token)
        if iri is None:
            bracket.has_path = bracket.kept = True
            self._check_subject(bracket, token)
            return
        if not bracket.is_group:
            raise self._error(
                token, f"the subject of <{iri}> has to be named: a variable instead of [ … ] or {{| … |}}"
            )
        before = self._token(self._index - 1).text
        if before in {"^", "!", "/", "|"} or following.text in {"/", "|", "*", "+", "?"}:
            raise self._error(token, f"<{iri}> stands alone, never in a property path or in another triple")
        if self._is_short:
            raise self._error(token, f"<{iri}> is no triple to construct: write CONSTRUCT {{ … }} WHERE {{ … }}")
        self._replace(bracket, token, iri)

    def _replace(self, bracket: _Bracket, predicate: Token, iri: str) -> None:
        """The pattern for each object, in place of predicate and objects."""
        start, end = bracket.subject
        is_list = self._token(start).text == "("
        subject = self._terminals[start + 1 : end - 1] if is_list else self._terminals[start:end]
        while True:
            object_ = self._object()
            pattern = self._to_pattern(FunctionTriple(predicate, iri, subject, object_))
            self._edits.append(Edit(bracket.begin, bracket.begin, f" {pattern} "))
            if self._token(self._index + 1).text != ",":
                break
            self._index += 1
        following = self._token(self._index + 1)
        if following.text not in {".", ";", "{", "}", ""} and following.text.upper() not in _KEYWORDS:
            raise self._error(following, f"'.' or ';' has to stand between the object of <{iri}> and this")
        bracket.removed, bracket.place = True, _Place.OBJECT
        while not bracket.kept and self._token(self._index + 1).text == ";":  # what follows becomes the first predicate
            self._index += 1
            bracket.place, bracket.has_path = _Place.PREDICATE, False
        self._edits.append(Edit(predicate.start, self._token(self._index).end, ""))
        self._check_subject(bracket, predicate)

    def _object(self) -> Sequence[Token]:
        """The object behind the token at the index, which becomes its last one."""
        self._index += 1
        first = self._index
        if self._token(first).text == "(":
            while self._token(self._index).text not in {")", ""}:
                self._index += 1
            return self._terminals[first + 1 : self._index]
        if self._token(first + 1).kind is TokenKind.LANGUAGE:
            self._index += 1
        elif self._token(first + 1).text == "^":  # a datatype
            self._index += 3
        return self._terminals[first : self._index + 1]

    def _check_subject(self, bracket: _Bracket, token: Token) -> None:
        if bracket.kept and bracket.removed and self._token(bracket.subject[0]).text == "(":
            raise self._error(
                token, "a list of what is found takes no other predicate: begin a triple with its variable"
            )

    def _end_triples(self, bracket: _Bracket, token: Token) -> None:
        """The triples with one subject end in front of a token, which may be their point."""
        if bracket.removed and not bracket.kept:
            start, end = (self._terminals[index] for index in (bracket.subject[0], bracket.subject[1] - 1))
            self._edits.append(Edit(start.start, end.end, ""))
            if token.text == ".":
                self._edits.append(Edit(token.start, token.end, ""))
        bracket.place, bracket.has_path, bracket.kept, bracket.removed = _Place.SUBJECT, False, False, False

    def _function(self, token: Token) -> str | None:
        iri = self._names.iri(token) if token.kind in _NAMES else None
        return iri if iri and self._is_function(iri) else None

    def _error(self, token: Token, reason: str) -> QuerySyntaxError:
        return self._query.error(token.start, reason)
