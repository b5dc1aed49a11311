"""Splits a query into its tokens, the terminals of the grammar of SPARQL, without parsing it.

By the lexical rules (https://www.w3.org/TR/sparql11-query/#sparqlGrammar, 19.2 to 19.8): code point escapes first,
then the longest match. Any text has tokens: the engine refuses what is no query.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# The forms of queries, and the kinds of their answers.
QUERY_FORMS = {"SELECT": "results", "ASK": "results", "CONSTRUCT": "graph", "DESCRIBE": "graph"}
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_HIGHEST = 0x10FFFF
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
          (?P<iri> <[^<>"{{}}|^`\\\x00-\x20]*+> )
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

    def is_word(self, word: str) -> bool:
        """Whether it is the keyword, in upper or lower case."""
        return self.kind is TokenKind.WORD and self.text.upper() == word


def unescape(query: str) -> str:
    """The query with its code point escapes replaced (19.2)."""
    return _ESCAPE.sub(_character, query)


def tokenize(query: str) -> Iterator[Token]:
    """The tokens of an unescaped query, in their order; in linear time, whatever the text.

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


def with_base(query: str, base: str) -> str:
    """The query with a base IRI declared, if it has a relative IRI."""
    relative = (token.kind is TokenKind.IRI and not _SCHEME.match(token.text) for token in tokenize(unescape(query)))
    return f"BASE <{base}> {query}" if any(relative) else query


def find_query_form(terminals: Sequence[Token]) -> int:
    """The index of the query form, such as SELECT, which follows the prologue; the length if there is none."""
    place = 0
    while place < len(terminals) and (length := _DECLARATIONS.get(terminals[place].text.upper())):
        place += length
    return min(place, len(terminals))


def _character(match: re.Match[str]) -> str:
    number = int(match[1] or match[2], 16)
    return chr(number) if number <= _HIGHEST else match[0]
