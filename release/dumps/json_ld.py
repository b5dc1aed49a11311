"""JSON-LD of canonical N-Quads lines: node objects with full IRIs, as they are after expansion (JSON-LD 1.1, 9.2).

Escapes of canonical lines are those of JSON, so a text stands in both as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.ntriples import STRING, TYPE, encode_iri, is_literal, is_triple, split_literal
from release.dumps.subjects import by_graph

if TYPE_CHECKING:
    from core.ntriples import Pairs
    from release.blocks import BlockLines

_STRING = b"^^" + encode_iri(STRING)


class _Strings(dict[bytes, bytes]):
    """IRIs and blank nodes as canonical lines have them → as strings."""

    def __missing__(self, term: bytes) -> bytes:
        self[term] = text = b'"%b"' % (term[1:-1] if term.startswith(b"<") else term)
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
    strings, values = _Strings(), _Values()
    items: list[bytes] = []
    left_out = not_said = 0
    node, about, before = b"", b"", None
    for subject, graph, pairs in by_graph(block):
        if subject != about or pairs != before:  # the default graph often says what one other does
            node, not_said = _node(subject, pairs, strings, values)
            about, before = subject, pairs
        left_out += not_said
        if node:
            items.append(node if graph is None else b'{"@id":%b,"@graph":[%b]}' % (strings[graph], node))
    return b",\n".join(items), left_out


def _node(subject: bytes, pairs: Pairs, strings: _Strings, values: _Values) -> tuple[bytes, int]:
    """A node object, empty if it would say nothing, and the number of pairs that it does not say."""
    parts: list[bytes] = []
    left_out, last = 0, b""
    for predicate, value in pairs:
        text = values[value]
        if not text:
            left_out += 1
            continue
        if predicate == TYPE and not is_literal(value):
            key, text = b'"@type"', strings[value]
        else:
            key = strings[predicate]
        if key == last:
            parts.append(b",%b" % text)
        else:
            parts.append(b"%b,%b:[%b" % (b"]" if last else b"", key, text))
            last = key
    return b'{"@id":%b%b]}' % (strings[subject], b"".join(parts)) if parts else b"", left_out


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
