"""Turtle and TriG of canonical N-Quads lines: by subject, with prefixed names, and numbers without quotes.

Escapes of canonical lines are those of Turtle, so a term stands in both as it is, but for its short form.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from core.namespaces import XSD
from core.ntriples import TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from release.blocks import BlockLines

_PREFIX = re.compile(r"[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?|")
_NAMESPACE = re.compile(r'[^\x00-\x20<>"{}|^`\\]+')
_IRI = re.compile(rb"<(.*[^A-Za-z0-9_-])([A-Za-z_][A-Za-z0-9_-]*)?>")
_LITERAL = re.compile(
    rb'"(?P<bare>'
    rb"[+-]?[0-9]+(?=\"\^\^<%(xsd)binteger>)"
    rb"|[+-]?[0-9]*\.[0-9]+(?=\"\^\^<%(xsd)bdecimal>)"
    rb"|[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+(?=\"\^\^<%(xsd)bdouble>)"
    rb"|(?:true|false)(?=\"\^\^<%(xsd)bboolean>)"
    rb')".*|(?P<text>".*"\^\^)(?P<datatype><[^"]*>)' % {b"xsd": re.escape(XSD.encode())}
)


def usable(prefixes: Mapping[str, str]) -> dict[str, str]:
    """The prefixes that Turtle can declare, by name."""
    return {p: n for p, n in sorted(prefixes.items()) if _PREFIX.fullmatch(p) and _NAMESPACE.fullmatch(n)}


def declarations(prefixes: Mapping[str, str]) -> bytes:
    """The declarations of prefixes that are `usable`."""
    return "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in prefixes.items()).encode()


class Terms(dict[bytes, bytes]):
    """Terms as canonical lines have them → as Turtle has them; each is made when it is first asked for."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        super().__init__()
        self._prefixes = {namespace.encode(): prefix.encode() for prefix, namespace in prefixes.items()}

    def __missing__(self, term: bytes) -> bytes:
        self[term] = short = self._short(term)
        return short

    def _short(self, term: bytes) -> bytes:
        if (iri := _IRI.fullmatch(term)) is not None and (prefix := self._prefixes.get(iri[1])) is not None:
            return b"%b:%b" % (prefix, iri[2] or b"")
        if term.endswith(b">") and (literal := _LITERAL.fullmatch(term)) is not None:
            return literal["bare"] or literal["text"] + self[literal["datatype"]]
        return term


def turtle(block: BlockLines, prefixes: Mapping[str, str]) -> bytes:
    """The default graph as Turtle, without declarations. prefixes: those that are `usable`."""
    return b"".join(text for graph, text in _statements(block, tuple(prefixes.items())) if graph is None)


def trig(block: BlockLines, prefixes: Mapping[str, str]) -> bytes:
    """All quads as TriG: for each subject what the default graph says of it, then each named graph."""
    return b"".join(
        text if graph is None else b"%b {\n%b}\n" % (graph, text)
        for graph, text in _statements(block, tuple(prefixes.items()))
    )


@lru_cache(maxsize=1)  # Turtle and TriG of a block are made one after the other
def _statements(block: BlockLines, prefixes: tuple[tuple[str, str], ...]) -> list[tuple[bytes | None, bytes]]:
    """Name of the graph, as it is written, and the triples of one subject in it."""
    terms = Terms(dict(prefixes))
    verbs = _Verbs(terms)
    found: list[tuple[bytes | None, bytes]] = []
    text, about, before = b"", b"", None
    for subject, graph, pairs in block.by_graph:
        if subject != about or pairs != before:  # the default graph often says what one other does
            text, about, before = _statement(subject, pairs, terms, verbs), subject, pairs
        found.append((graph and terms[graph], text))
    return found


class _Verbs(dict[bytes, bytes]):
    """Predicates → as they stand before their first object, behind the objects of another one."""

    def __init__(self, terms: Terms) -> None:
        super().__init__({TYPE: b" ;\n\ta "})
        self._terms = terms

    def __missing__(self, predicate: bytes) -> bytes:
        self[predicate] = text = b" ;\n\t%b " % self._terms[predicate]
        return text


def _statement(subject: bytes, pairs: Iterable[tuple[bytes, bytes]], terms: Terms, verbs: _Verbs) -> bytes:
    """The triples of one subject."""
    parts: list[bytes] = []
    last = b""
    for predicate, value in pairs:
        parts.append(b", " if predicate == last else verbs[predicate])
        parts.append(terms[value])
        last = predicate
    return b"%b %b .\n" % (terms[subject], b"".join(parts)[4:])
