"""Splits a query into its tokens, the terminals of the grammar of SPARQL, without parsing it.

By the lexical rules (https://www.w3.org/TR/sparql12-query/#sparqlGrammar, 19.2 to 19.8): the longest match, with code
point escapes in texts and IRIs. Any text has tokens: the engine refuses what is no query.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# The forms of queries, and the kinds of their answers.
QUERY_FORMS = {"SELECT": "results", "ASK": "results", "CONSTRUCT": "graph", "DESCRIBE": "graph"}
_ESCAPE = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}")
_HIGHEST, _SURROGATES = 0x10FFFF, range(0xD800, 0xE000)
_LOCAL = r"[\w:\u00B7\u203F\u2040-]++|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_DECLARATIONS = {"BASE": 2, "PREFIX": 3, "VERSION": 2}  # how many terminals each takes
_SCHEME = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")
_WORD = re.compile(r"[^\W\d]\w*")


def _terminals(triple: str) -> re.Pattern[str]:
    """The pattern of a terminal and the space in front of it; quantifiers never give back, so it is linear."""
    texts = [rf"{mark}{{3}}(?:[^{mark}\\]++|\\.|{mark}(?!{mark}{mark}))*+" for mark in triple]
    return re.compile(
        rf"""
        (?: [\ \t\r\n]++ | \#[^\r\n]*+ )*+
        (?:
          (?P<iri> <(?:[^<>"{{}}|^`\\\x00-\x20]++|{_ESCAPE.pattern})*+> )
        | (?P<unclosed> {" | ".join(rf"{text}(?!{text[0]}{{3}})" for text in texts) or "(?!)"} )
        | (?P<text> {"".join(f"{text}{text[0]}{{3}} | " for text in texts)}
                    "(?:[^"\\\r\n]++|\\.)*+"? | '(?:[^'\\\r\n]++|\\.)*+'? )
        | (?P<variable> [?$]\w[\w\u00B7\u203F\u2040]*+ )
        | (?P<language> @[A-Za-z]++(?:-[A-Za-z0-9-]++)?+ )
        | (?P<name> (?:[^\W\d][\w.\u00B7\u203F\u2040-]*+)?+ : (?:\.*+(?:{_LOCAL})++)*+ )
        | (?P<words> [^\W\d][\w.\u00B7\u203F\u2040-]*+ )
        | (?P<other> <<\(? | [0-9]++ | . )
        | \Z )
        """,
        re.VERBOSE | re.DOTALL,
    )


# by the quotation marks of which three begin a text
_TERMINALS = {triple: _terminals(triple) for triple in ("\"'", '"', "'", "")}


class TokenKind(StrEnum):
    """The kind of a token; white space and comments are skipped."""

    IRI = "iri"
    TEXT = "text"
    VARIABLE = "variable"
    NAME = "name"
    LANGUAGE = "language"
    WORD = "word"
    OTHER = "other"


_KINDS = {kind.value: kind for kind in TokenKind}


class Token(NamedTuple):
    """A token, and its end as an offset in the text."""

    kind: TokenKind
    text: str
    end: int

    @property
    def start(self) -> int:
        """Its beginning as an offset in the text."""
        return self.end - len(self.text)

    def is_word(self, word: str) -> bool:
        """Whether it is the keyword, in upper or lower case."""
        return self.kind is TokenKind.WORD and self.text.upper() == word


class Edit(NamedTuple):
    """What stands in place of a part of a text; the part is told by offsets in that text."""

    start: int
    end: int
    text: str


def code_points(query: str) -> list[Edit]:
    """The code point escapes of a query with the characters that they stand for; none for what is no character."""
    return [edit for match in _ESCAPE.finditer(query) if (edit := _character(match))]


def unescape(query: str) -> str:
    """The query with its code point escapes replaced wherever they stand, as SPARQL 1.1 has them (19.2)."""
    return edited(query, code_points(query))


def readings(query: str) -> set[str]:
    """The texts that an engine may evaluate: the query as it is written, and with code point escapes replaced."""
    return {query, unescape(query)}


def may_have(query: str, *signs: str) -> bool:
    """Whether the query may have one of the signs, given in capitals, as a token: keywords in whatever case.

    It is quick, and spares most queries to be split into tokens.
    """
    capitals = query.upper()
    return "\\U" in capitals or any(_stands_alone(sign, capitals) for sign in filter(capitals.__contains__, signs))


def _stands_alone(sign: str, text: str) -> bool:
    """Whether a sign that is in the text is no part of a word there at least once, if it is a word itself."""
    if not sign.isidentifier():
        return True
    start = text.find(sign)
    while start >= 0:
        end = start + len(sign)
        if not (text[start - 1 : start].isalpha() or text[end : end + 1].isalnum()):
            return True
        start = text.find(sign, end)
    return False


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits, which are in the order of their places, carried out."""
    pieces, done = [], 0
    for edit in edits:
        pieces += [text[done : edit.start], edit.text]
        done = edit.end
    return "".join([*pieces, text[done:]])


def tokenize(query: str) -> Iterator[Token]:
    """The tokens of a query, in their order; in linear time, whatever the text.

    A text in single quotation marks that is not closed ends with its line. One in triple marks that is not closed is
    an empty text and the beginning of another, as for an engine, which takes the longest terminal that there is.
    """
    return _tokens(query, 0, "\"'")


def _tokens(query: str, start: int, triple: str) -> Iterator[Token]:
    """The tokens from an offset on; triple: the quotation marks of which three begin a text."""
    for match in _TERMINALS[triple].finditer(query, start):
        group = match.lastgroup
        if group == "words":  # taken at once, because each could have begun a name such as a.b.c:d
            for word in _WORD.finditer(query, *match.span(group)):
                yield Token(TokenKind.WORD, word[0], word.end())
        elif group == "unclosed":
            end = match.start(group) + 2
            yield Token(TokenKind.TEXT, query[end - 2 : end], end)
            # from here on no three of them begin a text that is closed: each is looked for once
            yield from _tokens(query, end, triple.replace(query[end], ""))
            return
        elif group is not None:  # None is the end of the query
            yield Token(_KINDS[group], match[group], match.end())


def stray_escape(query: str, terminals: Iterable[Token]) -> Token | None:
    """The first token of a code point escape that stands outside of texts and IRIs, as SPARQL 1.1 alone lets it."""
    return next((token for token in terminals if token.text == "\\" and _ESCAPE.match(query, token.start)), None)


def read_terminals(query: str) -> tuple[str, list[Token]]:
    """The query and its tokens, with code point escapes replaced if one stands outside of texts and IRIs."""
    terminals = list(tokenize(query))
    if stray_escape(query, terminals) is None:
        return query, terminals
    query = unescape(query)
    return query, list(tokenize(query))


def with_base(query: str, base: str) -> str:
    """The query with a base IRI declared, if it has a relative IRI."""
    relative = (token.kind is TokenKind.IRI and not _SCHEME.match(token.text) for token in read_terminals(query)[1])
    return f"BASE <{base}> {query}" if any(relative) else query


def declarations(terminals: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The terminals of each declaration of the prologue: BASE, PREFIX and VERSION."""
    place = 0
    while place < len(terminals) and (length := _DECLARATIONS.get(terminals[place].text.upper())):
        yield terminals[place : place + length]
        place += length


def find_query_form(terminals: Sequence[Token]) -> int:
    """The index of the query form, such as SELECT, which follows the prologue; the length if there is none."""
    return sum(map(len, declarations(terminals)))


def _character(match: re.Match[str]) -> Edit | None:
    number = int(match[0].lstrip("\\uU"), 16)
    return None if number > _HIGHEST or number in _SURROGATES else Edit(*match.span(), chr(number))
