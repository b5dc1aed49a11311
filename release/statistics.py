"""Statistics of the default graph: its period, area, languages, and links to other data."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from core.namespaces import SCHEMA, WGS84, XSD
from core.ntriples import TYPE, decode_iri, encode_iri, is_literal, split, split_literal
from release import nquads
from release.manifest import BoundingBox, LinkCount, Statistics

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_DATES = frozenset(b"^^" + encode_iri(XSD + name) for name in ("date", "dateTime", "gYearMonth", "gYear"))
_DATE = re.compile(rb"(\d{4})(-\d\d)?(-\d\d)?(?=T|Z|[+-]\d\d:\d\d|\Z)")  # of four digits: texts sort as time does
_AUTHORITY = re.compile(rb"<([a-z][a-z0-9+.-]*://[^/<>\"]+/)")
_LATITUDES = frozenset(map(encode_iri, (WGS84 + "lat", SCHEMA + "latitude")))
_LONGITUDES = frozenset(map(encode_iri, (WGS84 + "long", SCHEMA + "longitude")))
_LINKS = 100_000  # pairs of property and target that are counted; later ones are left out
_MOST_LINKS = 200  # that are told: those with the most triples


def collect(triples: Path, base: str, vocabularies: Iterable[str]) -> Statistics:
    """Read sorted N-Triples; memory does not grow with their number. Licences are left empty.

    base: what the IRIs of the dataset's entities begin with; vocabularies: namespaces, so that triples which lead to
    their terms are no links to other data.
    """
    scan = _StatisticsScan(base, tuple(encode_iri(space)[:-1] for space in vocabularies))
    with triples.open("rb") as lines:
        scan.run(lines)
    return replace(scan.statistics, objects=_distinct_objects(triples))


def _distinct_objects(triples: Path) -> int:
    work = triples.with_name("objects")
    with triples.open("rb") as lines:
        nquads.sort((split(line)[2] + b"\n" for line in lines), work)
    try:
        with work.open("rb") as rows:
            return sum(1 for _ in rows)
    finally:
        work.unlink()


class _StatisticsScan:
    def __init__(self, base: str, vocabularies: tuple[bytes, ...]) -> None:
        self._base = encode_iri(base)[:-1]
        self._not_links = (self._base, *vocabularies)
        self._languages: Counter[bytes] = Counter()
        self._links: Counter[tuple[bytes, bytes]] = Counter()
        self._dates: tuple[tuple[bytes, bytes] | None, tuple[bytes, bytes] | None] = (None, None)
        self._latitudes, self._longitudes = _Range(), _Range()
        self._subjects = 0

    def run(self, lines: Iterable[bytes]) -> None:
        previous, own = b"", False
        for line in lines:
            subject, predicate, value, _ = split(line)
            if subject != previous:
                self._subjects += 1
                previous, own = subject, subject.startswith(self._base)
            if is_literal(value):
                self._literal(predicate, value, own=own)
            elif own and predicate != TYPE and not value.startswith(self._not_links):
                self._link(predicate, value)

    def _literal(self, predicate: bytes, value: bytes, *, own: bool) -> None:
        text, suffix = split_literal(value)
        if suffix.startswith(b"@"):
            self._languages[suffix[1:].partition(b"--")[0]] += 1  # without the direction
        elif own and suffix in _DATES and (date := _DATE.match(text)):
            self._date(date)
        elif suffix and predicate in _LATITUDES:
            self._latitudes.add(text)
        elif suffix and predicate in _LONGITUDES:
            self._longitudes.add(text)

    def _date(self, date: re.Match[bytes]) -> None:
        """Note a date: of two that begin alike, the less precise is the earlier as a start and the later as an end."""
        text = b"".join(date.groups(b""))
        try:
            dt.date.fromisoformat((text + b"-01-01"[len(text) - 4 :]).decode())
        except ValueError:
            return  # there is no such day
        first, last = self._dates
        low, high = (text.ljust(10, b"\x00"), text), (text.ljust(10, b"\xff"), text)
        self._dates = (low if first is None else min(first, low), high if last is None else max(last, high))

    def _link(self, predicate: bytes, value: bytes) -> None:
        target = _AUTHORITY.match(value)
        if target is None:
            return
        key = (predicate, target[1])
        if key in self._links or len(self._links) < _LINKS:
            self._links[key] += 1

    @property
    def statistics(self) -> Statistics:
        first, last = self._dates
        west_east, south_north = self._longitudes, self._latitudes
        box = None
        if west_east.least is not None and south_north.least is not None:
            assert west_east.most is not None and south_north.most is not None  # noqa: S101, PT018 - as the least
            box = BoundingBox(str(west_east.least), str(south_north.least), str(west_east.most), str(south_north.most))
        links = sorted(self._links.items(), key=lambda item: (-item[1], item[0]))[:_MOST_LINKS]
        return Statistics(
            subjects=self._subjects,
            earliest=first[1].decode() if first else None,
            latest=last[1].decode() if last else None,
            box=box,
            languages={tag.decode(): count for tag, count in sorted(self._languages.items())},
            links=[LinkCount(decode_iri(predicate), target.decode(), count) for (predicate, target), count in links],
        )


class _Range:
    """The least and the greatest of numbers; a literal that is no number is passed over."""

    def __init__(self) -> None:
        self.least: Decimal | None = None
        self.most: Decimal | None = None

    def add(self, value: bytes) -> None:
        try:
            number = Decimal(value.decode())
        except InvalidOperation:
            return
        if number.is_finite():
            self.least = number if self.least is None else min(self.least, number)
            self.most = number if self.most is None else max(self.most, number)
