"""Turtle and TriG for readers: prefixes, one paragraph for each subject, its type and names first.

https://www.w3.org/TR/turtle/, https://www.w3.org/TR/trig/. The engine's own writer takes three times as long.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.namespaces import RDFS, XSD
from release.dumps.terms import TYPE

if TYPE_CHECKING:
    from release.dumps.terms import Pairs

_LABEL = f"<{RDFS}label>".encode()
_FIRST = {TYPE: 0, _LABEL: 1}
_LOCAL = re.compile(rb"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")  # of PN_LOCAL, what is beyond doubt
_PREFIX = re.compile(r"[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?|")
_NAMESPACE = re.compile(r'[^\x00-\x20<>"{}|^`\\]+')
_KEPT = 100_000  # shortened terms that are remembered
# literals that Turtle writes without quotes (https://www.w3.org/TR/turtle/#abbrev); not every reader keeps other forms
_BARE = re.compile(
    rb'"(?:(0|-?[1-9][0-9]*)"\^\^<%(x)sinteger>|(-?[0-9]+\.[0-9]+)"\^\^<%(x)sdecimal>|(true|false)"\^\^<%(x)sboolean>)'
    % {b"x": re.escape(XSD.encode())}
)


class Turtle:
    """Writes subjects as paragraphs, with the prefixes given."""

    def __init__(self, prefixes: dict[str, str]) -> None:
        usable = {n: p for p, n in sorted(prefixes.items()) if _PREFIX.fullmatch(p) and _NAMESPACE.fullmatch(n)}
        self._prefixes = {f"<{namespace}".encode(): f"{prefix}:".encode() for namespace, prefix in usable.items()}
        self._short: dict[bytes, bytes] = {}
        self.head = "".join(f"@prefix {p}: <{n}> .\n" for n, p in sorted(usable.items(), key=lambda u: u[1])).encode()
        if self.head:
            self.head += b"\n"

    def paragraph(self, subject: bytes, pairs: Pairs) -> bytes:
        """All that is said of one subject; pairs: sorted."""
        lines: list[bytes] = []
        properties: dict[bytes, list[bytes]] = {}
        for predicate, value in pairs:
            properties.setdefault(predicate, []).append(self.term(value))
        if TYPE in properties or _LABEL in properties:
            order = sorted(properties, key=lambda predicate: _FIRST.get(predicate, 2))
        else:
            order = list(properties)
        for predicate in order:
            name = b"a" if predicate == TYPE else self.term(predicate)
            lines.append(name + b" " + b" , ".join(properties[predicate]))
        return self.term(subject) + b" " + b" ;\n    ".join(lines) + b" .\n\n"

    def term(self, term: bytes) -> bytes:
        """The term as short as Turtle has it."""
        short = self._short.get(term)
        if short is None:
            short = self._shorten(term)
            if len(self._short) >= _KEPT:
                self._short.clear()
            self._short[term] = short
        return short

    def _shorten(self, term: bytes) -> bytes:
        if term[0] == 0x22:  # noqa: PLR2004 - a quotation mark
            return self._shorten_literal(term)
        if term.startswith(b"<") and not term.startswith(b"<<"):
            cut = max(term.rfind(b"#"), term.rfind(b"/"), term.rfind(b":")) + 1
            prefix = self._prefixes.get(term[:cut])
            if prefix is not None and _LOCAL.fullmatch(term, cut, len(term) - 1):
                return prefix + term[cut:-1]
        return term

    def _shorten_literal(self, term: bytes) -> bytes:
        bare = _BARE.fullmatch(term)
        if bare is not None:
            return bare[1] or bare[2] or bare[3]
        if term.endswith(b">"):
            value, _, datatype = term.rpartition(b"^^")
            if value.endswith(b'"'):
                return value + b"^^" + self._shorten(datatype)
        return term
