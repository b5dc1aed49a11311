"""Terms of canonical N-Triples lines, as bytes: parsed without an RDF library, which is several times faster.

Canonical lines (https://www.w3.org/TR/rdf12-n-triples/#canonical-ntriples) have one space between terms, and escapes
only where they are needed.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from core.namespaces import RDF_TYPE, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TYPE = f"<{RDF_TYPE}>".encode()
STRING = XSD + "string"
BLOCK = 10_000  # triples of one subject that are held at once
_ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(["\\nrtbf\']))')
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}

Pairs: TypeAlias = "list[tuple[bytes, bytes]]"


class Literal(NamedTuple):
    """A literal; language has the direction behind it where there is one (`ar--rtl`)."""

    value: str
    datatype: str
    language: str | None


def blocks(lines: Iterable[bytes]) -> Iterator[tuple[bytes, Pairs]]:
    """Subject and its pairs of predicate and object, in order; a subject with very many comes several times in a row.

    lines: canonical N-Triples, sorted.
    """
    for subject, group in groupby((line.split(b" ", 2) for line in lines), key=_first):
        pairs: Pairs = []
        for _, predicate, rest in group:
            pairs.append((predicate, rest[:-3]))
            if len(pairs) == BLOCK:
                yield subject, pairs
                pairs = []
        if pairs:
            yield subject, pairs


def _first(parts: list[bytes]) -> bytes:
    return parts[0]


def is_literal(term: bytes) -> bool:
    return term[0] == 0x22  # noqa: PLR2004 - a quotation mark


def is_triple(term: bytes) -> bool:
    return term.startswith(b"<<")


def iri(term: bytes) -> str:
    """The IRI, or the label of a blank node with its `_:`."""
    text = term.decode()
    return unescape(text[1:-1]) if text[0] == "<" else text


def literal(term: bytes) -> Literal:
    text = term.decode()
    end = text.rindex('"')
    value, rest = unescape(text[1:end]), text[end + 1 :]
    if not rest:
        return Literal(value, STRING, None)
    if rest[0] == "@":
        return Literal(value, "", rest[1:])
    return Literal(value, unescape(rest[3:-1]), None)


def unescape(text: str) -> str:
    return _ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _SHORT.get(match[3], match[3])
