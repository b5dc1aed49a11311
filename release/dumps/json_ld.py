"""JSON-LD of canonical N-Quads lines: node objects with full IRIs, as they are after expansion (JSON-LD 1.1, 9.2).

Escapes of canonical lines are those of JSON, so a text stands in both as it is.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from core.ntriples import STRING, TRIPLE_TERMS, TYPE, encode_iri, is_triple, split_literal

if TYPE_CHECKING:
    from release.blocks import BlockLines

_TYPE_KEY = b'],"@type":['
_STRING = b"^^" + encode_iri(STRING)


class _Strings(dict[bytes, bytes]):
    """IRIs and blank nodes as canonical lines have them → as strings."""

    def __missing__(self, term: bytes) -> bytes:
        self[term] = text = b'"%b"' % (term[1:-1] if term.startswith(b"<") else term)
        return text


class _Keys(dict[bytes, bytes]):
    """Predicates as canonical lines have them → what ends the values of the one before and begins those of this one."""

    def __missing__(self, predicate: bytes) -> bytes:
        self[predicate] = text = b'],"%b":[' % predicate[1:-1]
        return text


class _Values(dict[bytes, bytes]):
    """Objects as canonical lines have them → as JSON-LD has them, which cannot say triples."""

    def __missing__(self, term: bytes) -> bytes:
        self[term] = value = _value(term)
        return value


def nodes(block: BlockLines) -> tuple[bytes, int]:
    """The items of the array that has all quads, and how many of these were left out.

    For each subject there is what the default graph says of it, then what each named graph says.
    """
    rows, left_out = block.by_graph, 0
    if TRIPLE_TERMS in block.features:
        held = ((subject, graph, [pair for pair in pairs if not is_triple(pair[1])]) for subject, graph, pairs in rows)
        rows = [row for row in held if row[2]]
        left_out = len(block.lines) - sum(len(pairs) for _, _, pairs in rows)
    strings, keys, values = _Strings(), _Keys(), _Values()
    said = list(chain.from_iterable([pairs for _, _, pairs in rows]))
    keys_of = [_TYPE_KEY if one == TYPE and value[:1] != b'"' else keys[one] for one, value in said]
    before = chain([b""], keys_of)
    parts = [b""] * (2 * len(said))
    parts[::2] = [b"," if key == last else key for key, last in zip(keys_of, before, strict=False)]
    parts[1::2] = [
        strings[value] if key is _TYPE_KEY else values[value] for (_, value), key in zip(said, keys_of, strict=True)
    ]
    place, end = 0, b""
    for subject, graph, pairs in rows:
        begun = b"" if graph is None else b'{"@id":%b,"@graph":[' % strings[graph]
        parts[2 * place] = b'%b%b{"@id":%b%b' % (end, begun, strings[subject], keys_of[place][1:])
        place, end = place + len(pairs), b"]},\n" if graph is None else b"]}]},\n"
    return b"".join([*parts, end[:-2]]), left_out


def _value(term: bytes) -> bytes:
    if term[:1] == b"<":
        return b'{"@id":"%b"}' % term[1:-1]
    if term[:1] != b'"':
        return b'{"@id":"%b"}' % term
    text, suffix = split_literal(term)
    if suffix in {b"", _STRING}:
        return b'{"@value":"%b"}' % text
    if suffix.startswith(b"^^"):
        return b'{"@value":"%b","@type":"%b"}' % (text, suffix[3:-1])
    language, _, direction = suffix[1:].partition(b"--")
    if direction:
        return b'{"@value":"%b","@language":"%b","@direction":"%b"}' % (text, language, direction)
    return b'{"@value":"%b","@language":"%b"}' % (text, language)
