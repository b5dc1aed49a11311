"""The canonical text of a query: the same for queries that differ in their spelling alone.

Spelling is white space, comments, the case of keywords, the names of variables and of prefixes, the word WHERE in front
of the first pattern, and a full stop at the end of a group.
https://www.w3.org/TR/sparql12-query/#sparqlGrammar
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from core.lexer import Token, TokenKind, tokenize

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# SPARQL 1.1 Query, 17.4.2.9, 17.4.2.12, 17.4.2.13, 17.4.4.5, 17.4.5.1: another value in each run
CHANGING = frozenset({"BNODE", "NOW", "RAND", "STRUUID", "UUID"})
# A query with one of these has no canonical text: its answer changes, or depends on more than it and the dataset.
_EXCLUDED = CHANGING | {"BASE", "DESCRIBE", "FROM", "SERVICE", "VERSION"}
_ALL_VARIABLES = (["SELECT"], ["SELECT", "DISTINCT"], ["SELECT", "REDUCED"])  # what stands in front of *
# Signs that may be parts of one terminal, where no space is between them: numbers, and operators such as >= and ^^.
_PARTS = dict.fromkeys("0123456789.+-", "number") | dict.fromkeys("=<>!&|^", "operator")
_SPACE = r"(?:[ \t\r\n]++|\#[^\r\n]*+)"
_IRI = r"[^<>\"{}|^`\\\x00-\x20]*+"
_PREFIX = r"(?:[^\W\d_]\w*+(?:[.-]++\w++)*+)?+:"
_SPACES = re.compile(rf"{_SPACE}*+")
_DECLARATION = re.compile(rf"{_SPACE}*+PREFIX{_SPACE}++({_PREFIX}){_SPACE}*+<({_IRI})>", re.IGNORECASE)
_PREFIXED_NAME = re.compile(rf"({_PREFIX})((?:\w[\w-]*+(?:\.++[\w-]++)*+)?)")
# Up to the first IRI or prefixed name, past comments, texts and words.
_FIRST_CONSTANT = re.compile(
    rf"""(?:[^<\#"'\w:]++|\#[^\r\n]*+|"(?:[^"\\\r\n]++|\\.)*+"|'(?:[^'\\\r\n]++|\\.)*+'|<(?!{_IRI}>)|\w[\w.-]*+(?!:))*+"""
    rf"""(?:(?P<iri><{_IRI}>)|(?P<prefix>(?:\w[\w.-]*+)?:)(?P<local>[\w.-]*+))?"""
)


class CanonicalQuery(NamedTuple):
    """The canonical text, one token a line, and each variable of it → its name in the query."""

    text: str
    names: Mapping[str, str]


def canonical(query: str, constants: Collection[str] | None = None) -> CanonicalQuery | None:
    """The canonical text of a query; None if it has none, as with FROM, BASE, or what gives another value in each run.

    constants: the first constants of the texts that are looked for; None, without reading on, if the query begins with
    another one. Any text may be given; one that is no query has the canonical text of none. It takes linear time.
    """
    namespaces, end = _declarations(query)
    if constants is not None and first_constant(query, end, namespaces) not in constants:
        return None
    if "\\u" in query or "\\U" in query:
        return None
    query = query[end:]
    scan = _Scan(namespaces)
    end = 0
    for token in tokenize(query):
        start = token.end - len(token.text)
        is_adjacent = start == end
        if not (is_adjacent or _SPACES.fullmatch(query, end, start)) or not scan.add(token, is_adjacent=is_adjacent):
            return None
        end = token.end
    if not _SPACES.fullmatch(query, end) or not all(map(_is_iri, namespaces.values())):
        return None
    return CanonicalQuery("\n".join(scan.texts), {new: old for old, new in scan.variables.items()})


def first_constant(text: str, start: int = 0, namespaces: Mapping[str, str] | None = None) -> str:
    """The first IRI of a query or of a canonical text, behind an offset; empty if there is none."""
    match = _FIRST_CONSTANT.match(text, start)
    if match is None or match.lastgroup is None:
        return ""
    prefix = match["prefix"]
    if prefix is None:
        return match["iri"]
    namespace, local = (namespaces or {}).get(prefix), match["local"].rstrip(".")
    return f"{prefix}{local}" if namespace is None else f"<{namespace}{local}>"


def _declarations(query: str) -> tuple[dict[str, str], int]:
    """The namespaces that PREFIX declares in front of a query, by prefix and colon, and the offset behind them."""
    namespaces, end = {}, 0
    while match := _DECLARATION.match(query, end):
        namespaces[match[1]] = match[2]
        end = match.end()
    return namespaces, end


def _is_iri(text: str) -> bool:
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


class _Scan:
    """The tokens of a query so far, in canonical form; the last one may still change.

    variables: name in the query → canonical name.
    """

    def __init__(self, namespaces: Mapping[str, str]) -> None:
        self._namespaces = namespaces
        self.texts: list[str] = []
        self.variables: dict[str, str] = {}
        self._keeps_names = self._in_group = self._has_data = False
        self._part = ""  # what the token before may be a part of

    def add(self, token: Token, *, is_adjacent: bool) -> bool:
        """Add the next token; False if there is no canonical text. is_adjacent: no space is in front of it."""
        kind, text = token.kind, token.text
        before, self._part = self._part, _PARTS.get(text[0], "") if kind is TokenKind.OTHER else ""
        if kind is TokenKind.OTHER:
            self._drop_before(text)
        elif kind is TokenKind.VARIABLE:
            name = text[1:]
            text = "?" + self.variables.setdefault(name, name if self._keeps_names else str(len(self.variables)))
        elif kind is TokenKind.WORD:
            text = text if text == "a" else text.upper()
            self._has_data = self._has_data or text == "VALUES"
        elif kind is TokenKind.NAME:
            text = self._iri(text)
        if text in _EXCLUDED or "\n" in text:
            return False
        if (
            is_adjacent
            and before
            and (
                before == self._part or (kind is TokenKind.WORD and self.texts[-1][-1].isdecimal())  # an exponent
            )
        ):
            text = self.texts.pop() + text
        self.texts.append(text)
        return True

    def _drop_before(self, text: str) -> None:
        """Take away what may as well be left out in front of a sign, and note which names have to stay."""
        before = self.texts[-1] if self.texts else ""
        if text == "{":
            if before == "WHERE" and not self._in_group and self.texts[0] != "CONSTRUCT":
                self.texts.pop()
            self._in_group = True
        elif text == "}" and before == "." and not self._has_data and self.texts[-2:-1] not in ([], ["."], ["{"]):
            self.texts.pop()
        elif text == "*" and self.texts in _ALL_VARIABLES:
            self._keeps_names = True  # the order of the columns is that of their names

    def _iri(self, name: str) -> str:
        """The IRI of a prefixed name; a blank node as it is; a line break, which no token has, for any other name."""
        if name.startswith("_:"):
            return name
        match = _PREFIXED_NAME.fullmatch(name)
        namespace = self._namespaces.get(match[1]) if match else None
        return "\n" if match is None or namespace is None else f"<{namespace}{match[2]}>"
