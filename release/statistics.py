"""Statistics of the default graph: its objects, period, area, languages, and links to other data."""

from __future__ import annotations

import datetime as dt
import marshal
import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from core.namespaces import RDF, SCHEMA, WGS84, XSD
from core.ntriples import TYPE, decode_iri, encode_iri, is_iri, is_literal, split_literal
from release.manifest import BoundingBox, LinkCount, Statistics, namespace
from release.parts import Part
from release.sorted_rows import HASH, count_distinct, distinct
from release.stored import StoredPart, stored_forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from release.blocks import Block, BlockLines, TripleColumns

_DATES = frozenset(b"^^" + encode_iri(XSD + name) for name in ("date", "dateTime", "gYearMonth", "gYear"))
_DATE = re.compile(rb"(\d{4})(-\d\d)?(-\d\d)?(?=T|Z|[+-]\d\d:\d\d|\Z)")  # of four digits: texts sort as time does
_AUTHORITY = re.compile(rb"<([a-z][a-z0-9+.-]*://[^/<>\"]+/)")
_LATITUDES = frozenset(map(encode_iri, (WGS84 + "lat", SCHEMA + "latitude")))
_LONGITUDES = frozenset(map(encode_iri, (WGS84 + "long", SCHEMA + "longitude")))
_COORDINATES = _LATITUDES | _LONGITUDES
_STATEMENT = encode_iri(RDF + "Statement")  # it repeats a link, and says where that is from
_LINKS = 100_000  # pairs of property and target that are counted; later ones are left out
_MOST_LINKS = 200  # that are told: those with the most triples


_Dates: TypeAlias = "tuple[tuple[bytes, bytes], tuple[bytes, bytes]]"
_Range: TypeAlias = "tuple[Decimal, Decimal]"


@dataclass
class _Figures:
    """Figures of one block, or of all.

    dates: the earliest and the latest, each as it is compared and as it is written. latitudes, longitudes: the least
    and the greatest. links: by property and what the IRI begins with.
    """

    languages: Counter[bytes] = field(default_factory=Counter)
    dates: _Dates | None = None
    latitudes: _Range | None = None
    longitudes: _Range | None = None
    links: Counter[tuple[bytes, bytes]] = field(default_factory=Counter)

    def add(self, row: tuple[Any, ...]) -> None:
        """Add the figures of another block, but for its links, from `to_row`."""
        languages, dates, latitudes, longitudes, _ = row
        self.languages.update(languages)
        if dates:
            self._add_dates(dates)
        if latitudes:
            self.latitudes = _joined(self.latitudes, (Decimal(latitudes[0]), Decimal(latitudes[1])))
        if longitudes:
            self.longitudes = _joined(self.longitudes, (Decimal(longitudes[0]), Decimal(longitudes[1])))

    def _add_dates(self, dates: _Dates) -> None:
        first, last = self.dates or dates
        self.dates = min(first, dates[0]), max(last, dates[1])

    def literal(self, predicate: bytes, value: bytes, count: int, *, own: bool) -> None:
        """Add a literal that so many triples have."""
        text, suffix = split_literal(value)
        if suffix.startswith(b"@"):
            self.languages[suffix[1:].partition(b"--")[0]] += count  # without the direction
        elif own and suffix in _DATES and _DATE.match(text):
            if dates := _dates(text):
                self._add_dates(dates)
        elif suffix and predicate in _LATITUDES and (number := _number(text)) is not None:
            self.latitudes = _joined(self.latitudes, (number, number))
        elif suffix and predicate in _LONGITUDES and (number := _number(text)) is not None:
            self.longitudes = _joined(self.longitudes, (number, number))

    def to_row(self) -> tuple[Any, ...]:
        ranges = [numbers and (str(numbers[0]), str(numbers[1])) for numbers in (self.latitudes, self.longitudes)]
        return dict(self.languages), self.dates, *ranges, dict(self.links)


