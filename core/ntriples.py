"""Terms of canonical N-Triples and N-Quads, as bytes: told apart without an RDF library, which is several times faster.

Canonical lines (https://www.w3.org/TR/rdf12-n-triples/#canonical-ntriples) have one space between terms, and escapes
only where they are needed.
"""

from __future__ import annotations

import re
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from core.namespaces import RDF_TYPE, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TYPE = f"<{RDF_TYPE}>".encode()
STRING = XSD + "string"
# Features of terms that not every format can hold, or that RDF 1.1 does not have.
TRIPLE_TERMS, DIRECTIONS, CONTROL_CHARACTERS = "triple terms", "directions", "control characters"
BLOCK = 10_000  # triples of one subject that are held at once
_ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(["\\nrtbf\']))')
_XSD_DATATYPE = re.compile(rf"\^\^<{re.escape(XSD)}([A-Za-z]+)>$")
_DIRECTION = re.compile(rb'"@[A-Za-z0-9-]+--[a-z]+\Z')
# Escapes of what XML cannot hold; the backslash may be one that is escaped itself.
_CONTROL = re.compile(rb"\\(?:[bf]|u00(?:0[0-8BEF]|1)|uFFF[EF])")
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}

Pairs: TypeAlias = "list[tuple[bytes, bytes]]"


class LiteralParts(NamedTuple):
    """A literal; language has the direction behind it where there is one (`ar--rtl`), and then no datatype."""

    value: str
    datatype: str
    language: str | None


def split(line: bytes) -> tuple[bytes, bytes, bytes, bytes | None]:
    """The subject, predicate, object and graph of one line; None is the default graph."""
    subject, predicate, rest = line.rstrip(b"\n").removesuffix(b" .").split(b" ", 2)
    value, _, last = rest.rpartition(b" ")
    if not value or b'"' in last or last == b")>>":  # what is behind the last space ends the object
        return subject, predicate, rest, None
    return subject, predicate, value, last


def blocks(lines: Iterable[bytes]) -> Iterator[tuple[bytes, Pairs]]:
    """Subject and its pairs of predicate and object, in order; a subject with very many comes several times in a row.

    lines: N-Triples, sorted.
    """
    for subject, group in groupby((line.split(b" ", 2) for line in lines), key=itemgetter(0)):
        pairs: Pairs = []
        for _, predicate, rest in group:
            pairs.append((predicate, rest[:-3]))
            if len(pairs) == BLOCK:
                yield subject, pairs
                pairs = []
        if pairs:
            yield subject, pairs


def is_iri(term: bytes) -> bool:
    return term[:1] == b"<" and term[:2] != b"<<"


def is_literal(term: bytes) -> bool:
    return term.startswith(b'"')


def is_triple(term: bytes) -> bool:
    return term.startswith(b"<<")


def features(term: bytes) -> Iterator[str]:
    """The features of a term; control characters perhaps without there being any."""
    if is_triple(term):
        yield TRIPLE_TERMS
    if b"--" in term and _DIRECTION.search(term):
        yield DIRECTIONS
    if b"\\" in term and _CONTROL.search(term):
        yield CONTROL_CHARACTERS


def features_of(terms: Iterable[bytes]) -> frozenset[str]:
    """The features of these terms together."""
    signed = [term for term in terms if term[:2] == b"<<" or b"--" in term or b"\\" in term]
    return frozenset({feature for term in signed for feature in features(term)})


def encode_iri(iri: str) -> bytes:
    """An IRI as it stands in a line."""
    return f"<{iri}>".encode()


def decode_iri(term: bytes) -> str:
    """The IRI, or the label of a blank node with its `_:`."""
    text = term.decode()
    return unescape(text[1:-1]) if text[0] == "<" else text


def split_literal(term: bytes) -> tuple[bytes, bytes]:
    """The text of a literal as it stands, with its escapes, and what follows its closing quote."""
    text, _, suffix = term.rpartition(b'"')
    return text[1:], suffix


def decode_literal(term: bytes) -> LiteralParts:
    text, suffix = split_literal(term)
    value = unescape(text.decode())
    if not suffix:
        return LiteralParts(value, STRING, None)
    if suffix.startswith(b"@"):
        return LiteralParts(value, "", suffix[1:].decode())
    return LiteralParts(value, unescape(suffix[3:-1].decode()), None)


def with_xsd_prefix(literal: str) -> str:
    """A literal with the prefix `xsd:` in its datatype, for people."""
    return _XSD_DATATYPE.sub(r"^^xsd:\1", literal)


def unescape(text: str) -> str:
    return _ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _SHORT.get(match[3], match[3])
