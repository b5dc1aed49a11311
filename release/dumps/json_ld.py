"""JSON-LD of canonical N-Quads lines: node objects with full IRIs, as they are after expansion (JSON-LD 1.1, 9.2).

Escapes of canonical lines are those of JSON, so a text stands in both as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.ntriples import STRING, TYPE, encode_iri, is_literal, is_triple, split_literal

if TYPE_CHECKING:
    from core.ntriples import Pairs
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
    """Objects as canonical lines have them → as JSON-LD has them; empty for triples, which it cannot say."""

    def __missing__(self, term: bytes) -> bytes:
        self[term] = value = _value(term)
        return value


def nodes(block: BlockLines) -> tuple[bytes, int]:
    """The items of the array that has all quads, and how many of these were left out.

    For each subject there is what the default graph says of it, then what each named graph says.
    """
    strings, keys, values = _Strings(), _Keys(), _Values()
    items: list[bytes] = []
    left_out = not_said = 0
    node, about, before = b"", b"", None
    for subject, graph, pairs in block.by_graph:
        if subject != about or pairs != before:  # the default graph often says what one other does
            said, not_said = _members(pairs, strings, keys, values)
            node = b'{"@id":%b%b]}' % (strings[subject], said) if said else b""
            about, before = subject, pairs
        left_out += not_said
        if node:
            items.append(node if graph is None else b'{"@id":%b,"@graph":[%b]}' % (strings[graph], node))
    return b",\n".join(items), left_out


def _members(pairs: Pairs, strings: _Strings, keys: _Keys, values: _Values) -> tuple[bytes, int]:
    """What a node object says behind its subject, but for the last bracket, and the number of pairs left out."""
    parts: list[bytes] = []
    left_out, last = 0, b""
    for predicate, value in pairs:
        text = values[value]
        if not text:
            left_out += 1
            continue
        key = keys[predicate]
        if predicate == TYPE and not is_literal(value):
            key, text = _TYPE_KEY, strings[value]
        parts.append(b"," if key == last else key)
        parts.append(text)
        last = key
    return b"".join(parts)[1:], left_out


def _value(term: bytes) -> bytes:
    if not is_literal(term):
        return b"" if is_triple(term) else b'{"@id":"%b"}' % (term[1:-1] if term.startswith(b"<") else term)
    text, suffix = split_literal(term)
    if suffix in {b"", _STRING}:
        return b'{"@value":"%b"}' % text
    if suffix.startswith(b"^^"):
        return b'{"@value":"%b","@type":"%b"}' % (text, suffix[3:-1])
    language, _, direction = suffix[1:].partition(b"--")
    if direction:
        return b'{"@value":"%b","@language":"%b","@direction":"%b"}' % (text, language, direction)
    return b'{"@value":"%b","@language":"%b"}' % (text, language)
