"""Finds what the query store makes of the content: literals in another form, and triples that become one.

The engine keeps numbers, booleans, dates and durations by their value and language tags in lower case
(docs/conformance.md). Which literals it changes is asked of the engine itself.
"""

from __future__ import annotations

import marshal
import re
from collections import Counter
from functools import lru_cache
from hashlib import blake2b
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pyoxigraph as ox

from core.namespaces import XSD
from release import nquads
from release.manifest import LiteralForm, StoredContent
from release.parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from release.blocks import Block, BlockLines

    _Row: TypeAlias = tuple[bytes, bytes, bytes, bytes | None]

# A term has one literal at most: itself, or the innermost object of a triple term. IRIs have no quotation marks.
_LITERAL = re.compile(rb'"(?:[^"\\]++|\\.)*+"(?:(?P<tag>@[A-Za-z0-9-]++)|\^\^<(?P<datatype>[^>]*+)>)?')
_XSD = XSD.encode()
_TYPED = b'"^^<' + _XSD
_EXAMPLES = 3
_SHOWN = 200  # characters of a literal in an example
_KEPT = 100_000  # forms that a process remembers
_LONGEST = 100  # bytes of a literal that is remembered
_DEFAULT, _NAMED = b"d", b"n"  # what the key of a quad begins with, by the kind of its graph
_remembered: dict[bytes, bytes] = {}  # the form of a literal, which is always the same


@lru_cache(maxsize=1)  # for the parts that are made of one block after each other
def stored_forms(block: BlockLines) -> dict[bytes, bytes]:
    """What `stored_objects` gives for all objects of the block."""
    return stored_objects(block.objects)


def stored_objects(objects: Iterable[bytes]) -> dict[bytes, bytes]:
    """Object → the form in which a store gives it back, of those which it changes."""
    found = [
        (value, match)
        for value in objects
        if _is_concerned(value)
        if (match := _LITERAL.match(value, value.index(b'"'))) and _may_change(match)
    ]
    forms = _stored_forms({_probe(match) for _, match in found})
    rows = ((value, match, _stored_form(match, forms)) for value, match in found)
    return {
        value: value[: match.start()] + form + value[match.end() :] for value, match, form in rows if form != match[0]
    }


def _is_concerned(value: bytes) -> bool:
    """Whether the object has a literal that may change, as far as is seen at once."""
    if value[:1] == b'"':
        suffix = value.rpartition(b'"')[2]
        tag = b'""' + suffix  # what is asked for a language
        return _remembered.get(tag) != tag if suffix[:1] == b"@" else suffix.startswith(_TYPED[1:])
    return value[:2] == b"<<" and (b'"@' in value or _TYPED in value)


def _may_change(match: re.Match[bytes]) -> bool:
    return bool(match["tag"]) or (match["datatype"] or b"").startswith(_XSD)


class _Examples:
    """Three of each datatype at most: the first ones."""

    def __init__(self) -> None:
        self.by_datatype: dict[bytes, dict[str, str]] = {}  # then by literal, as it is shown

    def add(self, datatype: bytes, literal: str, form: str) -> None:
        found = self.by_datatype.setdefault(datatype, {})
        if len(found) < _EXAMPLES:
            found.setdefault(literal, form)

    @property
    def shown(self) -> list[LiteralForm]:
        """Three, of different datatypes where there are so many."""
        rows = zip_longest(*(found.items() for found in self.by_datatype.values()))
        return [LiteralForm(*row) for row in chain.from_iterable(rows) if row is not None][:_EXAMPLES]


class _OpenSubject(NamedTuple):
    """A subject that may have lines in another block as well.

    keys: of its lines with a literal, equal where the engine makes one quad of two. first, last: hashes of the triples
    of its first and last line. changed_first: whether the engine changes the literal of the first; None if it has none.
    """

    subject: bytes
    keys: list[bytes]
    first: bytes
    last: bytes
    changed_first: bool | None


class StoredPart(Part):
    """The survey of the literals; `write` returns it as marshalled numbers and examples, and writes no file."""

    key = b"stored 1 " + ox.__version__.encode()

    def of_block(self, block: BlockLines) -> bytes:
        values = block.triples[2]
        with_literal = {value for value in block.objects if b'"' in value}
        forms = stored_forms(block)
        literals, changed = sum(map(with_literal.__contains__, values)), sum(map(forms.__contains__, values))
        examples = _Examples()
        for value, form in forms.items():
            old, new = (_LITERAL.match(term, term.index(b'"')) for term in (value, form))
            assert old and new  # noqa: S101, PT018 - both have a literal
            examples.add(old["datatype"] or b"", _shown(old[0]), _shown(new[0]))
        subjects = block.triples[0]
        first, last = (subjects.count(subjects[end]) for end in (0, -1))
        ends = [range(len(subjects) - last, len(subjects))]
        if block.continues and first < len(subjects):
            ends.insert(0, range(first))
        opened = [_open(list(_rows(block, places)), forms) for places in ends]
        near = forms.keys() | set(forms.values())  # no other literals become one
        between = range(len(ends) > 1 and first, len(subjects) - last)
        rows = _rows(block, [place for place in between if values[place] in near] if forms else ())
        merged = _merged(_keys(rows, forms))
        return marshal.dumps(
            (literals, changed, dict(merged), examples.by_datatype, [tuple(subject) for subject in opened])
        )

    def write(self, results: Iterable[tuple[Block, bytes]], folder: Path) -> bytes:
        scan, work = _Joined(), folder / "stored.keys"
        nquads.sort(scan.keys(results), work)
        with work.open("rb") as keys:
            scan.merged.subtract(key[:1] for key in keys)
        work.unlink()
        merged = {kind.decode(): scan.merged[kind] for kind in (_DEFAULT, _NAMED)}
        return marshal.dumps((scan.literals, scan.changed, merged, scan.examples.by_datatype))