class StatisticsPart(Part):
    """`write` returns the figures for `statistics`, and writes no file."""

    def __init__(self, base: str) -> None:
        """base: what the IRIs of the dataset's entities begin with."""
        self._base = encode_iri(base)[:-1]
        self.key = b"\x00".join((b"statistics 2", StoredPart.key, self._base))

    def of_block(self, block: BlockLines) -> bytes:
        triples = block.default_triples
        predicates, objects = triples.predicates, triples.objects
        figures = _Figures()
        own = np.array([subject.startswith(self._base) for subject in triples.subjects], bool)[triples.subject]
        is_place = triples.chosen(of in _COORDINATES for of in predicates)
        rows = (~is_place, own & ~is_place)
        uses, own_uses = (np.bincount(triples.object[of], minlength=len(objects)).tolist() for of in rows)
        for value, count, own_count in zip(objects, uses, own_uses, strict=True):
            if count and value[:1] == b'"' != value[-1:]:
                figures.literal(b"", value, count, own=own_count > 0)
        for row in np.flatnonzero(is_place).tolist():
            value = objects[triples.object[row]]
            if is_literal(value):
                figures.literal(predicates[triples.predicate[row]], value, 1, own=bool(own[row]))
        is_type = triples.chosen(of == TYPE for of in predicates)
        statements = triples.subject[is_type & (np.array([of == _STATEMENT for of in objects], bool)[triples.object])]
        is_no_link = is_type | np.isin(triples.subject, statements)
        self._add_links(figures, triples, own & ~is_no_link)
        forms = stored_forms(block)
        hashes = block.term_hashes(objects)
        stored = block.term_hashes({forms.get(value, value) for value in objects}) if forms else hashes
        classes = (objects[place] for place in distinct(triples.object[is_type]).tolist())
        spaces = sorted({_space(term) for term in (*predicates, *classes) if is_iri(term)})
        return marshal.dumps((figures.to_row(), spaces, hashes, stored))

    def _add_links(self, figures: _Figures, triples: TripleColumns, rows: NDArray[np.bool_]) -> None:
        """Add those of the triples that lead to IRIs elsewhere, by what these begin with."""
        beginnings: dict[bytes, int] = {}
        numbers = [-1] * len(triples.objects)
        resources = [place for place, value in enumerate(triples.objects) if value[:1] == b"<"]
        for place in resources:
            value = triples.objects[place]
            if not value.startswith(self._base) and _AUTHORITY.match(value):
                end = max(value.rfind(b"/"), value.rfind(b"#")) + 1
                numbers[place] = beginnings.setdefault(value[:end], len(beginnings))
        number = np.array(numbers, int)[triples.object]
        rows = rows & (number >= 0)
        cells, counts = np.unique(triples.predicate[rows] * len(beginnings) + number[rows], return_counts=True)
        names = list(beginnings)
        for cell, count in zip(cells.tolist(), counts.tolist(), strict=True):
            predicate, place = divmod(cell, len(names))
            figures.links[triples.predicates[predicate], names[place]] += count

    def join(self, results: Sequence[tuple[Block, bytes]]) -> bytes:
        figures, spaces = _Figures(), dict[bytes, None]()
        hashes: list[tuple[NDArray[np.uint64], NDArray[np.uint64]]] = []
        for row, namespaces, published, stored in _rows(results):
            figures.add(row)
            figures.links.update(row[-1])
            spaces |= dict.fromkeys(namespaces)
            hashes.append((np.frombuffer(published, HASH), np.frombuffer(stored, HASH)))
        once = (distinct(np.concatenate(arrays)).tobytes() for arrays in zip(*hashes, strict=True))
        return marshal.dumps((figures.to_row(), list(spaces), *once))

    def write(self, results: Iterable[tuple[Block, bytes]], folder: Path) -> bytes:
        figures, spaces = _Figures(), {self._base}
        for row, namespaces, _, _ in _rows(results):
            figures.add(row)
            spaces.update(namespaces)
        not_links = tuple(spaces)
        for row, *_ in _rows(results):
            for (predicate, beginning), count in row[-1].items():
                target = _AUTHORITY.match(beginning)
                if target is None or beginning.startswith(not_links):
                    continue
                key = (predicate, target[1])
                if key in figures.links or len(figures.links) < _LINKS:
                    figures.links[key] += count
        published, stored = (count_distinct(_hashes(results, place), folder) for place in (2, 3))
        return marshal.dumps((figures.to_row(), published, stored))


def _rows(results: Iterable[tuple[Block, bytes]]) -> Iterator[tuple[Any, ...]]:
    return (marshal.loads(result) for _, result in results)  # noqa: S302 - StatisticsPart wrote it


def _hashes(results: Iterable[tuple[Block, bytes]], place: int) -> Iterator[NDArray[np.uint64]]:
    return (np.frombuffer(row[place], HASH) for row in _rows(results))


@dataclass(frozen=True)
class Described:
    """The statistics of the manifest, without what other parts give; stored_objects: different ones in the store."""

    statistics: Statistics
    stored_objects: int


def described(data: bytes) -> Described:
    """What StatisticsPart.write returned."""
    row, objects, stored = marshal.loads(data)  # noqa: S302 - it was written here
    languages, dates, latitudes, longitudes, links = row
    box = None
    if latitudes and longitudes:
        box = BoundingBox(longitudes[0], latitudes[0], longitudes[1], latitudes[1])
    most = sorted(links.items(), key=lambda item: (-item[1], item[0]))[:_MOST_LINKS]
    statistics = Statistics(
        objects=objects,
        earliest=dates[0][1].decode() if dates else None,
        latest=dates[1][1].decode() if dates else None,
        box=box,
        languages={tag.decode(): count for tag, count in sorted(languages.items())},
        links=[LinkCount(decode_iri(predicate), target.decode(), count) for (predicate, target), count in most],
    )
    return Described(statistics, stored)


@lru_cache(4096)
def _space(term: bytes) -> bytes:
    """The namespace of an IRI, as IRIs of it begin."""
    return encode_iri(namespace(decode_iri(term)))[:-1]


@lru_cache(4096)
def _dates(text: bytes) -> _Dates | None:
    """A date as the earliest and the latest; None if there is no such day.

    Of two that begin alike, the less precise is the earlier as a start and the later as an end.
    """
    match = _DATE.match(text)
    date = b"".join(match.groups(b"")) if match else b""
    try:
        dt.date.fromisoformat((date + b"-01-01"[len(date) - 4 :]).decode())
    except ValueError:
        return None
    return (date.ljust(10, b"\x00"), date), (date.ljust(10, b"\xff"), date)


def _joined(one: tuple[Decimal, Decimal] | None, other: tuple[Decimal, Decimal]) -> tuple[Decimal, Decimal]:
    return (min(one[0], other[0]), max(one[1], other[1])) if one else other


def _number(text: bytes) -> Decimal | None:
    """A finite number; a literal that is none is passed over."""
    try:
        number = Decimal(text.decode())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
