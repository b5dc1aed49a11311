"""The IRIs that a query writes as relative IRIs and as prefixed names, by its BASE and PREFIX declarations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from core.lexer import Token, TokenKind, unescape

if TYPE_CHECKING:
    from collections.abc import Mapping

_ESCAPE = re.compile(r"\\(.)")  # of a prefixed name
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LONGEST_BASE = 2000  # characters
_START = Token(TokenKind.OTHER, "", 0)


class QueryNames:
    """Reads the tokens of a query one after the other, and tells the IRIs that they stand for.

    base, prefixes: for what the query does not declare itself. longest: characters of an IRI that tell whether it is
    one of those that are looked for; namespaces are kept no longer, since they are put together again and again.
    """

    def __init__(self, base: str, prefixes: Mapping[str, str], longest: int) -> None:
        self._base, self._namespaces, self._longest = base, dict(prefixes), longest
        self._before = (_START, _START)

    def read(self, token: Token) -> None:
        """Take the next token, which may end a declaration."""
        first, second = self._before
        self._before = (second, token)
        if token.kind is TokenKind.IRI and second.is_word("BASE"):
            self._base = self._resolve(token)
        elif token.kind is TokenKind.IRI and first.is_word("PREFIX"):
            self._namespaces[second.text.removesuffix(":")] = self._resolve(token)[: self._longest + 1]

    def iri(self, token: Token) -> str | None:
        """The IRI of a token, as far as it is declared; None of what is no IRI, and of a prefix that is not known."""
        if token.kind is TokenKind.IRI:
            return self._resolve(token)
        if token.kind is not TokenKind.NAME:
            return None
        prefix, _, local = token.text.partition(":")
        namespace = self._namespaces.get(prefix)
        return None if namespace is None else namespace + _ESCAPE.sub(r"\1", local)

    def _resolve(self, token: Token) -> str:
        """The IRI in full; as it stands where the base is too long, since each of many could make it longer."""
        iri = unescape(token.text[1:-1])
        if _ABSOLUTE.match(iri) or len(self._base) > _LONGEST_BASE:
            return iri
        try:
            resolved = urljoin(self._base, iri)
        except ValueError:  # a host that is none
            return iri
        return resolved + "#" if iri.endswith("#") and not resolved.endswith("#") else resolved
