"""Turtle and TriG of canonical N-Quads lines: by subject, with prefixed names, and numbers without quotes.

Escapes of canonical lines are those of Turtle, so a term stands in both as it is, but for its short form.
"""

from __future__ import annotations

import re
import string
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from core.namespaces import XSD
from core.ntriples import TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from release.blocks import BlockLines

_PREFIX = re.compile(r"[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?|")
_NAMESPACE = re.compile(r'[^\x00-\x20<>"{}|^`\\]+')
_LOCAL = string.ascii_letters.encode() + string.digits.encode() + b"_-"  # of which local names are made here
_NOT_FIRST = tuple(b"%c" % each for each in b"0123456789-")
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
        if term[:1] == b"<":
            namespace = term[1:-1].rstrip(_LOCAL)
            prefix, local = self._prefixes.get(namespace), term[1 + len(namespace) : -1]
            return term if prefix is None or local.startswith(_NOT_FIRST) else b"%b:%b" % (prefix, local)
        if term.endswith(b">") and (literal := _LITERAL.fullmatch(term)) is not None:
            return literal["bare"] or literal["text"] + self[literal["datatype"]]
        return term


class _Verbs(dict[bytes, bytes]):
    """Predicates → as they stand before their first object, behind the objects of another one."""

    def __init__(self, terms: Terms) -> None:
        super().__init__({TYPE: b" ;\n\ta "})
        self._terms = terms

    def __missing__(self, predicate: bytes) -> bytes:
        self[predicate] = text = b" ;\n\t%b " % self._terms[predicate]
        return text


def turtle(block: BlockLines, prefixes: Mapping[str, str]) -> bytes:
    """The default graph as Turtle, without declarations. prefixes: those that are `usable`."""
    return b"".join([text for graph, text in _statements(block, tuple(prefixes.items())) if graph is None])


def trig(block: BlockLines, prefixes: Mapping[str, str]) -> bytes:
    """All quads as TriG: for each subject what the default graph says of it, then each named graph."""
    return b"".join(
        [
            text if graph is None else b"%b {\n%b}\n" % (graph, text)
            for graph, text in _statements(block, tuple(prefixes.items()))
        ]
    )


@lru_cache(maxsize=1)  # Turtle and TriG of a block are made one after the other
def _statements(block: BlockLines, prefixes: tuple[tuple[str, str], ...]) -> list[tuple[bytes | None, bytes]]:
    """Name of the graph, as it is written, and the triples of one subject in it."""
    terms = Terms(dict(prefixes))
    verbs = _Verbs(terms)
    pairs = list(chain.from_iterable([of for _, _, of in block.by_graph]))
    predicates = [predicate for predicate, _ in pairs]
    before = chain([b""], predicates)
    parts = [b""] * (2 * len(pairs))
    parts[::2] = [b", " if one == last else verbs[one] for one, last in zip(predicates, before, strict=False)]
    parts[1::2] = [terms[value] for _, value in pairs]
    found: list[tuple[bytes | None, bytes]] = []
    start = 0
    for subject, graph, of in block.by_graph:
        end = start + 2 * len(of)
        parts[start] = verbs[of[0][0]][4:]
        found.append((graph and terms[graph], b"%b %b .\n" % (terms[subject], b"".join(parts[start:end]))))
        start = end
    return found