class _Joined:
    """The figures of all blocks put together.

    merged: how many quads become none of their own, once what `keys` gave was subtracted, each key once.
    """

    def __init__(self) -> None:
        self.literals = self.changed = 0
        self.merged: Counter[bytes] = Counter()
        self.examples = _Examples()

    def keys(self, results: Iterable[tuple[Block, bytes]]) -> Iterator[bytes]:
        """The keys of the subjects that have lines in several blocks."""
        pending: _OpenSubject | None = None
        is_joined = False
        for block, result in results:
            literals, changed, merged, examples, opened = marshal.loads(result)  # noqa: S302 - of_block wrote it
            self.literals += literals
            self.changed += changed
            self.merged.update(merged)
            for datatype, forms in examples.items():
                for literal, form in forms.items():
                    self.examples.add(datatype, literal, form)
            for place, row in enumerate(opened):
                subject = _OpenSubject(*row)
                joins = block.continues and not place and pending is not None
                if joins and pending and pending.last == subject.first and subject.changed_first is not None:
                    self.literals -= 1
                    self.changed -= subject.changed_first
                if pending:
                    yield from self._closed(pending, sorted_=joins or is_joined)
                pending, is_joined = subject, joins
        if pending:
            yield from self._closed(pending, sorted_=is_joined)

    def _closed(self, subject: _OpenSubject, *, sorted_: bool) -> Iterator[bytes]:
        if sorted_:
            self.merged.update(key[:1] for key in subject.keys)
            yield from (b"%s%s\n" % (key[:1], key[1:].hex().encode()) for key in subject.keys)
        else:
            self.merged.update(_merged(subject.keys))


def survey(data: bytes, triples: int, quads: int) -> StoredContent:
    """What StoredPart.write returned, for so many triples and quads."""
    literals, changed, merged, by_datatype = marshal.loads(data)  # noqa: S302 - it was written here
    examples = _Examples()
    examples.by_datatype = by_datatype
    default = _DEFAULT.decode()
    return StoredContent(triples - merged[default], quads - sum(merged.values()), literals, changed, examples.shown)


def _rows(block: BlockLines, places: Iterable[int]) -> Iterator[_Row]:
    """Subject, predicate, object and graph of each line of the triples at these places."""
    subjects, predicates, values = block.triples
    starts = [*block.starts, len(block.graphs)]
    for place in places:
        for graph in block.graphs[starts[place] : starts[place + 1]]:
            yield subjects[place], predicates[place], values[place], graph


def _open(rows: list[_Row], forms: Mapping[bytes, bytes]) -> _OpenSubject:
    first, last = (_hash(b" ".join(row[:3])) for row in (rows[0], rows[-1]))
    value = rows[0][2]
    return _OpenSubject(rows[0][0], list(_keys(rows, forms)), first, last, value in forms if b'"' in value else None)


def _keys(rows: Iterable[_Row], forms: Mapping[bytes, bytes]) -> Iterator[bytes]:
    for subject, predicate, value, graph in rows:
        if b'"' in value:
            quad = b" ".join((subject, predicate, forms.get(value, value), graph or b""))
            yield (_NAMED if graph else _DEFAULT) + _hash(quad)


def _merged(keys: Iterable[bytes]) -> Counter[bytes]:
    """How many more keys there are than different ones, by what they begin with."""
    keys = list(keys)
    return Counter(key[:1] for key in keys) - Counter(key[:1] for key in set(keys))


def _hash(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()


def _probe(match: re.Match[bytes]) -> bytes:
    """The literal that is brought through the engine for this one: of a text with a language, the tag alone."""
    return b'""' + match["tag"] if match["tag"] else match[0]


def _stored_form(match: re.Match[bytes], forms: Mapping[bytes, bytes]) -> bytes:
    form = forms[_probe(match)]
    return match[0].removesuffix(match["tag"]) + form[2:] if match["tag"] else form


def _stored_forms(literals: Iterable[bytes]) -> dict[bytes, bytes]:
    """Literal → the form in which a store gives it back."""
    forms = {literal: _remembered.get(literal) for literal in literals}
    given = sorted(literal for literal, form in forms.items() if form is None)
    if given:
        store = ox.Store()
        store.bulk_load(b"".join(b"<urn:%d> <urn:p> %s .\n" % row for row in enumerate(given)), ox.RdfFormat.N_TRIPLES)
        text = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()) or b""
        rows = (line.split(b" ", 2) for line in text.splitlines())
        asked = {given[int(subject[5:-1])]: rest.removesuffix(b" .") for subject, _, rest in rows}
        forms |= asked
        if len(_remembered) > _KEPT:
            _remembered.clear()
        _remembered.update({literal: form for literal, form in asked.items() if len(literal) <= _LONGEST})
    return forms  # type: ignore[return-value]  # none is None any more


def _shown(literal: bytes) -> str:
    text = literal.decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
