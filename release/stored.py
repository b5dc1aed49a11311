"""Finds what the query store makes of the content: literals in another form, and triples that become one.

The engine keeps numbers, booleans, dates and durations by their value and language tags in lower case
(docs/conformance.md). Which literals it changes is asked of the engine itself.
"""

from __future__ import annotations

import re
from collections import Counter
from hashlib import blake2b
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from core.namespaces import XSD
from release import nquads
from release.manifest import LiteralForm, StoredContent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from release.nquads import Content

# A line has one literal at most: the object, or the innermost object of a triple term. IRIs have no quotation marks.
_LITERAL = re.compile(rb'"(?:[^"\\]++|\\.)*+"(?:(?P<tag>@[A-Za-z0-9-]++)|\^\^<(?P<datatype>[^>]*+)>)?')
_XSD = XSD.encode()
_AT_ONCE = 10_000  # lines that are held, and brought through the engine, at once
_BYTES_AT_ONCE = 4 << 20
_EXAMPLES = 3
_SHOWN = 200  # characters of a literal in an example
_DEFAULT, _NAMED = b"d", b"n"  # what the key of a quad begins with, by the kind of its graph


def survey(content: Content) -> StoredContent:
    """Read the sorted lines once; memory does not grow with their number."""
    scan, counts, work = _LiteralScan(), content.counts, content.default_graph.with_name("stored")
    with content.quads.open("rb") as lines:
        nquads.sort(scan.keys(lines), work)
    with work.open("rb") as keys:
        distinct = Counter(key[:1] for key in keys)
    work.unlink()
    merged = scan.lines - distinct
    return StoredContent(
        triples=counts.triples - merged[_DEFAULT],
        quads=counts.quads - merged.total(),
        literals=scan.literals,
        changed=scan.changed,
        examples=scan.examples,
    )


class _Occurrence(NamedTuple):
    """A line with a literal that the engine may change; is_new: whether no line before has the same triple."""

    line: bytes
    match: re.Match[bytes]
    is_new: bool


class _LiteralScan:
    """One pass over the lines.

    literals, changed: triples with a literal, and of these those that the engine changes, each triple once. lines: how
    many were given keys, by the first byte of these.
    """

    def __init__(self) -> None:
        self.literals = self.changed = 0
        self.lines: Counter[bytes] = Counter()
        self._examples: dict[bytes, dict[bytes, LiteralForm]] = {}  # by datatype, then by literal

    @property
    def examples(self) -> list[LiteralForm]:
        """Three, of different datatypes where there are so many."""
        rows = zip_longest(*(found.values() for found in self._examples.values()))
        return [form for form in chain.from_iterable(rows) if form is not None][:_EXAMPLES]

    def keys(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """A key for each line with such a literal: equal where the engine makes one quad of them."""
        block: list[_Occurrence] = []
        size, triple = 0, b""
        for line in lines:
            start = line.find(b'"')
            match = _LITERAL.match(line, start) if start >= 0 else None
            if match is None:
                continue
            before, triple = triple, line[: match.end()]  # what closes a triple term follows from how it begins
            is_new = triple != before
            self.literals += is_new
            if match["tag"] or (match["datatype"] or b"").startswith(_XSD):
                block.append(_Occurrence(line, match, is_new))
                size += len(line)
                if len(block) == _AT_ONCE or size > _BYTES_AT_ONCE:
                    yield from self._block(block)
                    block, size = [], 0
        yield from self._block(block)

    def _block(self, block: list[_Occurrence]) -> Iterator[bytes]:
        forms = _stored_forms({_probe(occurrence.match) for occurrence in block})
        for line, match, is_new in block:
            form = _stored_form(match, forms)
            if is_new and form != match[0]:
                self.changed += 1
                found = self._examples.setdefault(match["datatype"] or b"", {})
                if len(found) < _EXAMPLES:
                    found[match[0]] = LiteralForm(_shown(match[0]), _shown(form))
            rest = line[match.end() :]
            is_default = rest.removesuffix(b" .\n").rpartition(b" ")[2] in {b"", b")>>"}
            kind = _DEFAULT if is_default else _NAMED
            self.lines[kind] += 1
            digest = blake2b(line[: match.start()] + form + rest, digest_size=16)
            yield b"%s%s\n" % (kind, digest.hexdigest().encode())


def _probe(match: re.Match[bytes]) -> bytes:
    """The literal that is brought through the engine for this one: of a text with a language, the tag alone."""
    return b'""' + match["tag"] if match["tag"] else match[0]


def _stored_form(match: re.Match[bytes], forms: Mapping[bytes, bytes]) -> bytes:
    form = forms[_probe(match)]
    return match[0].removesuffix(match["tag"]) + form[2:] if match["tag"] else form


def _stored_forms(literals: Iterable[bytes]) -> dict[bytes, bytes]:
    """Literal → the form in which a store gives it back."""
    given = sorted(literals)
    store = ox.Store()
    store.bulk_load(b"".join(b"<urn:%d> <urn:p> %s .\n" % row for row in enumerate(given)), ox.RdfFormat.N_TRIPLES)
    text = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()) or b""
    rows = (line.split(b" ", 2) for line in text.splitlines())
    return {given[int(subject[5:-1])]: rest.removesuffix(b" .") for subject, _, rest in rows}


def _shown(literal: bytes) -> str:
    text = literal.decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
